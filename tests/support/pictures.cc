#include "support/pictures.h"

#include <gtest/gtest.h>
#include <png.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

// jpeglib.h needs FILE and size_t declared before it.
#include <jpeglib.h>

#include "recognition/decode.h"
#include "support/environment.h"

namespace rollcall::support {
namespace {

using recognition::Picture;

// An APP1 segment with one TIFF entry: orientation.
base::Bytes ExifSegment(int orientation) {
  const auto value = static_cast<uint8_t>(orientation);
  return {'E', 'x', 'i', 'f', 0, 0,                      // introducer
          'M', 'M', 0, 42, 0, 0, 0, 8,                   // big endian, first directory at 8
          0, 1,                                          // one entry
          0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0,  // orientation, SHORT, one
          0, 0, 0, 0};                                   // no further directory
}

Picture Blank(int32_t width, int32_t height) {
  return {width, height,
          std::vector<uint8_t>(static_cast<size_t>(width) * static_cast<size_t>(height) * 3)};
}

size_t Offset(const Picture& picture, int32_t x, int32_t y) {
  return (static_cast<size_t>(y) * static_cast<size_t>(picture.width) + static_cast<size_t>(x)) * 3;
}
const uint8_t* PixelAt(const Picture& picture, int32_t x, int32_t y) {
  return &picture.bgr[Offset(picture, x, y)];
}
uint8_t* PixelAt(Picture& picture, int32_t x, int32_t y) {
  return &picture.bgr[Offset(picture, x, y)];
}

// One row in the channel order that the options ask for.
std::vector<uint8_t> JpegRow(const Picture& picture, int32_t y, const JpegOptions& options) {
  std::vector<uint8_t> row;
  for (int32_t x = 0; x < picture.width; ++x) {
    const uint8_t* p = PixelAt(picture, x, y);
    if (options.grey) {
      row.push_back(p[1]);
      continue;
    }
    for (const int c : {2, 1, 0}) row.push_back(p[c]);
    if (options.cmyk) row.push_back(255);
  }
  return row;
}

void PngWrite(png_structp png, png_bytep data, size_t size) {
  auto* target = static_cast<base::Bytes*>(png_get_io_ptr(png));
  target->insert(target->end(), data, data + size);
}

std::vector<uint8_t> PngRow(const Picture& picture, int32_t y, const PngOptions& options) {
  std::vector<uint8_t> row;
  for (int32_t x = 0; x < picture.width; ++x) {
    const uint8_t* p = PixelAt(picture, x, y);
    const auto put = [&](int value) {
      row.push_back(static_cast<uint8_t>(value));
      if (options.sixteen_bit) row.push_back(0);
    };
    put(options.grey ? p[1] : p[2]);
    if (!options.grey) {
      put(p[1]);
      put(p[0]);
    }
    if (options.alpha) put(x % 256);
  }
  return row;
}

}  // namespace

Picture FlatPicture(int32_t width, int32_t height, uint8_t blue, uint8_t green, uint8_t red) {
  Picture picture = Blank(width, height);
  for (size_t i = 0; i < picture.bgr.size(); i += 3) {
    picture.bgr[i] = blue;
    picture.bgr[i + 1] = green;
    picture.bgr[i + 2] = red;
  }
  return picture;
}

Picture WavyPicture(int32_t width, int32_t height) {
  Picture picture = Blank(width, height);
  for (int32_t y = 0; y < height; ++y) {
    for (int32_t x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const double wave = std::sin(x * 0.07 + c) + std::cos(y * 0.11 - c) +
                            0.3 * std::sin(x * 1.3) * std::sin(y * 1.7);
        PixelAt(picture, x, y)[c] =
            static_cast<uint8_t>(std::clamp(128 + 50 * wave, 0.0, 255.0));
      }
    }
  }
  return picture;
}

Picture ReadPicture(const std::filesystem::path& path) {
  const std::string bytes = ReadFile(path);
  auto picture = recognition::DecodePicture(base::AsBytes(bytes), recognition::DecodeLimits{});
  EXPECT_TRUE(picture.ok()) << path << ": " << picture.status().ToString();
  return picture.ok() ? *std::move(picture) : Blank(1, 1);
}

Picture Crop(const Picture& picture, int32_t x, int32_t y, int32_t width, int32_t height) {
  Picture crop = Blank(width, height);
  for (int32_t row = 0; row < height; ++row) {
    std::copy_n(PixelAt(picture, x, y + row), static_cast<size_t>(width) * 3,
                PixelAt(crop, 0, row));
  }
  return crop;
}

Picture MovedRight(const Picture& picture, int32_t pixels) {
  Picture moved = Blank(picture.width, picture.height);
  for (int32_t y = 0; y < picture.height; ++y) {
    for (int32_t x = 0; x < picture.width; ++x) {
      std::copy_n(PixelAt(picture, std::max(0, x - pixels), y), 3, PixelAt(moved, x, y));
    }
  }
  return moved;
}

Picture Resized(const Picture& picture, int32_t width, int32_t height) {
  Picture resized = Blank(width, height);
  for (int32_t y = 0; y < height; ++y) {
    const double sy = std::clamp((y + 0.5) * picture.height / height - 0.5, 0.0,
                                 static_cast<double>(picture.height - 1));
    const auto y0 = static_cast<int32_t>(sy);
    const int32_t y1 = std::min(y0 + 1, picture.height - 1);
    for (int32_t x = 0; x < width; ++x) {
      const double sx = std::clamp((x + 0.5) * picture.width / width - 0.5, 0.0,
                                   static_cast<double>(picture.width - 1));
      const auto x0 = static_cast<int32_t>(sx);
      const int32_t x1 = std::min(x0 + 1, picture.width - 1);
      for (int c = 0; c < 3; ++c) {
        const double top = std::lerp(PixelAt(picture, x0, y0)[c], PixelAt(picture, x1, y0)[c],
                                     sx - x0);
        const double bottom = std::lerp(PixelAt(picture, x0, y1)[c], PixelAt(picture, x1, y1)[c],
                                        sx - x0);
        PixelAt(resized, x, y)[c] =
            static_cast<uint8_t>(std::lround(std::lerp(top, bottom, sy - y0)));
      }
    }
  }
  return resized;
}

base::Bytes EncodeJpeg(const Picture& picture, const JpegOptions& options) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);  // exits the test on an error, which would be the test's own
  jpeg_create_compress(&info);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;  // NOLINT(runtime/int): libjpeg's type
  jpeg_mem_dest(&info, &buffer, &size);
  info.image_width = static_cast<JDIMENSION>(picture.width);
  info.image_height = static_cast<JDIMENSION>(picture.height);
  info.input_components = options.grey ? 1 : options.cmyk ? 4 : 3;
  info.in_color_space = options.grey ? JCS_GRAYSCALE : options.cmyk ? JCS_CMYK : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, options.quality, TRUE);
  if (options.progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  if (options.exif_orientation != 0) {
    const base::Bytes exif = ExifSegment(options.exif_orientation);
    jpeg_write_marker(&info, JPEG_APP0 + 1, exif.data(), static_cast<unsigned>(exif.size()));
  }
  for (int32_t y = 0; y < picture.height; ++y) {
    std::vector<uint8_t> row = JpegRow(picture, y, options);
    JSAMPROW pointer = row.data();
    jpeg_write_scanlines(&info, &pointer, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  base::Bytes bytes(buffer, buffer + size);
  std::free(buffer);
  return bytes;
}

base::Bytes EncodeJpeg(const Picture& picture, int quality) {
  return EncodeJpeg(picture, JpegOptions{.quality = quality});
}

base::Bytes EncodePng(const Picture& picture, const PngOptions& options) {
  base::Bytes bytes;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &bytes, PngWrite, nullptr);
  const int colour = options.grey ? (options.alpha ? PNG_COLOR_TYPE_GRAY_ALPHA : PNG_COLOR_TYPE_GRAY)
                                  : (options.alpha ? PNG_COLOR_TYPE_RGBA : PNG_COLOR_TYPE_RGB);
  png_set_IHDR(png, info, static_cast<png_uint_32>(picture.width),
               static_cast<png_uint_32>(picture.height), options.sixteen_bit ? 16 : 8, colour,
               options.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  if (options.animated) {
    const uint8_t one_frame_for_ever[8] = {0, 0, 0, 1, 0, 0, 0, 0};
    png_write_chunk(png, reinterpret_cast<png_const_bytep>("acTL"), one_frame_for_ever, 8);
  }
  const int passes = options.interlaced ? png_set_interlace_handling(png) : 1;
  for (int pass = 0; pass < passes; ++pass) {
    for (int32_t y = 0; y < picture.height; ++y) {
      png_write_row(png, PngRow(picture, y, options).data());
    }
  }
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return bytes;
}

}  // namespace rollcall::support
