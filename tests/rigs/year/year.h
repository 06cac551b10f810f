#ifndef ROLLCALL_TESTS_RIGS_YEAR_YEAR_H_
#define ROLLCALL_TESTS_RIGS_YEAR_YEAR_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "irregularities/facts.h"
#include "irregularities/finding.h"
#include "ledger/row.h"

// A made-up year of volunteering as rows of a ledger: honest life with what makes it look odd, and
// fraud with labels. Everything follows from one seed.
namespace rollcall::year {

// What an incident of fraud is. Numbers are of no meaning.
enum class Fraud {
  kSoldHours,       // one member of staff enters hours for people who pay and never come
  kFakeLive,        // an activity that never was, attested by staff while it "lasts"
  kFakeAfterwards,  // the same, entered as lists days later
  kSmallFakes,      // one recorder enters a small activity that never was, again and again
  kStolenAccount,   // somebody with a password enters as much as she can in a few minutes
  kTwoPlaces,       // hours at one event for somebody who is at another
  kPractice,        // practice rows credited as real hours, by a hand in the file
  kMeeting,         // a staff meeting logged as service
};
constexpr int kFrauds = 8;
std::string_view Name(Fraud fraud);

// The kind that is meant to find it; nothing: none can.
std::optional<irregularities::Kind> MeantFor(Fraud fraud);

struct Options {
  uint64_t seed = 1;
  int64_t honest_entries = 200'000;  // about so many
  int32_t incidents = 20;            // of each fraud
  // Only rows that today's ledger can hold: no hours entered afterwards, no hand in the file.
  bool todays_rows_only = false;
};

// What one person did, at one time. Times in seconds since the year's first midnight (UTC).
struct Punch {
  enum class What : int8_t { kIn, kOut, kUndo, kEnter };
  What what = What::kIn;
  bool machine = false;
  int32_t person = 0;
  int32_t session = 0;
  int32_t by = 0;         // kiosk, or member of staff, of the session's organisation
  int32_t incident = -1;  // -1: honest
  int64_t captured = 0;   // by the kiosk's clock
  int64_t recorded = 0;
  int64_t proposal = 0;  // kEnter: one number for each list
  int64_t from = 0;      // kEnter: served from ...
  int64_t to = 0;        // ... to
};

struct SimulatedSession {
  int32_t organisation = 0;
  int32_t activity = 0;
  int64_t starts = 0;
  int64_t ends = 0;
  bool practice = false;
};

struct Year {
  std::vector<SimulatedSession> sessions;
  std::vector<Punch> punches;    // by `recorded`
  std::vector<Fraud> incidents;  // what each number is
  int32_t people = 0;
  int32_t organisations = 0;
};

Year MakeYear(const Options& options);

// One row in the order of the ledger: a ledger row, or hours entered afterwards, for which the
// ledger has no row yet.
struct Line {
  int64_t sequence = 0;
  std::optional<ledger::Row> row;
  std::optional<irregularities::BackEntry> entered;
  int32_t incident = -1;
  // With a row that credits: the sequence numbers of the two events; 0: there is none.
  int64_t in = 0;
  int64_t out = 0;
  bool credits = false;
};

// Plays the year. Punches that fit nothing (a check-out without a check-in) come to nothing, as
// they would at the door.
void Play(const Year& year, const std::function<void(const Line&)>& take);

// The instant of a time of Punch.
base::Time At(int64_t seconds);

}  // namespace rollcall::year

#endif  // ROLLCALL_TESTS_RIGS_YEAR_YEAR_H_
