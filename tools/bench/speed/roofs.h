#ifndef ROLLCALL_BENCH_SPEED_ROOFS_H_
#define ROLLCALL_BENCH_SPEED_ROOFS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace rollcall::bench {

// What one core of this machine can do at most, measured in this run. The limits in the report are
// arithmetic on these.
struct Roofs {
  double float_macs = 0;  // multiply-adds of float32 a second
  std::string float_how;  // "AVX-512, 16 sums"
  double int8_macs = 0;   // of 8-bit numbers into 32-bit sums; as float_macs without VNNI
  std::string int8_how;
  double bfloat16_macs = 0;  // into float32 sums; as float_macs without matrix registers
  std::string bfloat16_how;
  double bytes = 0;  // read from memory a second
};

// What nets are held to that run on an engine of this name: the rate of the numbers that it names.
struct Rate {
  double macs = 0;
  std::string how;
};
Rate RateOf(const Roofs& roofs, const std::string& engine);

// Measures for about 0.2 s, on the calling thread.
Roofs MeasureRoofs();

// Memory on whole pages, large ones where the system gives them. Not copyable.
class PageBuffer {
 public:
  explicit PageBuffer(
      size_t bytes);  // zeroed, and every page there; empty where there is no memory
  ~PageBuffer();
  PageBuffer(const PageBuffer&) = delete;
  PageBuffer& operator=(const PageBuffer&) = delete;
  std::span<const uint8_t> bytes() const { return {data_, size_}; }

 private:
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

// Reads every byte once, as fast as this processor can, and returns something made of them all, so
// that no compiler leaves it out.
uint64_t ReadAll(std::span<const uint8_t> bytes);

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SPEED_ROOFS_H_
