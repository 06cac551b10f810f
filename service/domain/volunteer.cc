#include "domain/volunteer.h"

#include <algorithm>

#include "base/text.h"

namespace rollcall::domain {
namespace {

bool AllDigits(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string_view ToString(ConsentItem item) {
  switch (item) {
    case ConsentItem::kRecognition:
      return "recognition";
    case ConsentItem::kKioskCopies:
      return "copies on kiosks";
    case ConsentItem::kNetworkTransfer:
      return "transfer over networks";
  }
  return "";
}

absl::Status ValidateConsent(const Consent& consent, AgeBand age_band) {
  RETURN_IF_ERROR(base::ValidateDisplayText(consent.reference, "consent reference", 128));
  RETURN_IF_ERROR(base::ValidateDisplayText(consent.text_version, "consent text version", 64));
  if (age_band == AgeBand::kUnder14 &&
      (consent.guardian.empty() || consent.guardian_evidence.empty())) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "GUARDIAN_NEEDED",
                           "a volunteer under 14 needs a guardian's consent: give the guardian and "
                           "a reference to the evidence, or enrol without face");
  }
  return absl::OkStatus();
}

bool ConsentHolds(const std::vector<Consent>& consents, ConsentItem item, AgeBand age_band,
                  const std::string& current_text_version) {
  return std::any_of(consents.begin(), consents.end(), [&](const Consent& consent) {
    return consent.item == item && !consent.withdrawn.has_value() &&
           consent.text_version == current_text_version &&
           (age_band != AgeBand::kUnder14 ||
            (!consent.guardian.empty() && !consent.guardian_evidence.empty()));
  });
}

bool FaceAllowed(const std::vector<Consent>& consents, AgeBand age_band,
                 const std::string& current_text_version) {
  return ConsentHolds(consents, ConsentItem::kRecognition, age_band, current_text_version);
}

absl::Status ValidateVolunteerId(const std::string& id) {
  RETURN_IF_ERROR(base::ValidateId(id, "volunteer id"));
  const bool identity_card = id.size() == 18 && AllDigits(std::string_view(id).substr(0, 17)) &&
                             (AllDigits(id.substr(17)) || id[17] == 'X' || id[17] == 'x');
  const bool mobile = id.size() == 11 && AllDigits(id) && id[0] == '1' && id[1] >= '3';
  if (identity_card || mobile) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "PERSONAL_NUMBER",
                           "volunteer id: looks like an identity-card or mobile number; use a "
                           "volunteer number of your own");
  }
  return absl::OkStatus();
}

}  // namespace rollcall::domain
