#include "irregularities/people.h"

#include <algorithm>

#include "irregularities/sentences.h"

namespace rollcall::irregularities {

void People::Saw(const base::Uuid& volunteer) {
  Person& person = people_[volunteer];
  if (person.seen) return;
  person.seen = true;
  NoStranger(volunteer, person);
}

bool People::Known(const base::Uuid& volunteer) const {
  const auto found = people_.find(volunteer);
  return found != people_.end() && found->second.seen;
}

void People::NoStranger(const base::Uuid& volunteer, Person& person) {
  if (person.stranger) std::erase(recorders_[person.recorder].strangers, volunteer);
  person.stranger = false;
  person.visits = {};
}

void People::Take(const Visit& visit) {
  if (!visit.unwitnessed()) return;
  Person& person = people_[visit.volunteer_key];
  if (person.seen || person.several_recorders) return;
  const bool first = person.visits.empty();
  if (first) person.recorder = visit.out.recorder;
  if (visit.in.recorder != person.recorder || visit.out.recorder != person.recorder) {
    person.several_recorders = true;
    NoStranger(visit.volunteer_key, person);
    return;
  }
  person.visits.push_back({visit.credit, visit.minutes, visit.session.key});
  if (first) waiting_.emplace_back(visit.recorded + policy_.stranger_wait, visit.volunteer_key);
}

void People::Settle(base::Time now) {
  for (; !waiting_.empty() && waiting_.front().first <= now; waiting_.pop_front()) {
    const base::Uuid& volunteer = waiting_.front().second;
    Person& person = people_[volunteer];
    if (person.seen || person.several_recorders) continue;
    person.stranger = true;
    Recorder& recorder = recorders_[person.recorder];
    recorder.strangers.push_back(volunteer);
    Look(person.recorder, recorder, now);
  }
}

// Raises at the policy's number and again whenever the number has doubled.
void People::Look(const std::string& name, Recorder& recorder, base::Time now) {
  const int32_t enough = recorder.raise_at == 0 ? policy_.strangers : recorder.raise_at;
  if (recorder.strangers.size() < static_cast<size_t>(enough)) return;
  std::map<domain::SessionKey, int32_t> sessions;  // of everybody's first visit
  int32_t counted = 0;
  for (const base::Uuid& stranger : recorder.strangers) {
    const int32_t here = ++sessions[people_[stranger].visits.front().session];
    if (here <= policy_.strangers_per_session) ++counted;
  }
  if (counted < enough) return;
  recorder.raise_at = 2 * counted;

  Finding finding;
  finding.kind = Kind::kOrganiserCreditsManyStrangers;
  finding.time = now;
  finding.recorder = name;
  finding.people = static_cast<int64_t>(recorder.strangers.size());
  for (const base::Uuid& stranger : recorder.strangers) {
    for (const Credited& visit : people_[stranger].visits) {
      finding.evidence.push_back(visit.sequence);
      finding.sessions.push_back(visit.session);
      finding.minutes += visit.minutes;
    }
  }
  Normalise(finding);
  finding.sentence = StrangersSentence(finding);
  sink_(std::move(finding));
}

}  // namespace rollcall::irregularities
