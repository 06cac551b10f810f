#include <chrono>
#include <memory>

#include "app/identities.h"
#include "rollcall/v1/identity_service.grpc.pb.h"
#include "rpc/convert.h"
#include "rpc/services.h"
#include "rpc/status_mapping.h"

namespace rollcall::rpc {
namespace {

// A signing request for a P-256 key has some 300 bytes.
constexpr size_t kRequestMax = 16 << 10;

void PutView(const app::Identities::View& view, v1::Identity* out) {
  const registry::Identity& identity = view.identity;
  out->set_identity_id(identity.id);
  out->set_role(static_cast<v1::Role>(identity.role));
  out->set_organisation_id(identity.organisation.value);
  out->set_site_id(identity.site.value);
  out->set_name(identity.name);
  Put(identity.created, out->mutable_create_time());
  if (identity.revoked) Put(*identity.revoked, out->mutable_revoke_time());
  out->set_revoked_by(identity.revoked_by);
  Put(view.expires, out->mutable_expire_time());
  out->set_volunteer_id(identity.volunteer.value);
}

void PutIssued(const app::Identities::Issued& issued, v1::IssuedCertificate* out) {
  PutView(issued.view, out->mutable_identity());
  out->set_certificate(issued.certificate_pem);
  out->set_authority(issued.authority_pem);
}

absl::Status CheckSigningRequest(const std::string& request) {
  if (!request.empty() && request.size() <= kRequestMax) return absl::OkStatus();
  return FieldError("certificate_request", "BAD_REQUEST", "1 byte to 16 KiB of PEM are needed");
}

absl::StatusOr<app::Identities::NewIdentity> NewIdentityFrom(
    const v1::CreateIdentityRequest& request) {
  const v1::Identity& identity = request.identity();
  app::Identities::NewIdentity out;
  RETURN_IF_ERROR(CheckId(identity.identity_id(), "identity.identity_id"));
  out.id = identity.identity_id();
  if (!v1::Role_IsValid(identity.role()) || identity.role() == v1::ROLE_UNSPECIFIED) {
    return FieldError("identity.role", "BAD_ENUM", "say which role");
  }
  out.role = static_cast<domain::Role>(identity.role());
  ASSIGN_OR_RETURN(out.organisation,
                   OptionalIdFrom<domain::OrganisationId>(identity.organisation_id(),
                                                          "identity.organisation_id"));
  ASSIGN_OR_RETURN(out.site,
                   OptionalIdFrom<domain::SiteId>(identity.site_id(), "identity.site_id"));
  ASSIGN_OR_RETURN(out.volunteer, OptionalIdFrom<domain::VolunteerId>(identity.volunteer_id(),
                                                                      "identity.volunteer_id"));
  if (!out.volunteer.empty() && out.role == domain::Role::kKiosk) {
    return FieldError("identity.volunteer_id", "BAD_VALUE", "a kiosk is nobody's own");
  }
  if (out.site.empty() == (out.role == domain::Role::kKiosk)) {
    return FieldError("identity.site_id", "BAD_VALUE",
                      "a kiosk stands at a site, and nobody else does");
  }
  out.name = identity.name();
  RETURN_IF_ERROR(CheckSigningRequest(request.certificate_request()));
  out.request_pem = request.certificate_request();
  out.lifetime = std::chrono::hours(24) * request.lifetime_days();
  return out;
}

class IdentityService final : public v1::IdentityService::CallbackService {
 public:
  IdentityService(Backend& backend, app::Identities& identities)
      : backend_(backend), identities_(identities) {}

  grpc::ServerUnaryReactor* CreateIdentity(grpc::CallbackServerContext* context,
                                           const v1::CreateIdentityRequest* request,
                                           v1::IssuedCertificate* response) override {
    return RunUnary(backend_, context, "rollcall.v1.IdentityService/CreateIdentity", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto wanted, NewIdentityFrom(*request));
                      ASSIGN_OR_RETURN(const auto issued, identities_.Create(call, wanted));
                      PutIssued(issued, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* RenewCertificate(grpc::CallbackServerContext* context,
                                             const v1::RenewCertificateRequest* request,
                                             v1::IssuedCertificate* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.IdentityService/RenewCertificate", *request,
        [=, this](const app::Call& call) -> absl::Status {
          if (!request->identity_id().empty()) {
            RETURN_IF_ERROR(CheckId(request->identity_id(), "identity_id"));
          }
          RETURN_IF_ERROR(CheckSigningRequest(request->certificate_request()));
          ASSIGN_OR_RETURN(
              const auto issued,
              identities_.Renew(call, request->identity_id(), request->certificate_request(),
                                std::chrono::hours(24) * request->lifetime_days()));
          PutIssued(issued, response);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListIdentities(grpc::CallbackServerContext* context,
                                           const v1::ListIdentitiesRequest* request,
                                           v1::ListIdentitiesResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.IdentityService/ListIdentities", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto page,
                                       identities_.List(call, PageFrom(request->page_size(),
                                                                       request->page_token())));
                      for (const auto& view : page.items) PutView(view, response->add_identities());
                      response->set_next_page_token(page.next_token);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* RevokeIdentity(grpc::CallbackServerContext* context,
                                           const v1::RevokeIdentityRequest* request,
                                           v1::Identity* response) override {
    return RunUnary(backend_, context, "rollcall.v1.IdentityService/RevokeIdentity", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      RETURN_IF_ERROR(CheckId(request->identity_id(), "identity_id"));
                      ASSIGN_OR_RETURN(const auto view,
                                       identities_.Revoke(call, request->identity_id()));
                      PutView(view, response);
                      return absl::OkStatus();
                    });
  }

 private:
  Backend& backend_;
  app::Identities& identities_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeIdentityService(Backend& backend, app::Identities& identities) {
  return std::make_unique<IdentityService>(backend, identities);
}

}  // namespace rollcall::rpc
