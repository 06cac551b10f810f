#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <optional>
#include <vector>

// jpeglib.h needs FILE and size_t declared before it.
#include <jpeglib.h>

#include "recognition/codecs.h"
#include "recognition/colour_rows.h"

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

// The rows of a picture in three planes, of which two hold half the columns and half the rows (4:2:0, as nearly
// every camera writes), a stripe of 16 rows at a time. Kept from the stripe before: the last row of each plane,
// since a row's colours lean on the rows above and below it.
class Stripe {
 public:
  static constexpr size_t kRows = 16;
  static constexpr size_t kColourRows = 8;

  // Fresh memory, so that nothing of another picture can show.
  explicit Stripe(const PictureHeader& header)
      : width_(static_cast<size_t>(header.width)),
        height_(static_cast<size_t>(header.height)),
        stride_(kBefore + (width_ + kRows - 1) / kRows * kRows + kColourRowSlack),
        colour_stride_(kBefore + (width_ + kRows - 1) / kRows * kColourRows + kColourRowSlack),
        memory_((kRows + 1) * stride_ + 2 * (kColourRows + 1) * colour_stride_) {
    for (size_t r = 0; r < kRows; ++r) brightness_[r] = Brightness(r + 1);
    for (size_t r = 0; r < kColourRows; ++r) {
      for (size_t c = 0; c < 2; ++c) colours_[c][r] = Colour(c, r + 1);
    }
  }

  Stripe(const Stripe&) = delete;
  Stripe& operator=(const Stripe&) = delete;

  // Where libjpeg writes the next stripe. Poisoned where Written will look.
  JSAMPIMAGE Target(uint8_t key) {
    for (size_t r = 0; r < kRows; ++r) PoisonTellingPlaces({brightness_[r], width_}, key);
    for (size_t r = 0; r < kColourRows; ++r) {
      for (size_t c = 0; c < 2; ++c) PoisonTellingPlaces({colours_[c][r], columns()}, key);
    }
    return planes_;
  }

  // Whether libjpeg has written every row of the picture that stripe `index` holds.
  bool Written(size_t index, uint8_t key) const {
    bool written = true;
    for (size_t r = 0; r < kRows && index * kRows + r < height_; ++r) {
      written = written && !StillPoisoned({brightness_[r], width_}, key);
    }
    for (size_t r = 0; r < kColourRows && index * kColourRows + r < colour_height(); ++r) {
      for (size_t c = 0; c < 2; ++c) written = written && !StillPoisoned({colours_[c][r], columns()}, key);
    }
    return written;
  }

  // Draws the rows that stripe `index` completes: one of the stripe before, and all but the last, whose colours
  // lean on the next stripe.
  void Draw(size_t index, std::span<uint8_t> bgr) {
    for (size_t r = 0; r < kColourRows; ++r) {
      for (size_t c = 0; c < 2; ++c) {  // beyond the border lies the pixel before it
        colours_[c][r][-1] = colours_[c][r][0];
        colours_[c][r][columns()] = colours_[c][r][columns() - 1];
      }
    }
    const size_t first = index * kRows;
    const size_t end = std::min(first + kRows, height_);
    const size_t ready = end == height_ ? end : end - 1;
    for (size_t y = first == 0 ? 0 : first - 1; y < ready; ++y) {
      const size_t near = y / 2;
      const size_t far = y % 2 == 0 ? near - (near > 0 ? 1 : 0) : std::min(near + 1, colour_height() - 1);
      const auto rows = [&](size_t c) {
        return ColourRows{Colour(c, near + 1 - index * kColourRows), Colour(c, far + 1 - index * kColourRows)};
      };
      ConvertColourRow(Brightness(y + 1 - first), rows(0), rows(1), width_, bgr.data() + y * width_ * 3);
    }
    std::memcpy(Brightness(0), Brightness(kRows), width_);
    for (size_t c = 0; c < 2; ++c) std::memcpy(Colour(c, 0) - 1, Colour(c, kColourRows) - 1, columns() + 2);
  }

 private:
  static constexpr size_t kBefore = 64;  // in front of a row: room for the pixel beyond the border

  size_t columns() const { return (width_ + 1) / 2; }
  size_t colour_height() const { return (height_ + 1) / 2; }
  // Row 0 is the one that was kept.
  uint8_t* Brightness(size_t row) { return memory_.data() + kBefore + row * stride_; }
  uint8_t* Colour(size_t c, size_t row) {
    return memory_.data() + (kRows + 1) * stride_ + kBefore + (c * (kColourRows + 1) + row) * colour_stride_;
  }

  const size_t width_;
  const size_t height_;
  const size_t stride_;
  const size_t colour_stride_;
  std::vector<uint8_t> memory_;
  std::array<JSAMPROW, kRows> brightness_{};
  std::array<std::array<JSAMPROW, kColourRows>, 2> colours_{};
  JSAMPARRAY planes_[3] = {brightness_.data(), colours_[0].data(), colours_[1].data()};
};

// Narrower pictures have rows too short to tell whether they were written.
constexpr int32_t kMinStripeWidth = 64;

// Whether `info`, whose header has been read, is stored as Stripe wants it.
bool IsStriped(const jpeg_decompress_struct& info) {
  if (info.jpeg_color_space != JCS_YCbCr || info.num_components != 3) return false;
  const jpeg_component_info* c = info.comp_info;
  return c[0].h_samp_factor == 2 && c[0].v_samp_factor == 2 && c[1].h_samp_factor == 1 &&
         c[1].v_samp_factor == 1 && c[2].h_samp_factor == 1 && c[2].v_samp_factor == 1;
}

// False: a row has no pixels. Nothing here has a destructor, since libjpeg may jump out of it.
bool ReadStripes(jpeg_decompress_struct& info, Stripe& stripe, std::span<uint8_t> bgr, uint8_t key) {
  for (size_t index = 0; info.output_scanline < info.output_height; ++index) {
    if (jpeg_read_raw_data(&info, stripe.Target(key), Stripe::kRows) != Stripe::kRows ||
        !stripe.Written(index, key)) {
      return false;
    }
    stripe.Draw(index, bgr);
  }
  return true;
}

// The same by libjpeg's own colour conversion.
bool ReadRows(jpeg_decompress_struct& info, std::span<uint8_t> bgr, uint8_t key) {
  constexpr JDIMENSION kAtOnce = 2;  // what a stripe of halved colour gives anyway
  const size_t stride = static_cast<size_t>(info.output_width) * 3;
  while (info.output_scanline < info.output_height) {
    const JDIMENSION wanted = std::min(kAtOnce, info.output_height - info.output_scanline);
    const auto rows = bgr.subspan(info.output_scanline * stride, wanted * stride);
    JSAMPROW pointers[kAtOnce] = {rows.data(), rows.data() + (wanted - 1) * stride};
    for (JDIMENSION r = 0; r < wanted; ++r) Poison({pointers[r], stride}, key);
    const JDIMENSION read = jpeg_read_scanlines(&info, pointers, wanted);
    if (read == 0) return false;
    for (JDIMENSION r = 0; r < read; ++r) {
      if (StillPoisoned({pointers[r], stride}, key)) return false;
    }
  }
  return true;
}

// Decodes into `picture`, whose sizes are set and whose buffer fits them. `stripe`: for a whole picture of
// kMinStripeWidth or more, else null. False: `manager.message` says why.
bool Decompress(std::span<const uint8_t> bytes, DecodeScale scale, Picture& picture, Stripe* stripe,
                const DecodeLimits& limits, uint8_t key, ErrorManager& manager) {
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
  info.raw_data_out = stripe != nullptr && IsStriped(info) ? TRUE : FALSE;
  info.out_color_space = info.raw_data_out == TRUE ? JCS_YCbCr : JCS_EXT_BGR;
  info.scale_num = 1;
  info.scale_denom = static_cast<unsigned>(scale);
  // It guesses what did not come. Here everything has, and its code had an overflow
  // (CVE-2021-29390).
  info.do_block_smoothing = FALSE;
  jpeg_start_decompress(&info);
  if (info.output_width != static_cast<JDIMENSION>(picture.width) ||
      info.output_height != static_cast<JDIMENSION>(picture.height)) {
    std::snprintf(manager.message, sizeof manager.message, "two different sizes");
    jpeg_destroy_decompress(&info);
    return false;
  }
  if (!(info.raw_data_out == TRUE ? ReadStripes(info, *stripe, picture.bgr, key)
                                  : ReadRows(info, picture.bgr, key))) {
    std::snprintf(manager.message, sizeof manager.message, "a row has no pixels");
    jpeg_destroy_decompress(&info);
    return false;
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

absl::Status DecodeJpeg(std::span<const uint8_t> bytes, const PictureHeader& header,
                        const DecodeLimits& limits, DecodeScale scale, uint8_t key, Picture& picture) {
  SetSize(picture, ScaledSide(header.width, scale), ScaledSide(header.height, scale));
  std::optional<Stripe> stripe;
  if (scale == DecodeScale::kWhole && header.width >= kMinStripeWidth) stripe.emplace(header);
  ErrorManager manager{};
  if (!Decompress(bytes.first(header.end), scale, picture, stripe ? &*stripe : nullptr, limits, key, manager)) {
    return Damaged(manager.message);
  }
  return absl::OkStatus();
}

}  // namespace rollcall::recognition
