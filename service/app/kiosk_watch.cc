#include "app/kiosk_watch.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <span>

namespace rollcall::app {
namespace {

constexpr int32_t kRowsHashed = 64;

}  // namespace

KioskWatch::KioskWatch(const WatchSettings& settings, const base::Clock& clock,
                       base::RandomSource& random)
    : settings_(settings), clock_(clock), attempts_(settings_.attempts, clock) {
  random.Fill(key_);
}

uint64_t KioskWatch::HashOf(const recognition::Picture& picture) const {
  crypto_generichash_state state;
  crypto_generichash_init(&state, key_.data(), key_.size(), crypto_generichash_BYTES_MIN);
  for (const int32_t number : {picture.width, picture.height}) {
    std::array<uint8_t, sizeof number> bytes{};
    std::memcpy(bytes.data(), &number, sizeof number);
    crypto_generichash_update(&state, bytes.data(), bytes.size());
  }
  const size_t row_bytes = static_cast<size_t>(picture.width) * 3;
  const int32_t step = std::max(1, picture.height / kRowsHashed);
  for (int32_t y = 0; y < picture.height; y += step) {
    const auto row = std::span(picture.bgr).subspan(static_cast<size_t>(y) * row_bytes, row_bytes);
    crypto_generichash_update(&state, row.data(), row.size());
  }
  std::array<uint8_t, crypto_generichash_BYTES_MIN> digest{};
  crypto_generichash_final(&state, digest.data(), digest.size());
  uint64_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

bool KioskWatch::Repeats(const std::string& kiosk, uint64_t picture, const base::Uuid& request) {
  const base::Duration now = clock_.Monotonic();
  const base::MutexLock lock(mutex_);
  Memory& memory = MemoryOf(kiosk, now);
  const auto [found, fresh] = memory.shown.try_emplace(picture, Shown{request, now});
  if (fresh) {
    memory.order.push_back(picture);
    return false;
  }
  const bool sent_again = !request.IsNil() && found->second.request == request;
  return !sent_again;
}

// The kiosk's, with room for one picture.
KioskWatch::Memory& KioskWatch::MemoryOf(const std::string& kiosk, base::Duration now) {
  if (!memories_.contains(kiosk) && memories_.size() >= settings_.kiosks_max) {
    memories_.erase(std::min_element(
        memories_.begin(), memories_.end(),
        [](const auto& a, const auto& b) { return a.second.last < b.second.last; }));
  }
  Memory& memory = memories_[kiosk];
  memory.last = now;
  while (!memory.order.empty() &&
         (memory.order.size() >= settings_.frames_remembered ||
          now - memory.shown.at(memory.order.front()).when > settings_.frames_for)) {
    memory.shown.erase(memory.order.front());
    memory.order.pop_front();
  }
  return memory;
}

}  // namespace rollcall::app
