#ifndef ROLLCALL_TESTS_RIGS_YEAR_DICE_H_
#define ROLLCALL_TESTS_RIGS_YEAR_DICE_H_

#include <cmath>
#include <cstdint>
#include <random>

namespace rollcall::year {

// Random numbers that are the same with every standard library (its distributions are not).
class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}

  // low..high, both included.
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(engine_() % static_cast<uint64_t>(high - low + 1));
  }
  bool Chance(double probability) {
    return static_cast<double>(engine_() >> 11) * 0x1p-53 < probability;
  }
  // low..high with equal chances for each factor: many small, few large.
  int64_t Skewed(int64_t low, int64_t high) {
    const double at = static_cast<double>(engine_() >> 11) * 0x1p-53;
    return static_cast<int64_t>(static_cast<double>(low) *
                                std::pow(static_cast<double>(high) / static_cast<double>(low), at));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace rollcall::year

#endif  // ROLLCALL_TESTS_RIGS_YEAR_DICE_H_
