#include "ledger/disputer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "ledger/dispute_table.h"
#include "ledger/log_table.h"
#include "ledger/proposal_table.h"

namespace rollcall::ledger {
namespace {

using absl::StatusCode;
using storage::Connection;

// Whoever brought the entry about: by a proposal both people, otherwise who recorded its two
// events.
absl::StatusOr<std::vector<domain::Actor>> InvolvedIn(Connection& connection,
                                                      const domain::OrganisationId& organisation,
                                                      const base::Uuid& entry_id) {
  ASSIGN_OR_RETURN(const EntryRow entry, NeedCredit(connection, organisation, entry_id));
  std::vector<domain::Actor> involved;
  if (!entry.proposal.IsNil()) {
    ASSIGN_OR_RETURN(const Proposal proposal,
                     NeedProposal(connection, organisation, entry.proposal));
    involved.push_back(proposal.row.proposer);
    if (proposal.resolution) involved.push_back(proposal.resolution->decider);
  }
  for (const base::Uuid& id : {entry.in_event, entry.out_event}) {
    if (id.IsNil()) continue;
    ASSIGN_OR_RETURN(const auto event, FindEvent(connection, organisation, id));
    if (event) involved.push_back(RecorderOf(event->row.event.recorder));
  }
  return involved;
}

}  // namespace

absl::StatusOr<Dispute> Disputer::Open(Connection& connection, DisputeRow row) {
  const domain::OrganisationId& organisation = row.session.organisation;
  ASSIGN_OR_RETURN(auto replay,
                   AnsweredDispute(connection, organisation, row.request_id, row.payload_hash));
  if (replay) return *std::move(replay);
  row.dispute_id = ids_.Next();
  if (const auto fault = Fault(row); !fault.empty()) {
    return base::MakeError(StatusCode::kInvalidArgument, "BAD_DISPUTE", fault);
  }
  if (!row.entry.IsNil()) {
    ASSIGN_OR_RETURN(const EntryRow entry, NeedCredit(connection, organisation, row.entry));
    ASSIGN_OR_RETURN(const bool gone, TakenBack(connection, row.entry));
    if (gone || entry.volunteer_key != row.volunteer_key || entry.session != row.session) {
      return base::MakeError(StatusCode::kFailedPrecondition, "ENTRY_GONE",
                             "this entry is not hers, or does not stand any more");
    }
  }
  Dispute dispute;
  ASSIGN_OR_RETURN(dispute.sequence, writer_.Append(connection, row));
  dispute.row = std::move(row);
  return dispute;
}

absl::StatusOr<Dispute> Disputer::Answer(Connection& connection, AnswerRow row) {
  ASSIGN_OR_RETURN(auto replay,
                   AnsweredDispute(connection, row.organisation, row.request_id, row.payload_hash));
  if (replay) return *std::move(replay);
  row.answer_id = ids_.Next();
  if (const auto fault = Fault(row); !fault.empty()) {
    return base::MakeError(StatusCode::kInvalidArgument, "BAD_ANSWER", fault);
  }
  ASSIGN_OR_RETURN(Dispute dispute, NeedDispute(connection, row.organisation, row.dispute));
  if (dispute.answer) {
    return base::MakeError(StatusCode::kFailedPrecondition, "ALREADY_ANSWERED",
                           "this dispute has its answer; open another one");
  }
  std::vector<domain::Actor> involved;
  if (!dispute.row.entry.IsNil()) {
    ASSIGN_OR_RETURN(involved, InvolvedIn(connection, row.organisation, dispute.row.entry));
  }
  RETURN_IF_ERROR(
      domain::CheckAnswerer(row.answerer, dispute.row.opener, dispute.row.volunteer_key, involved));
  if (!row.proposal.IsNil()) {
    ASSIGN_OR_RETURN(const Proposal proposal,
                     NeedProposal(connection, row.organisation, row.proposal));
    const auto concerned = proposal.row.concerned();
    if (proposal.sequence < dispute.sequence ||
        std::find(concerned.begin(), concerned.end(), dispute.row.volunteer_key) ==
            concerned.end()) {
      return base::MakeError(StatusCode::kFailedPrecondition, "ANOTHER_PROPOSAL",
                             "this proposal is not about her, or is older than the dispute");
    }
  }
  ASSIGN_OR_RETURN(dispute.answer_sequence, writer_.Append(connection, row));
  dispute.answer = std::move(row);
  return dispute;
}

}  // namespace rollcall::ledger
