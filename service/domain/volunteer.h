#ifndef ROLLCALL_DOMAIN_VOLUNTEER_H_
#define ROLLCALL_DOMAIN_VOLUNTEER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/ids.h"

namespace rollcall::domain {

// Given by the person or the guardian and stored; never inferred from a picture. Numbers are stored.
enum class AgeBand { kUnspecified = 0, kAdult = 1, kFrom14To17 = 2, kUnder14 = 3 };

// Separate items, each its own yes or no. Numbers are stored.
enum class ConsentItem { kRecognition = 1, kKioskCopies = 2, kNetworkTransfer = 3 };

enum class ConsentForm { kSignedScreen = 1, kPaper = 2 };

// "recognition", "copies on kiosks", "transfer over networks".
std::string_view ToString(ConsentItem item);

// One recorded act of consent. It is the person's own act (or her guardian's): `reference` leads to
// the signed screen or the numbered paper form.
struct Consent {
  ConsentItem item = ConsentItem::kRecognition;
  ConsentForm form = ConsentForm::kPaper;
  std::string reference;      // 1 to 128 bytes of display text
  std::string text_version;   // which wording was agreed to
  base::Time given;
  std::string recorder;       // identity of the member of staff
  std::string guardian;       // guardian's identity; required for under 14. Personal data
  std::string guardian_evidence;  // reference to the proof; required for under 14
  std::optional<base::Time> withdrawn;
};

// A person who serves. Exists once per operator and joins organisations.
struct Volunteer {
  VolunteerId id;       // the operator's number; never a phone or identity-card number
  base::Uuid key;       // own random id: what ledger rows refer to
  base::Uuid subject;   // random id of vault and gallery, unlike `key`, so that a template file says
                        // nothing about whose hours are whose
  std::string name;     // personal data
  AgeBand age_band = AgeBand::kUnspecified;
  base::Time created;
};

// OK when `consent` may be recorded for a person of `age_band`.
// FailedPrecondition, reason GUARDIAN_NEEDED: under 14 without a guardian and evidence.
// InvalidArgument, reason BAD_CONSENT: no reference or text version.
absl::Status ValidateConsent(const Consent& consent, AgeBand age_band);

// Whether there is a live consent to `item` under `current_text_version`, the guardian's for under 14.
bool ConsentHolds(const std::vector<Consent>& consents, ConsentItem item, AgeBand age_band,
                  const std::string& current_text_version);

// Whether face recognition may be used: ConsentHolds for kRecognition. An older text version suspends
// matching until re-consent.
bool FaceAllowed(const std::vector<Consent>& consents, AgeBand age_band,
                 const std::string& current_text_version);

// OK when `id` may serve as a volunteer number. InvalidArgument, reason BAD_ID (form) or
// PERSONAL_NUMBER: it looks like a mainland identity-card number (18 characters, GB 11643) or a
// mobile number (11 digits from 13 to 19): those must never be keys.
absl::Status ValidateVolunteerId(const std::string& id);

}  // namespace rollcall::domain

#endif  // ROLLCALL_DOMAIN_VOLUNTEER_H_
