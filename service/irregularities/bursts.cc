#include "irregularities/bursts.h"

#include <iterator>
#include <utility>

#include "irregularities/sentences.h"

namespace rollcall::irregularities {

void Bursts::Saw(const Sighting& seen) {
  if (seen.machine || seen.practice) return;
  Add(seen.recorder, {seen.recorded, seen.sequence, {}, seen.volunteer_key, seen.session.key, 0});
}

void Bursts::Saw(const BackEntry& entry) {
  if (entry.practice) return;
  Add(entry.proposer, {entry.recorded, entry.sequence, entry.proposal, entry.volunteer_key,
                       entry.session.key, entry.minutes});
}

void Bursts::DropOld(Recorder& recorder, base::Time now) {
  while (!recorder.recent.empty() &&
         now - recorder.recent.front().recorded > policy_.burst_window) {
    const Entry& old = recorder.recent.front();
    if (old.proposal.IsNil()) {
      --recorder.attestations;
    } else if (const auto found = recorder.proposals.find(old.proposal); --found->second == 0) {
      recorder.proposals.erase(found);
    }
    recorder.recent.pop_front();
  }
}

bool Bursts::TooMany(const Recorder& recorder) const {
  return recorder.attestations >= policy_.burst_attestations ||
         recorder.proposals.size() >= static_cast<size_t>(policy_.burst_proposals);
}

void Bursts::Add(const std::string& name, Entry entry) {
  Recorder& recorder = recorders_[name];
  DropOld(recorder, entry.recorded);
  if (entry.proposal.IsNil()) {
    ++recorder.attestations;
  } else {
    ++recorder.proposals[entry.proposal];
  }
  recorder.recent.push_back(entry);
  if (!TooMany(recorder)) {
    if (!recorder.burst.empty()) End(name, recorder);
  } else if (recorder.burst.empty()) {
    recorder.burst.assign(recorder.recent.begin(), recorder.recent.end());
  } else {
    recorder.burst.push_back(std::move(entry));
  }
}

void Bursts::Settle(base::Time now) {
  for (auto it = recorders_.begin(); it != recorders_.end();) {
    Recorder& recorder = it->second;
    DropOld(recorder, now);
    if (!recorder.burst.empty() && !TooMany(recorder)) End(it->first, recorder);
    it = recorder.recent.empty() ? recorders_.erase(it) : std::next(it);
  }
}

void Bursts::Finish() {
  for (auto& [name, recorder] : recorders_) {
    if (!recorder.burst.empty()) End(name, recorder);
  }
  recorders_.clear();
}

void Bursts::End(const std::string& name, Recorder& recorder) {
  Finding finding;
  finding.kind = Kind::kManyEntriesWithinMinutes;
  finding.time = recorder.burst.back().recorded;
  finding.recorder = name;
  std::set<base::Uuid> people;
  for (const Entry& entry : recorder.burst) {
    finding.evidence.push_back(entry.sequence);
    finding.sessions.push_back(entry.session);
    finding.minutes += entry.minutes;
    people.insert(entry.volunteer);
  }
  finding.people = static_cast<int64_t>(people.size());
  Normalise(finding);
  finding.sentence =
      BurstSentence(finding, recorder.burst.front().recorded, recorder.burst.back().recorded);
  recorder.burst.clear();
  sink_(std::move(finding));
}

}  // namespace rollcall::irregularities
