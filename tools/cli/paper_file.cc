#include "cli/paper_file.h"

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "papers/forms.h"
#include "recognition/decode.h"

namespace rollcall::cli {
namespace {

struct Magic {
  std::string_view begin;
  size_t offset;
  std::string_view advice;
};
// What people send instead.
constexpr Magic kOthers[] = {
    {"ftyp", 4, "this is a HEIC or AVIF picture or a film: save the picture as JPEG or PNG"},
    {"RIFF", 0, "this is a WebP picture or a recording: save the picture as JPEG or PNG"},
    {"GIF8", 0, "this is a GIF picture: save it as PNG"},
    {"BM", 0, "this is a BMP picture: save it as PNG"},
    {"II*", 0, "this is a TIFF picture: save it as PNG"},
    {"PK\x03\x04", 0, "this is an archive or an office document: take out the PDF"},
    {"\xD0\xCF\x11\xE0", 0, "this is an office document: the certificate is the PDF as issued"},
    {"-----BEGIN", 0, "this is a key or an X.509 certificate, not an hour certificate"},
    {"rollcall revocations", 0, "this is a revocation list: give it with --revocations"},
    {"c2sp.org/tlog-proof", 0, "this is a receipt: see `rollcall verify receipt`"},
};

// A person's own computer looks at one picture: a phone's largest are allowed, with the memory and
// the time that they take.
recognition::DecodeLimits PictureLimits() {
  recognition::DecodeLimits limits;
  limits.max_bytes = kMaxPaperBytes;
  limits.max_side = papers::kMaxPictureSide;
  limits.max_pixels = papers::kMaxPicturePixels;
  limits.max_passes = 1'000'000'000;
  limits.max_memory_bytes = int64_t{768} << 20;
  return limits;
}

// ITU-R BT.601, as every grey picture of a colour one.
std::vector<uint8_t> Grey(const recognition::Picture& picture) {
  const size_t pixels = static_cast<size_t>(picture.width) * static_cast<size_t>(picture.height);
  std::vector<uint8_t> grey(pixels);
  for (size_t i = 0; i < pixels; ++i) {
    const uint8_t* const bgr = &picture.bgr[3 * i];
    grey[i] = static_cast<uint8_t>((114u * bgr[0] + 587u * bgr[1] + 299u * bgr[2] + 500u) / 1000u);
  }
  return grey;
}

absl::StatusOr<papers::Verification> VerifyPicture(std::string_view bytes,
                                                   const papers::Trust& trust) {
  ASSIGN_OR_RETURN(const recognition::Picture picture,
                   recognition::DecodePicture(base::AsBytes(bytes), PictureLimits()));
  const std::vector<uint8_t> grey = Grey(picture);
  return papers::VerifyPicture({grey, picture.width, picture.height, picture.width}, trust);
}

std::string_view WithoutSpaceAround(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// A space is a digit of base45.
std::string_view WithoutLineEnd(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string_view FormWord(PaperForm form) {
  switch (form) {
    case PaperForm::kPdf:
      return "pdf";
    case PaperForm::kPicture:
      return "picture";
    case PaperForm::kJson:
      return "json";
    case PaperForm::kVcJwt:
      return "vc-jwt";
    case PaperForm::kQrText:
      return "qr-text";
  }
  return "";
}

absl::StatusOr<PaperForm> FormOf(std::string_view bytes) {
  const std::string_view text = WithoutSpaceAround(bytes);
  if (text.empty()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "EMPTY_FILE", "the file is empty");
  }
  if (bytes.starts_with("%PDF-")) return PaperForm::kPdf;
  if (bytes.starts_with("\xFF\xD8") || bytes.starts_with("\x89PNG")) return PaperForm::kPicture;
  if (text.starts_with('{')) return PaperForm::kJson;
  if (bytes.starts_with(papers::kQrPrefix)) return PaperForm::kQrText;
  if (text.starts_with("eyJ")) return PaperForm::kVcJwt;  // {" in base64url
  std::string message = "this is no PDF, JPEG or PNG picture, JSON or VC-JWT";
  for (const Magic& other : kOthers) {
    if (bytes.size() > other.offset && bytes.substr(other.offset).starts_with(other.begin)) {
      message = other.advice;
      break;
    }
  }
  return base::MakeError(absl::StatusCode::kInvalidArgument, "UNKNOWN_FILE", message);
}

absl::StatusOr<papers::Verification> VerifyPaper(PaperForm form, std::string_view bytes,
                                                 const papers::Trust& trust) {
  switch (form) {
    case PaperForm::kPdf:
      return papers::VerifyPdf(base::AsBytes(bytes), trust);
    case PaperForm::kPicture:
      return VerifyPicture(bytes, trust);
    case PaperForm::kJson:
      return papers::VerifyJson(bytes, trust);
    case PaperForm::kVcJwt:
      return papers::VerifyVcJwt(WithoutSpaceAround(bytes), trust);
    case PaperForm::kQrText:
      return papers::VerifyQrText(WithoutLineEnd(bytes), trust);
  }
  ROLLCALL_CHECK(false);
}

}  // namespace rollcall::cli
