#include "base/uuid.h"

#include <cstring>

#include "base/bytes.h"

namespace rollcall::base {

std::string Uuid::ToString() const {
  std::string text = ToHex(bytes);
  text.reserve(36);
  for (const size_t dash : {8, 13, 18, 23}) text.insert(dash, 1, '-');
  return text;
}

absl::StatusOr<Uuid> Uuid::Parse(std::string_view text) {
  const absl::Status bad = MakeError(absl::StatusCode::kInvalidArgument, "BAD_UUID",
                                     "expected a UUID of 36 characters, not all zero");
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
      text[23] != '-') {
    return bad;
  }
  std::string hex;
  for (const char c : text) {
    if (c != '-') hex += c;
  }
  const auto raw = FromHex(hex);
  if (!raw.ok() || raw->size() != 16) return bad;
  Uuid uuid;
  std::memcpy(uuid.bytes.data(), raw->data(), 16);
  if (uuid.IsNil()) return bad;
  return uuid;
}

size_t UuidHash::operator()(const Uuid& uuid) const {
  // The last eight bytes are random in every version that we make or accept.
  size_t hash;
  std::memcpy(&hash, uuid.bytes.data() + 8, sizeof(hash));
  return hash;
}

Uuid UuidV7Generator::Next() {
  Uuid uuid;
  random_.Fill(uuid.bytes);
  std::lock_guard lock(mutex_);
  const int64_t millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.Now().time_since_epoch())
          .count();
  if (millis > last_millis_) {
    last_millis_ = millis;
    counter_ = 0;
  } else if (++counter_ > 0xfff) {
    ++last_millis_;
    counter_ = 0;
  }
  const auto stamp = static_cast<uint64_t>(last_millis_);
  for (int i = 0; i < 6; ++i) {
    uuid.bytes[static_cast<size_t>(i)] = static_cast<uint8_t>(stamp >> (40 - 8 * i));
  }
  uuid.bytes[6] = static_cast<uint8_t>(0x70 | (counter_ >> 8));
  uuid.bytes[7] = static_cast<uint8_t>(counter_ & 0xff);
  uuid.bytes[8] = static_cast<uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

}  // namespace rollcall::base
