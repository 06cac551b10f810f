#ifndef ROLLCALL_CLI_PAPER_FILE_H_
#define ROLLCALL_CLI_PAPER_FILE_H_

#include <cstddef>
#include <string_view>

#include "base/status.h"
#include "papers/verify.h"

namespace rollcall::cli {

constexpr size_t kMaxPaperBytes = size_t{32} << 20;

// What somebody hands in as a certificate.
enum class PaperForm { kPdf, kPicture, kJson, kVcJwt, kQrText };
// "pdf", "picture", "json", "vc-jwt", "qr-text".
std::string_view FormWord(PaperForm form);

// By content, never by the file's name. InvalidArgument: EMPTY_FILE; UNKNOWN_FILE, none of these,
// the message saying what it looks like where that helps.
absl::StatusOr<PaperForm> FormOf(std::string_view bytes);

// Verifies it. Errors of the form's reader: papers/verify.h, and for pictures those of
// recognition::DecodePicture.
absl::StatusOr<papers::Verification> VerifyPaper(PaperForm form, std::string_view bytes,
                                                 const papers::Trust& trust);

}  // namespace rollcall::cli

#endif  // ROLLCALL_CLI_PAPER_FILE_H_
