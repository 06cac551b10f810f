// What strangers hand in as an hour certificate or a revocation list. The first byte chooses:
//   'J' JSON; 'W' VC-JWT; 'Q' the text of a QR code; 'R' a revocation list;
//   'r' the body of a list, signed here with the right key, so that what is behind the signature is
//   reached too; 'B' the bytes of a statement, 'b' those of a summary.
#include <array>
#include <string>

#include "fuzz.h"
#include "papers/forms.h"
#include "papers/revocations.h"
#include "papers/verify.h"

namespace {

using namespace rollcall;  // NOLINT: a program of its own
using fuzz::Promise;

// The key of the corpus: that of tests/golden/hour_certificate_v1.json.
const papers::SeedSigner& Signer() {
  static const papers::SeedSigner signer([] {
    static std::array<uint8_t, 32> seed;
    seed.fill(7);
    return std::span<const uint8_t, 32>(seed);
  }());
  return signer;
}

const papers::Trust& Trust() {
  static const papers::Trust trust{
      {Signer().public_key()}, std::nullopt, base::ParseTime("2027-01-01T00:00:00Z").value()};
  return trust;
}

// The corpus holds one signed certificate; nobody here can sign another.
void TryVerification(const absl::StatusOr<papers::Verification>& result) {
  if (!result.ok()) return fuzz::PromiseAPlainRefusal(result.status());
  if (result->verdict == papers::Verdict::kAltered ||
      result->verdict == papers::Verdict::kUnknownKey) {
    return;
  }
  const papers::Summary& summary = result->summary;
  Promise(summary.number == "QH-2026-000123" && summary.minutes.Total() == 460 &&
              summary.volunteer_id == "V-2019-0042",
          "a certificate verifies that nobody signed");
}

void TryJson(std::string_view text) {
  TryVerification(papers::VerifyJson(text, Trust()));
  const auto certificate = papers::ReadJson(text);
  if (!certificate.ok()) return;
  const auto again = papers::ReadJson(papers::MakeJson(*certificate));
  Promise(again.ok() && again->statement == certificate->statement &&
              again->signature == certificate->signature,
          "a certificate changes when it is written as JSON again");
  const auto decoded = papers::DecodeStatement(papers::EncodeStatement(certificate->statement));
  Promise(decoded.ok() && *decoded == certificate->statement, "a statement has two encodings");
}

void TryQrText(std::string_view text) {
  TryVerification(papers::VerifyQrText(text, Trust()));
  const auto read = papers::ReadQrText(text);
  if (!read.ok()) return;
  base::Bytes bytes = papers::EncodeSummary(read->summary);
  bytes.insert(bytes.end(), read->signature.begin(), read->signature.end());
  Promise(std::string(papers::kQrPrefix) + papers::ToBase45(bytes) == text,
          "a QR code's text has two readings");
}

void TryRevocations(std::string_view text, bool ours) {
  const std::array<papers::PublicKey, 1> keys = {Signer().public_key()};
  const auto list = papers::ReadRevocations(text, keys, nullptr);
  if (!list.ok()) return fuzz::PromiseAPlainRefusal(list.status());
  const auto again = papers::MakeRevocations(*list, Signer());
  Promise(again.ok() && *again == text, "a revocation list has two forms");
  Promise(ours || list->version == 3, "a revocation list is taken that nobody signed");
}

void TrySigned(std::string_view body) {
  TryRevocations(std::string(body) + "signed " + papers::KeyId(Signer().public_key()) + " " +
                     papers::ToBase64Url(Signer().Sign(base::AsBytes(body))) + "\n",
                 true);
}

void TryStatement(std::span<const uint8_t> bytes) {
  const auto statement = papers::DecodeStatement(bytes);
  if (!statement.ok()) return fuzz::PromiseAPlainRefusal(statement.status());
  const base::Bytes again = papers::EncodeStatement(*statement);
  Promise(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()),
          "the bytes of a statement have two readings");
}

void TrySummary(std::span<const uint8_t> bytes) {
  const auto summary = papers::DecodeSummary(bytes);
  if (!summary.ok()) return fuzz::PromiseAPlainRefusal(summary.status());
  const base::Bytes again = papers::EncodeSummary(*summary);
  Promise(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()),
          "the bytes of a summary have two readings");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text = fuzz::Text(data + 1, size - 1);
  switch (data[0]) {
    case 'J':
      TryJson(text);
      break;
    case 'W':
      TryVerification(papers::VerifyVcJwt(text, Trust()));
      break;
    case 'Q':
      TryQrText(text);
      break;
    case 'R':
      TryRevocations(text, false);
      break;
    case 'r':
      TrySigned(text);
      break;
    case 'B':
      TryStatement({data + 1, size - 1});
      break;
    case 'b':
      TrySummary({data + 1, size - 1});
      break;
    default:
      break;
  }
  return 0;
}
