#include "kiosk/grpc_doorway.h"

#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_stream.h>

#include <chrono>
#include <utility>

#include "client/connection.h"
#include "client/errors.h"
#include "rollcall/v1/check_in_service.grpc.pb.h"
#include "rollcall/v1/proof_service.grpc.pb.h"

namespace rollcall::kiosk {
namespace {

using std::chrono_literals::operator""s;

constexpr auto kReplyTimeout = 15s;
constexpr auto kCloseTimeout = 2s;
// A person waits: the call is repeated with the same request id rather than waited for.
constexpr base::Duration kDoorCall = 2s;
constexpr base::Duration kPinCall = 5s;

// One stream, used by one thread with one operation at a time. The completion queue is there for
// its timeouts, which the blocking API does not have.
class FrameStream {
 public:
  explicit FrameStream(v1::CheckInService::Stub& stub)
      : call_(stub.PrepareAsyncStreamIdentify(&context_, &queue_)) {}

  ~FrameStream() {
    if (!finished_) {
      call_->WritesDone(nullptr);
      Wait(kCloseTimeout);
      Finish(kCloseTimeout);
    }
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  FrameStream(const FrameStream&) = delete;
  FrameStream& operator=(const FrameStream&) = delete;

  absl::StatusOr<v1::StreamIdentifyResponse> Start(const v1::StreamIdentifyRequest& request) {
    call_->StartCall(nullptr);
    if (!Wait(kReplyTimeout)) return EndStatus();
    RETURN_IF_ERROR(Send(request));
    return Receive();
  }

  absl::Status Send(const v1::StreamIdentifyRequest& request) {
    call_->Write(request, nullptr);
    return Wait(kReplyTimeout) ? absl::OkStatus() : EndStatus();
  }

  absl::StatusOr<v1::StreamIdentifyResponse> Receive() {
    v1::StreamIdentifyResponse response;
    call_->Read(&response, nullptr);
    if (!Wait(kReplyTimeout)) return EndStatus();
    return response;
  }

 private:
  // Waits for the operation under way; false when it failed. After a timeout the call is cancelled
  // and the operation, which still refers to our memory, is waited for.
  bool Wait(std::chrono::seconds timeout) {
    void* tag = nullptr;
    bool ok = false;
    const auto deadline = std::chrono::system_clock::now() + timeout;
    if (queue_.AsyncNext(&tag, &ok, deadline) == grpc::CompletionQueue::TIMEOUT) {
      timed_out_ = true;
      context_.TryCancel();
      queue_.Next(&tag, &ok);
      return false;
    }
    return ok;
  }

  grpc::Status Finish(std::chrono::seconds timeout) {
    grpc::Status status;
    finished_ = true;
    call_->Finish(&status, nullptr);
    Wait(timeout);
    return status;
  }

  // Why the stream ended; never OK.
  absl::Status EndStatus() {
    const grpc::Status status = Finish(kReplyTimeout);
    if (timed_out_) {
      return base::MakeError(absl::StatusCode::kDeadlineExceeded, "TIMED_OUT",
                             "the server did not answer a frame in time");
    }
    if (status.ok()) {
      return base::MakeError(absl::StatusCode::kUnavailable, "STREAM_CLOSED",
                             "the server closed the stream");
    }
    return client::FromGrpc(status);
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<
      grpc::ClientAsyncReaderWriter<v1::StreamIdentifyRequest, v1::StreamIdentifyResponse>>
      call_;
  bool finished_ = false;
  bool timed_out_ = false;
};

class GrpcDoorway final : public Doorway {
 public:
  GrpcDoorway(std::shared_ptr<grpc::Channel> channel, std::optional<client::SourceSigner> signer)
      : stub_(v1::CheckInService::NewStub(channel)),
        proofs_(v1::ProofService::NewStub(channel)),
        signer_(std::move(signer)) {}

  absl::StatusOr<v1::Opened> Open(const v1::StreamConfig& config) override {
    stream_.reset();
    auto stream = std::make_unique<FrameStream>(*stub_);
    v1::StreamIdentifyRequest request;
    *request.mutable_config() = config;
    ASSIGN_OR_RETURN(v1::StreamIdentifyResponse response, stream->Start(request));
    if (!response.has_opened()) {
      return base::MakeError(absl::StatusCode::kInternal, "BAD_REPLY",
                             "the server's first reply is not `opened`");
    }
    if (signer_) {
      v1::StreamIdentifyRequest vouching;
      ASSIGN_OR_RETURN(*vouching.mutable_source_signature(),
                       signer_->Sign(config, response.opened()));
      RETURN_IF_ERROR(stream->Send(vouching));
    }
    stream_ = std::move(stream);
    return response.opened();
  }

  absl::StatusOr<v1::StreamIdentifyResponse> Look(const v1::Frame& frame) override {
    if (!stream_) {
      return base::MakeError(absl::StatusCode::kUnavailable, "STREAM_CLOSED", "no stream is open");
    }
    absl::StatusOr<v1::StreamIdentifyResponse> response = Exchange(frame);
    if (!response.ok()) stream_.reset();
    return response;
  }

  absl::StatusOr<v1::RecordAttendanceResponse> Record(
      const v1::RecordAttendanceRequest& request) override {
    return client::Call(*stub_, &v1::CheckInService::Stub::RecordAttendance, request, kDoorCall);
  }
  absl::StatusOr<v1::VerifyPinResponse> VerifyPin(const v1::VerifyPinRequest& request) override {
    return client::Call(*stub_, &v1::CheckInService::Stub::VerifyPin, request, kPinCall);
  }
  absl::StatusOr<v1::AttestPresenceResponse> AttestPresence(
      const v1::AttestPresenceRequest& request) override {
    return client::Call(*stub_, &v1::CheckInService::Stub::AttestPresence, request, kDoorCall);
  }

  absl::StatusOr<v1::GetCheckpointResponse> GetCheckpoint(
      const v1::GetCheckpointRequest& request) override {
    return client::Call(*proofs_, &v1::ProofService::Stub::GetCheckpoint, request, kDoorCall);
  }

 private:
  absl::StatusOr<v1::StreamIdentifyResponse> Exchange(const v1::Frame& frame) {
    v1::StreamIdentifyRequest request;
    *request.mutable_frame() = frame;
    RETURN_IF_ERROR(stream_->Send(request));
    while (true) {
      ASSIGN_OR_RETURN(v1::StreamIdentifyResponse response, stream_->Receive());
      // Replies about earlier frames are of no use any more.
      if (response.has_decision() && response.decision().frame_id() >= frame.frame_id()) {
        return response;
      }
      if (response.has_error() && response.error().frame_id() >= frame.frame_id()) return response;
    }
  }

  std::unique_ptr<v1::CheckInService::Stub> stub_;
  std::unique_ptr<v1::ProofService::Stub> proofs_;
  const std::optional<client::SourceSigner> signer_;
  std::unique_ptr<FrameStream> stream_;
};

}  // namespace

std::unique_ptr<Doorway> MakeGrpcDoorway(std::shared_ptr<grpc::Channel> channel,
                                         std::optional<client::SourceSigner> signer) {
  return std::make_unique<GrpcDoorway>(std::move(channel), std::move(signer));
}

}  // namespace rollcall::kiosk
