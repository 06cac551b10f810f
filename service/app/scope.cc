#include "app/scope.h"

#include "base/text.h"
#include "domain/activity.h"

namespace rollcall::app {
namespace {

absl::Status Mismatch(std::string_view message) {
  return base::MakeError(absl::StatusCode::kPermissionDenied, "KIOSK_MISMATCH", message);
}

absl::StatusOr<bool> Covers(const Services& services, const domain::Caller& caller,
                            const domain::OrganisationId& organisation) {
  if (IsUnbound(caller) || organisation == caller.organisation) return true;
  // A kiosk stands in one place.
  if (caller.role == domain::Role::kKiosk || caller.organisation.empty()) return false;
  auto within = services.registry.IsWithin(organisation, caller.organisation);
  if (absl::IsNotFound(within.status())) return false;
  return within;
}

// OK when an organisation of whoever has, or had, the number is within the scope.
absl::Status CheckMember(const Services& services, const domain::Caller& caller,
                         const domain::VolunteerId& volunteer) {
  if (IsUnbound(caller)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto organisations, services.registry.Organisations(volunteer));
  for (const domain::OrganisationId& organisation : organisations) {
    ASSIGN_OR_RETURN(const bool covered, Covers(services, caller, organisation));
    if (covered) return absl::OkStatus();
  }
  return NoSuchVolunteer();
}

}  // namespace

absl::Status NoSuchVolunteer() {
  return base::MakeError(absl::StatusCode::kNotFound, "NO_SUCH_VOLUNTEER", "no such volunteer");
}

bool IsUnbound(const domain::Caller& caller) {
  return caller.local_administrator || caller.role == domain::Role::kAdministrator;
}

absl::StatusOr<domain::OrganisationId> OrganisationFor(const Services& services,
                                                       const domain::Caller& caller,
                                                       const domain::OrganisationId& wanted) {
  if (wanted.empty()) {
    return caller.organisation.empty() || IsUnbound(caller)
               ? services.settings.default_organisation
               : caller.organisation;
  }
  RETURN_IF_ERROR(base::ValidateId(wanted.value, "organisation_id"));
  ASSIGN_OR_RETURN(const bool covered, Covers(services, caller, wanted));
  if (covered) return wanted;
  return base::MakeError(absl::StatusCode::kPermissionDenied, "OUTSIDE_ORGANISATION",
                         "organisation_id: your certificate is for another organisation");
}

absl::StatusOr<domain::SessionKey> SessionFor(const Services& services,
                                              const domain::Caller& caller,
                                              const domain::SessionKey& wanted) {
  domain::SessionKey key = wanted;
  ASSIGN_OR_RETURN(key.organisation, OrganisationFor(services, caller, wanted.organisation));
  ASSIGN_OR_RETURN(key, services.rosters.Resolve(key));
  if (caller.role == domain::Role::kKiosk && !caller.local_administrator) {
    ASSIGN_OR_RETURN(const auto roster, services.rosters.Get(key));
    if (!domain::InCheckOutWindow(roster->session, services.settings.window,
                                  services.clock.Now())) {
      return base::MakeError(absl::StatusCode::kPermissionDenied, "SESSION_NOT_OPEN",
                             "session_id: a kiosk works in sessions that are open now");
    }
    if (!roster->session.site.empty() && roster->session.site != caller.site) {
      return base::MakeError(absl::StatusCode::kPermissionDenied, "OUTSIDE_SITE",
                             "session_id: this session is held at another site than this kiosk's");
    }
  }
  return key;
}

absl::Status CheckVolunteer(const Services& services, const domain::Caller& caller,
                            const domain::VolunteerId& volunteer) {
  RETURN_IF_ERROR(services.registry.GetVolunteer(volunteer).status());
  return CheckMember(services, caller, volunteer);
}

absl::Status CheckWholeVolunteer(const Services& services, const domain::Caller& caller,
                                 const domain::VolunteerId& volunteer) {
  RETURN_IF_ERROR(CheckVolunteer(services, caller, volunteer));
  ASSIGN_OR_RETURN(const auto organisations, services.registry.Organisations(volunteer));
  for (const domain::OrganisationId& organisation : organisations) {
    ASSIGN_OR_RETURN(const bool covered, Covers(services, caller, organisation));
    if (covered) continue;
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "MEMBER_ELSEWHERE",
                           "volunteer_id: she is also a member of an organisation outside yours; "
                           "ask a desk of the one above both");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<base::Time>> ErasedWithin(const Services& services,
                                                       const domain::Caller& caller,
                                                       const domain::VolunteerId& volunteer) {
  ASSIGN_OR_RETURN(const auto erased, services.registry.ErasedAt(volunteer));
  if (erased) RETURN_IF_ERROR(CheckMember(services, caller, volunteer));
  return erased;
}

absl::StatusOr<domain::KioskId> KioskFor(const domain::Caller& caller,
                                         const domain::KioskId& wanted) {
  if (caller.local_administrator) {
    RETURN_IF_ERROR(base::ValidateId(wanted.value, "kiosk_id"));
    return wanted;
  }
  domain::KioskId own(caller.identity);
  if (wanted.empty() || wanted == own) return own;
  return Mismatch("kiosk_id: the certificate says which kiosk this is; leave the field empty");
}

absl::Status CheckSameKiosk(const domain::Caller& caller, const domain::KioskId& kiosk) {
  if (caller.local_administrator || kiosk.empty() || kiosk.value == caller.identity) {
    return absl::OkStatus();
  }
  return Mismatch("this belongs to another kiosk");
}

}  // namespace rollcall::app
