// The second half of Looker: from the frames of one attempt to a decision, and a name.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "app/alarm.h"
#include "app/faces.h"
#include "app/look.h"
#include "app/nearest.h"
#include "app/stage_timer.h"
#include "app/token_maker.h"
#include "domain/face_policy.h"

namespace rollcall::app {
namespace {

using domain::Decision;

bool NamesSomebody(Decision decision) {
  return decision == Decision::kRecognised || decision == Decision::kSecondFactorNeeded;
}

// The side with more room, drawn by lot for a head that faces the camera: the gate wants to see the
// face at the end of the turn too.
Decision SideToTurn(float yaw_degrees, base::RandomSource& random) {
  constexpr float kFacesTheCamera = 12;
  if (yaw_degrees > kFacesTheCamera) return Decision::kTurnLeft;
  if (yaw_degrees < -kFacesTheCamera) return Decision::kTurnRight;
  std::array<uint8_t, 1> lot{};
  random.Fill(lot);
  return lot[0] % 2 == 0 ? Decision::kTurnLeft : Decision::kTurnRight;
}

// Four digits; a tiny bias from the remainder does no harm.
std::string NewNumber(base::RandomSource& random) {
  std::array<uint8_t, 4> bytes{};
  random.Fill(bytes);
  std::string number;
  for (const uint8_t byte : bytes) number += static_cast<char>('0' + byte % 10);
  return number;
}

// For the auditor; empty where nothing was asked.
std::string ChallengeProof(domain::ChallengeResult result, domain::ChallengeKind kind) {
  if (result == domain::ChallengeResult::kNotAsked) return "";
  const std::string what(domain::ToString(kind));
  return result == domain::ChallengeResult::kMet ? "challenge " + what + ": done as asked"
                                                 : "challenge " + what + ": not done in time";
}

std::string Pictures(int32_t count, const char* one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

}  // namespace

domain::HeadSample Looker::SampleOf(const recognition::Face& face) {
  return {face.quality.yaw_degrees, face.quality.eyes_closed_probability};
}

absl::StatusOr<FrameDecision> Looker::DecideVisit(const Frame& frame) {
  ASSIGN_OR_RETURN(Match match, Compare());
  ++attempts_;
  const domain::PresentationRules rules = Rules();
  const bool replayed = match.suspected() && !roster_->activity.practice;
  const bool refused =
      domain::JudgePresentation(rules.policy, match.held_up_picture, match.challenge) ==
      domain::PresentationVerdict::kRefuse;
  if (!replayed && !refused && NamesSomebody(match.result.decision)) {
    if (rules.challenge == domain::ChallengeKind::kTurn ||
        rules.challenge == domain::ChallengeKind::kBlink) {
      if (!frame.ends_visit) return Ask(std::move(match), frame);
      match.challenge = domain::ChallengeResult::kNotMet;  // no more frames come
    }
    return Conclude(match, frame);
  }
  FrameDecision decision;
  decision.frame_id = frame.frame_id;
  if (last_face_) decision.box = last_face_->box;
  decision.decision =
      replayed || refused ? Decision::kSuspectedPicture : match.result.decision;
  Note(match, frame, decision.decision);
  if (replayed) RaiseSuspicions(match);
  CountUndecided(match, frame);
  if (attempts_ >= services_.settings.match.max_attempts) {
    decision.decision = Decision::kUseOtherWay;
    decision.visit_decided = true;
    decided_ = Decided{decision, {}, std::nullopt};
  }
  track_.Reset();  // the next attempt rests on frames of its own
  repeated_ = false;
  return decision;
}

void Looker::CountUndecided(const Match& match, const Frame& frame) {
  if (roster_->activity.practice) return;
  if (services_.kiosks.attempts().Spend(config_.kiosk.value) == base::Duration::zero()) return;
  Raise(services_.metrics, Alarm::kFaceAttempts, config_.kiosk);
  Note(match, frame, Decision::kUseOtherWay, true);
}

void Looker::RaiseSuspicions(const Match& match) const {
  if (match.frames_repeated) Raise(services_.metrics, Alarm::kFrameRepeated, config_.kiosk);
  if (match.still) Raise(services_.metrics, Alarm::kFaceStill, config_.kiosk);
  if (match.repeat_of_photo) Raise(services_.metrics, Alarm::kEnrolmentPhoto, config_.kiosk);
}

domain::PresentationRules Looker::Rules() const {
  return domain::RulesFor(roster_->session.presentation, roster_->session.challenge,
                          services_.settings.presentation, roster_->activity.practice,
                          config_.source == domain::SourceKind::kCamera);
}

FrameDecision Looker::Ask(Match match, const Frame& frame) {
  const domain::PresentationSettings& settings = services_.settings.presentation;
  const domain::HeadSample head = SampleOf(*last_face_);
  const Decision prompt = Rules().challenge == domain::ChallengeKind::kBlink
                              ? Decision::kCloseEyes
                              : SideToTurn(head.yaw_degrees, services_.random);
  Note(match, frame, prompt);
  pending_ = Pending{std::move(match),
                     domain::Challenge(prompt, head,
                                       services_.clock.Now() + settings.challenge_time, settings)};
  return Prompt(frame);
}

FrameDecision Looker::Prompt(const Frame& frame) const {
  FrameDecision decision;
  decision.frame_id = frame.frame_id;
  decision.decision = pending_->challenge.prompt();
  decision.challenge_expires = pending_->challenge.expires();
  if (last_face_) decision.box = last_face_->box;
  return decision;
}

absl::StatusOr<FrameDecision> Looker::GoOnAsking(const Frame& frame,
                                                 const std::optional<domain::HeadSample>& sample) {
  using State = domain::Challenge::State;
  const State state = pending_->challenge.Observe(sample, services_.clock.Now());
  if (state == State::kWaiting && !frame.ends_visit) return Prompt(frame);
  Match match = std::move(pending_->match);
  pending_.reset();
  match.member = roster_->Find(match.result.subject);  // in the roster of this frame
  match.challenge = state == State::kMet ? domain::ChallengeResult::kMet
                                         : domain::ChallengeResult::kNotMet;
  return Conclude(match, frame);
}

// Somebody was recognised, and what she was asked to do is settled.
absl::StatusOr<FrameDecision> Looker::Conclude(const Match& match, const Frame& frame) {
  const domain::PresentationRules rules = Rules();
  FrameDecision decision;
  decision.frame_id = frame.frame_id;
  if (last_face_) decision.box = last_face_->box;
  decision.decision = match.result.decision;
  switch (domain::JudgePresentation(rules.policy, match.held_up_picture, match.challenge)) {
    case domain::PresentationVerdict::kAccept: break;
    case domain::PresentationVerdict::kSecondFactor:
      decision.decision = Decision::kSecondFactorNeeded;
      break;
    case domain::PresentationVerdict::kRefuse: decision.decision = Decision::kUseOtherWay; break;
  }
  if (rules.challenge == domain::ChallengeKind::kNumber && NamesSomebody(decision.decision)) {
    decision.decision = Decision::kShowNumber;
    decision.number = NewNumber(services_.random);
  }
  Note(match, frame, decision.decision);
  if (decision.decision == Decision::kUseOtherWay) {
    CountUndecided(match, frame);
    decision.visit_decided = true;
    decided_ = Decided{decision, {}, std::nullopt};
    return decision;
  }
  RETURN_IF_ERROR(Name(match, frame, decision));
  return decision;
}

absl::StatusOr<Looker::Match> Looker::Compare() {
  const StageTimer timer(services_, "search");
  const LookSettings& settings = services_.settings.look;
  Match match;
  match.frames = std::min(settings.max_frames, track_.frames());
  const auto exactly = [&]() -> absl::StatusOr<recognition::Embedding> {
    services_.metrics
        .GetCounter("rollcall_close_calls_total",
                    "Attempts so near a threshold that they were decided on float32 embeddings", {})
        .Add();
    RETURN_IF_ERROR(track_.EmbedExactly(*pipeline_, settings.max_frames));
    return track_.Probe(settings.max_frames);
  };
  ASSIGN_OR_RETURN(auto candidates, FindNearest(services_, *rows_, match.frames,
                                                track_.Probe(settings.max_frames), exactly));
  match.photos = candidates.empty() ? 0 : candidates.front().photos;
  match.still = track_.still();
  match.frames_repeated = repeated_;
  match.live = track_.live();
  match.held_up_picture =
      domain::HeldUpPictureNoticed(match.live, services_.settings.presentation);
  const auto decide = [&] {
    return domain::DecideMatch(candidates, static_cast<int64_t>(enrolled_.size()), match.frames,
                               services_.settings.match, services_.calibration);
  };
  match.result = decide();
  if (match.result.decision == Decision::kRecognised) {
    candidates.front().needs_second_factor =
        roster_->siblings.contains(match.result.subject) ||
        HasLookAlike(*roster_, *gallery_, match.result.subject,
                     services_.settings.match.look_alike);
    match.result = decide();
  }
  if (!match.result.subject.IsNil()) {
    match.member = roster_->Find(match.result.subject);
    match.repeat_of_photo = RepeatsPhoto(match.result.subject);
  }
  return match;
}

bool Looker::RepeatsPhoto(const base::Uuid& subject) const {
  const auto kept = track_.kept();
  return std::any_of(kept.begin(), kept.end(), [&](const recognition::Embedding& frame) {
    return gallery_->NearestPhoto(subject, frame.values).value_or(0) >=
           services_.settings.look.repeat_of_photo;
  });
}

// Fills in who it is, with a token, and ends the visit.
absl::Status Looker::Name(const Match& match, const Frame& frame, FrameDecision& decision) {
  ASSIGN_OR_RETURN(const auto volunteer,
                   services_.registry.GetVolunteer(match.member->entry.volunteer));
  decision.visit_decided = true;
  if (roster_->activity.closed) {
    ASSIGN_OR_RETURN(const auto visit,
                     services_.ledger.GetVisitState(roster_->session.key, volunteer.key));
    if (!visit.open_since) {
      decision.decision = Decision::kActivityClosed;
      decision.number.clear();
      decided_ = Decided{decision, match.result.subject, std::nullopt};
      return absl::OkStatus();
    }
  }
  Token token = NewToken(services_, *roster_, volunteer);
  token.kiosk = config_.kiosk;
  token.stream = nonce_;
  token.source = config_.source;
  token.capture_time = frame.capture_time;
  token.evidence = domain::EvidenceClass::kFace;
  token.needs_second_factor = decision.decision != Decision::kRecognised;
  token.weak_match = match.result.threshold &&
                     domain::IsWeakMatch(match.result.score, *match.result.threshold);
  token.proofs = {{token.evidence, "template of " + Pictures(match.photos, "photo") +
                                       ", probe of " + Pictures(match.frames, "frame")}};
  if (config_.vouched_for) {
    token.proofs.push_back({token.evidence, "signed by the kiosk: camera " + config_.device});
  }
  std::string suspicion;
  if (match.still) suspicion = " it did not move;";
  if (match.repeat_of_photo) suspicion += " almost exactly an enrolment photo;";
  if (match.frames_repeated) suspicion += " shown before;";
  if (match.held_up_picture) suspicion += " something held up was noticed;";
  if (!suspicion.empty()) {
    suspicion.pop_back();
    token.proofs.push_back({token.evidence, "suspected picture:" + suspicion});
  }
  if (!decision.number.empty()) {
    token.proofs.push_back({token.evidence, "asked to show number " + decision.number +
                                                " to a member of staff"});
  } else if (const std::string done = ChallengeProof(match.challenge, Rules().challenge);
             !done.empty()) {
    token.proofs.push_back({token.evidence, done});
  }
  decision.volunteer = volunteer.id;
  decision.name = volunteer.name;
  decision.token = services_.tokens.Seal(token);
  decision.token_expires = token.expires;
  decided_ = Decided{decision, match.result.subject, std::move(token)};
  return absl::OkStatus();
}

FrameDecision Looker::Repeat(const Frame& frame) {
  const base::Time now = services_.clock.Now();
  if (decided_->token && now > decided_->token->expires) {
    Token& token = *decided_->token;
    token.id = services_.ids.Next();
    token.issued = now;
    token.capture_time = frame.capture_time;
    token.expires = now + services_.settings.token_lifetime;
    decided_->decision.token = services_.tokens.Seal(token);
    decided_->decision.token_expires = token.expires;
  }
  FrameDecision decision = decided_->decision;
  decision.frame_id = frame.frame_id;
  decision.box = last_face_->box;
  return decision;
}

void Looker::Note(const Match& match, const Frame& frame, Decision decision,
                  bool too_many_attempts) const {
  DecisionRecord record;
  record.time = services_.clock.Now();
  record.session = config_.session;
  record.kiosk = config_.kiosk;
  record.stream = nonce_;
  record.source = config_.source;
  record.frame_id = frame.frame_id;
  record.face = last_face_;
  record.decision = decision;
  if (match.member != nullptr) record.volunteer = match.member->entry.volunteer;
  record.score = match.result.score;
  record.second_score = match.result.second_score;
  record.threshold = match.result.threshold;
  record.photos = match.photos;
  record.frames = match.frames;
  record.roster = static_cast<int64_t>(enrolled_.size());
  record.attempt = attempts_;
  record.still = match.still;
  record.repeat_of_photo = match.repeat_of_photo;
  record.frames_repeated = match.frames_repeated;
  record.too_many_attempts = too_many_attempts;
  record.live_mean = match.live;
  record.held_up_picture = match.held_up_picture;
  record.policy = Rules().policy;
  record.challenge = match.challenge;
  services_.audit.Note(record);
}

}  // namespace rollcall::app
