#include "irregularities/practice.h"

#include "irregularities/sentences.h"

namespace rollcall::irregularities {

void Practice::Saw(const Sighting& seen) {
  const Activity activity{seen.session.key.organisation, seen.session.key.activity};
  First& first =
      activities_.try_emplace(activity, First{seen.practice, seen.sequence, false}).first->second;
  if (first.practice == seen.practice || first.raised) return;
  first.raised = true;
  Finding finding;
  finding.kind = Kind::kPracticeInTotal;
  finding.time = seen.recorded;
  finding.evidence = {first.sequence, seen.sequence};
  finding.sessions = {seen.session.key};
  finding.people = 1;
  finding.volunteer_key = seen.volunteer_key;
  finding.recorder = seen.recorder;
  Normalise(finding);
  finding.sentence = PracticeSentence(finding, PracticeFault::kActivityIsBoth);
  sink_(std::move(finding));
}

void Practice::Take(const Visit& visit, bool credit_is_practice) {
  if (credit_is_practice) return;
  PracticeFault fault;
  if (visit.in.practice || visit.out.practice) {
    fault = PracticeFault::kCredited;
  } else if (visit.in.from_files || visit.out.from_files) {
    fault = PracticeFault::kFromFiles;
  } else {
    return;
  }
  Finding finding;
  finding.kind = Kind::kPracticeInTotal;
  finding.time = visit.recorded;
  finding.evidence = {visit.credit};
  for (const End* end : {&visit.in, &visit.out}) {
    if (end->sequence > 0) finding.evidence.push_back(end->sequence);
  }
  finding.sessions = {visit.session.key};
  finding.volunteer_key = visit.volunteer_key;
  finding.recorder = visit.out.recorder;
  finding.people = 1;
  finding.minutes = visit.minutes;
  Normalise(finding);
  finding.sentence = PracticeSentence(finding, fault);
  sink_(std::move(finding));
}

}  // namespace rollcall::irregularities
