#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <vector>

#include "recognition/codecs.h"

namespace rollcall::recognition {
namespace {

constexpr uint8_t kSignature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

uint32_t Big32(std::span<const uint8_t> bytes, size_t at) {
  return static_cast<uint32_t>(bytes[at]) << 24 | static_cast<uint32_t>(bytes[at + 1]) << 16 |
         static_cast<uint32_t>(bytes[at + 2]) << 8 | bytes[at + 3];
}

absl::Status Truncated() {
  return BadPicture("PICTURE_TRUNCATED", "the PNG picture ends before its end chunk");
}

absl::Status Damaged(const std::string& what) {
  return BadPicture("PICTURE_DAMAGED", "damaged PNG picture: " + what);
}

// One chunk: `whole` with length, type and checksum; `data` without.
struct Chunk {
  std::span<const uint8_t> whole;
  std::span<const uint8_t> data;
  bool Is(const char* type) const { return std::memcmp(whole.data() + 4, type, 4) == 0; }
};

// Reads the chunk at `at`. Requires at <= bytes.size().
absl::StatusOr<Chunk> ReadChunk(std::span<const uint8_t> bytes, size_t at) {
  constexpr size_t kFrame = 12;  // length, type, checksum
  if (bytes.size() - at < kFrame) return Truncated();
  const size_t length = Big32(bytes, at);
  if (length > 0x7FFFFFFF) return Damaged("a chunk of impossible length");
  if (bytes.size() - at - kFrame < length) return Truncated();
  return Chunk{bytes.subspan(at, kFrame + length), bytes.subspan(at + 8, length)};
}

absl::Status ReadIhdr(const Chunk& chunk, const DecodeLimits& limits, PictureHeader& header) {
  if (!chunk.Is("IHDR") || chunk.data.size() != 13) return Damaged("it does not begin with IHDR");
  if (chunk.data[8] != 8) {
    return BadPicture("PICTURE_FORMAT", "a PNG with " + std::to_string(chunk.data[8]) +
                                            " bits a channel; accepted are 8");
  }
  RETURN_IF_ERROR(CheckSize(Big32(chunk.data, 0), Big32(chunk.data, 4), limits));
  header.width = static_cast<int32_t>(Big32(chunk.data, 0));
  header.height = static_cast<int32_t>(Big32(chunk.data, 4));
  constexpr int64_t kPasses = 10;  // DecodeLimits::max_passes says of what
  if (kPasses * header.width * header.height > limits.max_passes) {
    return BadPicture("PICTURE_TOO_LARGE",
                      "a PNG of " + std::to_string(header.width) + " x " +
                          std::to_string(header.height) + " pixels; of this format at most " +
                          std::to_string(limits.max_passes / kPasses) +
                          " are accepted here: send a JPEG, or make it smaller");
  }
  return absl::OkStatus();
}

// The picture reduced to what pixels need. Text, colour profiles, time stamps and the like never reach
// libpng: they may be compressed (bombs of their own) and nothing here would use them. Requires bytes
// that passed ReadPngHeader.
std::vector<uint8_t> PixelChunksOnly(std::span<const uint8_t> bytes, const PictureHeader& header) {
  std::vector<uint8_t> kept(bytes.begin(), bytes.begin() + sizeof kSignature);
  kept.reserve(header.end);
  size_t at = sizeof kSignature;
  while (at < header.end) {
    const Chunk chunk = ReadChunk(bytes, at).value();
    at += chunk.whole.size();
    if (chunk.Is("IHDR") || chunk.Is("PLTE") || chunk.Is("IDAT") || chunk.Is("IEND")) {
      kept.insert(kept.end(), chunk.whole.begin(), chunk.whole.end());
    }
  }
  return kept;
}

// ---- libpng -----------------------------------------------------------------------------------

// Errors and warnings leave by longjmp. Nothing with a destructor may live between setjmp and the
// calls that can jump.
struct Reader {
  const uint8_t* data;
  size_t size;
  size_t at;
  char message[128];
};

[[noreturn]] void OnError(png_structp png, png_const_charp message) {
  auto* reader = static_cast<Reader*>(png_get_error_ptr(png));
  std::strncpy(reader->message, message, sizeof reader->message - 1);
  png_longjmp(png, 1);
}

void OnRead(png_structp png, png_bytep target, size_t count) {
  auto* reader = static_cast<Reader*>(png_get_io_ptr(png));
  if (count > reader->size - reader->at) png_error(png, "the data ends too early");
  std::memcpy(target, reader->data + reader->at, count);
  reader->at += count;
}

// Decodes into `rows`, one pointer a row, width * 3 bytes each. False: `reader.message` says why.
bool ReadPixels(Reader& reader, png_bytepp rows, size_t stride) {
  // A warning means data that libpng would paper over, so it is an error too.
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, OnError, OnError);
  if (png == nullptr) return false;
  png_infop info = png_create_info_struct(png);
  if (setjmp(png_jmpbuf(png)) != 0) {
    png_destroy_read_struct(&png, &info, nullptr);
    return false;
  }
  // No ancillary chunk is left that could ask for memory; the limit says so.
  png_set_chunk_malloc_max(png, 1 << 16);
  png_set_read_fn(png, &reader, OnRead);
  png_read_info(png, info);
  png_set_palette_to_rgb(png);
  png_set_gray_to_rgb(png);
  png_set_strip_alpha(png);
  png_set_bgr(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != stride) png_error(png, "unexpected row size");
  png_read_image(png, rows);
  png_read_end(png, nullptr);
  png_destroy_read_struct(&png, &info, nullptr);
  return true;
}

}  // namespace

bool LooksLikePng(std::span<const uint8_t> bytes) {
  return bytes.size() >= sizeof kSignature &&
         std::equal(std::begin(kSignature), std::end(kSignature), bytes.begin());
}

absl::StatusOr<PictureHeader> ReadPngHeader(std::span<const uint8_t> bytes,
                                            const DecodeLimits& limits) {
  PictureHeader header;
  size_t at = sizeof kSignature;
  bool pixels = false;
  while (true) {
    ASSIGN_OR_RETURN(const Chunk chunk, ReadChunk(bytes, at));
    at += chunk.whole.size();
    if (header.width == 0) {
      RETURN_IF_ERROR(ReadIhdr(chunk, limits, header));
    } else if (chunk.Is("IHDR")) {
      return Damaged("two headers");
    } else if (chunk.Is("acTL")) {
      return BadPicture("PICTURE_FORMAT", "an animated PNG; accepted are still pictures");
    } else if (chunk.Is("eXIf")) {
      header.exif = chunk.data;
    } else if (chunk.Is("IDAT")) {
      pixels = true;
    } else if (chunk.Is("IEND")) {
      if (!pixels) return Damaged("it holds no picture data");
      header.end = at;
      return header;
    }
  }
}

absl::Status DecodePng(std::span<const uint8_t> bytes, const PictureHeader& header, uint8_t key,
                       Picture& picture) {
  const std::vector<uint8_t> kept = PixelChunksOnly(bytes, header);
  SetSize(picture, header.width, header.height);
  const size_t stride = static_cast<size_t>(header.width) * 3;
  std::vector<png_bytep> rows(static_cast<size_t>(header.height));
  for (size_t y = 0; y < rows.size(); ++y) {
    rows[y] = picture.bgr.data() + y * stride;
    Poison({rows[y], stride}, key);
  }
  Reader reader{kept.data(), kept.size(), 0, {}};
  if (!ReadPixels(reader, rows.data(), stride)) return Damaged(reader.message);
  for (const png_bytep row : rows) {
    if (StillPoisoned({row, stride}, key)) return Damaged("a row has no pixels");
  }
  return absl::OkStatus();
}

}  // namespace rollcall::recognition
