#include <string>
#include <string_view>

#include "app/bans.h"
#include "rollcall/v1/ban_service.grpc.pb.h"
#include "rpc/convert.h"
#include "rpc/services.h"
#include "rpc/status_mapping.h"

namespace rollcall::rpc {
namespace {

constexpr int kMaxNamed = 1000;  // people and references in a request before anybody looks at them

struct Words {
  std::string_view en;
  std::string_view zh;
};

Words WordsOf(v1::BanCaseState state) {
  switch (state) {
    case v1::BAN_NOTICED:
      return {"noticed", "已告知"};
    case v1::BAN_HEARD:
      return {"heard", "已听证"};
    case v1::BAN_IMPOSED:
      return {"imposed", "已处罚"};
    case v1::BAN_DISMISSED:
      return {"dismissed", "不予处罚"};
    case v1::BAN_LAPSED:
      return {"lapsed", "已失效"};
    default:
      return {"unknown", "未知"};
  }
}

v1::BanEffect EffectFrom(hours::BanEffect effect) {
  switch (effect) {
    case hours::BanEffect::kNone:
      return v1::BAN_EFFECT_NONE;
    case hours::BanEffect::kSuspended:
      return v1::BAN_EFFECT_SUSPENDED;
    case hours::BanEffect::kBanned:
      return v1::BAN_EFFECT_BANNED;
  }
  return v1::BAN_EFFECT_UNSPECIFIED;
}

std::string DayText(hours::Day day) {
  return day == hours::Day() ? std::string() : hours::FormatDay(day);
}

void Put(const registry::ProcedureStep& step, v1::BanStep* out) {
  out->set_state(static_cast<v1::BanCaseState>(step.state));
  out->set_identity_id(step.actor.identity);
  out->set_role(static_cast<v1::Role>(step.actor.role));
  rpc::Put(step.time, out->mutable_time());
  out->set_policy(step.policy);
}

void PutCase(const hours::BanCase& ban, v1::BanCase* out) {
  out->set_notice_day(DayText(ban.noticed));
  out->set_accusation(ban.accusation);
  for (const std::string& reference : ban.evidence) out->add_evidence(reference);
  out->set_hearing_day(DayText(ban.heard));
  out->set_appeared(ban.appeared);
  out->set_statement(ban.statement);
  out->set_decision_text(ban.reason);
  out->set_decide_day(DayText(ban.decided));
  out->set_first_day(DayText(ban.first_day));
  out->set_last_day(DayText(ban.last_day));
}

void PutView(const app::Bans::View& view, v1::BanCase* out) {
  out->set_case_id(view.stored.id.ToString());
  out->set_organisation_id(view.stored.organisation.value);
  out->set_volunteer_id(view.stored.volunteer.value);
  out->set_name(view.name);
  out->set_state(view.lapsed ? v1::BAN_LAPSED
                             : static_cast<v1::BanCaseState>(view.stored.ban.state));
  const Words words = WordsOf(out->state());
  out->set_state_text(std::string(words.en));
  out->set_state_text_zh(std::string(words.zh));
  out->set_effect(EffectFrom(view.effect));
  out->set_hearing_from_day(DayText(view.hearing_from));
  out->set_decide_until_day(DayText(view.decide_until));
  PutCase(view.stored.ban, out);
  for (const registry::ProcedureStep& step : view.stored.steps) Put(step, out->add_steps());
  out->set_replayed(view.stored.replayed);
}

absl::StatusOr<domain::OrganisationId> OrganisationOf(const std::string& id) {
  return OptionalIdFrom<domain::OrganisationId>(id, "organisation_id");
}

// Of every request for a step.
template <typename Request>
absl::StatusOr<app::Bans::Step> StepFrom(const Request& request) {
  app::Bans::Step step;
  ASSIGN_OR_RETURN(step.request_id, UuidFrom(request.request_id(), "request_id"));
  ASSIGN_OR_RETURN(step.organisation, OrganisationOf(request.organisation_id()));
  ASSIGN_OR_RETURN(step.ban, UuidFrom(request.case_id(), "case_id"));
  return step;
}

absl::StatusOr<app::Bans::NewCase> NewCaseFrom(const v1::OpenBanCaseRequest& request) {
  app::Bans::NewCase out;
  ASSIGN_OR_RETURN(out.request_id, UuidFrom(request.request_id(), "request_id"));
  ASSIGN_OR_RETURN(out.organisation, OrganisationOf(request.organisation_id()));
  ASSIGN_OR_RETURN(out.accused,
                   IdFrom<domain::VolunteerId>(request.volunteer_id(), "volunteer_id"));
  if (request.evidence_size() > kMaxNamed || request.involved_volunteer_ids_size() > kMaxNamed ||
      request.involved_identity_ids_size() > kMaxNamed) {
    return FieldError("evidence", "BAD_CASE", "too many references or people");
  }
  out.accusation = request.accusation();
  out.evidence.assign(request.evidence().begin(), request.evidence().end());
  for (const std::string& text : request.involved_volunteer_ids()) {
    ASSIGN_OR_RETURN(out.involved_volunteers.emplace_back(),
                     IdFrom<domain::VolunteerId>(text, "involved_volunteer_ids"));
  }
  for (const std::string& text : request.involved_identity_ids()) {
    RETURN_IF_ERROR(CheckId(text, "involved_identity_ids"));
    out.involved_identities.push_back(text);
  }
  return out;
}

class BanService final : public v1::BanService::CallbackService {
 public:
  BanService(Backend& backend, app::Bans& bans) : backend_(backend), bans_(bans) {}

  grpc::ServerUnaryReactor* OpenBanCase(grpc::CallbackServerContext* context,
                                        const v1::OpenBanCaseRequest* request,
                                        v1::BanCase* response) override {
    return RunUnary(backend_, context, "rollcall.v1.BanService/OpenBanCase", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto wanted, NewCaseFrom(*request));
                      ASSIGN_OR_RETURN(const auto view, bans_.Open(call, wanted));
                      PutView(view, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* HoldBanHearing(grpc::CallbackServerContext* context,
                                           const v1::HoldBanHearingRequest* request,
                                           v1::BanCase* response) override {
    return RunStep(context, "rollcall.v1.BanService/HoldBanHearing", *request, response,
                   [=, this](const app::Call& call,
                             const app::Bans::Step& step) -> absl::StatusOr<app::Bans::View> {
                     if (!request->has_appeared()) {
                       return FieldError("appeared", "BAD_CASE", "say whether she came");
                     }
                     return bans_.Hear(call, step, request->appeared(), request->statement());
                   });
  }

  grpc::ServerUnaryReactor* ImposeBan(grpc::CallbackServerContext* context,
                                      const v1::ImposeBanRequest* request,
                                      v1::BanCase* response) override {
    return RunStep(context, "rollcall.v1.BanService/ImposeBan", *request, response,
                   [=, this](const app::Call& call, const app::Bans::Step& step) {
                     return bans_.Impose(call, step, request->days(), request->reason_text());
                   });
  }

  grpc::ServerUnaryReactor* DismissBanCase(grpc::CallbackServerContext* context,
                                           const v1::DismissBanCaseRequest* request,
                                           v1::BanCase* response) override {
    return RunStep(context, "rollcall.v1.BanService/DismissBanCase", *request, response,
                   [=, this](const app::Call& call, const app::Bans::Step& step) {
                     return bans_.Dismiss(call, step, request->reason_text());
                   });
  }

  grpc::ServerUnaryReactor* GetBanCase(grpc::CallbackServerContext* context,
                                       const v1::GetBanCaseRequest* request,
                                       v1::BanCase* response) override {
    return RunUnary(backend_, context, "rollcall.v1.BanService/GetBanCase", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto organisation,
                                       OrganisationOf(request->organisation_id()));
                      ASSIGN_OR_RETURN(const auto id, UuidFrom(request->case_id(), "case_id"));
                      ASSIGN_OR_RETURN(const auto view, bans_.Get(call, organisation, id));
                      PutView(view, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* ListBanCases(grpc::CallbackServerContext* context,
                                         const v1::ListBanCasesRequest* request,
                                         v1::ListBanCasesResponse* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.BanService/ListBanCases", *request,
        [=, this](const app::Call& call) -> absl::Status {
          ASSIGN_OR_RETURN(const auto organisation, OrganisationOf(request->organisation_id()));
          ASSIGN_OR_RETURN(const auto volunteer, OptionalIdFrom<domain::VolunteerId>(
                                                     request->volunteer_id(), "volunteer_id"));
          ASSIGN_OR_RETURN(const auto page,
                           bans_.List(call, organisation, volunteer,
                                      PageFrom(request->page_size(), request->page_token())));
          for (const auto& view : page.items) PutView(view, response->add_cases());
          response->set_next_page_token(page.next_token);
          return absl::OkStatus();
        });
  }

 private:
  // `take`: of (call, step), gives the view after it.
  template <typename Request, typename Take>
  grpc::ServerUnaryReactor* RunStep(grpc::CallbackServerContext* context, const char* method,
                                    const Request& request, v1::BanCase* response, Take take) {
    return RunUnary(backend_, context, method, request,
                    [=, &request](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto step, StepFrom(request));
                      ASSIGN_OR_RETURN(const app::Bans::View view, take(call, step));
                      PutView(view, response);
                      return absl::OkStatus();
                    });
  }

  Backend& backend_;
  app::Bans& bans_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeBanService(Backend& backend, app::UseCases& use_cases) {
  return std::make_unique<BanService>(backend, use_cases.bans);
}

}  // namespace rollcall::rpc
