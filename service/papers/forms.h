#ifndef ROLLCALL_PAPERS_FORMS_H_
#define ROLLCALL_PAPERS_FORMS_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/status.h"
#include "papers/certificate.h"

// A certificate as text: JSON, a verifiable credential, the text of the QR code. Reading judges the
// form only, and strictly: a text is accepted where making the certificate again gives the same
// content. Whether the signature fits is for papers/verify.h.
namespace rollcall::papers {

constexpr size_t kMaxFormBytes = size_t{4} << 20;

// Names and units: docs/hour-certificate.md. UTF-8, members sorted, indented, a newline at the end.
std::string MakeJson(const Certificate& certificate);

// Spaces and the order of members do not matter; a member that is missing, unknown or there twice,
// or a number with a point, does. InvalidArgument: BAD_CERTIFICATE, not such a text, the message
// saying where; or Validate's.
absl::StatusOr<Certificate> ReadJson(std::string_view text);

// A W3C verifiable credential, Data Model 2.0, as a JWT after "Securing Verifiable Credentials
// using JOSE and COSE": the payload is the credential. Form 1.1 would say issuer, times and id
// twice, in the credential and in claims of the JWT, and every verifier would have to hold them
// together. alg EdDSA, typ vc+jwt; issuer and kid are the key's did:jwk. validFrom is final_from.
// InvalidArgument: as Validate. FailedPrecondition, reason OTHER_KEY: `signer` has not the key that
// the statement names.
absl::StatusOr<std::string> MakeVcJwt(const Statement& statement, const Signer& signer);

struct Credential {
  Statement statement;
  PublicKey key{};  // that of the kid, which is the issuer's; nobody has said to trust it
  std::string signed_text;
  Signature signature{};
};
// InvalidArgument: BAD_CERTIFICATE, not MakeVcJwt's bytes for any statement and key; or Validate's.
absl::StatusOr<Credential> ReadVcJwt(std::string_view text);

// "ROLLCALL1:", then base45 of EncodeSummary and the 64 bytes of the signature: characters of a QR
// code's alphanumeric mode only.
constexpr std::string_view kQrPrefix = "ROLLCALL1:";
std::string MakeQrText(const Certificate& certificate);

struct SignedSummary {
  Summary summary;
  Signature signature{};
};
// InvalidArgument: BAD_CERTIFICATE, not such a text; or as DecodeSummary.
absl::StatusOr<SignedSummary> ReadQrText(std::string_view text);

}  // namespace rollcall::papers

#endif  // ROLLCALL_PAPERS_FORMS_H_
