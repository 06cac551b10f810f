#include "life.h"

#include <algorithm>

namespace rollcall::year {
namespace {

using Kind = Organisation::Kind;

// Of the year's days, counted from 1 January, which is a Thursday here.
bool IsExamWeek(int64_t day) { return (day >= 12 && day < 26) || (day >= 166 && day < 180); }
// Pupils who still need hours before the exams.
bool IsRush(int64_t day) { return day < 12 || (day >= 145 && day < 166); }
bool IsSchoolHoliday(int64_t day) { return (day >= 26 && day < 52) || (day >= 185 && day < 243); }

}  // namespace

int32_t Life::NewPerson() {
  people_.emplace_back();
  return year_.people++;
}

int32_t Life::NewSession(Organisation& organisation, int64_t starts, int64_t length,
                         bool practice) {
  const auto session = static_cast<int32_t>(year_.sessions.size());
  year_.sessions.push_back({organisation.number, session, starts, starts + length, practice});
  organisation.sessions.push_back(session);
  return session;
}

void Life::Live() {
  MakeOrganisations();
  for (int64_t day = 0; day < 365; ++day) {
    for (Organisation& organisation : organisations_) Day(organisation, day);
  }
}

// A county: villages, associations, schools and a centre; as many of these as the entries need.
void Life::MakeOrganisations() {
  constexpr int64_t kEntriesOfACounty = 80'000;
  const int64_t counties = 1 + (options_.honest_entries - 1) / kEntriesOfACounty;
  for (int64_t i = 0; i < counties; ++i) {
    for (int n = 0; n < 10; ++n) AddOrganisation(Kind::kVillage);
    for (int n = 0; n < 5; ++n) AddOrganisation(Kind::kAssociation);
    for (int n = 0; n < 3; ++n) AddOrganisation(Kind::kSchool);
    AddOrganisation(Kind::kCentre);
  }
}

void Life::AddOrganisation(Kind kind) {
  Organisation made;
  made.kind = kind;
  made.number = year_.organisations++;
  int64_t members = 60;
  if (kind == Kind::kAssociation) members = 300, made.staff = 3, made.kiosks = 2;
  if (kind == Kind::kSchool) members = 800, made.staff = 8, made.kiosks = 2;
  if (kind == Kind::kCentre) members = 2000, made.staff = 6, made.kiosks = 4;
  while (static_cast<int64_t>(made.members.size()) < members) {
    // One member in eight is of another organisation too.
    if (!organisations_.empty() && dice_.Chance(0.125)) {
      const auto& other = organisations_[static_cast<size_t>(
          dice_.Between(0, static_cast<int64_t>(organisations_.size()) - 1))];
      made.members.push_back(other.members[static_cast<size_t>(
          dice_.Between(0, static_cast<int64_t>(other.members.size()) - 1))]);
      continue;
    }
    const int64_t size = dice_.Chance(0.1) ? dice_.Between(2, 4) : 1;
    const auto family = static_cast<int32_t>(families_.size());
    if (size > 1) families_.emplace_back();
    const bool refuses = dice_.Chance(0.015);
    const int64_t joins = dice_.Chance(0.3) ? dice_.Between(0, 330) * kDay : 0;
    for (int64_t i = 0; i < size; ++i) {
      const int32_t person = NewPerson();
      people_.back() = {refuses, size > 1 ? family : -1, joins, 0};
      if (size > 1) families_.back().push_back(person);
      made.members.push_back(person);
    }
  }
  for (int32_t i = 0; i < made.kiosks; ++i) {
    made.kiosk_error.push_back(dice_.Chance(0.03) ? dice_.Between(-kHour, 2 * kHour)
                                                  : dice_.Between(-3, 3));
  }
  organisations_.push_back(std::move(made));
}

void Life::Day(Organisation& organisation, int64_t day) {
  switch (organisation.kind) {
    case Kind::kVillage:
      if (day % 7 == 2 || day % 7 == 5) Session(organisation, day, dice_.Between(8, 20));
      return;
    case Kind::kAssociation:
      if (day % 7 == 0 || day % 7 == 3 || day % 7 == 5) {
        Session(organisation, day, dice_.Between(20, 60));
      }
      return;
    case Kind::kCentre:
      if (day % 7 == 2 || day % 7 == 3) Session(organisation, day, dice_.Skewed(60, 400));
      return;
    case Kind::kSchool:
      if (IsExamWeek(day) || IsSchoolHoliday(day)) return;
      if (day % 7 == 1 || day % 7 == 4 || IsRush(day)) {
        for (int64_t i = IsRush(day) ? 2 : 1; i > 0; --i) Session(organisation, day, 50);
      }
  }
}

std::vector<int32_t> Life::Choose(const Organisation& organisation, int64_t starts, int64_t people,
                                  bool guests) {
  std::vector<int32_t> chosen;
  if (guests) {  // a company's day out: nobody of them comes again
    for (int64_t i = dice_.Between(25, 60); i > 0; --i) chosen.push_back(NewPerson());
    return chosen;
  }
  const auto members = static_cast<int64_t>(organisation.members.size());
  // A class sits together in the list of its school, and serves four times before the next one
  // does.
  const auto turns = static_cast<int64_t>(organisation.sessions.size()) / 4;
  const int64_t first = turns % std::max<int64_t>(1, members / 50) * 50;
  for (int64_t tries = 0; tries < 3 * people; ++tries) {
    if (static_cast<int64_t>(chosen.size()) >= people) break;
    const int64_t at =
        organisation.kind == Kind::kSchool ? first + tries : dice_.Between(0, members - 1);
    if (organisation.kind == Kind::kSchool && tries >= 50) break;
    const int32_t one = organisation.members[static_cast<size_t>(at)];
    const auto add = [&](int32_t person) {
      Person& p = people_[static_cast<size_t>(person)];
      if (p.joins > starts || p.busy_until > starts) return;
      if (std::find(chosen.begin(), chosen.end(), person) == chosen.end()) chosen.push_back(person);
    };
    add(one);
    const int32_t family = people_[static_cast<size_t>(one)].family;
    if (family >= 0 && organisation.kind != Kind::kSchool) {
      for (const int32_t relative : families_[static_cast<size_t>(family)]) add(relative);
    }
  }
  return chosen;
}

void Life::Session(Organisation& organisation, int64_t day, int64_t people) {
  const bool night = dice_.Chance(0.03);
  const int64_t starts =
      day * kDay + (night ? 20 * kHour : dice_.Between(0, 20) * 30 * kMinute + 7 * kHour);
  const int64_t length = night ? 6 * kHour : dice_.Between(2, 8) * 30 * kMinute;
  const bool practice = dice_.Chance(0.01);
  const bool guests = organisation.kind == Kind::kAssociation && dice_.Chance(0.01);
  const int32_t session = NewSession(organisation, starts, length, practice);
  const std::vector<int32_t> present = Choose(organisation, starts, people, guests);
  Door door;
  door.crowd = organisation.kind == Kind::kSchool;
  door.kiosk_broken = dice_.Chance(0.005);
  const double paper = present.size() < 25 ? 0.004 : 0.00002;
  door.paper_only = !practice && !options_.todays_rows_only && dice_.Chance(paper);
  // A day without a network: the kiosk delivers in the evening, or next morning.
  if (dice_.Chance(0.01)) {
    door.flood_at =
        std::max(starts + length + dice_.Between(1, 14) * kHour, day * kDay + 18 * kHour);
  }
  organisers_evening_ = starts + length + kDay + dice_.Between(0, 4) * kHour;
  if (door.paper_only) return PaperList(organisation, session, present);
  for (const int32_t person : present) Visit(organisation, session, person, door);
}

// One end of a visit: by a kiosk if there is one and she uses it, else by staff.
void Life::Pass(Organisation& organisation, Punch punch, int64_t when, Door& door) {
  const bool staff = door.kiosk_broken || people_[static_cast<size_t>(punch.person)].refuses;
  punch.machine = !staff;
  if (staff) {
    const int64_t on_duty = std::min<int64_t>(organisation.staff, door.crowd ? 2 : 6);
    punch.by = static_cast<int32_t>(dice_.Between(0, on_duty - 1));
    if (door.kiosk_broken) {
      // Everybody goes to whoever is free first and is looked at for 8 to 15 seconds.
      auto& free = punch.what == Punch::What::kOut ? door.free_out : door.free_in;
      auto* const first = std::min_element(free.begin(), free.begin() + on_duty);
      punch.by = static_cast<int32_t>(first - free.begin());
      when = std::max(when, *first);
      *first = when + dice_.Between(8, 15);
    }
    punch.captured = punch.recorded = when;
    return Add(punch);
  }
  punch.by = static_cast<int32_t>(dice_.Between(0, organisation.kiosks - 1));
  punch.captured = when - organisation.kiosk_error[static_cast<size_t>(punch.by)];
  punch.recorded = when;
  // In the order in which they happened, within seconds of each other.
  if (door.flood_at > when) {
    punch.recorded =
        door.flood_at +
        (when - year_.sessions[static_cast<size_t>(punch.session)].starts + kDay) / 100;
  }
  Add(punch);
}

void Life::Visit(Organisation& organisation, int32_t number, int32_t person, Door& door) {
  const SimulatedSession session = year_.sessions[static_cast<size_t>(number)];
  int64_t in = session.starts +
               (door.crowd ? dice_.Between(-120, 60) : dice_.Between(-15 * kMinute, 10 * kMinute));
  int64_t out = session.ends +
                (door.crowd ? dice_.Between(0, 180) : dice_.Between(-5 * kMinute, 15 * kMinute));
  if (dice_.Chance(0.1)) out -= dice_.Between(0, (session.ends - session.starts) / 2);
  // Families arrive in the same minute.
  const int32_t family = people_[static_cast<size_t>(person)].family;
  if (family >= 0) in = session.starts - 5 * kMinute + family % 10 * kMinute + dice_.Between(0, 40);
  Punch punch;
  punch.person = person;
  punch.session = number;
  punch.what = Punch::What::kIn;
  Pass(organisation, punch, in, door);
  if (dice_.Chance(0.002) && door.flood_at == 0) {  // taken back, and again
    punch.what = Punch::What::kUndo;
    Pass(organisation, punch, in + 30, door);
    punch.what = Punch::What::kIn;
    Pass(organisation, punch, in + 60, door);
  }
  if (dice_.Chance(0.05) && out - in > 80 * kMinute) {  // out and in again
    punch.what = Punch::What::kOut;
    Pass(organisation, punch, in + 30 * kMinute, door);
    punch.what = Punch::What::kIn;
    Pass(organisation, punch, in + 60 * kMinute, door);
  }
  ++entries_;
  people_[static_cast<size_t>(person)].busy_until = out;
  if (dice_.Chance(0.03)) return Forgotten(organisation, number, person, in);
  punch.what = Punch::What::kOut;
  if (dice_.Chance(0.005)) {  // staff finds her still on the list
    punch.by = 0;
    punch.machine = false;
    punch.captured = punch.recorded = std::max(out, session.ends) + dice_.Between(1, 25) * kMinute;
    return Add(punch);
  }
  Pass(organisation, punch, out, door);
}

// Most forgotten check-outs are completed by the organiser on the next day, one after the other.
void Life::Forgotten(Organisation& organisation, int32_t number, int32_t person, int64_t from) {
  const SimulatedSession session = year_.sessions[static_cast<size_t>(number)];
  if (options_.todays_rows_only || session.practice || dice_.Chance(0.4)) return;
  organisers_evening_ += dice_.Between(25, 90);
  Punch punch;
  punch.what = Punch::What::kEnter;
  punch.person = person;
  punch.session = number;
  punch.by = static_cast<int32_t>(dice_.Between(0, organisation.staff - 1));
  punch.recorded = punch.captured = organisers_evening_;
  punch.proposal = NewProposal();
  punch.from = from;
  punch.to = session.ends;
  Add(punch);
}

void Life::PaperList(Organisation& organisation, int32_t number,
                     const std::vector<int32_t>& people) {
  const SimulatedSession session = year_.sessions[static_cast<size_t>(number)];
  const int64_t proposal = NewProposal();
  const int64_t when = session.ends + dice_.Between(2, 100) * kHour;
  const auto by = static_cast<int32_t>(dice_.Between(0, organisation.staff - 1));
  for (const int32_t person : people) {
    Punch punch;
    punch.what = Punch::What::kEnter;
    punch.person = person;
    punch.session = number;
    punch.by = by;
    punch.recorded = punch.captured = when;
    punch.proposal = proposal;
    punch.from = session.starts;
    punch.to = session.ends;
    Add(punch);
    people_[static_cast<size_t>(person)].busy_until = session.ends;
  }
}

}  // namespace rollcall::year
