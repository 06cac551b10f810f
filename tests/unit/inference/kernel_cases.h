#ifndef ROLLCALL_TESTS_UNIT_INFERENCE_KERNEL_CASES_H_
#define ROLLCALL_TESTS_UNIT_INFERENCE_KERNEL_CASES_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "inference/kernels/tile.h"

// What the loops are tested on, whatever their numbers are stored as.
namespace rollcall::inference::kernels {

// A convolution over a picture with a frame of random numbers: what lies in the frame counts as much as the rest.
struct KernelCase {
  std::string what;
  int64_t height, width, in_channels, out_channels, kernel, stride, dilation;
  bool depthwise, residual, slopes, top;
};

std::ostream& operator<<(std::ostream& out, const KernelCase& c);

// Every shape of tile, and edges: odd sizes, few channels, strides, windows of all sizes.
const std::vector<KernelCase>& DenseCases();
const std::vector<KernelCase>& DepthwiseCases();

// For INSTANTIATE_TEST_SUITE_P.
std::string KernelCaseName(const testing::TestParamInfo<KernelCase>& test);

// Where such a convolution reads and writes. The frames are wider than the windows reach.
struct KernelPlaces {
  Geometry geometry;
  PictureLayout in_layout, out_layout;
  size_t taps = 0, columns = 0, depth = 0;

  // `depth_step`: what the depth is a multiple of. `packed`: pixels of `in` lie side by side without padding.
  KernelPlaces(const KernelCase& c, int64_t depth_step, bool packed);

  size_t in_size() const { return static_cast<size_t>(in_layout.size()); }
  size_t out_size() const { return static_cast<size_t>(out_layout.size()); }
  // Numbers of weights per column.
  size_t each(const KernelCase& c) const { return c.depthwise ? taps : taps * depth; }
};

}  // namespace rollcall::inference::kernels

#endif  // ROLLCALL_TESTS_UNIT_INFERENCE_KERNEL_CASES_H_
