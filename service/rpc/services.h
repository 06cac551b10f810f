#ifndef ROLLCALL_RPC_SERVICES_H_
#define ROLLCALL_RPC_SERVICES_H_

#include <memory>
#include <string>

#include "app/event_feed.h"
#include "app/identities.h"
#include "app/use_cases.h"
#include "app/webhooks.h"
#include "rpc/unary.h"

namespace grpc {
class Service;
}

// The services of rollcall.v1, one .cc file each. A handler converts, calls one use case and
// converts back; deadlines, access, threads, errors and counting are RunUnary's. The references
// must outlive the service, and the service the gRPC server.
namespace rollcall::rpc {

class EventStreams;
class OpenStreams;

// What GetServerInfo says beyond what the use cases know.
struct ServerFacts {
  std::string version;
  std::string engine;                  // e.g. "rollcall f32"
  std::string calibration_provenance;  // ModelPack::calibration_provenance
};

std::unique_ptr<grpc::Service> MakeAdminService(Backend& backend, app::UseCases& use_cases,
                                                ServerFacts facts);
std::unique_ptr<grpc::Service> MakeActivityService(Backend& backend, app::UseCases& use_cases);
std::unique_ptr<grpc::Service> MakeBanService(Backend& backend, app::UseCases& use_cases);
std::unique_ptr<grpc::Service> MakeCertificateService(Backend& backend, app::UseCases& use_cases);
std::unique_ptr<grpc::Service> MakeEnrolmentService(Backend& backend, app::UseCases& use_cases);
std::unique_ptr<grpc::Service> MakeCheckInService(Backend& backend, app::UseCases& use_cases,
                                                  OpenStreams& streams);
std::unique_ptr<grpc::Service> MakeCorrectionService(Backend& backend, app::UseCases& use_cases);
std::unique_ptr<grpc::Service> MakeDisputeService(Backend& backend, app::UseCases& use_cases);
std::unique_ptr<grpc::Service> MakeIdentityService(Backend& backend, app::Identities& identities);
std::unique_ptr<grpc::Service> MakeIrregularityService(Backend& backend, app::UseCases& use_cases);
std::unique_ptr<grpc::Service> MakeLedgerService(Backend& backend, app::UseCases& use_cases);
std::unique_ptr<grpc::Service> MakeLedgerEventService(Backend& backend, app::EventFeed& feed,
                                                      EventStreams& streams);
std::unique_ptr<grpc::Service> MakePrivacyService(Backend& backend, app::UseCases& use_cases);
std::unique_ptr<grpc::Service> MakeProofService(Backend& backend, app::UseCases& use_cases);
std::unique_ptr<grpc::Service> MakeStarService(Backend& backend, app::UseCases& use_cases);
std::unique_ptr<grpc::Service> MakeWebhookService(Backend& backend, app::Webhooks& webhooks);

}  // namespace rollcall::rpc

#endif  // ROLLCALL_RPC_SERVICES_H_
