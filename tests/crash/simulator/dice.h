#ifndef ROLLCALL_TESTS_CRASH_SIMULATOR_DICE_H_
#define ROLLCALL_TESTS_CRASH_SIMULATOR_DICE_H_

#include <cstdint>
#include <span>

#include "base/uuid.h"

namespace rollcall::simulator {

// Repeatable choices from a seed: SplitMix64 (Steele, Lea, Flood 2014). Fast, small, and the same
// on every machine, which the distributions of <random> are not. Thread-safety: none.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15u;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // 0 ... `count` - 1. `count` must be above 0. The bias of the remainder does not matter here.
  int64_t Below(int64_t count) {
    return static_cast<int64_t>(Next() % static_cast<uint64_t>(count));
  }
  // `low` ... `high`, both included.
  int64_t Between(int64_t low, int64_t high) { return low + Below(high - low + 1); }
  bool PerMille(int64_t chance) { return Below(1000) < chance; }
  template <typename T, size_t n>
  const T& OneOf(const T (&choices)[n]) {
    return choices[static_cast<size_t>(Below(static_cast<int64_t>(n)))];
  }
  // Not nil.
  base::Uuid Uuid() {
    base::Uuid id;
    for (size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<uint8_t>(Next() >> 24);
    id.bytes[0] |= 1;
    return id;
  }

 private:
  uint64_t state_;
};

}  // namespace rollcall::simulator

#endif  // ROLLCALL_TESTS_CRASH_SIMULATOR_DICE_H_
