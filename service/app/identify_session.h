#ifndef ROLLCALL_APP_IDENTIFY_SESSION_H_
#define ROLLCALL_APP_IDENTIFY_SESSION_H_

#include <functional>
#include <memory>
#include <optional>

#include "app/call.h"
#include "app/frame_slot.h"
#include "app/look.h"
#include "app/services.h"
#include "app/source_check.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/ids.h"

namespace rollcall::app {

// One frame stream: reads only, hands out tokens. One frame is in work and the newest one waits for
// the kiosk's turn; one that has waited longer than RecognitionWorkers::Patience is not looked at
// any more, unless it ends its visit: then no newer one comes.
//
// Thread-safe. Make it with Open; it keeps itself alive while a frame is in work.
class IdentifySession : public std::enable_shared_from_this<IdentifySession> {
 public:
  // Gets every answer, one at a time: decisions in the order of the frames, on a recognition
  // worker; a frame that is refused unseen at once, on the thread that calls Offer. Must be short
  // and must not block, nor call the session. Never called after Close returned.
  using Sink = std::function<void(FrameAnswer)>;

  struct Opened {
    base::Uuid nonce;            // 16 random bytes, part of every token of this stream
    domain::SessionKey session;  // resolved
    int32_t frame_bytes_max = 0;
    base::Duration lifetime{};
    base::Time server_time;
  };

  // Blocks (registry). Errors of ValidateLookConfig, SessionFor, KioskFor and
  // domain::CheckFaceUsable. `services` must
  // outlive the session.
  static absl::StatusOr<std::shared_ptr<IdentifySession>> Open(const Services& services,
                                                               const Call& call, LookConfig config,
                                                               Sink sink);

  const Opened& opened() const { return opened_; }

  // Takes the kiosk's word for its source; errors of CheckSourceSignature, after which nothing is
  // different. Never blocks.
  absl::Status SignSource(const SourceSignature& signature);

  // Takes a frame; never blocks. Where NeedsSourceSignature, every frame before a good SignSource
  // is answered SOURCE_NOT_SIGNED. Every frame gets one answer (FrameError BUSY where it waited too
  // long or there was no room for it) unless a newer one takes its place in the waiting room; those
  // are counted in FrameDecision::frames_dropped. Visits never run together by that: the newer
  // frame starts a visit where a dropped or refused one started or ended one. After Close: nothing
  // happens.
  void Offer(Frame frame);

  // No more answers; the frame in work is finished silently. Returns once a running Sink call has
  // ended (so never call it from the sink).
  void Close();

 private:
  IdentifySession(const Services& services, const Call& call, LookConfig config, Sink sink,
                  const base::Uuid& nonce);
  // Asks for a worker; where there is no room, answers the frame that waits.
  void AskForTurn();
  // Whether the frame was looked at.
  bool Work(recognition::FacePipeline& pipeline);
  bool LookAtNewest(recognition::FacePipeline& pipeline);
  void Answer(FrameAnswer answer);
  bool Closed();

  const Services& services_;
  const Call call_;
  const Sink sink_;
  const LookConfig config_;
  Opened opened_;
  Looker looker_;  // used by the one task in work only
  base::Metrics::Counter& replaced_;
  base::Metrics::Counter& waited_too_long_;

  base::Mutex sink_mutex_;  // held during a call of the sink; never together with mutex_
  bool closed_ ABSL_GUARDED_BY(sink_mutex_) = false;
  base::Mutex mutex_;
  FrameSlot slot_ ABSL_GUARDED_BY(mutex_);
  int64_t last_frame_id_ ABSL_GUARDED_BY(mutex_) = 0;
  bool needs_signature_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_IDENTIFY_SESSION_H_
