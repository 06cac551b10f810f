#include <cmath>

#include "bench/speed/gallery_growth.h"

// The arithmetic of gallery_growth.h, which its tests need without the service.
namespace rollcall::bench {

std::vector<int64_t> SizesUpTo(int64_t most) {
  std::vector<int64_t> sizes;
  for (int64_t power = 1000; power <= most; power *= 10) {
    sizes.push_back(power);
    if (3 * power <= most) sizes.push_back(3 * power);
  }
  if (sizes.back() != most) sizes.push_back(most);
  return sizes;
}

double LogLogSlope(const std::vector<std::pair<double, double>>& points) {
  double x = 0;
  double y = 0;
  double xx = 0;
  double xy = 0;
  const auto n = static_cast<double>(points.size());
  for (const auto& [px, py] : points) {
    x += std::log(px);
    y += std::log(py);
    xx += std::log(px) * std::log(px);
    xy += std::log(px) * std::log(py);
  }
  return (n * xy - x * y) / (n * xx - x * x);
}

std::vector<int64_t> SizesAbove(int64_t cache_bytes, int64_t bytes_each) {
  std::vector<int64_t> sizes;
  const int64_t once = (cache_bytes + bytes_each - 1) / bytes_each;
  for (const int64_t times : {1, 2, 4}) {
    if (once > 0) sizes.push_back(times * once);
  }
  return sizes;
}

}  // namespace rollcall::bench
