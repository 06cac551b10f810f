#include "inference_testing/kernel_cases.h"

#include <cctype>

namespace rollcall::inference::kernels {

std::ostream& operator<<(std::ostream& out, const KernelCase& c) { return out << c.what; }

const std::vector<KernelCase>& DenseCases() {
  static const auto* const cases = new std::vector<KernelCase>{
      {"pointwise", 5, 7, 64, 128, 1, 1, 1, false, false, true, false},
      {"pointwise with residual", 7, 7, 128, 64, 1, 1, 1, false, true, false, false},
      {"one pixel", 1, 1, 512, 136, 1, 1, 1, false, false, false, false},
      {"32 columns", 5, 5, 16, 32, 1, 1, 1, false, true, true, false},
      {"48 columns", 4, 5, 20, 48, 1, 1, 1, false, true, true, true},
      {"80 columns", 9, 3, 16, 80, 1, 1, 1, false, true, true, false},
      {"three channels", 12, 10, 3, 64, 3, 2, 1, false, false, true, false},
      {"one channel", 12, 10, 1, 16, 3, 2, 1, false, false, true, false},
      {"dilated by 3", 9, 11, 16, 16, 3, 1, 3, false, false, false, false},
      {"16 columns", 13, 21, 16, 16, 3, 1, 1, false, true, true, false},
      {"64 columns, 3 x 3", 14, 14, 64, 64, 3, 1, 1, false, false, true, false},
      {"64 columns, every second", 29, 37, 48, 64, 3, 2, 1, false, true, true, false},
      {"one row", 1, 37, 32, 96, 1, 1, 1, false, false, true, false},
      {"few channels out", 6, 8, 32, 12, 3, 1, 1, false, false, false, false},
      {"5 x 5", 8, 8, 24, 32, 5, 2, 1, false, true, true, true}};
  return *cases;
}

const std::vector<KernelCase>& DepthwiseCases() {
  static const auto* const cases = new std::vector<KernelCase>{
      {"depthwise", 14, 14, 128, 128, 3, 1, 1, true, false, true, false},
      {"depthwise, 112 channels", 9, 7, 112, 112, 3, 1, 1, true, false, true, false},
      {"depthwise, 16 channels", 9, 7, 16, 16, 3, 1, 1, true, false, false, true},
      {"depthwise, every second", 15, 13, 48, 48, 3, 2, 1, true, false, true, true},
      {"depthwise, every second, 64 channels", 15, 13, 64, 64, 3, 2, 1, true, false, true, true},
      {"depthwise without bend", 5, 3, 16, 16, 3, 1, 1, true, false, false, false},
      {"depthwise, one column", 5, 1, 32, 32, 3, 1, 1, true, false, false, false},
      {"depthwise with residual", 6, 6, 32, 32, 3, 1, 1, true, true, true, false},
      {"depthwise 7 x 7", 7, 7, 64, 64, 7, 7, 1, true, false, false, false}};
  return *cases;
}

std::string KernelCaseName(const testing::TestParamInfo<KernelCase>& test) {
  std::string name = test.param.what;
  for (char& ch : name) {
    if (std::isalnum(static_cast<unsigned char>(ch)) == 0) ch = '_';
  }
  return name;
}

KernelPlaces::KernelPlaces(const KernelCase& c, int64_t depth_step, bool packed) {
  const int64_t pad = c.kernel / 2 * c.dilation;
  in_layout = {.height = c.height, .width = c.width,
               .channels = packed ? c.in_channels : PaddedChannels(c.in_channels),
               .top = pad, .left = pad + 1, .bottom = pad, .right = pad};
  const int64_t out_height = (c.height - 1) / c.stride + 1;
  const int64_t out_width = (c.width - 1) / c.stride + 1;
  out_layout = {.height = out_height, .width = out_width, .channels = PaddedChannels(c.out_channels),
                .top = 0, .left = 1, .bottom = 1, .right = 0};
  geometry.width = out_width;
  geometry.step = c.stride * in_layout.channels;
  geometry.depth = (c.in_channels + depth_step - 1) / depth_step * depth_step;
  geometry.columns = out_layout.channels;
  for (int64_t y = 0; y < out_height; ++y) {
    for (int64_t x = 0; x < out_width; ++x) {
      geometry.in.push_back(static_cast<int32_t>(in_layout.offset(y * c.stride - pad, x * c.stride - pad)));
      geometry.out.push_back(static_cast<int32_t>(out_layout.offset(y, x)));
      if (c.residual) geometry.residual.push_back(static_cast<int32_t>(out_layout.offset(y, x)));
    }
  }
  for (int64_t y = 0; y < c.kernel; ++y) {
    for (int64_t x = 0; x < c.kernel; ++x) {
      geometry.taps.push_back(
          static_cast<int32_t>(y * c.dilation * in_layout.row() + x * c.dilation * in_layout.channels));
    }
  }
  taps = geometry.taps.size();
  columns = static_cast<size_t>(geometry.columns);
  depth = static_cast<size_t>(geometry.depth);
}

}  // namespace rollcall::inference::kernels
