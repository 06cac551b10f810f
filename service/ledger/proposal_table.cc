#include "ledger/proposal_table.h"

#include <algorithm>
#include <utility>

#include "ledger/row_lookup.h"

namespace rollcall::ledger {
namespace {

using storage::Connection;

absl::Status AddResolution(Connection& connection, Proposal& proposal) {
  ASSIGN_OR_RETURN(auto found, FindResolving(connection, proposal.row.proposal_id));
  if (!found) return absl::OkStatus();
  if (auto* resolution = std::get_if<ResolutionRow>(&found->row)) {
    proposal.resolution = std::move(*resolution);
    proposal.resolution_sequence = found->sequence;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Proposal> NeedProposal(Connection& connection,
                                      const domain::OrganisationId& organisation,
                                      const base::Uuid& proposal_id) {
  ASSIGN_OR_RETURN(auto found,
                   FindRow(connection, organisation, RowKind::kProposal, proposal_id));
  auto* row = found ? std::get_if<ProposalRow>(&found->row) : nullptr;
  if (row == nullptr) {
    return base::MakeError(absl::StatusCode::kNotFound, "NO_SUCH_PROPOSAL",
                           "the ledger of this organisation has no proposal with this id");
  }
  Proposal proposal;
  proposal.sequence = found->sequence;
  proposal.row = std::move(*row);
  RETURN_IF_ERROR(AddResolution(connection, proposal));
  return proposal;
}

absl::StatusOr<std::optional<Proposal>> Answered(Connection& connection,
                                                 const domain::OrganisationId& organisation,
                                                 const base::Uuid& request_id,
                                                 const base::Sha256Digest& payload_hash) {
  ASSIGN_OR_RETURN(const auto found, FindRequest(connection, organisation, request_id));
  if (!found) return std::optional<Proposal>();
  const auto* asked = std::get_if<ProposalRow>(&found->row);
  const auto* decided = std::get_if<ResolutionRow>(&found->row);
  const bool same = (asked != nullptr && asked->payload_hash == payload_hash) ||
                    (decided != nullptr && decided->payload_hash == payload_hash);
  if (!same) return RequestIdReused();
  ASSIGN_OR_RETURN(Proposal proposal,
                   NeedProposal(connection, organisation,
                                asked != nullptr ? asked->proposal_id : decided->proposal));
  proposal.replayed = true;
  return std::optional<Proposal>(std::move(proposal));
}

absl::StatusOr<std::vector<Proposal>> ReadProposals(Connection& connection,
                                                    const domain::OrganisationId& organisation,
                                                    int64_t after, int32_t limit) {
  ASSIGN_OR_RETURN(auto rows,
                   RowsOfKind(connection, organisation, RowKind::kProposal, after, limit));
  std::vector<Proposal> proposals;
  for (Sequenced<Row>& one : rows) {
    auto* row = std::get_if<ProposalRow>(&one.row);
    if (row == nullptr) continue;
    Proposal& proposal = proposals.emplace_back();
    proposal.sequence = one.sequence;
    proposal.row = std::move(*row);
    RETURN_IF_ERROR(AddResolution(connection, proposal));
  }
  return proposals;
}

bool Fits(const Proposal& proposal, const ProposalFilter& filter) {
  if (filter.state && proposal.StateAt(filter.now) != *filter.state) return false;
  if (!filter.concerned) return true;
  const auto concerned = proposal.row.concerned();
  return std::find(concerned.begin(), concerned.end(), *filter.concerned) != concerned.end();
}

absl::StatusOr<EntryRow> NeedCredit(Connection& connection,
                                    const domain::OrganisationId& organisation,
                                    const base::Uuid& entry_id) {
  ASSIGN_OR_RETURN(auto found, FindRow(connection, organisation, RowKind::kEntry, entry_id));
  auto* entry = found ? std::get_if<EntryRow>(&found->row) : nullptr;
  if (entry != nullptr && entry->reverses.IsNil()) return std::move(*entry);
  return base::MakeError(absl::StatusCode::kNotFound, "NO_SUCH_ENTRY",
                         "the ledger of this organisation has no entry with this id that credits");
}

}  // namespace rollcall::ledger
