#ifndef ROLLCALL_LEDGER_ROW_H_
#define ROLLCALL_LEDGER_ROW_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/activity.h"
#include "domain/attendance.h"
#include "domain/correction.h"
#include "domain/evidence.h"
#include "domain/ids.h"
#include "hours/facts.h"
#include "hours/policy.h"
#include "ledger/correction_rows.h"
#include "ledger/dispute_rows.h"

// The rows of the ledger as values, and their canonical bytes (FORMAT.md).
namespace rollcall::ledger {

constexpr int32_t kFormat = 2;
constexpr size_t kSaltSize = 16;

// Numbers are stored: never renumber.
enum class RowKind { kEvent = 1, kEntry = 2, kPolicy = 3, kProposal = 4, kResolution = 5,
                     kDispute = 6, kAnswer = 7, kTierApproval = 8 };

// Somebody came, went, or one of these was taken back.
struct EventRow {
  domain::AttendanceEvent event;
  base::Sha256Digest payload_hash{};
  base::Time session_starts;
  base::Time session_ends;
  base::Duration activity_length{0};          // of all sessions of the activity together
  std::vector<domain::SessionBreak> breaks;  // of the session
};

// Minutes credited for a visit, or taken back. Entries of visits that change because of something
// that happened to another visit are taken back and made anew: those have `adjusted_by`.
struct EntryRow {
  base::Uuid entry_id;
  domain::SessionKey session;
  base::Uuid volunteer_key;
  base::Time record_time;  // that of the row which caused it
  bool practice = false;
  base::Uuid reverses;  // the entry taken back; nil: this one credits
  base::Uuid in_event;
  base::Uuid out_event;
  int64_t minutes = 0;  // negative or 0 where it takes back; so the next two
  int64_t awaiting_parent = 0;    // minutes that are not credited before the parent organisation,
  int64_t awaiting_province = 0;  // or the province, has approved them
  std::string policy_name;
  int32_t policy_version = 0;
  base::Sha256Digest policy_hash{};
  domain::EvidenceClass in_evidence = domain::EvidenceClass::kFace;
  domain::EvidenceClass out_evidence = domain::EvidenceClass::kFace;
  base::Uuid reversal_event;  // the kReversal event that took back its check-out; else nil
  // The event, resolution or tier approval by which another visit, or what is approved of a day,
  // changed; nil: its own visit did.
  base::Uuid adjusted_by;
  // The proposal that two people agreed on: of one that credits, that its visit rests on, and then
  // in_event is set where it gave that check-in an end, and out_event never. Of one that takes back,
  // the proposal that asked for it; of an adjustment, that of the entry taken back.
  base::Uuid proposal;
  base::Time in;  // of an entry with `proposal` that credits; otherwise the epoch
  base::Time out;

  // The event row right before this row; nil: there is none.
  base::Uuid cause() const {
    if (!proposal.IsNil() || !adjusted_by.IsNil()) return {};
    return reverses.IsNil() ? out_event : reversal_event;
  }
  bool has_times() const { return !proposal.IsNil() && reverses.IsNil(); }
  // The check-in that it gives an end to; nil: none.
  base::Uuid closes() const { return has_times() && adjusted_by.IsNil() ? in_event : base::Uuid{}; }
  // What all entries of one visit have in common: its check-in, or the proposal where there is none.
  base::Uuid visit() const { return in_event.IsNil() ? proposal : in_event; }

  bool operator==(const EntryRow&) const = default;
};

// An hours policy, written before the first entry of its organisation that uses it, so that the log
// alone is enough to recompute every minute.
struct PolicyRow {
  domain::OrganisationId organisation;
  base::Time record_time;
  hours::PolicyPtr policy;  // never null
};

// Hours of one day above what stands at once, approved for one person in one organisation.
struct TierApprovalRow {
  base::Uuid approval_id;
  domain::OrganisationId organisation;
  base::Uuid volunteer_key;
  base::Time record_time;
  bool practice = false;
  hours::Day day;                             // where the policies of the entries say it is
  hours::Tier tier = hours::Tier::kParent;    // not kFinal
  domain::OrganisationId approving;           // whose approver it is
  std::string reason_text;                    // 1 to 200 bytes of display text
  domain::Actor approver;
  base::Uuid request_id;
  base::Sha256Digest payload_hash{};
};

using Row = std::variant<EventRow, EntryRow, PolicyRow, ProposalRow, ResolutionRow, DisputeRow,
                         AnswerRow, TierApprovalRow>;

RowKind KindOf(const Row& row);
base::Time RecordTimeOf(const Row& row);

// What is wrong with the row taken by itself: ids, enumerations, limits, combinations. Empty:
// nothing.
std::string_view Fault(const Row& row);

// `row` must be without Fault.
base::Bytes Encode(const Row& row);

// The inverse of Encode. DataLoss, reason BAD_ROW: anything that Encode would not have written.
absl::StatusOr<Row> Decode(std::span<const uint8_t> body);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_ROW_H_
