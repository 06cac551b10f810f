#include "recognition/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "support/pictures.h"
#include "support/status_matchers.h"

namespace rollcall::recognition {
namespace {

using base::Bytes;
using support::EncodeJpeg;
using support::EncodePng;
using support::HasReason;
using support::IsOk;
using support::WavyPicture;

const Picture& Wavy() {
  static const Picture picture = WavyPicture(160, 120);
  return picture;
}

absl::StatusOr<Picture> Decode(const Bytes& bytes) { return DecodePicture(bytes, DecodeLimits{}); }

int LargestDifference(const Picture& a, const Picture& b) {
  if (a.width != b.width || a.height != b.height) return 255;
  int largest = 0;
  for (size_t i = 0; i < a.bgr.size(); ++i) {
    largest = std::max(largest, std::abs(int{a.bgr[i]} - int{b.bgr[i]}));
  }
  return largest;
}

// The place of the first start-of-frame segment's marker.
size_t FrameAt(const Bytes& jpeg) {
  for (size_t i = 0; i + 1 < jpeg.size(); ++i) {
    if (jpeg[i] == 0xFF && (jpeg[i + 1] == 0xC0 || jpeg[i + 1] == 0xC2)) return i;
  }
  ADD_FAILURE() << "no frame header";
  return 0;
}

void SetBig16(Bytes& bytes, size_t at, int value) {
  bytes[at] = static_cast<uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<uint8_t>(value & 255);
}

Bytes WithJpegSize(int width, int height) {
  Bytes jpeg = EncodeJpeg(Wavy());
  const size_t frame = FrameAt(jpeg);
  SetBig16(jpeg, frame + 5, height);
  SetBig16(jpeg, frame + 7, width);
  return jpeg;
}

// ---- what is accepted -------------------------------------------------------------------------

TEST(DecodeTest, PngIsExact) {
  for (const bool alpha : {false, true}) {
    for (const bool interlaced : {false, true}) {
      const auto decoded = Decode(EncodePng(Wavy(), {.alpha = alpha, .interlaced = interlaced}));
      ASSERT_THAT(decoded, IsOk());
      EXPECT_EQ(LargestDifference(*decoded, Wavy()), 0) << alpha << interlaced;
    }
  }
}

TEST(DecodeTest, GreyPngBecomesThreeEqualChannels) {
  const auto decoded = Decode(EncodePng(Wavy(), {.grey = true}));
  ASSERT_THAT(decoded, IsOk());
  EXPECT_EQ(decoded->bgr[0], Wavy().bgr[1]);
  EXPECT_EQ(decoded->bgr[0], decoded->bgr[1]);
  EXPECT_EQ(decoded->bgr[0], decoded->bgr[2]);
}

TEST(DecodeTest, JpegBaselineAndProgressiveAreCloseToTheOriginal) {
  for (const bool progressive : {false, true}) {
    const auto decoded = Decode(EncodeJpeg(Wavy(), {.quality = 95, .progressive = progressive}));
    ASSERT_THAT(decoded, IsOk());
    EXPECT_LT(LargestDifference(*decoded, Wavy()), 60);
  }
}

TEST(DecodeTest, ChannelsAreBlueGreenRed) {
  const Picture blue = support::FlatPicture(32, 32, 200, 30, 10);
  const auto jpeg = Decode(EncodeJpeg(blue, 95));
  ASSERT_THAT(jpeg, IsOk());
  EXPECT_LE(LargestDifference(*jpeg, blue), 6);
}

TEST(DecodeTest, GreyJpegBecomesThreeEqualChannels) {
  const auto decoded = Decode(EncodeJpeg(Wavy(), {.grey = true}));
  ASSERT_THAT(decoded, IsOk());
  ASSERT_EQ(decoded->bgr.size(), Wavy().bgr.size());
  EXPECT_EQ(decoded->bgr[300], decoded->bgr[301]);
  EXPECT_EQ(decoded->bgr[300], decoded->bgr[302]);
}

// A picture with a red corner, stored in each of the eight ways that EXIF knows.
TEST(DecodeTest, ExifOrientationIsHonoured) {
  Picture picture = support::FlatPicture(48, 32, 128, 128, 128);
  for (size_t y = 0; y < 8; ++y) {
    for (size_t x = 0; x < 8; ++x) picture.bgr[(y * 48 + x) * 3 + 2] = 255;
  }
  // Where the stored top left corner belongs: right, bottom; and whether the sides change places.
  struct Case {
    int orientation;
    bool right;
    bool bottom;
    bool turned;
  };
  for (const Case& c : {Case{1, false, false, false}, Case{2, true, false, false},
                        Case{3, true, true, false}, Case{4, false, true, false},
                        Case{5, false, false, true}, Case{6, true, false, true},
                        Case{7, true, true, true}, Case{8, false, true, true}}) {
    const auto decoded =
        Decode(EncodeJpeg(picture, {.quality = 95, .exif_orientation = c.orientation}));
    ASSERT_THAT(decoded, IsOk());
    EXPECT_EQ(decoded->width, c.turned ? 32 : 48) << c.orientation;
    EXPECT_EQ(decoded->height, c.turned ? 48 : 32) << c.orientation;
    const int x = c.right ? decoded->width - 3 : 2;
    const int y = c.bottom ? decoded->height - 3 : 2;
    EXPECT_GT(decoded->bgr[static_cast<size_t>((y * decoded->width + x) * 3 + 2)], 200)
        << "orientation " << c.orientation;
  }
}

TEST(DecodeTest, UnknownOrientationMeansUpright) {
  for (const int orientation : {9, 77}) {
    const auto decoded = Decode(EncodeJpeg(Wavy(), {.exif_orientation = orientation}));
    ASSERT_THAT(decoded, IsOk());
    EXPECT_EQ(decoded->width, Wavy().width);
  }
}

// Telephones append a film or a second picture; what follows the end marker is ignored.
TEST(DecodeTest, TrailingBytesAreIgnored) {
  for (Bytes bytes : {EncodeJpeg(Wavy()), EncodePng(Wavy())}) {
    bytes.insert(bytes.end(), 5000, 0x5A);
    EXPECT_THAT(Decode(bytes), IsOk());
  }
}

// ---- into memory that is used again ------------------------------------------------------------

TEST(DecodeTest, FramesAfterTheFirstUseItsMemory) {
  Picture picture;
  ASSERT_THAT(DecodePicture(EncodeJpeg(WavyPicture(320, 240)), {}, picture), IsOk());
  const uint8_t* memory = picture.bgr.data();
  const Picture other = support::FlatPicture(320, 240, 200, 30, 10);
  for (const Bytes& bytes : {EncodeJpeg(other), EncodeJpeg(Wavy()), EncodeJpeg(other, {.progressive = true})}) {
    ASSERT_THAT(DecodePicture(bytes, {}, picture), IsOk());
    EXPECT_EQ(picture.bgr.data(), memory);
    EXPECT_EQ(picture.bgr, Decode(bytes)->bgr);
    EXPECT_EQ(picture.bgr.size(), static_cast<size_t>(picture.width * picture.height * 3));
  }
}

TEST(DecodeTest, ADamagedFrameLeavesNothingOfTheOneBefore) {
  Bytes half = EncodeJpeg(Wavy());
  half.resize(half.size() / 2);
  half.insert(half.end(), {0xFF, 0xD9});
  for (const Bytes& bytes : {half, Bytes{}, EncodeJpeg(Wavy(), {.cmyk = true})}) {
    Picture picture = Wavy();
    EXPECT_FALSE(DecodePicture(bytes, {}, picture).ok());
    EXPECT_EQ(picture.width, 0);
    EXPECT_EQ(picture.height, 0);
    EXPECT_TRUE(picture.bgr.empty());
    picture = Wavy();
    EXPECT_FALSE(DecodeScaled(bytes, {}, 32, 24, picture).ok());
    EXPECT_TRUE(picture.bgr.empty());
  }
}

// ---- smaller than it is ------------------------------------------------------------------------

TEST(DecodeTest, ScaleIsTheSmallestThatFillsTheCanvas) {
  EXPECT_EQ(ScaleFor(1280, 720, 320, 240), DecodeScale::kQuarter);
  EXPECT_EQ(ScaleFor(1920, 1080, 320, 240), DecodeScale::kQuarter);
  EXPECT_EQ(ScaleFor(2560, 1440, 320, 240), DecodeScale::kEighth);
  EXPECT_EQ(ScaleFor(640, 480, 320, 240), DecodeScale::kHalf);
  EXPECT_EQ(ScaleFor(480, 640, 320, 240), DecodeScale::kHalf);
  EXPECT_EQ(ScaleFor(639, 300, 320, 240), DecodeScale::kHalf);
  EXPECT_EQ(ScaleFor(638, 300, 320, 240), DecodeScale::kWhole);
  EXPECT_EQ(ScaleFor(1, 1, 320, 240), DecodeScale::kWhole);
}

// A PNG comes at the same size, and whatever is turned is turned.
TEST(DecodeTest, ScaledPicturesOfAllKindsHaveTheSameSize) {
  const Picture wide = WavyPicture(642, 362);
  for (const Bytes& bytes :
       {EncodeJpeg(wide), EncodeJpeg(wide, {.grey = true}), EncodePng(wide), EncodePng(wide, {.grey = true})}) {
    Picture small;
    const auto scale = DecodeScaled(bytes, {}, 320, 180, small);
    ASSERT_THAT(scale, IsOk());
    EXPECT_EQ(*scale, DecodeScale::kHalf);
    EXPECT_EQ(small.width, 321);
    EXPECT_EQ(small.height, 181);
    EXPECT_EQ(small.bgr.size(), size_t{321} * 181 * 3);
  }
  Picture turned;
  const auto scale = DecodeScaled(EncodeJpeg(wide, {.exif_orientation = 6}), {}, 180, 320, turned);
  ASSERT_THAT(scale, IsOk());
  EXPECT_EQ(*scale, DecodeScale::kHalf);
  EXPECT_EQ(turned.width, 181);
  EXPECT_EQ(turned.height, 321);
}

TEST(DecodeTest, ScaledLooksLikeTheWhole) {
  Picture small;
  ASSERT_THAT(DecodeScaled(EncodeJpeg(WavyPicture(640, 480), 95), {}, 320, 240, small), IsOk());
  EXPECT_LT(LargestDifference(small, support::Resized(WavyPicture(640, 480), 320, 240)), 60);
}

// ---- what is refused --------------------------------------------------------------------------

TEST(DecodeTest, NotAPicture) {
  const std::string text = "GIF89a is a picture too, but not one that is accepted here.";
  EXPECT_THAT(DecodePicture(base::AsBytes(text), {}), HasReason("PICTURE_FORMAT"));
  EXPECT_THAT(DecodePicture({}, {}), HasReason("PICTURE_EMPTY"));
  EXPECT_THAT(Decode({0xFF}), HasReason("PICTURE_FORMAT"));
  EXPECT_THAT(Decode({0xFF, 0xD8}), HasReason("PICTURE_FORMAT"));
}

TEST(DecodeTest, EveryTruncationIsRefused) {
  for (const Bytes& whole :
       {EncodeJpeg(Wavy()), EncodeJpeg(Wavy(), {.progressive = true}), EncodePng(Wavy())}) {
    ASSERT_THAT(Decode(whole), IsOk());
    for (size_t size = 8; size < whole.size(); size += 97) {
      const auto decoded = Decode(Bytes(whole.begin(), whole.begin() + static_cast<long>(size)));
      EXPECT_THAT(decoded, HasReason("PICTURE_TRUNCATED")) << size << " of " << whole.size();
    }
  }
}

// The end marker is there but the coded data is not all there: libjpeg would fill up with grey.
TEST(DecodeTest, HalfTheDataWithAnEndMarkerIsDamaged) {
  Bytes jpeg = EncodeJpeg(Wavy());
  jpeg.resize(jpeg.size() / 2);
  jpeg.insert(jpeg.end(), {0xFF, 0xD9});
  EXPECT_THAT(Decode(jpeg), HasReason("PICTURE_DAMAGED"));
}

TEST(DecodeTest, BombsAreRefusedByTheirHeader) {
  EXPECT_THAT(Decode(WithJpegSize(65535, 65535)), HasReason("PICTURE_TOO_LARGE"));
  EXPECT_THAT(Decode(WithJpegSize(4096, 4096)), HasReason("PICTURE_TOO_LARGE"));
  EXPECT_THAT(Decode(WithJpegSize(4097, 16)), HasReason("PICTURE_TOO_LARGE"));
  Bytes png = EncodePng(Wavy());
  for (const size_t at : {16u, 20u}) std::fill_n(png.begin() + static_cast<long>(at), 4, 0x7F);
  EXPECT_THAT(Decode(png), HasReason("PICTURE_TOO_LARGE"));
}

TEST(DecodeTest, NoPixels) {
  EXPECT_THAT(Decode(WithJpegSize(0, 0)), HasReason("PICTURE_EMPTY"));
  EXPECT_THAT(Decode(WithJpegSize(160, 0)), HasReason("PICTURE_EMPTY"));
  Bytes png = EncodePng(Wavy());
  std::fill_n(png.begin() + 16, 8, 0);
  EXPECT_THAT(Decode(png), HasReason("PICTURE_EMPTY"));
}

TEST(DecodeTest, TooManyBytes) {
  const Bytes jpeg = EncodeJpeg(Wavy());
  DecodeLimits limits;
  limits.max_bytes = jpeg.size() - 1;
  EXPECT_THAT(DecodePicture(jpeg, limits), HasReason("PICTURE_TOO_LARGE"));
}

TEST(DecodeTest, ThousandsOfScans) {
  Bytes jpeg = EncodeJpeg(Wavy(), {.progressive = true});
  // Repeats the last scan, header and data, in front of the end marker.
  size_t scan = jpeg.size();
  while (!(jpeg[scan - 2] == 0xFF && jpeg[scan - 1] == 0xDA)) --scan;
  const Bytes last(jpeg.begin() + static_cast<long>(scan) - 2, jpeg.end() - 2);
  jpeg.resize(jpeg.size() - 2);
  for (int i = 0; i < 3000; ++i) jpeg.insert(jpeg.end(), last.begin(), last.end());
  jpeg.insert(jpeg.end(), {0xFF, 0xD9});
  DecodeLimits limits;
  limits.max_bytes = jpeg.size();
  EXPECT_THAT(DecodePicture(jpeg, limits), HasReason("PICTURE_SCANS"));
}

// What a refusal may cost is decided on the header: passes over the pixels, and memory.
TEST(DecodeTest, AFrameThatWouldTakeTooLongIsRefusedByItsHeader) {
  const Picture full_hd = support::FlatPicture(1920, 1080, 90, 100, 110);
  const Picture larger = support::FlatPicture(2400, 1600, 90, 100, 110);
  const auto frame = [](const Bytes& bytes) {
    return DecodePicture(bytes, DecodeLimits::ForFrames());
  };
  EXPECT_THAT(frame(EncodeJpeg(larger)), IsOk());
  EXPECT_THAT(frame(EncodeJpeg(full_hd, {.progressive = true})), IsOk());
  EXPECT_THAT(frame(EncodePng(full_hd)), IsOk());
  EXPECT_THAT(frame(EncodeJpeg(larger, {.progressive = true})), HasReason("PICTURE_SCANS"));
  EXPECT_THAT(frame(EncodePng(larger)), HasReason("PICTURE_TOO_LARGE"));
  // Enrolment takes its time.
  EXPECT_THAT(Decode(EncodeJpeg(larger, {.progressive = true})), IsOk());
  EXPECT_THAT(Decode(EncodePng(larger)), IsOk());
}

TEST(DecodeTest, MemoryIsBoundedByTheHeader) {
  const Bytes progressive = EncodeJpeg(Wavy(), {.progressive = true});
  DecodeLimits limits;
  // Pixels, and two bytes for each coefficient: 160 x 128 of the first component, a quarter of the
  // other two.
  limits.max_memory_bytes = 160 * 120 * 3 + 160 * 128 * 3;
  EXPECT_THAT(DecodePicture(progressive, limits), IsOk());
  --limits.max_memory_bytes;
  EXPECT_THAT(DecodePicture(progressive, limits), HasReason("PICTURE_TOO_LARGE"));
  // In one scan the coefficients are not kept.
  EXPECT_THAT(DecodePicture(EncodeJpeg(Wavy()), limits), IsOk());
}

// libjpeg gives grey for what no scan brings, without a warning.
TEST(DecodeTest, AProgressivePictureThatLacksAScanIsDamaged) {
  const Bytes whole = EncodeJpeg(Wavy(), {.progressive = true});
  std::vector<size_t> scans;
  for (size_t i = 0; i + 1 < whole.size(); ++i) {
    if (whole[i] == 0xFF && whole[i + 1] == 0xDA) scans.push_back(i);
  }
  ASSERT_EQ(scans.size(), 10u);
  scans.push_back(whole.size() - 2);
  for (size_t left_out = 0; left_out + 1 < scans.size(); ++left_out) {
    Bytes jpeg = whole;
    jpeg.erase(jpeg.begin() + static_cast<long>(scans[left_out]),
               jpeg.begin() + static_cast<long>(scans[left_out + 1]));
    EXPECT_THAT(Decode(jpeg), HasReason("PICTURE_DAMAGED")) << "scan " << left_out;
  }
}

TEST(DecodeTest, FormatsThatNoCameraHereSends) {
  EXPECT_THAT(Decode(EncodeJpeg(Wavy(), {.cmyk = true})), HasReason("PICTURE_FORMAT"));
  EXPECT_THAT(Decode(EncodePng(Wavy(), {.sixteen_bit = true})), HasReason("PICTURE_FORMAT"));
  EXPECT_THAT(Decode(EncodePng(Wavy(), {.animated = true})), HasReason("PICTURE_FORMAT"));
  Bytes twelve_bit = EncodeJpeg(Wavy());
  twelve_bit[FrameAt(twelve_bit) + 4] = 12;
  EXPECT_THAT(Decode(twelve_bit), HasReason("PICTURE_FORMAT"));
  Bytes arithmetic = EncodeJpeg(Wavy());
  arithmetic[FrameAt(arithmetic) + 1] = 0xC9;
  EXPECT_THAT(Decode(arithmetic), HasReason("PICTURE_FORMAT"));
}

TEST(DecodeTest, StructureThatMakesNoSense) {
  const Bytes only_markers = {0xFF, 0xD8, 0xFF, 0xD9};
  EXPECT_THAT(Decode(only_markers), HasReason("PICTURE_DAMAGED"));
  const Bytes segment_of_length_one = {0xFF, 0xD8, 0xFF, 0xE0, 0, 1, 0xFF, 0xD9};
  EXPECT_THAT(Decode(segment_of_length_one), HasReason("PICTURE_DAMAGED"));
  Bytes two_frames = EncodeJpeg(Wavy());
  const size_t frame = FrameAt(two_frames);
  const Bytes copy(two_frames.begin() + static_cast<long>(frame),
                   two_frames.begin() + static_cast<long>(frame) + 19);
  two_frames.insert(two_frames.begin() + static_cast<long>(frame), copy.begin(), copy.end());
  EXPECT_THAT(Decode(two_frames), HasReason("PICTURE_DAMAGED"));
}

// Whatever a stranger sends, the answer is a picture or one of the documented reasons. Run under
// AddressSanitizer this is also a small fuzzer with a fixed seed.
TEST(DecodeTest, BitFlipsNeverCrash) {
  const std::set<std::string> reasons = {"PICTURE_EMPTY",     "PICTURE_FORMAT",  "PICTURE_TRUNCATED",
                                         "PICTURE_DAMAGED",   "PICTURE_SCANS",   "PICTURE_TOO_LARGE"};
  base::SeededRandom random(20);
  const auto number = [&random](size_t below) {
    std::array<uint8_t, 4> bytes{};
    random.Fill(bytes);
    return (size_t{bytes[0]} << 24 | size_t{bytes[1]} << 16 | size_t{bytes[2]} << 8 | bytes[3]) %
           below;
  };
  const Picture small = WavyPicture(40, 30);
  const Bytes originals[] = {EncodeJpeg(small, {.exif_orientation = 6}),
                             EncodeJpeg(small, {.progressive = true}), EncodePng(small)};
  for (int round = 0; round < 3000; ++round) {
    Bytes bytes = originals[round % 3];
    // Half of the flips hit the first 200 bytes, where the structure is.
    for (size_t flips = 1 + number(4); flips > 0; --flips) {
      const size_t at = number(flips % 2 == 0 ? bytes.size() : std::min<size_t>(200, bytes.size()));
      bytes[at] = static_cast<uint8_t>(bytes[at] ^ (1 << number(8)));
    }
    const auto decoded = Decode(bytes);
    if (decoded.ok()) {
      ASSERT_EQ(decoded->bgr.size(), static_cast<size_t>(decoded->width) *
                                         static_cast<size_t>(decoded->height) * 3);
    } else {
      ASSERT_TRUE(reasons.contains(base::ErrorReason(decoded.status())))
          << decoded.status().ToString();
    }
  }
}

}  // namespace
}  // namespace rollcall::recognition
