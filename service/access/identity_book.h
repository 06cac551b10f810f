#ifndef ROLLCALL_ACCESS_IDENTITY_BOOK_H_
#define ROLLCALL_ACCESS_IDENTITY_BOOK_H_

#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "domain/caller.h"

namespace rollcall::access {

// Which client certificate belongs to whom, in memory, for every call to ask. A certificate counts
// only if this server has issued and recorded it: one that merely has the right signature (a stolen
// authority key, a name made up) is nobody's.
//
// Thread-safe. Cost of Find: one parse of the certificate, some 30 us.
class IdentityBook {
 public:
  // A certificate that was issued to `caller`. Again: replaces.
  void Put(const base::Sha256Digest& fingerprint, const domain::Caller& caller,
           base::Time expires);
  // From now on nobody is admitted under this identity, with whichever certificate.
  void Revoke(std::string_view identity);

  // Who presents `certificate_pem`. Unauthenticated: reason BAD_CERTIFICATE, not a certificate;
  // UNKNOWN_CERTIFICATE, none of ours; IDENTITY_REVOKED; CERTIFICATE_EXPIRED (a connection may be
  // older than that); CERTIFICATE_CHANGED, its text names another identity, role, organisation or
  // site than the record.
  absl::StatusOr<domain::Caller> Find(std::string_view certificate_pem, base::Time now) const;

 private:
  struct Entry {
    domain::Caller caller;
    base::Time expires;
    bool revoked = false;
  };
  mutable base::Mutex mutex_;
  std::map<base::Sha256Digest, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

// What a certificate says of its identity, as its one URI (RFC 3986; RFC 5280, section 4.2.1.6):
// "rollcall:ROLE/ORGANISATION/SITE/ID", SITE empty for people. The ids need no escaping.
std::string IdentityUri(const domain::Caller& caller);

}  // namespace rollcall::access

#endif  // ROLLCALL_ACCESS_IDENTITY_BOOK_H_
