#include "ledger/row_lookup.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace rollcall::ledger {
namespace {

using storage::Connection;

std::string Number(RowKind kind) { return std::to_string(static_cast<int32_t>(kind)); }

// Of a query for (seq, body).
absl::StatusOr<std::optional<Sequenced<Row>>> Next(storage::Rows& rows) {
  ASSIGN_OR_RETURN(const bool found, rows.Next());
  if (!found) return std::optional<Sequenced<Row>>();
  const int64_t sequence = rows.Int64(0);
  ASSIGN_OR_RETURN(Row row, Decode(rows.Blob(1)));
  return std::optional<Sequenced<Row>>({sequence, std::move(row)});
}

}  // namespace

absl::StatusOr<std::optional<Sequenced<Row>>> FindRow(Connection& connection,
                                                      const domain::OrganisationId& organisation,
                                                      RowKind kind, const base::Uuid& id) {
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query("SELECT seq, body FROM ledger_log WHERE id = $1"
                                    " AND organisation = $2 AND kind = " +
                                        Number(kind),
                                    {id, organisation.value}));
  return Next(*rows);
}

absl::StatusOr<std::optional<Sequenced<Row>>> FindResolving(Connection& connection,
                                                            const base::Uuid& id) {
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query("SELECT seq, body FROM ledger_log WHERE resolves = $1", {id}));
  return Next(*rows);
}

absl::StatusOr<std::optional<Sequenced<Row>>> FindRequest(
    Connection& connection, const domain::OrganisationId& organisation,
    const base::Uuid& request_id) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query("SELECT seq, body FROM ledger_log"
                                                     " WHERE organisation = $1 AND request_id = $2",
                                                     {organisation.value, request_id}));
  return Next(*rows);
}

absl::StatusOr<std::vector<Sequenced<Row>>> RowsOfKind(Connection& connection,
                                                       const domain::OrganisationId& organisation,
                                                       RowKind kind, int64_t after, int32_t limit) {
  // The kind stands in the text, or the engine could not use the index that has only such rows.
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query("SELECT seq, body FROM ledger_log WHERE organisation = $1"
                                    " AND kind = " +
                                        Number(kind) + " AND seq > $2 ORDER BY seq LIMIT $3",
                                    {organisation.value, after, limit}));
  std::vector<Sequenced<Row>> found;
  while (true) {
    ASSIGN_OR_RETURN(auto row, Next(*rows));
    if (!row) return found;
    found.push_back(*std::move(row));
  }
}

absl::Status AddProposals(storage::Connection& connection, std::vector<Row>& rows) {
  std::set<base::Uuid> there;
  std::map<base::Uuid, domain::OrganisationId> wanted;
  for (const Row& row : rows) {
    if (const auto* proposal = std::get_if<ProposalRow>(&row)) there.insert(proposal->proposal_id);
    const auto* entry = std::get_if<EntryRow>(&row);
    if (entry != nullptr && !entry->proposal.IsNil()) {
      wanted.emplace(entry->proposal, entry->session.organisation);
    }
  }
  for (const auto& [id, organisation] : wanted) {
    if (there.contains(id)) continue;
    ASSIGN_OR_RETURN(auto found, FindRow(connection, organisation, RowKind::kProposal, id));
    if (found) rows.push_back(std::move(found->row));
  }
  return absl::OkStatus();
}

absl::Status RequestIdReused() {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "REQUEST_ID_REUSED",
                         "this request_id was used for another request; make a new one");
}

}  // namespace rollcall::ledger
