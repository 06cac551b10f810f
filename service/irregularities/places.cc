#include "irregularities/places.h"

#include <algorithm>

#include "irregularities/sentences.h"

namespace rollcall::irregularities {

bool Places::SamePlace(const Stay& a, const Stay& b) {
  if (a.session.organisation != b.session.organisation) return false;
  if (a.session.activity == b.session.activity) return true;
  for (const End* one : {&a.in, &a.out}) {
    for (const End* other : {&b.in, &b.out}) {
      if (!one->kiosk.empty() && one->kiosk == other->kiosk) return true;
    }
  }
  return false;
}

void Places::Take(const Visit& visit) {
  if (visit.practice) return;
  const Stay stay{visit.session.key, visit.in,      visit.out,
                  visit.credit,      visit.minutes, visit.recorded};
  std::vector<Stay>& others = people_[visit.volunteer_key];
  std::erase_if(others, [&](const Stay& other) {
    return visit.recorded - other.recorded > policy_.overlap_history;
  });
  for (const Stay& other : others) {
    if (SamePlace(stay, other)) continue;
    const base::Duration overlap =
        std::min(stay.out.time, other.out.time) - std::max(stay.in.time, other.in.time);
    const bool by_kiosk_clock = stay.in.by_kiosk_clock || stay.out.by_kiosk_clock ||
                                other.in.by_kiosk_clock || other.out.by_kiosk_clock;
    if (overlap > (by_kiosk_clock ? policy_.overlap_by_kiosk_clock : policy_.overlap)) {
      Raise(other, stay, overlap, visit.volunteer_key, visit.recorded);
    }
  }
  others.push_back(stay);
}

void Places::Forget(base::Time now) {
  std::erase_if(people_, [&](const auto& person) {
    return now - person.second.back().recorded > policy_.overlap_history;
  });
}

void Places::Raise(const Stay& a, const Stay& b, base::Duration overlap,
                   const base::Uuid& volunteer, base::Time now) {
  Finding finding;
  finding.kind = Kind::kPersonInTwoPlaces;
  finding.time = now;
  finding.evidence = {a.credit, b.credit};
  for (const End* end : {&a.in, &a.out, &b.in, &b.out}) {
    if (end->sequence > 0) finding.evidence.push_back(end->sequence);
  }
  finding.sessions = {a.session, b.session};
  finding.volunteer_key = volunteer;
  finding.people = 1;
  finding.minutes = a.minutes + b.minutes;
  Normalise(finding);
  finding.sentence =
      TwoPlacesSentence(a.session, b.session, std::max(a.in.time, b.in.time), overlap);
  sink_(std::move(finding));
}

}  // namespace rollcall::irregularities
