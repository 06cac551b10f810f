#ifndef ROLLCALL_BENCH_SIMILARITY_H_
#define ROLLCALL_BENCH_SIMILARITY_H_

#include <array>
#include <span>

namespace rollcall::bench {

// The dot product of two vectors of equal size; of unit vectors, their cosine. Partial sums of
// fixed number and order, so that the compiler may use vector registers and every run gives the
// same.
inline float Cosine(std::span<const float> a, std::span<const float> b) {
  constexpr size_t kLanes = 16;
  std::array<float, kLanes> sums{};
  size_t i = 0;
  for (; i + kLanes <= a.size(); i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  for (size_t lane = 0; i < a.size(); ++i, ++lane) sums[lane] += a[i] * b[i];
  float sum = 0;
  for (const float part : sums) sum += part;
  return sum;
}

}  // namespace rollcall::bench

#endif  // ROLLCALL_BENCH_SIMILARITY_H_
