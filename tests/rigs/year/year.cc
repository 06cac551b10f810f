#include "year.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <unordered_map>

#include "dice.h"
#include "fraud.h"
#include "ledger/derive.h"
#include "ledger/person.h"
#include "life.h"

namespace rollcall::year {
namespace {

// 1 January 2026, 00:00 UTC.
constexpr int64_t kFirstMidnight = 1'767'225'600;

enum class IdOf : uint8_t { kPerson = 1, kEvent, kEntry, kToken, kRequest, kProposal };

base::Uuid MakeId(IdOf what, int64_t number) {
  base::Uuid id;
  id.bytes[0] = static_cast<uint8_t>(what);
  for (size_t i = 0; i < 8; ++i) id.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  return id;
}

std::string Numbered(const char* prefix, int64_t number) { return prefix + std::to_string(number); }

// Turns punches into rows, one after the other, as the recorder of the ledger would.
class Player {
 public:
  Player(const Year& year, const std::function<void(const Line&)>& take)
      : year_(year), take_(take), has_policy_(static_cast<size_t>(year.organisations), false) {}

  void Play(const Punch& punch);

 private:
  struct Mark {
    base::Uuid id;
    int64_t sequence = 0;
    base::Time time;
    domain::EvidenceClass evidence = domain::EvidenceClass::kFace;
  };
  // One person in one session.
  struct Place {
    std::optional<Mark> open;
    int32_t pairs = 0;
    bool just_came = false;  // the last event is that check-in
  };

  ledger::EventRow EventOf(const Punch& punch, const SimulatedSession& session);
  void Emit(ledger::Row row, const Punch& punch);
  ledger::Person& PersonOf(const ledger::EventRow& event);
  // The entries behind `event`, as the ledger writes them. `in`: of the visit that it completes.
  void EmitEntries(const Punch& punch, const ledger::EventRow& event, const Mark& in);
  void Enter(const Punch& punch, const SimulatedSession& session, Place& place);

  const Year& year_;
  const std::function<void(const Line&)>& take_;
  std::vector<bool> has_policy_;
  std::unordered_map<int64_t, Place> places_;
  std::unordered_map<base::Uuid, ledger::Person, base::UuidHash> people_;
  const hours::PolicyPtr policy_ = hours::DefaultPolicy();
  int64_t sequence_ = 0;
};

domain::SessionKey KeyOf(const SimulatedSession& session) {
  return {domain::OrganisationId(Numbered("org-", session.organisation)),
          domain::ActivityId(Numbered("activity-", session.activity)), domain::SessionId("s")};
}

std::string StaffOf(const SimulatedSession& session, int32_t number) {
  return Numbered("org-", session.organisation) + Numbered(".staff-", number);
}

ledger::EventRow Player::EventOf(const Punch& punch, const SimulatedSession& session) {
  ledger::EventRow row;
  domain::AttendanceEvent& event = row.event;
  event.event_id = MakeId(IdOf::kEvent, sequence_ + 1);
  event.session = KeyOf(session);
  event.volunteer_key = MakeId(IdOf::kPerson, punch.person);
  event.capture_time = At(punch.captured);
  event.record_time = At(punch.recorded);
  event.practice = session.practice;
  event.token_id = MakeId(IdOf::kToken, sequence_ + 1);
  event.request_id = MakeId(IdOf::kRequest, sequence_ + 1);
  if (punch.machine) {
    // Of faces, QR codes and PINs, by person.
    constexpr std::array kWays = {domain::EvidenceClass::kFace, domain::EvidenceClass::kFace,
                                  domain::EvidenceClass::kQr, domain::EvidenceClass::kPin};
    event.evidence = kWays[static_cast<size_t>(punch.person) % kWays.size()];
    event.kiosk =
        domain::KioskId(Numbered("org-", session.organisation) + Numbered(".kiosk-", punch.by));
    event.recorder = event.kiosk.value;
    if (event.evidence == domain::EvidenceClass::kFace) event.source = domain::SourceKind::kCamera;
  } else {
    event.evidence = domain::EvidenceClass::kStaff;
    event.recorder = StaffOf(session, punch.by);
  }
  event.proofs = {{event.evidence, ""}};
  row.session_starts = At(session.starts);
  row.session_ends = At(session.ends);
  row.activity_length = row.session_ends - row.session_starts;
  return row;
}

void Player::Emit(ledger::Row row, const Punch& punch) {
  Line line;
  line.sequence = ++sequence_;
  line.incident = punch.incident;
  line.row = std::move(row);
  take_(line);
}

void Player::Play(const Punch& punch) {
  const SimulatedSession& session = year_.sessions[static_cast<size_t>(punch.session)];
  Place& place = places_[(static_cast<int64_t>(punch.session) << 32) | punch.person];
  if (punch.what == Punch::What::kEnter) return Enter(punch, session, place);

  ledger::EventRow row = EventOf(punch, session);
  const Mark mark{row.event.event_id, sequence_ + 1, row.event.record_time, row.event.evidence};
  if (punch.what == Punch::What::kIn) {
    if (place.open || place.pairs >= policy_->pairs_per_day) return;
    place.open = mark;
    place.just_came = true;
    PersonOf(row).Add(row);
    return Emit(std::move(row), punch);
  }
  if (!place.open) return;
  if (punch.what == Punch::What::kUndo) {
    if (!place.just_came) return;
    row.event.kind = domain::EventKind::kReversal;
    row.event.reverses = place.open->id;
    row.event.evidence = place.open->evidence;
    row.event.proofs.clear();
    row.event.source = domain::SourceKind::kNone;
    row.event.token_id = {};
    place.open.reset();
    Emit(row, punch);
    return EmitEntries(punch, row, {});
  }
  row.event.kind = domain::EventKind::kCheckOut;
  const Mark in = *place.open;
  place.open.reset();
  ++place.pairs;
  place.just_came = false;
  // The policy stands before the first entry; nothing may come between an event and its entry.
  if (!has_policy_[static_cast<size_t>(session.organisation)]) {
    has_policy_[static_cast<size_t>(session.organisation)] = true;
    Emit(ledger::PolicyRow{row.event.session.organisation, row.event.record_time, policy_}, punch);
    row = EventOf(punch, session);
    row.event.kind = domain::EventKind::kCheckOut;
  }
  Emit(row, punch);
  EmitEntries(punch, row, in);
}

ledger::Person& Player::PersonOf(const ledger::EventRow& event) {
  // Lenient: what is entered afterwards it is not told.
  return people_
      .try_emplace(event.event.volunteer_key, event.event.volunteer_key,
                   ledger::Person::Rows::kLenient)
      .first->second;
}

void Player::EmitEntries(const Punch& punch, const ledger::EventRow& event, const Mark& in) {
  ledger::Person& person = PersonOf(event);
  person.Add(event);
  const bool out = event.event.kind == domain::EventKind::kCheckOut;
  const int64_t event_sequence = sequence_;
  auto entries = ledger::EntriesAfter(
      person, {event.event.event_id, event.event.record_time, {}, out ? policy_ : nullptr},
      [this](const auto&, const auto&) { return absl::StatusOr<hours::PolicyPtr>(policy_); });
  ROLLCALL_CHECK(entries.ok());
  for (ledger::EntryRow& entry : *entries) {
    entry.entry_id = MakeId(IdOf::kEntry, sequence_ + 1);
    person.Add(entry);
    Line line;
    line.sequence = ++sequence_;
    line.credits = entry.out_event == event.event.event_id && entry.reverses.IsNil();
    if (line.credits) {
      line.incident = punch.incident;
      line.in = in.sequence;
      line.out = event_sequence;
      // A hand in the file: practice that enters the total.
      const bool forged = punch.incident >= 0 &&
                          year_.incidents[static_cast<size_t>(punch.incident)] == Fraud::kPractice;
      entry.practice = entry.practice && !forged;
    }
    line.row = std::move(entry);
    take_(line);
  }
}

void Player::Enter(const Punch& punch, const SimulatedSession& session, Place& place) {
  irregularities::BackEntry entered;
  entered.sequence = ++sequence_;
  entered.proposal = MakeId(IdOf::kProposal, punch.proposal);
  entered.session = {KeyOf(session), At(session.starts), At(session.ends)};
  entered.volunteer_key = MakeId(IdOf::kPerson, punch.person);
  entered.from = At(punch.from);
  entered.to = At(punch.to);
  entered.recorded = At(punch.recorded);
  entered.minutes = (punch.to - punch.from) / 60;
  entered.proposer = StaffOf(session, punch.by);
  entered.approver = Numbered("org-", session.organisation) + ".approver";
  entered.practice = session.practice;
  Line line;
  line.sequence = sequence_;
  line.incident = punch.incident;
  line.credits = true;
  if (place.open) {
    entered.in_event = place.open->id;
    line.in = place.open->sequence;
    place.open.reset();
    ++place.pairs;
  }
  line.entered = std::move(entered);
  take_(line);
}

}  // namespace

base::Time At(int64_t seconds) {
  return base::Time(std::chrono::seconds(kFirstMidnight + seconds));
}

std::string_view Name(Fraud fraud) {
  constexpr std::array<std::string_view, kFrauds> kNames = {
      "hours sold",     "fake activity, live", "fake activity, afterwards", "small fakes",
      "stolen account", "two places",          "practice credited",         "meeting as service"};
  return kNames[static_cast<size_t>(fraud)];
}

std::optional<irregularities::Kind> MeantFor(Fraud fraud) {
  using irregularities::Kind;
  switch (fraud) {
    case Fraud::kSoldHours:
      return Kind::kOrganiserCreditsManyStrangers;
    case Fraud::kFakeLive:
      return Kind::kHoursWithoutKioskEvent;
    case Fraud::kFakeAfterwards:
    case Fraud::kSmallFakes:
      return Kind::kActivityCreatedAfterItsEnd;
    case Fraud::kStolenAccount:
      return Kind::kManyEntriesWithinMinutes;
    case Fraud::kTwoPlaces:
      return Kind::kPersonInTwoPlaces;
    case Fraud::kPractice:
      return Kind::kPracticeInTotal;
    case Fraud::kMeeting:
      break;
  }
  return std::nullopt;
}

Year MakeYear(const Options& options) {
  Year year;
  Dice dice(options.seed);
  Life life(options, dice, year);
  life.Live();
  Frauds frauds(options, dice, year, life);
  for (int32_t i = 0; i < options.incidents; ++i) {
    for (int fraud = 0; fraud < kFrauds; ++fraud) frauds.Add(static_cast<Fraud>(fraud));
  }
  std::stable_sort(year.punches.begin(), year.punches.end(),
                   [](const Punch& a, const Punch& b) { return a.recorded < b.recorded; });
  return year;
}

void Play(const Year& year, const std::function<void(const Line&)>& take) {
  Player player(year, take);
  for (const Punch& punch : year.punches) player.Play(punch);
}

}  // namespace rollcall::year
