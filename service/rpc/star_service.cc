#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "app/stars.h"
#include "rollcall/v1/star_service.grpc.pb.h"
#include "rpc/convert.h"
#include "rpc/services.h"
#include "rpc/status_mapping.h"

namespace rollcall::rpc {
namespace {

using hours::ApplicationState;

struct Words {
  std::string_view en;
  std::string_view zh;
};

Words WordsOf(ApplicationState state) {
  switch (state) {
    case ApplicationState::kSubmitted:
      return {"submitted", "已申请"};
    case ApplicationState::kReviewed:
      return {"reviewed", "已评审"};
    case ApplicationState::kOnNotice:
      return {"on notice", "公示中"};
    case ApplicationState::kGranted:
      return {"granted", "已授予"};
    case ApplicationState::kRefused:
      return {"refused", "未通过"};
    case ApplicationState::kWithdrawn:
      return {"withdrawn", "已撤回"};
  }
  return {"unknown", "未知"};
}

std::string DayText(hours::Day day) {
  return day == hours::Day() ? std::string() : hours::FormatDay(day);
}

void Put(const registry::ProcedureStep& step, v1::StarStep* out) {
  out->set_state(static_cast<v1::StarApplicationState>(step.state));
  out->set_identity_id(step.actor.identity);
  out->set_role(static_cast<v1::Role>(step.actor.role));
  rpc::Put(step.time, out->mutable_time());
  out->set_policy(step.policy);
}

void PutView(const app::Stars::View& view, v1::StarApplication* out) {
  const hours::StarApplication& application = view.stored.application;
  out->set_application_id(view.stored.id.ToString());
  out->set_organisation_id(view.stored.organisation.value);
  out->set_volunteer_id(view.stored.volunteer.value);
  out->set_name(view.name);
  out->set_star(application.star);
  out->set_state(static_cast<v1::StarApplicationState>(application.state));
  const Words words = WordsOf(application.state);
  out->set_state_text(std::string(words.en));
  out->set_state_text_zh(std::string(words.zh));
  out->set_submit_day(DayText(application.submitted));
  out->set_approver_level(static_cast<v1::ApproverLevel>(application.approver_level));
  out->set_review_score(application.review_score);
  out->set_notice_until_day(DayText(application.notice_until));
  out->set_decide_day(DayText(application.decided));
  out->set_refusal(application.refusal);
  for (const registry::ProcedureStep& step : view.stored.steps) Put(step, out->add_steps());
  out->set_replayed(view.stored.replayed);
}

void PutStanding(const app::Stars::StandingView& view, v1::StarStanding* out) {
  out->set_volunteer_id(view.volunteer.value);
  out->set_name(view.name);
  rpc::Put(view.registered, out->mutable_register_time());
  out->set_minutes(view.standing.minutes);
  out->set_minutes_before_registration(view.standing.minutes_before_registration);
  out->set_held(view.standing.held);
  out->set_earned(view.standing.earned);
  if (view.standing.minutes_missing) {
    out->set_next(std::max(view.standing.held, view.standing.earned) + 1);
    out->set_minutes_missing(*view.standing.minutes_missing);
  }
  out->set_barred(view.barred);
  if (!view.open_application.IsNil()) {
    out->set_open_application_id(view.open_application.ToString());
  }
  out->set_policy(view.policy);
  for (const app::Stars::Star& star : view.stars) {
    v1::StarThreshold* to = out->add_thresholds();
    to->set_star(out->thresholds_size());
    to->set_hours(star.hours);
    to->set_approver_level(static_cast<v1::ApproverLevel>(star.approver));
  }
}

absl::StatusOr<domain::OrganisationId> OrganisationOf(const std::string& id) {
  return OptionalIdFrom<domain::OrganisationId>(id, "organisation_id");
}

// Of every request for a step.
template <typename Request>
absl::StatusOr<app::Stars::Step> StepFrom(const Request& request) {
  app::Stars::Step step;
  ASSIGN_OR_RETURN(step.request_id, UuidFrom(request.request_id(), "request_id"));
  ASSIGN_OR_RETURN(step.organisation, OrganisationOf(request.organisation_id()));
  ASSIGN_OR_RETURN(step.application, UuidFrom(request.application_id(), "application_id"));
  return step;
}

absl::StatusOr<app::Stars::NewApplication> NewApplicationFrom(
    const v1::ApplyForStarRequest& request) {
  app::Stars::NewApplication out;
  ASSIGN_OR_RETURN(out.request_id, UuidFrom(request.request_id(), "request_id"));
  ASSIGN_OR_RETURN(out.organisation, OrganisationOf(request.organisation_id()));
  ASSIGN_OR_RETURN(out.volunteer,
                   IdFrom<domain::VolunteerId>(request.volunteer_id(), "volunteer_id"));
  out.star = request.star();
  return out;
}

absl::StatusOr<app::Stars::Filter> FilterFrom(const v1::ListStarApplicationsRequest& request) {
  app::Stars::Filter out;
  ASSIGN_OR_RETURN(out.organisation, OrganisationOf(request.organisation_id()));
  ASSIGN_OR_RETURN(out.volunteer,
                   OptionalIdFrom<domain::VolunteerId>(request.volunteer_id(), "volunteer_id"));
  if (!v1::StarApplicationState_IsValid(request.state())) {
    return FieldError("state", "BAD_ENUM", "not a state");
  }
  if (request.state() != v1::STAR_APPLICATION_STATE_UNSPECIFIED) {
    out.state = static_cast<ApplicationState>(request.state());
  }
  return out;
}

// Nothing: APPROVER_NONE.
absl::StatusOr<std::optional<hours::Level>> LevelFrom(v1::ApproverLevel level) {
  if (!v1::ApproverLevel_IsValid(level) || level == v1::APPROVER_LEVEL_UNSPECIFIED) {
    return FieldError("level", "BAD_ENUM", "say which level, or APPROVER_NONE");
  }
  if (level == v1::APPROVER_NONE) return std::optional<hours::Level>();
  return std::optional(static_cast<hours::Level>(level));
}

class StarService final : public v1::StarService::CallbackService {
 public:
  StarService(Backend& backend, app::Stars& stars) : backend_(backend), stars_(stars) {}

  grpc::ServerUnaryReactor* GetStarStanding(grpc::CallbackServerContext* context,
                                            const v1::GetStarStandingRequest* request,
                                            v1::StarStanding* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.StarService/GetStarStanding", *request,
        [=, this](const app::Call& call) -> absl::Status {
          ASSIGN_OR_RETURN(const auto organisation, OrganisationOf(request->organisation_id()));
          ASSIGN_OR_RETURN(const auto volunteer,
                           IdFrom<domain::VolunteerId>(request->volunteer_id(), "volunteer_id"));
          ASSIGN_OR_RETURN(const auto view, stars_.Standing(call, organisation, volunteer));
          PutStanding(view, response);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ApplyForStar(grpc::CallbackServerContext* context,
                                         const v1::ApplyForStarRequest* request,
                                         v1::StarApplication* response) override {
    return RunUnary(backend_, context, "rollcall.v1.StarService/ApplyForStar", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto wanted, NewApplicationFrom(*request));
                      ASSIGN_OR_RETURN(const auto view, stars_.Apply(call, wanted));
                      PutView(view, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* GetStarApplication(grpc::CallbackServerContext* context,
                                               const v1::GetStarApplicationRequest* request,
                                               v1::StarApplication* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.StarService/GetStarApplication", *request,
        [=, this](const app::Call& call) -> absl::Status {
          ASSIGN_OR_RETURN(const auto organisation, OrganisationOf(request->organisation_id()));
          ASSIGN_OR_RETURN(const auto id, UuidFrom(request->application_id(), "application_id"));
          ASSIGN_OR_RETURN(const auto view, stars_.Get(call, organisation, id));
          PutView(view, response);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListStarApplications(
      grpc::CallbackServerContext* context, const v1::ListStarApplicationsRequest* request,
      v1::ListStarApplicationsResponse* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.StarService/ListStarApplications", *request,
        [=, this](const app::Call& call) -> absl::Status {
          ASSIGN_OR_RETURN(const auto filter, FilterFrom(*request));
          ASSIGN_OR_RETURN(
              const auto page,
              stars_.List(call, filter, PageFrom(request->page_size(), request->page_token())));
          for (const auto& view : page.items) PutView(view, response->add_applications());
          response->set_next_page_token(page.next_token);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ReviewStar(grpc::CallbackServerContext* context,
                                       const v1::ReviewStarRequest* request,
                                       v1::StarApplication* response) override {
    return RunStep(context, "rollcall.v1.StarService/ReviewStar", *request, response,
                   [=, this](const app::Call& call,
                             const app::Stars::Step& step) -> absl::StatusOr<app::Stars::View> {
                     if (!request->has_score()) {
                       return FieldError("score", "BAD_SCORE", "is required, from 0 to 100");
                     }
                     return stars_.Review(call, step, request->score());
                   });
  }

  grpc::ServerUnaryReactor* ApproveStar(grpc::CallbackServerContext* context,
                                        const v1::DecideStarRequest* request,
                                        v1::StarApplication* response) override {
    return RunStep(context, "rollcall.v1.StarService/ApproveStar", *request, response,
                   [this](const app::Call& call, const app::Stars::Step& step) {
                     return stars_.Approve(call, step);
                   });
  }

  grpc::ServerUnaryReactor* GrantStar(grpc::CallbackServerContext* context,
                                      const v1::DecideStarRequest* request,
                                      v1::StarApplication* response) override {
    return RunStep(context, "rollcall.v1.StarService/GrantStar", *request, response,
                   [this](const app::Call& call, const app::Stars::Step& step) {
                     return stars_.Grant(call, step);
                   });
  }

  grpc::ServerUnaryReactor* RefuseStar(grpc::CallbackServerContext* context,
                                       const v1::RefuseStarRequest* request,
                                       v1::StarApplication* response) override {
    return RunStep(context, "rollcall.v1.StarService/RefuseStar", *request, response,
                   [=, this](const app::Call& call, const app::Stars::Step& step) {
                     return stars_.Refuse(call, step, request->reason_text());
                   });
  }

  grpc::ServerUnaryReactor* WithdrawStar(grpc::CallbackServerContext* context,
                                         const v1::WithdrawStarRequest* request,
                                         v1::StarApplication* response) override {
    return RunStep(context, "rollcall.v1.StarService/WithdrawStar", *request, response,
                   [=, this](const app::Call& call,
                             const app::Stars::Step& step) -> absl::StatusOr<app::Stars::View> {
                     ASSIGN_OR_RETURN(
                         const auto volunteer,
                         IdFrom<domain::VolunteerId>(request->volunteer_id(), "volunteer_id"));
                     return stars_.Withdraw(call, step, volunteer);
                   });
  }

  grpc::ServerUnaryReactor* GetApproverLevel(grpc::CallbackServerContext* context,
                                             const v1::GetApproverLevelRequest* request,
                                             v1::GetApproverLevelResponse* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.StarService/GetApproverLevel", *request,
        [=, this](const app::Call& call) -> absl::Status {
          ASSIGN_OR_RETURN(const auto organisation, OrganisationOf(request->organisation_id()));
          ASSIGN_OR_RETURN(const auto level, stars_.ApproverLevel(call, organisation));
          response->set_level(level ? static_cast<v1::ApproverLevel>(*level) : v1::APPROVER_NONE);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* SetApproverLevel(grpc::CallbackServerContext* context,
                                             const v1::SetApproverLevelRequest* request,
                                             v1::SetApproverLevelResponse*) override {
    return RunUnary(backend_, context, "rollcall.v1.StarService/SetApproverLevel", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto organisation,
                                       OrganisationOf(request->organisation_id()));
                      ASSIGN_OR_RETURN(const auto level, LevelFrom(request->level()));
                      return stars_.SetApproverLevel(call, organisation, level);
                    });
  }

 private:
  // `take`: of (call, step), gives the view after it.
  template <typename Request, typename Take>
  grpc::ServerUnaryReactor* RunStep(grpc::CallbackServerContext* context, const char* method,
                                    const Request& request, v1::StarApplication* response,
                                    Take take) {
    return RunUnary(backend_, context, method, request,
                    [=, &request](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto step, StepFrom(request));
                      ASSIGN_OR_RETURN(const app::Stars::View view, take(call, step));
                      PutView(view, response);
                      return absl::OkStatus();
                    });
  }

  Backend& backend_;
  app::Stars& stars_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeStarService(Backend& backend, app::UseCases& use_cases) {
  return std::make_unique<StarService>(backend, use_cases.stars);
}

}  // namespace rollcall::rpc
