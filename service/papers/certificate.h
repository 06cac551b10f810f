#ifndef ROLLCALL_PAPERS_CERTIFICATE_H_
#define ROLLCALL_PAPERS_CERTIFICATE_H_

#include <span>

#include "base/bytes.h"
#include "base/status.h"
#include "papers/keys.h"
#include "papers/statement.h"

// The bytes that are hashed and signed (docs/hour-certificate.md has them for strangers), and the
// certificate that comes of it.
namespace rollcall::papers {

// A statement and the signature over the SignedBytes of its summary.
struct Certificate {
  Statement statement;
  Signature signature{};
};

// The canonical bytes of a statement that Validate allows; one statement has one form.
base::Bytes EncodeStatement(const Statement& statement);
// Strict: bytes that EncodeStatement does not make are refused, those of a statement that Validate
// refuses included. InvalidArgument, reason BAD_STATEMENT, or Validate's.
absl::StatusOr<Statement> DecodeStatement(std::span<const uint8_t> bytes);

// The summary of a valid statement. Cost: one SHA-256 over the statement's bytes.
Summary Summarise(const Statement& statement);

// The summary's fields alone, as the QR code carries them, and back, as strictly.
// InvalidArgument, reason BAD_SUMMARY, or Validate's.
base::Bytes EncodeSummary(const Summary& summary);
absl::StatusOr<Summary> DecodeSummary(std::span<const uint8_t> bytes);

// What the key signs: "rollcall hour certificate 1", NUL, EncodeSummary.
base::Bytes SignedBytes(const Summary& summary);

// Signs. `statement.key_id` is set here, whatever it was. InvalidArgument: as Validate.
absl::StatusOr<Certificate> Issue(Statement statement, const Signer& signer);

}  // namespace rollcall::papers

#endif  // ROLLCALL_PAPERS_CERTIFICATE_H_
