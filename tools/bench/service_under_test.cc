#include "bench/service_under_test.h"

#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "certificates/bundle.h"
#include "certificates/private_key.h"
#include "rollcall/v1/identity_service.grpc.pb.h"
#include "server/site_authority.h"

namespace rollcall::bench {
namespace {

namespace v1 = rollcall::v1;

absl::StatusOr<std::unique_ptr<client::Connection>> ConnectAs(v1::Role role, const std::string& id,
                                                              client::Connection& administrator) {
  ASSIGN_OR_RETURN(const auto key, certificates::PrivateKey::Generate());
  v1::CreateIdentityRequest request;
  request.mutable_identity()->set_identity_id(id);
  request.mutable_identity()->set_role(role);
  if (role == v1::KIOSK) request.mutable_identity()->set_site_id("bench");
  ASSIGN_OR_RETURN(*request.mutable_certificate_request(), certificates::MakeRequest(key));
  const auto stub = v1::IdentityService::NewStub(administrator.channel());
  ASSIGN_OR_RETURN(
      const v1::IssuedCertificate issued,
      client::Call(*stub, &v1::IdentityService::Stub::CreateIdentity, request, client::kQuickCall));
  return std::make_unique<client::Connection>(
      administrator.address(),
      certificates::Bundle{key.ToPem(), issued.certificate(), issued.authority()});
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServiceUnderTest>> ServiceUnderTest::StartPlain(
    server::ServerOptions options) {
  options.config.listen = "127.0.0.1:0";
  options.plaintext = true;
  std::unique_ptr<ServiceUnderTest> service(new ServiceUnderTest);
  ASSIGN_OR_RETURN(service->server_, server::Server::Start(std::move(options)));
  for (auto* connection : {&service->organiser_, &service->desk_, &service->kiosk_}) {
    *connection = std::make_unique<client::Connection>(service->server_->address());
  }
  return service;
}

absl::StatusOr<std::unique_ptr<ServiceUnderTest>> ServiceUnderTest::StartEncrypted(
    server::ServerOptions options) {
  server::AllowTls13Only();
  base::SystemRandom random;
  server::InitOptions certificates;
  certificates.data = options.data;
  ASSIGN_OR_RETURN(const server::InitReport init,
                   server::Init(certificates, base::SystemClock(), random));
  options.config.listen = "127.0.0.1:0";
  std::unique_ptr<ServiceUnderTest> service(new ServiceUnderTest);
  ASSIGN_OR_RETURN(service->server_, server::Server::Start(std::move(options)));
  ASSIGN_OR_RETURN(const certificates::Bundle bundle, certificates::ReadBundle(init.bundle));
  client::Connection administrator(service->server_->address(), bundle);
  ASSIGN_OR_RETURN(service->organiser_, ConnectAs(v1::ORGANISER, "organiser", administrator));
  ASSIGN_OR_RETURN(service->desk_, ConnectAs(v1::DESK, "desk", administrator));
  ASSIGN_OR_RETURN(service->kiosk_, ConnectAs(v1::KIOSK, kKiosk, administrator));
  return service;
}

}  // namespace rollcall::bench
