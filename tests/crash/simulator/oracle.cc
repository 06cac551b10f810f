#include "simulator/oracle.h"

#include <algorithm>

#include "hours/compute.h"

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

// Local days since 1970 where the world is.
int64_t DayOf(base::Time time) {
  constexpr int64_t kEast = 8 * kHour;  // of UTC, as all its policies say
  return (Micros(time) + kEast) / (24 * kHour);
}

// 0 witnessed, 1 attested by staff, 2 entered afterwards.
int Weakness(EvidenceClass evidence) {
  if (evidence == EvidenceClass::kBackEntry || evidence == EvidenceClass::kTransfer) return 2;
  return evidence == EvidenceClass::kStaff ? 1 : 0;
}

}  // namespace

Expected Oracle::Take(const Ask& ask, base::Time now, const Rules& rules) {
  return ask.undo ? TakeUndo(ask, now, rules) : TakeRecord(ask, now, rules);
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

Expected Oracle::TakeRecord(const Ask& ask, base::Time now, const Rules& rules) {
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
    if (ask.action == Action::kAuto && since < rules.visits.auto_checkout_guard.count()) {
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
    int32_t today = 0;
    for (size_t i = 0; i < standing.size(); i += 2) {
      if (Micros(facts_[standing[i]].time) >= DayOf(now) * 24 * kHour - 8 * kHour) ++today;
    }
    if (rules.policy->pairs_per_day > 0 && today >= rules.policy->pairs_per_day) {
      return Refused(Decision::kPairLimit);
    }
  }
  if (out && facts_[standing.back()].practice != ask.practice) return Failed("BAD_EVENT");
  if (ask.recorder.size() > kLongestText) return Failed("BAD_EVENT");

  tokens_.insert(ask.token);
  if (!ask.second_token.IsNil()) tokens_.insert(ask.second_token);
  // The policy comes before the first check-out of its organisation that falls under it.
  if (out && policies_.emplace(place.organisation, rules.policy->hash).second) ++rows_;
  Fact fact;
  fact.kind = out ? EventKind::kCheckOut : EventKind::kCheckIn;
  fact.place = ask.place;
  fact.volunteer = ask.volunteer;
  fact.time = now;
  fact.session_starts = place.starts;
  fact.session_ends = place.ends;
  fact.evidence = ask.evidence;
  fact.practice = ask.practice;
  fact.request_id = ask.request_id;
  fact.payload = ask.payload;
  Expected expected = Refused(out ? Decision::kCheckedOut : Decision::kCheckedIn);
  expected.fact = Add(fact, place.organisation);
  standing.push_back(*expected.fact);
  if (!out) return expected;
  credited_under_[*expected.fact] = rules.policy;
  const Worth worth = Compute(ask.volunteer, ask.practice).at(*expected.fact);
  worth_[*expected.fact] = worth;
  facts_[*expected.fact].minutes = worth.minutes;
  ++rows_;
  ++entries_;
  Adjust(facts_[standing[standing.size() - 2]], now);
  return expected;
}

Expected Oracle::TakeUndo(const Ask& ask, base::Time now, const Rules& rules) {
  if (auto earlier = Earlier(ask.organisation, ask)) return *earlier;
  const auto found = events_.find(ask.event);
  if (found == events_.end() ||
      PlaceOf(facts_[found->second].place).organisation != ask.organisation) {
    return Failed("NO_SUCH_EVENT");
  }
  const Fact back = facts_[found->second];
  auto& standing = standing_[{back.place, back.volunteer}];
  if (standing.empty() || standing.back() != found->second) return Failed("NOTHING_TO_UNDO");
  if (Micros(now) - Micros(back.time) > rules.visits.undo_window.count()) return Failed("UNDO_TOO_LATE");
  Fact fact = back;
  fact.event_id = {};
  fact.kind = EventKind::kReversal;
  fact.time = now;
  fact.request_id = ask.request_id;
  fact.payload = ask.payload;
  fact.reverses = found->second;
  fact.minutes = std::nullopt;
  const size_t undone = found->second;
  const size_t in = back.kind == EventKind::kCheckOut ? standing[standing.size() - 2] : undone;
  if (back.kind == EventKind::kCheckOut) fact.minutes = -worth_.at(undone).minutes;
  standing.pop_back();
  Expected expected = Refused(Decision::kUndone);
  expected.fact = Add(fact, ask.organisation);
  if (fact.minutes) {
    worth_.erase(undone);
    credited_under_.erase(undone);
    ++rows_;
    ++entries_;
  }
  Adjust(facts_[in], back.time);
  return expected;
}

size_t Oracle::Add(Fact fact, const std::string& organisation) {
  fact.sequence = ++rows_;
  requests_[{organisation, fact.request_id}] = facts_.size();
  facts_.push_back(fact);
  return facts_.size() - 1;
}

std::vector<Oracle::Visit> Oracle::VisitsOf(const base::Uuid& volunteer, bool practice) const {
  std::vector<Visit> visits;
  for (const auto& [where, standing] : standing_) {
    if (where.second != volunteer) continue;
    for (size_t i = 0; i < standing.size(); i += 2) {
      if (facts_[standing[i]].practice != practice) continue;
      const bool complete = i + 1 < standing.size();
      visits.push_back({standing[i], complete ? std::optional(standing[i + 1]) : std::nullopt});
    }
  }
  return visits;
}

std::map<size_t, Oracle::Worth> Oracle::Compute(const base::Uuid& volunteer, bool practice) const {
  std::map<base::Uuid, size_t> outs;
  hours::Facts facts;
  for (const Visit& visit : VisitsOf(volunteer, practice)) {
    const Fact& in = facts_[visit.in];
    const Fact& last = facts_[visit.out.value_or(visit.in)];
    hours::Visit& fact = facts.visits.emplace_back();
    // Of two check-ins at one instant the lower id counts first, which the server may have chosen
    // already.
    fact.id = in.event_id;
    if (fact.id.IsNil()) {
      fact.id.bytes.fill(0xff);
      for (size_t i = 0; i < 8; ++i) fact.id.bytes[15 - i] = static_cast<uint8_t>(visit.in >> 8 * i);
    }
    const Place& place = PlaceOf(in.place);
    fact.session = {domain::OrganisationId(place.organisation),
                    domain::ActivityId(place.activity), domain::SessionId(place.session)};
    fact.session_starts = last.session_starts;
    fact.session_ends = last.session_ends;
    fact.activity_length = kActivityLength;
    fact.in = in.time;
    fact.practice = practice;
    if (!visit.out) continue;
    fact.out = last.time;
    outs[fact.id] = *visit.out;
  }
  std::map<base::Sha256Digest, hours::PolicyPtr> policies;
  for (const auto& [id, out] : outs) {
    policies.emplace(credited_under_.at(out)->hash, credited_under_.at(out));
  }
  std::map<size_t, Worth> worth;
  for (const auto& [hash, policy] : policies) {
    const auto result = hours::Compute(*policy, facts);
    ROLLCALL_CHECK(result.ok());
    for (const hours::Line& line : result->lines) {
      const auto out = outs.find(line.visit);
      if (out == outs.end() || credited_under_.at(out->second)->hash != hash) continue;
      worth[out->second].minutes += line.minutes;
      worth[out->second].awaiting += line.awaiting_parent + line.awaiting_province;
    }
  }
  return worth;
}

void Oracle::Adjust(const Fact& changed, base::Time end) {
  int64_t first = std::min(DayOf(changed.time), DayOf(end));
  int64_t last = std::max(DayOf(changed.time), DayOf(end));
  bool joined = false;
  std::set<size_t> near;
  const auto visits = VisitsOf(changed.volunteer, changed.practice);
  for (bool grown = true; grown;) {
    grown = false;
    for (const Visit& visit : visits) {
      const int64_t in = DayOf(facts_[visit.in].time);
      const int64_t out = visit.out ? DayOf(facts_[*visit.out].time) : in;
      const bool touches = std::max(std::min(in, out), first) <= std::min(std::max(in, out), last);
      if (!joined && !touches) continue;
      if (!near.insert(visit.in).second) continue;
      grown = true;
      first = std::min({first, in, out});
      last = std::max({last, in, out});
      if (visit.out) joined = joined || credited_under_.at(*visit.out)->JoinsDays();
    }
  }
  const auto now = Compute(changed.volunteer, changed.practice);
  for (const Visit& visit : visits) {
    if (!visit.out || !near.contains(visit.in) || worth_.at(*visit.out) == now.at(*visit.out)) {
      continue;
    }
    worth_[*visit.out] = now.at(*visit.out);
    rows_ += 2;  // one taken back, one credited
    entries_ += 2;
  }
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
      const int64_t minutes = worth_.at(standing[i + 1]).minutes;
      if (in.practice) {
        sums.practice += minutes;
        continue;
      }
      sums.minutes += minutes;
      const int weakness = std::max(Weakness(in.evidence), Weakness(out.evidence));
      (weakness == 0   ? sums.witnessed
       : weakness == 1 ? sums.attested
                       : sums.afterwards) += minutes;
    }
  }
  return sums;
}

std::map<std::pair<int, base::Uuid>, int64_t> Oracle::Balances() const {
  std::map<std::pair<int, base::Uuid>, int64_t> balances;
  for (const auto& [where, standing] : standing_) {
    int64_t& balance = balances[where];
    for (size_t i = 1; i < standing.size(); i += 2) balance += worth_.at(standing[i]).minutes;
  }
  return balances;
}

const std::vector<size_t>& Oracle::Standing(int place, const base::Uuid& volunteer) const {
  static const std::vector<size_t> nothing;
  const auto found = standing_.find({place, volunteer});
  return found == standing_.end() ? nothing : found->second;
}

}  // namespace rollcall::simulator
