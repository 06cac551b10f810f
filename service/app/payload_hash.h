#ifndef ROLLCALL_APP_PAYLOAD_HASH_H_
#define ROLLCALL_APP_PAYLOAD_HASH_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace rollcall::app {

// A digest of everything that a client sent under one request_id, so that the same id with another
// content is noticed. Every part is preceded by its length: no two contents run together alike.
class PayloadHash {
 public:
  // `kind` tells requests of different methods apart and carries the version of the layout.
  explicit PayloadHash(std::string_view kind) { Text(kind); }

  PayloadHash& Number(int64_t value) {
    for (int shift = 0; shift < 64; shift += 8) {
      parts_.push_back(static_cast<uint8_t>(static_cast<uint64_t>(value) >> shift));
    }
    return *this;
  }
  PayloadHash& Text(std::string_view text) {
    Number(static_cast<int64_t>(text.size()));
    parts_.insert(parts_.end(), text.begin(), text.end());
    return *this;
  }
  // Enters as its own digest, so that pictures are not copied.
  PayloadHash& Bytes(std::span<const uint8_t> bytes) {
    const base::Sha256Digest digest = base::Sha256(bytes);
    parts_.insert(parts_.end(), digest.begin(), digest.end());
    return *this;
  }
  base::Sha256Digest Digest() const { return base::Sha256(parts_); }

 private:
  base::Bytes parts_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_PAYLOAD_HASH_H_
