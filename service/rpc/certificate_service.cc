#include <utility>

#include "rollcall/v1/certificate_service.grpc.pb.h"
#include "rpc/convert.h"
#include "rpc/services.h"

namespace rollcall::rpc {
namespace {

absl::Status CheckNumber(const std::string& number) {
  if (number.empty() || number.size() > 64) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_ID",
                           "number: the number of a certificate is needed");
  }
  return absl::OkStatus();
}

absl::StatusOr<domain::OrganisationId> OrganisationFrom(const std::string& text) {
  return OptionalIdFrom<domain::OrganisationId>(text, "organisation_id");
}

void Put(const app::CertificateForms& forms, v1::IssuedHourCertificate* out) {
  out->set_number(forms.number);
  out->set_json(forms.json);
  out->set_vc_jwt(forms.vc_jwt);
  out->set_pdf(forms.pdf.data(), forms.pdf.size());
}

void Put(const app::CertificateView& view, v1::CertificateSummary* out) {
  out->set_number(view.number);
  out->set_volunteer_id(view.volunteer.value);
  out->set_first_day(view.first_day);
  out->set_last_day(view.last_day);
  out->set_minutes(view.minutes.Total());
  out->set_minutes_now(view.minutes_now.Total());
  rpc::Put(view.issued, out->mutable_issue_time());
  rpc::Put(view.final_from, out->mutable_final_time());
  out->set_issued_by(view.recorder);
  // The numbers of the two enums are equal.
  out->set_state(static_cast<v1::CertificateState>(view.state));
  if (view.revoked) {
    rpc::Put(*view.revoked, out->mutable_revoke_time());
    out->set_reason(static_cast<v1::RevocationReason>(static_cast<int>(view.reason) + 1));
  }
}

class CertificateService final : public v1::CertificateService::CallbackService {
 public:
  CertificateService(Backend& backend, app::Certificates& certificates)
      : backend_(backend), certificates_(certificates) {}

  grpc::ServerUnaryReactor* IssueCertificate(grpc::CallbackServerContext* context,
                                             const v1::IssueCertificateRequest* request,
                                             v1::IssuedHourCertificate* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.CertificateService/IssueCertificate", *request,
        [=, this](const app::Call& call) -> absl::Status {
          app::Certificates::IssueRequest wanted;
          ASSIGN_OR_RETURN(wanted.organisation, OrganisationFrom(request->organisation_id()));
          ASSIGN_OR_RETURN(wanted.volunteer,
                           IdFrom<domain::VolunteerId>(request->volunteer_id(), "volunteer_id"));
          ASSIGN_OR_RETURN(wanted.first_day, DayFrom(request->first_day(), "first_day"));
          ASSIGN_OR_RETURN(wanted.last_day, DayFrom(request->last_day(), "last_day"));
          ASSIGN_OR_RETURN(wanted.request_id, UuidFrom(request->request_id(), "request_id"));
          ASSIGN_OR_RETURN(const auto forms, certificates_.Issue(call, wanted));
          Put(forms, response);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* GetCertificate(grpc::CallbackServerContext* context,
                                           const v1::GetCertificateRequest* request,
                                           v1::IssuedHourCertificate* response) override {
    return RunUnary(backend_, context, "rollcall.v1.CertificateService/GetCertificate", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto organisation,
                                       OrganisationFrom(request->organisation_id()));
                      RETURN_IF_ERROR(CheckNumber(request->number()));
                      ASSIGN_OR_RETURN(const auto forms,
                                       certificates_.Get(call, organisation, request->number()));
                      Put(forms, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* ListCertificates(grpc::CallbackServerContext* context,
                                             const v1::ListCertificatesRequest* request,
                                             v1::ListCertificatesResponse* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.CertificateService/ListCertificates", *request,
        [=, this](const app::Call& call) -> absl::Status {
          ASSIGN_OR_RETURN(const auto organisation, OrganisationFrom(request->organisation_id()));
          ASSIGN_OR_RETURN(const auto volunteer, OptionalIdFrom<domain::VolunteerId>(
                                                     request->volunteer_id(), "volunteer_id"));
          ASSIGN_OR_RETURN(const auto page, certificates_.List(call, organisation, volunteer,
                                                               PageFrom(request->page_size(),
                                                                        request->page_token())));
          for (const app::CertificateView& view : page.items) {
            Put(view, response->add_certificates());
          }
          response->set_next_page_token(page.next_token);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* RevokeCertificate(grpc::CallbackServerContext* context,
                                              const v1::RevokeCertificateRequest* request,
                                              v1::CertificateSummary* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.CertificateService/RevokeCertificate", *request,
        [=, this](const app::Call& call) -> absl::Status {
          ASSIGN_OR_RETURN(const auto organisation, OrganisationFrom(request->organisation_id()));
          RETURN_IF_ERROR(CheckNumber(request->number()));
          if (request->reason() == v1::REVOCATION_REASON_UNSPECIFIED ||
              !v1::RevocationReason_IsValid(request->reason())) {
            return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_REASON",
                                   "reason: say why it is revoked");
          }
          // papers counts from 0; a test compares the words.
          const auto reason =
              static_cast<papers::RevocationReason>(static_cast<int>(request->reason()) - 1);
          ASSIGN_OR_RETURN(const auto view,
                           certificates_.Revoke(call, organisation, request->number(), reason));
          Put(view, response);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* GetRevocationList(grpc::CallbackServerContext* context,
                                              const v1::GetRevocationListRequest* request,
                                              v1::RevocationList* response) override {
    return RunUnary(backend_, context, "rollcall.v1.CertificateService/GetRevocationList", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(*response->mutable_text(), certificates_.Revocations(call));
                      return absl::OkStatus();
                    });
  }

 private:
  Backend& backend_;
  app::Certificates& certificates_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeCertificateService(Backend& backend, app::UseCases& use_cases) {
  return std::make_unique<CertificateService>(backend, use_cases.certificates);
}

}  // namespace rollcall::rpc
