#include "integration/client.h"

#include <grpcpp/generic/generic_stub.h>

#include "base/random.h"
#include "base/uuid.h"

namespace rollcall::testing {
namespace {

// The detail of type google.rpc.`name`, parsed into `out`.
bool FindDetail(const grpc::Status& status, const std::string& name,
                google::protobuf::Message* out) {
  v1::ErrorStatus details;
  if (!details.ParseFromString(status.error_details())) return false;
  for (const google::protobuf::Any& any : details.details()) {
    if (any.type_url() == "type.googleapis.com/google.rpc." + name) {
      return out->ParseFromString(any.value());
    }
  }
  return false;
}

std::shared_ptr<grpc::Channel> Connect(
    const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  // A channel of its own per client, not one that was left by a client of an earlier server.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, credentials, arguments);
}

}  // namespace

std::string ReasonOf(const grpc::Status& status) {
  v1::ErrorInfo info;
  return FindDetail(status, "ErrorInfo", &info) ? info.reason() : "";
}

std::optional<std::chrono::milliseconds> RetryDelayOf(const grpc::Status& status) {
  v1::RetryInfo retry;
  if (!FindDetail(status, "RetryInfo", &retry)) return std::nullopt;
  return std::chrono::seconds(retry.retry_delay().seconds()) +
         std::chrono::milliseconds(retry.retry_delay().nanos() / 1'000'000);
}

Client::Client(const std::string& address,
               const std::shared_ptr<grpc::ChannelCredentials>& credentials)
    : channel(Connect(address, credentials)),
      admin(v1::AdminService::NewStub(channel)),
      activities(v1::ActivityService::NewStub(channel)),
      bans(v1::BanService::NewStub(channel)),
      certificates(v1::CertificateService::NewStub(channel)),
      enrolment(v1::EnrolmentService::NewStub(channel)),
      check_in(v1::CheckInService::NewStub(channel)),
      corrections(v1::CorrectionService::NewStub(channel)),
      disputes(v1::DisputeService::NewStub(channel)),
      identities(v1::IdentityService::NewStub(channel)),
      irregularities(v1::IrregularityService::NewStub(channel)),
      ledger(v1::LedgerService::NewStub(channel)),
      events(v1::LedgerEventService::NewStub(channel)),
      privacy(v1::PrivacyService::NewStub(channel)),
      proofs(v1::ProofService::NewStub(channel)),
      stars(v1::StarService::NewStub(channel)),
      webhooks(v1::WebhookService::NewStub(channel)) {}

Answer<v1::EnrolVolunteerResponse> Client::Enrol(const v1::EnrolVolunteerRequest& request) const {
  return Call(*enrolment, &v1::EnrolmentService::Stub::EnrolVolunteer, request);
}

Answer<v1::AddRosterEntriesResponse> Client::AddToRoster(
    const std::string& activity, const std::vector<std::string>& volunteers) const {
  v1::AddRosterEntriesRequest request;
  *request.mutable_session() = SessionOf(activity);
  for (const std::string& volunteer : volunteers) {
    request.add_entries()->set_volunteer_id(volunteer);
  }
  return Call(*activities, &v1::ActivityService::Stub::AddRosterEntries, request);
}

Answer<v1::AttestPresenceResponse> Client::Attest(const std::string& activity,
                                                  const std::string& volunteer) const {
  v1::AttestPresenceRequest request;
  *request.mutable_session() = SessionOf(activity);
  request.set_volunteer_id(volunteer);
  request.set_reason("seen at the door");
  return Call(*check_in, &v1::CheckInService::Stub::AttestPresence, request);
}

Answer<v1::RecordAttendanceResponse> Client::Record(const std::string& token, v1::Action action,
                                                    const std::string& request_id) const {
  v1::RecordAttendanceRequest request;
  request.set_request_id(request_id);
  request.set_token(token);
  request.set_action(action);
  return Call(*check_in, &v1::CheckInService::Stub::RecordAttendance, request);
}

Answer<v1::ListHoursResponse> Client::Hours(const std::string& volunteer) const {
  v1::ListHoursRequest request;
  request.set_volunteer_id(volunteer);
  return Call(*ledger, &v1::LedgerService::Stub::ListHours, request);
}

Answer<v1::VerifyLedgerResponse> Client::Verify() const {
  return Call(*ledger, &v1::LedgerService::Stub::VerifyLedger, v1::VerifyLedgerRequest());
}

Answer<v1::GetServerInfoResponse> Client::Info() const {
  return Call(*admin, &v1::AdminService::Stub::GetServerInfo, v1::GetServerInfoRequest());
}

Answer<std::string> RawCall(const Client& client, const std::string& method,
                            const std::string& request) {
  grpc::GenericStub stub(client.channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  grpc::CompletionQueue queue;
  const grpc::Slice slice(request);
  const grpc::ByteBuffer out(&slice, 1);
  auto call = stub.PrepareUnaryCall(&context, method, out, &queue);
  call->StartCall();
  Answer<std::string> answer;
  grpc::ByteBuffer in;
  call->Finish(&in, &answer.status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  grpc::Slice whole;
  if (in.Valid() && in.DumpToSingleSlice(&whole).ok()) {
    answer.response.assign(reinterpret_cast<const char*>(whole.begin()), whole.size());
  }
  return answer;
}

Answer<bool> IsServing(const Client& client, const std::string& service) {
  // HealthCheckRequest{service = 1}; HealthCheckResponse{status = 1, SERVING = 1}.
  std::string request;
  if (!service.empty()) {
    request += '\x0a';
    request += static_cast<char>(service.size());
    request += service;
  }
  const auto raw = RawCall(client, "/grpc.health.v1.Health/Check", request);
  return {.status = raw.status, .response = raw.response == "\x08\x01"};
}

grpc::Status MakeActivity(const Client& client, const std::string& id, bool practice,
                          base::Time start, base::Time end) {
  v1::CreateActivityRequest activity;
  activity.mutable_activity()->set_activity_id(id);
  activity.mutable_activity()->set_practice(practice);
  const auto made =
      client.Call(*client.activities, &v1::ActivityService::Stub::CreateActivity, activity);
  if (!made.ok()) return made.status;
  v1::AddSessionRequest session;
  *session.mutable_session()->mutable_session() = SessionOf(id, "s");
  session.mutable_session()->mutable_start_time()->set_seconds(base::ToUnixMicros(start) /
                                                               1'000'000);
  session.mutable_session()->mutable_end_time()->set_seconds(base::ToUnixMicros(end) / 1'000'000);
  return client.Call(*client.activities, &v1::ActivityService::Stub::AddSession, session).status;
}

KioskStream::KioskStream(const Client& client) {
  context_.set_deadline(std::chrono::system_clock::now() + kPatience);
  stream_ = client.check_in->StreamIdentify(&context_);
}

void KioskStream::SendConfig(const std::string& activity, v1::SourceKind source,
                             const std::string& kiosk) {
  v1::StreamIdentifyRequest request;
  v1::StreamConfig* config = request.mutable_config();
  *config->mutable_session() = SessionOf(activity);
  config->set_kiosk_id(kiosk);
  config->set_source(source);
  stream_->Write(request);
}

bool KioskStream::SendFrame(const v1::Frame& frame) {
  v1::StreamIdentifyRequest request;
  *request.mutable_frame() = frame;
  return Send(request);
}

std::optional<v1::StreamIdentifyResponse> KioskStream::Read() {
  v1::StreamIdentifyResponse response;
  if (!stream_->Read(&response)) return std::nullopt;
  return response;
}

grpc::Status KioskStream::End() {
  while (Read()) {
  }
  return stream_->Finish();
}

std::string NewRequestId() {
  static base::SystemClock clock;
  static base::SystemRandom random;
  static base::UuidV7Generator ids(clock, random);
  return ids.Next().ToString();
}

std::string Numbered(std::string prefix, int number) {
  prefix += std::to_string(number);
  return prefix;
}

v1::SessionRef SessionOf(const std::string& activity, const std::string& session) {
  v1::SessionRef ref;
  ref.set_activity_id(activity);
  ref.set_session_id(session);
  return ref;
}

v1::EnrolVolunteerRequest EnrolRequest(const std::string& id, const std::string& name,
                                       const std::vector<std::string>& photos) {
  v1::EnrolVolunteerRequest request;
  request.set_request_id(NewRequestId());
  request.mutable_volunteer()->set_volunteer_id(id);
  request.mutable_volunteer()->set_name(name);
  for (const std::string& photo : photos) request.add_photos()->set_content(photo);
  if (!photos.empty()) {
    v1::Consent* consent = request.add_consents();
    consent->set_item(v1::RECOGNITION);
    consent->set_form(v1::PAPER);
    consent->set_reference("form-" + id);
  }
  return request;
}

v1::Frame FrameOf(int64_t frame_id, base::Time captured, const std::string& content) {
  v1::Frame frame;
  frame.set_frame_id(frame_id);
  const int64_t micros = base::ToUnixMicros(captured);
  frame.mutable_capture_time()->set_seconds(micros / 1'000'000);
  frame.mutable_capture_time()->set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1000);
  frame.set_content(content);
  return frame;
}

}  // namespace rollcall::testing
