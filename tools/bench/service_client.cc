#include "bench/service_client.h"

#include "client/connection.h"
#include "client/when.h"

namespace rollcall::bench {
namespace {

namespace v1 = rollcall::v1;

// What pairs_per_day of the default policy allows: in and out, three times.
constexpr int32_t kRecordsPerSession = 6;

}  // namespace

ServiceClient::ServiceClient(const std::vector<FramePerson>& people, ServiceUnderTest& service,
                             const base::Clock& clock)
    : people_(people),
      clock_(clock),
      ids_(clock, random_),
      admin_(v1::AdminService::NewStub(service.kiosk().channel())),
      activities_(v1::ActivityService::NewStub(service.organiser().channel())),
      enrolment_(v1::EnrolmentService::NewStub(service.desk().channel())),
      check_in_(v1::CheckInService::NewStub(service.kiosk().channel())) {}

std::string ServiceClient::VolunteerName(size_t person) {
  return "bench-" + std::to_string(person + 1);
}

absl::Status ServiceClient::CallRpc() {
  return client::Call(*admin_, &v1::AdminService::Stub::GetServerInfo, v1::GetServerInfoRequest(),
                      client::kQuickCall)
      .status();
}

absl::Status ServiceClient::Prepare() {
  v1::CreateActivityRequest request;
  request.mutable_activity()->set_activity_id(kActivity);
  request.mutable_activity()->set_practice(true);
  RETURN_IF_ERROR(client::Call(*activities_, &v1::ActivityService::Stub::CreateActivity, request,
                               client::kQuickCall)
                      .status());
  for (size_t p = 0; p < people_.size(); ++p) RETURN_IF_ERROR(Enrol(p));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<double>> ServiceClient::CheckIn(const std::string& prefix,
                                                             int32_t frames, int32_t round) {
  const int32_t turn = round / static_cast<int32_t>(people_.size());
  const size_t person = static_cast<size_t>(round) % people_.size();
  const std::string session = prefix + std::to_string(turn / kRecordsPerSession);
  if (person == 0 && turn % kRecordsPerSession == 0) RETURN_IF_ERROR(AddSession(session));
  const v1::Action action = turn % 2 == 0 ? v1::IN : v1::OUT;
  const v1::CheckInRequest request = Request(person, session, action, frames, round);
  const base::Duration start = clock_.Monotonic();
  ASSIGN_OR_RETURN(const v1::RecordAttendanceResponse response, Call(request));
  const base::Duration took = clock_.Monotonic() - start;
  if (!response.has_receipt()) return std::nullopt;
  return static_cast<double>(took.count()) / 1000;
}

absl::Status ServiceClient::Enrol(size_t person) {
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
                   client::Call(*enrolment_, &v1::EnrolmentService::Stub::EnrolVolunteer, request,
                                client::kEnrolCall));
  if (!response.refused()) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "NOT_ENROLLED",
                         "a photo of the bench was refused: " + response.message());
}

absl::Status ServiceClient::AddSession(const std::string& id) {
  v1::AddSessionRequest request;
  v1::Session* session = request.mutable_session();
  session->mutable_session()->set_activity_id(kActivity);
  session->mutable_session()->set_session_id(id);
  *session->mutable_start_time() = client::ToProto(clock_.Now() - std::chrono::minutes(30));
  *session->mutable_end_time() = client::ToProto(clock_.Now() + std::chrono::hours(8));
  RETURN_IF_ERROR(client::Call(*activities_, &v1::ActivityService::Stub::AddSession, request,
                               client::kQuickCall)
                      .status());
  v1::AddRosterEntriesRequest roster;
  *roster.mutable_session() = session->session();
  for (size_t p = 0; p < people_.size(); ++p) {
    roster.add_entries()->set_volunteer_id(VolunteerName(p));
  }
  return client::Call(*activities_, &v1::ActivityService::Stub::AddRosterEntries, roster,
                      client::kQuickCall)
      .status();
}

v1::CheckInRequest ServiceClient::Request(size_t person, const std::string& session,
                                          v1::Action action, int32_t frames, int32_t round) {
  const auto& all = people_[person].frames;
  v1::CheckInRequest request = RequestWith(session, all[static_cast<size_t>(round) % all.size()]);
  request.set_action(action);
  for (int32_t f = 1; f < frames; ++f) {
    AddFrame(request, all[static_cast<size_t>(round + f) % all.size()]);
  }
  return request;
}

v1::CheckInRequest ServiceClient::RequestWith(const std::string& session, const base::Bytes& jpeg) {
  v1::CheckInRequest request;
  request.set_request_id(NewId());
  request.mutable_session()->set_activity_id(kActivity);
  request.mutable_session()->set_session_id(session);
  request.set_kiosk_id(ServiceUnderTest::kKiosk);
  request.set_source(v1::PICTURES);
  request.set_action(v1::IN);
  AddFrame(request, jpeg);
  return request;
}

void ServiceClient::AddFrame(v1::CheckInRequest& request, const base::Bytes& jpeg) {
  const int before = request.frames_size();
  v1::Frame* frame = request.add_frames();
  frame->set_frame_id(before + 1);
  *frame->mutable_capture_time() =
      client::ToProto(clock_.Now() + std::chrono::milliseconds(300) * before);
  frame->set_content(jpeg.data(), jpeg.size());
}

absl::StatusOr<v1::RecordAttendanceResponse> ServiceClient::Call(
    const v1::CheckInRequest& request) {
  return client::Call(*check_in_, &v1::CheckInService::Stub::CheckIn, request, client::kQuickCall);
}

}  // namespace rollcall::bench
