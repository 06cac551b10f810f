#include "simulator/checks.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "simulator/log_reader.h"

namespace rollcall::simulator {
namespace {

using domain::EventKind;

constexpr size_t kLatest = 4;  // receipts that are asked for whenever the ledger is checked

std::string Number(int64_t n) { return std::to_string(n); }

const Place& PlaceOf(const std::vector<Place>& places, const Fact& fact) {
  return places[static_cast<size_t>(fact.place)];
}

// What the entries among the rows have moved, against what stands.
absl::Status CheckAccounts(const std::vector<PlainRow>& log, const std::vector<Place>& places,
                           const Oracle& oracle) {
  std::map<std::string, int64_t> given;    // by session: minutes that its account gave
  std::map<base::Uuid, int64_t> received;  // by volunteer
  for (const PlainRow& row : log) {
    if (row.Integer(kFieldRowKind) != kRowEntry) continue;
    given[row.Text(kFieldOrganisation) + "/" + row.Text(kFieldActivity) + "/" +
          row.Text(kFieldSession)] -= row.Integer(kFieldMinutes);
    received[row.Uuid(kFieldVolunteer)] += row.Integer(kFieldMinutes);
  }
  std::map<std::string, int64_t> true_given;
  std::map<base::Uuid, int64_t> true_received;
  for (const auto& [where, minutes] : oracle.Balances()) {
    const Place& place = places[static_cast<size_t>(where.first)];
    true_given[place.organisation + "/" + place.activity + "/" + place.session] -= minutes;
    true_received[where.second] += minutes;
  }
  int64_t sum = 0;
  for (const auto& [account, minutes] : given) {
    sum += minutes;
    RETURN_IF_ERROR(Differs("account of session " + account, minutes, true_given[account]));
  }
  for (const auto& [account, minutes] : received) {
    sum += minutes;
    RETURN_IF_ERROR(Differs("account of a volunteer", minutes, true_received[account]));
  }
  return Differs("debits and credits together", sum, 0);
}

// The log's own bytes: every true row once and in its order, and what the accounts come to.
absl::Status CheckRows(Server& server, const std::vector<Place>& places, const Oracle& oracle) {
  ASSIGN_OR_RETURN(const auto log, ReadLog(server.database()));
  RETURN_IF_ERROR(Differs("rows", static_cast<int64_t>(log.size()), oracle.rows()));
  for (size_t i = 0; i < log.size(); ++i) {
    RETURN_IF_ERROR(CheckRow(log[i], i, places, oracle));
  }
  return CheckAccounts(log, places, oracle);
}

absl::Status CheckVerify(Server& server, const Oracle& oracle) {
  ASSIGN_OR_RETURN(const auto report, server.ledger().Verify());
  if (report.fault) {
    return Violation("Verify: row " + Number(report.fault->sequence) + ": " + report.fault->what);
  }
  int64_t minutes = 0;
  for (const auto& [where, balance] : oracle.Balances()) minutes += balance;
  RETURN_IF_ERROR(Differs("Verify's rows", report.rows, oracle.rows()));
  RETURN_IF_ERROR(
      Differs("Verify's events", report.events, static_cast<int64_t>(oracle.facts().size())));
  RETURN_IF_ERROR(Differs("Verify's entries", report.entries, oracle.entries()));
  return Differs("Verify's minutes", report.minutes + report.practice_minutes, minutes);
}

absl::Status CheckHoursOf(const std::string& organisation, Server& server, const Oracle& oracle,
                          const Asking& asking) {
  ledger::HoursFilter filter;
  filter.events.organisation = domain::OrganisationId(organisation);
  filter.now = asking.now;
  filter.pending_after = asking.pending_after;
  std::set<base::Uuid> left = oracle.VolunteersOf(organisation);
  base::PageRequest page;
  page.size = 7;  // so that there are several
  do {
    ASSIGN_OR_RETURN(const auto listed, server.ledger().HoursByVolunteer(filter, page));
    for (const ledger::VolunteerHours& hours : listed.items) {
      if (left.erase(hours.volunteer_key) == 0) {
        return Violation("hours of somebody who has none, or twice");
      }
      const Sums truth =
          oracle.SumsOf(organisation, hours.volunteer_key, asking.now, asking.pending_after);
      const Sums is{hours.minutes,          hours.minutes_witnessed,
                    hours.minutes_attested, hours.minutes_entered_afterwards,
                    hours.practice_minutes, hours.awaiting_parent,
                    hours.awaiting_province, hours.open_visits,
                    hours.pending_visits};
      RETURN_IF_ERROR(Differs("a volunteer's minutes", is.minutes, truth.minutes));
      if (is != truth) return Violation("a volunteer's minutes by class, practice or open visits");
    }
    page.token = listed.next_token;
  } while (!page.token.empty());
  return Differs("volunteers without their hours", static_cast<int64_t>(left.size()), 0);
}

absl::Status CheckListing(Server& server, const Oracle& oracle) {
  base::PageRequest page;
  page.size = 50;
  size_t next = 0;
  do {
    ASSIGN_OR_RETURN(const auto listed, server.ledger().ListEvents({}, page));
    for (const ledger::StoredEvent& event : listed.items) {
      if (next == oracle.facts().size()) return Violation("ListEvents: more than the true events");
      const Fact& fact = oracle.facts()[next++];
      if (event.sequence != fact.sequence || event.event.event_id != fact.event_id) {
        return Violation("ListEvents: event " + Number(event.sequence) + " out of its order");
      }
    }
    page.token = listed.next_token;
  } while (!page.token.empty());
  return Differs("ListEvents", static_cast<int64_t>(next),
                 static_cast<int64_t>(oracle.facts().size()));
}

absl::Status CheckReceipts(Server& server, const std::vector<Place>& places, const Oracle& oracle,
                           size_t first) {
  for (size_t i = first; i < oracle.facts().size(); ++i) {
    const Fact& fact = oracle.facts()[i];
    const auto receipt = server.ledger().GetByRequestId(
        domain::OrganisationId(PlaceOf(places, fact).organisation), fact.request_id);
    if (absl::IsNotFound(receipt.status())) {
      return Violation("request of row " + Number(fact.sequence) + " has no receipt any more");
    }
    RETURN_IF_ERROR(receipt.status());
    RETURN_IF_ERROR(CheckReceipt(*receipt, fact, places, oracle));
  }
  return absl::OkStatus();
}

absl::Status CheckVisits(Server& server, const std::vector<Place>& places, const Oracle& oracle) {
  for (const auto& [where, minutes] : oracle.Balances()) {
    const Place& place = places[static_cast<size_t>(where.first)];
    ASSIGN_OR_RETURN(const auto state,
                     server.ledger().GetVisitState(
                         {domain::OrganisationId(place.organisation),
                          domain::ActivityId(place.activity), domain::SessionId(place.session)},
                         where.second));
    const auto& door = oracle.DoorOf(where.first, where.second);
    const bool open = !door.empty() && oracle.visits()[door.back()].open();
    RETURN_IF_ERROR(Differs("pairs of a visit", state.pairs,
                            static_cast<int64_t>(door.size()) - (open ? 1 : 0)));
    if (state.open_since.has_value() != open) {
      return Violation("a visit that is open where it should not be, or the other way round");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPeople(Server& server, const std::vector<Place>& places, const Oracle& oracle,
                         const Asking& asking) {
  std::set<std::string> organisations;
  for (const Place& place : places) organisations.insert(place.organisation);
  std::map<base::Uuid, ledger::Presence> truth;
  for (const std::string& organisation : organisations) {
    for (const base::Uuid& volunteer : oracle.VolunteersOf(organisation)) truth[volunteer] = {};
  }
  for (const Fact& fact : oracle.facts()) {
    ledger::Presence& presence = truth[fact.volunteer];
    const bool first = presence.events++ == 0;
    presence.first = first ? fact.time : std::min(*presence.first, fact.time);
    presence.last = first ? fact.time : std::max(*presence.last, fact.time);
  }
  for (const auto& [volunteer, must_be] : truth) {
    ASSIGN_OR_RETURN(const auto presence, server.ledger().PresenceOf(volunteer));
    RETURN_IF_ERROR(Differs("events of a volunteer", presence.events, must_be.events));
    if (presence.first != must_be.first || presence.last != must_be.last) {
      return Violation("when a volunteer came first and last");
    }
    int64_t minutes = 0;
    for (const std::string& organisation : organisations) {
      minutes += oracle.SumsOf(organisation, volunteer, asking.now, asking.pending_after).minutes;
    }
    ASSIGN_OR_RETURN(const int64_t account, server.ledger().MinutesOf(volunteer));
    RETURN_IF_ERROR(Differs("a volunteer's account", account, minutes));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Violation(const std::string& what) {
  return base::MakeError(absl::StatusCode::kInternal, "VIOLATION", what);
}
absl::Status Differs(const std::string& what, int64_t is, int64_t must_be) {
  if (is == must_be) return absl::OkStatus();
  return Violation(what + ": " + Number(is) + " where the truth is " + Number(must_be));
}
bool IsViolation(const absl::Status& status) { return base::ErrorReason(status) == "VIOLATION"; }

absl::Status CheckReceipt(const ledger::Receipt& receipt, const Fact& fact,
                          const std::vector<Place>& places, const Oracle& oracle) {
  const std::string of = "receipt of row " + Number(fact.sequence) + ": ";
  const Place& place = PlaceOf(places, fact);
  RETURN_IF_ERROR(Differs(of + "row", receipt.sequence, fact.sequence));
  RETURN_IF_ERROR(
      Differs(of + "kind", static_cast<int64_t>(receipt.kind), static_cast<int64_t>(fact.kind)));
  RETURN_IF_ERROR(Differs(of + "time", receipt.record_time.time_since_epoch().count(),
                          fact.time.time_since_epoch().count()));
  if (receipt.minutes.has_value() != fact.minutes.has_value()) {
    return Violation(of + "minutes where there are none, or none where there are");
  }
  RETURN_IF_ERROR(Differs(of + "minutes", receipt.minutes.value_or(0), fact.minutes.value_or(0)));
  base::Uuid reverses;
  if (fact.kind == EventKind::kReversal) reverses = oracle.facts()[fact.reverses].event_id;
  if (receipt.event_id != fact.event_id || receipt.request_id != fact.request_id ||
      receipt.volunteer_key != fact.volunteer || receipt.practice != fact.practice ||
      receipt.evidence != fact.evidence || receipt.reverses != reverses ||
      receipt.session.organisation.value != place.organisation ||
      receipt.session.activity.value != place.activity ||
      receipt.session.session.value != place.session) {
    return Violation(of + "not of its event");
  }
  return absl::OkStatus();
}

namespace {

absl::Status CheckStaffAnswer(const std::optional<StaffAnswer>& given,
                              const std::optional<StaffAnswer>& expected) {
  if (!given || !expected) return Violation("an answer to something else");
  const std::string of = "answer about row " + Number(expected->sequence) + ": ";
  RETURN_IF_ERROR(Differs(of + "row", given->sequence, expected->sequence));
  RETURN_IF_ERROR(Differs(of + "row of the decision", given->second, expected->second));
  RETURN_IF_ERROR(Differs(of + "minutes", given->minutes, expected->minutes));
  RETURN_IF_ERROR(Differs(of + "replayed", given->replayed, expected->replayed));
  if (expected->id.IsNil() || given->id == expected->id) return absl::OkStatus();
  return Violation(of + "another id than before");
}

}  // namespace

absl::Status CheckAnswer(const Given& given, const Expected& expected,
                         const std::vector<Place>& places, Oracle& oracle) {
  RETURN_IF_ERROR(Differs("answers to one request", given.answers, 1));
  if (!given.outcome.ok()) {
    const std::string reason = base::ErrorReason(given.outcome.status());
    if (reason == expected.error && !reason.empty()) return absl::OkStatus();
    return Violation("answered " + given.outcome.status().ToString() + " where " +
                     (expected.error.empty() ? "no error" : expected.error) + " was due");
  }
  if (!expected.error.empty()) return Violation("taken where " + expected.error + " was due");
  if (expected.staff || given.staff) return CheckStaffAnswer(given.staff, expected.staff);
  const ledger::RecordOutcome& outcome = *given.outcome;
  if (outcome.decision != expected.decision) {
    return Violation("answered " + std::string(domain::ToString(outcome.decision)) + " where " +
                     std::string(domain::ToString(expected.decision)) + " was due");
  }
  if (outcome.receipt.has_value() != expected.fact.has_value()) {
    return Violation(outcome.receipt ? "a receipt for a refusal" : "recorded without a receipt");
  }
  if (!expected.fact) return absl::OkStatus();
  if (outcome.receipt->replayed != expected.replayed) {
    return Violation(expected.replayed ? "a repeated request counted as new"
                                       : "a new request counted as repeated");
  }
  if (!expected.replayed && !oracle.Name(*expected.fact, outcome.receipt->event_id)) {
    return Violation("an event id for the second time");
  }
  return CheckReceipt(*outcome.receipt, oracle.facts()[*expected.fact], places, oracle);
}

absl::Status CheckLedger(Server& server, const std::vector<Place>& places, const Oracle& oracle,
                         const Asking& asking) {
  RETURN_IF_ERROR(CheckRows(server, places, oracle));
  RETURN_IF_ERROR(CheckVerify(server, oracle));
  const size_t facts = oracle.facts().size();
  const size_t first = asking.depth == Depth::kAll || facts < kLatest ? 0 : facts - kLatest;
  RETURN_IF_ERROR(CheckReceipts(server, places, oracle, first));
  if (asking.depth == Depth::kRows) return absl::OkStatus();
  RETURN_IF_ERROR(CheckListing(server, oracle));
  RETURN_IF_ERROR(CheckAgreed(server, places, oracle));
  std::set<std::string> organisations;
  for (const Place& place : places) organisations.insert(place.organisation);
  for (const std::string& organisation : organisations) {
    RETURN_IF_ERROR(CheckHoursOf(organisation, server, oracle, asking));
  }
  if (asking.depth == Depth::kHours) return absl::OkStatus();
  RETURN_IF_ERROR(CheckVisits(server, places, oracle));
  return CheckPeople(server, places, oracle, asking);
}

}  // namespace rollcall::simulator
