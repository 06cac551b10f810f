#include <utility>

#include "rollcall/v1/admin_service.grpc.pb.h"
#include "rpc/convert.h"
#include "rpc/services.h"

namespace rollcall::rpc {
namespace {

class AdminService final : public v1::AdminService::CallbackService {
 public:
  AdminService(Backend& backend, app::Admin& admin, ServerFacts facts)
      : backend_(backend), admin_(admin), facts_(std::move(facts)) {}

  grpc::ServerUnaryReactor* GetServerInfo(grpc::CallbackServerContext* context,
                                          const v1::GetServerInfoRequest* request,
                                          v1::GetServerInfoResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.AdminService/GetServerInfo", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const app::Admin::Info info, admin_.GetInfo(call));
                      response->set_version(facts_.version);
                      response->set_model_id(info.model_id);
                      response->set_engine(facts_.engine);
                      response->set_gallery_size(info.gallery_size);
                      response->set_gallery_revision(info.gallery_revision);
                      response->set_ledger_sequence(info.ledger_sequence);
                      Put(info.server_time, response->mutable_server_time());
                      response->set_calibration_provenance(facts_.calibration_provenance);
                      response->set_default_organisation_id(info.default_organisation.value);
                      response->set_consent_text_version(info.consent_text_version);
                      response->set_practice_clock(info.practice_clock);
                      response->set_face_mode(static_cast<v1::FaceMode>(info.face_mode));
                      response->set_face_mode_reason(info.face_mode_reason);
                      response->set_face_persons(info.face_persons);
                      response->set_face_persons_limit(info.face_persons_limit);
                      response->set_face_filing_alarm(info.face_filing_alarm);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* GetMetrics(grpc::CallbackServerContext* context,
                                       const v1::GetMetricsRequest* request,
                                       v1::GetMetricsResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.AdminService/GetMetrics", *request,
                    [=, this](const app::Call& call) {
                      response->set_text(admin_.MetricsText(call));
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* AdvancePracticeClock(
      grpc::CallbackServerContext* context, const v1::AdvancePracticeClockRequest* request,
      v1::AdvancePracticeClockResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.AdminService/AdvancePracticeClock", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const base::Time now,
                                       admin_.AdvancePracticeClock(call, request->minutes()));
                      Put(now, response->mutable_server_time());
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* RotateKeys(grpc::CallbackServerContext* context,
                                       const v1::RotateKeysRequest* request,
                                       v1::RotateKeysResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.AdminService/RotateKeys", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto report,
                                       admin_.RotateKeys(call));
                      response->set_keys(report.keys);
                      response->set_key_id(report.key_id);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* PrepareBackup(grpc::CallbackServerContext* context,
                                          const v1::PrepareBackupRequest* request,
                                          v1::PrepareBackupResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.AdminService/PrepareBackup", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(*response->mutable_folder(),
                                       admin_.PrepareBackup(call, request->with_keys()));
                      return absl::OkStatus();
                    });
  }

 private:
  Backend& backend_;
  app::Admin& admin_;
  const ServerFacts facts_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAdminService(Backend& backend, app::UseCases& use_cases,
                                                ServerFacts facts) {
  return std::make_unique<AdminService>(backend, use_cases.admin, std::move(facts));
}

}  // namespace rollcall::rpc
