#include "app/enrol.h"

#include <algorithm>
#include <utility>

#include "app/payload_hash.h"
#include "app/random_uuid.h"
#include "app/scope.h"
#include "base/text.h"
#include "recognition/face_pipeline.h"

namespace rollcall::app {
namespace {

constexpr size_t kMaxNameBytes = 200;
constexpr size_t kMaxReasonBytes = 200;

absl::Status Precondition(std::string_view reason, std::string_view message) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, reason, message);
}

base::Sha256Digest PayloadOf(const EnrolRequest& request) {
  PayloadHash hash("enrol/1");
  hash.Text(request.id.value)
      .Text(request.name)
      .Number(static_cast<int64_t>(request.age_band))
      .Text(request.organisation.value)
      .Text(request.duplicate_reason);
  for (const domain::Consent& consent : request.consents) {
    hash.Number(static_cast<int64_t>(consent.item))
        .Number(static_cast<int64_t>(consent.form))
        .Text(consent.reference)
        .Text(consent.text_version)
        .Number(base::ToUnixMicros(consent.given))
        .Text(consent.guardian)
        .Text(consent.guardian_evidence);
  }
  for (const Photo& photo : request.photos) hash.Bytes(photo.content).Text(photo.label);
  return hash.Digest();
}

// The same act of consent, told again.
bool SameAct(const domain::Consent& a, const domain::Consent& b) {
  return a.item == b.item && a.form == b.form && a.reference == b.reference &&
         a.text_version == b.text_version && a.guardian == b.guardian &&
         a.guardian_evidence == b.guardian_evidence && !a.withdrawn && !b.withdrawn;
}

absl::Status CheckTexts(const EnrolRequest& request) {
  RETURN_IF_ERROR(CheckRequestId(request.request_id));
  RETURN_IF_ERROR(domain::ValidateVolunteerId(request.id.value));
  RETURN_IF_ERROR(base::ValidateDisplayText(request.name, "name", kMaxNameBytes));
  if (!request.duplicate_reason.empty()) {
    RETURN_IF_ERROR(
        base::ValidateDisplayText(request.duplicate_reason, "duplicate_reason", kMaxReasonBytes));
  }
  if (request.photos.size() > kMaxEnrolPhotos) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PHOTOS",
                           "at most " + std::to_string(kMaxEnrolPhotos) + " photos");
  }
  return absl::OkStatus();
}

// A volunteer of an organisation outside the caller's scope is answered as one of another name: nobody
// can try out names, and no desk replaces the face of another's volunteer.
absl::Status CheckSamePerson(const Services& services, const Call& call,
                             const EnrolRequest& request, const domain::Volunteer& registered) {
  ASSIGN_OR_RETURN(const auto organisations, services.registry.Organisations(registered.id));
  // Nobody's yet: an enrolment that a crash cut off.
  const absl::Status within = organisations.empty()
                                  ? absl::OkStatus()
                                  : CheckVolunteer(services, call.caller, registered.id);
  if (!within.ok() && !absl::IsNotFound(within)) return within;
  if (!within.ok() || registered.name != request.name) {
    return base::MakeError(absl::StatusCode::kAlreadyExists, "VOLUNTEER_EXISTS",
                           "this volunteer number is registered already, under another name or "
                           "by an organisation that is not yours; a desk above both can add her");
  }
  if (request.age_band != domain::AgeBand::kUnspecified &&
      request.age_band != registered.age_band) {
    return Precondition("AGE_BAND_DIFFERS", "the volunteer is registered with another age band");
  }
  return absl::OkStatus();
}

// The threshold at `rate`; where nothing was measured there, the strictest that was (`measured`
// then is false). Nothing without any curve for so few pictures.
std::optional<float> DuplicateThreshold(const domain::Calibration& calibration, double rate,
                                        int32_t photos, int32_t frames, bool& measured) {
  const auto threshold = calibration.ThresholdFor(rate, photos, frames);
  measured = threshold.has_value();
  if (measured) return threshold;
  double strictest = 0;
  for (const domain::MatchCurve& curve : calibration.curves()) {
    if (curve.photos() <= photos && curve.frames() <= frames) {
      strictest = std::max(strictest, curve.smallest_fmr());
    }
  }
  return calibration.ThresholdFor(strictest, photos, frames);
}

}  // namespace

struct Enrol::Plan {
  domain::Volunteer volunteer;
  bool registered = false;
  domain::OrganisationId organisation;
  std::vector<domain::Consent> consents;  // new ones only
  std::vector<recognition::Embedding> photos;
  std::vector<domain::VolunteerId> overrides;  // possible duplicates that staff has judged
};

absl::StatusOr<EnrolResult> Enrol::EnrolVolunteer(const Call& call, const EnrolRequest& request) {
  RETURN_IF_ERROR(CheckTexts(request));
  const base::Sha256Digest payload = PayloadOf(request);
  ASSIGN_OR_RETURN(auto recalled, Recall(request.request_id, payload));
  if (recalled) {
    ASSIGN_OR_RETURN(recalled->volunteer, volunteers_.Get(call, request.id));
    return *std::move(recalled);
  }
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(Plan plan, Prepare(call, request));
  EnrolResult result;
  bool accepted = true;
  if (!request.photos.empty()) {
    ASSIGN_OR_RETURN(accepted, LookAtPhotos(call, request, plan, result));
  }
  services_.metrics
      .GetCounter("rollcall_enrolments_total", "Enrolments by outcome",
                  {{"outcome", accepted ? "stored" : result.reason}})
      .Add();
  if (!accepted) {
    result.refused = true;
    if (plan.registered) {
      ASSIGN_OR_RETURN(result.volunteer, volunteers_.ViewOf(plan.volunteer));
    }
    return result;
  }
  RETURN_IF_ERROR(call.StillWanted());
  result.created = !plan.registered;
  RETURN_IF_ERROR(Write(call, request, plan));
  ASSIGN_OR_RETURN(result.volunteer, volunteers_.ViewOf(plan.volunteer));
  Remember(request.request_id, payload, result);
  return result;
}

absl::StatusOr<std::vector<PhotoVerdict>> Enrol::CheckPhotos(
    const Call& call, const std::vector<Photo>& photos) const {
  ASSIGN_OR_RETURN(PhotoCheck::Result looked, photo_check_.Look(call, photos));
  return std::move(looked.verdicts);
}

absl::StatusOr<Enrol::Plan> Enrol::Prepare(const Call& call, const EnrolRequest& request) const {
  const base::Time now = services_.clock.Now();
  Plan plan;
  ASSIGN_OR_RETURN(plan.organisation,
                   OrganisationFor(services_, call.caller, request.organisation));
  RETURN_IF_ERROR(services_.registry.GetOrganisation(plan.organisation).status());

  auto registered = services_.registry.GetVolunteer(request.id);
  std::vector<domain::Consent> consents;
  if (registered.ok()) {
    RETURN_IF_ERROR(CheckSamePerson(services_, call, request, *registered));
    plan.registered = true;
    plan.volunteer = *std::move(registered);
    ASSIGN_OR_RETURN(consents, services_.registry.Consents(request.id));
  } else if (absl::IsNotFound(registered.status())) {
    plan.volunteer = {request.id,   RandomUuid(services_.random), RandomUuid(services_.random),
                      request.name, request.age_band,             now};
  } else {
    return registered.status();
  }

  for (domain::Consent consent : request.consents) {
    consent.recorder = call.caller.identity;
    consent.withdrawn.reset();
    if (consent.text_version.empty()) {
      consent.text_version = services_.settings.consent_text_version;
    }
    if (consent.given == base::Time{}) consent.given = now;
    if (consent.given > now + services_.settings.clock_tolerance) {
      return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_CONSENT",
                             "a consent cannot have been given in the future");
    }
    RETURN_IF_ERROR(domain::ValidateConsent(consent, plan.volunteer.age_band));
    const bool told = std::any_of(consents.begin(), consents.end(), [&](const auto& known) {
      return SameAct(known, consent);
    });
    if (told) continue;
    consents.push_back(consent);
    plan.consents.push_back(std::move(consent));
  }
  if (request.photos.empty()) return plan;
  RETURN_IF_ERROR(domain::CheckProgrammeOpen(services_.settings.face, now));
  if (call.wider_network &&
      !domain::ConsentHolds(consents, domain::ConsentItem::kNetworkTransfer,
                            plan.volunteer.age_band, services_.settings.consent_text_version)) {
    return Precondition("CONSENT_NEEDED",
                        "photos over a network that is not the site's own need a live consent to "
                        "that as well (NETWORK_TRANSFER); take them at the site, or enrol without");
  }
  if (!domain::FaceAllowed(consents, plan.volunteer.age_band,
                           services_.settings.consent_text_version)) {
    return Precondition("CONSENT_NEEDED",
                        "photos need a live consent to face recognition under the current text "
                        "(for under 14 a guardian's); without one, enrol without photos: PIN and "
                        "staff check-in count the same");
  }
  return plan;
}

// True: the photos may be stored. False: `result` says why not.
absl::StatusOr<bool> Enrol::LookAtPhotos(const Call& call, const EnrolRequest& request, Plan& plan,
                                         EnrolResult& result) const {
  ASSIGN_OR_RETURN(PhotoCheck::Result looked, photo_check_.Look(call, request.photos));
  result.verdicts = std::move(looked.verdicts);
  if (looked.embeddings.empty()) {
    result.reason = "NO_GOOD_PHOTO";
    result.message =
        "None of these photos can be used yet. The reasons stand beside each; PIN and staff "
        "check-in count the same.";
    return false;
  }
  if (looked.disagree) {
    result.reason = "PHOTOS_DISAGREE";
    result.message =
        "These photos do not seem to show one person. Please look at the ones that are marked and "
        "send the others again.";
    return false;
  }
  plan.photos = std::move(looked.embeddings);
  RETURN_IF_ERROR(FindDuplicates(plan, result));
  if (!result.possible_duplicates.empty()) {
    if (request.duplicate_reason.empty()) {
      result.reason = "POSSIBLE_DUPLICATE";
      result.message +=
          "Somebody who is enrolled already may be the same person: please compare. Two people who "
          "look alike are welcome: enrol again with a reason.";
      return false;
    }
    plan.overrides = result.possible_duplicates;
  }
  const auto recommended = static_cast<size_t>(services_.settings.enrol.recommended_photos);
  if (plan.photos.size() < recommended) {
    result.message += "Enrolled from " + std::to_string(plan.photos.size()) + "; " +
                      std::to_string(recommended) + " good photos are recommended.";
  }
  return true;
}

absl::Status Enrol::FindDuplicates(Plan& plan, EnrolResult& result) const {
  const EnrolSettings& settings = services_.settings.enrol;
  const gallery::Snapshot gallery = services_.gallery.snapshot();
  ASSIGN_OR_RETURN(const recognition::Embedding mean, recognition::MeanEmbedding(plan.photos));

  // Whom staff has compared with her before, and declared siblings, are not asked about again.
  std::vector<domain::VolunteerId> known;
  if (plan.registered) {
    ASSIGN_OR_RETURN(known, services_.registry.Siblings(plan.volunteer.id));
    ASSIGN_OR_RETURN(const auto judged,
                     services_.registry.DuplicateOverrides(plan.volunteer.id));
    for (const registry::DuplicateOverride& item : judged) known.push_back(item.resembles);
  }
  const auto frames = static_cast<int32_t>(plan.photos.size());
  const double rate = settings.duplicate_false_alarm_budget /
                      static_cast<double>(std::max<size_t>(1, gallery.size()));
  const auto wanted = static_cast<size_t>(settings.max_duplicates_named);
  ASSIGN_OR_RETURN(const auto nearest,
                   gallery.SearchAll(mean.values, mean.model_id,
                                     static_cast<int32_t>(wanted + known.size() + 1)));
  bool all_measured = true;
  bool all_judged = true;
  for (const gallery::Neighbour& neighbour : nearest) {
    if (neighbour.subject == plan.volunteer.subject) continue;
    bool measured = false;
    const auto threshold = DuplicateThreshold(services_.calibration, rate, neighbour.photos,
                                              frames, measured);
    all_judged = all_judged && threshold.has_value();
    if (!threshold || !(neighbour.similarity >= *threshold)) continue;
    const auto other = services_.registry.GetVolunteerBySubject(neighbour.subject);
    if (absl::IsNotFound(other.status())) continue;
    RETURN_IF_ERROR(other.status());
    if (std::find(known.begin(), known.end(), other->id) != known.end()) continue;
    if (result.possible_duplicates.size() >= wanted) break;
    result.possible_duplicates.push_back(other->id);
    all_measured = all_measured && measured;
  }
  if (!all_judged) {
    result.message =
        "Not compared with those enrolled already: the model has no calibration for it. ";
  }
  if (!all_measured) {
    result.message +=
        "So many people are enrolled that the calibration cannot rule out a chance resemblance. ";
  }
  return absl::OkStatus();
}

absl::Status Enrol::Write(const Call& call, const EnrolRequest& request, Plan& plan) {
  registry::Registry& registry = services_.registry;
  const base::Time now = services_.clock.Now();
  const domain::VolunteerId& id = plan.volunteer.id;
  if (!plan.registered) {
    const absl::Status created = registry.CreateVolunteer(plan.volunteer);
    if (absl::IsAlreadyExists(created)) {
      // Somebody registered her while the photos were looked at.
      ASSIGN_OR_RETURN(plan.volunteer, registry.GetVolunteer(request.id));
      RETURN_IF_ERROR(CheckSamePerson(services_, call, request, plan.volunteer));
    } else {
      RETURN_IF_ERROR(created);
    }
  }
  RETURN_IF_ERROR(registry.JoinOrganisation(id, plan.organisation, now));
  std::vector<registry::ProcessingEntry> lines;
  for (const domain::Consent& consent : plan.consents) {
    lines.push_back({id, now, registry::ProcessingKind::kConsentGiven, call.caller.identity,
                     std::string(domain::ToString(consent.item)) + ", wording " + consent.text_version});
  }
  if (!lines.empty()) {
    RETURN_IF_ERROR(registry.AddProcessing(lines));
    for (const domain::Consent& consent : plan.consents) {
      RETURN_IF_ERROR(registry.AddConsent(id, consent));
    }
    services_.rosters.Forget();
  }
  for (const domain::VolunteerId& resembled : plan.overrides) {
    RETURN_IF_ERROR(registry.AddDuplicateOverride(
        {id, resembled, request.duplicate_reason, call.caller.identity, now}));
  }
  if (!plan.photos.empty()) {
    return services_.templates.Put(plan.volunteer, plan.photos, {call.caller.identity, now});
  }
  // A new consent brings a suspended template back.
  if (!plan.consents.empty()) return services_.templates.Refresh(plan.volunteer);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<EnrolResult>> Enrol::Recall(const base::Uuid& request_id,
                                                         const base::Sha256Digest& payload) {
  const base::MutexLock lock(mutex_);
  const auto found = answered_.find(request_id);
  if (found == answered_.end()) return std::optional<EnrolResult>();
  if (found->second.payload != payload) {
    return Precondition("REQUEST_ID_REUSED",
                        "this request_id was used for another enrolment; make a new one");
  }
  return std::optional(found->second.result);
}

void Enrol::Remember(const base::Uuid& request_id, const base::Sha256Digest& payload,
                     const EnrolResult& result) {
  const base::MutexLock lock(mutex_);
  const auto [entry, added] = answered_.emplace(request_id, Answered{payload, result});
  if (!added) return;
  entry->second.result.volunteer.reset();  // read afresh each time; nothing personal is kept
  answered_order_.push_back(request_id);
  if (answered_order_.size() <= kRemembered) return;
  answered_.erase(answered_order_.front());
  answered_order_.pop_front();
}

}  // namespace rollcall::app
