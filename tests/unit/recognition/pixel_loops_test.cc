#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <opencv2/imgproc.hpp>
#include <random>
#include <string>
#include <vector>

#include <hwy/highway.h>
#include <hwy/targets.h>
// jpeglib.h needs FILE and size_t declared before it.
#include <jpeglib.h>

#include "recognition/codecs.h"
#include "recognition/colour_rows.h"
#include "recognition/decode.h"
#include "recognition/measure.h"
#include "recognition/shrink.h"
#include "recognition/warp.h"
#include "support/pictures.h"
#include "support/status_matchers.h"

// Our own loops over pixels against the libraries that they stand in for: OpenCV's warp, resize and statistics, and
// libjpeg's colour conversion.
namespace rollcall::recognition {
namespace {

using support::IsOk;

class PixelLoopsTest : public testing::Test {
 protected:
  void TearDown() override { Choose(0); }
  // 0: whatever the processor has.
  static void Choose(int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
  // Runs `check` also as a processor without AVX-512 would, one without AVX2, and one with plain SSE2.
  template <typename Check>
  static void OnEveryTarget(Check check) {
    for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
      SCOPED_TRACE(hwy::TargetName(target));
      Choose(target);
      check();
      if (HasFatalFailure()) return;
    }
  }

  Picture Noise(int32_t width, int32_t height) {
    Picture picture{width, height, {}};
    picture.bgr.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
    for (uint8_t& byte : picture.bgr) byte = static_cast<uint8_t>(random_());
    return picture;
  }

  float Between(float low, float high) {
    return low + (high - low) * static_cast<float>(random_() % 10'001) / 10'000;
  }

  std::mt19937_64 random_{7};
};

struct Size {
  int32_t width;
  int32_t height;
};

cv::Mat View(const Picture& picture) {
  return cv::Mat(picture.height, picture.width, CV_8UC3, const_cast<uint8_t*>(picture.bgr.data()));
}

// ---- the warp ---------------------------------------------------------------------------------

std::vector<uint8_t> WarpByOpenCv(const Picture& picture, const Affine& matrix, int side) {
  std::vector<uint8_t> bgr(static_cast<size_t>(side) * static_cast<size_t>(side) * 3, 99);
  cv::Mat target(side, side, CV_8UC3, bgr.data());
  cv::warpAffine(View(picture), target, cv::Matx23f(matrix.data()), target.size(), cv::INTER_LINEAR,
                 cv::BORDER_CONSTANT);
  return bgr;
}

int LargestDifference(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  int largest = 0;
  for (size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(int{a[i]} - int{b[i]}));
  return largest;
}

// Noise shows any mistake; the matrices turn by any angle, and put faces inside, across each border and beyond.
TEST_F(PixelLoopsTest, WarpIsOpenCvs) {
  for (const Size size :
       {Size{1, 1}, Size{2, 2}, Size{3, 3}, Size{4, 1}, Size{1, 7}, Size{111, 113}, Size{640, 360}}) {
    for (int round = 0; round < 40; ++round) {
      const Picture picture = Noise(size.width, size.height);
      const float scale = Between(0.1f, round % 4 == 0 ? 60.0f : 2.0f);
      const float angle = Between(-3.2f, 3.2f);
      const float c = scale * std::cos(angle);
      const float s = scale * std::sin(angle);
      // The point of the picture that comes to the crop's middle.
      const float x = Between(-0.2f, 1.2f) * static_cast<float>(size.width);
      const float y = Between(-0.2f, 1.2f) * static_cast<float>(size.height);
      const Affine matrix = {c, -s, 56 - c * x + s * y, s, c, 56 - s * x - c * y};
      ASSERT_TRUE(Usable(matrix));
      const int side = round % 2 == 0 ? kAlignedSide : 57;
      const auto expected = WarpByOpenCv(picture, matrix, side);
      OnEveryTarget([&] {
        std::vector<uint8_t> bgr(expected.size(), 42);
        WarpBilinear(picture, matrix, side, side, bgr);
        ASSERT_EQ(LargestDifference(bgr, expected), 0)
            << size.width << " x " << size.height << ", scale " << scale;
      });
      if (HasFatalFailure()) return;
    }
  }
}

// A net can put its points anywhere that a float can be.
TEST_F(PixelLoopsTest, WarpFromFarOutsideIsBlack) {
  const Picture picture = Noise(64, 48);
  for (const float far : {1e5f, -1e5f, 1e12f, -1e30f}) {
    OnEveryTarget([&] {
      std::vector<uint8_t> bgr(size_t{kAlignedSide} * kAlignedSide * 3, 42);
      WarpBilinear(picture, {0.001f, 0, far, 0, 0.001f, far}, kAlignedSide, kAlignedSide, bgr);
      ASSERT_EQ(std::count(bgr.begin(), bgr.end(), 0), static_cast<long>(bgr.size()));
    });
  }
}

TEST_F(PixelLoopsTest, TheCropUsesItsMemoryAgain) {
  const Picture picture = Noise(320, 240);
  Picture crop;
  CutAligned(picture, {0.5f, 0, 0, 0, 0.5f, 0}, crop);
  const uint8_t* memory = crop.bgr.data();
  CutAligned(picture, {0.7f, 0, 0, 0, 0.7f, 0}, crop);
  EXPECT_EQ(crop.bgr.data(), memory);
  Picture fresh;
  CutAligned(picture, {0.7f, 0, 0, 0, 0.7f, 0}, fresh);
  EXPECT_EQ(crop.bgr, fresh.bgr);
}

// ---- making smaller ---------------------------------------------------------------------------

TEST_F(PixelLoopsTest, ShrinkIsOpenCvsArea) {
  for (int32_t factor = 2; factor <= kMaxShrink; ++factor) {
    for (const Size size : {Size{1, 1}, Size{3, 2}, Size{21, 5}, Size{80, 9}}) {
      const Picture picture = Noise(size.width * factor, size.height * factor);
      cv::Mat expected;
      cv::resize(View(picture), expected, {size.width, size.height}, 0, 0, cv::INTER_AREA);
      OnEveryTarget([&] {
        const size_t row = static_cast<size_t>(size.width) * 3;
        const size_t stride = row + 5;
        std::vector<uint8_t> rows(stride * static_cast<size_t>(size.height) + 1, 42);
        ShrinkByWhole(picture, factor, rows.data(), stride);
        for (int y = 0; y < size.height; ++y) {
          const uint8_t* got = &rows[static_cast<size_t>(y) * stride];
          ASSERT_TRUE(std::equal(got, got + row, expected.ptr(y))) << "factor " << factor << ", row " << y;
          ASSERT_EQ(got[row], 42) << "beyond the row";
        }
      });
      if (HasFatalFailure()) return;
    }
  }
}

// ---- colour -----------------------------------------------------------------------------------

// What libjpeg makes of `jpeg` by itself.
Picture DecodeByLibjpeg(const base::Bytes& jpeg, unsigned scale) {
  jpeg_decompress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, jpeg.data(), jpeg.size());
  jpeg_read_header(&info, TRUE);
  info.out_color_space = JCS_EXT_BGR;
  info.scale_num = 1;
  info.scale_denom = scale;
  jpeg_start_decompress(&info);
  Picture picture{static_cast<int32_t>(info.output_width), static_cast<int32_t>(info.output_height), {}};
  const size_t stride = size_t{info.output_width} * 3;
  picture.bgr.resize(stride * info.output_height);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = &picture.bgr[info.output_scanline * stride];
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return picture;
}

// Sizes about the units of a JPEG, and the narrowest that our own rows take; noise has every colour beside every
// other.
TEST_F(PixelLoopsTest, ColoursAreLibjpegs) {
  std::vector<Picture> pictures;
  for (const int32_t width : {1, 2, 15, 63, 64, 65, 66, 79, 96, 127, 161, 320}) {
    for (const int32_t height : {1, 2, 3, 15, 16, 17, 18, 31, 32, 33, 50}) pictures.push_back(Noise(width, height));
  }
  pictures.push_back(support::WavyPicture(1280, 720));
  for (const Picture& picture : pictures) {
    for (const bool progressive : {false, true}) {
      const base::Bytes jpeg = support::EncodeJpeg(picture, {.quality = 97, .progressive = progressive});
      const Picture expected = DecodeByLibjpeg(jpeg, 1);
      OnEveryTarget([&] {
        const auto decoded = DecodePicture(jpeg, DecodeLimits{});
        ASSERT_THAT(decoded, IsOk());
        ASSERT_TRUE(decoded->bgr == expected.bgr) << picture.width << " x " << picture.height;
      });
      if (HasFatalFailure()) return;
    }
  }
}

// Every pair of colours with the ends and the middle of the brightness, beyond what an encoder would write.
TEST_F(PixelLoopsTest, EveryColourIsTheFormulas) {
  constexpr size_t kWidth = 256;
  std::vector<uint8_t> brightness(kWidth + kColourRowSlack);
  std::vector<uint8_t> cb(kWidth + 2 + kColourRowSlack);
  std::vector<uint8_t> cr(kWidth + 2 + kColourRowSlack);
  const auto clamp = [](int v) { return static_cast<uint8_t>(std::clamp(v, 0, 255)); };
  for (int row = 0; row < 256; ++row) {
    for (const int first : {0, 128}) {
      for (size_t x = 0; x < kWidth; ++x) {
        brightness[x] = static_cast<uint8_t>(x % 3 == 0 ? 0 : x % 3 == 1 ? 255 : 128);
      }
      // One colour all over, so that the neighbours do not matter, changing from row to row.
      for (int column = first; column < first + 128; column += 16) {
        std::fill(cb.begin(), cb.end(), static_cast<uint8_t>(column + row % 16));
        std::fill(cr.begin(), cr.end(), static_cast<uint8_t>(row));
        const int b = cb[0] - 128;
        const int r = row - 128;
        std::vector<uint8_t> bgr(kWidth * 3);
        ConvertColourRow(brightness.data(), {&cb[1], &cb[1]}, {&cr[1], &cr[1]}, kWidth, bgr.data());
        for (size_t x = 0; x < 3; ++x) {
          const int y = brightness[x];
          ASSERT_EQ(bgr[x * 3], clamp(y + ((116130 * b + 32768) >> 16)));
          ASSERT_EQ(bgr[x * 3 + 1], clamp(y + ((-22554 * b - 46802 * r + 32768) >> 16)));
          ASSERT_EQ(bgr[x * 3 + 2], clamp(y + ((91881 * r + 32768) >> 16)));
        }
      }
    }
  }
}

// ---- decoding at less than the whole size -----------------------------------------------------

TEST_F(PixelLoopsTest, ScaledDecodingIsLibjpegs) {
  for (const Size size : {Size{1280, 720}, Size{641, 363}, Size{1, 1}, Size{9, 400}}) {
    const Picture picture = support::WavyPicture(size.width, size.height);
    for (const bool progressive : {false, true}) {
      const base::Bytes jpeg = support::EncodeJpeg(picture, {.progressive = progressive});
      for (const auto scale : {DecodeScale::kHalf, DecodeScale::kQuarter, DecodeScale::kEighth}) {
        Picture small;
        const auto used = DecodeScaled(jpeg, DecodeLimits{}, ScaledSide(size.width, scale),
                                       ScaledSide(size.height, scale), small);
        ASSERT_THAT(used, IsOk());
        EXPECT_EQ(small.bgr, DecodeByLibjpeg(jpeg, static_cast<unsigned>(*used)).bgr);
      }
    }
  }
}

// ---- measuring --------------------------------------------------------------------------------

FaceQuality MeasuredByOpenCv(const Picture& crop) {
  FaceQuality quality;
  cv::Mat grey;
  cv::cvtColor(View(crop), grey, cv::COLOR_BGR2GRAY);
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(grey, mean, deviation);
  quality.brightness = static_cast<float>(mean[0]);
  quality.contrast = static_cast<float>(deviation[0]);
  cv::Mat laplacian;
  cv::Laplacian(grey, laplacian, CV_32F);
  cv::meanStdDev(laplacian, mean, deviation);
  const double detail = deviation[0] / quality.contrast;
  quality.sharpness = static_cast<float>(1000 * detail * detail);
  cv::meanStdDev(grey(cv::Rect(36, 78, 40, 28)), mean, deviation);
  quality.lower_face_contrast = static_cast<float>(deviation[0]) / quality.contrast;
  return quality;
}

TEST_F(PixelLoopsTest, QualityIsMeasuredAsByOpenCv) {
  for (const Picture& crop : {Noise(kAlignedSide, kAlignedSide), support::WavyPicture(kAlignedSide, kAlignedSide)}) {
    FaceQuality quality;
    MeasureCrop(crop, Landmarks{}, quality);
    const FaceQuality expected = MeasuredByOpenCv(crop);
    EXPECT_NEAR(quality.brightness, expected.brightness, 1e-4f * expected.brightness);
    EXPECT_NEAR(quality.contrast, expected.contrast, 1e-4f * expected.contrast);
    EXPECT_NEAR(quality.sharpness, expected.sharpness, 1e-4f * expected.sharpness);
    EXPECT_NEAR(quality.lower_face_contrast, expected.lower_face_contrast, 1e-4f);
  }
  FaceQuality flat;
  MeasureCrop(support::FlatPicture(kAlignedSide, kAlignedSide, 10, 20, 30), Landmarks{}, flat);
  EXPECT_EQ(flat.contrast, 0);
  EXPECT_EQ(flat.sharpness, 0);
  EXPECT_EQ(flat.lower_face_contrast, 0);
}

}  // namespace
}  // namespace rollcall::recognition
