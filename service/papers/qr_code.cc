#include "papers/qr_code.h"

#define ZX_USE_UTF8  // Result::text() as UTF-8, as from zxing-cpp 2 on
#include <ZXing/ReadBarcode.h>
#include <qrencode.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace rollcall::papers {
namespace {

using InputPtr = std::unique_ptr<QRinput, decltype(&QRinput_free)>;
using CodePtr = std::unique_ptr<QRcode, decltype(&QRcode_free)>;

absl::Status BadPicture(std::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PICTURE", what);
}

absl::Status CheckPicture(const GreyPicture& picture) {
  if (picture.width < 1 || picture.height < 1 || picture.stride < picture.width) {
    return BadPicture("the picture has no pixels, or rows shorter than its width");
  }
  if (picture.width > kMaxPictureSide || picture.height > kMaxPictureSide ||
      int64_t{picture.width} * picture.height > kMaxPicturePixels) {
    return BadPicture("the picture has more than 50 megapixels, or a side of more than 8192");
  }
  const int64_t needed = int64_t{picture.stride} * (picture.height - 1) + picture.width;
  if (static_cast<int64_t>(picture.pixels.size()) < needed) {
    return BadPicture("the picture has fewer pixels than its size says");
  }
  return absl::OkStatus();
}

absl::Status Several() {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "SEVERAL_QR_CODES",
                         "there are QR codes of two certificates in this picture, and a verdict "
                         "must be on one: take a picture of each");
}

}  // namespace

absl::StatusOr<QrCode> MakeQrCode(std::string_view text) {
  const InputPtr input(QRinput_new2(0, QR_ECLEVEL_M), &QRinput_free);
  CodePtr code(nullptr, &QRcode_free);
  if (input != nullptr &&
      QRinput_append(input.get(), QR_MODE_AN, static_cast<int>(text.size()),
                     reinterpret_cast<const unsigned char*>(text.data())) == 0) {
    code.reset(QRcode_encodeInput(input.get()));
  }
  if (code == nullptr || code->version > kMaxQrVersion) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "QR_TOO_LONG",
                           "the text does not fit into a QR code of version 25");
  }
  QrCode result;
  result.side = code->width;
  result.black.resize(static_cast<size_t>(code->width) * static_cast<size_t>(code->width));
  // The lowest bit is the colour, the others say what a module is for.
  std::transform(code->data, code->data + result.black.size(), result.black.begin(),
                 [](unsigned char module) { return static_cast<uint8_t>(module & 1); });
  return result;
}

absl::StatusOr<std::string> ReadQrCode(const GreyPicture& picture, std::string_view prefix) {
  RETURN_IF_ERROR(CheckPicture(picture));
  const ZXing::ImageView view(picture.pixels.data(), picture.width, picture.height,
                              ZXing::ImageFormat::Lum, picture.stride);
  // The first copes with uneven light, the second with fine codes in a clean scan.
  for (const auto binarizer : {ZXing::Binarizer::LocalAverage, ZXing::Binarizer::GlobalHistogram}) {
    ZXing::DecodeHints hints;
    hints.setFormats(ZXing::BarcodeFormat::QRCode).setBinarizer(binarizer).setTryHarder(true);
    hints.setTryRotate(true).setTryDownscale(true);
    std::optional<std::string> found;
    try {
      for (const ZXing::Result& result : ZXing::ReadBarcodes(view, hints)) {
        if (!result.isValid()) continue;
        const auto& bytes = result.bytes();
        std::string text(bytes.begin(), bytes.end());
        if (!text.starts_with(prefix)) continue;
        if (found.has_value() && *found != text) return Several();
        found = std::move(text);
      }
    } catch (const std::exception&) {
      // zxing-cpp throws on what it did not expect in a picture: not read, then.
    }
    if (found.has_value()) return *std::move(found);
  }
  return base::MakeError(
      absl::StatusCode::kNotFound, "NO_QR_CODE",
      "no certificate's QR code could be read in this picture: take it from nearer, "
      "straight and sharp, with the whole code and its white margin in view");
}

}  // namespace rollcall::papers
