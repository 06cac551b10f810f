#ifndef ROLLCALL_LEDGER_PERSON_H_
#define ROLLCALL_LEDGER_PERSON_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "domain/activity.h"
#include "domain/evidence.h"
#include "ledger/correction_rows.h"
#include "ledger/row.h"
#include "ledger/visits.h"

namespace rollcall::ledger {

// A check-out lies no further than this from its check-in, on either side: clocks go back.
constexpr base::Duration kLongestVisit = std::chrono::days(10);

// One coming and going as the rows tell it, and the entry that stands for it.
struct KnownVisit {
  base::Uuid id;  // EntryRow::visit()
  domain::SessionKey session;
  base::Time session_starts;
  base::Time session_ends;
  base::Duration activity_length{0};
  std::vector<domain::SessionBreak> breaks;
  int64_t told = 0;  // rises with the row that the four above are from
  bool practice = false;
  base::Time in;
  std::optional<base::Time> out;         // by a check-out
  std::optional<base::Time> agreed_end;  // by two people
  domain::EvidenceClass in_evidence = domain::EvidenceClass::kFace;
  domain::EvidenceClass out_evidence = domain::EvidenceClass::kFace;
  base::Uuid in_event;
  base::Uuid out_event;
  base::Uuid proposal;   // with agreed_end
  base::Time agreed_in;  // likewise: EntryRow::in
  std::optional<EntryRow> entry;

  bool complete() const { return out.has_value() || agreed_end.has_value(); }
  base::Time end() const { return out ? *out : agreed_end.value_or(in); }
};

// The part of time that something changed in.
struct Span {
  base::Time from;
  base::Time to;
  bool practice = false;
};

// What the ledger knows of one volunteer, in all sessions of all organisations: her visits, what
// stands to her credit for each, and what was approved of her days. Rows are given in the order of
// the ledger. Pure; a plain value.
class Person {
 public:
  // kLenient: from rows that begin somewhere; what rests on earlier ones is passed over.
  enum class Rows { kAll, kLenient };
  Person() = default;
  explicit Person(const base::Uuid& volunteer_key, Rows rows = Rows::kAll)
      : volunteer_key_(volunteer_key), lenient_(rows == Rows::kLenient) {}

  const base::Uuid& volunteer_key() const { return volunteer_key_; }

  // Each takes what a row says. Returns what is wrong with it and then has changed nothing, or an
  // empty text.
  std::string_view Add(const EventRow& row);
  std::string_view Add(const EntryRow& row);
  void Add(const TierApprovalRow& row);
  // That `proposal`, which concerns her, was approved. Its entries come after it.
  std::string_view Agree(const ProposalRow& proposal);
  // Whether that was called for this proposal.
  bool Agreed(const base::Uuid& proposal) const;

  // By check-in, then by id.
  const std::vector<KnownVisit>& visits() const { return visits_; }
  // The events of one session. Of kLenient always empty.
  const Visits& VisitsIn(const domain::SessionKey& session) const;
  // Null: none.
  const KnownVisit* FindByEntry(const base::Uuid& entry_id) const;
  const KnownVisit* FindByCheckOut(const base::Uuid& out_event) const;
  // One with an entry that shares time with [from, to), cut to its session, and has the same
  // `practice`, but not that of the entry `except`.
  const KnownVisit* Overlapping(base::Time from, base::Time to, bool practice,
                                const base::Uuid& except) const;
  const std::vector<TierApprovalRow>& approvals() const { return approvals_; }
  // Entries that stand, but for a visit that is not there, or not complete, any more: the next rows
  // take them back.
  const std::vector<EntryRow>& stranded() const { return stranded_; }
  // Where Add and Agree last changed a visit or an approval.
  const Span& changed() const { return changed_; }

 private:
  KnownVisit* Mutable(const base::Uuid& id);
  KnownVisit& Insert(KnownVisit visit);
  void Strand(KnownVisit& visit);
  void Erase(const base::Uuid& id);
  std::string_view AddCheckIn(const EventRow& row);
  std::string_view AddCheckOut(const EventRow& row);
  std::string_view AddReversal(const EventRow& row);
  std::string_view AgreeToEnd(const ProposalRow& proposal);
  std::string_view TakeBack(const EntryRow& row);

  base::Uuid volunteer_key_;
  bool lenient_ = false;
  int64_t told_ = 0;
  std::vector<KnownVisit> visits_;
  std::map<domain::SessionKey, Visits> sessions_;
  std::vector<base::Uuid> agreed_;  // proposals
  std::vector<TierApprovalRow> approvals_;
  std::vector<EntryRow> stranded_;
  Span changed_;
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_PERSON_H_
