#include "bench/service_bench.h"

#include <memory>
#include <optional>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "base/uuid.h"
#include "bench/format.h"
#include "bench/service_under_test.h"
#include "client/connection.h"
#include "client/when.h"
#include "rollcall/v1/activity_service.grpc.pb.h"
#include "rollcall/v1/admin_service.grpc.pb.h"
#include "rollcall/v1/check_in_service.grpc.pb.h"
#include "rollcall/v1/enrolment_service.grpc.pb.h"

namespace rollcall::bench {
namespace {

namespace v1 = rollcall::v1;
using client::Call;

constexpr char kActivity[] = "bench";
// What pairs_per_day of the default policy allows: in and out, three times.
constexpr int32_t kRecordsPerSession = 6;

std::string VolunteerName(size_t person) { return "bench-" + std::to_string(person + 1); }

class ServiceBench {
 public:
  ServiceBench(const std::vector<FramePerson>& people, ServiceUnderTest& service,
               const base::Clock& clock)
      : people_(people),
        clock_(clock),
        ids_(clock, random_),
        admin_(v1::AdminService::NewStub(service.kiosk().channel())),
        activities_(v1::ActivityService::NewStub(service.organiser().channel())),
        enrolment_(v1::EnrolmentService::NewStub(service.desk().channel())),
        check_in_(v1::CheckInService::NewStub(service.kiosk().channel())) {}

  absl::Status CallRpc() {
    return Call(*admin_, &v1::AdminService::Stub::GetServerInfo, v1::GetServerInfoRequest(),
                client::kQuickCall)
        .status();
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

  // One check-in or check-out, the `round`th (from 0) of those that `prefix` names: everybody in
  // turn, in and out, in as many sessions as that takes. In milliseconds; nothing where there was
  // no receipt.
  absl::StatusOr<std::optional<double>> CheckIn(const std::string& prefix, int32_t frames,
                                                int32_t round) {
    const int32_t turn = round / static_cast<int32_t>(people_.size());
    const size_t person = static_cast<size_t>(round) % people_.size();
    const std::string session = prefix + std::to_string(turn / kRecordsPerSession);
    if (person == 0 && turn % kRecordsPerSession == 0) RETURN_IF_ERROR(AddSession(session));
    const v1::Action action = turn % 2 == 0 ? v1::IN : v1::OUT;
    const v1::CheckInRequest request = Request(person, session, action, frames, round);
    const base::Duration start = clock_.Monotonic();
    ASSIGN_OR_RETURN(
        const v1::RecordAttendanceResponse response,
        Call(*check_in_, &v1::CheckInService::Stub::CheckIn, request, client::kQuickCall));
    const base::Duration took = clock_.Monotonic() - start;
    if (!response.has_receipt()) return std::nullopt;
    return static_cast<double>(took.count()) / 1000;
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
    request.set_kiosk_id(ServiceUnderTest::kKiosk);
    request.set_source(v1::PICTURES);
    request.set_action(action);
    const auto& all = people_[person].frames;
    for (int32_t f = 0; f < frames; ++f) {
      const base::Bytes& bytes = all[static_cast<size_t>(round + f) % all.size()];
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
  std::unique_ptr<v1::AdminService::Stub> admin_;
  std::unique_ptr<v1::ActivityService::Stub> activities_;
  std::unique_ptr<v1::EnrolmentService::Stub> enrolment_;
  std::unique_ptr<v1::CheckInService::Stub> check_in_;
};

// The same call to both services in turns, so that whatever else the machine does meets both alike.
absl::StatusOr<std::vector<Timing>> MeasureRpcs(ServiceBench& plain, ServiceBench& encrypted,
                                                int32_t rounds, const base::Clock& clock) {
  std::vector<Timing> timings = {{"RPC", "GetServerInfo over loopback, plain text", {}},
                                 {"RPC, mTLS", "", {}}};
  for (int32_t round = -1; round < rounds; ++round) {
    for (size_t which = 0; which < 2; ++which) {
      const base::Duration start = clock.Monotonic();
      RETURN_IF_ERROR((which == 0 ? plain : encrypted).CallRpc());
      const base::Duration took = clock.Monotonic() - start;
      if (round >= 0) {
        timings[which].milliseconds.push_back(static_cast<double>(took.count()) / 1000);
      }
    }
  }
  timings[1].detail = "the same, " + Fixed(Median(timings[1]) - Median(timings[0]), 3) + " ms more";
  return timings;
}

absl::StatusOr<std::vector<Timing>> MeasureCheckIns(ServiceBench& plain, ServiceBench& encrypted,
                                                    int32_t frames, int32_t rounds) {
  std::vector<Timing> timings = {{"whole request", "", {}}, {"whole request, mTLS", "", {}}};
  const std::string prefix = "frames-" + std::to_string(frames) + "-";
  for (int32_t round = 0; round <= rounds; ++round) {  // the first is not measured
    for (size_t which = 0; which < 2; ++which) {
      ASSIGN_OR_RETURN(const std::optional<double> milliseconds,
                       (which == 0 ? plain : encrypted).CheckIn(prefix, frames, round));
      if (round > 0 && milliseconds) timings[which].milliseconds.push_back(*milliseconds);
    }
  }
  for (Timing& timing : timings) {
    if (timing.milliseconds.size() * 2 < static_cast<size_t>(rounds)) {
      return base::MakeError(absl::StatusCode::kFailedPrecondition, "NOT_RECOGNISED",
                             "fewer than half of the bench's check-ins came to a receipt");
    }
    timing.detail = "CheckIn, " + std::to_string(frames) + (frames == 1 ? " frame" : " frames") +
                    ", " + std::to_string(timing.milliseconds.size()) + " of " +
                    std::to_string(rounds) + " recorded";
  }
  const double more = Median(timings[1]) / Median(timings[0]) - 1;
  timings[1].detail += "; " + std::string(more < 0 ? "" : "+") + Fixed(100 * more, 1) +
                       " % on plain text (goal: at most +5 %)";
  return timings;
}

}  // namespace

absl::StatusOr<std::vector<Timing>> MeasureService(const std::vector<FramePerson>& people,
                                                   const ServiceBenchOptions& options,
                                                   const base::Clock& clock) {
  base::log::Configure(base::log::Level::kError, "");
  server::ServerOptions server_options;
  server_options.manifest = options.manifest;
  server_options.model_cache = options.model_cache;
  server_options.data = options.scratch / "encrypted";
  ASSIGN_OR_RETURN(const auto encrypted_service, ServiceUnderTest::StartEncrypted(server_options));
  server_options.data = options.scratch / "plain";
  ASSIGN_OR_RETURN(const auto plain_service, ServiceUnderTest::StartPlain(server_options));
  ServiceBench plain(people, *plain_service, clock);
  ServiceBench encrypted(people, *encrypted_service, clock);
  ASSIGN_OR_RETURN(std::vector<Timing> timings,
                   MeasureRpcs(plain, encrypted, 5 * options.rounds, clock));
  RETURN_IF_ERROR(plain.Prepare());
  RETURN_IF_ERROR(encrypted.Prepare());
  for (const int32_t frames : {1, 3}) {
    ASSIGN_OR_RETURN(auto whole, MeasureCheckIns(plain, encrypted, frames, options.rounds));
    for (Timing& timing : whole) timings.push_back(std::move(timing));
  }
  return timings;
}

}  // namespace rollcall::bench
