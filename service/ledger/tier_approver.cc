#include "ledger/tier_approver.h"

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "ledger/derive.h"
#include "ledger/log_table.h"
#include "ledger/person_reader.h"
#include "ledger/row_lookup.h"

namespace rollcall::ledger {
namespace {

using storage::Connection;

// The minutes that the rows right behind row `sequence` credit because of it.
absl::StatusOr<int64_t> MinutesBehind(Connection& connection, int64_t sequence,
                                      const base::Uuid& approval) {
  int64_t minutes = 0;
  while (true) {
    ASSIGN_OR_RETURN(const auto rows, ReadRows(connection, sequence, sequence + 100, 100));
    for (const StoredRow& stored : rows) {
      ASSIGN_OR_RETURN(const Row row, Decode(stored.body));
      const auto* entry = std::get_if<EntryRow>(&row);
      if (entry == nullptr || entry->adjusted_by != approval) return minutes;
      minutes += entry->minutes;
      sequence = stored.sequence;
    }
    if (rows.empty()) return minutes;
  }
}

}  // namespace

absl::StatusOr<std::optional<TierApproval>> AnsweredApproval(
    Connection& connection, const domain::OrganisationId& organisation,
    const base::Uuid& request_id, const base::Sha256Digest& payload_hash) {
  ASSIGN_OR_RETURN(auto found, FindRequest(connection, organisation, request_id));
  if (!found) return std::optional<TierApproval>();
  auto* stored = std::get_if<TierApprovalRow>(&found->row);
  if (stored == nullptr || stored->payload_hash != payload_hash) return RequestIdReused();
  TierApproval approval;
  approval.sequence = found->sequence;
  approval.row = std::move(*stored);
  approval.replayed = true;
  ASSIGN_OR_RETURN(approval.minutes,
                   MinutesBehind(connection, approval.sequence, approval.row.approval_id));
  return std::optional<TierApproval>(std::move(approval));
}

absl::StatusOr<TierApproval> TierApprover::Approve(Connection& connection, TierApprovalRow row) {
  ASSIGN_OR_RETURN(auto replay, AnsweredApproval(connection, row.organisation, row.request_id,
                                                 row.payload_hash));
  if (replay) return *std::move(replay);
  row.approval_id = ids_.Next();
  if (const auto fault = Fault(row); !fault.empty()) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_APPROVAL", fault);
  }
  ASSIGN_OR_RETURN(Person person, ReadPerson(connection, row.volunteer_key));
  person.Add(row);
  const Cause cause{row.approval_id, row.record_time, {}, nullptr};
  ASSIGN_OR_RETURN(auto entries, EntriesAfter(person, cause, PoliciesOf(connection, policies_)));
  if (entries.empty()) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "NOTHING_AWAITS",
                           "none of her hours of this day waits for this approval");
  }
  TierApproval approval;
  ASSIGN_OR_RETURN(approval.sequence, writer_.Append(connection, row));
  for (EntryRow& entry : entries) {
    entry.entry_id = ids_.Next();
    approval.minutes += entry.minutes;
    RETURN_IF_ERROR(writer_.Append(connection, entry).status());
  }
  approval.row = std::move(row);
  return approval;
}

}  // namespace rollcall::ledger
