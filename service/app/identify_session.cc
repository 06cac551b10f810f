#include "app/identify_session.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "app/scope.h"

namespace rollcall::app {
namespace {

base::Uuid Nonce(base::RandomSource& random) {
  base::Uuid nonce;
  random.Fill(nonce.bytes);
  return nonce;
}

// How soon a kiosk may try again: about when its next frame comes.
constexpr base::Duration kRetryAfterShed = std::chrono::milliseconds(100);

base::Metrics::Counter& Shed(base::Metrics& metrics, const char* why) {
  return metrics.GetCounter("rollcall_frames_shed_total",
                            "Frames that nobody looked at, for want of time", {{"why", why}});
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
      replaced_(Shed(services.metrics, "newer_came")),
      waited_too_long_(Shed(services.metrics, "waited_too_long")),
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
  bool ask = false;
  {
    const base::MutexLock lock(mutex_);
    refused = needs_signature_ ? SourceNotSigned()
                               : ValidateFrame(frame, last_frame_id_, services_.clock.Now(),
                                               services_.settings);
    last_frame_id_ = std::max(last_frame_id_, frame_id);
    if (refused.ok()) {
      ask = slot_.Put(std::move(frame), services_.clock.Monotonic());
    } else {
      slot_.Lose(frame);
    }
  }
  if (!refused.ok()) return Answer(FrameError{frame_id, refused});
  if (ask) AskForTurn();
}

void IdentifySession::AskForTurn() {
  const absl::Status posted = services_.workers.Post(
      WorkLane::Doorway(config_.kiosk),
      [self = shared_from_this()](recognition::FacePipeline& pipeline) {
        return self->Work(pipeline);
      });
  if (posted.ok()) return;
  std::optional<Frame> refused;
  {
    const base::MutexLock lock(mutex_);
    refused = slot_.GiveUp();
    if (refused) slot_.Lose(*refused);
  }
  if (refused) Answer(FrameError{refused->frame_id, posted});
}

bool IdentifySession::Work(recognition::FacePipeline& pipeline) {
  const bool looked = LookAtNewest(pipeline);
  bool another = false;
  {
    const base::MutexLock lock(mutex_);
    another = slot_.Done();
  }
  // In turns with the others, so that one camera does not hold a worker for itself.
  if (another) AskForTurn();
  return looked;
}

bool IdentifySession::LookAtNewest(recognition::FacePipeline& pipeline) {
  if (Closed()) return false;
  const base::Duration patience = services_.workers.Patience();
  std::optional<FrameSlot::Taken> taken;
  {
    const base::MutexLock lock(mutex_);
    taken = slot_.Take(services_.clock.Monotonic(), patience);
  }
  if (!taken) return false;
  if (taken->too_late) {
    waited_too_long_.Add();
    Answer(FrameError{taken->frame.frame_id, BusyError(kRetryAfterShed)});
    return false;
  }
  FrameAnswer answer = looker_.Look(pipeline, taken->frame, call_);
  if (auto* decision = std::get_if<FrameDecision>(&answer)) {
    const base::MutexLock lock(mutex_);
    decision->frames_dropped = slot_.TakeDropped();
    replaced_.Add(decision->frames_dropped);
  }
  Answer(std::move(answer));
  return true;
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
  slot_.Clear();
}

}  // namespace rollcall::app
