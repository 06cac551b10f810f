#include "demo_kit/summary.h"

#include <map>

namespace rollcall::demo_kit {
namespace {

// How the plan and the register agree on one person; adds what does not.
bool IsEnrolled(const PlannedPerson& person, const DemoRecord& record) {
  for (const Registered& registered : record.registered) {
    if (registered.id != person.id) continue;
    return person.role == "pin" ? registered.has_pin && !registered.face_enrolled
                                : registered.face_enrolled;
  }
  return false;
}

bool IsComplete(const HoursVisit& visit) {
  return !visit.out_time.empty() && visit.minutes > 0 && !visit.pending;
}

void CountPeople(const DemoRecord& record, Summary& summary) {
  std::map<std::string, const PersonHours*> hours;
  for (const PersonHours& person : record.hours) hours[person.id] = &person;
  for (const PlannedPerson& person : record.people) {
    if (person.role == "stranger") continue;
    if (IsEnrolled(person, record)) {
      ++summary.enrolled;
    } else {
      summary.problems.push_back(person.id + " was not enrolled");
    }
    const auto found = hours.find(person.id);
    if (found == hours.end() || found->second->visits.empty()) {
      summary.problems.push_back(person.id + " has no check-in in the ledger");
      continue;
    }
    ++summary.checked_in;
    if (IsComplete(found->second->visits.front())) {
      ++summary.checked_out;
    } else {
      summary.problems.push_back(person.id + " has no check-out that counts");
    }
  }
}

void CountStrangers(const DemoRecord& record, Summary& summary) {
  int64_t expected = 0;
  for (const PlannedPerson& person : record.people) {
    if (person.role != "stranger") continue;
    ++expected;
    for (const DoorVisit& visit : record.visits) {
      if (visit.folder != person.strangers) continue;
      if (!visit.receipt && visit.said_unknown) {
        ++summary.strangers_refused;
      } else if (!visit.receipt) {
        summary.problems.push_back(visit.folder + " was answered " + visit.decision +
                                   ", not UNKNOWN");
      }
    }
  }
  if (summary.strangers_refused < expected) {
    summary.problems.push_back(std::to_string(expected - summary.strangers_refused) +
                               " strangers were not refused as unknown");
  }
}

// Receipts that went to somebody else than the person before the camera, and events in the ledger for
// which no visit of that person accounts.
void CountWrongCredits(const DemoRecord& record, Summary& summary) {
  std::map<std::string, int64_t> earned;  // events per person that a visit of her own accounts for
  for (const DoorVisit& visit : record.visits) {
    if (!visit.receipt) continue;
    if (!visit.truth.empty() && visit.volunteer_id == visit.truth) {
      ++earned[visit.truth];
    } else {
      ++summary.wrongly_credited;
      summary.problems.push_back(visit.folder + " was credited to " + visit.volunteer_id);
    }
  }
  for (const PersonHours& person : record.hours) {
    int64_t events = 0;
    for (const HoursVisit& visit : person.visits) events += visit.out_time.empty() ? 1 : 2;
    const int64_t surplus = events - earned[person.id];
    if (surplus <= 0) continue;
    summary.wrongly_credited += surplus;
    summary.problems.push_back(person.id + " has " + std::to_string(surplus) +
                               " events that no visit of hers accounts for");
  }
}

}  // namespace

Summary Summarise(const DemoRecord& record) {
  Summary summary;
  CountPeople(record, summary);
  CountStrangers(record, summary);
  CountWrongCredits(record, summary);
  summary.verified = record.verification.verified;
  if (!summary.verified) {
    summary.problems.push_back("the ledger does not verify: " + record.verification.problem);
  }
  return summary;
}

std::string SummaryLine(const Summary& summary) {
  return "demo: enrolled=" + std::to_string(summary.enrolled) +
         " checked_in=" + std::to_string(summary.checked_in) +
         " checked_out=" + std::to_string(summary.checked_out) +
         " strangers_refused=" + std::to_string(summary.strangers_refused) +
         " wrongly_credited=" + std::to_string(summary.wrongly_credited) +
         " ledger=" + (summary.verified ? "verified" : "FAILED");
}

}  // namespace rollcall::demo_kit
