#ifndef ROLLCALL_LEDGER_LEDGER_H_
#define ROLLCALL_LEDGER_LEDGER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/page.h"
#include "base/random.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/activity.h"
#include "domain/attendance.h"
#include "domain/decision.h"
#include "domain/evidence.h"
#include "domain/ids.h"
#include "hours/policy.h"
#include "ledger/corrections.h"
#include "ledger/disputes.h"
#include "ledger/tier_approvals.h"

namespace rollcall::storage {
class Database;
struct Schema;
}  // namespace rollcall::storage

// The append-only hours ledger: attendance events, the entries that credit minutes, nothing else.
// It knows volunteers by Volunteer::key only. FORMAT.md fixes the bytes of a row.
namespace rollcall::ledger {

struct NumberedRow;  // ledger/row_stream.h

// An attempt to check in or out.
struct RecordRequest {
  // What was seen. The ledger sets event_id, kind, record_time and reverses itself, whatever stands
  // there. token_id and request_id must not be nil; at most kMaxProofs proofs.
  domain::AttendanceEvent event;
  domain::Action action = domain::Action::kUnspecified;
  domain::Session session;  // of event.session, as the registry has it now
  domain::SessionWindow window;
  domain::VisitRules rules;
  hours::PolicyPtr policy = hours::DefaultPolicy();  // under which a check-out is credited; not null
  // Of all sessions of the activity together; 0: there is only this one.
  base::Duration activity_length{0};
  // Over everything that the client sent under this request_id, so that another content under the
  // same id is noticed.
  base::Sha256Digest payload_hash{};
  base::Time now;  // becomes record_time
};

// Takes back one event within `undo_window`.
struct UndoRequest {
  domain::OrganisationId organisation;
  base::Uuid event_id;  // Receipt::event_id of what is taken back
  base::Uuid request_id;
  base::Sha256Digest payload_hash{};
  base::Duration undo_window = domain::VisitRules{}.undo_window;
  domain::KioskId kiosk;
  std::string recorder;  // Caller::identity
  base::Time now;
};

// Proof for the client that something is in the ledger. The same for ever.
struct Receipt {
  int64_t sequence = 0;
  base::Uuid event_id;
  base::Uuid request_id;
  domain::EventKind kind = domain::EventKind::kCheckIn;
  domain::SessionKey session;
  base::Uuid volunteer_key;
  base::Time record_time;
  domain::EvidenceClass evidence = domain::EvidenceClass::kFace;
  bool practice = false;
  base::Uuid reverses;             // kReversal only
  // Check-out: credited minutes of the pair. Reversal of a check-out: the same, negative.
  std::optional<int64_t> minutes;
  bool replayed = false;           // this request_id had been recorded before
};

struct RecordOutcome {
  // kCheckedIn, kCheckedOut or kUndone with a receipt; or the refusal of domain::ResolveAction,
  // without one: nothing was written, and the request_id and token may be used again.
  domain::Decision decision = domain::Decision::kUnspecified;
  std::optional<Receipt> receipt;
};

using RecordCallback = std::function<void(absl::StatusOr<RecordOutcome>)>;

struct StoredEvent {
  int64_t sequence = 0;
  domain::AttendanceEvent event;
  base::Time session_starts;  // as they stood when the event was recorded
  base::Time session_ends;
};

// Empty fields do not restrict.
struct EventFilter {
  domain::OrganisationId organisation;
  domain::ActivityId activity;  // needs organisation
  domain::SessionId session;    // needs activity
  std::optional<base::Uuid> volunteer_key;
  std::optional<bool> practice;
};

// Numbers are not stored.
enum class VisitStatus {
  kConfirmed = 1,  // checked out
  kOpen = 2,       // checked in, the session is not long over
  kPending = 3,    // no check-out, and pending_after has passed: worth 0 until two people agree
  kCorrected = 4,  // two people have taken it back: worth 0; another visit may stand in its place
};

// One coming and going. Reversed events are not part of any visit.
struct Visit {
  domain::SessionKey session;
  VisitStatus status = VisitStatus::kOpen;
  bool practice = false;
  base::Time in;
  std::optional<base::Time> out;
  domain::EvidenceClass in_evidence = domain::EvidenceClass::kFace;
  std::optional<domain::EvidenceClass> out_evidence;
  int64_t minutes = 0;            // credited; 0 unless kConfirmed
  int64_t awaiting_parent = 0;    // minutes above what a day credits at once: not credited before the
  int64_t awaiting_province = 0;  // parent organisation, or the province, has approved them
  std::string policy;             // "default/2" once confirmed
  base::Time session_starts;      // as they stood at the newest row about it
  base::Time session_ends;
  base::Duration activity_length{0};  // likewise; of all sessions of the activity together
  std::vector<domain::SessionBreak> breaks;
  base::Uuid in_event;            // nil where nobody's coming was recorded: entered by two people
  base::Uuid out_event;           // nil unless checked out
  base::Uuid entry;               // EntryRow::entry_id, by which it can be corrected; nil: no entry
  base::Uuid proposal;            // two people agreed on it; nil: it was recorded
};

// What one volunteer has. Practice never enters the other totals.
struct VolunteerHours {
  base::Uuid volunteer_key;
  int64_t minutes = 0;            // confirmed; the sum of the three public classes below
  // By domain::PublicClass; a pair counts as the weaker of its two ends.
  int64_t minutes_witnessed = 0;
  int64_t minutes_attested = 0;
  int64_t minutes_entered_afterwards = 0;
  int64_t practice_minutes = 0;
  int64_t awaiting_parent = 0;    // minutes, practice not counted; so the next
  int64_t awaiting_province = 0;
  int32_t open_visits = 0;        // practice not counted
  int32_t pending_visits = 0;     // practice not counted
  std::vector<Visit> visits;      // by check-in, practice included
};

struct HoursFilter {
  EventFilter events;
  base::Time now;                           // decides between open and pending
  base::Duration pending_after = std::chrono::hours(4);  // hours::Policy::pending_after
};

struct VerifyReport {
  struct Fault {
    int64_t sequence = 0;  // the first wrong row
    std::string what;      // for the operator; no personal data
  };
  int64_t rows = 0;      // read and found right
  int64_t events = 0;
  int64_t entries = 0;
  // Net sums of the entries.
  int64_t minutes = 0;           // outside practice
  int64_t practice_minutes = 0;  // in practice
  base::Sha256Digest root{};     // of the Merkle tree over the rows
  std::optional<Fault> fault;    // nothing: verified, that is, internally consistent
};

// What the ledger knows of when somebody came, practice and reversals included.
struct Presence {
  int64_t events = 0;
  // The earliest and the latest record time; nothing where there is no event.
  std::optional<base::Time> first;
  std::optional<base::Time> last;
};

constexpr size_t kMaxProofs = 8;

// Thread-safe. Reads block and belong on a worker thread; a read sees everything acknowledged
// before it was called. The errors of storage::Database pass through everywhere.
class Ledger {
 public:
  virtual ~Ledger() = default;

  // Records a check-in or check-out and calls `done` exactly once: on the ledger's thread after the
  // commit that makes it durable, or on the calling thread, before this returns, when it is refused
  // unread. `done` must be short and must not call a blocking method.
  //
  // In one transaction: the request_id is looked up (same payload: the stored receipt with replayed
  // set, whatever else has happened since), the token and a second factor's are consumed, the visit
  // so far decides what the action comes to, the event and, for a check-out, its entry are appended.
  //
  // FailedPrecondition: reason REQUEST_ID_REUSED, other content under the same request_id;
  // TOKEN_USED, a token was consumed by another request.
  // InvalidArgument, reason BAD_EVENT: nil ids, action unspecified, a session that is not the
  // event's, a check-out whose `practice` is not that of its check-in, too many proofs, a text
  // beyond its limit. BAD_FACTS: an activity of no length, or of more than a year.
  // ResourceExhausted, reasons QUEUE_FULL, DISK_FULL: nothing was written; try again.
  virtual void RecordAsync(RecordRequest request, RecordCallback done) = 0;

  // Appends a reversing event and, where the event was a check-out, a reversing entry. Only the
  // last standing event of a visit can be taken back: a check-in with a check-out on it cannot.
  // Taking back a check-out opens the visit again. Calls `done` as RecordAsync does.
  //
  // FailedPrecondition: UNDO_TOO_LATE, the undo window has passed; NOTHING_TO_UNDO, not the last
  // standing event, taken back already, or itself a reversal; REQUEST_ID_REUSED.
  // NotFound, reason NO_SUCH_EVENT. InvalidArgument, reason BAD_EVENT.
  virtual void UndoAsync(UndoRequest request, RecordCallback done) = 0;

  // The receipt, with replayed false. NotFound, reason NO_SUCH_RECEIPT.
  virtual absl::StatusOr<Receipt> GetByRequestId(const domain::OrganisationId& organisation,
                                                 const base::Uuid& request_id) = 0;
  // NotFound, reason NO_SUCH_EVENT.
  virtual absl::StatusOr<StoredEvent> GetEvent(const domain::OrganisationId& organisation,
                                               const base::Uuid& event_id) = 0;

  // In the order of the ledger, reversals and reversed events included. InvalidArgument, reasons
  // BAD_PAGE, BAD_FILTER.
  virtual absl::StatusOr<base::Page<StoredEvent>> ListEvents(const EventFilter& filter,
                                                             const base::PageRequest& page) = 0;

  // By volunteer key; a page counts volunteers. People without any event or entry do not appear.
  virtual absl::StatusOr<base::Page<VolunteerHours>> HoursByVolunteer(
      const HoursFilter& filter, const base::PageRequest& page) = 0;

  // Where one volunteer stands in one session; its pairs are those of all days.
  virtual absl::StatusOr<domain::VisitState> GetVisitState(const domain::SessionKey& session,
                                                           const base::Uuid& volunteer_key) = 0;

  // Of one volunteer, over everything. Cost: one index lookup and two rows.
  virtual absl::StatusOr<Presence> PresenceOf(const base::Uuid& volunteer_key) = 0;

  // The sequence number of the last row; 0 when the ledger is empty.
  virtual absl::StatusOr<int64_t> LastSequence() = 0;

  // The minutes on one volunteer's account, practice not counted: what all her entries add up to.
  // Cost: one index lookup.
  virtual absl::StatusOr<int64_t> MinutesOf(const base::Uuid& volunteer_key) = 0;

  // To be called once, before anything else, on a database that exists: computes the tree and the
  // accounts of rows that a version without them wrote. Immediate where they are there. DataLoss,
  // reasons BAD_ROW, LEDGER_TREE_DAMAGED.
  virtual absl::Status CatchUp() = 0;
  // --- What two people agree on: see ledger/corrections.h ---
  // Both block until what they wrote is durable, and are idempotent by (organisation, request_id) as
  // RecordAsync is, with Proposal::replayed set. Whoever fails has written nothing.
  //
  // FailedPrecondition: REQUEST_ID_REUSED; SESSION_NOT_OVER; NOT_PENDING, there is no visit without
  // a check-out, or it may still get one; VISIT_OPEN, a visit without check-out stands in this
  // session, which has to be closed first; ENTRY_GONE, it has been taken back; OVERLAP, with what
  // stands to her credit already, of which the message names the entry; BENEFICIARY.
  // InvalidArgument: OUTSIDE_SESSION; NOTHING_TO_CREDIT, less than a minute; BAD_BATCH, nobody, more
  // than kMaxBatch, or a headcount below the list; BAD_PROPOSAL.
  virtual absl::StatusOr<Proposal> Propose(const ProposeRequest& request) = 0;
  // Approves, refuses or withdraws. An approval appends its entries in the same transaction.
  //
  // NotFound, reason NO_SUCH_PROPOSAL. FailedPrecondition: REQUEST_ID_REUSED; ALREADY_DECIDED;
  // PROPOSAL_LAPSED; NOT_PROPOSER, only who proposed may withdraw; the reasons of
  // domain::CheckDecider; CONSENT_NOT_HERS, CONSENT_ONLY_CLOSES; TOKEN_USED; of an approval also
  // NOT_PENDING, VISIT_OPEN, ENTRY_GONE and OVERLAP, as things stand now. InvalidArgument, reason
  // BAD_RESOLUTION.
  virtual absl::StatusOr<Proposal> Resolve(const ResolveRequest& request) = 0;
  // What Propose or Resolve wrote under this request_id, as it stands now; nothing: it is new. For who
  // has more to ask than the ledger before something is written. FailedPrecondition, reason
  // REQUEST_ID_REUSED.
  virtual absl::StatusOr<std::optional<Proposal>> Answered(
      const domain::OrganisationId& organisation, const base::Uuid& request_id,
      const base::Sha256Digest& payload_hash) = 0;
  // NotFound, reason NO_SUCH_PROPOSAL.
  virtual absl::StatusOr<Proposal> GetProposal(const domain::OrganisationId& organisation,
                                               const base::Uuid& proposal_id) = 0;
  // In the order of the ledger. InvalidArgument, reason BAD_PAGE.
  virtual absl::StatusOr<base::Page<Proposal>> ListProposals(const ProposalFilter& filter,
                                                             const base::PageRequest& page) = 0;
  // Approves what one person served on one day above what stands at once. Blocks and is idempotent as
  // Propose is; the ledger sets the id of the row. Appends the entries that change in the same
  // transaction. Who may do so, and for whom, the caller has found out.
  //
  // FailedPrecondition: REQUEST_ID_REUSED; NOTHING_AWAITS. InvalidArgument, reason BAD_APPROVAL: a day
  // to come, no tier, no reason, an approval for oneself.
  virtual absl::StatusOr<TierApproval> ApproveTier(const TierApprovalRow& row) = 0;
  // What ApproveTier wrote under this request_id; as Answered.
  virtual absl::StatusOr<std::optional<TierApproval>> AnsweredApproval(
      const domain::OrganisationId& organisation, const base::Uuid& request_id,
      const base::Sha256Digest& payload_hash) = 0;
  // --- Disputes: see ledger/disputes.h ---
  // Both block and are idempotent as Propose is. The ledger sets the id of the row.
  //
  // FailedPrecondition: REQUEST_ID_REUSED; ENTRY_GONE, the entry is not hers or does not stand.
  // NotFound, reason NO_SUCH_ENTRY. InvalidArgument, reason BAD_DISPUTE.
  virtual absl::StatusOr<Dispute> OpenDispute(const DisputeRow& row) = 0;
  // FailedPrecondition: REQUEST_ID_REUSED; ALREADY_ANSWERED; INVOLVED, who took the dispute down or
  // had a part in the disputed entry cannot answer; ANOTHER_PROPOSAL, it is not about her or older than
  // the dispute. NotFound: NO_SUCH_DISPUTE, NO_SUCH_PROPOSAL. InvalidArgument, reason BAD_ANSWER.
  virtual absl::StatusOr<Dispute> AnswerDispute(const AnswerRow& row) = 0;
  // In the order of the ledger. InvalidArgument, reason BAD_PAGE.
  virtual absl::StatusOr<base::Page<Dispute>> ListDisputes(const DisputeFilter& filter,
                                                           const base::PageRequest& page) = 0;
  // An entry that credits. NotFound, reason NO_SUCH_ENTRY.
  virtual absl::StatusOr<EntryRow> GetEntry(const domain::OrganisationId& organisation,
                                            const base::Uuid& entry_id) = 0;

  // Reads every row that stood at the call and recomputes all of it: sequence without gaps,
  // canonical bytes, index columns equal to the bytes, events that form visits, reversals of
  // standing events, every entry's minutes from its events under the policy it names, every node of
  // the Merkle tree, every account, and that the accounts sum to zero. Stops at the first fault.
  //
  // Shows that the ledger is consistent in itself. That nobody has replaced all of it by something
  // equally consistent, a checkpoint shows that was signed before and is kept elsewhere.
  // Cost: linear in rows, memory linear in events; reads in pages, so that writes go on meanwhile.
  virtual absl::StatusOr<VerifyReport> Verify() = 0;

  // Hands the rows up to `last` (of LastSequence) to `take`, in order, on the calling thread. Stops at
  // the first error of `take` and returns it. DataLoss, reason BAD_ROW: a row does not decode.
  // Cost: linear in rows; reads in pages, so that writes go on meanwhile.
  virtual absl::Status ForEachRow(int64_t last,
                                  const std::function<absl::Status(const NumberedRow&)>& take) = 0;
};

// The tables, for storage::DatabaseOptions::schemas. The registry shares the database.
storage::Schema LedgerSchema();

// `database` must hold LedgerSchema(). It, `ids` (event and entry ids) and `random` (row salts)
// must outlive the ledger; callbacks may still run until the database is destroyed.
std::unique_ptr<Ledger> MakeSqlLedger(storage::Database& database, base::IdGenerator& ids,
                                      base::RandomSource& random);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_LEDGER_H_
