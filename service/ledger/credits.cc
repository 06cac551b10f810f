#include "ledger/credits.h"

#include <algorithm>
#include <utility>

namespace rollcall::ledger {

void Credits::Add(const EntryRow& entry, const VisitPair& pair) {
  const VisitMark& out = *pair.out;
  standing_[entry.entry_id] = {entry, std::max(pair.in.time, out.session_starts),
                               std::min(out.time, out.session_ends)};
}

void Credits::Add(const EntryRow& entry) {
  standing_[entry.entry_id] = {entry, entry.in, entry.out};
}

bool Credits::TakeBack(const base::Uuid& entry_id) { return standing_.erase(entry_id) == 1; }

const EntryRow* Credits::Find(const base::Uuid& entry_id) const {
  const auto found = standing_.find(entry_id);
  return found == standing_.end() ? nullptr : &found->second.entry;
}

const Credits::Credit* Credits::Overlapping(base::Time from, base::Time to, bool practice,
                                            const base::Uuid& except) const {
  for (const auto& [id, credit] : standing_) {
    if (id == except || credit.entry.practice != practice) continue;
    if (std::max(from, credit.from) < std::min(to, credit.to)) return &credit;
  }
  return nullptr;
}

int64_t Credits::AgreedMinutes(bool practice) const {
  int64_t minutes = 0;
  for (const auto& [id, credit] : standing_) {
    if (!credit.entry.proposal.IsNil() && credit.entry.practice == practice) {
      minutes += credit.entry.minutes;
    }
  }
  return minutes;
}

absl::StatusOr<Credits> CreditsOf(const std::vector<Row>& rows) {
  const auto inconsistent = [](std::string_view what) {
    return base::MakeError(absl::StatusCode::kDataLoss, "LEDGER_INCONSISTENT", what);
  };
  std::map<domain::SessionKey, Visits> visits;
  Credits credits;
  for (const Row& row : rows) {
    if (const auto* event = std::get_if<EventRow>(&row)) {
      const auto fault = visits[event->event.session].Add(*event);
      if (!fault.empty()) return inconsistent(fault);
    } else if (const auto* entry = std::get_if<EntryRow>(&row)) {
      if (!entry->reverses.IsNil()) {
        if (!credits.TakeBack(entry->reverses)) return inconsistent("an entry taken back twice");
        continue;
      }
      Visits& own = visits[entry->session];
      if (!entry->closes().IsNil()) {
        const auto fault = own.Close(entry->closes());
        if (!fault.empty()) return inconsistent(fault);
      }
      if (entry->has_times()) {
        credits.Add(*entry);
      } else if (!own.pairs().empty() && own.pairs().back().out) {
        credits.Add(*entry, own.pairs().back());
      } else {
        return inconsistent("an entry without a complete visit");
      }
    }
  }
  return credits;
}

}  // namespace rollcall::ledger
