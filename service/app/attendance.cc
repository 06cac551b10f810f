#include "app/attendance.h"

#include <cmath>
#include <utility>
#include <variant>

#include "app/payload_hash.h"
#include "app/scope.h"
#include "base/log.h"

namespace rollcall::app {
namespace {

using domain::Decision;

absl::Status Invalid(std::string_view reason, std::string_view message) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, reason, message);
}

absl::Status CheckRequest(const base::Uuid& request_id, domain::Action action) {
  RETURN_IF_ERROR(CheckRequestId(request_id));
  if (action == domain::Action::kUnspecified) {
    return Invalid("BAD_ACTION", "action: say in, out or auto");
  }
  return absl::OkStatus();
}

base::Sha256Digest PayloadOf(const Attendance::RecordRequest& request) {
  return PayloadHash("record/1")
      .Bytes(request.token)
      .Number(static_cast<int64_t>(request.action))
      .Bytes(request.second_token)
      .Digest();
}

base::Sha256Digest PayloadOf(const Attendance::CheckInRequest& request) {
  PayloadHash hash("check-in/1");
  hash.Text(request.look.session.organisation.value)
      .Text(request.look.session.activity.value)
      .Text(request.look.session.session.value)
      .Text(request.look.kiosk.value)
      .Number(static_cast<int64_t>(request.look.source))
      .Number(std::lround(request.look.zone.x1 * 1e6))
      .Number(std::lround(request.look.zone.y1 * 1e6))
      .Number(std::lround(request.look.zone.x2 * 1e6))
      .Number(std::lround(request.look.zone.y2 * 1e6))
      .Number(static_cast<int64_t>(request.action));
  for (const Frame& frame : request.frames) {
    hash.Number(frame.frame_id)
        .Number(base::ToUnixMicros(frame.capture_time))
        .Bytes(frame.content);
  }
  return hash.Digest();
}

absl::Status CheckFrames(const std::vector<Frame>& frames) {
  size_t bytes = 0;
  for (const Frame& frame : frames) bytes += frame.content.size();
  if (frames.empty() || frames.size() > Attendance::kMaxFrames ||
      bytes > Attendance::kMaxFramesBytes) {
    return Invalid("BAD_FRAMES", "1 to 10 frames of one visit are needed, 8 MiB in all");
  }
  return absl::OkStatus();
}

// A second proof is one of another kind, for the same person at the same session and, where both
// know it, at the same kiosk.
absl::Status CheckSecond(const Token& first, const Token& second) {
  const bool other_kiosk =
      !first.kiosk.empty() && !second.kiosk.empty() && first.kiosk != second.kiosk;
  if (second.evidence != first.evidence && second.session == first.session &&
      second.volunteer_key == first.volunteer_key && !other_kiosk) {
    return absl::OkStatus();
  }
  return Invalid("SECOND_TOKEN",
                 "the second token must prove the same volunteer in another way, in the same "
                 "session and at the same kiosk");
}

domain::AttendanceEvent EventOf(const Token& token, const std::optional<Token>& second,
                                const base::Uuid& request_id, const Call& call) {
  domain::AttendanceEvent event;
  event.session = token.session;
  event.volunteer_key = token.volunteer_key;
  event.capture_time = token.capture_time;
  event.evidence = token.evidence;
  event.proofs = token.proofs;
  event.source = token.source;
  event.kiosk = token.kiosk;
  event.recorder = call.caller.identity;
  event.practice = token.practice;
  event.token_id = token.id;
  event.request_id = request_id;
  if (second) {
    event.proofs.insert(event.proofs.end(), second->proofs.begin(), second->proofs.end());
    event.second_token_id = second->id;
    if (event.source == domain::SourceKind::kNone) event.source = second->source;
    if (event.kiosk.empty()) event.kiosk = second->kiosk;
  }
  return event;
}

}  // namespace

void Attendance::Record(const Call& call, const RecordRequest& request, Done done) {
  Commit(call, PlanRecord(call, request), std::move(done));
}

void Attendance::CheckIn(const Call& call, const CheckInRequest& request, Done done) {
  Commit(call, PlanCheckIn(call, request), std::move(done));
}

absl::StatusOr<Attendance::Plan> Attendance::PlanRecord(const Call& call,
                                                        const RecordRequest& request) {
  RETURN_IF_ERROR(CheckRequest(request.request_id, request.action));
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const Token token, services_.tokens.Open(request.token));
  RETURN_IF_ERROR(CheckMine(call, token));
  const Payload payload = [&request] { return PayloadOf(request); };
  ASSIGN_OR_RETURN(auto earlier,
                   Earlier(token.session.organisation, request.request_id, payload));
  if (earlier) return *std::move(earlier);
  return PlanSpending(call, {request.token, request.second_token, request.action,
                             request.request_id, payload});
}

// A token is good within its spender's organisation, and at the kiosk where it was made.
absl::Status Attendance::CheckMine(const Call& call, const Token& token) const {
  RETURN_IF_ERROR(
      OrganisationFor(services_, call.caller, token.session.organisation).status());
  return CheckSameKiosk(call.caller, token.kiosk);
}

absl::StatusOr<Attendance::Plan> Attendance::PlanCheckIn(const Call& call,
                                                         const CheckInRequest& request) {
  RETURN_IF_ERROR(CheckRequest(request.request_id, request.action));
  RETURN_IF_ERROR(CheckFrames(request.frames));
  LookConfig look = request.look;
  ASSIGN_OR_RETURN(look.kiosk, KioskFor(call.caller, look.kiosk));
  RETURN_IF_ERROR(ValidateLookConfig(look));
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const domain::OrganisationId organisation,
                   OrganisationFor(services_, call.caller, look.session.organisation));
  const Payload payload = [&request] { return PayloadOf(request); };
  ASSIGN_OR_RETURN(auto earlier, Earlier(organisation, request.request_id, payload));
  if (earlier) return *std::move(earlier);

  ASSIGN_OR_RETURN(look.session, SessionFor(services_, call.caller, look.session));
  ASSIGN_OR_RETURN(const auto roster, services_.rosters.Get(look.session));
  const bool practice = roster->activity.practice;
  RETURN_IF_ERROR(CheckSource(call, request, practice, look));
  look.request = request.request_id;
  RETURN_IF_ERROR(domain::CheckFaceUsable(services_.settings.face, practice));
  ASSIGN_OR_RETURN(const FrameDecision seen, LookAt(call, request, look));
  if (seen.decision == Decision::kRecognised) {
    return PlanSpending(call, {seen.token, {}, request.action, request.request_id, payload});
  }
  Plan plan;
  // Nobody is there to read a number: for a simple client it is a second factor like any other.
  plan.refusal = seen.decision == Decision::kShowNumber ? Decision::kSecondFactorNeeded
                                                        : seen.decision;
  plan.volunteer = seen.volunteer;
  plan.name = seen.name;
  plan.retry_after = seen.retry_after;
  return plan;
}

// Before a frame is looked at. Sets resolved.vouched_for.
absl::Status Attendance::CheckSource(const Call& call, const CheckInRequest& request,
                                     bool practice, LookConfig& resolved) {
  resolved.vouched_for = NeedsSourceSignature(call, resolved, practice);
  if (request.source_signature) {
    return CheckSourceSignature(services_, call, request.look, request.request_id,
                                *request.source_signature);
  }
  return resolved.vouched_for ? SourceNotSigned() : absl::OkStatus();
}

absl::StatusOr<FrameDecision> Attendance::LookAt(const Call& call, const CheckInRequest& request,
                                                 const LookConfig& config) {
  int64_t last_frame_id = 0;
  for (const Frame& frame : request.frames) {
    RETURN_IF_ERROR(ValidateFrame(frame, last_frame_id, services_.clock.Now(),
                                  services_.settings));
    last_frame_id = frame.frame_id;
  }
  FrameDecision decision;
  const auto look = [&](recognition::FacePipeline& pipeline) -> absl::Status {
    Looker looker(services_, config, base::Uuid{});
    for (size_t i = 0; i < request.frames.size(); ++i) {
      Frame frame = request.frames[i];  // its content is shared, not copied
      frame.starts_visit = i == 0;
      frame.ends_visit = i + 1 == request.frames.size();
      FrameAnswer answer = looker.Look(pipeline, frame, call);
      if (const auto* error = std::get_if<FrameError>(&answer)) return error->status;
      decision = std::get<FrameDecision>(std::move(answer));
      if (decision.visit_decided) break;
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(services_.workers.Run(call, WorkLane::Doorway(config.kiosk), look));
  return decision;
}

// The receipt of this request exists: the ledger is asked again, with nothing but what it compares,
// and answers with that receipt or with REQUEST_ID_REUSED. Nothing else is checked, since nothing
// that happened afterwards may change the answer.
absl::StatusOr<std::optional<Attendance::Plan>> Attendance::Earlier(
    const domain::OrganisationId& organisation, const base::Uuid& request_id,
    const Payload& payload) {
  const auto receipt = services_.ledger.GetByRequestId(organisation, request_id);
  if (absl::IsNotFound(receipt.status())) return std::optional<Plan>();
  RETURN_IF_ERROR(receipt.status());
  Plan plan;
  plan.record.event.session = receipt->session;
  plan.record.event.volunteer_key = receipt->volunteer_key;
  plan.record.event.request_id = request_id;
  plan.record.event.token_id = services_.ids.Next();
  plan.record.action = domain::Action::kAuto;
  plan.record.payload_hash = payload();
  plan.record.now = services_.clock.Now();
  ASSIGN_OR_RETURN(plan.record.session, services_.registry.GetSession(receipt->session));
  const auto volunteer = services_.registry.GetVolunteerByKey(receipt->volunteer_key);
  if (volunteer.ok()) {
    plan.volunteer = volunteer->id;
    plan.name = volunteer->name;
  }
  return std::optional(std::move(plan));
}

absl::StatusOr<Attendance::Plan> Attendance::PlanSpending(const Call& call, const Spent& spent) {
  const base::Time now = services_.clock.Now();
  ASSIGN_OR_RETURN(const Token token, services_.tokens.Open(spent.token));
  RETURN_IF_ERROR(CheckFresh(token, now));
  std::optional<Token> second;
  if (!spent.second_token.empty()) {
    ASSIGN_OR_RETURN(second, services_.tokens.Open(spent.second_token));
    RETURN_IF_ERROR(CheckFresh(*second, now));
    RETURN_IF_ERROR(CheckMine(call, *second));
    RETURN_IF_ERROR(CheckSecond(token, *second));
  }
  Plan plan;
  plan.volunteer = token.volunteer;
  ASSIGN_OR_RETURN(plan.refusal, Refusal(token, second, spent.action, plan));
  if (plan.refusal) return plan;
  NoteMatches(token, second);
  plan.record.event = EventOf(token, second, spent.request_id, call);
  plan.record.event.post = plan.post;
  plan.record.action = plan.auto_in_closed ? domain::Action::kOut : spent.action;
  plan.record.window = services_.settings.window;
  plan.record.rules = services_.settings.visit_rules;
  ASSIGN_OR_RETURN(plan.record.policy,
                   services_.policies.For(plan.record.session.key.organisation));
  plan.record.payload_hash = spent.payload();
  plan.record.now = now;
  RETURN_IF_ERROR(call.StillWanted());
  return plan;
}

// So that new photos are asked for in time. No reason to keep anybody from her hours when it fails.
void Attendance::NoteMatches(const Token& token, const std::optional<Token>& second) {
  const auto note = [&](const Token& face) {
    const absl::Status noted = services_.registry.NoteMatch(face.volunteer, face.capture_time,
                                                            face.weak_match);
    if (!noted.ok()) base::log::Warning("match_not_noted", {{"error", noted.ToString()}});
  };
  if (token.evidence == domain::EvidenceClass::kFace) note(token);
  if (second && second->evidence == domain::EvidenceClass::kFace) note(*second);
}

// Why the token may not be spent now; nothing: it may. What has changed since the look counts.
absl::StatusOr<std::optional<Decision>> Attendance::Refusal(const Token& token,
                                                            const std::optional<Token>& second,
                                                            domain::Action action, Plan& plan) {
  ASSIGN_OR_RETURN(const auto roster, services_.rosters.Get(token.session));
  plan.record.session = roster->session;
  plan.record.activity_length = roster->activity_length;
  const auto volunteer = services_.registry.GetVolunteer(token.volunteer);
  if (!volunteer.ok() && !absl::IsNotFound(volunteer.status())) return volunteer.status();
  ASSIGN_OR_RETURN(const auto entry,
                   services_.registry.FindOnRoster(token.session, token.volunteer));
  if (!volunteer.ok() || volunteer->key != token.volunteer_key || !entry) {
    return Decision::kNotOnRoster;
  }
  plan.name = volunteer->name;
  plan.post = entry->post;
  const auto rests_on_face = [](const Token& t) {
    return t.evidence == domain::EvidenceClass::kFace;
  };
  if (rests_on_face(token) || (second && rests_on_face(*second))) {
    ASSIGN_OR_RETURN(const auto consents, services_.registry.Consents(token.volunteer));
    if (!domain::FaceUsable(services_.settings.face, roster->activity.practice) ||
        !domain::FaceAllowed(consents, volunteer->age_band,
                             services_.settings.consent_text_version)) {
      return Decision::kUseOtherWay;
    }
  }
  const bool from_files = token.source == domain::SourceKind::kVideoFile ||
                          token.source == domain::SourceKind::kPictures;
  if (from_files && !roster->activity.practice) return Decision::kSourceNotAllowed;
  if (roster->activity.closed) {
    ASSIGN_OR_RETURN(const auto refusal, RefusalWhenClosed(token, action, plan));
    if (refusal) return refusal;
  }
  if (token.needs_second_factor && !second) return Decision::kSecondFactorNeeded;
  return std::optional<Decision>();
}

// A closed activity takes no check-in, but whoever is in may leave. `auto` is settled here and
// handed on as "out", so that a check-out in between cannot turn it into a check-in.
absl::StatusOr<std::optional<Decision>> Attendance::RefusalWhenClosed(const Token& token,
                                                                      domain::Action action,
                                                                      Plan& plan) {
  if (action == domain::Action::kIn) return Decision::kActivityClosed;
  if (action == domain::Action::kOut) return std::optional<Decision>();
  ASSIGN_OR_RETURN(const auto visit,
                   services_.ledger.GetVisitState(token.session, token.volunteer_key));
  if (!visit.open_since) return Decision::kActivityClosed;
  if (services_.clock.Now() - *visit.open_since < services_.settings.visit_rules.auto_checkout_guard) {
    return Decision::kTooSoon;
  }
  plan.auto_in_closed = true;
  return std::optional<Decision>();
}

void Attendance::Commit(const Call& call, absl::StatusOr<Plan> plan, Done done) {
  if (plan.ok() && !plan->refusal) {
    const absl::Status wanted = call.StillWanted();
    if (!wanted.ok()) plan = wanted;
  }
  if (!plan.ok()) return done(plan.status());

  AttendanceAnswer answer;
  answer.volunteer = plan->volunteer;
  answer.name = plan->name;
  answer.retry_after = plan->retry_after;
  const auto count = [&metrics = services_.metrics](Decision decision) {
    metrics
        .GetCounter("rollcall_attendance_total", "Attempts to record, by what they came to",
                    {{"decision", std::string(domain::ToString(decision))}})
        .Add();
  };
  if (plan->refusal) {
    answer.decision = *plan->refusal;
    count(answer.decision);
    return done(std::move(answer));
  }
  services_.ledger.RecordAsync(
      std::move(plan->record),
      [answer = std::move(answer), done = std::move(done), count,
       auto_out = plan->auto_in_closed](absl::StatusOr<ledger::RecordOutcome> outcome) mutable {
        if (!outcome.ok()) return done(outcome.status());
        answer.decision = outcome->decision;
        if (auto_out && answer.decision == Decision::kNotCheckedIn) {
          answer.decision = Decision::kActivityClosed;
        }
        answer.receipt = std::move(outcome->receipt);
        count(answer.decision);
        done(std::move(answer));
      });
}

void Attendance::Undo(const Call& call, const UndoRequest& request, Done done) {
  if (const absl::Status id = CheckRequestId(request.request_id); !id.ok()) return done(id);
  const auto organisation = OrganisationFor(services_, call.caller, request.organisation);
  if (!organisation.ok()) return done(organisation.status());
  const auto event = services_.ledger.GetEvent(*organisation, request.event_id);
  if (!event.ok()) return done(event.status());
  if (call.caller.role == domain::Role::kKiosk) {
    const absl::Status here = CheckSameKiosk(call.caller, event->event.kiosk);
    if (!here.ok()) return done(here);
  }
  AttendanceAnswer answer;
  const auto volunteer = services_.registry.GetVolunteerByKey(event->event.volunteer_key);
  if (volunteer.ok()) {
    answer.volunteer = volunteer->id;
    answer.name = volunteer->name;
  }
  const absl::Status wanted = call.StillWanted();
  if (!wanted.ok()) return done(wanted);
  ledger::UndoRequest undo;
  undo.organisation = *organisation;
  undo.event_id = request.event_id;
  undo.request_id = request.request_id;
  undo.payload_hash = PayloadHash("undo/1").Text(request.event_id.ToString()).Digest();
  undo.undo_window = services_.settings.visit_rules.undo_window;
  undo.kiosk = call.caller.role == domain::Role::kKiosk ? domain::KioskId(call.caller.identity)
                                                        : request.kiosk;
  undo.recorder = call.caller.identity;
  undo.now = services_.clock.Now();
  services_.ledger.UndoAsync(
      std::move(undo), [answer = std::move(answer), done = std::move(done)](
                           absl::StatusOr<ledger::RecordOutcome> outcome) mutable {
        if (!outcome.ok()) return done(outcome.status());
        answer.decision = outcome->decision;
        answer.receipt = std::move(outcome->receipt);
        done(std::move(answer));
      });
}

}  // namespace rollcall::app
