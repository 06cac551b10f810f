#ifndef ROLLCALL_TESTS_UNIT_IRREGULARITIES_MADE_UP_H_
#define ROLLCALL_TESTS_UNIT_IRREGULARITIES_MADE_UP_H_

#include <chrono>
#include <string>
#include <vector>

#include "irregularities/detector.h"

namespace rollcall::irregularities {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// 8 a.m. of day 0.
inline const base::Time kStart = base::FromUnixMicros(1'767'254'400'000'000);

inline base::Uuid Id(int64_t number, uint8_t kind = 1) {
  base::Uuid uuid;
  uuid.bytes[0] = kind;
  for (size_t i = 0; i < 8; ++i) uuid.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  return uuid;
}

inline base::Uuid Person(int number) { return Id(number, 9); }

// `day`, eight to twelve o'clock.
inline SessionTimes SessionOn(int day, const std::string& activity = "tea",
                              const std::string& organisation = "org") {
  return {{domain::OrganisationId(organisation), domain::ActivityId(activity),
           domain::SessionId("day-" + std::to_string(day))},
          kStart + days(day),
          kStart + days(day) + hours(4)};
}

// Who took a sighting, and when it came.
struct By {
  std::string recorder;
  bool machine = false;
  base::Duration late{0};    // from capture to record
  base::Duration behind{0};  // error of the kiosk's clock
};
inline By Kiosk(const std::string& id = "door") { return {id, true}; }
inline By Staff(const std::string& id = "olga") { return {id, false}; }

// A ledger of facts, read by a detector as it grows.
class World {
 public:
  explicit World(const Policy& policy = *DefaultPolicy())
      : detector(policy, [this](Finding finding) { findings.push_back(std::move(finding)); }) {}

  // Returns the sequence number.
  int64_t See(Direction direction, int person, const SessionTimes& session, base::Time at,
              const By& by, bool practice = false) {
    Sighting seen;
    seen.sequence = ++sequence;
    seen.event = Id(sequence);
    seen.direction = direction;
    seen.session = session;
    seen.volunteer_key = Person(person);
    seen.captured = at - by.behind;
    seen.recorded = at + by.late;
    seen.machine = by.machine;
    if (by.machine) seen.kiosk = domain::KioskId(by.recorder);
    seen.recorder = by.recorder;
    seen.practice = practice;
    detector.Take(seen);
    return sequence;
  }

  // In, out and the credit; returns its sequence number.
  int64_t Visit(int person, const SessionTimes& session, base::Time in, base::Time out,
                const By& in_by, const By& out_by) {
    const int64_t first = See(Direction::kIn, person, session, in, in_by);
    const int64_t second = See(Direction::kOut, person, session, out, out_by);
    return Credit(person, session, first, second, out + out_by.late, out - in);
  }

  int64_t Credit(int person, const SessionTimes& session, int64_t in, int64_t out,
                 base::Time recorded, base::Duration length, bool practice = false) {
    irregularities::Credit credit;
    credit.sequence = ++sequence;
    credit.session = session.key;
    credit.volunteer_key = Person(person);
    credit.recorded = recorded;
    credit.in_event = Id(in);
    credit.out_event = Id(out);
    credit.minutes = std::chrono::duration_cast<minutes>(length).count();
    credit.practice = practice;
    detector.Take(credit);
    return sequence;
  }

  // Many at once: everybody in, then everybody out, `apart` from each other.
  void Crowd(int first, int last, const SessionTimes& session, const By& by,
             base::Duration apart = seconds(10)) {
    std::vector<int64_t> in;
    for (int i = first; i <= last; ++i) {
      in.push_back(See(Direction::kIn, i, session, session.starts + apart * (i - first), by));
    }
    for (int i = first; i <= last; ++i) {
      const base::Time at = session.ends + apart * (i - first);
      const int64_t out = See(Direction::kOut, i, session, at, by);
      Credit(i, session, in[static_cast<size_t>(i - first)], out, at + by.late, hours(4));
    }
  }

  int64_t Enter(int person, const SessionTimes& session, base::Time recorded, int64_t proposal,
                const std::string& proposer = "olga", int64_t in_event = 0) {
    BackEntry entry;
    entry.sequence = ++sequence;
    entry.proposal = Id(proposal, 2);
    entry.session = session;
    entry.volunteer_key = Person(person);
    if (in_event > 0) entry.in_event = Id(in_event);
    entry.from = session.starts;
    entry.to = session.ends;
    entry.recorded = recorded;
    entry.minutes = 240;
    entry.proposer = proposer;
    entry.approver = "anna";
    detector.Take(entry);
    return sequence;
  }

  void TakeBack(int person, const SessionTimes& session, int64_t event, base::Time at) {
    detector.Take(Withdrawal{++sequence, Id(event), session, Person(person), at});
  }

  const std::vector<Finding>& FinishOn(int day) {
    detector.Finish(kStart + days(day));
    return findings;
  }

  int64_t sequence = 0;
  std::vector<Finding> findings;
  Detector detector;
};

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_TESTS_UNIT_IRREGULARITIES_MADE_UP_H_
