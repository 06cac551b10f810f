#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "app/corrections.h"
#include "app/tier_approvals.h"
#include "hours/zone.h"
#include "rollcall/v1/correction_service.grpc.pb.h"
#include "rpc/convert.h"
#include "rpc/services.h"
#include "rpc/status_mapping.h"

namespace rollcall::rpc {
namespace {

using domain::ProposalState;

constexpr int kMaxNamed = 1000;  // ids in a request before anybody looks at them

std::string_view StateInChinese(ProposalState state) {
  switch (state) {
    case ProposalState::kStanding:
      return "待批准";
    case ProposalState::kApproved:
      return "已批准";
    case ProposalState::kRefused:
      return "已驳回";
    case ProposalState::kWithdrawn:
      return "已撤回";
    case ProposalState::kLapsed:
      return "已失效";
  }
  return "未知";
}

void PutActor(const domain::Actor& actor, v1::ProposalActor* out) {
  out->set_identity_id(actor.identity);
  out->set_role(static_cast<v1::Role>(actor.role));
}

void PutResolution(const ledger::Proposal& proposal, v1::Proposal* out) {
  const ledger::ResolutionRow& resolution = *proposal.resolution;
  PutActor(resolution.decider, out->mutable_decider());
  Put(resolution.record_time, out->mutable_decide_time());
  out->set_decision_text(resolution.reason_text);
  out->set_decision_sequence(proposal.resolution_sequence);
  if (!resolution.token_id.IsNil()) {
    out->set_consent(static_cast<v1::EvidenceClass>(resolution.evidence));
  }
}

void PutView(const app::Corrections::View& view, v1::Proposal* out) {
  const ledger::ProposalRow& row = view.proposal.row;
  out->set_proposal_id(row.proposal_id.ToString());
  out->set_sequence(view.proposal.sequence);
  out->set_kind(static_cast<v1::ProposalKind>(row.kind));
  out->set_state(static_cast<v1::ProposalState>(view.state));
  out->set_state_text(std::string(ToString(view.state)));
  out->set_state_text_zh(std::string(StateInChinese(view.state)));
  Put(row.session, out->mutable_session());
  for (const auto& person : view.concerned) {
    v1::ProposalPerson* to = out->add_people();
    to->set_volunteer_id(person.volunteer.value);
    to->set_name(person.name);
  }
  out->set_headcount(row.headcount);
  if (!row.corrects.IsNil()) out->set_entry_id(row.corrects.ToString());
  if (!row.cancels()) {
    Put(row.in, out->mutable_in_time());
    Put(row.out, out->mutable_out_time());
  }
  out->set_minutes(row.minutes);
  out->set_policy(row.policy_name + "/" + std::to_string(row.policy_version));
  out->set_reason(static_cast<v1::ProposalReason>(row.reason));
  out->set_reason_text(row.reason_text);
  PutActor(row.proposer, out->mutable_proposer());
  Put(row.record_time, out->mutable_propose_time());
  Put(row.expires, out->mutable_expire_time());
  out->set_practice(row.practice);
  out->set_replayed(view.proposal.replayed);
  if (view.proposal.resolution) PutResolution(view.proposal, out);
}

// Which fields a kind needs; the others must be empty, so that nobody believes they counted.
absl::Status CheckTimes(const v1::CreateProposalRequest& request) {
  const bool cancel = request.kind() == v1::CANCEL_ENTRY;
  const bool in = !cancel && request.kind() != v1::CLOSE_VISIT;
  if (request.has_in_time() != in) {
    return FieldError("in_time", "BAD_PROPOSAL", in ? "say from when" : "leave it out");
  }
  if (request.has_out_time() == cancel) {
    return FieldError("out_time", "BAD_PROPOSAL", cancel ? "leave it out" : "say until when");
  }
  return absl::OkStatus();
}

absl::Status SubjectFrom(const v1::CreateProposalRequest& request,
                         app::Corrections::NewProposal& out) {
  const bool changes = request.kind() == v1::CORRECT_ENTRY || request.kind() == v1::CANCEL_ENTRY;
  if (changes) {
    ASSIGN_OR_RETURN(out.session.organisation,
                     OptionalIdFrom<domain::OrganisationId>(request.session().organisation_id(),
                                                            "session.organisation_id"));
    ASSIGN_OR_RETURN(out.entry, UuidFrom(request.entry_id(), "entry_id"));
  } else {
    if (!request.entry_id().empty()) {
      return FieldError("entry_id", "BAD_PROPOSAL", "leave it out");
    }
    ASSIGN_OR_RETURN(out.session, SessionKeyFrom(request.has_session(), request.session()));
  }
  if (request.volunteer_ids_size() > kMaxNamed) {
    return FieldError("volunteer_ids", "BAD_PROPOSAL", "at most 200");
  }
  for (const std::string& id : request.volunteer_ids()) {
    ASSIGN_OR_RETURN(auto volunteer, IdFrom<domain::VolunteerId>(id, "volunteer_ids"));
    out.volunteers.push_back(std::move(volunteer));
  }
  if (request.headcount() != 0 && request.kind() != v1::ATTEST_CROWD) {
    return FieldError("headcount", "BAD_PROPOSAL", "leave it out");
  }
  out.headcount = request.headcount();
  return absl::OkStatus();
}

absl::StatusOr<app::Corrections::NewProposal> NewProposalFrom(
    const v1::CreateProposalRequest& request) {
  app::Corrections::NewProposal out;
  ASSIGN_OR_RETURN(out.request_id, UuidFrom(request.request_id(), "request_id"));
  if (!v1::ProposalKind_IsValid(request.kind()) ||
      request.kind() == v1::PROPOSAL_KIND_UNSPECIFIED) {
    return FieldError("kind", "BAD_ENUM", "say what is proposed");
  }
  out.kind = static_cast<domain::ProposalKind>(request.kind());
  if (!v1::ProposalReason_IsValid(request.reason()) ||
      request.reason() == v1::PROPOSAL_REASON_UNSPECIFIED) {
    return FieldError("reason", "BAD_ENUM", "say why");
  }
  out.reason = static_cast<domain::ReasonCode>(request.reason());
  out.reason_text = request.reason_text();
  RETURN_IF_ERROR(CheckTimes(request));
  RETURN_IF_ERROR(SubjectFrom(request, out));
  if (request.has_in_time()) {
    ASSIGN_OR_RETURN(out.in, TimeFrom(request.in_time(), "in_time"));
  }
  if (request.has_out_time()) {
    ASSIGN_OR_RETURN(out.out, TimeFrom(request.out_time(), "out_time"));
  }
  return out;
}

absl::StatusOr<app::Corrections::Decision> DecisionFrom(const v1::DecideProposalRequest& request,
                                                        domain::Outcome outcome) {
  app::Corrections::Decision out;
  ASSIGN_OR_RETURN(out.request_id, UuidFrom(request.request_id(), "request_id"));
  ASSIGN_OR_RETURN(out.organisation, OptionalIdFrom<domain::OrganisationId>(
                                         request.organisation_id(), "organisation_id"));
  ASSIGN_OR_RETURN(out.proposal, UuidFrom(request.proposal_id(), "proposal_id"));
  out.outcome = outcome;
  out.reason_text = request.reason_text();
  return out;
}

absl::StatusOr<app::Corrections::Filter> FilterFrom(const v1::ListProposalsRequest& request) {
  app::Corrections::Filter out;
  ASSIGN_OR_RETURN(out.organisation, OptionalIdFrom<domain::OrganisationId>(
                                         request.organisation_id(), "organisation_id"));
  ASSIGN_OR_RETURN(out.volunteer,
                   OptionalIdFrom<domain::VolunteerId>(request.volunteer_id(), "volunteer_id"));
  if (!v1::ProposalState_IsValid(request.state())) {
    return FieldError("state", "BAD_ENUM", "not a state");
  }
  if (request.state() != v1::PROPOSAL_STATE_UNSPECIFIED) {
    out.state = static_cast<ProposalState>(request.state());
  }
  return out;
}

absl::StatusOr<app::TierApprovals::Approval> ApprovalFrom(
    const v1::ApproveDayHoursRequest& request) {
  app::TierApprovals::Approval out;
  ASSIGN_OR_RETURN(out.request_id, UuidFrom(request.request_id(), "request_id"));
  ASSIGN_OR_RETURN(out.organisation, OptionalIdFrom<domain::OrganisationId>(
                                         request.organisation_id(), "organisation_id"));
  ASSIGN_OR_RETURN(out.volunteer,
                   IdFrom<domain::VolunteerId>(request.volunteer_id(), "volunteer_id"));
  ASSIGN_OR_RETURN(const auto day, DayFrom(request.day(), "day"));
  if (!day.ok()) return FieldError("day", "BAD_DATE", "there is no such day");
  out.day = hours::Day(day);
  if (!v1::HoursTier_IsValid(request.tier()) || request.tier() == v1::HOURS_TIER_UNSPECIFIED) {
    return FieldError("tier", "BAD_ENUM", "say which part of the day's hours");
  }
  out.tier = static_cast<hours::Tier>(request.tier());
  out.reason = request.reason_text();
  return out;
}

void PutAwaiting(const app::TierApprovals::Awaiting& awaiting, v1::AwaitingHours* out) {
  const ledger::Visit& visit = awaiting.visit;
  out->set_volunteer_id(awaiting.volunteer.value);
  out->set_name(awaiting.name);
  Put(visit.session, out->mutable_session());
  Put(visit.in, out->mutable_in_time());
  if (visit.out) Put(*visit.out, out->mutable_out_time());
  for (const hours::Day day : awaiting.days) out->add_days(hours::FormatDay(day));
  out->set_minutes(visit.minutes);
  out->set_awaiting_parent_minutes(visit.awaiting_parent);
  out->set_awaiting_province_minutes(visit.awaiting_province);
  out->set_policy(visit.policy);
}

void PutApproval(const app::TierApprovals::View& view, v1::DayHoursApproval* out) {
  const ledger::TierApprovalRow& row = view.approval.row;
  out->set_approval_id(row.approval_id.ToString());
  out->set_sequence(view.approval.sequence);
  out->set_organisation_id(row.organisation.value);
  out->set_volunteer_id(view.volunteer.value);
  out->set_day(hours::FormatDay(row.day));
  out->set_tier(static_cast<v1::HoursTier>(row.tier));
  out->set_minutes(view.approval.minutes);
  out->set_approving_organisation_id(row.approving.value);
  PutActor(row.approver, out->mutable_approver());
  Put(row.record_time, out->mutable_approve_time());
  out->set_reason_text(row.reason_text);
  out->set_replayed(view.approval.replayed);
}

class CorrectionService final : public v1::CorrectionService::CallbackService {
 public:
  CorrectionService(Backend& backend, app::UseCases& use_cases)
      : backend_(backend),
        corrections_(use_cases.corrections),
        tier_approvals_(use_cases.tier_approvals) {}

  grpc::ServerUnaryReactor* CreateProposal(grpc::CallbackServerContext* context,
                                           const v1::CreateProposalRequest* request,
                                           v1::Proposal* response) override {
    return RunUnary(backend_, context, "rollcall.v1.CorrectionService/CreateProposal", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto wanted, NewProposalFrom(*request));
                      ASSIGN_OR_RETURN(const auto view, corrections_.Propose(call, wanted));
                      PutView(view, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* GetProposal(grpc::CallbackServerContext* context,
                                        const v1::GetProposalRequest* request,
                                        v1::Proposal* response) override {
    return RunUnary(backend_, context, "rollcall.v1.CorrectionService/GetProposal", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto organisation,
                                       OptionalIdFrom<domain::OrganisationId>(
                                           request->organisation_id(), "organisation_id"));
                      ASSIGN_OR_RETURN(const auto id,
                                       UuidFrom(request->proposal_id(), "proposal_id"));
                      ASSIGN_OR_RETURN(const auto view, corrections_.Get(call, organisation, id));
                      PutView(view, response);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* ListProposals(grpc::CallbackServerContext* context,
                                          const v1::ListProposalsRequest* request,
                                          v1::ListProposalsResponse* response) override {
    return RunUnary(backend_, context, "rollcall.v1.CorrectionService/ListProposals", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto filter, FilterFrom(*request));
                      ASSIGN_OR_RETURN(
                          const auto page,
                          corrections_.List(call, filter,
                                            PageFrom(request->page_size(), request->page_token())));
                      for (const auto& view : page.items) PutView(view, response->add_proposals());
                      response->set_next_page_token(page.next_token);
                      return absl::OkStatus();
                    });
  }

  grpc::ServerUnaryReactor* ApproveProposal(grpc::CallbackServerContext* context,
                                            const v1::DecideProposalRequest* request,
                                            v1::Proposal* response) override {
    return Decide(context, "rollcall.v1.CorrectionService/ApproveProposal",
                  domain::Outcome::kApproved, *request, response);
  }
  grpc::ServerUnaryReactor* RefuseProposal(grpc::CallbackServerContext* context,
                                           const v1::DecideProposalRequest* request,
                                           v1::Proposal* response) override {
    return Decide(context, "rollcall.v1.CorrectionService/RefuseProposal",
                  domain::Outcome::kRefused, *request, response);
  }
  grpc::ServerUnaryReactor* WithdrawProposal(grpc::CallbackServerContext* context,
                                             const v1::DecideProposalRequest* request,
                                             v1::Proposal* response) override {
    return Decide(context, "rollcall.v1.CorrectionService/WithdrawProposal",
                  domain::Outcome::kWithdrawn, *request, response);
  }

  grpc::ServerUnaryReactor* AgreeToProposal(grpc::CallbackServerContext* context,
                                            const v1::AgreeToProposalRequest* request,
                                            v1::Proposal* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.CorrectionService/AgreeToProposal", *request,
        [=, this](const app::Call& call) -> absl::Status {
          app::Corrections::Agreement agreement;
          ASSIGN_OR_RETURN(agreement.request_id, UuidFrom(request->request_id(), "request_id"));
          ASSIGN_OR_RETURN(agreement.organisation,
                           OptionalIdFrom<domain::OrganisationId>(request->organisation_id(),
                                                                  "organisation_id"));
          ASSIGN_OR_RETURN(agreement.proposal, UuidFrom(request->proposal_id(), "proposal_id"));
          if (request->token().empty()) return FieldError("token", "TOKEN_INVALID", "is required");
          agreement.token.assign(request->token().begin(), request->token().end());
          ASSIGN_OR_RETURN(const auto view, corrections_.Agree(call, agreement));
          PutView(view, response);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ListAwaitingHours(grpc::CallbackServerContext* context,
                                              const v1::ListAwaitingHoursRequest* request,
                                              v1::ListAwaitingHoursResponse* response) override {
    return RunUnary(
        backend_, context, "rollcall.v1.CorrectionService/ListAwaitingHours", *request,
        [=, this](const app::Call& call) -> absl::Status {
          ASSIGN_OR_RETURN(const auto organisation, OptionalIdFrom<domain::OrganisationId>(
                                                        request->organisation_id(),
                                                        "organisation_id"));
          ASSIGN_OR_RETURN(const auto page, tier_approvals_.ListAwaiting(
                                                call, organisation,
                                                PageFrom(request->page_size(),
                                                         request->page_token())));
          for (const auto& one : page.items) PutAwaiting(one, response->add_visits());
          response->set_next_page_token(page.next_token);
          return absl::OkStatus();
        });
  }

  grpc::ServerUnaryReactor* ApproveDayHours(grpc::CallbackServerContext* context,
                                            const v1::ApproveDayHoursRequest* request,
                                            v1::DayHoursApproval* response) override {
    return RunUnary(backend_, context, "rollcall.v1.CorrectionService/ApproveDayHours", *request,
                    [=, this](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto wanted, ApprovalFrom(*request));
                      ASSIGN_OR_RETURN(const auto view, tier_approvals_.Approve(call, wanted));
                      PutApproval(view, response);
                      return absl::OkStatus();
                    });
  }

 private:
  grpc::ServerUnaryReactor* Decide(grpc::CallbackServerContext* context, const char* method,
                                   domain::Outcome outcome,
                                   const v1::DecideProposalRequest& request,
                                   v1::Proposal* response) {
    return RunUnary(backend_, context, method, request,
                    [=, this, &request](const app::Call& call) -> absl::Status {
                      ASSIGN_OR_RETURN(const auto decision, DecisionFrom(request, outcome));
                      ASSIGN_OR_RETURN(const auto view, corrections_.Decide(call, decision));
                      PutView(view, response);
                      return absl::OkStatus();
                    });
  }

  Backend& backend_;
  app::Corrections& corrections_;
  app::TierApprovals& tier_approvals_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeCorrectionService(Backend& backend, app::UseCases& use_cases) {
  return std::make_unique<CorrectionService>(backend, use_cases);
}

}  // namespace rollcall::rpc
