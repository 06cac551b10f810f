#include "app/disputes.h"

#include <utility>

#include "app/actor.h"
#include "app/payload_hash.h"
#include "app/scope.h"
#include "base/text.h"

namespace rollcall::app {
namespace {

constexpr size_t kMaxReasonBytes = 200;

absl::Status CheckCommon(const base::Uuid& request_id, const std::string& reason_text) {
  RETURN_IF_ERROR(CheckRequestId(request_id));
  return base::ValidateDisplayText(reason_text, "reason_text", kMaxReasonBytes);
}

}  // namespace

absl::StatusOr<Disputes::View> Disputes::Open(const Call& call, const NewDispute& wanted) {
  RETURN_IF_ERROR(CheckCommon(wanted.request_id, wanted.reason_text));
  RETURN_IF_ERROR(base::ValidateId(wanted.volunteer.value, "volunteer_id"));
  RETURN_IF_ERROR(call.StillWanted());
  ledger::DisputeRow row;
  ASSIGN_OR_RETURN(const domain::OrganisationId organisation,
                   OrganisationFor(services_, call.caller, wanted.session.organisation));
  RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, wanted.volunteer));
  ASSIGN_OR_RETURN(const auto volunteer, services_.registry.GetVolunteer(wanted.volunteer));
  row.volunteer_key = volunteer.key;
  if (!wanted.entry.IsNil()) {
    ASSIGN_OR_RETURN(const auto entry, services_.ledger.GetEntry(organisation, wanted.entry));
    row.kind = domain::DisputeKind::kEntry;
    row.entry = wanted.entry;
    row.session = entry.session;
  } else {
    if (wanted.session.activity.empty() || wanted.session.session.empty()) {
      return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_DISPUTE",
                             "session: say which activity and which session");
    }
    row.kind = domain::DisputeKind::kMissing;
    ASSIGN_OR_RETURN(row.session, SessionFor(services_, call.caller, wanted.session));
  }
  row.reason_text = wanted.reason_text;
  ASSIGN_OR_RETURN(row.opener, ActorOf(services_, call));
  row.record_time = services_.clock.Now();
  row.due = row.record_time + services_.settings.corrections.dispute_answered_within;
  row.request_id = wanted.request_id;
  row.payload_hash = PayloadHash("dispute/1")
                         .Text(wanted.session.organisation.value)
                         .Text(wanted.session.activity.value)
                         .Text(wanted.session.session.value)
                         .Text(wanted.volunteer.value)
                         .Bytes(wanted.entry.bytes)
                         .Text(wanted.reason_text)
                         .Digest();
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(auto dispute, services_.ledger.OpenDispute(row));
  return ViewOf(std::move(dispute));
}

absl::StatusOr<Disputes::View> Disputes::Answer(const Call& call, const NewAnswer& wanted) {
  RETURN_IF_ERROR(CheckCommon(wanted.request_id, wanted.reason_text));
  RETURN_IF_ERROR(call.StillWanted());
  ledger::AnswerRow row;
  ASSIGN_OR_RETURN(row.organisation, OrganisationFor(services_, call.caller, wanted.organisation));
  row.dispute = wanted.dispute;
  row.verdict = wanted.verdict;
  row.proposal = wanted.proposal;
  row.reason_text = wanted.reason_text;
  ASSIGN_OR_RETURN(row.answerer, ActorOf(services_, call));
  row.record_time = services_.clock.Now();
  row.request_id = wanted.request_id;
  row.payload_hash = PayloadHash("answer/1")
                         .Bytes(wanted.dispute.bytes)
                         .Number(static_cast<int64_t>(wanted.verdict))
                         .Bytes(wanted.proposal.bytes)
                         .Text(wanted.reason_text)
                         .Digest();
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(auto dispute, services_.ledger.AnswerDispute(row));
  return ViewOf(std::move(dispute));
}

absl::StatusOr<base::Page<Disputes::View>> Disputes::List(const Call& call, const Filter& filter,
                                                          const base::PageRequest& page) {
  RETURN_IF_ERROR(call.StillWanted());
  ledger::DisputeFilter wanted;
  ASSIGN_OR_RETURN(wanted.organisation,
                   OrganisationFor(services_, call.caller, filter.organisation));
  if (!filter.volunteer.empty()) {
    RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, filter.volunteer));
    ASSIGN_OR_RETURN(const auto volunteer, services_.registry.GetVolunteer(filter.volunteer));
    wanted.volunteer_key = volunteer.key;
  }
  wanted.state = filter.state;
  wanted.now = services_.clock.Now();
  ASSIGN_OR_RETURN(auto found, services_.ledger.ListDisputes(wanted, page));
  base::Page<View> views;
  views.next_token = std::move(found.next_token);
  for (ledger::Dispute& dispute : found.items) {
    RETURN_IF_ERROR(call.StillWanted());
    ASSIGN_OR_RETURN(views.items.emplace_back(), ViewOf(std::move(dispute)));
  }
  return views;
}

absl::StatusOr<Disputes::View> Disputes::ViewOf(ledger::Dispute dispute) const {
  View view;
  auto volunteer = services_.registry.GetVolunteerByKey(dispute.row.volunteer_key);
  if (!volunteer.ok() && !absl::IsNotFound(volunteer.status())) return volunteer.status();
  if (volunteer.ok()) view.volunteer = std::move(volunteer->id);
  view.state = dispute.StateAt(services_.clock.Now());
  view.dispute = std::move(dispute);
  return view;
}

}  // namespace rollcall::app
