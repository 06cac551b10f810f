#include <utility>

#include "rollcall/v1/activity_service.grpc.pb.h"
#include "rpc/convert.h"
#include "rpc/services.h"

namespace rollcall::rpc {
namespace {

class ActivityService final : public v1::ActivityService::CallbackService {
 public:
  ActivityService(Backend& backend, app::UseCases& use_cases)
      : backend_(backend),
        activities_(use_cases.activities),
        policy_choices_(use_cases.policy_choices) {}

  grpc::ServerUnaryReactor* CreateOrganisation(grpc::CallbackServerContext* context,
                                               const v1::CreateOrganisationRequest* request,
                                               v1::Organisation* response) override {
    return RunUnary(backend_, context, "rollcall.v1.ActivityService/CreateOrganisation", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(auto wanted, OrganisationFrom(request->organisation()));
                      ASSIGN_OR_RETURN(const auto made,
                                       activities_.CreateOrganisation(call, std::move(wanted)));
                      Put(made, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* ListOrganisations(grpc::CallbackServerContext* context,
                                              const v1::ListOrganisationsRequest* request,
                                              v1::ListOrganisationsResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.ActivityService/ListOrganisations", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto page, activities_.ListOrganisations(
                                                            call, PageFrom(request->page_size(),
                                                                           request->page_token())));
                      for (const domain::Organisation& item : page.items)
                        Put(item, response->add_organisations());
                      response->set_next_page_token(page.next_token);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* MoveOrganisation(grpc::CallbackServerContext* context,
                                             const v1::MoveOrganisationRequest* request,
                                             v1::Organisation* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.ActivityService/MoveOrganisation", *request,
        [=, this](const app::Call& call) -> absl::Status {
          ASSIGN_OR_RETURN(const auto id, IdFrom<domain::OrganisationId>(request->organisation_id(),
                                                                         "organisation_id"));
          ASSIGN_OR_RETURN(const auto parent, OptionalIdFrom<domain::OrganisationId>(
                                                  request->parent_id(), "parent_id"));
          ASSIGN_OR_RETURN(const auto moved, activities_.MoveOrganisation(call, id, parent));
          Put(moved, response);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* SetHoursPolicy(grpc::CallbackServerContext* context,
                                           const v1::SetHoursPolicyRequest* request,
                                           v1::SetHoursPolicyResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.ActivityService/SetHoursPolicy", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto organisation,
                                       OptionalIdFrom<domain::OrganisationId>(
                                           request->organisation_id(), "organisation_id"));
                      ASSIGN_OR_RETURN(const auto chosen, policy_choices_.Set(call, organisation,
                                                                              request->label()));
                      Put(chosen.policy, response->mutable_policy());
                      response->set_chosen_by_organisation_id(chosen.chosen_by.value);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* GetHoursPolicy(grpc::CallbackServerContext* context,
                                           const v1::GetHoursPolicyRequest* request,
                                           v1::GetHoursPolicyResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.ActivityService/GetHoursPolicy", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto organisation,
                                       OptionalIdFrom<domain::OrganisationId>(
                                           request->organisation_id(), "organisation_id"));
                      ASSIGN_OR_RETURN(const auto found, policy_choices_.Get(call, organisation));
                      Put(found.policy, response->mutable_policy());
                      response->set_chosen_by_organisation_id(found.chosen_by.value);
                      for (const domain::PolicyChoice& choice : found.choices)
                        Put(choice, response->add_choices());
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* ListHoursPolicies(grpc::CallbackServerContext* context,
                                              const v1::ListHoursPoliciesRequest* request,
                                              v1::ListHoursPoliciesResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.ActivityService/ListHoursPolicies", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto policies, policy_choices_.List(call));
                      for (const app::PolicyView& policy : policies)
                        Put(policy, response->add_policies());
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* CreateActivity(grpc::CallbackServerContext* context,
                                           const v1::CreateActivityRequest* request,
                                           v1::Activity* response) override {
    return RunUnary(backend_, context, "rollcall.v1.ActivityService/CreateActivity", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(auto wanted, ActivityFrom(request->activity()));
                      ASSIGN_OR_RETURN(const auto made,
                                       activities_.CreateActivity(call, std::move(wanted)));
                      Put(made, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* DescribeActivity(grpc::CallbackServerContext* context,
                                             const v1::DescribeActivityRequest* request,
                                             v1::Activity* response) override {
    return RunUnary(backend_, context, "rollcall.v1.ActivityService/DescribeActivity", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(auto wanted, ActivityFrom(request->activity()));
                      ASSIGN_OR_RETURN(const auto now,
                                       activities_.DescribeActivity(call, std::move(wanted)));
                      Put(now, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* ListActivities(grpc::CallbackServerContext* context,
                                           const v1::ListActivitiesRequest* request,
                                           v1::ListActivitiesResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.ActivityService/ListActivities", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto organisation,
                                       OptionalIdFrom<domain::OrganisationId>(
                                           request->organisation_id(), "organisation_id"));
                      ASSIGN_OR_RETURN(const auto page,
                                       activities_.ListActivities(
                                           call, organisation,
                                           PageFrom(request->page_size(), request->page_token())));
                      for (const domain::Activity& item : page.items)
                        Put(item, response->add_activities());
                      response->set_next_page_token(page.next_token);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* CloseActivity(grpc::CallbackServerContext* context,
                                          const v1::CloseActivityRequest* request,
                                          v1::Activity* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.ActivityService/CloseActivity", *request,
        [=, this](const app::Call& call) -> absl::Status {
          ASSIGN_OR_RETURN(const auto organisation,
                           OptionalIdFrom<domain::OrganisationId>(request->organisation_id(),
                                                                  "organisation_id"));
          ASSIGN_OR_RETURN(const auto id,
                           IdFrom<domain::ActivityId>(request->activity_id(), "activity_id"));
          ASSIGN_OR_RETURN(const auto closed, activities_.CloseActivity(call, organisation, id));
          Put(closed, response);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* AddSession(grpc::CallbackServerContext* context,
                                       const v1::AddSessionRequest* request,
                                       v1::Session* response) override {
    return RunUnary(backend_, context, "rollcall.v1.ActivityService/AddSession", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(auto wanted, SessionFrom(request->session()));
                      ASSIGN_OR_RETURN(const auto made,
                                       activities_.AddSession(call, std::move(wanted)));
                      Put(made, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* ListSessions(grpc::CallbackServerContext* context,
                                         const v1::ListSessionsRequest* request,
                                         v1::ListSessionsResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.ActivityService/ListSessions", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto organisation,
                                       OptionalIdFrom<domain::OrganisationId>(
                                           request->organisation_id(), "organisation_id"));
                      ASSIGN_OR_RETURN(
                          const auto activity,
                          IdFrom<domain::ActivityId>(request->activity_id(), "activity_id"));
                      ASSIGN_OR_RETURN(const auto sessions,
                                       activities_.ListSessions(call, organisation, activity));
                      for (const domain::Session& session : sessions)
                        Put(session, response->add_sessions());
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* AddRosterEntries(grpc::CallbackServerContext* context,
                                             const v1::AddRosterEntriesRequest* request,
                                             v1::AddRosterEntriesResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.ActivityService/AddRosterEntries", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto session,
                                       SessionKeyFrom(request->has_session(), request->session()));
                      std::vector<domain::RosterEntry> entries;
                      for (const v1::RosterEntry& entry : request->entries()) {
                        ASSIGN_OR_RETURN(entries.emplace_back(), RosterEntryFrom(entry));
                      }
                      ASSIGN_OR_RETURN(const auto change, activities_.AddRosterEntries(
                                                              call, session, std::move(entries)));
                      response->set_added(change.added);
                      response->set_roster_size(change.roster_size);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* RemoveRosterEntry(grpc::CallbackServerContext* context,
                                              const v1::RemoveRosterEntryRequest* request,
                                              v1::RemoveRosterEntryResponse*) override {
    return RunUnary(backend_, context, "rollcall.v1.ActivityService/RemoveRosterEntry", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto session,
                                       SessionKeyFrom(request->has_session(), request->session()));
                      ASSIGN_OR_RETURN(
                          const auto volunteer,
                          IdFrom<domain::VolunteerId>(request->volunteer_id(), "volunteer_id"));
                      return activities_.RemoveRosterEntry(call, session, volunteer);
                    });
  }

  grpc::ServerUnaryReactor* ListRoster(grpc::CallbackServerContext* context,
                                       const v1::ListRosterRequest* request,
                                       v1::ListRosterResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.ActivityService/ListRoster", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto session,
                                       SessionKeyFrom(request->has_session(), request->session()));
                      ASSIGN_OR_RETURN(const auto roster, activities_.ListRoster(call, session));
                      for (const app::RosterView& view : roster) Put(view, response->add_entries());
                      return absl::OkStatus();
                    });
  }

 private:
  Backend& backend_;
  app::Activities& activities_;
  app::PolicyChoices& policy_choices_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeActivityService(Backend& backend, app::UseCases& use_cases) {
  return std::make_unique<ActivityService>(backend, use_cases);
}

}  // namespace rollcall::rpc
