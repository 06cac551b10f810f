// What staff do about the hours of a simulated world, some of it wrong.
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "simulator/format_fields.h"
#include "simulator/world.h"

namespace rollcall::simulator {
namespace {

using domain::ProposalKind;
using domain::Role;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using What = StaffAct::What;

constexpr ProposalKind kKinds[] = {ProposalKind::kClose, ProposalKind::kClose,
                                   ProposalKind::kBackEntry, ProposalKind::kCorrection,
                                   ProposalKind::kCancellation, ProposalKind::kBatch};

// Members of staff, by their place in staff_.
constexpr size_t kOrganiser = 0;
constexpr size_t kApprover = 1;
constexpr size_t kSecondAccount = 2;  // of the organiser
constexpr size_t kSameKey = 3;        // as the organiser's
constexpr size_t kDesk = 4;
constexpr size_t kAuditor = 5;
constexpr size_t kVolunteerWhoApproves = 6;
constexpr size_t kVolunteerWhoOrganises = 7;
constexpr size_t kDoor = 8;

bool Corrects(ProposalKind kind) {
  return kind == ProposalKind::kCorrection || kind == ProposalKind::kCancellation;
}

// The day where the world is.
rollcall::hours::Day DayOf(base::Time time) {
  const base::Time local = time + hours(8);
  return rollcall::hours::Day(std::chrono::floor<std::chrono::days>(local).time_since_epoch());
}

template <typename T>
const T& Some(Dice& dice, const std::vector<T>& all) {
  return all[static_cast<size_t>(dice.Below(static_cast<int64_t>(all.size())))];
}

// Mostly one of the last three.
template <typename T>
const T& SomeLate(Dice& dice, const std::vector<T>& all) {
  const auto size = static_cast<int64_t>(all.size());
  const int64_t back = dice.Below(dice.PerMille(700) ? std::min<int64_t>(size, 3) : size);
  return all[static_cast<size_t>(size - 1 - back)];
}

}  // namespace

void World::PlanStaff() {
  const auto key = [](const char* of) { return base::Sha256(base::AsBytes(std::string(of))); };
  const base::Uuid olga = dice_.Uuid();
  staff_ = {{"olga", Role::kOrganiser, olga, key("olga")},
            {"adam", Role::kApprover, dice_.Uuid(), key("adam")},
            {"olga-2", Role::kApprover, olga, key("olga-2")},
            {"kim", Role::kApprover, {}, key("olga")},
            {"desk-1", Role::kDesk, {}, {}},
            {"ines", Role::kAuditor, dice_.Uuid(), {}},
            {"vera", Role::kApprover, volunteers_[0], key("vera")},
            {"vito", Role::kOrganiser, volunteers_[1], {}},
            {"door-0", Role::kKiosk, {}, {}}};
  base::Time first = end_;
  for (const Place& place : places_) first = std::min(first, place.ends);
  const auto some_time = [&] {
    const int64_t span = std::chrono::duration_cast<minutes>(end_ - first).count() + 20;
    return first - minutes(20) + minutes(dice_.Below(span)) + seconds(dice_.Below(60));
  };
  for (int64_t n = dice_.Between(2, 14); n > 0; --n) PlanAct(some_time(), &World::Propose);
  for (int64_t n = dice_.Below(6); n > 0; --n) PlanAct(some_time(), &World::Decide);
  for (int64_t n = dice_.Below(5); n > 0; --n) PlanAct(some_time(), &World::ApproveTier);
  for (int64_t n = dice_.Below(4); n > 0; --n) PlanAct(some_time(), &World::Dispute);
  for (int64_t n = dice_.Below(3); n > 0; --n) PlanAct(some_time(), &World::AnswerDispute);
}

void World::PlanAct(base::Time time, absl::Status (World::*act)()) {
  moments_.push_back(time);
  schedule_.At(time, [this, act] { return (this->*act)(); });
}

// Mostly one of `usual`; else anybody.
const domain::Actor& World::SomebodyOf(std::initializer_list<size_t> usual) {
  if (dice_.PerMille(300)) return Some(dice_, staff_);
  const auto index = dice_.Below(static_cast<int64_t>(usual.size()));
  return staff_[*(usual.begin() + index)];
}

// A session that is over, where there is one.
int World::SomePlace() {
  int place = 0;
  for (int i = 0; i < 4; ++i) {
    place = static_cast<int>(dice_.Below(static_cast<int64_t>(places_.size())));
    if (places_[static_cast<size_t>(place)].ends <= ServerNow()) break;
  }
  return place;
}

base::Uuid World::SomeVolunteer() { return Some(dice_, volunteers_); }

// A visit of which an entry stands whose id is known.
std::optional<size_t> World::SomeCredit(int place) {
  std::vector<size_t> found;
  for (size_t i = 0; i < oracle_.visits().size(); ++i) {
    const TrueVisit& visit = oracle_.visits()[i];
    if (visit.place == place && visit.credit && !oracle_.truth()[visit.credit->row].id.IsNil()) {
      found.push_back(i);
    }
  }
  return found.empty() ? std::nullopt : std::optional(Some(dice_, found));
}

std::optional<size_t> World::SomeOpenVisit(int place) {
  std::vector<size_t> found;
  for (size_t i = 0; i < oracle_.visits().size(); ++i) {
    const TrueVisit& visit = oracle_.visits()[i];
    if (visit.place == place && visit.open() && !visit.gone) found.push_back(i);
  }
  return found.empty() ? std::nullopt : std::optional(Some(dice_, found));
}

// An entry at `place`, and in `ask` whose it is. Some stand no more, credit nothing, or never were.
base::Uuid World::SomeEntry(int place, Ask& ask) {
  const auto credit = SomeCredit(place);
  if (!credit || dice_.PerMille(100)) {
    const TrueRow* entry = nullptr;
    for (const TrueRow& row : oracle_.truth()) {
      if (row.kind == kRowEntry && (entry == nullptr || dice_.PerMille(200))) entry = &row;
    }
    return entry == nullptr || entry->id.IsNil() ? dice_.Uuid() : entry->id;
  }
  const TrueVisit& visit = oracle_.visits()[*credit];
  ask.volunteer = visit.volunteer;
  ask.practice = visit.practice;
  return oracle_.truth()[visit.credit->row].id;
}

Ask World::StaffAsk(What what, const domain::Actor& actor, int place) {
  Ask ask;
  ask.number = ++asks_;
  ask.kiosk = static_cast<int>(dice_.Below(static_cast<int64_t>(kiosks_.size())));
  ask.place = place;
  ask.volunteer = SomeVolunteer();
  ask.request_id = dice_.Uuid();
  ask.practice = places_[static_cast<size_t>(place)].practice != dice_.PerMille(20);
  ask.organisation = dice_.PerMille(30) ? "org-" + std::to_string(dice_.Below(3))
                                        : places_[static_cast<size_t>(place)].organisation;
  StaffAct act;
  act.what = what;
  act.actor = actor;
  act.reason = dice_.PerMille(30) ? std::string(static_cast<size_t>(dice_.OneOf({0, 201})), 'x')
                                  : "as olga saw it";
  ask.staff = std::move(act);
  return ask;
}

void World::SendStaff(Ask ask) {
  const auto found = std::find(volunteers_.begin(), volunteers_.end(), ask.volunteer);
  ask.volunteer_number = static_cast<int>(found - volunteers_.begin());
  ask.captured = schedule_.now();
  // A broken program uses a request id for something else.
  const auto& outbox = kiosks_[static_cast<size_t>(ask.kiosk)].outbox;
  if (!outbox.empty() && dice_.PerMille(30)) ask.request_id = Some(dice_, outbox).ask.request_id;
  ask.payload = base::Sha256(base::AsBytes("staff/" + std::to_string(ask.number)));
  Enter(std::move(ask));
}

// Mostly within the session.
void World::ChooseTimes(const Place& where, StaffAct& act) {
  const int64_t length = std::chrono::duration_cast<seconds>(where.ends - where.starts).count();
  const int64_t in = dice_.Between(-30, length);
  act.in = where.starts + seconds(in);
  act.out = act.in + seconds(dice_.Between(30, std::max<int64_t>(60, length - in + 30)));
  if (dice_.PerMille(200)) act.out = where.ends;
}

absl::Status World::Propose() {
  const int place = SomePlace();
  Ask ask = StaffAsk(What::kPropose, SomebodyOf({kOrganiser, kDesk, kVolunteerWhoOrganises}), place);
  StaffAct& act = *ask.staff;
  act.kind = dice_.OneOf(kKinds);
  ChooseTimes(places_[static_cast<size_t>(place)], act);
  act.lifetime = dice_.OneOf<base::Duration>({minutes(20), hours(3), hours(24 * 14)});
  if (act.kind == ProposalKind::kBatch) {
    for (int64_t n = dice_.Between(1, 3); n > 0; --n) act.people.push_back(SomeVolunteer());
    act.headcount = static_cast<int32_t>(dice_.Between(2, 40));
  } else if (act.kind == ProposalKind::kClose) {
    if (const auto open = SomeOpenVisit(place)) {
      ask.volunteer = oracle_.visits()[*open].volunteer;
      ask.practice = oracle_.visits()[*open].practice;
    }
  } else if (Corrects(act.kind)) {
    act.entry = SomeEntry(place, ask);
  }
  SendStaff(std::move(ask));
  for (int64_t n = dice_.Between(1, 2); n > 0; --n) {
    schedule_.In(seconds(dice_.Between(30, 4 * 3600)), [this] { return Decide(); });
  }
  return absl::OkStatus();
}

absl::Status World::Decide() {
  if (oracle_.proposals().empty()) return absl::OkStatus();
  const Proposed proposed = SomeLate(dice_, oracle_.proposals());
  const base::Uuid& id = oracle_.truth()[proposed.row].id;
  if (id.IsNil()) return absl::OkStatus();  // nobody has heard of it yet
  Ask ask = StaffAsk(What::kResolve, SomebodyOf({kApprover}), proposed.place);
  StaffAct& act = *ask.staff;
  act.subject = dice_.PerMille(20) ? dice_.Uuid() : id;
  const int64_t outcome = dice_.Below(10);
  act.outcome = outcome < 7   ? domain::Outcome::kApproved
                : outcome < 9 ? domain::Outcome::kRefused
                              : domain::Outcome::kWithdrawn;
  const bool withdraws = act.outcome == domain::Outcome::kWithdrawn;
  if (withdraws && dice_.PerMille(800)) act.actor = proposed.act.actor;
  if (act.outcome == domain::Outcome::kApproved && dice_.PerMille(300)) act.reason.clear();
  const bool close = proposed.act.kind == ProposalKind::kClose;
  if (dice_.PerMille(close ? 300 : 20)) {  // she says so herself
    const bool spent = !tokens_.empty() && dice_.PerMille(50);
    act.consent = spent ? Some(dice_, tokens_) : dice_.Uuid();
    tokens_.push_back(act.consent);
    ask.evidence = dice_.OneOf({domain::EvidenceClass::kFace, domain::EvidenceClass::kPin});
    if (dice_.PerMille(900)) ask.volunteer = proposed.people[0];
  }
  SendStaff(std::move(ask));
  return absl::OkStatus();
}

absl::Status World::ApproveTier() {
  const int place = SomePlace();
  Ask ask = StaffAsk(What::kApproveTier, SomebodyOf({kApprover, kVolunteerWhoApproves}), place);
  StaffAct& act = *ask.staff;
  if (const auto credit = SomeCredit(place)) {
    ask.volunteer = oracle_.visits()[*credit].volunteer;
    ask.practice = oracle_.visits()[*credit].practice;
  }
  const base::Time ends = places_[static_cast<size_t>(place)].ends;
  act.day = DayOf(dice_.PerMille(900) ? ends : ends + hours(24 * dice_.Between(-2, 4)));
  act.tier = dice_.PerMille(30)    ? rollcall::hours::Tier::kFinal
             : dice_.PerMille(700) ? rollcall::hours::Tier::kParent
                                   : rollcall::hours::Tier::kProvince;
  SendStaff(std::move(ask));
  return absl::OkStatus();
}

absl::Status World::Dispute() {
  const int place = SomePlace();
  Ask ask = StaffAsk(What::kDispute, SomebodyOf({kDesk}), place);
  StaffAct& act = *ask.staff;
  if (dice_.PerMille(700)) {
    act.dispute = domain::DisputeKind::kEntry;
    act.entry = SomeEntry(place, ask);
  }
  act.lifetime = hours(24 * dice_.Between(1, 15));
  SendStaff(std::move(ask));
  for (int64_t n = dice_.Between(1, 2); n > 0; --n) {
    schedule_.In(seconds(dice_.Between(30, 3600)), [this] { return AnswerDispute(); });
  }
  return absl::OkStatus();
}

absl::Status World::AnswerDispute() {
  if (oracle_.disputes().empty()) return absl::OkStatus();
  const Disputed disputed = SomeLate(dice_, oracle_.disputes());
  const base::Uuid& id = oracle_.truth()[disputed.row].id;
  if (id.IsNil()) return absl::OkStatus();
  Ask ask = StaffAsk(What::kAnswer, SomebodyOf({kAuditor, kApprover, kDoor}), disputed.place);
  StaffAct& act = *ask.staff;
  act.subject = dice_.PerMille(30) ? dice_.Uuid() : id;
  if (dice_.PerMille(600)) act.verdict = domain::Verdict::kUpheld;
  if (!oracle_.proposals().empty() && dice_.PerMille(400)) {
    act.proposal = oracle_.truth()[SomeLate(dice_, oracle_.proposals()).row].id;
  }
  SendStaff(std::move(ask));
  return absl::OkStatus();
}

void World::CountActs() {
  for (const TrueRow& row : oracle_.truth()) {
    counts_.proposals += row.kind == kRowProposal;
    counts_.tier_approvals += row.kind == kRowTierApproval;
    counts_.disputes += row.kind == kRowDispute;
    counts_.answers += row.kind == kRowAnswer;
    counts_.adjusted += row.rows.contains(kFieldAdjustedBy) && !row.rows.contains(kFieldReverses);
    if (row.kind != kRowResolution) continue;
    ++(row.integers.at(kFieldOutcome) == 1 ? counts_.approved : counts_.declined);
  }
}

}  // namespace rollcall::simulator
