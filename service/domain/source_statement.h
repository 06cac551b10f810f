#ifndef ROLLCALL_DOMAIN_SOURCE_STATEMENT_H_
#define ROLLCALL_DOMAIN_SOURCE_STATEMENT_H_

#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "domain/evidence.h"
#include "domain/ids.h"

namespace rollcall::domain {

// What a kiosk says of where its pictures come from, and signs.
struct SourceStatement {
  base::Uuid nonce;    // the stream's, which the server chose; without a stream the request's id
  SessionKey session;  // a stream's as the server resolved it, a request's as it was written
  SourceKind source = SourceKind::kNone;
  std::string device;  // what takes the pictures; may be empty
  base::Time time;     // of signing
  // SHA-256 of the DER of the certificate that it connects with, which names the kiosk.
  base::Sha256Digest certificate{};
};

// The bytes that are signed, as docs/source-signature.md gives them: no two statements have the
// same. Pure.
base::Bytes Canonical(const SourceStatement& statement);

}  // namespace rollcall::domain

#endif  // ROLLCALL_DOMAIN_SOURCE_STATEMENT_H_
