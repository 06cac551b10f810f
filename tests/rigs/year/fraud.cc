#include "fraud.h"

#include <algorithm>
#include <set>

namespace rollcall::year {

void Frauds::Add(Fraud fraud) {
  const bool entered =
      fraud == Fraud::kFakeAfterwards || fraud == Fraud::kSmallFakes || fraud == Fraud::kPractice;
  if (entered && options_.todays_rows_only) return;
  incident_ = static_cast<int32_t>(year_.incidents.size());
  year_.incidents.push_back(fraud);
  switch (fraud) {
    case Fraud::kSoldHours:
      return SoldHours();
    case Fraud::kFakeLive:
      return FakeActivity(false);
    case Fraud::kFakeAfterwards:
      return FakeActivity(true);
    case Fraud::kSmallFakes:
      return SmallFakes();
    case Fraud::kStolenAccount:
      return StolenAccount();
    case Fraud::kTwoPlaces:
      return TwoPlaces();
    case Fraud::kPractice:
      return Practice();
    case Fraud::kMeeting:
      return Meeting();
  }
}

Organisation& Frauds::Any(bool with_sessions_of_many) {
  auto& all = life_.organisations();
  while (true) {
    auto& one = all[static_cast<size_t>(dice_.Between(0, static_cast<int64_t>(all.size()) - 1))];
    if (!with_sessions_of_many || one.kind != Organisation::Kind::kVillage) return one;
  }
}

// A session of honest life that starts between two times; the last one where there is none.
int32_t Frauds::AnySession(const Organisation& organisation, int64_t from, int64_t to) {
  std::vector<int32_t> found;
  for (const int32_t session : organisation.sessions) {
    const SimulatedSession& s = year_.sessions[static_cast<size_t>(session)];
    if (!s.practice && s.starts >= from && s.starts < to) found.push_back(session);
  }
  if (found.empty()) return organisation.sessions.back();
  return found[static_cast<size_t>(dice_.Between(0, static_cast<int64_t>(found.size()) - 1))];
}

int32_t Frauds::Member(const Organisation& organisation) {
  return organisation.members[static_cast<size_t>(
      dice_.Between(0, static_cast<int64_t>(organisation.members.size()) - 1))];
}

void Frauds::Attest(int32_t session, int32_t person, int32_t staff, int64_t in, int64_t out) {
  Punch punch;
  punch.incident = incident_;
  punch.session = session;
  punch.person = person;
  punch.by = staff;
  punch.captured = punch.recorded = in;
  life_.Add(punch);
  punch.what = Punch::What::kOut;
  punch.captured = punch.recorded = out;
  life_.Add(punch);
}

void Frauds::Enter(int32_t session, int32_t person, int32_t staff, int64_t recorded,
                   int64_t proposal) {
  const SimulatedSession& s = year_.sessions[static_cast<size_t>(session)];
  Punch punch;
  punch.what = Punch::What::kEnter;
  punch.incident = incident_;
  punch.session = session;
  punch.person = person;
  punch.by = staff;
  punch.captured = punch.recorded = recorded;
  punch.proposal = proposal;
  punch.from = s.starts;
  punch.to = s.ends;
  life_.Add(punch);
}

// 10 to 80 buyers over some months, each for one to four visits of sessions that really were. One
// buyer in five is a volunteer whom kiosks know.
void Frauds::SoldHours() {
  const Organisation& organisation = Any();
  const auto staff = static_cast<int32_t>(dice_.Between(0, organisation.staff - 1));
  const int64_t from = dice_.Between(0, 150) * kDay;
  const int64_t to = from + dice_.Between(60, 170) * kDay;
  const bool afterwards = !options_.todays_rows_only && dice_.Chance(0.5);
  for (int64_t buyers = dice_.Skewed(10, 80); buyers > 0; --buyers) {
    const int32_t buyer = dice_.Chance(0.2) ? Member(organisation) : life_.NewPerson();
    std::set<int32_t> bought;
    for (int64_t visits = dice_.Between(1, 4); visits > 0; --visits) {
      const int32_t session = AnySession(organisation, from, to);
      if (!bought.insert(session).second) continue;
      const SimulatedSession& s = year_.sessions[static_cast<size_t>(session)];
      if (afterwards) {
        Enter(session, buyer, staff,
              s.ends + dice_.Between(2, 300) * kHour + dice_.Between(0, 3000), life_.NewProposal());
      } else {
        Attest(session, buyer, staff, s.starts + dice_.Between(-10, 20) * kMinute,
               s.ends + dice_.Between(-10, 20) * kMinute);
      }
    }
  }
}

// 50 to 500 people. Up to seven in ten are names of real members, the rest is made up.
void Frauds::FakeActivity(bool afterwards) {
  Organisation& organisation = Any();
  const int64_t starts = dice_.Between(5, 320) * kDay + dice_.Between(8, 15) * kHour;
  const int32_t session =
      life_.NewSession(organisation, starts, dice_.Between(2, 8) * kHour / 2, false);
  organisation.sessions.pop_back();  // no honest person comes
  const SimulatedSession s = year_.sessions[static_cast<size_t>(session)];
  const auto staff = static_cast<int32_t>(dice_.Between(0, organisation.staff - 1));
  const double real = static_cast<double>(dice_.Between(0, 70)) / 100;
  const int64_t people = dice_.Skewed(50, 500);
  const int64_t recorded = s.ends + dice_.Between(5, 240) * kHour;
  const int64_t apart = dice_.Between(3, 15);
  const int64_t list = life_.NewProposal();
  std::set<int32_t> named;
  for (int64_t i = 0; i < people; ++i) {
    int32_t person = dice_.Chance(real) ? Member(organisation) : life_.NewPerson();
    if (!named.insert(person).second) person = life_.NewPerson();
    if (afterwards) {
      Enter(session, person, staff, recorded, list);
    } else {
      Attest(session, person, staff, s.starts - 20 * kMinute + apart * i, s.ends + apart * i);
    }
  }
}

// 4 to 20 activities of 8 to 24 people each, over some months, each entered days later.
void Frauds::SmallFakes() {
  Organisation& organisation = Any();
  const auto staff = static_cast<int32_t>(dice_.Between(0, organisation.staff - 1));
  int64_t day = dice_.Between(5, 200);
  for (int64_t activities = dice_.Skewed(4, 20); activities > 0; --activities) {
    day += dice_.Between(3, 12);
    const int32_t session =
        life_.NewSession(organisation, day * kDay + 9 * kHour, 3 * kHour, false);
    organisation.sessions.pop_back();
    const int64_t recorded = day * kDay + dice_.Between(15, 70) * kHour;
    const int64_t list = life_.NewProposal();
    std::set<int32_t> named;
    for (int64_t people = dice_.Between(8, 24); people > 0; --people) {
      if (const int32_t person = Member(organisation); named.insert(person).second) {
        Enter(session, person, staff, recorded, list);
      }
    }
  }
}

// 40 to 300 people within minutes: checked in and out by a program, or proposals one after the
// other.
void Frauds::StolenAccount() {
  const Organisation& organisation = Any();
  const auto staff = static_cast<int32_t>(dice_.Between(0, organisation.staff - 1));
  const int32_t session = AnySession(organisation, 0, 330 * kDay);
  const SimulatedSession s = year_.sessions[static_cast<size_t>(session)];
  const bool afterwards = !options_.todays_rows_only && dice_.Chance(0.5);
  int64_t when = afterwards ? s.ends + dice_.Between(1, 100) * kHour : s.starts;
  const int64_t apart = dice_.Between(1, 7);
  for (int64_t people = dice_.Skewed(40, 300); people > 0; --people, when += apart) {
    const int32_t person = dice_.Chance(0.3) ? Member(organisation) : life_.NewPerson();
    if (afterwards) {
      const int32_t other = AnySession(organisation, s.starts - 20 * kDay, s.starts + 1);
      Enter(other, person, staff, when, life_.NewProposal());
    } else {
      Attest(session, person, staff, when, when - s.starts + s.ends);
    }
  }
}

// Somebody whom a kiosk sees at one event gets hours of another that overlaps it.
void Frauds::TwoPlaces() {
  for (int tries = 0; tries < 100'000; ++tries) {
    const auto at =
        static_cast<size_t>(dice_.Between(0, static_cast<int64_t>(year_.punches.size()) - 1));
    const Punch seen = year_.punches[at];
    if (seen.what != Punch::What::kIn || !seen.machine || seen.incident >= 0) continue;
    const SimulatedSession first = year_.sessions[static_cast<size_t>(seen.session)];
    Organisation& other = Any();
    if (first.practice || other.number == first.organisation) continue;
    const int32_t session = AnySession(other, first.starts - kHour, first.ends - kHour / 2);
    const SimulatedSession s = year_.sessions[static_cast<size_t>(session)];
    if (s.starts >= first.ends || s.ends <= first.starts) continue;
    const auto staff = static_cast<int32_t>(dice_.Between(0, other.staff - 1));
    if (!options_.todays_rows_only && dice_.Chance(0.5)) {
      return Enter(session, seen.person, staff, s.ends + dice_.Between(5, 100) * kHour,
                   life_.NewProposal());
    }
    return Attest(session, seen.person, staff, s.starts + 5 * kMinute, s.ends);
  }
}

// A visit in practice whose credit says otherwise (Play sees to that).
void Frauds::Practice() {
  Organisation& organisation = Any();
  const int64_t starts = dice_.Between(5, 320) * kDay + 9 * kHour;
  const int32_t session = life_.NewSession(organisation, starts, 2 * kHour, true);
  organisation.sessions.pop_back();
  Punch punch;
  punch.incident = incident_;
  punch.session = session;
  punch.person = Member(organisation);
  punch.machine = true;
  punch.captured = punch.recorded = starts;
  life_.Add(punch);
  punch.what = Punch::What::kOut;
  punch.captured = punch.recorded = starts + 2 * kHour;
  life_.Add(punch);
}

// Eight to thirty people who are there, at the kiosk, doing something that is no service.
void Frauds::Meeting() {
  Organisation& organisation = Any(true);
  const int64_t starts = dice_.Between(5, 320) * kDay + 14 * kHour;
  const int32_t session = life_.NewSession(organisation, starts, 2 * kHour, false);
  organisation.sessions.pop_back();
  for (int64_t i = dice_.Between(8, 30); i > 0; --i) {
    Punch punch;
    punch.incident = incident_;
    punch.session = session;
    punch.person = organisation.members[static_cast<size_t>(i)];
    punch.machine = true;
    punch.captured = punch.recorded = starts + dice_.Between(-5, 5) * kMinute;
    life_.Add(punch);
    punch.what = Punch::What::kOut;
    punch.captured = punch.recorded = starts + 2 * kHour + dice_.Between(0, 5) * kMinute;
    life_.Add(punch);
  }
}

}  // namespace rollcall::year
