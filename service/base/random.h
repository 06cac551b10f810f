#ifndef ROLLCALL_BASE_RANDOM_H_
#define ROLLCALL_BASE_RANDOM_H_

#include <cstdint>
#include <mutex>
#include <span>

namespace rollcall::base {

// A source of random bytes. Thread-safe.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  // Fills all of `out`. Cannot fail: the system source blocks until the kernel's pool is ready.
  virtual void Fill(std::span<uint8_t> out) = 0;
};

// libsodium's generator (getrandom); fit for keys and tokens.
class SystemRandom final : public RandomSource {
 public:
  void Fill(std::span<uint8_t> out) override;
};

// Repeatable bytes from a seed, for tests. Never for keys.
class SeededRandom final : public RandomSource {
 public:
  explicit SeededRandom(uint64_t seed) : seed_(seed), counter_(0) {}
  void Fill(std::span<uint8_t> out) override;

 private:
  std::mutex mutex_;
  uint64_t seed_;
  uint64_t counter_;
};

}  // namespace rollcall::base

#endif  // ROLLCALL_BASE_RANDOM_H_
