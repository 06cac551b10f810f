#ifndef ROLLCALL_IRREGULARITIES_BURSTS_H_
#define ROLLCALL_IRREGULARITIES_BURSTS_H_

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "irregularities/facts.h"
#include "irregularities/finding.h"
#include "irregularities/policy.h"

namespace rollcall::irregularities {

// MANY_ENTRIES_WITHIN_MINUTES: what one recorder enters faster than a person can. Only what nobody
// but the recorder vouches for counts: a kiosk's rows never do, however many its outbox delivers at
// once. Memory: the rows of the last minutes, and those of bursts that go on.
class Bursts {
 public:
  // `policy` must outlive it; `sink` is called from Saw, Settle and Finish.
  Bursts(const Policy& policy, FindingSink sink) : policy_(policy), sink_(std::move(sink)) {}

  void Saw(const Sighting& seen);
  void Saw(const BackEntry& entry);
  // Ends the bursts to which nothing more can be added at `now`.
  void Settle(base::Time now);
  // Ends all.
  void Finish();

 private:
  struct Entry {
    base::Time recorded;
    int64_t sequence = 0;
    base::Uuid proposal;  // nil: an attestation
    base::Uuid volunteer;
    domain::SessionKey session;
    int64_t minutes = 0;
  };
  struct Recorder {
    std::deque<Entry> recent;
    std::map<base::Uuid, int32_t> proposals;  // among `recent`
    int32_t attestations = 0;                 // among `recent`
    std::vector<Entry> burst;                 // empty: none goes on
  };

  void Add(const std::string& name, Entry entry);
  void DropOld(Recorder& recorder, base::Time now);
  bool TooMany(const Recorder& recorder) const;
  void End(const std::string& name, Recorder& recorder);

  const Policy& policy_;
  const FindingSink sink_;
  std::map<std::string, Recorder> recorders_;
};

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_IRREGULARITIES_BURSTS_H_
