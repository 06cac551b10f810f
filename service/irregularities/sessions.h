#ifndef ROLLCALL_IRREGULARITIES_SESSIONS_H_
#define ROLLCALL_IRREGULARITIES_SESSIONS_H_

#include <cstdint>
#include <deque>
#include <map>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "irregularities/facts.h"
#include "irregularities/finding.h"
#include "irregularities/people.h"
#include "irregularities/policy.h"
#include "irregularities/visit_book.h"

namespace rollcall::irregularities {

// What goes by sessions: HOURS_WITHOUT_KIOSK_EVENT and ACTIVITY_CREATED_AFTER_ITS_END. Practice is
// left out. Memory: the sessions of the last weeks with their visits, and of each other session
// that it was there.
class Sessions {
 public:
  // `policy` and `people` must outlive it; `sink` is called from Settle.
  Sessions(const Policy& policy, const People& people, FindingSink sink)
      : policy_(policy), people_(people), sink_(std::move(sink)) {}

  // A row about a session. `happened`: KioskClocks::TimeOf.
  void Saw(const Sighting& seen, base::Time happened);
  void Saw(const BackEntry& entry);
  // A final visit.
  void Take(const Visit& visit);
  // Decides about the sessions that have waited long enough at `now`.
  void Settle(base::Time now);

 private:
  // A session whose first row came after its end.
  struct Late {
    SessionTimes session;
    base::Time first_recorded;
    std::string recorder;  // of the first row
    std::set<base::Uuid> people;
    std::set<base::Uuid> live;  // seen by a kiosk during the session
    std::vector<int64_t> rows;
    int64_t minutes = 0;
  };
  struct Visits {
    int64_t all = 0;
    int64_t unwitnessed = 0;
    int64_t minutes = 0;  // unwitnessed
    std::vector<int64_t> credits;
    std::set<base::Uuid> people;
    std::map<std::string, int64_t> ends;  // unwitnessed; by who recorded them
    base::Time decide_at;
  };
  struct SmallLate {
    base::Time recorded;
    domain::SessionKey session;
    int64_t people = 0;
    int64_t minutes = 0;
    std::vector<int64_t> rows;
  };
  using Due = std::pair<base::Time, domain::SessionKey>;
  using Queue = std::priority_queue<Due, std::vector<Due>, std::greater<>>;

  Late* LateOf(const SessionTimes& session, base::Time recorded, const std::string& recorder);
  void DecideLate(Late late, base::Time now);
  void DecideVisits(const domain::SessionKey& session, const Visits& visits, base::Time now);
  // How many people make a session of such visits worth a look.
  int32_t EnoughPeople(const Visits& visits) const;
  void AddSmall(Late late, base::Time now);

  const Policy& policy_;
  const People& people_;
  const FindingSink sink_;
  std::set<domain::SessionKey> known_;  // had its first row, in time or not
  std::map<domain::SessionKey, Late> late_;
  Queue late_due_;
  std::map<domain::SessionKey, Visits> visits_;
  Queue visits_due_;
  std::map<std::string, std::deque<SmallLate>> small_;  // by recorder
};

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_IRREGULARITIES_SESSIONS_H_
