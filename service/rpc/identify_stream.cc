#include "rpc/identify_stream.h"

#include <grpcpp/alarm.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "rpc/convert.h"
#include "rpc/status_mapping.h"

namespace rollcall::rpc {
namespace {

constexpr char kMethod[] = "rollcall.v1.CheckInService/StreamIdentify";
constexpr auto kConfigWithin = std::chrono::seconds(10);
// How long the answers still due may take after the client's last frame.
constexpr auto kLastAnswersWithin = std::chrono::seconds(5);
constexpr size_t kOutgoingMax = 16;

using Reactor = grpc::ServerBidiReactor<v1::StreamIdentifyRequest, v1::StreamIdentifyResponse>;

absl::StatusOr<app::LookConfig> LookConfigFrom(const v1::StreamConfig& config) {
  app::LookConfig out;
  ASSIGN_OR_RETURN(out.session, SessionKeyFrom(config.has_session(), config.session()));
  ASSIGN_OR_RETURN(out.kiosk, OptionalIdFrom<domain::KioskId>(config.kiosk_id(), "kiosk_id"));
  ASSIGN_OR_RETURN(out.source, SourceFrom(config.source(), "source"));
  out.zone = ZoneFrom(config.has_zone(), config.zone());
  out.device = config.device();
  return out;
}

// Whether nobody misses `older` when `newer` is told instead: `older` settled nothing, or both say
// the same of the same person.
bool Supersedes(const v1::FrameDecision& newer, const v1::FrameDecision& older) {
  return !older.visit_decided() || (newer.visit_decided() && newer.decision() == older.decision() &&
                                    newer.volunteer_id() == older.volunteer_id());
}

}  // namespace

class IdentifyStream final : public Reactor, public std::enable_shared_from_this<IdentifyStream> {
 public:
  IdentifyStream(Backend& backend, app::UseCases& use_cases, OpenStreams& streams)
      : backend_(backend), use_cases_(use_cases), streams_(streams) {}

  void Start(grpc::CallbackServerContext* context) {
    self_ = shared_from_this();
    Peer peer = PeerOf(*context);
    absl::StatusOr<domain::Caller> caller = Authorise(backend_, peer, kMethod);
    if (!caller.ok()) return End(caller.status());
    call_.caller = *std::move(caller);
    const auto wider = AdmitPictures(backend_, call_.caller, peer, kMethod);
    if (!wider.ok()) return End(wider.status());
    call_.wider_network = *wider;
    if (absl::Status ended = streams_.Add(self_); !ended.ok()) return End(std::move(ended));
    // Asked again: a revocation in between found no stream to end.
    caller = Authorise(backend_, peer, kMethod);
    if (!caller.ok()) return End(caller.status());
    call_.certificate = std::move(peer.certificate);
    // The session may ask after the call, and with it the context, has gone.
    call_.alive = [gone = gone_] {
      return *gone
                 ? base::MakeError(absl::StatusCode::kCancelled, "CANCELLED", "the stream is over")
                 : absl::OkStatus();
    };
    EndAfter(kConfigWithin, base::MakeError(absl::StatusCode::kDeadlineExceeded, "CONFIG_MISSING",
                                            "the config did not come within 10 s"));
    ReadNext();
  }

  // Whose stream it is; the same from Add to Remove.
  const std::string& identity() const { return call_.caller.identity; }

  // Sends what is queued, then `status`; where that is an error, the error at once.
  void End(absl::Status status) {
    {
      base::MutexLock lock(mutex_);
      if (ending_) return;
      ending_ = std::move(status);
    }
    Pump();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return NoMoreFrames();
    if (!configured_) return Configure();
    if (incoming_.message_case() == v1::StreamIdentifyRequest::kSourceSignature) {
      if (absl::Status vouched = SignSource(); !vouched.ok()) return End(std::move(vouched));
      return ReadNext();
    }
    if (incoming_.message_case() != v1::StreamIdentifyRequest::kFrame) {
      return End(FieldError("message", "FRAME_EXPECTED", "must be a frame after the config"));
    }
    OfferFrame();
    ReadNext();
  }

  void OnWriteDone(bool ok) override {
    {
      base::MutexLock lock(mutex_);
      writing_ = false;
      if (!ok) outgoing_.clear();  // nobody reads any more; OnReadDone or OnCancel follow
    }
    Pump();
  }

  void OnCancel() override {
    *gone_ = true;
    End(base::MakeError(absl::StatusCode::kCancelled, "CANCELLED", "the client went away"));
  }

  void OnDone() override {
    *gone_ = true;
    std::unique_ptr<grpc::Alarm> alarm;
    std::shared_ptr<app::IdentifySession> session;
    {
      base::MutexLock lock(mutex_);
      alarm.swap(alarm_);  // its end cancels it; its closure keeps us until it has run
      session.swap(session_);
    }
    if (session) session->Close();
    streams_.Remove(this);
    self_.reset();
  }

 private:
  void Configure() {
    if (incoming_.message_case() != v1::StreamIdentifyRequest::kConfig) {
      return End(FieldError("message", "CONFIG_FIRST", "must be the config in the first request"));
    }
    configured_ = true;
    const bool queued = backend_.executor.TryPost([self = shared_from_this()] {
      const absl::Status status = Guarded(self->backend_, kMethod, [&] { return self->Open(); });
      if (status.ok()) return;
      NoteIfDenied(self->backend_, kMethod, self->call_.caller, status);
      self->End(status);
    });
    if (!queued) End(app::BusyError(std::chrono::milliseconds(500)));
  }

  // On the executor: reads the registry.
  absl::Status Open() {
    ASSIGN_OR_RETURN(app::LookConfig config, LookConfigFrom(incoming_.config()));
    // Closed in OnDone, while we are there: the sink never outlives `this`.
    ASSIGN_OR_RETURN(
        auto session,
        app::IdentifySession::Open(use_cases_.services, call_, std::move(config),
                                   [this](app::FrameAnswer answer) { Take(std::move(answer)); }));
    const app::IdentifySession::Opened opened = session->opened();
    {
      base::MutexLock lock(mutex_);
      if (finished_) return absl::OkStatus();  // the client went away meanwhile
      session_ = std::move(session);
    }
    v1::StreamIdentifyResponse reply;
    v1::Opened* out = reply.mutable_opened();
    out->set_nonce(opened.nonce.bytes.data(), opened.nonce.bytes.size());
    Put(opened.session, out->mutable_session());
    out->set_frame_bytes_max(opened.frame_bytes_max);
    out->set_lifetime_seconds(static_cast<int32_t>(opened.lifetime / std::chrono::seconds(1)));
    Put(opened.server_time, out->mutable_server_time());
    Send(std::move(reply));
    EndAfter(opened.lifetime, absl::OkStatus());
    ReadNext();
    return absl::OkStatus();
  }

  // Once, and before the first frame: what it vouches for is what all frames come from.
  absl::Status SignSource() {
    std::shared_ptr<app::IdentifySession> session;
    {
      base::MutexLock lock(mutex_);
      if (signed_ || last_offered_ > 0) {
        return FieldError("message", "FRAME_EXPECTED", "must be a frame by now");
      }
      signed_ = true;
      session = session_;
    }
    ASSIGN_OR_RETURN(const auto signature, SourceSignatureFrom(incoming_.source_signature()));
    return session->SignSource(signature);
  }

  void OfferFrame() {
    absl::StatusOr<app::Frame> frame = FrameFrom(incoming_.frame());
    if (!frame.ok()) {
      return Take(
          app::FrameError{.frame_id = incoming_.frame().frame_id(), .status = frame.status()});
    }
    // The next frame is read into the message while this one waits.
    frame->content =
        base::SharedBytes::Holding(std::move(*incoming_.mutable_frame()->mutable_content()));
    std::shared_ptr<app::IdentifySession> session;
    {
      base::MutexLock lock(mutex_);
      last_offered_ = std::max(last_offered_, frame->frame_id);
      session = session_;
    }
    session->Offer(*std::move(frame));
  }

  void ReadNext() {
    base::MutexLock lock(mutex_);
    if (!finished_) StartRead(&incoming_);
  }

  // The client has half-closed: what is in work is still answered.
  void NoMoreFrames() {
    bool nothing_due = false;
    {
      base::MutexLock lock(mutex_);
      no_more_frames_ = true;
      nothing_due = last_answered_ >= last_offered_;
    }
    if (nothing_due) return End(absl::OkStatus());
    EndAfter(kLastAnswersWithin, absl::OkStatus());
  }

  // The session's sink: on a recognition worker or in OfferFrame.
  void Take(app::FrameAnswer answer) {
    v1::StreamIdentifyResponse reply;
    int64_t frame_id = 0;
    if (const auto* decision = std::get_if<app::FrameDecision>(&answer)) {
      frame_id = decision->frame_id;
      Put(*decision, reply.mutable_decision());
    } else {
      frame_id = std::get<app::FrameError>(answer).frame_id;
      Put(std::get<app::FrameError>(answer), reply.mutable_error());
    }
    Send(std::move(reply));
    bool last = false;
    {
      base::MutexLock lock(mutex_);
      last_answered_ = std::max(last_answered_, frame_id);
      last = no_more_frames_ && last_answered_ >= last_offered_;
    }
    if (last) End(absl::OkStatus());
  }

  void Send(v1::StreamIdentifyResponse reply) {
    bool too_slow = false;
    {
      base::MutexLock lock(mutex_);
      if (ending_) return;
      if (!outgoing_.empty() && outgoing_.back().has_decision() && reply.has_decision() &&
          Supersedes(reply.decision(), outgoing_.back().decision())) {
        v1::FrameDecision* newer = reply.mutable_decision();
        newer->set_frames_dropped(newer->frames_dropped() +
                                  outgoing_.back().decision().frames_dropped());
        outgoing_.back() = std::move(reply);
      } else {
        outgoing_.push_back(std::move(reply));
      }
      too_slow = outgoing_.size() > kOutgoingMax;
    }
    if (too_slow) {
      return End(base::MakeError(absl::StatusCode::kResourceExhausted, "SLOW_READER",
                                 "the answers of this stream are not read"));
    }
    Pump();
  }

  // Starts the next write, or the end. At most one of the two is ever under way. Operations start
  // under the lock, so that none comes after Finish; gRPC never calls back on the same stack.
  void Pump() {
    grpc::Status last;
    {
      base::MutexLock lock(mutex_);
      if (writing_ || finished_) return;
      const bool over = ending_ && (!ending_->ok() || outgoing_.empty());
      if (!over) {
        if (outgoing_.empty()) return;
        writing_ = true;
        being_written_ = std::move(outgoing_.front());
        outgoing_.pop_front();
        return StartWrite(&being_written_);
      }
      finished_ = true;
      last = ToGrpcStatus(*ending_);
    }
    CountCall(backend_, kMethod, last);
    Finish(last);
  }

  // Replaces the alarm that was set before.
  void EndAfter(base::Duration time, absl::Status status) {
    auto alarm = std::make_unique<grpc::Alarm>();
    base::MutexLock lock(mutex_);
    if (finished_) return;
    alarm->Set(std::chrono::system_clock::time_point(backend_.clock.Now() + time),
               [self = shared_from_this(), status = std::move(status)](bool rang) {
                 if (rang) self->End(status);
               });
    alarm_ = std::move(alarm);
  }

  Backend& backend_;
  app::UseCases& use_cases_;
  OpenStreams& streams_;
  app::Call call_;
  const std::shared_ptr<std::atomic<bool>> gone_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<IdentifyStream> self_;  // until OnDone
  // Written by gRPC between StartRead and OnReadDone, read by us in between.
  v1::StreamIdentifyRequest incoming_;
  bool configured_ = false;

  base::Mutex mutex_;
  // Set before the second read starts, cleared in OnDone.
  std::shared_ptr<app::IdentifySession> session_ ABSL_GUARDED_BY(mutex_);
  std::deque<v1::StreamIdentifyResponse> outgoing_ ABSL_GUARDED_BY(mutex_);
  v1::StreamIdentifyResponse being_written_;  // gRPC's while writing_
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> ending_ ABSL_GUARDED_BY(mutex_);
  bool no_more_frames_ ABSL_GUARDED_BY(mutex_) = false;
  bool signed_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t last_offered_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t last_answered_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<grpc::Alarm> alarm_ ABSL_GUARDED_BY(mutex_);
};

OpenStreams::OpenStreams(base::Metrics& metrics)
    : open_(metrics.GetGauge("rollcall_streams_open", "Identification streams open now")) {}

void OpenStreams::EndAll(absl::Status status) {
  std::vector<std::shared_ptr<IdentifyStream>> alive;
  {
    base::MutexLock lock(mutex_);
    ended_ = status;
    for (const auto& [key, stream] : streams_) {
      if (auto held = stream.lock()) alive.push_back(std::move(held));
    }
  }
  for (const auto& stream : alive) stream->End(status);
}

void OpenStreams::EndOf(std::string_view identity, const absl::Status& status) {
  std::vector<std::shared_ptr<IdentifyStream>> alive;
  {
    base::MutexLock lock(mutex_);
    for (const auto& [key, stream] : streams_) {
      auto held = stream.lock();
      if (held && held->identity() == identity) alive.push_back(std::move(held));
    }
  }
  for (const auto& stream : alive) stream->End(status);
}

absl::Status OpenStreams::Add(const std::shared_ptr<IdentifyStream>& stream) {
  base::MutexLock lock(mutex_);
  if (!ended_.ok()) return ended_;
  streams_.emplace(stream.get(), stream);
  open_.Set(static_cast<double>(streams_.size()));
  return absl::OkStatus();
}

void OpenStreams::Remove(const IdentifyStream* stream) {
  base::MutexLock lock(mutex_);
  streams_.erase(stream);
  open_.Set(static_cast<double>(streams_.size()));
}

grpc::ServerBidiReactor<v1::StreamIdentifyRequest, v1::StreamIdentifyResponse>* StartIdentifyStream(
    Backend& backend, app::UseCases& use_cases, OpenStreams& streams,
    grpc::CallbackServerContext* context) {
  auto stream = std::make_shared<IdentifyStream>(backend, use_cases, streams);
  stream->Start(context);
  return stream.get();
}

}  // namespace rollcall::rpc
