#include "papers/verify.h"

#include <algorithm>
#include <utility>

#include "papers/forms.h"
#include "papers/pdf_reader.h"

namespace rollcall::papers {
namespace {

// The trusted key that a certificate names, or null.
const PublicKey* FindKey(const Summary& summary, const Trust& trust) {
  const std::string key_id = ToBase64Url(summary.key_id);
  const auto key = std::find_if(trust.keys.begin(), trust.keys.end(),
                                [&](const PublicKey& k) { return KeyId(k) == key_id; });
  return key == trust.keys.end() ? nullptr : &*key;
}

// Judges what was signed as `signed_bytes`.
Verification Judge(Summary summary, std::span<const uint8_t> signed_bytes,
                   const Signature& signature, const Trust& trust) {
  Verification result;
  result.summary = std::move(summary);
  const PublicKey* const key = FindKey(result.summary, trust);
  if (key == nullptr) {
    result.verdict = Verdict::kUnknownKey;
    return result;
  }
  if (!SignatureFits(*key, signed_bytes, signature)) {
    result.verdict = Verdict::kAltered;
    return result;
  }
  if (trust.revocations.has_value()) {
    result.revocations_as_of = trust.revocations->issued;
    const Revocation* const revocation = trust.revocations->Find(result.summary.number);
    if (revocation != nullptr) {
      result.revocation = *revocation;
      result.verdict = Verdict::kRevoked;
      return result;
    }
  }
  const bool final = trust.now >= result.summary.final_from;
  result.verdict = final ? Verdict::kValid : Verdict::kNotYetFinal;
  return result;
}

Verification JudgeSummary(Summary summary, const Signature& signature, const Trust& trust) {
  const base::Bytes bytes = SignedBytes(summary);
  return Judge(std::move(summary), bytes, signature, trust);
}

}  // namespace

std::string_view VerdictWord(Verdict verdict) {
  switch (verdict) {
    case Verdict::kValid:
      return "valid";
    case Verdict::kNotYetFinal:
      return "not yet final";
    case Verdict::kRevoked:
      return "revoked";
    case Verdict::kAltered:
      return "altered";
    case Verdict::kUnknownKey:
      return "unknown key";
  }
  ROLLCALL_CHECK(false);
}

absl::StatusOr<Verification> VerifyJson(std::string_view text, const Trust& trust) {
  ASSIGN_OR_RETURN(Certificate certificate, ReadJson(text));
  Verification result =
      JudgeSummary(Summarise(certificate.statement), certificate.signature, trust);
  result.statement = std::move(certificate.statement);
  return result;
}

absl::StatusOr<Verification> VerifyVcJwt(std::string_view text, const Trust& trust) {
  ASSIGN_OR_RETURN(Credential credential, ReadVcJwt(text));
  Summary summary = Summarise(credential.statement);
  Verification result;
  if (KeyId(credential.key) == credential.statement.key_id) {
    result = Judge(std::move(summary), base::AsBytes(credential.signed_text), credential.signature,
                   trust);
  } else {
    // The envelope names one key and the statement another: nobody's certificate.
    result.summary = std::move(summary);
    result.verdict = Verdict::kAltered;
  }
  result.statement = std::move(credential.statement);
  return result;
}

absl::StatusOr<Verification> VerifyQrText(std::string_view text, const Trust& trust) {
  ASSIGN_OR_RETURN(SignedSummary read, ReadQrText(text));
  return JudgeSummary(std::move(read.summary), read.signature, trust);
}

absl::StatusOr<Verification> VerifyPicture(const GreyPicture& picture, const Trust& trust) {
  ASSIGN_OR_RETURN(const std::string text, ReadQrCode(picture, kQrPrefix));
  return VerifyQrText(text, trust);
}

absl::StatusOr<Verification> VerifyPdf(std::span<const uint8_t> pdf, const Trust& trust) {
  ASSIGN_OR_RETURN(const RenderedPage page, RenderFirstPage(pdf));
  return VerifyPicture(page.picture(), trust);
}

}  // namespace rollcall::papers
