#include <chrono>
#include <utility>

#include "rollcall/v1/privacy_service.grpc.pb.h"
#include "rpc/convert.h"
#include "rpc/services.h"

namespace rollcall::rpc {
namespace {

void PutNotice(const domain::FacePolicy& policy, bool with_text, v1::PrivacyNotice* out) {
  out->set_face_mode(static_cast<v1::FaceMode>(policy.mode));
  out->set_operator_name(policy.operator_name);
  out->set_version(policy.notice_version);
  if (with_text) {
    out->set_text(policy.notice);
    out->set_text_zh(policy.notice_zh);
  }
  out->set_retention_days(static_cast<int32_t>(policy.retention / std::chrono::hours(24)));
  out->set_impact_assessment(policy.impact_assessment);
  if (policy.programme_end) rpc::Put(*policy.programme_end, out->mutable_programme_end_time());
}

void Put(const app::HeldData& held, v1::HeldData* out) {
  const app::Bilingual label = app::LabelOf(held.data_class);
  const app::Bilingual kept = app::KeptOf(held.data_class);
  out->set_data_class(static_cast<v1::DataClass>(held.data_class));
  out->set_label(std::string(label.en));
  out->set_label_zh(std::string(label.zh));
  out->set_count(held.count);
  if (held.since) rpc::Put(*held.since, out->mutable_since_time());
  if (held.erased_at) rpc::Put(*held.erased_at, out->mutable_erase_time());
  out->set_kept(std::string(kept.en));
  out->set_kept_zh(std::string(kept.zh));
  out->set_model_id(held.model_id);
  out->set_notice_version(held.notice_version);
  out->set_consent_reference(held.consent_reference);
  out->set_consent_text_version(held.consent_text_version);
}

void Put(const registry::ProcessingEntry& entry, v1::ProcessingEntry* out) {
  const app::Bilingual label = app::LabelOf(entry.kind);
  rpc::Put(entry.time, out->mutable_time());
  out->set_kind(static_cast<v1::ProcessingKind>(entry.kind));
  out->set_label(std::string(label.en));
  out->set_label_zh(std::string(label.zh));
  out->set_actor(entry.actor);
  out->set_detail(entry.detail);
}

class PrivacyService final : public v1::PrivacyService::CallbackService {
 public:
  PrivacyService(Backend& backend, app::Privacy& privacy) : backend_(backend), privacy_(privacy) {}

  grpc::ServerUnaryReactor* GetPrivacyNotice(grpc::CallbackServerContext* context,
                                             const v1::GetPrivacyNoticeRequest* request,
                                             v1::PrivacyNotice* response) override {
    return RunUnary(backend_, context, "rollcall.v1.PrivacyService/GetPrivacyNotice", *request,
                    [=, this](const app::Call&) {
                      PutNotice(privacy_.notice(), /*with_text=*/true, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* GetPrivacyReport(grpc::CallbackServerContext* context,
                                             const v1::GetPrivacyReportRequest* request,
                                             v1::PrivacyReport* response) override {
    return RunUnary(backend_, context, "rollcall.v1.PrivacyService/GetPrivacyReport", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto id, IdFrom<domain::VolunteerId>(
                                                          request->volunteer_id(), "volunteer_id"));
                      ASSIGN_OR_RETURN(const auto report, privacy_.ReportOn(call, id));
                      response->set_volunteer_id(report.volunteer.id.value);
                      response->set_name(report.volunteer.name);
                      rpc::Put(report.time, response->mutable_report_time());
                      if (report.erased) {
                        rpc::Put(*report.erased, response->mutable_erase_time());
                      }
                      PutNotice(privacy_.notice(), /*with_text=*/false, response->mutable_notice());
                      for (const auto& held : report.held) Put(held, response->add_held());
                      for (const auto& consent : report.consents) {
                        rpc::Put(consent, response->add_consents());
                      }
                      for (const auto& entry : report.processing) {
                        Put(entry, response->add_processing());
                      }
                      return absl::OkStatus();
                    });
  }

 private:
  Backend& backend_;
  app::Privacy& privacy_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakePrivacyService(Backend& backend, app::UseCases& use_cases) {
  return std::make_unique<PrivacyService>(backend, use_cases.privacy);
}

}  // namespace rollcall::rpc
