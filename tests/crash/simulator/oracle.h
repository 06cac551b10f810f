#ifndef ROLLCALL_TESTS_CRASH_SIMULATOR_ORACLE_H_
#define ROLLCALL_TESTS_CRASH_SIMULATOR_ORACLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "simulator/ask.h"

namespace rollcall::simulator {

// What a row says of its session.
struct Told {
  base::Time starts;
  base::Time ends;
  std::vector<domain::SessionBreak> breaks;
  base::Duration activity_length{};
};

// An event that the ledger must hold.
struct Fact {
  int64_t sequence = 0;
  base::Uuid event_id;  // chosen by the server; nil until it is known
  domain::EventKind kind = domain::EventKind::kCheckIn;
  int place = 0;
  base::Uuid volunteer;
  base::Time time;  // by the server's clock
  Told session;
  domain::EvidenceClass evidence = domain::EvidenceClass::kFace;
  bool practice = false;
  std::string recorder;
  base::Uuid request_id;
  size_t reverses = 0;             // kReversal: index of the fact taken back
  std::optional<int64_t> minutes;  // of the entry right behind it, which may be adjusted later
};

// A row that the ledger must hold, by the fields of FORMAT.md. Fields of format_fields.h that are not
// here are not there.
struct TrueRow {
  int kind = 0;
  base::Uuid id;  // chosen by the server; nil until it is known
  std::string organisation;
  int place = -1;  // the session of fields 5 and 6; -1: none
  std::map<int, int64_t> integers;
  std::map<int, base::Uuid> ids;
  std::map<int, size_t> rows;  // fields that hold the id of another row, by its index
};

// What somebody proposed and what became of it.
struct Proposed {
  size_t row = 0;  // index
  int place = 0;
  StaffAct act;                    // with the times that it comes to
  std::vector<base::Uuid> people;  // concerned, rising
  bool practice = false;
  Told session;
  int64_t minutes = 0;
  hours::PolicyPtr policy;
  base::Time expires;
  std::optional<size_t> closes;  // the fact that has no end
  domain::EvidenceClass in_evidence = domain::EvidenceClass::kBackEntry;
  domain::EvidenceClass out_evidence = domain::EvidenceClass::kBackEntry;
  std::optional<domain::Outcome> outcome;
  domain::Actor decider;  // with outcome; so the next
  size_t resolution = 0;  // its row
};

struct Disputed {
  size_t row = 0;
  int place = 0;
  base::Uuid volunteer;
  domain::Actor opener;
  std::optional<size_t> entry;  // its row
  std::optional<size_t> answer;
};

// What a visit is worth.
struct Worth {
  int64_t minutes = 0;
  int64_t parent = 0;    // awaited
  int64_t province = 0;  // likewise
  bool operator==(const Worth&) const = default;
};

// One coming and going, of which machines, people or both know.
struct TrueVisit {
  int place = 0;
  base::Uuid volunteer;
  bool practice = false;
  std::optional<size_t> in;      // facts
  std::optional<size_t> out;
  std::optional<size_t> agreed;  // index of the proposal that gave it its end
  Told session;                  // as the newest row about it says
  size_t told = 0;               // index of that row
  bool gone = false;  // never was, or was taken back by two people
  // The entry that stands.
  struct Credit {
    size_t row = 0;
    hours::PolicyPtr policy;
    Worth worth;
  };
  std::optional<Credit> credit;

  bool open() const { return in && !out && !agreed; }
};

// Sums over what stands.
struct Sums {
  int64_t minutes = 0;
  int64_t witnessed = 0;
  int64_t attested = 0;
  int64_t afterwards = 0;
  int64_t practice = 0;
  int64_t parent = 0;
  int64_t province = 0;
  int32_t open = 0;
  int32_t pending = 0;
  bool operator==(const Sums&) const = default;
};

// FORMAT.md: times from which something is computed lie from 1970 to 2199.
bool InRange(base::Time time);

// Puts what is told of a session into the facts of a visit to it.
void TellHours(const Told& told, hours::Visit& fact);

// What is true in the world, kept in plain lists: written from the rules (service/ledger/FORMAT.md and
// the comments of ledger.h), not from the code that it judges. What visits are worth it asks
// hours::Compute, always for everything that a person ever did; the ledger does that bit by bit.
// Cheap to copy, so that a commit of which nobody knows whether it happened can be tried on a copy.
// oracle.cc has the doors, oracle_agreed.cc what staff do, oracle_hours.cc the entries and sums.
class Oracle {
 public:
  explicit Oracle(const std::vector<Place>& places) : places_(&places) {}

  // What the answer to `ask` at `now` must be; takes it as having happened.
  Expected Take(const Ask& ask, base::Time now, const Rules& rules);
  // The server has chosen the id of a fact. False: something else has that id already.
  bool Name(size_t fact, const base::Uuid& event_id);
  // The same for the row with this index, of any kind.
  bool NameRow(size_t row, const base::Uuid& id);

  const std::vector<Fact>& facts() const { return facts_; }
  const std::vector<TrueRow>& truth() const { return rows_; }
  const std::vector<Proposed>& proposals() const { return proposals_; }
  const std::vector<Disputed>& disputes() const { return disputes_; }
  const std::vector<TrueVisit>& visits() const { return visits_; }
  int64_t rows() const { return static_cast<int64_t>(rows_.size()); }
  int64_t entries() const;
  // Those with an event, an entry or a tier approval in an organisation.
  std::set<base::Uuid> VolunteersOf(const std::string& organisation) const;
  Sums SumsOf(const std::string& organisation, const base::Uuid& volunteer, base::Time now,
              base::Duration pending_after) const;
  // Net minutes of the entries, by (place, volunteer): what the sessions' accounts have given.
  std::map<std::pair<int, base::Uuid>, int64_t> Balances() const;
  // The visits of one person to one session that began with a check-in which stands, in their order.
  const std::vector<size_t>& DoorOf(int place, const base::Uuid& volunteer) const;

 private:
  // What was written under a request id.
  struct Request {
    base::Sha256Digest payload{};
    int kind = kNone;  // of the row
    size_t index = 0;  // of the fact, the proposal or the dispute; of a tier approval of its row
  };
  static constexpr int kNone = 0;
  // Where something changed, and which row says so.
  struct Change {
    size_t row = 0;
    base::Uuid volunteer;
    bool practice = false;
    base::Time from;
    base::Time to;
    hours::PolicyPtr policy;  // of the cause; null: it has none
  };
  struct Approval {
    std::string organisation;
    base::Uuid volunteer;
    bool practice = false;
    hours::TierApproval what;
  };

  const Place& PlaceOf(int place) const { return (*places_)[static_cast<size_t>(place)]; }

  // oracle.cc
  Expected TakeRecord(const Ask& ask, base::Time now, const Rules& rules);
  Expected TakeUndo(const Ask& ask, base::Time now, const Rules& rules);
  // kUnspecified: she may come or go.
  domain::Decision RefuseAtDoor(const Ask& ask, bool out, base::Time now,
                                const Rules& rules) const;
  // The answer to what was asked before under this request id; nothing: it is new.
  std::optional<Expected> Earlier(const std::string& organisation, const Ask& ask) const;
  Expected EarlierEvent(const Request& request) const;
  void Keep(const std::string& organisation, const Ask& ask, int kind, size_t index);
  TrueRow& AddRow(int kind, const std::string& organisation, base::Time time);
  void AddPolicy(const std::string& organisation, const hours::PolicyPtr& policy, base::Time now);
  size_t AddFact(Fact fact, const Ask& ask, const std::string& organisation);

  // oracle_agreed.cc
  Expected TakeStaff(const Ask& ask, base::Time now, const Rules& rules);
  Expected TakeProposal(const Ask& ask, base::Time now, const Rules& rules);
  std::string FaultOfProposal(const Ask& ask, base::Time now, Proposed& proposed) const;
  std::string Fits(const Proposed& proposed, const base::Uuid& volunteer) const;
  Expected TakeResolution(const Ask& ask, base::Time now);
  std::string FaultOfResolution(const Ask& ask, base::Time now, const Proposed& proposed) const;
  void Agree(size_t proposal, const base::Uuid& volunteer, base::Time now);
  Expected TakeTierApproval(const Ask& ask, base::Time now);
  Expected TakeDispute(const Ask& ask, base::Time now);
  Expected TakeAnswer(const Ask& ask, base::Time now);
  bool Involved(const domain::Actor& actor, const Disputed& disputed) const;
  StaffAnswer AnswerOf(const Proposed& proposed) const;
  StaffAnswer AnswerOf(const Disputed& disputed) const;
  StaffAnswer AnswerOfTier(size_t row) const;
  std::optional<size_t> FindRow(int kind, const std::string& organisation,
                                const base::Uuid& id) const;

  // oracle_hours.cc
  base::Uuid IdOf(size_t visit) const;
  hours::Visit FactsOf(size_t visit) const;
  base::Time InOf(const TrueVisit& visit) const;
  base::Time EndOf(const TrueVisit& visit) const;
  std::vector<size_t> VisitsOf(const base::Uuid& volunteer, bool practice) const;
  std::map<size_t, Worth> Compute(const base::Uuid& volunteer, bool practice) const;
  std::vector<size_t> Near(const Change& change) const;
  // Adds the rows of entries. `extra`: what a reversal or an approval adds.
  TrueRow& AddCredit(size_t visit, const Worth& worth, const hours::PolicyPtr& policy,
                     base::Time now);
  TrueRow& AddTakingBack(size_t visit, base::Time now);
  void Adjust(const Change& change, base::Time now);

  const std::vector<Place>* places_;
  std::vector<Fact> facts_;
  std::vector<TrueRow> rows_;
  std::vector<TrueVisit> visits_;
  std::vector<Proposed> proposals_;
  std::vector<Disputed> disputes_;
  std::vector<Approval> approvals_;
  std::map<std::pair<int, base::Uuid>, std::vector<size_t>> doors_;
  std::map<std::pair<std::string, base::Uuid>, Request> requests_;
  std::map<base::Uuid, size_t> named_rows_;  // by id
  std::map<size_t, size_t> fact_of_row_;
  std::set<base::Uuid> tokens_;
  std::set<std::pair<std::string, base::Sha256Digest>> policies_;
};

}  // namespace rollcall::simulator

#endif  // ROLLCALL_TESTS_CRASH_SIMULATOR_ORACLE_H_
