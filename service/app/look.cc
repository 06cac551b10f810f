#include "app/look.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/faces.h"
#include "app/stage_timer.h"
#include "domain/face_policy.h"
#include "recognition/decode.h"

namespace rollcall::app {
namespace {

using domain::Decision;

// As FaceTrack judges it: the boxes lie apart by more than a face.
bool Jumped(const recognition::Box& a, const recognition::Box& b) {
  const float side = std::max(std::max(a.width(), a.height()), std::max(b.width(), b.height()));
  return std::hypot((a.x1 + a.x2 - b.x1 - b.x2) / 2, (a.y1 + a.y2 - b.y1 - b.y2) / 2) > side;
}

}  // namespace

Looker::Looker(const Services& services, LookConfig config, const base::Uuid& nonce)
    : services_(services), config_(std::move(config)), nonce_(nonce) {}

FrameAnswer Looker::Look(recognition::FacePipeline& pipeline, const Frame& frame,
                         const Call& call) {
  pipeline_ = &pipeline;
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
  std::optional<bool> repeated;
  ASSIGN_OR_RETURN(const auto nothing_new, NothingNew(frame, picture, repeated));
  if (nothing_new) return *nothing_new;
  watch_.Forget();
  CountLook("nets");
  absl::StatusOr<CountedFaces> faces;
  {
    const StageTimer timer(services_, "analyse");
    // Only the frames that an attempt rests on cost a look by fr_liveness.
    faces = AnalyseMainFace(pipeline, picture, config_.zone, services_.settings.check_in_quality,
                            /*liveness=*/!decided_ && !pending_);
  }
  RETURN_IF_ERROR(faces.status());
  if (faces->count == 0) {
    watch_.SawNobody(picture, services_.clock.Monotonic());
    return AfterFault(Decision::kNoFace, frame);
  }
  if (faces->count > 1) return AfterFault(Decision::kSeveralFaces, frame);
  return JudgeFace(frame, picture, *faces->main, repeated);
}

absl::StatusOr<std::optional<FrameDecision>> Looker::NothingNew(
    const Frame& frame, const recognition::Picture& picture, std::optional<bool>& repeated) {
  std::optional<FrameDecision> none;
  if (frame.ends_visit) return none;
  const base::Duration now = services_.clock.Monotonic();
  if (watch_.StillNobody(picture, now)) {
    CountLook("nothing_moved");
    ASSIGN_OR_RETURN(none, AfterFault(Decision::kNoFace, frame));
    return none;
  }
  if (!MayRepeatName(frame)) return none;
  const auto box = watch_.StillSameFace(picture, now);
  if (!box) return none;
  // What was shown before is remembered, and noticed, on every frame with a face.
  repeated = Repeats(picture);
  if (*repeated) return none;
  last_face_->box = *box;
  last_seen_ = frame.capture_time;
  CountLook("same_face");
  return std::optional(Repeat(frame));
}

// Somebody was named, nobody came in between, and the token that goes with the name is still good:
// a new one is made only from a frame on which she was recognised again.
bool Looker::MayRepeatName(const Frame& frame) const {
  return decided_ && decided_->token && services_.clock.Now() <= decided_->token->expires &&
         last_face_ && frame.capture_time >= last_seen_ &&
         frame.capture_time - last_looked_ <= recognition::FrameWatch::kLookAfter;
}

void Looker::CountLook(const char* how) const {
  services_.metrics
      .GetCounter("rollcall_frame_looks_total",
                  "Frames by what it took to answer them: the nets, or a comparison with the frame "
                  "before",
                  {{"how", how}})
      .Add();
}

absl::StatusOr<FrameDecision> Looker::JudgeFace(const Frame& frame,
                                                const recognition::Picture& picture,
                                                const recognition::Face& face,
                                                std::optional<bool> repeated) {
  if (!VisitGoesOn(face, frame.capture_time)) StartVisit();
  Decision fault =
      DecisionOf(recognition::JudgeQuality(face.quality, services_.settings.check_in_quality));
  if (fault == Decision::kUnspecified && !face.embedding) fault = Decision::kUnclear;
  if (fault == Decision::kUnspecified) {
    Follow(face, frame.capture_time, repeated ? *repeated : Repeats(picture));
  }
  last_face_ = face;
  last_face_->embedding.reset();
  last_seen_ = frame.capture_time;
  if (fault != Decision::kUnspecified) return AfterFault(fault, frame);
  absl::StatusOr<FrameDecision> decision = Answer(frame, face);
  // The name rests on this very frame: its face was embedded, and was hers.
  if (decision.ok() && decided_ && decided_->token) {
    watch_.SawFace(picture, face.box, services_.clock.Monotonic());
    last_looked_ = frame.capture_time;
  }
  return decision;
}

// To a frame with one face that can be used.
absl::StatusOr<FrameDecision> Looker::Answer(const Frame& frame, const recognition::Face& face) {
  if (decided_) return Repeat(frame);
  if (pending_) return GoOnAsking(frame, SampleOf(face));
  if (Enough(frame)) return DecideVisit(frame);
  FrameDecision decision;
  decision.frame_id = frame.frame_id;
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
  watch_.Forget();
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

}  // namespace rollcall::app
