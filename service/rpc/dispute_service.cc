#include <string>
#include <string_view>

#include "app/disputes.h"
#include "rollcall/v1/dispute_service.grpc.pb.h"
#include "rpc/convert.h"
#include "rpc/services.h"
#include "rpc/status_mapping.h"

namespace rollcall::rpc {
namespace {

using domain::DisputeState;

std::string_view StateInChinese(DisputeState state) {
  switch (state) {
    case DisputeState::kOpen:
      return "待答复";
    case DisputeState::kOverdue:
      return "已逾期";
    case DisputeState::kUpheld:
      return "成立";
    case DisputeState::kRejected:
      return "不成立";
  }
  return "未知";
}

void PutView(const app::Disputes::View& view, v1::Dispute* out) {
  const ledger::DisputeRow& row = view.dispute.row;
  out->set_dispute_id(row.dispute_id.ToString());
  out->set_sequence(view.dispute.sequence);
  out->set_state(static_cast<v1::DisputeState>(view.state));
  out->set_state_text(std::string(ToString(view.state)));
  out->set_state_text_zh(std::string(StateInChinese(view.state)));
  Put(row.session, out->mutable_session());
  out->set_volunteer_id(view.volunteer.value);
  if (!row.entry.IsNil()) out->set_entry_id(row.entry.ToString());
  out->set_reason_text(row.reason_text);
  out->set_opener_id(row.opener.identity);
  Put(row.record_time, out->mutable_open_time());
  Put(row.due, out->mutable_due_time());
  out->set_replayed(view.dispute.replayed);
  if (!view.dispute.answer) return;
  const ledger::AnswerRow& answer = *view.dispute.answer;
  out->set_answerer_id(answer.answerer.identity);
  Put(answer.record_time, out->mutable_answer_time());
  out->set_answer_text(answer.reason_text);
  if (!answer.proposal.IsNil()) out->set_proposal_id(answer.proposal.ToString());
}

absl::StatusOr<app::Disputes::NewDispute> NewDisputeFrom(const v1::OpenDisputeRequest& request) {
  app::Disputes::NewDispute out;
  ASSIGN_OR_RETURN(out.request_id, UuidFrom(request.request_id(), "request_id"));
  if (request.entry_id().empty()) {
    ASSIGN_OR_RETURN(out.session, SessionKeyFrom(request.has_session(), request.session()));
  } else {
    ASSIGN_OR_RETURN(out.entry, UuidFrom(request.entry_id(), "entry_id"));
    ASSIGN_OR_RETURN(out.session.organisation,
                     OptionalIdFrom<domain::OrganisationId>(request.session().organisation_id(),
                                                            "session.organisation_id"));
  }
  ASSIGN_OR_RETURN(out.volunteer,
                   IdFrom<domain::VolunteerId>(request.volunteer_id(), "volunteer_id"));
  out.reason_text = request.reason_text();
  return out;
}

absl::StatusOr<app::Disputes::NewAnswer> NewAnswerFrom(const v1::AnswerDisputeRequest& request) {
  app::Disputes::NewAnswer out;
  ASSIGN_OR_RETURN(out.request_id, UuidFrom(request.request_id(), "request_id"));
  ASSIGN_OR_RETURN(out.organisation, OptionalIdFrom<domain::OrganisationId>(
                                         request.organisation_id(), "organisation_id"));
  ASSIGN_OR_RETURN(out.dispute, UuidFrom(request.dispute_id(), "dispute_id"));
  if (!v1::Verdict_IsValid(request.verdict()) || request.verdict() == v1::VERDICT_UNSPECIFIED) {
    return FieldError("verdict", "BAD_ENUM", "say whether she is right");
  }
  out.verdict = static_cast<domain::Verdict>(request.verdict());
  if (!request.proposal_id().empty()) {
    ASSIGN_OR_RETURN(out.proposal, UuidFrom(request.proposal_id(), "proposal_id"));
  }
  out.reason_text = request.reason_text();
  return out;
}

absl::StatusOr<app::Disputes::Filter> FilterFrom(const v1::ListDisputesRequest& request) {
  app::Disputes::Filter out;
  ASSIGN_OR_RETURN(out.organisation, OptionalIdFrom<domain::OrganisationId>(
                                         request.organisation_id(), "organisation_id"));
  ASSIGN_OR_RETURN(out.volunteer,
                   OptionalIdFrom<domain::VolunteerId>(request.volunteer_id(), "volunteer_id"));
  if (!v1::DisputeState_IsValid(request.state())) {
    return FieldError("state", "BAD_ENUM", "not a state");
  }
  if (request.state() != v1::DISPUTE_STATE_UNSPECIFIED) {
    out.state = static_cast<DisputeState>(request.state());
  }
  return out;
}

class DisputeService final : public v1::DisputeService::CallbackService {
 public:
  DisputeService(Backend& backend, app::Disputes& disputes)
      : backend_(backend), disputes_(disputes) {}

  grpc::ServerUnaryReactor* OpenDispute(grpc::CallbackServerContext* context,
                                        const v1::OpenDisputeRequest* request,
                                        v1::Dispute* response) override {
    return RunUnary(backend_, context, "rollcall.v1.DisputeService/OpenDispute", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto wanted, NewDisputeFrom(*request));
                      ASSIGN_OR_RETURN(const auto view, disputes_.Open(call, wanted));
                      PutView(view, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* AnswerDispute(grpc::CallbackServerContext* context,
                                          const v1::AnswerDisputeRequest* request,
                                          v1::Dispute* response) override {
    return RunUnary(backend_, context, "rollcall.v1.DisputeService/AnswerDispute", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto wanted, NewAnswerFrom(*request));
                      ASSIGN_OR_RETURN(const auto view, disputes_.Answer(call, wanted));
                      PutView(view, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* ListDisputes(grpc::CallbackServerContext* context,
                                         const v1::ListDisputesRequest* request,
                                         v1::ListDisputesResponse* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.DisputeService/ListDisputes", *request,
        [=, this](const app::Call& call) -> absl::Status {
          ASSIGN_OR_RETURN(const auto filter, FilterFrom(*request));
          ASSIGN_OR_RETURN(
              const auto page,
              disputes_.List(call, filter, PageFrom(request->page_size(), request->page_token())));
          for (const auto& view : page.items) PutView(view, response->add_disputes());
          response->set_next_page_token(page.next_token);
          return absl::OkStatus();
        });
  }

 private:
  Backend& backend_;
  app::Disputes& disputes_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeDisputeService(Backend& backend, app::UseCases& use_cases) {
  return std::make_unique<DisputeService>(backend, use_cases.disputes);
}

}  // namespace rollcall::rpc
