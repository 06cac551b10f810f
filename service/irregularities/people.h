#ifndef ROLLCALL_IRREGULARITIES_PEOPLE_H_
#define ROLLCALL_IRREGULARITIES_PEOPLE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "irregularities/finding.h"
#include "irregularities/policy.h"
#include "irregularities/visit_book.h"

namespace rollcall::irregularities {

// Who was ever seen by a machine, and ORGANISER_CREDITS_MANY_STRANGERS, which follows from it.
// Memory: one entry for each person; for those whom no machine has seen, each of their visits.
class People {
 public:
  // `policy` must outlive it; `sink` is called from Take and Settle.
  People(const Policy& policy, FindingSink sink) : policy_(policy), sink_(std::move(sink)) {}

  // A machine saw this person. Never undone: it was she who stood there, whatever was taken back.
  void Saw(const base::Uuid& volunteer);
  bool Known(const base::Uuid& volunteer) const;

  // A final visit outside practice.
  void Take(const Visit& visit);
  // Whoever has waited long enough at `now` counts as a stranger.
  void Settle(base::Time now);

 private:
  struct Credited {
    int64_t sequence = 0;
    int64_t minutes = 0;
    domain::SessionKey session;
  };
  struct Person {
    bool seen = false;
    bool several_recorders = false;
    bool stranger = false;  // counted in its recorder's list
    std::string recorder;
    std::vector<Credited> visits;  // unwitnessed; emptied once they say nothing more
  };
  struct Recorder {
    std::vector<base::Uuid> strangers;
    int32_t raise_at = 0;  // 0: not raised yet
  };

  void NoStranger(const base::Uuid& volunteer, Person& person);
  void Look(const std::string& name, Recorder& recorder, base::Time now);

  const Policy& policy_;
  const FindingSink sink_;
  std::unordered_map<base::Uuid, Person, base::UuidHash> people_;
  std::map<std::string, Recorder> recorders_;
  std::deque<std::pair<base::Time, base::Uuid>> waiting_;
};

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_IRREGULARITIES_PEOPLE_H_
