#ifndef ROLLCALL_TESTS_SUPPORT_PICTURES_H_
#define ROLLCALL_TESTS_SUPPORT_PICTURES_H_

#include <cstdint>
#include <filesystem>

#include "base/bytes.h"
#include "recognition/types.h"

// Pictures for tests: made in memory, or read from a file. Link rollcall_test_pictures.
namespace rollcall::support {

// One colour all over.
recognition::Picture FlatPicture(int32_t width, int32_t height, uint8_t blue, uint8_t green,
                                 uint8_t red);

// Smooth colour waves with some detail: compresses like a photograph, shows no face.
recognition::Picture WavyPicture(int32_t width, int32_t height);

// Decodes a JPEG or PNG file as the product does; a file that does not decode fails the test.
recognition::Picture ReadPicture(const std::filesystem::path& path);

// The rectangle of `picture` with corner (x, y), which must lie inside.
recognition::Picture Crop(const recognition::Picture& picture, int32_t x, int32_t y, int32_t width,
                          int32_t height);

// Moved to the right by `pixels`, the left border replicated; sizes stay.
recognition::Picture MovedRight(const recognition::Picture& picture, int32_t pixels);

// Bilinear resize.
recognition::Picture Resized(const recognition::Picture& picture, int32_t width, int32_t height);

struct JpegOptions {
  int quality = 90;
  bool progressive = false;
  bool grey = false;
  bool cmyk = false;         // four components, as printers want them
  int exif_orientation = 0;  // 1..8: an EXIF block that says so; 0: no EXIF
};
base::Bytes EncodeJpeg(const recognition::Picture& picture, const JpegOptions& options);
base::Bytes EncodeJpeg(const recognition::Picture& picture, int quality = 90);

struct PngOptions {
  bool alpha = false;
  bool sixteen_bit = false;
  bool animated = false;  // an acTL chunk before the data
  bool grey = false;
  bool interlaced = false;
};
base::Bytes EncodePng(const recognition::Picture& picture, const PngOptions& options = {});

}  // namespace rollcall::support

#endif  // ROLLCALL_TESTS_SUPPORT_PICTURES_H_
