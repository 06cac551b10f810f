#include "simulator/oracle.h"

#include <algorithm>

#include "simulator/format_fields.h"

namespace rollcall::simulator {
namespace {

using domain::Action;
using domain::Decision;
using domain::EventKind;

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

// When the day began, where the world is.
int64_t StartOfDay(base::Time time) {
  constexpr int64_t kEast = 8 * kHour;  // of UTC, as all its policies say
  return (Micros(time) + kEast) / (24 * kHour) * 24 * kHour - kEast;
}

}  // namespace

Expected Oracle::Take(const Ask& ask, base::Time now, const Rules& rules) {
  if (ask.staff) return TakeStaff(ask, now, rules);
  return ask.undo ? TakeUndo(ask, now, rules) : TakeRecord(ask, now, rules);
}

std::optional<Expected> Oracle::Earlier(const std::string& organisation, const Ask& ask) const {
  const auto found = requests_.find({organisation, ask.request_id});
  if (found == requests_.end()) return std::nullopt;
  const Request& request = found->second;
  // No two requests of the world have the same payload.
  if (request.payload != ask.payload) return Failed("REQUEST_ID_REUSED");
  Expected expected;
  switch (request.kind) {
    case kRowEvent:
      return EarlierEvent(request);
    case kRowProposal:
    case kRowResolution:
      expected.staff = AnswerOf(proposals_[request.index]);
      break;
    case kRowTierApproval:
      expected.staff = AnswerOfTier(request.index);
      break;
    default:
      expected.staff = AnswerOf(disputes_[request.index]);
  }
  expected.replayed = expected.staff->replayed = true;
  return expected;
}

Expected Oracle::EarlierEvent(const Request& request) const {
  const EventKind kind = facts_[request.index].kind;
  Expected expected;
  expected.decision = kind == EventKind::kCheckIn    ? Decision::kCheckedIn
                      : kind == EventKind::kCheckOut ? Decision::kCheckedOut
                                                     : Decision::kUndone;
  expected.fact = request.index;
  expected.replayed = true;
  return expected;
}

void Oracle::Keep(const std::string& organisation, const Ask& ask, int kind, size_t index) {
  requests_[{organisation, ask.request_id}] = {ask.payload, kind, index};
}

Decision Oracle::RefuseAtDoor(const Ask& ask, bool out, base::Time now, const Rules& rules) const {
  const Place& place = PlaceOf(ask.place);
  const auto& door = DoorOf(ask.place, ask.volunteer);
  const bool is_in = !door.empty() && visits_[door.back()].open();
  const int64_t at = Micros(now);
  const bool early = at < Micros(place.starts) - kHour;
  if (out) {
    if (!is_in) return Decision::kNotCheckedIn;
    const int64_t since = at - Micros(facts_[*visits_[door.back()].in].time);
    if (ask.action == Action::kAuto && since < rules.visits.auto_checkout_guard.count()) {
      return Decision::kTooSoon;
    }
    const bool late = at > Micros(place.ends) + 4 * kHour;
    return early || late ? Decision::kOutsideSessionTime : Decision::kUnspecified;
  }
  if (is_in) return Decision::kAlreadyCheckedIn;
  if (early || at >= Micros(place.ends)) return Decision::kOutsideSessionTime;
  const auto today = std::count_if(door.begin(), door.end(), [&](size_t visit) {
    return Micros(facts_[*visits_[visit].in].time) >= StartOfDay(now);
  });
  const int32_t most = rules.policy->pairs_per_day;
  return most > 0 && today >= most ? Decision::kPairLimit : Decision::kUnspecified;
}

Expected Oracle::TakeRecord(const Ask& ask, base::Time now, const Rules& rules) {
  const Place& place = PlaceOf(ask.place);
  if (auto earlier = Earlier(place.organisation, ask)) return *earlier;
  if (tokens_.contains(ask.token) ||
      (!ask.second_token.IsNil() && tokens_.contains(ask.second_token))) {
    return Failed("TOKEN_USED");
  }
  auto& door = doors_[{ask.place, ask.volunteer}];
  const bool is_in = !door.empty() && visits_[door.back()].open();
  const bool out = ask.action == Action::kOut || (ask.action == Action::kAuto && is_in);
  const Decision refused = RefuseAtDoor(ask, out, now, rules);
  if (refused != Decision::kUnspecified) return Refused(refused);
  if (out && visits_[door.back()].practice != ask.practice) return Failed("BAD_EVENT");
  if (ask.recorder.size() > kLongestText) return Failed("BAD_EVENT");

  tokens_.insert(ask.token);
  if (!ask.second_token.IsNil()) tokens_.insert(ask.second_token);
  if (out) AddPolicy(place.organisation, rules.policy, now);
  Fact fact;
  fact.kind = out ? EventKind::kCheckOut : EventKind::kCheckIn;
  fact.place = ask.place;
  fact.volunteer = ask.volunteer;
  fact.time = now;
  fact.session = {place.starts, place.ends, place.breaks, place.activity_length};
  fact.evidence = ask.evidence;
  fact.practice = ask.practice;
  fact.recorder = ask.recorder;
  Expected expected = Refused(out ? Decision::kCheckedOut : Decision::kCheckedIn);
  const size_t index = AddFact(fact, ask, place.organisation);
  expected.fact = index;
  if (!out) {
    door.push_back(visits_.size());
    visits_.push_back({ask.place, ask.volunteer, ask.practice, index, {}, {}, fact.session,
                       rows_.size() - 1, false, {}});
    return expected;
  }
  TrueVisit& visit = visits_[door.back()];
  visit.out = index;
  visit.session = fact.session;
  visit.told = rows_.size() - 1;
  const Change change{rows_.size() - 1, ask.volunteer,  ask.practice,
                      InOf(visit),      EndOf(visit), rules.policy};
  visit.credit = {0, rules.policy, {}};
  const Worth worth = Compute(ask.volunteer, ask.practice).at(door.back());
  AddCredit(door.back(), worth, rules.policy, now);
  facts_[index].minutes = worth.minutes;
  Adjust(change, now);
  return expected;
}

Expected Oracle::TakeUndo(const Ask& ask, base::Time now, const Rules& rules) {
  if (auto earlier = Earlier(ask.organisation, ask)) return *earlier;
  const auto row = FindRow(kRowEvent, ask.organisation, ask.event);
  if (!row) return Failed("NO_SUCH_EVENT");
  const size_t undone = fact_of_row_.at(*row);
  const Fact back = facts_[undone];
  auto& door = doors_[{back.place, back.volunteer}];
  if (door.empty()) return Failed("NOTHING_TO_UNDO");
  const size_t index = door.back();
  TrueVisit& visit = visits_[index];
  if (visit.agreed || visit.out.value_or(*visit.in) != undone) return Failed("NOTHING_TO_UNDO");
  if (Micros(now) - Micros(back.time) > rules.visits.undo_window.count()) {
    return Failed("UNDO_TOO_LATE");
  }
  if (visit.gone) return Failed("NOTHING_TO_UNDO");  // corrected, or cancelled, since
  if (!InRange(now)) return Failed("BAD_EVENT");
  Fact fact = back;
  fact.event_id = {};
  fact.kind = EventKind::kReversal;
  fact.time = now;
  fact.recorder = ask.recorder;
  fact.reverses = undone;
  fact.minutes = std::nullopt;
  Change change{rows_.size(), back.volunteer, back.practice, InOf(visit), EndOf(visit), nullptr};
  Expected expected = Refused(Decision::kUndone);
  expected.fact = AddFact(fact, ask, ask.organisation);
  if (visit.out) {
    facts_[*expected.fact].minutes = -visit.credit->worth.minutes;
    AddTakingBack(index, now).rows[kFieldReversalEvent] = change.row;
    visit.credit.reset();
    visit.out.reset();
    visit.session = fact.session;
    visit.told = change.row;
  } else {
    visit.gone = true;
    door.pop_back();
  }
  Adjust(change, now);
  return expected;
}

TrueRow& Oracle::AddRow(int kind, const std::string& organisation, base::Time time) {
  TrueRow& row = rows_.emplace_back();
  row.kind = kind;
  row.organisation = organisation;
  row.integers[kFieldRecordTime] = Micros(time);
  return row;
}

// Before the first row of its organisation that falls under it.
void Oracle::AddPolicy(const std::string& organisation, const hours::PolicyPtr& policy,
                       base::Time now) {
  if (policies_.emplace(organisation, policy->hash).second) AddRow(kRowPolicy, organisation, now);
}

size_t Oracle::AddFact(Fact fact, const Ask& ask, const std::string& organisation) {
  TrueRow& row = AddRow(kRowEvent, organisation, fact.time);
  row.place = fact.place;
  row.integers[kFieldEventKind] = static_cast<int64_t>(fact.kind);
  row.integers[kFieldEvidence] = static_cast<int64_t>(fact.evidence);
  row.integers[kFieldPractice] = fact.practice;
  row.integers[kFieldSessionStarts] = Micros(fact.session.starts);
  row.integers[kFieldSessionEnds] = Micros(fact.session.ends);
  row.ids[kFieldVolunteer] = fact.volunteer;
  row.ids[kFieldRequestId] = ask.request_id;
  if (fact.kind == EventKind::kReversal) {
    row.rows[kFieldReverses] = static_cast<size_t>(facts_[fact.reverses].sequence) - 1;
  }
  fact.sequence = rows();
  fact.request_id = ask.request_id;
  fact_of_row_[rows_.size() - 1] = facts_.size();
  Keep(organisation, ask, kRowEvent, facts_.size());
  facts_.push_back(std::move(fact));
  return facts_.size() - 1;
}

bool Oracle::Name(size_t fact, const base::Uuid& event_id) {
  return NameRow(static_cast<size_t>(facts_[fact].sequence) - 1, event_id);
}

bool Oracle::NameRow(size_t row, const base::Uuid& id) {
  const auto [known, fresh] = named_rows_.emplace(id, row);
  if (id.IsNil() || known->second != row || (!fresh && rows_[row].id != id)) return false;
  rows_[row].id = id;
  if (const auto fact = fact_of_row_.find(row); fact != fact_of_row_.end()) {
    facts_[fact->second].event_id = id;
  }
  return true;
}

std::optional<size_t> Oracle::FindRow(int kind, const std::string& organisation,
                                      const base::Uuid& id) const {
  const auto found = named_rows_.find(id);
  if (found == named_rows_.end()) return std::nullopt;
  const TrueRow& row = rows_[found->second];
  if (row.kind != kind || row.organisation != organisation) return std::nullopt;
  return found->second;
}

const std::vector<size_t>& Oracle::DoorOf(int place, const base::Uuid& volunteer) const {
  static const std::vector<size_t> nothing;
  const auto found = doors_.find({place, volunteer});
  return found == doors_.end() ? nothing : found->second;
}

}  // namespace rollcall::simulator
