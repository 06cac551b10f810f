#include <utility>

#include "app/deadlines.h"
#include "rollcall/v1/ledger_service.grpc.pb.h"
#include "rpc/convert.h"
#include "rpc/services.h"

namespace rollcall::rpc {
namespace {

// Of ListHoursRequest and ListEventsRequest, which have the same three fields.
template <typename Request>
absl::StatusOr<app::Hours::Filter> FilterFrom(const Request& request) {
  app::Hours::Filter filter;
  ASSIGN_OR_RETURN(filter.organisation, OptionalIdFrom<domain::OrganisationId>(
                                            request.organisation_id(), "organisation_id"));
  ASSIGN_OR_RETURN(filter.activity,
                   OptionalIdFrom<domain::ActivityId>(request.activity_id(), "activity_id"));
  ASSIGN_OR_RETURN(filter.volunteer,
                   OptionalIdFrom<domain::VolunteerId>(request.volunteer_id(), "volunteer_id"));
  return filter;
}

void PutOverdue(const app::Deadlines::OverdueActivity& late, v1::OverdueActivity* out) {
  out->set_activity_id(late.deadline.activity.value);
  out->set_title(late.title);
  out->set_end_day(hours::FormatDay(late.deadline.ended));
  out->set_due_day(hours::FormatDay(late.deadline.due));
  out->set_working_days_late(late.deadline.working_days_late);
  out->set_open_visits(late.open_visits);
}

class LedgerService final : public v1::LedgerService::CallbackService {
 public:
  LedgerService(Backend& backend, app::Hours& hours, app::Deadlines& deadlines)
      : backend_(backend), hours_(hours), deadlines_(deadlines) {}

  grpc::ServerUnaryReactor* ListHours(grpc::CallbackServerContext* context,
                                      const v1::ListHoursRequest* request,
                                      v1::ListHoursResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.LedgerService/ListHours", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto filter, FilterFrom(*request));
                      ASSIGN_OR_RETURN(const auto listing, hours_.ListHours(call, filter));
                      for (const auto& hours : listing.volunteers) {
                        Put(hours, response->add_volunteers());
                      }
                      response->set_ledger_sequence(listing.ledger_sequence);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context,
                                       const v1::ListEventsRequest* request,
                                       v1::ListEventsResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.LedgerService/ListEvents", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto filter, FilterFrom(*request));
                      ASSIGN_OR_RETURN(
                          const auto page,
                          hours_.ListEvents(call, filter,
                                            PageFrom(request->page_size(), request->page_token())));
                      for (const app::Hours::Event& event : page.items)
                        Put(event, response->add_events());
                      response->set_next_page_token(page.next_token);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* GetReceipt(grpc::CallbackServerContext* context,
                                       const v1::GetReceiptRequest* request,
                                       v1::Receipt* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.LedgerService/GetReceipt", *request,
        [=, this](const app::Call& call) -> absl::Status {
          ASSIGN_OR_RETURN(const auto organisation,
                           OptionalIdFrom<domain::OrganisationId>(request->organisation_id(),
                                                                  "organisation_id"));
          ASSIGN_OR_RETURN(const auto id, UuidFrom(request->request_id(), "request_id"));
          ASSIGN_OR_RETURN(const auto receipt, hours_.GetReceipt(call, organisation, id));
          Put(receipt, response);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListOverdueActivities(
      grpc::CallbackServerContext* context, const v1::ListOverdueActivitiesRequest* request,
      v1::ListOverdueActivitiesResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.LedgerService/ListOverdueActivities", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto organisation,
                                       OptionalIdFrom<domain::OrganisationId>(
                                           request->organisation_id(), "organisation_id"));
                      ASSIGN_OR_RETURN(const auto list, deadlines_.Overdue(call, organisation));
                      for (const auto& late : list) PutOverdue(late, response->add_activities());
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* VerifyLedger(grpc::CallbackServerContext* context,
                                         const v1::VerifyLedgerRequest* request,
                                         v1::VerifyLedgerResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.LedgerService/VerifyLedger", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto report, hours_.VerifyLedger(call));
                      response->set_verified(!report.fault.has_value());
                      response->set_rows(report.rows);
                      response->set_events(report.events);
                      response->set_entries(report.entries);
                      response->set_total_minutes(report.minutes);
                      response->set_practice_minutes(report.practice_minutes);
                      response->set_root(base::ToHex(report.root));
                      if (report.fault) {
                        response->set_first_bad_sequence(report.fault->sequence);
                        response->set_problem(report.fault->what);
                      }
                      return absl::OkStatus();
                    });
  }

 private:
  Backend& backend_;
  app::Hours& hours_;
  app::Deadlines& deadlines_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeLedgerService(Backend& backend, app::UseCases& use_cases) {
  return std::make_unique<LedgerService>(backend, use_cases.hours, use_cases.deadlines);
}

}  // namespace rollcall::rpc
