#include "app/look.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/faces.h"
#include "app/stage_timer.h"
#include "app/token_maker.h"
#include "base/text.h"
#include "recognition/decode.h"

namespace rollcall::app {
namespace {

using domain::Decision;

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

std::string Pictures(int32_t count, const char* one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

}  // namespace

absl::Status ValidateLookConfig(const LookConfig& config) {
  RETURN_IF_ERROR(base::ValidateId(config.kiosk.value, "kiosk_id"));
  if (config.source == domain::SourceKind::kNone) {
    return Invalid("BAD_SOURCE", "say what the source is: a camera, a video file or pictures");
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
  const base::Duration off = frame.capture_time - now;
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
  RETURN_IF_ERROR(ReadRoster());
  FrameDecision decision;
  decision.frame_id = frame.frame_id;
  decision.decision = Forbidden();
  if (decision.decision != Decision::kUnspecified) return decision;

  absl::StatusOr<recognition::Picture> picture;
  {
    const StageTimer timer(services_, "decode");
    picture = recognition::DecodePicture(frame.content, services_.settings.decode);
  }
  RETURN_IF_ERROR(picture.status());
  RETURN_IF_ERROR(call.StillWanted());
  const recognition::QualityPolicy& policy = services_.settings.check_in_quality;
  absl::StatusOr<CountedFaces> faces;
  {
    const StageTimer timer(services_, "analyse");
    faces = AnalyseMainFace(pipeline, *picture, config_.zone, policy);
  }
  RETURN_IF_ERROR(faces.status());
  if (faces->count == 0) return AfterFault(Decision::kNoFace, frame);
  if (faces->count > 1) return AfterFault(Decision::kSeveralFaces, frame);

  const recognition::Face& face = *faces->main;
  if (!VisitGoesOn(face, frame.capture_time)) StartVisit();
  Decision fault = DecisionOf(recognition::JudgeQuality(face.quality, policy));
  if (fault == Decision::kUnspecified && !face.embedding) fault = Decision::kUnclear;
  if (fault == Decision::kUnspecified) Follow(face, frame.capture_time);
  last_face_ = face;
  last_face_->embedding.reset();
  last_seen_ = frame.capture_time;
  if (fault != Decision::kUnspecified) return AfterFault(fault, frame);
  if (decided_) return Repeat(frame);
  if (Enough(frame)) return DecideVisit(frame);
  decision.decision = Decision::kNeedMoreFrames;
  decision.box = face.box;
  return decision;
}

absl::Status Looker::ReadRoster() {
  ASSIGN_OR_RETURN(auto roster, services_.rosters.Get(config_.session));
  gallery::Snapshot gallery = services_.gallery.snapshot();
  if (roster != roster_ || !gallery_ || gallery.revision() != gallery_->revision()) {
    enrolled_.clear();
    for (const base::Uuid& subject : roster->subjects) {
      if (gallery.Contains(subject)) enrolled_.push_back(subject);
    }
  }
  roster_ = std::move(roster);
  gallery_ = std::move(gallery);
  // Somebody who withdrew her consent or was taken off the roster is not named any longer.
  if (decided_ && !decided_->subject.IsNil() &&
      (!gallery_->Contains(decided_->subject) || roster_->Find(decided_->subject) == nullptr)) {
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

void Looker::StartVisit() {
  track_.Reset();
  last_face_.reset();
  attempts_ = 0;
  prompted_since_.reset();
  decided_.reset();
}

bool Looker::VisitGoesOn(const recognition::Face& face, base::Time captured) const {
  return last_face_ && captured >= last_seen_ &&
         captured - last_seen_ <= services_.settings.look.visit_gap &&
         !Jumped(last_face_->box, face.box);
}

void Looker::Follow(const recognition::Face& face, base::Time captured) {
  prompted_since_.reset();
  const auto added = track_.Add(face, captured);
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
  if (frame.ends_visit && !decided_ && track_.frames() > 0) return DecideVisit(frame);
  FrameDecision decision;
  decision.frame_id = frame.frame_id;
  decision.decision = fault;
  if (fault == Decision::kNoFace || fault == Decision::kSeveralFaces) return decision;
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
  ASSIGN_OR_RETURN(const Match match, Compare());
  ++attempts_;
  const bool suspected = match.still || match.repeat_of_photo;
  FrameDecision decision;
  decision.frame_id = frame.frame_id;
  if (last_face_) decision.box = last_face_->box;
  decision.decision = suspected && !roster_->activity.practice ? Decision::kSuspectedPicture
                                                               : match.result.decision;
  Note(match, frame, decision.decision);
  if (NamesSomebody(decision.decision)) {
    RETURN_IF_ERROR(Name(match, frame, decision));
    return decision;
  }
  if (attempts_ >= services_.settings.match.max_attempts) {
    decision.decision = Decision::kUseOtherWay;
    decision.visit_decided = true;
    decided_ = Decided{decision, {}, std::nullopt};
  }
  track_.Reset();  // the next attempt rests on frames of its own
  return decision;
}

absl::StatusOr<Looker::Match> Looker::Compare() const {
  const StageTimer timer(services_, "search");
  const LookSettings& settings = services_.settings.look;
  const recognition::Embedding probe = track_.Probe(settings.max_frames);
  ASSIGN_OR_RETURN(const auto nearest,
                   gallery_->SearchAmong(enrolled_, probe.values, probe.model_id, 2));
  std::vector<domain::Candidate> candidates;
  for (const gallery::Neighbour& n : nearest) {
    candidates.push_back({n.subject, n.similarity, n.photos, false});
  }
  Match match;
  match.frames = std::min(settings.max_frames, track_.frames());
  match.photos = candidates.empty() ? 0 : candidates.front().photos;
  match.still = track_.still();
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
  token.needs_second_factor = decision.decision == Decision::kSecondFactorNeeded;
  token.proofs = {{token.evidence, "template of " + Pictures(match.photos, "photo") +
                                       ", probe of " + Pictures(match.frames, "frame")}};
  std::string suspicion;
  if (match.still) suspicion = " it did not move;";
  if (match.repeat_of_photo) suspicion += " almost exactly an enrolment photo;";
  if (!suspicion.empty()) {
    suspicion.pop_back();
    token.proofs.push_back({token.evidence, "suspected picture:" + suspicion});
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

void Looker::Note(const Match& match, const Frame& frame, Decision decision) const {
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
  services_.audit.Note(record);
}

}  // namespace rollcall::app
