#include "workload/check.h"

#include <set>

namespace rollcall::crash {
namespace {

using ledger::Receipt;
using ledger::StoredEvent;
using Found = std::optional<std::string>;

Found FromStatus(const std::string& what, const absl::Status& status) {
  return what + ": " + status.ToString();
}

// SQLite's own full check: pages, rows, and every index against its table.
Found CheckDatabase(storage::Database& database) {
  const auto answer = database.Read([](storage::Connection& c) -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const auto rows, c.Query("PRAGMA integrity_check(1)"));
    RETURN_IF_ERROR(rows->Next().status());
    return rows->Text(0);
  });
  if (!answer.ok()) return FromStatus("integrity_check", answer.status());
  if (*answer != "ok") return "the database is damaged: " + *answer;
  return std::nullopt;
}

bool Matches(const StoredEvent& stored, const Receipt& receipt) {
  const domain::AttendanceEvent& e = stored.event;
  return stored.sequence == receipt.sequence && e.event_id == receipt.event_id &&
         e.kind == receipt.kind && e.session == receipt.session &&
         e.volunteer_key == receipt.volunteer_key && e.record_time == receipt.record_time &&
         e.evidence == receipt.evidence && e.practice == receipt.practice &&
         e.reverses == receipt.reverses;
}

Found CheckEvent(const StoredEvent& stored, const Expectation& expectation,
                 std::set<base::Uuid>& seen) {
  const base::Uuid& id = stored.event.request_id;
  if (!seen.insert(id).second) return "doubled: request " + id.ToString();
  if (expectation.was_sent && !expectation.was_sent(id)) {
    return "nobody had sent request " + id.ToString();
  }
  const auto acknowledged = expectation.acknowledged.find(id);
  if (acknowledged != expectation.acknowledged.end() && !Matches(stored, acknowledged->second)) {
    return "changed: request " + id.ToString() + " is not what its receipt says";
  }
  const Receipt* known = expectation.known ? expectation.known(id) : nullptr;
  if (known != nullptr && !Matches(stored, *known)) {
    return "changed: request " + id.ToString() + " is not what it became without the crash";
  }
  return std::nullopt;
}

Found CheckEvents(ledger::Ledger& ledger, const Expectation& expectation) {
  std::set<base::Uuid> seen;
  base::PageRequest page;
  page.size = 1000;
  do {
    const auto events = ledger.ListEvents({}, page);
    if (!events.ok()) return FromStatus("listing", events.status());
    for (const StoredEvent& stored : events->items) {
      if (auto fault = CheckEvent(stored, expectation, seen)) return fault;
    }
    page.token = events->next_token;
  } while (!page.token.empty());
  for (const auto& [id, receipt] : expectation.acknowledged) {
    if (!seen.contains(id)) return "acknowledged, and lost: request " + id.ToString();
    if (!expectation.one_by_one) continue;
    const auto stored = ledger.GetByRequestId(Organisation(), id);
    if (!stored.ok()) return FromStatus("the receipt is gone", stored.status());
    if (!SameReceipt(*stored, receipt)) return "another receipt: request " + id.ToString();
  }
  return std::nullopt;
}

// The minutes of everybody, added up, are the minutes of all entries.
Found CheckSums(ledger::Ledger& ledger, const ledger::VerifyReport& report) {
  int64_t minutes = 0;
  int64_t practice = 0;
  base::PageRequest page;
  page.size = 1000;
  do {
    const auto hours = ledger.HoursByVolunteer({}, page);
    if (!hours.ok()) return FromStatus("hours", hours.status());
    for (const ledger::VolunteerHours& one : hours->items) {
      minutes += one.minutes;
      practice += one.practice_minutes;
    }
    page.token = hours->next_token;
  } while (!page.token.empty());
  if (minutes == report.minutes && practice == report.practice_minutes) return std::nullopt;
  return "the hours do not add up: " + std::to_string(minutes) + " minutes of people, " +
         std::to_string(report.minutes) + " of entries";
}

}  // namespace

bool SameReceipt(const Receipt& a, const Receipt& b) {
  return a.sequence == b.sequence && a.event_id == b.event_id && a.request_id == b.request_id &&
         a.kind == b.kind && a.session == b.session && a.volunteer_key == b.volunteer_key &&
         a.record_time == b.record_time && a.evidence == b.evidence && a.practice == b.practice &&
         a.reverses == b.reverses && a.minutes == b.minutes;
}

std::optional<std::string> FindFault(Store& store, const Expectation& expectation) {
  if (auto fault = CheckDatabase(store.database())) return fault;
  const auto report = store.ledger().Verify();
  if (!report.ok()) return FromStatus("verification", report.status());
  if (report->fault) {
    return "row " + std::to_string(report->fault->sequence) + ": " + report->fault->what;
  }
  if (auto fault = CheckEvents(store.ledger(), expectation)) return fault;
  return expectation.one_by_one ? CheckSums(store.ledger(), *report) : std::nullopt;
}

}  // namespace rollcall::crash
