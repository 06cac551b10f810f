// The kiosks, their outboxes, and the network between them and the server.
#include <algorithm>
#include <chrono>
#include <string>

#include "simulator/world.h"

namespace rollcall::simulator {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// How far a kiosk's clock is off: mostly a little, sometimes by decades.
base::Duration ClockError(Dice& dice) {
  switch (dice.Below(4)) {
    case 0:
      return seconds(dice.Between(-5, 5));
    case 1:
      return minutes(dice.Between(-90, 90));
    case 2:
      return hours(dice.Between(-400, 400));
    default:
      return hours(24 * dice.Between(-18'000, 18'000));
  }
}

const char* NameOf(const Ask& ask) {
  if (ask.staff) {
    constexpr const char* kActs[] = {"proposal", "decision", "tier approval", "dispute", "answer"};
    return kActs[static_cast<int>(ask.staff->what)];
  }
  if (ask.undo) return "undo";
  return ask.action == domain::Action::kIn    ? "in"
         : ask.action == domain::Action::kOut ? "out"
                                              : "auto";
}

}  // namespace

void World::MakeKiosks() {
  kiosks_.resize(static_cast<size_t>(dice_.Between(1, 4)));
  witnesses_.assign(kiosks_.size(), proof::Witness(Server::Key().verifier()));
  for (Kiosk& kiosk : kiosks_) {
    kiosk.window = static_cast<size_t>(dice_.OneOf({1, 1, 4, 64}));
    kiosk.offset = ClockError(dice_);
    kiosk.drift = dice_.Between(-300, 300);
  }
  network_.lost = dice_.OneOf({0, 20, 100, 300});
  network_.doubled = dice_.OneOf({0, 20, 100, 300});
  network_.reordered = dice_.OneOf({0, 20, 100, 300});
  network_.late = dice_.OneOf({0, 0, 5, 20});
}

// The request is in the outbox before anything of it is sent. Returns its entry.
size_t World::Enter(Ask ask) {
  Kiosk& kiosk = kiosks_[static_cast<size_t>(ask.kiosk)];
  ask.entry = static_cast<int>(kiosk.outbox.size());
  ++counts_.requests;
  Say("door " + std::to_string(ask.kiosk) + " keeps request " + std::to_string(ask.number) + ": " +
      NameOf(ask) + " of volunteer " + std::to_string(ask.volunteer_number) + " in session " +
      std::to_string(ask.place));
  kiosk.outbox.push_back({});
  kiosk.outbox.back().ask = std::move(ask);
  Pump(kiosk.outbox.back().ask.kiosk);
  return kiosk.outbox.size() - 1;
}

// Plans tries of the oldest entries that are not settled.
void World::Pump(int number) {
  Kiosk& kiosk = kiosks_[static_cast<size_t>(number)];
  if (!kiosk.on) return;
  while (kiosk.first_open < kiosk.outbox.size() && kiosk.outbox[kiosk.first_open].settled) {
    ++kiosk.first_open;
  }
  size_t under_way = 0;
  for (size_t i = kiosk.first_open; i < kiosk.outbox.size() && under_way < kiosk.window; ++i) {
    Entry& entry = kiosk.outbox[i];
    if (entry.settled) continue;
    ++under_way;
    if (entry.waiting) continue;
    entry.waiting = true;
    schedule_.In(milliseconds(1), [=, this, life = kiosk.life] { return Try(number, i, life); });
  }
}

absl::Status World::Try(int number, size_t index, int life) {
  Kiosk& kiosk = kiosks_[static_cast<size_t>(number)];
  if (life != kiosk.life || !kiosk.on) return absl::OkStatus();
  Entry& entry = kiosk.outbox[index];
  if (entry.settled) return absl::OkStatus();
  Say("door " + std::to_string(number) + " sends request " + std::to_string(entry.ask.number));
  Transit(number, [this, ask = entry.ask] { return ServerGets(ask); });
  // Waits longer each time, up to about ten minutes.
  const int64_t wait = 3000 << std::min(entry.tries++, 8);
  schedule_.In(milliseconds(std::min<int64_t>(wait, 600'000) + dice_.Below(1000)),
               [=, this] { return Try(number, index, life); });
  return absl::OkStatus();
}

// A message on its way between a kiosk and the server: `deliver` happens never, once or twice.
void World::Transit(int number, const Schedule::Event& deliver) {
  const int copies = dice_.PerMille(network_.doubled) ? 2 : 1;
  if (copies == 2) ++counts_.doubled;
  for (int i = 0; i < copies; ++i) {
    ++counts_.sent;
    if (kiosks_[static_cast<size_t>(number)].cut_off || dice_.PerMille(network_.lost)) {
      ++counts_.lost;
      continue;
    }
    base::Duration delay = milliseconds(dice_.Between(1, 60));
    if (dice_.PerMille(network_.reordered)) delay = milliseconds(dice_.Between(60, 20'000));
    if (dice_.PerMille(network_.late)) delay = seconds(dice_.Between(20, 72 * 3600));
    if (delay > seconds(1)) ++counts_.delayed;
    schedule_.In(delay, deliver);
  }
}

absl::Status World::KioskGets(int number, size_t index, const Answer& answer) {
  Kiosk& kiosk = kiosks_[static_cast<size_t>(number)];
  if (!kiosk.on) {
    ++counts_.lost;
    return absl::OkStatus();
  }
  Entry& entry = kiosk.outbox[index];
  Say("door " + std::to_string(number) + " hears of request " + std::to_string(entry.ask.number) +
      ": " + answer.text);
  if (answer.again) return absl::OkStatus();
  if (answer.receipt && entry.receipt) {
    if (answer.receipt->event_id != entry.receipt->event_id ||
        answer.receipt->sequence != entry.receipt->sequence ||
        answer.receipt->record_time != entry.receipt->record_time ||
        answer.receipt->minutes != entry.receipt->minutes) {
      return Violation("another receipt for the same request");
    }
  }
  if (answer.staff && entry.staff &&
      (answer.staff->id != entry.staff->id || answer.staff->sequence != entry.staff->sequence ||
       answer.staff->minutes != entry.staff->minutes)) {
    return Violation("another answer to the same act of staff");
  }
  if (answer.staff) entry.staff = answer.staff;
  if (!entry.settled) {
    entry.settled = true;
    ++(answer.receipt || answer.staff ? counts_.receipts : counts_.refusals);
  }
  if (answer.receipt && !entry.receipt) entry.receipt = answer.receipt;
  Pump(number);
  return absl::OkStatus();
}

void World::PlanKioskTrouble() {
  for (int number = 0; number < static_cast<int>(kiosks_.size()); ++number) {
    Kiosk* kiosk = &kiosks_[static_cast<size_t>(number)];
    for (int64_t n = dice_.Below(3); n > 0; --n) {
      const base::Time begin = SomeMoment();
      schedule_.At(begin, [=, this] {
        Say("door " + std::to_string(number) + " is cut off");
        kiosk->cut_off = true;
        return absl::OkStatus();
      });
      schedule_.At(begin + minutes(dice_.Between(1, 600)), [=, this] {
        Say("door " + std::to_string(number) + " is connected");
        kiosk->cut_off = false;
        return absl::OkStatus();
      });
    }
    if (dice_.PerMille(400)) {
      const base::Time begin = SomeMoment();
      schedule_.At(begin, [=, this] {
        Say("door " + std::to_string(number) + " crashes");
        kiosk->on = false;
        ++kiosk->life;
        return absl::OkStatus();
      });
      schedule_.At(begin + minutes(dice_.Between(1, 60)), [=, this] {
        Say("door " + std::to_string(number) + " starts");
        kiosk->on = true;
        for (Entry& entry : kiosk->outbox) entry.waiting = false;
        Pump(number);
        return absl::OkStatus();
      });
    }
    for (int64_t n = dice_.Below(3); n > 0; --n) {
      schedule_.At(SomeMoment(), [=, this] {
        ++counts_.clock_jumps;
        kiosk->offset = ClockError(dice_);
        Say("door " + std::to_string(number) + "'s clock jumps");
        return absl::OkStatus();
      });
    }
  }
}

bool World::AllSettled() const {
  return std::all_of(kiosks_.begin(), kiosks_.end(), [](const Kiosk& kiosk) {
    return std::all_of(kiosk.outbox.begin(), kiosk.outbox.end(),
                       [](const Entry& entry) { return entry.settled; });
  });
}

}  // namespace rollcall::simulator
