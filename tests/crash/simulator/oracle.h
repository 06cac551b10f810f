#ifndef ROLLCALL_TESTS_CRASH_SIMULATOR_ORACLE_H_
#define ROLLCALL_TESTS_CRASH_SIMULATOR_ORACLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "domain/attendance.h"
#include "domain/decision.h"
#include "hours/policy.h"

namespace rollcall::simulator {

// A session of the world as the server has it now.
struct Place {
  std::string organisation;
  std::string activity;
  std::string session;
  base::Time starts;
  base::Time ends;
  bool practice = false;
};

// A request as it travels from a kiosk to the server.
struct Ask {
  int number = 0;  // of the world's requests, for people who read the trace
  int kiosk = 0;
  int entry = 0;  // of that kiosk's outbox
  bool undo = false;
  int place = 0;
  base::Uuid volunteer;
  int volunteer_number = 0;
  base::Uuid request_id;
  base::Sha256Digest payload{};
  base::Time captured;  // by the kiosk's clock
  // A check-in or check-out.
  domain::Action action = domain::Action::kAuto;
  domain::EvidenceClass evidence = domain::EvidenceClass::kFace;
  base::Uuid token;
  base::Uuid second_token;
  bool practice = false;
  std::string recorder;
  // An undo.
  base::Uuid event;
  std::string organisation;  // of the caller
};

// An event that the ledger must hold.
struct Fact {
  int64_t sequence = 0;
  base::Uuid event_id;  // chosen by the server; nil until it is known
  domain::EventKind kind = domain::EventKind::kCheckIn;
  int place = 0;
  base::Uuid volunteer;
  base::Time time;  // by the server's clock
  base::Time session_starts;
  base::Time session_ends;
  domain::EvidenceClass evidence = domain::EvidenceClass::kFace;
  bool practice = false;
  base::Uuid request_id;
  base::Sha256Digest payload{};
  size_t reverses = 0;             // kReversal: index of the fact taken back
  std::optional<int64_t> minutes;  // of the entry right behind it, which may be adjusted later
};

// Under what check-ins and check-outs are taken.
struct Rules {
  domain::VisitRules visits;
  hours::PolicyPtr policy = hours::DefaultPolicy();
};

// The length that every activity is said to have. Above what any of them is, so that it limits nobody.
constexpr base::Duration kActivityLength = std::chrono::days(31);

// What the server must answer.
struct Expected {
  std::string error;  // the reason of an error; empty: none
  domain::Decision decision = domain::Decision::kUnspecified;
  std::optional<size_t> fact;  // the receipt is of this one
  bool replayed = false;
};

// Sums over what stands.
struct Sums {
  int64_t minutes = 0;
  int64_t witnessed = 0;
  int64_t attested = 0;
  int64_t afterwards = 0;
  int64_t practice = 0;
  int32_t open = 0;
  int32_t pending = 0;
  bool operator==(const Sums&) const = default;
};

// What is true in the world, kept in plain lists: written from the rules (service/ledger/FORMAT.md and
// the comments of ledger.h), not from the code that it judges. What facts are worth it asks
// hours::Compute, always for everything that a person ever did; the ledger does that bit by bit.
// Cheap to copy, so that a commit of which nobody knows whether it happened can be tried on a copy.
class Oracle {
 public:
  explicit Oracle(const std::vector<Place>& places) : places_(&places) {}

  // What the answer to `ask` at `now` must be; takes it as having happened.
  Expected Take(const Ask& ask, base::Time now, const Rules& rules);
  // The server has chosen the id of a fact. False: some other fact has that id already.
  bool Name(size_t fact, const base::Uuid& event_id);

  const std::vector<Fact>& facts() const { return facts_; }
  std::optional<size_t> FindRequest(const std::string& organisation,
                                    const base::Uuid& request_id) const;
  int64_t rows() const { return rows_; }
  int64_t entries() const { return entries_; }
  // Volunteers with facts in an organisation.
  std::set<base::Uuid> VolunteersOf(const std::string& organisation) const;
  Sums SumsOf(const std::string& organisation, const base::Uuid& volunteer, base::Time now,
              base::Duration pending_after) const;
  // Net minutes of the entries, by (place, volunteer): what the sessions' accounts have given.
  std::map<std::pair<int, base::Uuid>, int64_t> Balances() const;
  // The facts of one person in one session that stand, in their order: in, out, in, ...
  const std::vector<size_t>& Standing(int place, const base::Uuid& volunteer) const;

 private:
  const Place& PlaceOf(int place) const { return (*places_)[static_cast<size_t>(place)]; }
  Expected TakeRecord(const Ask& ask, base::Time now, const Rules& rules);
  Expected TakeUndo(const Ask& ask, base::Time now, const Rules& rules);
  std::optional<Expected> Earlier(const std::string& organisation, const Ask& ask) const;
  size_t Add(Fact fact, const std::string& organisation);
  // Of one visit that stands.
  struct Worth {
    int64_t minutes = 0;
    int64_t awaiting = 0;
    bool operator==(const Worth&) const = default;
  };
  struct Visit {
    size_t in = 0;              // indices of facts
    std::optional<size_t> out;
  };
  std::vector<Visit> VisitsOf(const base::Uuid& volunteer, bool practice) const;
  // By the index of the check-out.
  std::map<size_t, Worth> Compute(const base::Uuid& volunteer, bool practice) const;
  // Counts the rows by which the entries of other visits follow a change at the fact `in`, which lasted
  // until `end`.
  void Adjust(const Fact& in, base::Time end);

  const std::vector<Place>* places_;
  std::vector<Fact> facts_;
  std::map<std::pair<int, base::Uuid>, std::vector<size_t>> standing_;
  std::map<std::pair<std::string, base::Uuid>, size_t> requests_;
  std::map<base::Uuid, size_t> events_;
  std::set<base::Uuid> tokens_;
  std::set<std::pair<std::string, base::Sha256Digest>> policies_;
  std::map<size_t, hours::PolicyPtr> credited_under_;  // by the index of the check-out; so the next
  std::map<size_t, Worth> worth_;
  int64_t rows_ = 0;
  int64_t entries_ = 0;
};

}  // namespace rollcall::simulator

#endif  // ROLLCALL_TESTS_CRASH_SIMULATOR_ORACLE_H_
