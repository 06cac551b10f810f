#ifndef ROLLCALL_REGISTRY_HOUR_CERTIFICATES_H_
#define ROLLCALL_REGISTRY_HOUR_CERTIFICATES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/page.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/ids.h"

namespace rollcall::storage {
class Database;
}

// The hour certificates that were issued, as they were signed. What is in their bytes is the
// business of whoever issues them.
namespace rollcall::registry {

struct HourCertificate {
  std::string number;  // an id, unique per operator, never given again
  domain::OrganisationId organisation;
  domain::VolunteerId volunteer;
  std::string first_day;  // "2026-01-01"
  std::string last_day;
  base::Time issued;
  std::string recorder;               // Caller::identity of who asked for it
  base::Uuid request;                 // unique within the organisation
  base::Sha256Digest payload_hash{};  // of what was asked under that id
  // Empty, all three, once the volunteer is erased.
  base::Bytes statement;  // canonical bytes; hold a name
  base::Bytes signature;
  std::string vc_jwt;
  std::optional<base::Time> revoked;  // whole seconds; once revoked, for ever
  int32_t reason = 0;                 // papers::RevocationReason; 0 while not revoked
  std::string revoked_by;             // Caller::identity
};

struct HourRevocation {
  std::string number;
  base::Time revoked;
  int32_t reason = 0;
};

// What a list of revocations has to say; whoever signs it makes the text.
struct HourRevocations {
  int64_t version = 0;  // 1, 2, ...: two different lists never have the same one
  base::Time issued;    // whole seconds, not before any revocation in it
  std::vector<HourRevocation> revocations;  // by number
};

// Blocking and thread-safe as the Registry, whose database and errors it shares; a method that
// fails has changed nothing.
class HourCertificates {
 public:
  virtual ~HourCertificates() = default;

  // Takes the next number of `year`: "HC-2026-000001", ... It is not given again, whether or not a
  // certificate is added under it.
  virtual absl::StatusOr<std::string> TakeNumber(int32_t year) = 0;

  // AlreadyExists: CERTIFICATE_EXISTS, the number has one; REQUEST_ID_USED, the request id has.
  // NotFound, NO_SUCH_ORGANISATION, NO_SUCH_VOLUNTEER. InvalidArgument, BAD_VALUE: no number,
  // request id, statement or signature.
  virtual absl::Status Add(const HourCertificate& certificate) = 0;

  // NotFound, reason NO_SUCH_CERTIFICATE: none of this organisation has the number.
  virtual absl::StatusOr<HourCertificate> Get(const domain::OrganisationId& organisation,
                                              const std::string& number) = 0;
  // Nothing: no certificate was made under the request id.
  virtual absl::StatusOr<std::optional<HourCertificate>> FindRequest(
      const domain::OrganisationId& organisation, const base::Uuid& request) = 0;
  // Of one organisation, by number; `volunteer` empty: everybody's.
  virtual absl::StatusOr<base::Page<HourCertificate>> List(
      const domain::OrganisationId& organisation, const domain::VolunteerId& volunteer,
      const base::PageRequest& page) = 0;

  // Again is OK and keeps the first time, reason and person. NotFound, reason NO_SUCH_CERTIFICATE.
  virtual absl::Status Revoke(const domain::OrganisationId& organisation, const std::string& number,
                              int32_t reason, const std::string& by, base::Time time) = 0;

  // Everything that was revoked, of all organisations. The same list as the last time while nothing
  // was revoked since and that one is younger than `max_age`; otherwise of a new version.
  virtual absl::StatusOr<HourRevocations> Publish(base::Time now, base::Duration max_age) = 0;
};

// `database` must hold RegistrySchema() and outlive it.
std::unique_ptr<HourCertificates> MakeSqlHourCertificates(storage::Database& database);

}  // namespace rollcall::registry

#endif  // ROLLCALL_REGISTRY_HOUR_CERTIFICATES_H_
