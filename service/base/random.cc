#include "base/random.h"

#include <sodium.h>

#include <array>
#include <cstring>

#include "base/status.h"

namespace rollcall::base {

void SystemRandom::Fill(std::span<uint8_t> out) {
  ROLLCALL_CHECK(sodium_init() >= 0);
  if (out.empty()) return;  // its data() may be null, which libsodium does not take
  randombytes_buf(out.data(), out.size());
}

void SeededRandom::Fill(std::span<uint8_t> out) {
  std::lock_guard lock(mutex_);
  std::array<uint8_t, randombytes_SEEDBYTES> seed{};
  std::memcpy(seed.data(), &seed_, sizeof(seed_));
  std::memcpy(seed.data() + sizeof(seed_), &counter_, sizeof(counter_));
  ++counter_;
  if (out.empty()) return;
  randombytes_buf_deterministic(out.data(), out.size(), seed.data());
}

}  // namespace rollcall::base
