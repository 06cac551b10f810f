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
  int32_t scans = 0;              // JPEG only
  int64_t coefficient_bytes = 0;  // JPEG in several scans: what libjpeg must keep between them
  size_t end = 0;                 // bytes up to the end marker; what follows is ignored
  std::span<const uint8_t>
      exif;  // the TIFF structure in it, without "Exif\0\0"; a view; may be empty
};

bool LooksLikeJpeg(std::span<const uint8_t> bytes);
bool LooksLikePng(std::span<const uint8_t> bytes);

// Walks every marker (chunk) from the first to the end marker and checks what `limits` and the
// contract of DecodePicture ask for. Reads only inside `bytes`. Cost: linear, no allocation.
absl::StatusOr<PictureHeader> ReadJpegHeader(std::span<const uint8_t> bytes,
                                             const DecodeLimits& limits);
absl::StatusOr<PictureHeader> ReadPngHeader(std::span<const uint8_t> bytes,
                                            const DecodeLimits& limits);

// Decodes what passed the header check into `picture`, in the stored orientation, over memory poisoned with
// `key`. A JPEG at less than its whole size costs less; what comes of it is ScaledSide on each side. After an
// error `picture` holds nothing that may be shown.
absl::Status DecodeJpeg(std::span<const uint8_t> bytes, const PictureHeader& header,
                        const DecodeLimits& limits, DecodeScale scale, uint8_t key, Picture& picture);
absl::Status DecodePng(std::span<const uint8_t> bytes, const PictureHeader& header, uint8_t key,
                       Picture& picture);

// DecodePicture, which uses one key always. The answer must not depend on the key: where it does,
// it shows bytes that were not in the file. Tests compare two.
absl::Status DecodeOver(std::span<const uint8_t> bytes, const DecodeLimits& limits, uint8_t key, Picture& picture);
absl::StatusOr<Picture> DecodeOver(std::span<const uint8_t> bytes, const DecodeLimits& limits,
                                   uint8_t key);

// A side of `pixels`, at `scale`; rounded up.
inline int32_t ScaledSide(int32_t pixels, DecodeScale scale) {
  const auto by = static_cast<int32_t>(scale);
  return (pixels + by - 1) / by;
}

// Makes `picture` one of width x height whose pixels are not written yet, in the memory that it has.
void SetSize(Picture& picture, int32_t width, int32_t height);

// Fills `pixels` with a pattern that no picture holds by accident; another `key`, another pattern.
void Poison(std::span<uint8_t> pixels, uint8_t key);

// Fills only what StillPoisoned looks at.
void PoisonTellingPlaces(std::span<uint8_t> row, uint8_t key);

// Whether the begin, the middle or the end of `row`, which was poisoned from its first byte, has
// not been written since. Rows narrower than a few pixels are too short to tell, and count as
// written.
bool StillPoisoned(std::span<const uint8_t> row, uint8_t key);

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
