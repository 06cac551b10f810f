#ifndef ROLLCALL_LEDGER_ROW_H_
#define ROLLCALL_LEDGER_ROW_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/attendance.h"
#include "domain/evidence.h"
#include "domain/ids.h"
#include "ledger/correction_rows.h"
#include "ledger/dispute_rows.h"

// The rows of the ledger as values, and their canonical bytes (FORMAT.md).
namespace rollcall::ledger {

constexpr int32_t kFormat = 1;
constexpr size_t kSaltSize = 16;

// Numbers are stored: never renumber.
enum class RowKind { kEvent = 1, kEntry = 2, kPolicy = 3, kProposal = 4, kResolution = 5,
                     kDispute = 6, kAnswer = 7 };

// Somebody came, went, or one of these was taken back.
struct EventRow {
  domain::AttendanceEvent event;
  base::Sha256Digest payload_hash{};
  base::Time session_starts;
  base::Time session_ends;
};

// Minutes credited for a pair or on an approved proposal, or taken back.
struct EntryRow {
  base::Uuid entry_id;
  domain::SessionKey session;
  base::Uuid volunteer_key;
  base::Time record_time;  // that of the event, or of the resolution, which caused it
  bool practice = false;
  base::Uuid reverses;     // the entry taken back; nil: this one credits
  base::Uuid in_event;
  base::Uuid out_event;
  int64_t minutes = 0;     // negative or 0 where it takes back
  std::string policy_name;
  int32_t policy_version = 0;
  base::Sha256Digest policy_hash{};
  domain::EvidenceClass in_evidence = domain::EvidenceClass::kFace;
  domain::EvidenceClass out_evidence = domain::EvidenceClass::kFace;
  base::Uuid reversal_event;  // the kReversal event; nil: this one credits, or `proposal` caused it
  // Follows the approval of this proposal, and no event; nil: follows an event. Then in_event is set
  // where it closes that check-in, and out_event never, unless it takes back and so repeats them.
  base::Uuid proposal;
  base::Time in;   // of an entry with `proposal` that credits; otherwise the epoch
  base::Time out;

  // The event row right before this row; nil: there is none.
  base::Uuid cause() const {
    if (!proposal.IsNil()) return {};
    return reverses.IsNil() ? out_event : reversal_event;
  }
  bool has_times() const { return !proposal.IsNil() && reverses.IsNil(); }
  // The check-in that it gives an end to; nil: none.
  base::Uuid closes() const { return has_times() ? in_event : base::Uuid{}; }
};

// An hours policy, written before the first entry of its organisation that uses it, so that the log
// alone is enough to recompute every minute.
struct PolicyRow {
  domain::OrganisationId organisation;
  base::Time record_time;
  domain::HoursPolicy policy;
};

using Row = std::variant<EventRow, EntryRow, PolicyRow, ProposalRow, ResolutionRow, DisputeRow,
                         AnswerRow>;

RowKind KindOf(const Row& row);

// What is wrong with the row taken by itself: ids, enumerations, limits, combinations. Empty:
// nothing.
std::string_view Fault(const Row& row);

// `row` must be without Fault.
base::Bytes Encode(const Row& row);

// The inverse of Encode. DataLoss, reason BAD_ROW: anything that Encode would not have written.
absl::StatusOr<Row> Decode(std::span<const uint8_t> body);

// The inverse of HoursPolicy::Canonical(). InvalidArgument, reason BAD_POLICY.
absl::StatusOr<domain::HoursPolicy> ParsePolicy(const std::string& canonical);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_ROW_H_
