#include "access/identity_book.h"

#include "access/rules.h"
#include "certificates/certificate_info.h"

namespace rollcall::access {
namespace {

absl::Status NotAdmitted(std::string_view reason, std::string_view message) {
  return base::MakeError(absl::StatusCode::kUnauthenticated, reason, message);
}

}  // namespace

void IdentityBook::Put(const base::Sha256Digest& fingerprint, const domain::Caller& caller,
                       base::Time expires) {
  const base::MutexLock lock(mutex_);
  entries_[fingerprint] = {caller, expires, false};
}

void IdentityBook::Revoke(std::string_view identity) {
  const base::MutexLock lock(mutex_);
  for (auto& [fingerprint, entry] : entries_) {
    if (entry.caller.identity == identity) entry.revoked = true;
  }
}

absl::StatusOr<domain::Caller> IdentityBook::Find(std::string_view certificate_pem,
                                                  base::Time now) const {
  const auto certificate = certificates::Inspect(certificate_pem);
  if (!certificate.ok()) return NotAdmitted("BAD_CERTIFICATE", "this is no certificate");
  const base::MutexLock lock(mutex_);
  const auto found = entries_.find(certificate->fingerprint);
  if (found == entries_.end()) {
    return NotAdmitted("UNKNOWN_CERTIFICATE",
                       "this certificate was not issued here; ask the administrator for one");
  }
  const Entry& entry = found->second;
  if (entry.revoked) {
    return NotAdmitted("IDENTITY_REVOKED",
                       "this identity has been revoked; ask the administrator for a new one");
  }
  if (now >= entry.expires) {
    return NotAdmitted("CERTIFICATE_EXPIRED",
                       "this certificate has expired; ask the administrator for a new one");
  }
  if (certificate->uris != std::vector{IdentityUri(entry.caller)}) {
    return NotAdmitted("CERTIFICATE_CHANGED",
                       "this certificate is for another role or place; ask the administrator for "
                       "a new one");
  }
  return entry.caller;
}

std::string IdentityUri(const domain::Caller& caller) {
  return "rollcall:" + std::string(RoleName(caller)) + "/" + caller.organisation.value + "/" +
         caller.site.value + "/" + caller.identity;
}

}  // namespace rollcall::access
