#include <csetjmp>
#include <cstdio>
#include <cstring>

// jpeglib.h needs FILE and size_t declared before it.
#include <jpeglib.h>

#include "recognition/codecs.h"

namespace rollcall::recognition {
namespace {

// Markers of ITU-T T.81, table B.1.
constexpr uint8_t kSoi = 0xD8;
constexpr uint8_t kEoi = 0xD9;
constexpr uint8_t kSos = 0xDA;
constexpr uint8_t kTem = 0x01;
constexpr uint8_t kApp1 = 0xE1;

bool IsRestart(uint8_t marker) { return marker >= 0xD0 && marker <= 0xD7; }

// Start of a frame of any process; C4 (tables), C8 (reserved) and CC (arithmetic conditioning) are not.
bool IsFrame(uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

uint16_t Big16(std::span<const uint8_t> bytes, size_t at) {
  return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

absl::Status Truncated() {
  return BadPicture("PICTURE_TRUNCATED", "the JPEG picture ends before its end marker");
}

absl::Status Damaged(const std::string& what) {
  return BadPicture("PICTURE_DAMAGED", "damaged JPEG picture: " + what);
}

// `frame`: the payload of a start-of-frame segment.
absl::Status ReadFrame(uint8_t marker, std::span<const uint8_t> frame, const DecodeLimits& limits,
                       PictureHeader& header) {
  if (header.width != 0) return Damaged("two frames in one picture");
  // Baseline, extended sequential and progressive, Huffman coded. The rest (lossless, hierarchical,
  // arithmetic) comes from no camera and would only widen what a stranger can reach.
  if (marker > 0xC2) {
    return BadPicture("PICTURE_FORMAT", "a JPEG of a kind that is not accepted (baseline and "
                                        "progressive Huffman-coded ones are)");
  }
  if (frame.size() < 6) return Damaged("the frame header is too short");
  if (frame[0] != 8) {
    return BadPicture("PICTURE_FORMAT",
                      "a JPEG with " + std::to_string(frame[0]) + " bits a sample; accepted are 8");
  }
  const int components = frame[5];
  if (components != 1 && components != 3) {
    return BadPicture("PICTURE_FORMAT", "a JPEG with " + std::to_string(components) +
                                            " colour components (CMYK has 4); accepted are 1 and 3");
  }
  RETURN_IF_ERROR(CheckSize(Big16(frame, 3), Big16(frame, 1), limits));
  header.height = Big16(frame, 1);
  header.width = Big16(frame, 3);
  return absl::OkStatus();
}

// Returns the place of the first marker at or after `at` that is not part of coded data: FF 00 is a
// stuffed byte, FF D0..D7 restarts the coder, further FF are fill. `bytes.size()` where there is none.
size_t SkipCodedData(std::span<const uint8_t> bytes, size_t at) {
  while (at + 1 < bytes.size()) {
    const auto* found =
        static_cast<const uint8_t*>(std::memchr(bytes.data() + at, 0xFF, bytes.size() - at - 1));
    if (found == nullptr) break;
    at = static_cast<size_t>(found - bytes.data());
    const uint8_t next = bytes[at + 1];
    if (next != 0 && next != 0xFF && !IsRestart(next)) return at;
    at += next == 0xFF ? 1 : 2;
  }
  return bytes.size();
}

// ---- libjpeg ----------------------------------------------------------------------------------

// Errors and warnings of libjpeg leave by longjmp, as its documentation asks. Nothing with a
// destructor may live between setjmp and the calls that can jump.
struct ErrorManager {
  jpeg_error_mgr base;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void Leave(j_common_ptr info) {
  auto* manager = reinterpret_cast<ErrorManager*>(info->err);
  info->err->format_message(info, manager->message);
  std::longjmp(manager->jump, 1);
}

// Level -1 is a warning: data that libjpeg would paper over with grey. Half a picture is no picture.
void OnMessage(j_common_ptr info, int level) {
  if (level < 0) Leave(info);
}

// Decodes into `pixels`, header.width * header.height * 3 bytes. False: `manager.message` says why.
bool Decompress(std::span<const uint8_t> bytes, const PictureHeader& header, uint8_t* pixels,
                ErrorManager& manager) {
  jpeg_decompress_struct info{};
  info.err = jpeg_std_error(&manager.base);
  manager.base.error_exit = Leave;
  manager.base.emit_message = OnMessage;
  if (setjmp(manager.jump) != 0) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes.data(), bytes.size());
  jpeg_read_header(&info, TRUE);
  info.out_color_space = JCS_EXT_BGR;
  jpeg_start_decompress(&info);
  const size_t stride = static_cast<size_t>(header.width) * 3;
  if (info.output_width != static_cast<JDIMENSION>(header.width) ||
      info.output_height != static_cast<JDIMENSION>(header.height)) {
    std::snprintf(manager.message, sizeof manager.message, "two different sizes");
    jpeg_destroy_decompress(&info);
    return false;
  }
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = pixels + info.output_scanline * stride;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return true;
}

}  // namespace

bool LooksLikeJpeg(std::span<const uint8_t> bytes) {
  return bytes.size() >= 3 && bytes[0] == 0xFF && bytes[1] == kSoi && bytes[2] == 0xFF;
}

absl::StatusOr<PictureHeader> ReadJpegHeader(std::span<const uint8_t> bytes,
                                             const DecodeLimits& limits) {
  PictureHeader header;
  size_t at = 2;  // past the start marker
  while (at + 1 < bytes.size()) {
    if (bytes[at] != 0xFF) return Damaged("a marker was expected");
    const uint8_t marker = bytes[at + 1];
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    if (marker == kEoi) {
      if (header.scans == 0) return Damaged("it holds no picture data");
      header.end = at + 2;
      return header;
    }
    if (marker == 0 || marker == kSoi || marker == kTem || IsRestart(marker)) {
      return Damaged("a marker in the wrong place");
    }
    if (at + 4 > bytes.size()) return Truncated();
    const size_t length = Big16(bytes, at + 2);  // counts its own two bytes
    if (length < 2) return Damaged("a segment of impossible length");
    if (at + 2 + length > bytes.size()) return Truncated();
    const auto payload = bytes.subspan(at + 4, length - 2);
    at += 2 + length;

    if (IsFrame(marker)) {
      RETURN_IF_ERROR(ReadFrame(marker, payload, limits, header));
    } else if (marker == kApp1 && header.exif.empty() && payload.size() > 6 &&
               std::memcmp(payload.data(), "Exif\0\0", 6) == 0) {
      header.exif = payload.subspan(6);
    } else if (marker == kSos) {
      if (header.width == 0) return Damaged("picture data before the frame header");
      if (++header.scans > limits.max_scans) {
        return BadPicture("PICTURE_SCANS", "a progressive JPEG with more than " +
                                               std::to_string(limits.max_scans) + " scans");
      }
      at = SkipCodedData(bytes, at);
    }
  }
  return Truncated();
}

absl::StatusOr<Picture> DecodeJpeg(std::span<const uint8_t> bytes, const PictureHeader& header) {
  Picture picture;
  picture.width = header.width;
  picture.height = header.height;
  picture.bgr.resize(static_cast<size_t>(header.width) * static_cast<size_t>(header.height) * 3);
  ErrorManager manager{};
  if (!Decompress(bytes.first(header.end), header, picture.bgr.data(), manager)) {
    return Damaged(manager.message);
  }
  return picture;
}

}  // namespace rollcall::recognition
