#include "bench/service_bench.h"

#include <memory>

#include "base/log.h"
#include "base/random.h"
#include "base/uuid.h"
#include "bench/progress.h"
#include "client/connection.h"
#include "client/when.h"
#include "rollcall/v1/activity_service.grpc.pb.h"
#include "rollcall/v1/admin_service.grpc.pb.h"
#include "rollcall/v1/check_in_service.grpc.pb.h"
#include "rollcall/v1/enrolment_service.grpc.pb.h"
#include "server/server.h"

namespace rollcall::bench {
namespace {

namespace v1 = rollcall::v1;
using client::Call;

constexpr char kActivity[] = "bench";
constexpr char kKiosk[] = "bench";
// What HoursPolicy::max_pairs_per_session allows: in and out, three times.
constexpr int32_t kRecordsPerSession = 6;

std::string VolunteerName(size_t person) { return "bench-" + std::to_string(person + 1); }

class ServiceBench {
 public:
  ServiceBench(const std::vector<FramePerson>& people, const std::string& address,
               const base::Clock& clock)
      : people_(people),
        clock_(clock),
        ids_(clock, random_),
        connection_(address),
        admin_(v1::AdminService::NewStub(connection_.channel())),
        activities_(v1::ActivityService::NewStub(connection_.channel())),
        enrolment_(v1::EnrolmentService::NewStub(connection_.channel())),
        check_in_(v1::CheckInService::NewStub(connection_.channel())) {}

  absl::StatusOr<Timing> MeasureRpc(int32_t rounds) {
    return Measure("RPC", "GetServerInfo over loopback", rounds, 1, clock_, [this] {
      return Call(*admin_, &v1::AdminService::Stub::GetServerInfo, v1::GetServerInfoRequest(),
                  client::kQuickCall)
          .status();
    });
  }

  absl::Status Prepare() {
    v1::CreateActivityRequest request;
    request.mutable_activity()->set_activity_id(kActivity);
    request.mutable_activity()->set_practice(true);
    RETURN_IF_ERROR(
        Call(*activities_, &v1::ActivityService::Stub::CreateActivity, request, client::kQuickCall)
            .status());
    for (size_t p = 0; p < people_.size(); ++p) RETURN_IF_ERROR(Enrol(p));
    return absl::OkStatus();
  }

  // Everybody in turn, in and out, in as many sessions as that takes.
  absl::StatusOr<Timing> MeasureCheckIns(const std::string& prefix, int32_t frames,
                                         int32_t rounds) {
    Timing timing{"whole request", "", {}};
    for (int32_t i = -1; i < rounds; ++i) {
      const int32_t turn = (i + 1) / static_cast<int32_t>(people_.size());
      const size_t person = static_cast<size_t>(i + 1) % people_.size();
      const std::string session = prefix + std::to_string(turn / kRecordsPerSession);
      if (person == 0 && turn % kRecordsPerSession == 0) RETURN_IF_ERROR(AddSession(session));
      const v1::Action action = turn % 2 == 0 ? v1::IN : v1::OUT;
      const v1::CheckInRequest request = Request(person, session, action, frames, i);
      const base::Duration start = clock_.Monotonic();
      ASSIGN_OR_RETURN(
          const v1::RecordAttendanceResponse response,
          Call(*check_in_, &v1::CheckInService::Stub::CheckIn, request, client::kQuickCall));
      const base::Duration took = clock_.Monotonic() - start;
      if (i >= 0 && response.has_receipt()) {
        timing.milliseconds.push_back(static_cast<double>(took.count()) / 1000);
      }
    }
    if (timing.milliseconds.size() * 2 < static_cast<size_t>(rounds)) {
      return base::MakeError(absl::StatusCode::kFailedPrecondition, "NOT_RECOGNISED",
                             "fewer than half of the bench's check-ins came to a receipt");
    }
    timing.detail = "CheckIn, " + std::to_string(frames) + (frames == 1 ? " frame" : " frames") +
                    ", " + std::to_string(timing.milliseconds.size()) + " of " +
                    std::to_string(rounds) + " recorded";
    return timing;
  }

 private:
  absl::Status Enrol(size_t person) {
    v1::EnrolVolunteerRequest request;
    request.set_request_id(ids_.Next().ToString());
    request.mutable_volunteer()->set_volunteer_id(VolunteerName(person));
    request.mutable_volunteer()->set_name(VolunteerName(person));
    v1::Consent* consent = request.add_consents();
    consent->set_item(v1::RECOGNITION);
    consent->set_form(v1::PAPER);
    consent->set_reference("bench");
    request.set_duplicate_reason("bench");
    const base::Bytes& photo = people_[person].enrolment;
    request.add_photos()->set_content(photo.data(), photo.size());
    ASSIGN_OR_RETURN(const v1::EnrolVolunteerResponse response,
                     Call(*enrolment_, &v1::EnrolmentService::Stub::EnrolVolunteer, request,
                          client::kEnrolCall));
    if (!response.refused()) return absl::OkStatus();
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "NOT_ENROLLED",
                           "a photo of the bench was refused: " + response.message());
  }

  absl::Status AddSession(const std::string& id) {
    v1::AddSessionRequest request;
    v1::Session* session = request.mutable_session();
    session->mutable_session()->set_activity_id(kActivity);
    session->mutable_session()->set_session_id(id);
    *session->mutable_start_time() = client::ToProto(clock_.Now() - std::chrono::minutes(30));
    *session->mutable_end_time() = client::ToProto(clock_.Now() + std::chrono::hours(8));
    RETURN_IF_ERROR(
        Call(*activities_, &v1::ActivityService::Stub::AddSession, request, client::kQuickCall)
            .status());
    v1::AddRosterEntriesRequest roster;
    *roster.mutable_session() = session->session();
    for (size_t p = 0; p < people_.size(); ++p) {
      roster.add_entries()->set_volunteer_id(VolunteerName(p));
    }
    return Call(*activities_, &v1::ActivityService::Stub::AddRosterEntries, roster,
                client::kQuickCall)
        .status();
  }

  v1::CheckInRequest Request(size_t person, const std::string& session, v1::Action action,
                             int32_t frames, int32_t round) {
    v1::CheckInRequest request;
    request.set_request_id(ids_.Next().ToString());
    request.mutable_session()->set_activity_id(kActivity);
    request.mutable_session()->set_session_id(session);
    request.set_kiosk_id(kKiosk);
    request.set_source(v1::PICTURES);
    request.set_action(action);
    const auto& all = people_[person].frames;
    for (int32_t f = 0; f < frames; ++f) {
      const base::Bytes& bytes = all[static_cast<size_t>(round + 1 + f) % all.size()];
      v1::Frame* frame = request.add_frames();
      frame->set_frame_id(f + 1);
      *frame->mutable_capture_time() =
          client::ToProto(clock_.Now() + std::chrono::milliseconds(300) * f);
      frame->set_content(bytes.data(), bytes.size());
    }
    return request;
  }

  const std::vector<FramePerson>& people_;
  const base::Clock& clock_;
  base::SystemRandom random_;
  base::UuidV7Generator ids_;
  client::Connection connection_;
  std::unique_ptr<v1::AdminService::Stub> admin_;
  std::unique_ptr<v1::ActivityService::Stub> activities_;
  std::unique_ptr<v1::EnrolmentService::Stub> enrolment_;
  std::unique_ptr<v1::CheckInService::Stub> check_in_;
};

}  // namespace

absl::StatusOr<std::vector<Timing>> MeasureService(const std::vector<FramePerson>& people,
                                                   const ServiceBenchOptions& options,
                                                   const base::Clock& clock) {
  base::log::Configure(base::log::Level::kError, "");
  server::ServerOptions server_options;
  server_options.data = options.scratch;
  server_options.manifest = options.manifest;
  server_options.model_cache = options.model_cache;
  server_options.config.listen = "127.0.0.1:0";
  ASSIGN_OR_RETURN(const auto server, server::Server::Start(std::move(server_options)));
  ServiceBench bench(people, server->address(), clock);
  std::vector<Timing> timings;
  ASSIGN_OR_RETURN(Timing rpc, bench.MeasureRpc(5 * options.rounds));
  timings.push_back(std::move(rpc));
  RETURN_IF_ERROR(bench.Prepare());
  for (const int32_t frames : {1, 3}) {
    ASSIGN_OR_RETURN(Timing whole, bench.MeasureCheckIns("frames-" + std::to_string(frames) + "-",
                                                         frames, options.rounds));
    timings.push_back(std::move(whole));
  }
  return timings;
}

}  // namespace rollcall::bench
