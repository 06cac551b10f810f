#ifndef ROLLCALL_TESTS_INTEGRATION_CLIENT_H_
#define ROLLCALL_TESTS_INTEGRATION_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "rollcall/v1/activity_service.grpc.pb.h"
#include "rollcall/v1/admin_service.grpc.pb.h"
#include "rollcall/v1/ban_service.grpc.pb.h"
#include "rollcall/v1/certificate_service.grpc.pb.h"
#include "rollcall/v1/check_in_service.grpc.pb.h"
#include "rollcall/v1/correction_service.grpc.pb.h"
#include "rollcall/v1/dispute_service.grpc.pb.h"
#include "rollcall/v1/enrolment_service.grpc.pb.h"
#include "rollcall/v1/errors.pb.h"
#include "rollcall/v1/event_service.grpc.pb.h"
#include "rollcall/v1/identity_service.grpc.pb.h"
#include "rollcall/v1/irregularity_service.grpc.pb.h"
#include "rollcall/v1/ledger_service.grpc.pb.h"
#include "rollcall/v1/privacy_service.grpc.pb.h"
#include "rollcall/v1/proof_service.grpc.pb.h"
#include "rollcall/v1/star_service.grpc.pb.h"
#include "rollcall/v1/webhook_service.grpc.pb.h"

// A plain client of the service, as tests use it.
namespace rollcall::testing {

// The reason of the ErrorInfo in a status's details; "" where there is none.
std::string ReasonOf(const grpc::Status& status);
// The RetryInfo likewise.
std::optional<std::chrono::milliseconds> RetryDelayOf(const grpc::Status& status);

template <typename Response>
struct Answer {
  grpc::Status status;
  Response response;

  bool ok() const { return status.ok(); }
  grpc::StatusCode code() const { return status.error_code(); }
  std::string reason() const { return ReasonOf(status); }
};

// Generous: tests run beside each other on a small machine. Every method's maximum is lower anyway.
constexpr auto kPatience = std::chrono::seconds(60);

class Client {
 public:
  // Plain text unless told otherwise.
  explicit Client(const std::string& address,
                  const std::shared_ptr<grpc::ChannelCredentials>& credentials =
                      grpc::InsecureChannelCredentials());

  // Calls `method` of `stub` with a deadline `within` from now.
  template <typename Stub, typename Request, typename Response>
  Answer<Response> Call(
      Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
      const Request& request, std::chrono::milliseconds within = kPatience) const {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + within);
    Answer<Response> answer;
    answer.status = (stub.*method)(&context, request, &answer.response);
    return answer;
  }

  // The methods that tests call most.
  Answer<v1::EnrolVolunteerResponse> Enrol(const v1::EnrolVolunteerRequest& request) const;
  Answer<v1::AddRosterEntriesResponse> AddToRoster(
      const std::string& activity, const std::vector<std::string>& volunteers) const;
  Answer<v1::AttestPresenceResponse> Attest(const std::string& activity,
                                            const std::string& volunteer) const;
  Answer<v1::RecordAttendanceResponse> Record(const std::string& token, v1::Action action,
                                              const std::string& request_id) const;
  Answer<v1::ListHoursResponse> Hours(const std::string& volunteer = "") const;
  Answer<v1::VerifyLedgerResponse> Verify() const;
  Answer<v1::GetServerInfoResponse> Info() const;

  const std::shared_ptr<grpc::Channel> channel;
  const std::unique_ptr<v1::AdminService::Stub> admin;
  const std::unique_ptr<v1::ActivityService::Stub> activities;
  const std::unique_ptr<v1::BanService::Stub> bans;
  const std::unique_ptr<v1::CertificateService::Stub> certificates;
  const std::unique_ptr<v1::EnrolmentService::Stub> enrolment;
  const std::unique_ptr<v1::CheckInService::Stub> check_in;
  const std::unique_ptr<v1::CorrectionService::Stub> corrections;
  const std::unique_ptr<v1::DisputeService::Stub> disputes;
  const std::unique_ptr<v1::IdentityService::Stub> identities;
  const std::unique_ptr<v1::IrregularityService::Stub> irregularities;
  const std::unique_ptr<v1::LedgerService::Stub> ledger;
  const std::unique_ptr<v1::LedgerEventService::Stub> events;
  const std::unique_ptr<v1::PrivacyService::Stub> privacy;
  const std::unique_ptr<v1::ProofService::Stub> proofs;
  const std::unique_ptr<v1::StarService::Stub> stars;
  const std::unique_ptr<v1::WebhookService::Stub> webhooks;
};

// Sends raw bytes to any method ("/package.Service/Method") and returns the answer's: for services
// whose .proto Debian lacks.
Answer<std::string> RawCall(const Client& client, const std::string& method,
                            const std::string& request);

// Whether grpc.health.v1 calls `service` ("" is the server) SERVING.
Answer<bool> IsServing(const Client& client, const std::string& service);

// One StreamIdentify call, driven step by step.
class KioskStream {
 public:
  // Opens the call; sends nothing.
  explicit KioskStream(const Client& client);

  void SendConfig(const std::string& activity, v1::SourceKind source = v1::CAMERA,
                  const std::string& kiosk = "door-1");
  // False: the stream is over.
  bool Send(const v1::StreamIdentifyRequest& request) { return stream_->Write(request); }
  bool SendFrame(const v1::Frame& frame);
  // The next message; nothing when the stream is over.
  std::optional<v1::StreamIdentifyResponse> Read();
  // Says that no more frames come.
  void HalfClose() { stream_->WritesDone(); }
  void Cancel() { context_.TryCancel(); }
  // Reads what is left and returns how the stream ended.
  grpc::Status End();

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::StreamIdentifyRequest, v1::StreamIdentifyResponse>>
      stream_;
};

std::string NewRequestId();

// `prefix` with `number` behind it.
std::string Numbered(std::string prefix, int number);

v1::SessionRef SessionOf(const std::string& activity, const std::string& session = "");

// A practice activity or a real one, with the session "s" from `start` to `end`. OK, or why not.
grpc::Status MakeActivity(const Client& client, const std::string& id, bool practice,
                          base::Time start, base::Time end);

// A request for `id` called `name`, with a recognition consent where there are photos.
v1::EnrolVolunteerRequest EnrolRequest(const std::string& id, const std::string& name,
                                       const std::vector<std::string>& photos = {});

v1::Frame FrameOf(int64_t frame_id, base::Time captured, const std::string& content);

inline std::string Text(const base::Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace rollcall::testing

#endif  // ROLLCALL_TESTS_INTEGRATION_CLIENT_H_
