// What people do at the doors of a simulated world.
#include <chrono>
#include <map>
#include <string>
#include <utility>

#include "simulator/world.h"

namespace rollcall::simulator {
namespace {

using domain::Action;
using domain::EvidenceClass;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr EvidenceClass kEvidence[] = {
    EvidenceClass::kFace,      EvidenceClass::kFace,    EvidenceClass::kFace,
    EvidenceClass::kPin,       EvidenceClass::kPin,     EvidenceClass::kQr,
    EvidenceClass::kGps,       EvidenceClass::kStaff,   EvidenceClass::kStaff,
    EvidenceClass::kBackEntry, EvidenceClass::kTransfer};

// What a client's program hashes; any content does, as long as other content gives another hash.
base::Sha256Digest PayloadOf(const Ask& ask) {
  return base::Sha256(base::AsBytes(std::to_string(ask.place) + "/" + ask.volunteer.ToString() +
                                    "/" + std::to_string(static_cast<int>(ask.action)) + "/" +
                                    ask.token.ToString() + "/" + ask.event.ToString() + "/" +
                                    std::to_string(base::ToUnixMicros(ask.captured))));
}

}  // namespace

void World::MakePlaces() {
  const int64_t days = dice_.Between(1, 3);
  const int64_t organisations = dice_.Between(1, 2);
  for (int64_t day = 0; day < days; ++day) {
    for (int64_t o = 0; o < organisations; ++o) {
      const int64_t sessions = dice_.Between(1, 2);
      for (int64_t s = 0; s < sessions; ++s) {
        Place place;
        place.organisation = "org-" + std::to_string(o);
        place.activity = "activity-" + std::to_string(dice_.Below(2));
        place.session = "session-" + std::to_string(places_.size());
        const int64_t first_hour = dice_.OneOf({8, 9, 13, 22});  // the last crosses midnight
        place.starts = start_ + hours(24 * day + first_hour) + minutes(dice_.Below(60));
        place.ends = place.starts + minutes(dice_.Between(30, 300));
        place.practice = dice_.PerMille(150);
        if (dice_.PerMille(400)) DeclareBreaks(place);
        places_.push_back(place);
      }
    }
  }
  SumActivities();
  end_ = start_ + hours(24 * days + 12);
  const int64_t people = dice_.Between(3, 10);
  for (int64_t i = 0; i < people; ++i) volunteers_.push_back(dice_.Uuid());
}

// At most two, one after the other.
void World::DeclareBreaks(Place& place) {
  place.breaks.clear();
  base::Time from = place.starts;
  for (int64_t n = dice_.Between(1, 2); n > 0; --n) {
    domain::SessionBreak each;
    each.kind = dice_.PerMille(500) ? domain::BreakKind::kRest : domain::BreakKind::kTravel;
    each.starts = from + minutes(dice_.Below(40));
    each.ends = each.starts + minutes(dice_.Between(1, 40));
    if (each.ends > place.ends) break;
    from = each.ends;
    place.breaks.push_back(each);
  }
}

// As the registry does whenever a session was added or changed.
void World::SumActivities() {
  std::map<std::pair<std::string, std::string>, base::Duration> lengths;
  for (const Place& place : places_) {
    lengths[{place.organisation, place.activity}] += place.ends - place.starts;
  }
  for (Place& place : places_) {
    place.activity_length = lengths[{place.organisation, place.activity}];
  }
}

void World::PlanPeople() {
  for (size_t place = 0; place < places_.size(); ++place) {
    rush_ = dice_.PerMille(400);
    for (size_t volunteer = 0; volunteer < volunteers_.size(); ++volunteer) {
      if (dice_.PerMille(700)) {
        PlanVisit(static_cast<int>(place), static_cast<int>(volunteer));
      }
    }
  }
}

// Comes early or late, may leave and return several times, may forget to check out.
void World::PlanVisit(int place, int volunteer) {
  const Place& where = places_[static_cast<size_t>(place)];
  base::Time time = where.starts + minutes(dice_.Between(-75, 40)) + seconds(dice_.Below(60));
  // Some groups arrive on one bus, and leave by it.
  if (rush_) time = where.starts - minutes(10) + milliseconds(dice_.Below(2000));
  const int64_t pairs = dice_.PerMille(300) ? dice_.Between(2, 5) : 1;
  for (int64_t pair = 0; pair < pairs; ++pair) {
    const bool automatic = dice_.PerMille(500);
    PlanPunch(time, place, volunteer, automatic ? Action::kAuto : Action::kIn);
    if (dice_.PerMille(150)) return;  // forgets to check out
    const int64_t stay = std::chrono::duration_cast<minutes>(where.ends - time).count();
    if (pair + 1 < pairs) {
      time += minutes(dice_.Between(1, std::max<int64_t>(2, stay / pairs)));
    } else {
      time = std::max(time, rush_ ? where.ends : where.ends + minutes(dice_.Between(-30, 260)));
    }
    if (!rush_) time += seconds(dice_.Below(60));
    PlanPunch(time, place, volunteer, automatic ? Action::kAuto : Action::kOut);
    time += minutes(dice_.Between(1, 30));
  }
}

void World::PlanPunch(base::Time time, int place, int volunteer, Action action) {
  moments_.push_back(time);
  schedule_.At(time, [=, this] { return Punch(place, volunteer, action); });
}

base::Time World::KioskNow(const Kiosk& kiosk) const {
  const base::Duration passed = schedule_.now() - start_;
  return schedule_.now() + kiosk.offset + passed * kiosk.drift / 1'000'000;
}

Ask World::MakeAsk(int kiosk, int place, int volunteer, Action action) {
  Ask ask;
  ask.number = ++asks_;
  ask.kiosk = kiosk;
  ask.place = place;
  ask.volunteer = volunteers_[static_cast<size_t>(volunteer)];
  ask.volunteer_number = volunteer;
  ask.request_id = dice_.Uuid();
  ask.captured = KioskNow(kiosks_[static_cast<size_t>(kiosk)]);
  ask.action = action;
  ask.evidence = dice_.OneOf(kEvidence);
  ask.token = dice_.Uuid();
  if (dice_.PerMille(100)) ask.second_token = dice_.Uuid();
  ask.practice = places_[static_cast<size_t>(place)].practice;
  ask.recorder = "door-" + std::to_string(kiosk);
  return ask;
}

// What no honest program does, and what the ledger must refuse.
void World::Misbehave(Ask& ask) {
  if (!tokens_.empty() && dice_.PerMille(40)) {
    const base::Uuid& spent =
        tokens_[static_cast<size_t>(dice_.Below(static_cast<int64_t>(tokens_.size())))];
    (dice_.PerMille(500) ? ask.token : ask.second_token) = spent;
  }
  if (dice_.PerMille(15)) ask.practice = !ask.practice;
  if (dice_.PerMille(15))
    ask.recorder = std::string(static_cast<size_t>(dice_.Between(201, 400)), 'x');
}

absl::Status World::Punch(int place, int volunteer, Action action) {
  const int64_t count = static_cast<int64_t>(kiosks_.size());
  const int64_t first = dice_.Below(count);
  for (int64_t i = 0; i < count; ++i) {
    const int kiosk = static_cast<int>((first + i) % count);
    if (!kiosks_[static_cast<size_t>(kiosk)].on) continue;
    Ask ask = MakeAsk(kiosk, place, volunteer, action);
    Misbehave(ask);
    ask.payload = PayloadOf(ask);
    tokens_.push_back(ask.token);
    if (!ask.second_token.IsNil()) tokens_.push_back(ask.second_token);
    PlanWhatFollows(kiosk, Enter(ask));
    return absl::OkStatus();
  }
  // All kiosks are out of order: she comes back when one is not.
  schedule_.In(minutes(5), [=, this] { return Punch(place, volunteer, action); });
  return absl::OkStatus();
}

void World::PlanWhatFollows(int kiosk, size_t entry) {
  const Ask ask = kiosks_[static_cast<size_t>(kiosk)].outbox[entry].ask;
  if (dice_.PerMille(120)) {
    const base::Duration wait = seconds(dice_.Between(5, dice_.PerMille(300) ? 4000 : 7 * 60));
    schedule_.In(wait, [=, this] { return Undo(kiosk, entry); });
    if (dice_.PerMille(300)) {  // presses the button twice
      schedule_.In(wait + seconds(dice_.Below(60)), [=, this] { return Undo(kiosk, entry); });
    }
  }
  if (dice_.PerMille(50)) {  // she is not sure that it worked, and does it again
    schedule_.In(seconds(dice_.Between(1, 600)),
                 [=, this] { return Punch(ask.place, ask.volunteer_number, ask.action); });
  }
  if (dice_.PerMille(40)) {  // a broken program uses a request id for something else
    schedule_.In(seconds(dice_.Below(4000)), [=, this] {
      Ask other = ask;
      other.number = ++asks_;
      other.action = dice_.PerMille(500) ? Action::kAuto : Action::kOut;
      other.token = dice_.Uuid();
      other.payload = PayloadOf(other);
      Enter(other);
      return absl::OkStatus();
    });
  }
}

absl::Status World::Undo(int kiosk, size_t entry) {
  const Entry& of = kiosks_[static_cast<size_t>(kiosk)].outbox[entry];
  if (!kiosks_[static_cast<size_t>(kiosk)].on) return absl::OkStatus();
  const bool unknown = dice_.PerMille(30);
  if (!of.receipt && !unknown) return absl::OkStatus();  // the kiosk knows nothing to take back
  Ask ask;
  ask.number = ++asks_;
  ask.kiosk = kiosk;
  ask.undo = true;
  ask.place = of.ask.place;
  ask.volunteer = of.ask.volunteer;
  ask.volunteer_number = of.ask.volunteer_number;
  ask.request_id = dice_.Uuid();
  ask.captured = KioskNow(kiosks_[static_cast<size_t>(kiosk)]);
  ask.event = unknown ? dice_.Uuid() : of.receipt->event_id;
  ask.organisation = dice_.PerMille(40) ? "org-" + std::to_string(dice_.Below(3))
                                        : places_[static_cast<size_t>(of.ask.place)].organisation;
  ask.recorder = "door-" + std::to_string(kiosk);
  ask.payload = PayloadOf(ask);
  Enter(ask);
  return absl::OkStatus();
}

}  // namespace rollcall::simulator
