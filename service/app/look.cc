#include "app/look.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "app/alarm.h"
#include "app/faces.h"
#include "app/stage_timer.h"
#include "app/token_maker.h"
#include "base/text.h"
#include "domain/face_policy.h"
#include "recognition/decode.h"

namespace rollcall::app {
namespace {

using domain::Decision;

constexpr size_t kMaxDevice = 100;

absl::Status Invalid(std::string_view reason, std::string_view message) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, reason, message);
}

// As FaceTrack judges it: the boxes lie apart by more than a face.
bool Jumped(const recognition::Box& a, const recognition::Box& b) {
  const float side = std::max(std::max(a.width(), a.height()), std::max(b.width(), b.height()));
  return std::hypot((a.x1 + a.x2 - b.x1 - b.x2) / 2, (a.y1 + a.y2 - b.y1 - b.y2) / 2) > side;
}

bool NamesSomebody(Decision decision) {
  return decision == Decision::kRecognised || decision == Decision::kSecondFactorNeeded;
}

domain::HeadSample SampleOf(const recognition::Face& face) {
  return {face.quality.yaw_degrees, face.quality.eyes_closed_probability};
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

absl::Status ValidateLookConfig(const LookConfig& config) {
  RETURN_IF_ERROR(base::ValidateId(config.kiosk.value, "kiosk_id"));
  if (config.source == domain::SourceKind::kNone) {
    return Invalid("BAD_SOURCE", "say what the source is: a camera, a video file or pictures");
  }
  if (!config.device.empty()) {
    RETURN_IF_ERROR(base::ValidateDisplayText(config.device, "device", kMaxDevice));
  }
  const recognition::Zone& zone = config.zone;
  // Written so that a NaN is refused.
  if (!(zone.x1 >= 0 && zone.x1 < zone.x2 && zone.x2 <= 1) ||
      !(zone.y1 >= 0 && zone.y1 < zone.y2 && zone.y2 <= 1)) {
    return Invalid("BAD_ZONE", "a zone is a rectangle in fractions of the picture, 0 to 1");
  }
  return absl::OkStatus();
}

absl::Status ValidateFrame(const Frame& frame, int64_t last_frame_id, base::Time now,
                           const ServiceSettings& settings) {
  if (frame.frame_id <= 0 || frame.frame_id <= last_frame_id) {
    return Invalid("FRAME_ORDER", "frame_id must be above 0 and grow from frame to frame");
  }
  if (frame.content.size() > static_cast<size_t>(settings.stream.frame_bytes_max)) {
    return Invalid("FRAME_TOO_LARGE", "a frame has at most " +
                                          std::to_string(settings.stream.frame_bytes_max) +
                                          " bytes, this one " +
                                          std::to_string(frame.content.size()));
  }
  return CheckKioskTime(frame.capture_time, now, settings);
}

absl::Status CheckKioskTime(base::Time time, base::Time now, const ServiceSettings& settings) {
  const base::Duration off = time - now;
  if (off > settings.clock_tolerance || off < -settings.clock_tolerance) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(off).count();
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "CLOCK_OFF",
                           "the kiosk's clock is " + std::to_string(std::abs(seconds)) +
                               " s " + (seconds < 0 ? "behind" : "ahead of") +
                               " the server's: set it");
  }
  return absl::OkStatus();
}

Looker::Looker(const Services& services, LookConfig config, const base::Uuid& nonce)
    : services_(services), config_(std::move(config)), nonce_(nonce) {}

FrameAnswer Looker::Look(recognition::FacePipeline& pipeline, const Frame& frame,
                         const Call& call) {
  if (frame.starts_visit) StartVisit();
  auto decision = Decide(pipeline, frame, call);
  if (frame.ends_visit) StartVisit();
  services_.metrics
      .GetCounter("rollcall_frames_total", "Frames by what they came to",
                  {{"decision", decision.ok() ? std::string(domain::ToString(decision->decision))
                                              : std::string("error")}})
      .Add();
  if (!decision.ok()) return FrameError{frame.frame_id, decision.status()};
  decision->visit_decided = decision->visit_decided || frame.ends_visit;
  return *std::move(decision);
}

absl::StatusOr<FrameDecision> Looker::Decide(recognition::FacePipeline& pipeline,
                                             const Frame& frame, const Call& call) {
  RETURN_IF_ERROR(call.StillWanted());
  RETURN_IF_ERROR(ReadRoster(call));
  FrameDecision decision;
  decision.frame_id = frame.frame_id;
  decision.decision = Forbidden();
  if (decision.decision != Decision::kUnspecified) return decision;
  decision.retry_after = MustPause();
  if (decision.retry_after > base::Duration::zero()) {
    decision.decision = Decision::kUseOtherWay;
    return decision;
  }

  recognition::Picture& picture = pipeline.frame();
  {
    const StageTimer timer(services_, "decode");
    // Practice shows pictures, which a camera's limits would not fit.
    const recognition::DecodeLimits& limits =
        roster_->activity.practice ? services_.settings.decode_photo : services_.settings.decode_frame;
    RETURN_IF_ERROR(recognition::DecodePicture(frame.content, limits, picture));
  }
  RETURN_IF_ERROR(call.StillWanted());
  const recognition::QualityPolicy& policy = services_.settings.check_in_quality;
  absl::StatusOr<CountedFaces> faces;
  {
    const StageTimer timer(services_, "analyse");
    // Only the frames that an attempt rests on cost a look by fr_liveness.
    faces = AnalyseMainFace(pipeline, picture, config_.zone, policy,
                            /*liveness=*/!decided_ && !pending_);
  }
  RETURN_IF_ERROR(faces.status());
  if (faces->count == 0) return AfterFault(Decision::kNoFace, frame);
  if (faces->count > 1) return AfterFault(Decision::kSeveralFaces, frame);

  const recognition::Face& face = *faces->main;
  if (!VisitGoesOn(face, frame.capture_time)) StartVisit();
  Decision fault = DecisionOf(recognition::JudgeQuality(face.quality, policy));
  if (fault == Decision::kUnspecified && !face.embedding) fault = Decision::kUnclear;
  if (fault == Decision::kUnspecified) Follow(face, frame.capture_time, Repeats(picture));
  last_face_ = face;
  last_face_->embedding.reset();
  last_seen_ = frame.capture_time;
  if (fault != Decision::kUnspecified) return AfterFault(fault, frame);
  if (decided_) return Repeat(frame);
  if (pending_) return GoOnAsking(frame, SampleOf(face));
  if (Enough(frame)) return DecideVisit(frame);
  decision.decision = Decision::kNeedMoreFrames;
  decision.box = face.box;
  return decision;
}

absl::Status Looker::ReadRoster(const Call& call) {
  ASSIGN_OR_RETURN(auto roster, services_.rosters.Get(config_.session));
  gallery::Snapshot gallery = services_.gallery.snapshot();
  if (roster != roster_ || !gallery_ || gallery.revision() != gallery_->revision()) {
    enrolled_.clear();
    for (const base::Uuid& subject : roster->subjects) {
      const bool may_come_so = !call.wider_network || roster->network_transfer.contains(subject);
      if (may_come_so && gallery.Contains(subject)) enrolled_.push_back(subject);
    }
    rows_ = gallery.Rows(enrolled_);
  }
  roster_ = std::move(roster);
  gallery_ = std::move(gallery);
  // Somebody who withdrew her consent or was taken off the roster is not named any longer.
  const base::Uuid subject = decided_   ? decided_->subject
                             : pending_ ? pending_->match.result.subject
                                        : base::Uuid{};
  if (!subject.IsNil() &&
      std::find(enrolled_.begin(), enrolled_.end(), subject) == enrolled_.end()) {
    StartVisit();
  }
  return absl::OkStatus();
}

// Why no frame needs to be looked at; kUnspecified: go on. A closed activity is no reason: whoever
// is in may still check out.
Decision Looker::Forbidden() const {
  const base::Time now = services_.clock.Now();
  const domain::SessionWindow& window = services_.settings.window;
  if (config_.source != domain::SourceKind::kCamera && !roster_->activity.practice) {
    return Decision::kSourceNotAllowed;
  }
  if (!domain::InCheckInWindow(roster_->session, window, now) &&
      !domain::InCheckOutWindow(roster_->session, window, now)) {
    return Decision::kOutsideSessionTime;
  }
  return enrolled_.empty() ? Decision::kNobodyEnrolled : Decision::kUnspecified;
}

// Somebody who has been named is not sent away by the strangers before her.
base::Duration Looker::MustPause() const {
  if (decided_ || pending_ || roster_->activity.practice) return base::Duration::zero();
  return services_.kiosks.attempts().WaitFor(config_.kiosk.value);
}

// A camera's pictures never repeat: its noise is in every pixel.
bool Looker::Repeats(const recognition::Picture& picture) {
  if (config_.source != domain::SourceKind::kCamera) return false;
  const uint64_t hash = services_.kiosks.HashOf(picture);
  const bool within = std::find(shown_.begin(), shown_.end(), hash) != shown_.end();
  if (!config_.request.IsNil()) shown_.push_back(hash);
  return services_.kiosks.Repeats(config_.kiosk.value, hash, config_.request) || within;
}

void Looker::StartVisit() {
  track_.Reset();
  repeated_ = false;
  last_face_.reset();
  attempts_ = 0;
  prompted_since_.reset();
  pending_.reset();
  decided_.reset();
}

bool Looker::VisitGoesOn(const recognition::Face& face, base::Time captured) const {
  return last_face_ && captured >= last_seen_ &&
         captured - last_seen_ <= services_.settings.look.visit_gap &&
         !Jumped(last_face_->box, face.box);
}

void Looker::Follow(const recognition::Face& face, base::Time captured, bool repeated) {
  prompted_since_.reset();
  // Whoever was named is named no longer where a recording goes on in her place.
  if (repeated && decided_ && !decided_->subject.IsNil()) StartVisit();
  const auto added = track_.Add(face, captured);
  repeated_ = repeated || (repeated_ && added == recognition::FaceTrack::Added::kContinued);
  if (repeated || added == recognition::FaceTrack::Added::kStarted) pending_.reset();
  // Somebody else has stepped into the place of a person who was named: a visit of her own. Where
  // nobody was named the attempts go on counting, or a face that changes from frame to frame would
  // have as many as it likes.
  if (added == recognition::FaceTrack::Added::kStarted && decided_ &&
      !decided_->subject.IsNil()) {
    attempts_ = 0;
    decided_.reset();
  }
}

bool Looker::Enough(const Frame& frame) const {
  const LookSettings& settings = services_.settings.look;
  if (frame.ends_visit) return true;
  if (track_.frames() < settings.min_frames) return false;
  return config_.source != domain::SourceKind::kCamera ||
         track_.frames_seen() >= settings.min_frames_seen_by_camera;
}

absl::StatusOr<FrameDecision> Looker::AfterFault(Decision fault, const Frame& frame) {
  const bool one_face = fault != Decision::kNoFace && fault != Decision::kSeveralFaces;
  // Somebody who turns her head further than can be used is doing what she was asked to.
  if (pending_ && (one_face || frame.ends_visit)) return GoOnAsking(frame, std::nullopt);
  if (frame.ends_visit && !decided_ && track_.frames() > 0) return DecideVisit(frame);
  FrameDecision decision;
  decision.frame_id = frame.frame_id;
  decision.decision = fault;
  if (!one_face) return decision;
  decision.box = last_face_->box;
  // One prompt for a veil, a mask or backlight; then the other ways in.
  if (fault == Decision::kFaceCovered || fault == Decision::kTooDark) {
    if (!prompted_since_) prompted_since_ = frame.capture_time;
    if (frame.capture_time - *prompted_since_ >= services_.settings.look.prompt_time) {
      decision.decision = Decision::kUseOtherWay;
    }
  }
  return decision;
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

absl::StatusOr<Looker::Match> Looker::Compare() const {
  const StageTimer timer(services_, "search");
  const LookSettings& settings = services_.settings.look;
  const recognition::Embedding probe = track_.Probe(settings.max_frames);
  ASSIGN_OR_RETURN(const auto nearest, rows_->Search(probe.values, probe.model_id, 2));
  std::vector<domain::Candidate> candidates;
  for (const gallery::Neighbour& n : nearest) {
    candidates.push_back({n.subject, n.similarity, n.photos, false});
  }
  Match match;
  match.frames = std::min(settings.max_frames, track_.frames());
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
