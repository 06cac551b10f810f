#include <algorithm>
#include <array>
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

// Start of a frame of any process; C4 (tables), C8 (reserved) and CC (arithmetic conditioning) are
// not.
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

constexpr size_t kMaxComponents = 3;
constexpr size_t kCoefficients = 64;  // of one block

// The frame header, and what the scans have brought of it so far. libjpeg fills in grey for what
// never comes, without a warning; here that is a damaged picture.
class Frame {
 public:
  bool present() const { return components_ > 0; }
  bool several_scans() const { return progressive_ || scans_ > 1; }

  // `payload`: of a start-of-frame segment.
  absl::Status Read(uint8_t marker, std::span<const uint8_t> payload, const DecodeLimits& limits,
                    PictureHeader& header) {
    if (present()) return Damaged("two frames in one picture");
    // Baseline, extended sequential and progressive, Huffman coded. The rest (lossless,
    // hierarchical, arithmetic) comes from no camera and would only widen what a stranger can
    // reach.
    if (marker > 0xC2) {
      return BadPicture("PICTURE_FORMAT",
                        "a JPEG of a kind that is not accepted (baseline and "
                        "progressive Huffman-coded ones are)");
    }
    if (payload.size() < 6) return Damaged("the frame header is too short");
    if (payload[0] != 8) {
      return BadPicture("PICTURE_FORMAT", "a JPEG with " + std::to_string(payload[0]) +
                                              " bits a sample; accepted are 8");
    }
    const size_t components = payload[5];
    if (components != 1 && components != kMaxComponents) {
      return BadPicture("PICTURE_FORMAT",
                        "a JPEG with " + std::to_string(components) +
                            " colour components (CMYK has 4); accepted are 1 and 3");
    }
    if (payload.size() != 6 + components * 3) return Damaged("a frame header of the wrong length");
    RETURN_IF_ERROR(CheckSize(Big16(payload, 3), Big16(payload, 1), limits));
    header.height = Big16(payload, 1);
    header.width = Big16(payload, 3);
    components_ = components;
    progressive_ = marker == 0xC2;
    for (auto& bits : missing_bits_) bits.fill(kNeverSent);
    return ReadSampling(payload.subspan(6), header);
  }

  // `payload`: of a start-of-scan segment. Finds fault with the scan only through Complete, so that
  // a bomb of thousands is called one.
  void ReadScan(std::span<const uint8_t> payload) {
    ++scans_;
    const size_t count = payload.empty() ? 0 : payload[0];
    if (count == 0 || count > components_ || payload.size() != 4 + count * 2) {
      sound_ = false;
      return;
    }
    for (size_t i = 0; i < count; ++i) ReadScanOf(payload[1 + i * 2], payload.last(3));
  }

  // Whether every component, and every bit of its coefficients, has come, once and in order (T.81,
  // G.1.1.1).
  bool Complete() const {
    bool complete = sound_;
    for (size_t c = 0; c < components_; ++c) {
      for (const int8_t missing : missing_bits_[c]) complete = complete && missing == 0;
    }
    return complete;
  }

 private:
  static constexpr int8_t kNeverSent = -1;

  absl::Status ReadSampling(std::span<const uint8_t> components, PictureHeader& header) {
    int most_across = 1;
    int most_down = 1;
    for (size_t c = 0; c < components_; ++c) {
      ids_[c] = components[c * 3];
      const int across = components[c * 3 + 1] >> 4;
      const int down = components[c * 3 + 1] & 15;
      if (across < 1 || across > 4 || down < 1 || down > 4) return Damaged("impossible sampling");
      most_across = std::max(most_across, across);
      most_down = std::max(most_down, down);
    }
    // libjpeg keeps whole units of most_across x most_down blocks, two bytes a coefficient.
    const int64_t units = ((header.width + 8 * most_across - 1) / (8 * most_across)) *
                          ((header.height + 8 * most_down - 1) / (8 * most_down));
    for (size_t c = 0; c < components_; ++c) {
      const int blocks = (components[c * 3 + 1] >> 4) * (components[c * 3 + 1] & 15);
      header.coefficient_bytes += units * blocks * static_cast<int64_t>(kCoefficients) * 2;
    }
    return absl::OkStatus();
  }

  // `band`: first and last coefficient, and the bits that were and that are still missing.
  void ReadScanOf(uint8_t id, std::span<const uint8_t> band) {
    size_t c = 0;
    while (c < components_ && ids_[c] != id) ++c;
    const size_t first = progressive_ ? band[0] : 0;
    const size_t last = progressive_ ? band[1] : kCoefficients - 1;
    const auto before = static_cast<int8_t>(progressive_ ? band[2] >> 4 : 0);
    const auto after = static_cast<int8_t>(progressive_ ? band[2] & 15 : 0);
    if (c == components_ || first > last || last >= kCoefficients) {
      sound_ = false;
      return;
    }
    for (size_t k = first; k <= last; ++k) {
      int8_t& missing = missing_bits_[c][k];
      const bool first_time = missing == kNeverSent;
      if (first_time ? before != 0 : before != missing || after + 1 != before) sound_ = false;
      missing = after;
    }
  }

  size_t components_ = 0;
  bool progressive_ = false;
  int32_t scans_ = 0;
  bool sound_ = true;
  std::array<uint8_t, kMaxComponents> ids_{};
  // How many low bits of each coefficient have not come yet.
  std::array<std::array<int8_t, kCoefficients>, kMaxComponents> missing_bits_{};
};

// What decoding will take, held against `limits`.
absl::Status CheckCost(const PictureHeader& header, const DecodeLimits& limits) {
  const int64_t pixels = int64_t{header.width} * header.height;
  const std::string size =
      std::to_string(header.width) + " x " + std::to_string(header.height) + " pixels";
  const int64_t passes = 2 + (header.coefficient_bytes > 0 ? header.scans : 0);
  if (pixels * passes > limits.max_passes) {
    return BadPicture("PICTURE_SCANS", "a JPEG of " + size + " in " + std::to_string(header.scans) +
                                           " scans; save it smaller, or not progressive");
  }
  if (pixels * 3 + header.coefficient_bytes > limits.max_memory_bytes) {
    return BadPicture("PICTURE_TOO_LARGE", "a progressive JPEG of " + size +
                                               " takes too much memory; save it smaller, or not "
                                               "progressive");
  }
  return absl::OkStatus();
}

// Returns the place of the first marker at or after `at` that is not part of coded data: FF 00 is a
// stuffed byte, FF D0..D7 restarts the coder, further FF are fill. `bytes.size()` where there is
// none.
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

// Level -1 is a warning: data that libjpeg would paper over with grey. Half a picture is no
// picture.
void OnMessage(j_common_ptr info, int level) {
  if (level < 0) Leave(info);
}

// Decodes into `pixels`, header.width * header.height * 3 bytes. False: `manager.message` says why.
bool Decompress(std::span<const uint8_t> bytes, const PictureHeader& header,
                std::span<uint8_t> pixels, const DecodeLimits& limits, uint8_t key,
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
  // Beyond it libjpeg would go to temporary files; Debian's is built without and makes it an error.
  info.mem->max_memory_to_use = static_cast<long>(limits.max_memory_bytes);
  jpeg_mem_src(&info, bytes.data(), bytes.size());
  jpeg_read_header(&info, TRUE);
  info.out_color_space = JCS_EXT_BGR;
  // It guesses what did not come. Here everything has, and its code had an overflow
  // (CVE-2021-29390).
  info.do_block_smoothing = FALSE;
  jpeg_start_decompress(&info);
  const size_t stride = static_cast<size_t>(header.width) * 3;
  if (info.output_width != static_cast<JDIMENSION>(header.width) ||
      info.output_height != static_cast<JDIMENSION>(header.height)) {
    std::snprintf(manager.message, sizeof manager.message, "two different sizes");
    jpeg_destroy_decompress(&info);
    return false;
  }
  while (info.output_scanline < info.output_height) {
    const auto row = pixels.subspan(info.output_scanline * stride, stride);
    Poison(row, key);
    JSAMPROW pointer = row.data();
    if (jpeg_read_scanlines(&info, &pointer, 1) != 1 || StillPoisoned(row, key)) {
      std::snprintf(manager.message, sizeof manager.message, "a row has no pixels");
      jpeg_destroy_decompress(&info);
      return false;
    }
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
  Frame frame;
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
      if (!frame.Complete()) return Damaged("a part of the picture data is missing or comes twice");
      if (!frame.several_scans()) header.coefficient_bytes = 0;
      RETURN_IF_ERROR(CheckCost(header, limits));
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
      RETURN_IF_ERROR(frame.Read(marker, payload, limits, header));
    } else if (marker == kApp1 && header.exif.empty() && payload.size() > 6 &&
               std::memcmp(payload.data(), "Exif\0\0", 6) == 0) {
      header.exif = payload.subspan(6);
    } else if (marker == kSos) {
      if (!frame.present()) return Damaged("picture data before the frame header");
      frame.ReadScan(payload);
      if (++header.scans > limits.max_scans) {
        return BadPicture("PICTURE_SCANS", "a progressive JPEG with more than " +
                                               std::to_string(limits.max_scans) + " scans");
      }
      at = SkipCodedData(bytes, at);
    }
  }
  return Truncated();
}

absl::StatusOr<Picture> DecodeJpeg(std::span<const uint8_t> bytes, const PictureHeader& header,
                                   const DecodeLimits& limits, uint8_t key) {
  Picture picture;
  picture.width = header.width;
  picture.height = header.height;
  picture.bgr.resize(static_cast<size_t>(header.width) * static_cast<size_t>(header.height) * 3);
  ErrorManager manager{};
  if (!Decompress(bytes.first(header.end), header, picture.bgr, limits, key, manager)) {
    return Damaged(manager.message);
  }
  return picture;
}

}  // namespace rollcall::recognition
