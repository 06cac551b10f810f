#include "rpc/convert.h"

#include <charconv>
#include <chrono>

#include "base/text.h"
#include "rpc/status_mapping.h"

namespace rollcall::rpc {
namespace {

// `known`: whether the number is one of the enum's.
template <typename Domain, typename Proto>
absl::StatusOr<Domain> EnumFrom(Proto value, bool known, std::string_view field) {
  if (!known || value == 0) {
    return FieldError(field, "BAD_ENUM", "must be one of the values of the .proto file");
  }
  return static_cast<Domain>(value);
}

base::Bytes BytesFrom(const std::string& bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

absl::StatusOr<base::Uuid> UuidFrom(const std::string& text, std::string_view field) {
  if (text.empty() && field == "request_id") {
    return FieldError(
        field, "REQUEST_ID_MISSING",
        "is required: a UUID that the client makes and keeps until it has the answer");
  }
  absl::StatusOr<base::Uuid> uuid = base::Uuid::Parse(text);
  if (!uuid.ok()) return FieldError(field, "BAD_UUID", base::Message(uuid.status()));
  return uuid;
}

absl::Status CheckId(const std::string& text, std::string_view field) {
  if (text.empty()) return FieldError(field, "BAD_ID", "is required");
  if (!base::ValidateId(text, field).ok()) {
    return FieldError(
        field, "BAD_ID",
        "must be 1 to 64 letters, digits, '.', '_' or '-', the first a letter or digit");
  }
  return absl::OkStatus();
}

absl::StatusOr<base::Time> TimeFrom(const google::protobuf::Timestamp& time,
                                    std::string_view field) {
  constexpr int64_t kYear1 = -62135596800;
  constexpr int64_t kYear10000 = 253402300800;
  if (time.seconds() < kYear1 || time.seconds() >= kYear10000 || time.nanos() < 0 ||
      time.nanos() >= 1'000'000'000) {
    return FieldError(field, "BAD_TIME", "is not a time between the years 1 and 9999");
  }
  return base::Time(std::chrono::seconds(time.seconds()) +
                    std::chrono::microseconds(time.nanos() / 1000));
}

absl::StatusOr<std::chrono::year_month_day> DayFrom(const std::string& text,
                                                    const std::string& field) {
  const auto number = [&](size_t at, size_t size) {
    int value = -1;
    const char* const end = text.data() + at + size;
    const auto result = std::from_chars(text.data() + at, end, value);
    return result.ec == std::errc() && result.ptr == end ? value : -1;
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || number(0, 4) < 0 ||
      number(5, 2) < 0 || number(8, 2) < 0) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_DATE",
                           field + ": a day looks like this: 2026-01-31");
  }
  return std::chrono::year_month_day{std::chrono::year(number(0, 4)),
                                     std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                     std::chrono::day(static_cast<unsigned>(number(8, 2)))};
}

absl::StatusOr<domain::Action> ActionFrom(v1::Action action, std::string_view field) {
  return EnumFrom<domain::Action>(action, v1::Action_IsValid(action), field);
}

absl::StatusOr<domain::SourceKind> SourceFrom(v1::SourceKind source, std::string_view field) {
  return EnumFrom<domain::SourceKind>(source, v1::SourceKind_IsValid(source), field);
}

absl::StatusOr<domain::ConsentItem> ConsentItemFrom(v1::ConsentItem item, std::string_view field) {
  return EnumFrom<domain::ConsentItem>(item, v1::ConsentItem_IsValid(item), field);
}

absl::StatusOr<domain::AgeBand> AgeBandFrom(v1::AgeBand age_band, std::string_view field) {
  if (age_band == v1::AGE_BAND_UNSPECIFIED) return domain::AgeBand::kUnspecified;
  return EnumFrom<domain::AgeBand>(age_band, v1::AgeBand_IsValid(age_band), field);
}

absl::StatusOr<domain::SessionKey> SessionKeyFrom(bool present, const v1::SessionRef& session) {
  if (!present) return FieldError("session", "BAD_ID", "is required");
  domain::SessionKey key;
  ASSIGN_OR_RETURN(key.organisation, OptionalIdFrom<domain::OrganisationId>(
                                         session.organisation_id(), "session.organisation_id"));
  ASSIGN_OR_RETURN(key.activity,
                   IdFrom<domain::ActivityId>(session.activity_id(), "session.activity_id"));
  ASSIGN_OR_RETURN(key.session,
                   OptionalIdFrom<domain::SessionId>(session.session_id(), "session.session_id"));
  return key;
}

absl::StatusOr<domain::Organisation> OrganisationFrom(const v1::Organisation& organisation) {
  domain::Organisation out;
  ASSIGN_OR_RETURN(out.id, IdFrom<domain::OrganisationId>(organisation.organisation_id(),
                                                          "organisation.organisation_id"));
  out.name = organisation.name();
  ASSIGN_OR_RETURN(out.level,
                   EnumFrom<domain::OrganisationLevel>(
                       organisation.level(), v1::OrganisationLevel_IsValid(organisation.level()),
                       "organisation.level"));
  ASSIGN_OR_RETURN(out.parent, OptionalIdFrom<domain::OrganisationId>(organisation.parent_id(),
                                                                      "organisation.parent_id"));
  return out;
}

absl::StatusOr<domain::Activity> ActivityFrom(const v1::Activity& activity) {
  domain::Activity out;
  ASSIGN_OR_RETURN(out.organisation, OptionalIdFrom<domain::OrganisationId>(
                                         activity.organisation_id(), "activity.organisation_id"));
  ASSIGN_OR_RETURN(out.id,
                   IdFrom<domain::ActivityId>(activity.activity_id(), "activity.activity_id"));
  out.title = activity.title();
  out.place = activity.place();
  out.content = activity.content();
  out.person_in_charge = activity.person_in_charge();
  out.practice = activity.practice();
  return out;
}

namespace {

absl::StatusOr<domain::SessionBreak> SessionBreakFrom(const v1::SessionBreak& each) {
  domain::SessionBreak out;
  ASSIGN_OR_RETURN(out.kind, EnumFrom<domain::BreakKind>(
                                 each.kind(), v1::BreakKind_IsValid(each.kind()), "breaks.kind"));
  if (!each.has_start_time()) return FieldError("breaks.start_time", "BAD_TIME", "is required");
  if (!each.has_end_time()) return FieldError("breaks.end_time", "BAD_TIME", "is required");
  ASSIGN_OR_RETURN(out.starts, TimeFrom(each.start_time(), "breaks.start_time"));
  ASSIGN_OR_RETURN(out.ends, TimeFrom(each.end_time(), "breaks.end_time"));
  return out;
}

}  // namespace

absl::StatusOr<domain::Session> SessionFrom(const v1::Session& session) {
  domain::Session out;
  ASSIGN_OR_RETURN(out.key, SessionKeyFrom(session.has_session(), session.session()));
  if (out.key.session.empty()) return FieldError("session.session_id", "BAD_ID", "is required");
  if (!session.has_start_time()) return FieldError("start_time", "BAD_TIME", "is required");
  if (!session.has_end_time()) return FieldError("end_time", "BAD_TIME", "is required");
  ASSIGN_OR_RETURN(out.starts, TimeFrom(session.start_time(), "start_time"));
  ASSIGN_OR_RETURN(out.ends, TimeFrom(session.end_time(), "end_time"));
  for (const v1::Post& post : session.posts()) {
    ASSIGN_OR_RETURN(auto id, IdFrom<domain::PostId>(post.post_id(), "posts.post_id"));
    out.posts.push_back({.id = std::move(id), .title = post.title()});
  }
  for (const v1::SessionBreak& each : session.breaks()) {
    ASSIGN_OR_RETURN(out.breaks.emplace_back(), SessionBreakFrom(each));
  }
  // Unspecified is an answer here: as the server's configuration says.
  if (session.presentation() != v1::PRESENTATION_POLICY_UNSPECIFIED) {
    ASSIGN_OR_RETURN(out.presentation, EnumFrom<domain::PresentationPolicy>(
                                           session.presentation(),
                                           v1::PresentationPolicy_IsValid(session.presentation()),
                                           "presentation"));
  }
  if (session.challenge() != v1::CHALLENGE_UNSPECIFIED) {
    ASSIGN_OR_RETURN(out.challenge,
                     EnumFrom<domain::ChallengeKind>(session.challenge(),
                                                     v1::Challenge_IsValid(session.challenge()),
                                                     "challenge"));
  }
  if (!session.site_id().empty()) {
    ASSIGN_OR_RETURN(out.site, IdFrom<domain::SiteId>(session.site_id(), "session.site_id"));
  }
  return out;
}

absl::StatusOr<domain::RosterEntry> RosterEntryFrom(const v1::RosterEntry& entry) {
  domain::RosterEntry out;
  ASSIGN_OR_RETURN(out.volunteer,
                   IdFrom<domain::VolunteerId>(entry.volunteer_id(), "entries.volunteer_id"));
  ASSIGN_OR_RETURN(out.post, OptionalIdFrom<domain::PostId>(entry.post_id(), "entries.post_id"));
  if (entry.kind() != v1::ROSTER_KIND_UNSPECIFIED) {
    ASSIGN_OR_RETURN(
        out.kind, EnumFrom<domain::RosterKind>(entry.kind(), v1::RosterKind_IsValid(entry.kind()),
                                               "entries.kind"));
  }
  return out;
}

absl::StatusOr<domain::Consent> ConsentFrom(const v1::Consent& consent) {
  domain::Consent out;
  ASSIGN_OR_RETURN(out.item, ConsentItemFrom(consent.item(), "consents.item"));
  ASSIGN_OR_RETURN(out.form,
                   EnumFrom<domain::ConsentForm>(
                       consent.form(), v1::ConsentForm_IsValid(consent.form()), "consents.form"));
  out.reference = consent.reference();
  out.text_version = consent.text_version();
  if (consent.has_give_time()) {
    ASSIGN_OR_RETURN(out.given, TimeFrom(consent.give_time(), "consents.give_time"));
  }
  out.guardian = consent.guardian();
  out.guardian_evidence = consent.guardian_evidence();
  return out;
}

recognition::Zone ZoneFrom(bool present, const v1::Zone& zone) {
  if (!present) return {};
  return {.x1 = zone.x1(), .y1 = zone.y1(), .x2 = zone.x2(), .y2 = zone.y2()};
}

absl::StatusOr<app::Frame> FrameFrom(const v1::Frame& frame) {
  app::Frame out;
  out.frame_id = frame.frame_id();
  if (!frame.has_capture_time()) return FieldError("capture_time", "BAD_TIME", "is required");
  ASSIGN_OR_RETURN(out.capture_time, TimeFrom(frame.capture_time(), "capture_time"));
  out.content = base::SharedBytes::Of(base::AsBytes(frame.content()));
  out.starts_visit = frame.starts_visit();
  out.ends_visit = frame.ends_visit();
  return out;
}

absl::StatusOr<app::SourceSignature> SourceSignatureFrom(const v1::SourceSignature& signature) {
  app::SourceSignature out;
  if (!signature.has_time()) return FieldError("source_signature.time", "BAD_TIME", "is required");
  ASSIGN_OR_RETURN(out.time, TimeFrom(signature.time(), "source_signature.time"));
  out.signature = BytesFrom(signature.signature());
  return out;
}

std::vector<app::Photo> PhotosFrom(const google::protobuf::RepeatedPtrField<v1::Photo>& photos) {
  std::vector<app::Photo> out;
  out.reserve(static_cast<size_t>(photos.size()));
  for (const v1::Photo& photo : photos) {
    out.push_back({.content = base::AsBytes(photo.content()), .label = photo.label()});
  }
  return out;
}

int32_t WholeSeconds(base::Duration time) {
  return static_cast<int32_t>(std::chrono::ceil<std::chrono::seconds>(time).count());
}

void Put(base::Time time, google::protobuf::Timestamp* out) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  out->set_seconds(seconds.time_since_epoch().count());
  out->set_nanos(static_cast<int32_t>((time - seconds).count()) * 1000);
}

void Put(const domain::SessionKey& key, v1::SessionRef* out) {
  out->set_organisation_id(key.organisation.value);
  out->set_activity_id(key.activity.value);
  out->set_session_id(key.session.value);
}

void Put(const domain::Organisation& organisation, v1::Organisation* out) {
  out->set_organisation_id(organisation.id.value);
  out->set_name(organisation.name);
  out->set_level(static_cast<v1::OrganisationLevel>(organisation.level));
  out->set_parent_id(organisation.parent.value);
  Put(organisation.created, out->mutable_create_time());
}

void Put(const domain::Activity& activity, v1::Activity* out) {
  out->set_organisation_id(activity.organisation.value);
  out->set_activity_id(activity.id.value);
  out->set_title(activity.title);
  out->set_place(activity.place);
  out->set_content(activity.content);
  out->set_person_in_charge(activity.person_in_charge);
  out->set_practice(activity.practice);
  Put(activity.created, out->mutable_create_time());
  if (activity.closed) Put(*activity.closed, out->mutable_close_time());
}

void Put(const domain::SessionBreak& each, v1::SessionBreak* out) {
  out->set_kind(static_cast<v1::BreakKind>(each.kind));
  Put(each.starts, out->mutable_start_time());
  Put(each.ends, out->mutable_end_time());
}

void Put(const domain::Session& session, v1::Session* out) {
  Put(session.key, out->mutable_session());
  Put(session.starts, out->mutable_start_time());
  Put(session.ends, out->mutable_end_time());
  for (const domain::Post& post : session.posts) {
    v1::Post* added = out->add_posts();
    added->set_post_id(post.id.value);
    added->set_title(post.title);
  }
  out->set_presentation(static_cast<v1::PresentationPolicy>(session.presentation));
  out->set_challenge(static_cast<v1::Challenge>(session.challenge));
  out->set_site_id(session.site.value);
  for (const domain::SessionBreak& each : session.breaks) Put(each, out->add_breaks());
}

void Put(const app::PolicyView& view, v1::HoursPolicy* out) {
  out->set_label(view.label);
  out->set_title(view.title);
  out->set_title_zh(view.title_zh);
  out->set_source(view.source);
  out->set_sha256(view.sha256);
  out->set_text(view.text);
  out->set_server_default(view.server_default);
}

void Put(const domain::PolicyChoice& choice, v1::HoursPolicyChoice* out) {
  out->set_previous_label(choice.previous);
  out->set_label(choice.label);
  Put(choice.chosen, out->mutable_choose_time());
  out->set_recorder(choice.recorder);
}

void Put(const app::RosterView& view, v1::RosterEntry* out) {
  out->set_volunteer_id(view.entry.volunteer.value);
  out->set_post_id(view.entry.post.value);
  out->set_kind(static_cast<v1::RosterKind>(view.entry.kind));
  out->set_name(view.name);
  out->set_face_enrolled(view.face_enrolled);
  out->set_needs_second_factor(view.needs_second_factor);
}

void Put(const domain::Consent& consent, v1::Consent* out) {
  out->set_item(static_cast<v1::ConsentItem>(consent.item));
  out->set_form(static_cast<v1::ConsentForm>(consent.form));
  out->set_reference(consent.reference);
  out->set_text_version(consent.text_version);
  Put(consent.given, out->mutable_give_time());
  out->set_guardian(consent.guardian);
  out->set_guardian_evidence(consent.guardian_evidence);
  out->set_recorder(consent.recorder);
  if (consent.withdrawn) Put(*consent.withdrawn, out->mutable_withdraw_time());
}

void Put(const app::VolunteerView& view, v1::Volunteer* out) {
  out->set_volunteer_id(view.volunteer.id.value);
  out->set_name(view.volunteer.name);
  out->set_age_band(static_cast<v1::AgeBand>(view.volunteer.age_band));
  Put(view.volunteer.created, out->mutable_create_time());
  for (const domain::Consent& consent : view.consents) Put(consent, out->add_consents());
  out->set_face_enrolled(view.face_enrolled);
  out->set_photos(view.photos);
  out->set_has_pin(view.has_pin);
  for (const auto& organisation : view.organisations) out->add_organisation_ids(organisation.value);
  out->set_face_off_reason(view.face_off_reason);
  out->set_re_enrolment_due(view.re_enrolment_due);
  for (const auto& sibling : view.siblings) out->add_sibling_ids(sibling.value);
}

void Put(const app::PhotoVerdict& verdict, v1::PhotoVerdict* out) {
  out->set_label(verdict.label);
  out->set_accepted(verdict.accepted);
  out->set_reason(verdict.reason);
  out->set_message(verdict.message);
}

void Put(const ledger::Receipt& receipt, v1::Receipt* out) {
  out->set_sequence(receipt.sequence);
  out->set_event_id(receipt.event_id.ToString());
  out->set_kind(static_cast<v1::EventKind>(receipt.kind));
  Put(receipt.record_time, out->mutable_record_time());
  out->set_minutes(receipt.minutes.value_or(0));
  out->set_replayed(receipt.replayed);
  out->set_practice(receipt.practice);
  out->set_request_id(receipt.request_id.ToString());
}

void Put(const ledger::Visit& visit, v1::Visit* out) {
  Put(visit.session, out->mutable_session());
  Put(visit.in, out->mutable_in_time());
  if (visit.out) Put(*visit.out, out->mutable_out_time());
  out->set_minutes(visit.minutes);
  out->set_pending(visit.status == ledger::VisitStatus::kPending);
  out->set_in_evidence(static_cast<v1::EvidenceClass>(visit.in_evidence));
  if (visit.out_evidence) {
    out->set_out_evidence(static_cast<v1::EvidenceClass>(*visit.out_evidence));
  }
  out->set_practice(visit.practice);
  out->set_policy(visit.policy);
  if (!visit.entry.IsNil()) out->set_entry_id(visit.entry.ToString());
  if (!visit.proposal.IsNil()) out->set_proposal_id(visit.proposal.ToString());
  out->set_corrected(visit.status == ledger::VisitStatus::kCorrected);
  out->set_awaiting_parent_minutes(visit.awaiting_parent);
  out->set_awaiting_province_minutes(visit.awaiting_province);
  if (!visit.in_event.IsNil()) out->set_in_event_id(visit.in_event.ToString());
  Put(visit.session_starts, out->mutable_session_start_time());
  Put(visit.session_ends, out->mutable_session_end_time());
  for (const domain::SessionBreak& each : visit.breaks) Put(each, out->add_breaks());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(visit.activity_length);
  out->mutable_activity_length()->set_seconds(seconds.count());
  out->mutable_activity_length()->set_nanos(static_cast<int32_t>(
      std::chrono::nanoseconds(visit.activity_length - seconds).count()));
}

void Put(const app::Hours::VolunteerHours& hours, v1::VolunteerHours* out) {
  out->set_volunteer_id(hours.volunteer.value);
  out->set_name(hours.name);
  out->set_minutes(hours.hours.minutes);
  out->set_witnessed_minutes(hours.hours.minutes_witnessed);
  out->set_attested_minutes(hours.hours.minutes_attested);
  out->set_entered_afterwards_minutes(hours.hours.minutes_entered_afterwards);
  out->set_practice_minutes(hours.hours.practice_minutes);
  for (const ledger::Visit& visit : hours.hours.visits) Put(visit, out->add_visits());
  out->set_open_visits(hours.hours.open_visits);
  out->set_pending_visits(hours.hours.pending_visits);
  out->set_awaiting_parent_minutes(hours.hours.awaiting_parent);
  out->set_awaiting_province_minutes(hours.hours.awaiting_province);
}

void Put(const app::Hours::Event& event, v1::AttendanceEvent* out) {
  const domain::AttendanceEvent& fact = event.stored.event;
  out->set_sequence(event.stored.sequence);
  out->set_event_id(fact.event_id.ToString());
  out->set_kind(static_cast<v1::EventKind>(fact.kind));
  Put(fact.session, out->mutable_session());
  out->set_volunteer_id(event.volunteer.value);
  Put(fact.capture_time, out->mutable_capture_time());
  Put(fact.record_time, out->mutable_record_time());
  out->set_evidence(static_cast<v1::EvidenceClass>(fact.evidence));
  for (const domain::Proof& proof : fact.proofs) out->add_proofs(proof.detail);
  out->set_source(static_cast<v1::SourceKind>(fact.source));
  out->set_kiosk_id(fact.kiosk.value);
  out->set_practice(fact.practice);
  if (!fact.reverses.IsNil()) out->set_reverses_event_id(fact.reverses.ToString());
  out->set_request_id(fact.request_id.ToString());
}

void Put(const app::FrameDecision& decision, v1::FrameDecision* out) {
  out->set_frame_id(decision.frame_id);
  PutDecision(decision.decision, out);
  out->set_volunteer_id(decision.volunteer.value);
  out->set_name(decision.name);
  if (!decision.token.empty()) {
    out->set_token(decision.token.data(), decision.token.size());
    Put(decision.token_expires, out->mutable_token_expire_time());
  }
  if (decision.box) {
    for (const float side :
         {decision.box->x1, decision.box->y1, decision.box->x2, decision.box->y2}) {
      out->add_box(side);
    }
  }
  out->set_frames_dropped(decision.frames_dropped);
  out->set_visit_decided(decision.visit_decided);
  out->set_retry_after_seconds(WholeSeconds(decision.retry_after));
  if (decision.challenge_expires) {
    Put(*decision.challenge_expires, out->mutable_challenge_expire_time());
  }
  out->set_number(decision.number);
}

void Put(const app::FrameError& error, v1::FrameError* out) {
  out->set_frame_id(error.frame_id);
  const grpc::Status shown = ToGrpcStatus(error.status);
  const std::string reason = base::ErrorReason(error.status);
  out->set_reason(reason.empty() ? absl::StatusCodeToString(error.status.code()) : reason);
  out->set_message(shown.error_message());
}

}  // namespace rollcall::rpc
