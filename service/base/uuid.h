#ifndef ROLLCALL_BASE_UUID_H_
#define ROLLCALL_BASE_UUID_H_

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"

namespace rollcall::base {

// An RFC 9562 UUID: 16 bytes stored, 36 characters on the wire.
struct Uuid {
  std::array<uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;
  // By words: the compiler makes a call of the comparison of two arrays.
  bool operator==(const Uuid& other) const {
    return Word(0) == other.Word(0) && Word(8) == other.Word(8);
  }
  bool IsNil() const { return (Word(0) | Word(8)) == 0; }
  // Lower case, with dashes.
  std::string ToString() const;
  // Accepts the 36-character form, either case. InvalidArgument, reason BAD_UUID, otherwise; the
  // nil UUID is refused too, since it is what an unset field looks like.
  static absl::StatusOr<Uuid> Parse(std::string_view text);

  // For absl::Hash, and so for abseil's containers.
  template <typename H>
  friend H AbslHashValue(H hash, const Uuid& uuid) {
    return H::combine(std::move(hash), uuid.Word(0), uuid.Word(8));
  }

 private:
  uint64_t Word(size_t at) const {
    uint64_t word;
    std::memcpy(&word, bytes.data() + at, sizeof(word));
    return word;
  }
};

struct UuidHash {
  size_t operator()(const Uuid& uuid) const;
};

// Makes ids. Thread-safe.
class IdGenerator {
 public:
  virtual ~IdGenerator() = default;
  virtual Uuid Next() = 0;
};

// Version 7 (RFC 9562, 5.7): 48-bit milliseconds, then random bits. Ids made within one millisecond
// are ordered by a 12-bit counter; when it overflows the millisecond is carried forward.
class UuidV7Generator final : public IdGenerator {
 public:
  // `clock` and `random` must outlive the generator.
  UuidV7Generator(const Clock& clock, RandomSource& random) : clock_(clock), random_(random) {}
  Uuid Next() override;

 private:
  const Clock& clock_;
  RandomSource& random_;
  std::mutex mutex_;
  int64_t last_millis_ = 0;  // a clock before 1970 counts on from there
  uint32_t counter_ = 0;
};

}  // namespace rollcall::base

#endif  // ROLLCALL_BASE_UUID_H_
