#include "irregularities/detector.h"

#include <algorithm>
#include <variant>

namespace rollcall::irregularities {
namespace {

// How often what has waited is looked at, in record time.
constexpr base::Duration kSettleEvery = std::chrono::minutes(10);
constexpr base::Duration kForgetEvery = std::chrono::days(1);

bool SameDay(base::Time a, base::Time b) {
  return a.time_since_epoch() / kForgetEvery == b.time_since_epoch() / kForgetEvery;
}

}  // namespace

Detector::Detector(const Policy& policy, FindingSink sink)
    : policy_(policy),
      visits_(policy_, clocks_),
      people_(policy_, sink),
      sessions_(policy_, people_, sink),
      places_(policy_, sink),
      bursts_(policy_, sink),
      practice_(sink) {}

void Detector::Take(const Fact& fact) {
  std::visit(
      [this](const auto& one) {
        Advance(one.recorded);
        TakeOne(one);
      },
      fact);
}

void Detector::Advance(base::Time now) {
  now_ = now_ ? std::max(*now_, now) : now;
  visits_.Release(*now_, [this](const Visit& visit) { TakeVisit(visit); });
  if (settled_ && *now_ - *settled_ < kSettleEvery) return;
  bursts_.Settle(*now_);
  people_.Settle(*now_);
  sessions_.Settle(*now_);
  if (settled_ && !SameDay(*settled_, *now_)) places_.Forget(*now_);
  settled_ = now_;
}

void Detector::TakeOne(const Sighting& seen) {
  clocks_.Take(seen);
  bool by_kiosk_clock = false;
  const base::Time happened = clocks_.TimeOf(seen, policy_.delivered_late, &by_kiosk_clock);
  if (seen.machine && !seen.practice) people_.Saw(seen.volunteer_key);
  practice_.Saw(seen);
  sessions_.Saw(seen, happened);
  bursts_.Saw(seen);
  visits_.Take(seen);
}

void Detector::TakeOne(const Withdrawal& withdrawal) { visits_.Take(withdrawal); }

void Detector::TakeOne(const Credit& credit) {
  if (const Visit* visit = visits_.Take(credit)) practice_.Take(*visit, credit.practice);
}

void Detector::TakeOne(const BackEntry& entry) {
  sessions_.Saw(entry);
  bursts_.Saw(entry);
  practice_.Take(*visits_.Take(entry), entry.practice);
}

void Detector::TakeVisit(const Visit& visit) {
  if (!visit.practice) people_.Take(visit);
  sessions_.Take(visit);
  places_.Take(visit);
}

void Detector::Finish(base::Time now) {
  now_ = now_ ? std::max(*now_, now) : now;
  visits_.ReleaseAll([this](const Visit& visit) { TakeVisit(visit); });
  bursts_.Finish();
  people_.Settle(*now_);
  sessions_.Settle(*now_);
}

}  // namespace rollcall::irregularities
