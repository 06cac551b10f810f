#ifndef ROLLCALL_RECOGNITION_DECODE_H_
#define ROLLCALL_RECOGNITION_DECODE_H_

#include <cstdint>
#include <span>

#include "base/status.h"
#include "recognition/types.h"

namespace rollcall::recognition {

// Limits that are checked on the header, before a pixel is allocated. The defaults are for the photos
// of an enrolment.
struct DecodeLimits {
  // For what a camera shows many times a second: at most 2 MiB, and what this machine decodes, or
  // finds damaged, in 50 ms.
  static DecodeLimits ForFrames() {
    DecodeLimits limits;
    limits.max_bytes = 2u << 20;
    limits.max_passes = 25'000'000;
    return limits;
  }

  size_t max_bytes = 12u << 20;
  int32_t max_side = 4096;
  int64_t max_pixels = 8'000'000;
  int32_t max_scans = 100;  // progressive JPEG; no real picture needs more
  // Work, in passes over one pixel at about 2 ns each (measured on an AMD EPYC): a JPEG in one scan
  // takes 2, one in n scans 2 + n, a PNG 10. Frames: a JPEG of 8 megapixels in one scan, of full HD in
  // ten, a PNG of 2.5 megapixels.
  int64_t max_passes = 200'000'000;
  // All that is allocated for one picture. Above 7.4 megapixels a JPEG in several scans does not fit
  // unless its colours are stored at half the size, as nearly all are.
  int64_t max_memory_bytes = 64 << 20;
};

// Decodes a JPEG (8 bit, grey or YCbCr/RGB) or a PNG (8 bit, not animated) from a stranger.
//
// The header is checked by our own reader first; libjpeg-turbo and libpng see only what passed, and
// any warning of theirs is an error, so that half a picture is never taken for a whole one. Every byte
// of the answer comes from `bytes`: a row is filled with a pattern before the library writes into it,
// and searched for that pattern afterwards. EXIF orientation is honoured; transparency is dropped.
// Nothing else of the metadata is read or kept.
//
// InvalidArgument with one of the reasons PICTURE_EMPTY, PICTURE_FORMAT (not JPEG or PNG, CMYK,
// 16 bit, animated), PICTURE_TRUNCATED, PICTURE_DAMAGED, PICTURE_TOO_LARGE (bytes, sides, pixels,
// memory, work of a PNG), PICTURE_SCANS (their number, or their work): the message says what was found
// and what is accepted.
// Cost: at most limits.max_memory_bytes and limits.max_passes. Thread-safe.
absl::StatusOr<Picture> DecodePicture(std::span<const uint8_t> bytes, const DecodeLimits& limits);

// The same into `picture`, whose memory is used again: frame after frame of one size allocates next to
// nothing and touches no fresh page, which costs a tenth of the decoding. After an error `picture` is empty.
absl::Status DecodePicture(std::span<const uint8_t> bytes, const DecodeLimits& limits, Picture& picture);

// The part of its sides at which a JPEG can be decoded for less: the reciprocal.
enum class DecodeScale : int32_t { kWhole = 1, kHalf = 2, kQuarter = 4, kEighth = 8 };

// The smallest size at which a picture of width x height, shown within canvas_width x canvas_height, is not made
// larger for it: what a detector that looks at such a canvas needs. All sides above 0.
DecodeScale ScaleFor(int32_t width, int32_t height, int32_t canvas_width, int32_t canvas_height);

// DecodePicture for who needs to know what is in a picture, not what it looks like: at ScaleFor the canvas (a
// detector's input), sides rounded up. Costs a JPEG of 720p half of the whole at a canvas of 320 x 240; no less
// than the whole for a PNG. Returns the scale. The whole file is checked as for the whole picture.
// Errors as for DecodePicture; after one `picture` is empty.
absl::StatusOr<DecodeScale> DecodeScaled(std::span<const uint8_t> bytes, const DecodeLimits& limits,
                                         int32_t canvas_width, int32_t canvas_height, Picture& picture);

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_DECODE_H_
