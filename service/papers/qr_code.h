#ifndef ROLLCALL_PAPERS_QR_CODE_H_
#define ROLLCALL_PAPERS_QR_CODE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

// QR codes (ISO/IEC 18004): made by libqrencode, read by zxing-cpp.
namespace rollcall::papers {

constexpr int kMaxQrVersion = 25;  // 117 modules a side: the finest that a phone reads from paper
constexpr int kQrQuietZone = 4;    // modules of white that must stand around the code
constexpr int kMaxPictureSide = 8192;              // pixels
constexpr int64_t kMaxPicturePixels = 50'000'000;  // the largest phone cameras

// A code without its quiet zone.
struct QrCode {
  int side = 0;                // modules: 17 + 4 * version
  std::vector<uint8_t> black;  // side * side, row by row: 1 black, 0 white

  bool At(int x, int y) const { return black[static_cast<size_t>(y * side + x)] != 0; }
};

// The smallest code that holds `text` at error correction level M (15 % of it may be lost).
// InvalidArgument, reason QR_TOO_LONG: not in the alphanumeric mode's characters, or above
// kMaxQrVersion. The text of a certificate always fits.
absl::StatusOr<QrCode> MakeQrCode(std::string_view text);

// Grey pixels of somebody else: 0 black to 255 white, `stride` bytes from row to row.
struct GreyPicture {
  std::span<const uint8_t> pixels;
  int width = 0;
  int height = 0;
  int stride = 0;
};

// The text of the QR code in a photograph or scan that begins with `prefix`: any angle and
// mirrored, black on white. Codes that begin otherwise do not matter. Takes 10 to 500 ms;
// thread-safe. InvalidArgument: BAD_PICTURE, sizes that do not fit together, or above the limits;
// SEVERAL_QR_CODES, two different texts with `prefix`: nobody could say which one was meant.
// NotFound, reason NO_QR_CODE: none that could be read; nearer, flatter and sharper may help.
absl::StatusOr<std::string> ReadQrCode(const GreyPicture& picture, std::string_view prefix);

}  // namespace rollcall::papers

#endif  // ROLLCALL_PAPERS_QR_CODE_H_
