#include "app/identify_session.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "app/scope.h"

namespace rollcall::app {
namespace {

base::Uuid Nonce(base::RandomSource& random) {
  base::Uuid nonce;
  random.Fill(nonce.bytes);
  return nonce;
}

}  // namespace

absl::StatusOr<std::shared_ptr<IdentifySession>> IdentifySession::Open(const Services& services,
                                                                       const Call& call,
                                                                       LookConfig config,
                                                                       Sink sink) {
  ASSIGN_OR_RETURN(config.kiosk, KioskFor(call.caller, config.kiosk));
  RETURN_IF_ERROR(ValidateLookConfig(config));
  ASSIGN_OR_RETURN(config.session, SessionFor(services, call.caller, config.session));
  ASSIGN_OR_RETURN(const auto roster, services.rosters.Get(config.session));
  RETURN_IF_ERROR(
      domain::CheckFaceUsable(services.settings.face, roster->activity.practice));
  RETURN_IF_ERROR(call.StillWanted());
  config.vouched_for = NeedsSourceSignature(call, config, roster->activity.practice);
  return std::shared_ptr<IdentifySession>(new IdentifySession(
      services, call, std::move(config), std::move(sink), Nonce(services.random)));
}

IdentifySession::IdentifySession(const Services& services, const Call& call, LookConfig config,
                                 Sink sink, const base::Uuid& nonce)
    : services_(services),
      call_(call),
      sink_(std::move(sink)),
      config_(std::move(config)),
      opened_{nonce, config_.session, services.settings.stream.frame_bytes_max,
              services.settings.stream.lifetime, services.clock.Now()},
      looker_(services, config_, nonce),
      needs_signature_(config_.vouched_for) {}

absl::Status IdentifySession::SignSource(const SourceSignature& signature) {
  RETURN_IF_ERROR(CheckSourceSignature(services_, call_, config_, opened_.nonce, signature));
  const base::MutexLock lock(mutex_);
  needs_signature_ = false;
  return absl::OkStatus();
}

void IdentifySession::Offer(Frame frame) {
  if (Closed()) return;
  absl::Status refused;
  const int64_t frame_id = frame.frame_id;
  {
    const base::MutexLock lock(mutex_);
    refused = needs_signature_ ? SourceNotSigned()
                               : ValidateFrame(frame, last_frame_id_, services_.clock.Now(),
                                               services_.settings);
    last_frame_id_ = std::max(last_frame_id_, frame_id);
    if (!refused.ok()) {
      next_starts_visit_ = next_starts_visit_ || frame.starts_visit || frame.ends_visit;
    } else {
      frame.starts_visit = std::exchange(next_starts_visit_, false) || frame.starts_visit;
      if (in_work_) {
        if (waiting_) {
          ++dropped_;
          frame.starts_visit =
              frame.starts_visit || waiting_->starts_visit || waiting_->ends_visit;
        }
        waiting_ = std::move(frame);
        return;
      }
      in_work_ = true;
    }
  }
  if (refused.ok()) {
    Start(std::move(frame));
  } else {
    Answer(FrameError{frame_id, refused});
  }
}

void IdentifySession::Start(Frame frame) {
  const auto shared = std::make_shared<const Frame>(std::move(frame));
  const absl::Status posted = services_.workers.Post(
      [self = shared_from_this(), shared](recognition::FacePipeline& pipeline) {
        self->Work(pipeline, *shared);
      });
  if (posted.ok()) return;
  // Whatever waits behind it would be refused too, and must not be left for a newer frame to
  // overtake.
  std::vector<int64_t> refused = {shared->frame_id};
  {
    const base::MutexLock lock(mutex_);
    in_work_ = false;
    next_starts_visit_ = next_starts_visit_ || shared->starts_visit || shared->ends_visit;
    if (waiting_) {
      refused.push_back(waiting_->frame_id);
      next_starts_visit_ = next_starts_visit_ || waiting_->starts_visit || waiting_->ends_visit;
      waiting_.reset();
    }
  }
  for (const int64_t frame_id : refused) Answer(FrameError{frame_id, posted});
}

void IdentifySession::Work(recognition::FacePipeline& pipeline, const Frame& frame) {
  if (!Closed()) {
    FrameAnswer answer = looker_.Look(pipeline, frame, call_);
    if (auto* decision = std::get_if<FrameDecision>(&answer)) {
      const base::MutexLock lock(mutex_);
      decision->frames_dropped = std::exchange(dropped_, 0);
    }
    Answer(std::move(answer));
  }
  std::optional<Frame> next;
  {
    const base::MutexLock lock(mutex_);
    next = std::exchange(waiting_, std::nullopt);
    if (!next) in_work_ = false;
  }
  // Back to the end of the queue, so that one camera does not hold a worker for itself.
  if (next) Start(*std::move(next));
}

void IdentifySession::Answer(FrameAnswer answer) {
  const base::MutexLock lock(sink_mutex_);
  if (!closed_) sink_(std::move(answer));
}

bool IdentifySession::Closed() {
  const base::MutexLock lock(sink_mutex_);
  return closed_;
}

void IdentifySession::Close() {
  {
    const base::MutexLock lock(sink_mutex_);
    closed_ = true;
  }
  const base::MutexLock lock(mutex_);
  waiting_.reset();
}

}  // namespace rollcall::app
