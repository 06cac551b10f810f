#ifndef ROLLCALL_RECOGNITION_DECODE_H_
#define ROLLCALL_RECOGNITION_DECODE_H_

#include <cstdint>
#include <span>

#include "base/status.h"
#include "recognition/types.h"

namespace rollcall::recognition {

// Limits that are checked on the header, before a pixel is allocated.
struct DecodeLimits {
  size_t max_bytes = 12u << 20;
  int32_t max_side = 4096;
  int64_t max_pixels = 8'000'000;
  int32_t max_scans = 100;  // progressive JPEG; no real picture needs more
};

// Decodes a JPEG (8 bit, grey or YCbCr/RGB) or a PNG (8 bit, not animated) from a stranger.
//
// The header is checked by our own reader first; libjpeg-turbo and libpng see only what passed, and
// any warning of theirs is an error, so that half a picture is never taken for a whole one. EXIF
// orientation is honoured; transparency is dropped. Nothing else of the metadata is read or kept.
//
// InvalidArgument with one of the reasons PICTURE_EMPTY, PICTURE_FORMAT (not JPEG or PNG, CMYK,
// 16 bit, animated), PICTURE_TRUNCATED, PICTURE_DAMAGED, PICTURE_TOO_LARGE (bytes, sides, pixels),
// PICTURE_SCANS: the message says what was found and what is accepted.
// Cost: one allocation of width * height * 3 bytes. Thread-safe.
absl::StatusOr<Picture> DecodePicture(std::span<const uint8_t> bytes, const DecodeLimits& limits);

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_DECODE_H_
