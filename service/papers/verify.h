#ifndef ROLLCALL_PAPERS_VERIFY_H_
#define ROLLCALL_PAPERS_VERIFY_H_

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "papers/keys.h"
#include "papers/qr_code.h"
#include "papers/revocations.h"
#include "papers/statement.h"

// Is this certificate good? With no network: a certificate, the issuer's key and, better, its
// newest revocation list are enough.
namespace rollcall::papers {

enum class Verdict {
  kValid,
  kNotYetFinal,  // signed, and its publicity period is not over: objections may still undo it
  kRevoked,
  kAltered,     // not what the holder of the key signed
  kUnknownKey,  // signed, if at all, with a key that is not among those given
};
// "valid", "not yet final", "revoked", "altered", "unknown key".
std::string_view VerdictWord(Verdict verdict);

// What the person who verifies believes.
struct Trust {
  std::vector<PublicKey> keys;                // of one operator, today's and earlier ones
  std::optional<RevocationList> revocations;  // that operator's; read with ReadRevocations
  base::Time now;
};

// What was found out. For kAltered and kUnknownKey nothing in it may be believed; it is there to
// say what was claimed.
//
// From a QR code comes the summary alone. It vouches for itself and for no word that is printed
// around it: show it, and let the reader compare name, period and hours with the paper.
struct Verification {
  Verdict verdict = Verdict::kAltered;
  Summary summary;
  std::optional<Statement> statement;    // from JSON and credential
  std::optional<Revocation> revocation;  // for kRevoked
  std::optional<base::Time>
      revocations_as_of;  // issue time of the list that was asked; none: not asked
};

// Each returns an error, as its reader does (papers/forms.h, qr_code.h, pdf_reader.h), where there
// is no certificate to judge. Thread-safe.
absl::StatusOr<Verification> VerifyJson(std::string_view text, const Trust& trust);
absl::StatusOr<Verification> VerifyVcJwt(std::string_view text, const Trust& trust);
absl::StatusOr<Verification> VerifyQrText(std::string_view text, const Trust& trust);
absl::StatusOr<Verification> VerifyPicture(const GreyPicture& picture, const Trust& trust);
// Draws page 1 and reads its QR code, so that what is printed is what is checked.
absl::StatusOr<Verification> VerifyPdf(std::span<const uint8_t> pdf, const Trust& trust);

}  // namespace rollcall::papers

#endif  // ROLLCALL_PAPERS_VERIFY_H_
