#include "integration/secure_service_test.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>

#include "access/identity_book.h"
#include "base/random.h"
#include "certificates/certificate_info.h"
#include "certificates/private_key.h"
#include "client/source_signer.h"
#include "ledger/ledger.h"
#include "rpc/access_table.h"
#include "server/site_authority.h"
#include "storage/database.h"
#include "webhooks/store.h"

namespace rollcall::testing {
namespace {

using certificates::Authority;
using certificates::Bundle;
using certificates::PrivateKey;

// Before anything of gRPC: it reads the list once.
const bool kTls13Only = [] {
  server::AllowTls13Only();
  return true;
}();

}  // namespace

void SecureServiceTest::SetUpSite(const std::function<void()>& before) {
  ASSERT_TRUE(kTls13Only);
  server::InitOptions options;
  options.data = Options().data;
  base::SystemRandom random;
  const base::ManualClock earlier(machine_clock_.Now() - std::chrono::hours(100));
  const auto report = server::Init(options, earlier, random);
  ASSERT_TRUE(report.ok()) << report.status();
  administrator_ = Must(certificates::ReadBundle(report->bundle));
  authority_ = Must(server::LoadAuthority(options.data));
  if (before) before();
  Start();
}

Client SecureServiceTest::As(const Bundle& bundle) const {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = bundle.authority_pem;
  options.pem_private_key = bundle.key_pem;
  options.pem_cert_chain = bundle.certificate_pem;
  return Client(server_->address(), grpc::SslCredentials(options));
}

Bundle SecureServiceTest::Identity(const std::string& id, v1::Role role,
                                   const std::string& organisation) {
  const PrivateKey key = Must(PrivateKey::Generate());
  v1::CreateIdentityRequest request;
  request.mutable_identity()->set_identity_id(id);
  request.mutable_identity()->set_role(role);
  request.mutable_identity()->set_organisation_id(organisation);
  if (role == v1::KIOSK) request.mutable_identity()->set_site_id("hall");
  request.set_certificate_request(Must(certificates::MakeRequest(key)));
  const Client administrator = Administrator();
  const auto issued = administrator.Call(*administrator.identities,
                                         &v1::IdentityService::Stub::CreateIdentity, request);
  EXPECT_TRUE(issued.ok()) << issued.reason() << issued.status.error_message();
  return {key.ToPem(), issued.response.certificate(), issued.response.authority()};
}

Bundle SecureServiceTest::Renewed(const std::string& id) {
  const PrivateKey key = Must(PrivateKey::Generate());
  v1::RenewCertificateRequest request;
  request.set_identity_id(id);
  request.set_certificate_request(Must(certificates::MakeRequest(key)));
  const Client administrator = Administrator();
  const auto issued = administrator.Call(*administrator.identities,
                                         &v1::IdentityService::Stub::RenewCertificate, request);
  EXPECT_TRUE(issued.ok()) << issued.reason() << issued.status.error_message();
  return {key.ToPem(), issued.response.certificate(), issued.response.authority()};
}

Bundle SecureServiceTest::Forged(const Authority& authority, base::Time now,
                                 base::Duration lifetime) {
  const PrivateKey key = Must(PrivateKey::Generate());
  domain::Caller caller;
  caller.identity = "administrator";
  caller.role = domain::Role::kAdministrator;
  caller.organisation = domain::OrganisationId("home");
  return {key.ToPem(),
          Must(authority.IssueClient(Must(certificates::MakeRequest(key)), caller.identity,
                                     access::IdentityUri(caller), now, lifetime)),
          authority_->certificate_pem()};
}

void SecureServiceTest::MakeOrganisation(const std::string& id, const std::string& parent) {
  v1::CreateOrganisationRequest request;
  request.mutable_organisation()->set_organisation_id(id);
  request.mutable_organisation()->set_name(id);
  request.mutable_organisation()->set_level(v1::ASSOCIATION);
  request.mutable_organisation()->set_parent_id(parent);
  const Client administrator = Administrator();
  const auto made = administrator.Call(*administrator.activities,
                                       &v1::ActivityService::Stub::CreateOrganisation, request);
  ASSERT_TRUE(made.ok()) << made.status.error_message();
}

grpc::Status SecureServiceTest::Revoke(const std::string& id) {
  v1::RevokeIdentityRequest request;
  request.set_identity_id(id);
  const Client administrator = Administrator();
  return administrator
      .Call(*administrator.identities, &v1::IdentityService::Stub::RevokeIdentity, request)
      .status;
}

std::unique_ptr<KioskStream> SecureServiceTest::OpenCamera(const Client& client,
                                                           const certificates::Bundle& bundle,
                                                           const std::string& activity) {
  auto stream = std::make_unique<KioskStream>(client);
  v1::StreamIdentifyRequest request;
  *request.mutable_config()->mutable_session() = SessionOf(activity);
  request.mutable_config()->set_source(v1::CAMERA);
  request.mutable_config()->set_device("Webcam 1f");
  stream->Send(request);
  const auto opened = stream->Read();
  if (!opened || !opened->has_opened()) return nullptr;
  v1::StreamIdentifyRequest vouching;
  *vouching.mutable_source_signature() =
      Must(Must(client::SourceSigner::Create(bundle)).Sign(request.config(), opened->opened()));
  stream->Send(vouching);
  return stream;
}

grpc::Status SecureServiceTest::ListActivities(const Client& client,
                                               const std::string& organisation) {
  v1::ListActivitiesRequest request;
  request.set_organisation_id(organisation);
  return client.Call(*client.activities, &v1::ActivityService::Stub::ListActivities, request)
      .status;
}

std::vector<std::string> SecureServiceTest::Methods() {
  std::vector<std::string> methods;
  for (const auto* service : rpc::Services()) {
    for (int i = 0; i < service->method_count(); ++i) {
      methods.push_back("/" + service->full_name() + "/" + service->method(i)->name());
    }
  }
  return methods;
}

void SecureServiceTest::WithRegistry(const std::function<void(registry::Registry&)>& change) {
  storage::DatabaseOptions options;
  options.path = Options().data / "rollcall.db";
  options.schemas = {registry::RegistrySchema(), ledger::LedgerSchema(), webhooks::WebhookSchema()};
  const auto database = Must(storage::OpenSqlite(std::move(options)));
  change(*registry::MakeSqlRegistry(*database));
}

void SecureServiceTest::Record(registry::Registry& registry, const domain::Caller& caller,
                               const std::string& certificate_pem, base::Time expires) {
  const base::Time issued = base::SystemClock().Now() - std::chrono::hours(100);
  const absl::Status organisation =
      registry.CreateOrganisation({caller.organisation,
                                   caller.organisation.value,
                                   domain::OrganisationLevel::kAssociation,
                                   {},
                                   issued});
  ASSERT_TRUE(organisation.ok() || absl::IsAlreadyExists(organisation)) << organisation;
  if (!caller.site.empty()) {
    const absl::Status site =
        registry.PutSite({caller.organisation, caller.site, caller.site.value, false});
    ASSERT_TRUE(site.ok()) << site;
  }
  registry::Identity identity;
  identity.id = caller.identity;
  identity.role = caller.role;
  identity.organisation = caller.organisation;
  identity.site = caller.site;
  identity.name = caller.identity;
  identity.created = issued;
  identity.recorder = "administrator";
  const auto info = Must(certificates::Inspect(certificate_pem));
  const absl::Status added =
      registry.AddIdentity(identity, {info.fingerprint, identity.id, issued, expires});
  ASSERT_TRUE(added.ok()) << caller.identity << ": " << added;
}

int64_t SecureServiceTest::AuditLines() {
  const std::string trail = support::ReadFile(Options().data / "audit/calls.jsonl");
  return std::count(trail.begin(), trail.end(), '\n');
}

}  // namespace rollcall::testing
