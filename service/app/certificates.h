#ifndef ROLLCALL_APP_CERTIFICATES_H_
#define ROLLCALL_APP_CERTIFICATES_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "app/call.h"
#include "app/served_minutes.h"
#include "app/services.h"
#include "base/page.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/ids.h"
#include "papers/certificate.h"
#include "papers/revocations.h"

namespace rollcall::app {

// Numbers equal rollcall.v1.CertificateState.
enum class CertificateState {
  kCurrent = 1,   // the ledger says the same today
  kOutdated = 2,  // later rows changed the minutes of its period: revoke it and issue another
  kRevoked = 3,
  kErased = 4,  // its holder was: the paper may still be out there, what it says is forgotten here
};

// What is known of a certificate, without its forms.
struct CertificateView {
  std::string number;
  domain::VolunteerId volunteer;
  std::string first_day;  // "2026-01-01"
  std::string last_day;
  papers::Minutes minutes;
  base::Time issued;
  base::Time final_from;
  std::string recorder;
  CertificateState state = CertificateState::kCurrent;
  papers::Minutes minutes_now;  // what the ledger says today
  std::optional<base::Time> revoked;
  papers::RevocationReason reason = papers::RevocationReason::kIssuedInError;
};

// The forms in which it is given out. The same certificate has the same bytes each time; those of
// the PDF as long as fonts and libraries stay what they are.
struct CertificateForms {
  std::string number;
  std::string json;
  std::string vc_jwt;
  base::Bytes pdf;
};

// Hour certificates of the caller's organisation and those below it (app/scope.h), over what the
// ledger holds and with its key.
//
// FailedPrecondition, everywhere: NO_LEDGER_KEY, this server does not sign its ledger.
class Certificates {
 public:
  explicit Certificates(const Services& services) : services_(services) {}

  struct IssueRequest {
    domain::OrganisationId organisation;  // empty: the caller's own
    domain::VolunteerId volunteer;
    std::chrono::year_month_day first_day{};
    std::chrono::year_month_day last_day{};
    base::Uuid request_id;
  };
  // Adds up her minutes of the period, with what the registry says about each activity, signs and
  // keeps it. The same request id with the same content gives the same certificate again, revoked
  // or not. The checkpoint in it covers every row that was added up, and the minutes were the same
  // after it was signed. Takes about half a second.
  //
  // InvalidArgument, reason BAD_REQUEST_ID or papers::Validate's. NotFound, reason
  // NO_SUCH_VOLUNTEER. FailedPrecondition: NO_MINUTES, none in the period, so no certificate;
  // PERIOD_IN_FUTURE; ACTIVITY_INCOMPLETE, the registry lacks what Order
  // 67 wants of an activity (the message names it and says what); CERTIFICATES_NOT_SET_UP, the
  // configuration names no person in charge; GLYPH_MISSING, a character cannot be printed (the
  // message names the field and the script, never the text); REQUEST_ID_REUSED;
  // CERTIFICATE_TOO_LARGE, ask for a shorter period. Unavailable, reason HOURS_CHANGING: her hours
  // changed meanwhile, ask again.
  absl::StatusOr<CertificateForms> Issue(const Call& call, const IssueRequest& request);

  // NotFound, reason NO_SUCH_CERTIFICATE.
  absl::StatusOr<CertificateForms> Get(const Call& call, const domain::OrganisationId& organisation,
                                       const std::string& number);
  // By number. Adds up the hours behind each one anew to tell what is outdated.
  absl::StatusOr<base::Page<CertificateView>> List(const Call& call,
                                                   const domain::OrganisationId& organisation,
                                                   const domain::VolunteerId& volunteer,
                                                   const base::PageRequest& page);
  // For ever; again changes nothing. NotFound, reason NO_SUCH_CERTIFICATE.
  absl::StatusOr<CertificateView> Revoke(const Call& call,
                                         const domain::OrganisationId& organisation,
                                         const std::string& number,
                                         papers::RevocationReason reason);
  // The operator's list, signed; holds no personal data. At least every hour, and after every
  // revocation, it is of a new version.
  absl::StatusOr<std::string> Revocations(const Call& call);

 private:
  absl::Status CheckSetUp() const;
  absl::StatusOr<ServedMinutes> Served(const Call& call, const base::Uuid& volunteer_key,
                                       const IssueRequest& request);
  absl::StatusOr<papers::Statement> Gather(const Call& call, const IssueRequest& request);
  absl::Status AddActivities(const ServedMinutes& served, papers::Statement& statement);
  absl::StatusOr<CertificateView> View(const Call& call,
                                       const registry::HourCertificate& certificate);

  const Services& services_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_CERTIFICATES_H_
