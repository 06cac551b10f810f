#include "bench/speed/kiosk_load.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/random.h"
#include "base/uuid.h"
#include "client/connection.h"
#include "client/errors.h"
#include "client/when.h"
#include "rollcall/v1/check_in_service.grpc.pb.h"

namespace rollcall::bench {
namespace {

namespace v1 = rollcall::v1;
using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kVisit(2);

// A channel with a connection of its own, as a kiosk has: gRPC lets the channels of a process share one, and the
// streams of sixteen kiosks would be all that the server allows on it.
std::shared_ptr<grpc::Channel> OwnChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// One kiosk: a thread that sends and one that reads.
class Kiosk {
 public:
  Kiosk(const std::string& address, const std::string& activity,
        const std::vector<FramePerson>& people, const LoadPlan& plan, int32_t number)
      : people_(people),
        plan_(plan),
        number_(number),
        stub_(v1::CheckInService::NewStub(OwnChannel(address))),
        ids_(clock_, random_) {
    session_.set_activity_id(activity);
    session_.set_session_id(plan.sessions + std::to_string(number));
  }

  // Opens the stream.
  absl::Status Open() {
    context_.set_deadline(std::chrono::system_clock::now() + plan_.duration +
                          std::chrono::seconds(30));
    stream_ = stub_->StreamIdentify(&context_);
    v1::StreamIdentifyRequest request;
    *request.mutable_config()->mutable_session() = session_;
    request.mutable_config()->set_kiosk_id("load-" + std::to_string(number_));
    request.mutable_config()->set_source(v1::PICTURES);
    v1::StreamIdentifyResponse opened;
    if (stream_->Write(request) && stream_->Read(&opened) && opened.has_opened()) {
      return absl::OkStatus();
    }
    const absl::Status status = client::FromGrpc(stream_->Finish());
    return status.ok() ? absl::InternalError("a stream of the bench was not opened") : status;
  }

  // Sends until the plan's end, then reads what is still due.
  void Run(SteadyClock::time_point start) {
    std::jthread reader([this] { ReadAll(); });
    const auto gap = std::chrono::nanoseconds(std::chrono::seconds(1)) / plan_.frames_per_second;
    // Kiosks are not in step with each other.
    auto next = start + gap * number_ / plan_.kiosks;
    const auto end = start + plan_.duration;
    const int32_t visit_frames = static_cast<int32_t>(kVisit.count()) * plan_.frames_per_second;
    for (; next < end; next += gap) {
      std::this_thread::sleep_until(next);
      const bool starts_visit = tally_.sent % visit_frames == 0;
      if (!Send(tally_.sent / visit_frames, starts_visit)) break;
    }
    stream_->WritesDone();
    reader.join();
    result_ = client::FromGrpc(stream_->Finish());
  }

  const absl::Status& result() const { return result_; }
  KioskTally& tally() { return tally_; }

 private:
  bool Send(int32_t visit, bool starts_visit) {
    const FramePerson& person =
        people_[static_cast<size_t>(number_ + visit * plan_.kiosks) % people_.size()];
    const base::Bytes& jpeg =
        person.frames[static_cast<size_t>(tally_.sent) % person.frames.size()];
    v1::StreamIdentifyRequest request;
    v1::Frame& frame = *request.mutable_frame();
    frame.set_frame_id(++tally_.sent);
    *frame.mutable_capture_time() = client::ToProto(clock_.Now());
    frame.set_content(jpeg.data(), jpeg.size());
    frame.set_starts_visit(starts_visit);
    {
      const std::scoped_lock lock(mutex_);
      sent_[frame.frame_id()] = SteadyClock::now();
    }
    return stream_->Write(request);
  }

  void ReadAll() {
    v1::StreamIdentifyResponse response;
    while (stream_->Read(&response)) {
      if (response.has_error()) ++tally_.errors;
      if (response.has_decision()) Take(response.decision());
    }
  }

  void Take(const v1::FrameDecision& decision) {
    const auto now = SteadyClock::now();
    ++tally_.answered;
    tally_.dropped += decision.frames_dropped();
    {
      const std::scoped_lock lock(mutex_);
      const auto sent = sent_.find(decision.frame_id());
      if (sent != sent_.end()) {
        const std::chrono::duration<double, std::milli> took = now - sent->second;
        tally_.milliseconds.push_back(took.count());
        sent_.erase(sent_.begin(), std::next(sent));
      }
    }
    if (decision.decision() == v1::RECOGNISED && !decision.token().empty()) {
      Record(decision.token());
    }
  }

  void Record(const std::string& token) {
    if (token == last_token_) return;
    last_token_ = token;
    v1::RecordAttendanceRequest request;
    request.set_request_id(ids_.Next().ToString());
    request.set_token(token);
    request.set_action(v1::IN);
    const auto response = client::Call(*stub_, &v1::CheckInService::Stub::RecordAttendance, request,
                                       client::kQuickCall);
    if (response.ok() && response->has_receipt()) {
      tally_.confirmed.push_back(request.request_id());
    }
  }

  const std::vector<FramePerson>& people_;
  const LoadPlan& plan_;
  const int32_t number_;
  const std::unique_ptr<v1::CheckInService::Stub> stub_;
  const base::SystemClock clock_;
  base::SystemRandom random_;
  base::UuidV7Generator ids_;
  v1::SessionRef session_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::StreamIdentifyRequest, v1::StreamIdentifyResponse>>
      stream_;
  absl::Status result_;
  std::mutex mutex_;
  std::map<int64_t, SteadyClock::time_point> sent_;  // by frame id, under mutex_
  // `sent` is the sender's, the rest the reader's.
  KioskTally tally_;
  std::string last_token_;
};

}  // namespace

std::vector<double> LoadTally::Milliseconds() const {
  std::vector<double> all;
  for (const KioskTally& kiosk : kiosks) {
    all.insert(all.end(), kiosk.milliseconds.begin(), kiosk.milliseconds.end());
  }
  return all;
}

int64_t LoadTally::sent() const {
  int64_t sum = 0;
  for (const KioskTally& kiosk : kiosks) sum += kiosk.sent;
  return sum;
}

int64_t LoadTally::answered() const {
  int64_t sum = 0;
  for (const KioskTally& kiosk : kiosks) sum += kiosk.answered;
  return sum;
}

double LoadTally::shed_share() const {
  int64_t refused = 0;
  for (const KioskTally& kiosk : kiosks) refused += kiosk.errors;
  const int64_t left = sent() - answered() - refused;
  return sent() == 0 ? 0 : static_cast<double>(left) / static_cast<double>(sent());
}

absl::StatusOr<LoadTally> RunLoad(const std::string& address, const std::string& activity,
                                  const std::vector<FramePerson>& people, const LoadPlan& plan) {
  std::vector<std::unique_ptr<Kiosk>> kiosks;
  for (int32_t k = 0; k < plan.kiosks; ++k) {
    kiosks.push_back(std::make_unique<Kiosk>(address, activity, people, plan, k));
    RETURN_IF_ERROR(kiosks.back()->Open());
  }
  {
    const auto start = SteadyClock::now() + std::chrono::milliseconds(50);
    std::vector<std::jthread> threads;
    for (const auto& kiosk : kiosks) threads.emplace_back([&kiosk, start] { kiosk->Run(start); });
  }
  LoadTally tally;
  for (const auto& kiosk : kiosks) {
    RETURN_IF_ERROR(kiosk->result());
    tally.kiosks.push_back(std::move(kiosk->tally()));
  }
  return tally;
}

}  // namespace rollcall::bench
