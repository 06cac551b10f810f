#include "ledger/proposal_table.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace rollcall::ledger {
namespace {

using storage::Connection;

absl::Status AddResolution(Connection& connection, Proposal& proposal) {
  ASSIGN_OR_RETURN(auto found,
                   FirstRow(connection.Query("SELECT seq, body FROM ledger_log WHERE resolves = $1",
                                             {proposal.row.proposal_id})));
  if (!found) return absl::OkStatus();
  if (auto* resolution = std::get_if<ResolutionRow>(&found->row)) {
    proposal.resolution = std::move(*resolution);
    proposal.resolution_sequence = found->sequence;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<Sequenced<Row>>> FirstRow(
    absl::StatusOr<std::unique_ptr<storage::Rows>> rows) {
  if (!rows.ok()) return rows.status();
  ASSIGN_OR_RETURN(const bool found, (*rows)->Next());
  if (!found) return std::optional<Sequenced<Row>>();
  const int64_t sequence = (*rows)->Int64(0);
  ASSIGN_OR_RETURN(Row row, Decode((*rows)->Blob(1)));
  return std::optional<Sequenced<Row>>({sequence, std::move(row)});
}

absl::StatusOr<Proposal> NeedProposal(Connection& connection,
                                      const domain::OrganisationId& organisation,
                                      const base::Uuid& proposal_id) {
  ASSIGN_OR_RETURN(auto found,
                   FirstRow(connection.Query("SELECT seq, body FROM ledger_log WHERE id = $1"
                                             " AND organisation = $2 AND kind = 4",
                                             {proposal_id, organisation.value})));
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
  ASSIGN_OR_RETURN(const auto found,
                   FirstRow(connection.Query("SELECT seq, body FROM ledger_log"
                                             " WHERE organisation = $1 AND request_id = $2",
                                             {organisation.value, request_id})));
  if (!found) return std::optional<Proposal>();
  const auto* asked = std::get_if<ProposalRow>(&found->row);
  const auto* decided = std::get_if<ResolutionRow>(&found->row);
  const bool same = (asked != nullptr && asked->payload_hash == payload_hash) ||
                    (decided != nullptr && decided->payload_hash == payload_hash);
  if (!same) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "REQUEST_ID_REUSED",
                           "this request_id was used for another request; make a new one");
  }
  ASSIGN_OR_RETURN(Proposal proposal,
                   NeedProposal(connection, organisation,
                                asked != nullptr ? asked->proposal_id : decided->proposal));
  proposal.replayed = true;
  return std::optional<Proposal>(std::move(proposal));
}

absl::StatusOr<std::vector<Proposal>> ReadProposals(Connection& connection,
                                                    const domain::OrganisationId& organisation,
                                                    int64_t after, int32_t limit) {
  std::vector<Proposal> proposals;
  {
    ASSIGN_OR_RETURN(const auto rows,
                     connection.Query("SELECT seq, body FROM ledger_log WHERE organisation = $1"
                                      " AND kind = 4 AND seq > $2 ORDER BY seq LIMIT $3",
                                      {organisation.value, after, limit}));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) break;
      ASSIGN_OR_RETURN(Row row, Decode(rows->Blob(1)));
      auto* typed = std::get_if<ProposalRow>(&row);
      if (typed == nullptr) continue;  // the column says otherwise: for Verify to find
      Proposal proposal;
      proposal.sequence = rows->Int64(0);
      proposal.row = std::move(*typed);
      proposals.push_back(std::move(proposal));
    }
  }
  for (Proposal& proposal : proposals) RETURN_IF_ERROR(AddResolution(connection, proposal));
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
  ASSIGN_OR_RETURN(auto found,
                   FirstRow(connection.Query("SELECT seq, body FROM ledger_log WHERE id = $1"
                                             " AND organisation = $2 AND kind = 2",
                                             {entry_id, organisation.value})));
  auto* entry = found ? std::get_if<EntryRow>(&found->row) : nullptr;
  if (entry != nullptr && entry->reverses.IsNil()) return std::move(*entry);
  return base::MakeError(absl::StatusCode::kNotFound, "NO_SUCH_ENTRY",
                         "the ledger of this organisation has no entry with this id that credits");
}

}  // namespace rollcall::ledger
