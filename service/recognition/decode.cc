#include "recognition/decode.h"

#include <libexif/exif-data.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <utility>
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

namespace {
constexpr int kFirstTurned = 5;  // from this orientation on the sides change places
}  // namespace

Picture MakeUpright(Picture picture, int orientation) {
  if (orientation == 1) return picture;
  constexpr int kVertically = 0;
  constexpr int kHorizontally = 1;
  constexpr int kBoth = -1;
  const bool turned = orientation >= kFirstTurned;
  Picture upright;
  SetSize(upright, turned ? picture.height : picture.width, turned ? picture.width : picture.height);
  cv::Mat to(upright.height, upright.width, CV_8UC3, upright.bgr.data());
  const cv::Mat stored = AsMat(picture);
  if (turned) {
    cv::transpose(stored, to);
    if (orientation == 6) cv::flip(to, to, kHorizontally);
    if (orientation == 7) cv::flip(to, to, kBoth);
    if (orientation == 8) cv::flip(to, to, kVertically);
  } else {
    cv::flip(stored, to,
             orientation == 2 ? kHorizontally : orientation == 3 ? kBoth : kVertically);
  }
  return upright;
}

void SetSize(Picture& picture, int32_t width, int32_t height) {
  picture.width = width;
  picture.height = height;
  picture.bgr.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
}

DecodeScale ScaleFor(int32_t width, int32_t height, int32_t canvas_width, int32_t canvas_height) {
  for (const DecodeScale scale : {DecodeScale::kEighth, DecodeScale::kQuarter, DecodeScale::kHalf}) {
    if (ScaledSide(width, scale) >= canvas_width || ScaledSide(height, scale) >= canvas_height) return scale;
  }
  return DecodeScale::kWhole;
}

namespace {

// Long enough that no picture has it by accident; a prime number of bytes, so that it never repeats in
// step with the pixels.
constexpr size_t kPatternBytes = 61;
// How much of it a row must still show to count as not written.
constexpr size_t kTellingBytes = 24;

// The pattern and its begin again, so that kTellingBytes of it lie together from every phase on.
using Pattern = std::array<uint8_t, kPatternBytes + kTellingBytes>;

constexpr Pattern MakePattern() {
  Pattern pattern{};
  uint32_t state = 0x9E3779B9u;  // Numerical Recipes' linear congruential generator, seeded at will
  for (size_t i = 0; i < kPatternBytes; ++i) {
    state = state * 1664525u + 1013904223u;
    pattern[i] = static_cast<uint8_t>(state >> 24);
  }
  for (size_t i = 0; i < kTellingBytes; ++i) pattern[kPatternBytes + i] = pattern[i];
  return pattern;
}
constexpr Pattern kPattern = MakePattern();

// Calls `look` with the begin of each of the three places of `row` that tell.
template <typename Look>
void ForTellingPlaces(size_t row_size, Look look) {
  const size_t last = row_size - kTellingBytes;
  look(size_t{0});
  look(last / 2);
  look(last);
}

}  // namespace

void Poison(std::span<uint8_t> pixels, uint8_t key) {
  size_t done = std::min(pixels.size(), kPatternBytes);
  for (size_t i = 0; i < done; ++i) pixels[i] = kPattern[i] ^ key;
  // Twice as much each time, always whole patterns.
  while (done < pixels.size()) {
    const size_t count = std::min(done, pixels.size() - done);
    std::memcpy(pixels.data() + done, pixels.data(), count);
    done += count;
  }
}

void PoisonTellingPlaces(std::span<uint8_t> row, uint8_t key) {
  if (row.size() < kTellingBytes) return;
  ForTellingPlaces(row.size(), [&](size_t from) {
    const uint8_t* pattern = &kPattern[from % kPatternBytes];
    for (size_t i = 0; i < kTellingBytes; ++i) row[from + i] = pattern[i] ^ key;
  });
}

bool StillPoisoned(std::span<const uint8_t> row, uint8_t key) {
  if (row.size() < kTellingBytes) return false;
  bool untouched = false;
  ForTellingPlaces(row.size(), [&](size_t from) {
    const uint8_t* pattern = &kPattern[from % kPatternBytes];
    size_t i = 0;
    while (i < kTellingBytes && row[from + i] == (pattern[i] ^ key)) ++i;
    untouched = untouched || i == kTellingBytes;
  });
  return untouched;
}

namespace {

// How a picture is to be decoded.
struct Manner {
  const DecodeLimits& limits;
  uint8_t key = 0;
  // Of a detector's input; 0: the whole picture.
  int32_t canvas_width = 0;
  int32_t canvas_height = 0;

  DecodeScale ScaleOf(const PictureHeader& header, int orientation) const {
    if (canvas_width == 0) return DecodeScale::kWhole;
    return orientation >= kFirstTurned ? ScaleFor(header.height, header.width, canvas_width, canvas_height)
                                       : ScaleFor(header.width, header.height, canvas_width, canvas_height);
  }
};

absl::Status CheckBytes(std::span<const uint8_t> bytes, const DecodeLimits& limits) {
  if (bytes.empty()) return BadPicture("PICTURE_EMPTY", "the picture has no bytes");
  if (bytes.size() > limits.max_bytes) {
    return BadPicture("PICTURE_TOO_LARGE", "the picture has " + std::to_string(bytes.size()) +
                                               " bytes; accepted are at most " +
                                               std::to_string(limits.max_bytes));
  }
  return absl::OkStatus();
}

Picture Shrunk(const Picture& picture, DecodeScale scale) {
  Picture small;
  SetSize(small, ScaledSide(picture.width, scale), ScaledSide(picture.height, scale));
  cv::Mat to(small.height, small.width, CV_8UC3, small.bgr.data());
  cv::resize(AsMat(picture), to, to.size(), 0, 0, cv::INTER_AREA);
  return small;
}

// May throw where memory ends.
absl::StatusOr<DecodeScale> DecodeAs(std::span<const uint8_t> bytes, const Manner& manner, Picture& picture) {
  RETURN_IF_ERROR(CheckBytes(bytes, manner.limits));
  const bool jpeg = LooksLikeJpeg(bytes);
  if (!jpeg && !LooksLikePng(bytes)) {
    return BadPicture("PICTURE_FORMAT", "the file is neither a JPEG nor a PNG picture");
  }
  ASSIGN_OR_RETURN(const PictureHeader header,
                   jpeg ? ReadJpegHeader(bytes, manner.limits) : ReadPngHeader(bytes, manner.limits));
  const int orientation = ExifOrientation(header.exif);
  const DecodeScale scale = manner.ScaleOf(header, orientation);
  if (jpeg) {
    RETURN_IF_ERROR(DecodeJpeg(bytes, header, manner.limits, scale, manner.key, picture));
  } else {
    RETURN_IF_ERROR(DecodePng(bytes, header, manner.key, picture));
    if (scale != DecodeScale::kWhole) picture = Shrunk(picture, scale);
  }
  picture = MakeUpright(std::move(picture), orientation);
  return scale;
}

absl::StatusOr<DecodeScale> DecodeOrEmpty(std::span<const uint8_t> bytes, const Manner& manner,
                                          Picture& picture) {
  absl::StatusOr<DecodeScale> scale;
  try {
    scale = DecodeAs(bytes, manner, picture);
  } catch (const std::exception& e) {
    // Only allocation can fail here; the sizes were checked, so the machine is short of memory.
    scale = base::MakeError(absl::StatusCode::kResourceExhausted, "PICTURE_MEMORY", e.what());
  }
  if (!scale.ok()) SetSize(picture, 0, 0);
  return scale;
}

constexpr uint8_t kKey = 0;

}  // namespace

absl::Status DecodeOver(std::span<const uint8_t> bytes, const DecodeLimits& limits, uint8_t key,
                        Picture& picture) {
  return DecodeOrEmpty(bytes, {.limits = limits, .key = key}, picture).status();
}

absl::StatusOr<Picture> DecodeOver(std::span<const uint8_t> bytes, const DecodeLimits& limits,
                                   uint8_t key) {
  Picture picture;
  RETURN_IF_ERROR(DecodeOver(bytes, limits, key, picture));
  return picture;
}

absl::StatusOr<Picture> DecodePicture(std::span<const uint8_t> bytes, const DecodeLimits& limits) {
  return DecodeOver(bytes, limits, kKey);
}

absl::Status DecodePicture(std::span<const uint8_t> bytes, const DecodeLimits& limits, Picture& picture) {
  return DecodeOver(bytes, limits, kKey, picture);
}

absl::StatusOr<DecodeScale> DecodeScaled(std::span<const uint8_t> bytes, const DecodeLimits& limits,
                                         int32_t canvas_width, int32_t canvas_height, Picture& picture) {
  return DecodeOrEmpty(bytes,
                       {.limits = limits,
                        .key = kKey,
                        .canvas_width = canvas_width,
                        .canvas_height = canvas_height},
                       picture);
}

}  // namespace rollcall::recognition
