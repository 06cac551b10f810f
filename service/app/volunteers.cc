#include "app/volunteers.h"

#include <utility>

#include "app/random_uuid.h"
#include "app/scope.h"
#include "base/log.h"

namespace rollcall::app {
namespace {

std::string WhyFaceIsOff(const VolunteerView& view, const ServiceSettings& settings) {
  if (settings.face.mode == domain::FaceMode::kOff) {
    return "face recognition is switched off on this server";
  }
  const domain::AgeBand age_band = view.volunteer.age_band;
  if (domain::FaceAllowed(view.consents, age_band, settings.consent_text_version)) {
    return "no template: no photo has been enrolled";
  }
  bool given = false;
  bool live = false;
  for (const domain::Consent& consent : view.consents) {
    if (consent.item != domain::ConsentItem::kRecognition) continue;
    given = true;
    live = live || !consent.withdrawn;
  }
  if (!given) {
    return age_band == domain::AgeBand::kUnder14
               ? "under 14: face is off unless a guardian consents"
               : "no consent to face recognition";
  }
  if (!live) return "consent to face recognition was withdrawn";
  return "consent was given to an earlier text; please ask again";
}

}  // namespace

absl::StatusOr<VolunteerView> Volunteers::ViewOf(const domain::Volunteer& volunteer) const {
  VolunteerView view;
  view.volunteer = volunteer;
  ASSIGN_OR_RETURN(view.consents, services_.registry.Consents(volunteer.id));
  ASSIGN_OR_RETURN(view.organisations, services_.registry.Organisations(volunteer.id));
  ASSIGN_OR_RETURN(view.siblings, services_.registry.Siblings(volunteer.id));
  ASSIGN_OR_RETURN(const auto pin, services_.registry.GetPinHash(volunteer.id));
  view.has_pin = pin.has_value();
  view.photos = services_.gallery.snapshot().PhotosOf(volunteer.subject);
  view.face_enrolled = view.photos > 0;  // the gallery holds only whom it may compare
  if (view.face_enrolled) {
    ASSIGN_OR_RETURN(const auto record, services_.registry.GetFaceRecord(volunteer.id));
    view.re_enrolment_due = record && domain::ReEnrolmentDue(services_.settings.face,
                                                             record->enrolled,
                                                             record->weak_matches,
                                                             services_.clock.Now());
  }
  if (!view.face_enrolled) view.face_off_reason = WhyFaceIsOff(view, services_.settings);
  return view;
}

absl::StatusOr<VolunteerView> Volunteers::Get(const Call& call,
                                              const domain::VolunteerId& id) const {
  RETURN_IF_ERROR(call.StillWanted());
  RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, id));
  ASSIGN_OR_RETURN(const domain::Volunteer volunteer, services_.registry.GetVolunteer(id));
  return ViewOf(volunteer);
}

absl::StatusOr<base::Page<VolunteerView>> Volunteers::List(const Call& call,
                                                           const base::PageRequest& page) const {
  ASSIGN_OR_RETURN(const auto volunteers, services_.registry.ListVolunteers({}, page));
  base::Page<VolunteerView> views;
  views.next_token = volunteers.next_token;
  for (const domain::Volunteer& volunteer : volunteers.items) {
    RETURN_IF_ERROR(call.StillWanted());
    const absl::Status within = CheckVolunteer(services_, call.caller, volunteer.id);
    if (absl::IsNotFound(within)) continue;
    RETURN_IF_ERROR(within);
    ASSIGN_OR_RETURN(VolunteerView view, ViewOf(volunteer));
    views.items.push_back(std::move(view));
  }
  return views;
}

absl::StatusOr<Volunteers::Withdrawal> Volunteers::WithdrawConsent(const Call& call,
                                                                   const domain::VolunteerId& id,
                                                                   domain::ConsentItem item) {
  RETURN_IF_ERROR(call.StillWanted());
  RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, id));
  ASSIGN_OR_RETURN(const domain::Volunteer volunteer, services_.registry.GetVolunteer(id));
  Withdrawal withdrawal;
  withdrawal.time = services_.clock.Now();
  ASSIGN_OR_RETURN(const auto done,
                   services_.templates.Withdraw(volunteer, item,
                                                {call.caller.identity, withdrawal.time}));
  services_.rosters.Forget();
  withdrawal.templates_erased = done.templates_erased;
  services_.metrics
      .GetCounter("rollcall_consents_withdrawn_total", "Withdrawals that ended a live consent")
      .Add(done.consents > 0 ? 1 : 0);
  ASSIGN_OR_RETURN(withdrawal.volunteer, ViewOf(volunteer));
  return withdrawal;
}

absl::StatusOr<Volunteers::Erasure> Volunteers::Erase(const Call& call,
                                                      const domain::VolunteerId& id,
                                                      const std::string& confirmation) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto before, ErasedWithin(services_, call.caller, id));
  if (before) {
    RETURN_IF_ERROR(services_.registry.OverwriteForgotten());  // in case the first call could not
    return Erasure{*before, 0};
  }
  RETURN_IF_ERROR(CheckWholeVolunteer(services_, call.caller, id));
  if (confirmation != id.value) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "NOT_CONFIRMED",
                           "confirm_volunteer_id: there is no way back, so the volunteer number is "
                           "asked for twice");
  }
  ASSIGN_OR_RETURN(const domain::Volunteer volunteer, services_.registry.GetVolunteer(id));
  const base::Time now = services_.clock.Now();
  ASSIGN_OR_RETURN(const int32_t templates,
                   services_.templates.EraseVolunteer(
                       volunteer, {RandomUuid(services_.random), RandomUuid(services_.random)},
                       {call.caller.identity, now}));
  services_.rosters.Forget();
  services_.metrics.GetCounter("rollcall_volunteers_erased_total", "People who were forgotten").Add();
  base::log::Info("volunteer_erased", {{"templates", templates}});
  return Erasure{now, templates};
}

absl::Status Volunteers::DeclareSiblings(const Call& call, const domain::VolunteerId& a,
                                         const domain::VolunteerId& b) {
  RETURN_IF_ERROR(call.StillWanted());
  RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, a));
  RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, b));
  RETURN_IF_ERROR(services_.registry.DeclareSiblings(a, b, call.caller.identity,
                                                     services_.clock.Now()));
  services_.rosters.Forget();
  return absl::OkStatus();
}

}  // namespace rollcall::app
