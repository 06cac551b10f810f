#include "irregularities/visit_book.h"

#include <cstring>

namespace rollcall::irregularities {
namespace {

// What stands for the check-out of hours that were entered afterwards, which have no such event.
base::Uuid OutOf(const BackEntry& entry) {
  base::Uuid id;
  const int64_t sequence = entry.sequence;
  std::memcpy(id.bytes.data() + 8, &sequence, sizeof(sequence));
  return id;
}

}  // namespace

End VisitBook::MakeEnd(const Sighting& seen) const {
  End end;
  end.sequence = seen.sequence;
  end.event = seen.event;
  end.time = clocks_.TimeOf(seen, policy_.delivered_late, &end.by_kiosk_clock);
  end.machine = seen.machine;
  end.from_files = seen.from_files;
  end.practice = seen.practice;
  end.kiosk = seen.kiosk;
  end.recorder = seen.recorder;
  return end;
}

void VisitBook::Take(const Sighting& seen) {
  const Key key{seen.session.key, seen.volunteer_key};
  if (seen.direction == Direction::kIn) {
    Visit visit;
    visit.session = seen.session;
    visit.volunteer_key = seen.volunteer_key;
    visit.in = MakeEnd(seen);
    visit.practice = seen.practice;
    open_.insert_or_assign(key, std::move(visit));
    return;
  }
  auto found = open_.extract(key);
  if (found.empty()) return;
  Visit visit = std::move(found.mapped());
  visit.session = seen.session;
  visit.out = MakeEnd(seen);
  visit.recorded = seen.recorded;
  complete_.insert_or_assign(seen.event, std::move(visit));
}

void VisitBook::Take(const Withdrawal& withdrawal) {
  const Key key{withdrawal.session.key, withdrawal.volunteer_key};
  if (auto found = complete_.extract(withdrawal.event); !found.empty()) {
    open_.insert_or_assign(key, std::move(found.mapped()));
    return;
  }
  const auto open = open_.find(key);
  if (open != open_.end() && open->second.in.event == withdrawal.event) open_.erase(open);
}

const Visit* VisitBook::Take(const Credit& credit) {
  if (credit.takes_back) return nullptr;
  const auto found = complete_.find(credit.out_event);
  if (found == complete_.end()) return nullptr;
  Visit& visit = found->second;
  visit.credit = credit.sequence;
  visit.minutes = credit.minutes;
  waiting_.emplace_back(credit.recorded + policy_.visit_final_after, credit.out_event);
  return &visit;
}

const Visit* VisitBook::Take(const BackEntry& entry) {
  Visit visit;
  visit.in.time = entry.from;
  visit.in.recorder = entry.proposer;
  visit.in.practice = entry.practice;
  if (!entry.in_event.IsNil()) {
    const auto open = open_.find({entry.session.key, entry.volunteer_key});
    if (open != open_.end() && open->second.in.event == entry.in_event) {
      visit.in = std::move(open->second.in);
      open_.erase(open);
    }
  }
  visit.session = entry.session;
  visit.volunteer_key = entry.volunteer_key;
  visit.out.sequence = entry.sequence;
  visit.out.event = OutOf(entry);
  visit.out.time = entry.to;
  visit.out.practice = entry.practice;
  visit.out.recorder = entry.proposer;
  visit.credit = entry.sequence;
  visit.recorded = entry.recorded;
  visit.minutes = entry.minutes;
  visit.practice = entry.practice;
  visit.entered_afterwards = true;
  waiting_.emplace_back(entry.recorded + policy_.visit_final_after, visit.out.event);
  return &(complete_[visit.out.event] = std::move(visit));
}

void VisitBook::HandOut(const Waiting& waiting, const VisitSink& sink) {
  // Not there: taken back since.
  if (auto found = complete_.extract(waiting.second); !found.empty()) sink(found.mapped());
}

void VisitBook::Release(base::Time now, const VisitSink& sink) {
  while (!waiting_.empty() && waiting_.front().first <= now) {
    HandOut(waiting_.front(), sink);
    waiting_.pop_front();
  }
}

void VisitBook::ReleaseAll(const VisitSink& sink) {
  for (const Waiting& waiting : waiting_) HandOut(waiting, sink);
  waiting_.clear();
}

}  // namespace rollcall::irregularities
