#include "recognition/decode.h"

#include <libexif/exif-data.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <opencv2/core.hpp>
#include <vector>

#include "recognition/codecs.h"
#include "recognition/mat.h"

namespace rollcall::recognition {

absl::Status BadPicture(const char* reason, const std::string& what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, reason, what);
}

absl::Status CheckSize(int64_t width, int64_t height, const DecodeLimits& limits) {
  const std::string found = std::to_string(width) + " x " + std::to_string(height) + " pixels";
  if (width <= 0 || height <= 0) return BadPicture("PICTURE_EMPTY", "the picture has " + found);
  if (width > limits.max_side || height > limits.max_side ||
      width * height > limits.max_pixels) {
    return BadPicture("PICTURE_TOO_LARGE",
                      "the picture has " + found + "; accepted are at most " +
                          std::to_string(limits.max_side) + " on a side and " +
                          std::to_string(limits.max_pixels) + " in all");
  }
  return absl::OkStatus();
}

int ExifOrientation(std::span<const uint8_t> exif) {
  // libexif wants the introducer that JPEG puts before the TIFF structure and PNG does not.
  constexpr uint8_t kIntroducer[] = {'E', 'x', 'i', 'f', 0, 0};
  constexpr size_t kMaxExifBytes = 0xFFFF;  // what one JPEG segment can hold
  if (exif.empty() || exif.size() > kMaxExifBytes) return 1;
  std::vector<uint8_t> block(std::begin(kIntroducer), std::end(kIntroducer));
  block.insert(block.end(), exif.begin(), exif.end());

  const std::unique_ptr<ExifData, decltype(&exif_data_unref)> data(
      exif_data_new_from_data(block.data(), static_cast<unsigned>(block.size())), &exif_data_unref);
  if (data == nullptr) return 1;
  const ExifEntry* entry =
      exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (entry == nullptr || entry->format != EXIF_FORMAT_SHORT || entry->size < 2) return 1;
  const int orientation = exif_get_short(entry->data, exif_data_get_byte_order(data.get()));
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

Picture MakeUpright(Picture picture, int orientation) {
  if (orientation == 1) return picture;
  constexpr int kVertically = 0;
  constexpr int kHorizontally = 1;
  constexpr int kBoth = -1;
  cv::Mat turned;
  const cv::Mat stored = AsMat(picture);
  if (orientation >= 5) {
    cv::transpose(stored, turned);
    if (orientation == 6) cv::flip(turned, turned, kHorizontally);
    if (orientation == 7) cv::flip(turned, turned, kBoth);
    if (orientation == 8) cv::flip(turned, turned, kVertically);
  } else {
    cv::flip(stored, turned,
             orientation == 2 ? kHorizontally : orientation == 3 ? kBoth : kVertically);
  }
  return ToPicture(turned);
}

namespace {

// Long enough that no picture has it by accident; a prime number of bytes, so that it never repeats in
// step with the pixels.
constexpr size_t kPatternBytes = 61;
// How much of it a row must still show to count as not written.
constexpr size_t kTellingBytes = 24;

std::array<uint8_t, kPatternBytes> Pattern(uint8_t key) {
  std::array<uint8_t, kPatternBytes> pattern;
  uint32_t state = 0x9E3779B9u;  // Numerical Recipes' linear congruential generator, seeded at will
  for (uint8_t& byte : pattern) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<uint8_t>((state >> 24) ^ key);
  }
  return pattern;
}

}  // namespace

void Poison(std::span<uint8_t> pixels, uint8_t key) {
  const auto pattern = Pattern(key);
  while (!pixels.empty()) {
    const size_t count = std::min(pixels.size(), pattern.size());
    std::memcpy(pixels.data(), pattern.data(), count);
    pixels = pixels.subspan(count);
  }
}

bool StillPoisoned(std::span<const uint8_t> row, uint8_t key) {
  if (row.size() < kTellingBytes) return false;
  const auto pattern = Pattern(key);
  const auto untouched = [&](size_t from) {
    for (size_t i = from; i < from + kTellingBytes; ++i) {
      if (row[i] != pattern[i % kPatternBytes]) return false;
    }
    return true;
  };
  const size_t last = row.size() - kTellingBytes;
  return untouched(0) || untouched(last / 2) || untouched(last);
}

absl::StatusOr<Picture> DecodeOver(std::span<const uint8_t> bytes, const DecodeLimits& limits,
                                   uint8_t key) {
  if (bytes.empty()) return BadPicture("PICTURE_EMPTY", "the picture has no bytes");
  if (bytes.size() > limits.max_bytes) {
    return BadPicture("PICTURE_TOO_LARGE", "the picture has " + std::to_string(bytes.size()) +
                                               " bytes; accepted are at most " +
                                               std::to_string(limits.max_bytes));
  }
  try {
    if (LooksLikeJpeg(bytes)) {
      ASSIGN_OR_RETURN(const PictureHeader header, ReadJpegHeader(bytes, limits));
      ASSIGN_OR_RETURN(Picture picture, DecodeJpeg(bytes, header, limits, key));
      return MakeUpright(std::move(picture), ExifOrientation(header.exif));
    }
    if (LooksLikePng(bytes)) {
      ASSIGN_OR_RETURN(const PictureHeader header, ReadPngHeader(bytes, limits));
      ASSIGN_OR_RETURN(Picture picture, DecodePng(bytes, header, key));
      return MakeUpright(std::move(picture), ExifOrientation(header.exif));
    }
  } catch (const std::exception& e) {
    // Only allocation can fail here; the sizes were checked, so the machine is short of memory.
    return base::MakeError(absl::StatusCode::kResourceExhausted, "PICTURE_MEMORY", e.what());
  }
  return BadPicture("PICTURE_FORMAT", "the file is neither a JPEG nor a PNG picture");
}

absl::StatusOr<Picture> DecodePicture(std::span<const uint8_t> bytes, const DecodeLimits& limits) {
  constexpr uint8_t kKey = 0;
  return DecodeOver(bytes, limits, kKey);
}

}  // namespace rollcall::recognition
