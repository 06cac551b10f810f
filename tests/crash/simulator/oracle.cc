#include "simulator/oracle.h"

#include <algorithm>

namespace rollcall::simulator {
namespace {

using domain::Action;
using domain::Decision;
using domain::EventKind;
using domain::EvidenceClass;

constexpr int64_t kMinute = 60'000'000;  // microseconds
constexpr int64_t kHour = 60 * kMinute;
constexpr size_t kLongestText = 200;

int64_t Micros(base::Time time) { return time.time_since_epoch().count(); }

Expected Refused(Decision decision) {
  Expected expected;
  expected.decision = decision;
  return expected;
}
Expected Failed(const char* reason) {
  Expected expected;
  expected.error = reason;
  return expected;
}

// Whole minutes between two moments, of which only what lies within the session counts where the
// policy says so.
int64_t Whole(int64_t in, int64_t out, const Place& place, const domain::HoursPolicy& policy) {
  if (policy.clip_to_session && in < Micros(place.starts)) in = Micros(place.starts);
  if (policy.clip_to_session && out > Micros(place.ends)) out = Micros(place.ends);
  return out > in ? (out - in) / kMinute : 0;
}

// 0 witnessed, 1 attested by staff, 2 entered afterwards.
int Weakness(EvidenceClass evidence) {
  if (evidence == EvidenceClass::kBackEntry || evidence == EvidenceClass::kTransfer) return 2;
  return evidence == EvidenceClass::kStaff ? 1 : 0;
}

}  // namespace

Expected Oracle::Take(const Ask& ask, base::Time now, const domain::HoursPolicy& policy) {
  return ask.undo ? TakeUndo(ask, now, policy) : TakeRecord(ask, now, policy);
}

std::optional<Expected> Oracle::Earlier(const std::string& organisation, const Ask& ask) const {
  const auto found = FindRequest(organisation, ask.request_id);
  if (!found) return std::nullopt;
  const Fact& fact = facts_[*found];
  if (fact.payload != ask.payload) return Failed("REQUEST_ID_REUSED");
  Expected expected;
  expected.decision = fact.kind == EventKind::kCheckIn    ? Decision::kCheckedIn
                      : fact.kind == EventKind::kCheckOut ? Decision::kCheckedOut
                                                          : Decision::kUndone;
  expected.fact = *found;
  expected.replayed = true;
  return expected;
}

Expected Oracle::TakeRecord(const Ask& ask, base::Time now, const domain::HoursPolicy& policy) {
  const Place& place = PlaceOf(ask.place);
  if (auto earlier = Earlier(place.organisation, ask)) return *earlier;
  if (tokens_.contains(ask.token) ||
      (!ask.second_token.IsNil() && tokens_.contains(ask.second_token))) {
    return Failed("TOKEN_USED");
  }
  auto& standing = standing_[{ask.place, ask.volunteer}];
  const bool is_in = standing.size() % 2 == 1;
  const int64_t at = Micros(now);
  const bool out = ask.action == Action::kOut || (ask.action == Action::kAuto && is_in);
  if (out) {
    if (!is_in) return Refused(Decision::kNotCheckedIn);
    const int64_t since = at - Micros(facts_[standing.back()].time);
    if (ask.action == Action::kAuto && since < policy.auto_checkout_guard.count()) {
      return Refused(Decision::kTooSoon);
    }
    if (at < Micros(place.starts) - kHour || at > Micros(place.ends) + 4 * kHour) {
      return Refused(Decision::kOutsideSessionTime);
    }
  } else {
    if (is_in) return Refused(Decision::kAlreadyCheckedIn);
    if (at < Micros(place.starts) - kHour || at >= Micros(place.ends)) {
      return Refused(Decision::kOutsideSessionTime);
    }
    if (static_cast<int64_t>(standing.size()) / 2 >= policy.max_pairs_per_session) {
      return Refused(Decision::kPairLimit);
    }
  }
  if (out && facts_[standing.back()].practice != ask.practice) return Failed("BAD_EVENT");
  if (ask.recorder.size() > kLongestText) return Failed("BAD_EVENT");

  tokens_.insert(ask.token);
  if (!ask.second_token.IsNil()) tokens_.insert(ask.second_token);
  // The policy comes before the first check-out of its organisation that falls under it.
  if (out && policies_.emplace(place.organisation, policy.Hash()).second) ++rows_;
  Fact fact;
  fact.kind = out ? EventKind::kCheckOut : EventKind::kCheckIn;
  fact.place = ask.place;
  fact.volunteer = ask.volunteer;
  fact.time = now;
  fact.session_ends = place.ends;
  fact.evidence = ask.evidence;
  fact.practice = ask.practice;
  fact.request_id = ask.request_id;
  fact.payload = ask.payload;
  if (out) fact.minutes = Whole(Micros(facts_[standing.back()].time), at, place, policy);
  Expected expected = Refused(out ? Decision::kCheckedOut : Decision::kCheckedIn);
  expected.fact = Add(fact, place.organisation);
  standing.push_back(*expected.fact);
  return expected;
}

Expected Oracle::TakeUndo(const Ask& ask, base::Time now, const domain::HoursPolicy& policy) {
  if (auto earlier = Earlier(ask.organisation, ask)) return *earlier;
  const auto found = events_.find(ask.event);
  if (found == events_.end() ||
      PlaceOf(facts_[found->second].place).organisation != ask.organisation) {
    return Failed("NO_SUCH_EVENT");
  }
  const Fact back = facts_[found->second];
  auto& standing = standing_[{back.place, back.volunteer}];
  if (standing.empty() || standing.back() != found->second) return Failed("NOTHING_TO_UNDO");
  if (Micros(now) - Micros(back.time) > policy.undo_window.count()) return Failed("UNDO_TOO_LATE");
  Fact fact = back;
  fact.event_id = {};
  fact.kind = EventKind::kReversal;
  fact.time = now;
  fact.request_id = ask.request_id;
  fact.payload = ask.payload;
  fact.reverses = found->second;
  fact.minutes = std::nullopt;
  if (back.minutes) fact.minutes = -*back.minutes;
  standing.pop_back();
  Expected expected = Refused(Decision::kUndone);
  expected.fact = Add(fact, ask.organisation);
  return expected;
}

size_t Oracle::Add(Fact fact, const std::string& organisation) {
  fact.sequence = ++rows_;
  if (fact.minutes) {
    ++rows_;
    ++entries_;
  }
  requests_[{organisation, fact.request_id}] = facts_.size();
  facts_.push_back(fact);
  return facts_.size() - 1;
}

bool Oracle::Name(size_t fact, const base::Uuid& event_id) {
  if (event_id.IsNil() || !events_.emplace(event_id, fact).second) return false;
  facts_[fact].event_id = event_id;
  return true;
}

std::optional<size_t> Oracle::FindRequest(const std::string& organisation,
                                          const base::Uuid& request_id) const {
  const auto found = requests_.find({organisation, request_id});
  return found == requests_.end() ? std::nullopt : std::optional(found->second);
}

std::set<base::Uuid> Oracle::VolunteersOf(const std::string& organisation) const {
  std::set<base::Uuid> volunteers;
  for (const Fact& fact : facts_) {
    if (PlaceOf(fact.place).organisation == organisation) volunteers.insert(fact.volunteer);
  }
  return volunteers;
}

Sums Oracle::SumsOf(const std::string& organisation, const base::Uuid& volunteer, base::Time now,
                    base::Duration pending_after) const {
  Sums sums;
  for (const auto& [where, standing] : standing_) {
    if (where.second != volunteer || PlaceOf(where.first).organisation != organisation) continue;
    for (size_t i = 0; i < standing.size(); i += 2) {
      const Fact& in = facts_[standing[i]];
      if (i + 1 == standing.size()) {
        if (in.practice) continue;
        ++(now - in.session_ends > pending_after ? sums.pending : sums.open);
        continue;
      }
      const Fact& out = facts_[standing[i + 1]];
      if (in.practice) {
        sums.practice += *out.minutes;
        continue;
      }
      sums.minutes += *out.minutes;
      const int weakness = std::max(Weakness(in.evidence), Weakness(out.evidence));
      (weakness == 0   ? sums.witnessed
       : weakness == 1 ? sums.attested
                       : sums.afterwards) += *out.minutes;
    }
  }
  return sums;
}

std::map<std::pair<int, base::Uuid>, int64_t> Oracle::Balances() const {
  std::map<std::pair<int, base::Uuid>, int64_t> balances;
  for (const auto& [where, standing] : standing_) {
    int64_t& balance = balances[where];
    for (size_t i = 1; i < standing.size(); i += 2) balance += *facts_[standing[i]].minutes;
  }
  return balances;
}

const std::vector<size_t>& Oracle::Standing(int place, const base::Uuid& volunteer) const {
  static const std::vector<size_t> nothing;
  const auto found = standing_.find({place, volunteer});
  return found == standing_.end() ? nothing : found->second;
}

}  // namespace rollcall::simulator
