#ifndef ROLLCALL_RECOGNITION_CODECS_H_
#define ROLLCALL_RECOGNITION_CODECS_H_

#include <cstdint>
#include <span>
#include <string>

#include "base/status.h"
#include "recognition/decode.h"

// The two formats behind DecodePicture, and nobody else's business.
namespace rollcall::recognition {

// What our own reader found in a header before the format's library saw a byte.
struct PictureHeader {
  int32_t width = 0;
  int32_t height = 0;
  int32_t scans = 0;               // JPEG only
  size_t end = 0;                  // bytes up to the end marker; what follows is ignored
  std::span<const uint8_t> exif;   // the TIFF structure in it, without "Exif\0\0"; a view; may be empty
};

bool LooksLikeJpeg(std::span<const uint8_t> bytes);
bool LooksLikePng(std::span<const uint8_t> bytes);

// Walks every marker (chunk) from the first to the end marker and checks what `limits` and the
// contract of DecodePicture ask for. Reads only inside `bytes`. Cost: linear, no allocation.
absl::StatusOr<PictureHeader> ReadJpegHeader(std::span<const uint8_t> bytes,
                                             const DecodeLimits& limits);
absl::StatusOr<PictureHeader> ReadPngHeader(std::span<const uint8_t> bytes,
                                            const DecodeLimits& limits);

// Decodes what passed the header check, in the stored orientation.
absl::StatusOr<Picture> DecodeJpeg(std::span<const uint8_t> bytes, const PictureHeader& header);
absl::StatusOr<Picture> DecodePng(std::span<const uint8_t> bytes, const PictureHeader& header);

// EXIF orientation 1..8; 1 (upright) where the tag is absent or not one of them.
int ExifOrientation(std::span<const uint8_t> exif);

// Returns `picture` turned and mirrored as the EXIF `orientation` asks.
Picture MakeUpright(Picture picture, int orientation);

// InvalidArgument with `reason`.
absl::Status BadPicture(const char* reason, const std::string& what);

// PICTURE_EMPTY or PICTURE_TOO_LARGE where the sides do not fit `limits`.
absl::Status CheckSize(int64_t width, int64_t height, const DecodeLimits& limits);

}  // namespace rollcall::recognition

#endif  // ROLLCALL_RECOGNITION_CODECS_H_
