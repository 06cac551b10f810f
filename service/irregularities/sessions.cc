#include "irregularities/sessions.h"

#include <algorithm>

#include "irregularities/sentences.h"

namespace rollcall::irregularities {

Sessions::Late* Sessions::LateOf(const SessionTimes& session, base::Time recorded,
                                 const std::string& recorder) {
  if (known_.insert(session.key).second && recorded > session.ends) {
    late_[session.key] = {session, recorded, recorder, {}, {}, {}, 0};
    late_due_.emplace(recorded + policy_.late_wait, session.key);
  }
  const auto found = late_.find(session.key);
  return found == late_.end() ? nullptr : &found->second;
}

void Sessions::Saw(const Sighting& seen, base::Time happened) {
  if (seen.practice) return;
  Late* late = LateOf(seen.session, seen.recorded, seen.recorder);
  if (!late) return;
  late->people.insert(seen.volunteer_key);
  late->rows.push_back(seen.sequence);
  const bool during = happened >= seen.session.starts - policy_.early &&
                      happened <= seen.session.ends + policy_.late;
  // Before its first row came: what happened since may have been arranged.
  if (seen.machine && !seen.kiosk.empty() && during && happened < late->first_recorded &&
      seen.recorded - happened > policy_.delivered_late) {
    late->live.insert(seen.volunteer_key);
  }
}

void Sessions::Saw(const BackEntry& entry) {
  if (entry.practice) return;
  Late* late = LateOf(entry.session, entry.recorded, entry.proposer);
  if (!late) return;
  late->people.insert(entry.volunteer_key);
  late->rows.push_back(entry.sequence);
}

void Sessions::Take(const Visit& visit) {
  if (visit.practice) return;
  if (const auto late = late_.find(visit.session.key); late != late_.end()) {
    late->second.rows.push_back(visit.credit);
    late->second.minutes += visit.minutes;
  }
  Visits& visits = visits_[visit.session.key];
  if (visits.all++ == 0) {
    visits.decide_at = visit.recorded + policy_.unwitnessed_wait;
    visits_due_.emplace(visits.decide_at, visit.session.key);
  }
  if (!visit.unwitnessed()) return;
  ++visits.unwitnessed;
  visits.minutes += visit.minutes;
  visits.credits.push_back(visit.credit);
  visits.people.insert(visit.volunteer_key);
  ++visits.ends[visit.in.recorder];
  ++visits.ends[visit.out.recorder];
  visits.decide_at = std::max(visits.decide_at, visit.recorded + policy_.unwitnessed_wait);
}

void Sessions::Settle(base::Time now) {
  while (!late_due_.empty() && late_due_.top().first <= now) {
    auto found = late_.extract(late_due_.top().second);
    late_due_.pop();
    if (!found.empty()) DecideLate(std::move(found.mapped()), now);
  }
  while (!visits_due_.empty() && visits_due_.top().first <= now) {
    const domain::SessionKey session = visits_due_.top().second;
    visits_due_.pop();
    const auto found = visits_.find(session);
    if (found == visits_.end()) continue;
    if (found->second.decide_at > now) {  // more came since
      visits_due_.emplace(found->second.decide_at, session);
      continue;
    }
    DecideVisits(session, found->second, now);
    visits_.erase(found);
  }
}

void Sessions::DecideLate(Late late, base::Time now) {
  const auto people = static_cast<int64_t>(late.people.size());
  const auto live = static_cast<int64_t>(late.live.size());
  if (live * 100 >= people * policy_.outbox_percent) return;
  if (people < policy_.late_people) return AddSmall(std::move(late), now);
  Finding finding;
  finding.kind = Kind::kActivityCreatedAfterItsEnd;
  finding.time = now;
  finding.evidence = std::move(late.rows);
  finding.sessions = {late.session.key};
  finding.recorder = late.recorder;
  finding.people = people;
  finding.minutes = late.minutes;
  Normalise(finding);
  finding.sentence = CreatedAfterEndSentence(finding, late.session.ends, late.first_recorded, live);
  sink_(std::move(finding));
}

void Sessions::AddSmall(Late late, base::Time now) {
  std::deque<SmallLate>& small = small_[late.recorder];
  small.push_back({late.first_recorded, late.session.key, static_cast<int64_t>(late.people.size()),
                   late.minutes, std::move(late.rows)});
  while (late.first_recorded - small.front().recorded > policy_.late_sessions_window) {
    small.pop_front();
  }
  if (small.size() < static_cast<size_t>(policy_.late_sessions)) return;
  Finding finding;
  finding.kind = Kind::kActivityCreatedAfterItsEnd;
  finding.time = now;
  finding.recorder = late.recorder;
  for (const SmallLate& one : small) {
    finding.evidence.insert(finding.evidence.end(), one.rows.begin(), one.rows.end());
    finding.sessions.push_back(one.session);
    finding.people += one.people;
    finding.minutes += one.minutes;
  }
  small.clear();
  Normalise(finding);
  finding.sentence = ManyCreatedAfterEndSentence(finding, policy_.late_sessions_window);
  sink_(std::move(finding));
}

int32_t Sessions::EnoughPeople(const Visits& visits) const {
  int64_t most = 0;  // by one recorder
  for (const auto& [recorder, ends] : visits.ends) most = std::max(most, ends);
  const bool shared = most * 100 < 2 * visits.unwitnessed * policy_.one_recorder_percent;
  return shared ? policy_.unwitnessed_people_shared : policy_.unwitnessed_people;
}

void Sessions::DecideVisits(const domain::SessionKey& session, const Visits& visits,
                            base::Time now) {
  const auto people = static_cast<int64_t>(visits.people.size());
  if (people < EnoughPeople(visits)) return;
  if (visits.unwitnessed * 100 < visits.all * policy_.unwitnessed_percent) return;
  const int64_t known =
      std::count_if(visits.people.begin(), visits.people.end(),
                    [this](const base::Uuid& person) { return people_.Known(person); });
  if (known * 100 >= people * policy_.known_percent) return;
  Finding finding;
  finding.kind = Kind::kHoursWithoutKioskEvent;
  finding.time = now;
  finding.evidence = visits.credits;
  finding.sessions = {session};
  finding.people = people;
  finding.minutes = visits.minutes;
  Normalise(finding);
  finding.sentence = WithoutKioskSentence(finding, visits.all, visits.unwitnessed, known);
  sink_(std::move(finding));
}

}  // namespace rollcall::irregularities
