#include "ledger/recorder.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "ledger/derive.h"
#include "ledger/person_reader.h"
#include "ledger/row_lookup.h"
#include "ledger/session_fields.h"

namespace rollcall::ledger {
namespace {

using absl::StatusCode;
using domain::Decision;
using domain::EventKind;
using storage::Connection;

absl::Status BadEvent(std::string_view what) {
  return base::MakeError(StatusCode::kInvalidArgument, "BAD_EVENT", what);
}

Decision DecisionOf(EventKind kind) {
  switch (kind) {
    case EventKind::kCheckIn:
      return Decision::kCheckedIn;
    case EventKind::kCheckOut:
      return Decision::kCheckedOut;
    case EventKind::kReversal:
      return Decision::kUndone;
  }
  return Decision::kUnspecified;
}

Receipt ReceiptOf(int64_t sequence, const domain::AttendanceEvent& e,
                  std::optional<int64_t> minutes) {
  Receipt receipt;
  receipt.sequence = sequence;
  receipt.event_id = e.event_id;
  receipt.request_id = e.request_id;
  receipt.kind = e.kind;
  receipt.session = e.session;
  receipt.volunteer_key = e.volunteer_key;
  receipt.record_time = e.record_time;
  receipt.evidence = e.evidence;
  receipt.practice = e.practice;
  receipt.reverses = e.reverses;
  receipt.minutes = minutes;
  return receipt;
}

// What was recorded under `request_id` before, as an answer; nothing when it is new.
absl::StatusOr<std::optional<RecordOutcome>> Replay(Connection& connection,
                                                    const domain::OrganisationId& organisation,
                                                    const base::Uuid& request_id,
                                                    const base::Sha256Digest& payload_hash) {
  ASSIGN_OR_RETURN(auto stored, FindRequest(connection, organisation, request_id));
  if (!stored) return std::optional<RecordOutcome>();
  auto* event = std::get_if<EventRow>(&stored->row);
  if (event == nullptr || event->payload_hash != payload_hash) return RequestIdReused();
  ASSIGN_OR_RETURN(Receipt receipt,
                   MakeReceipt(connection, {stored->sequence, std::move(*event)}));
  receipt.replayed = true;
  return std::optional<RecordOutcome>(
      RecordOutcome{DecisionOf(receipt.kind), std::move(receipt)});
}

absl::Status NothingToUndo(std::string_view why) {
  return base::MakeError(StatusCode::kFailedPrecondition, "NOTHING_TO_UNDO", why);
}

// A reversal copies what it needs from the event it takes back, so that it says by itself whose
// hours change and where.
EventRow ReversalOf(const EventRow& row, const UndoRequest& request, const base::Uuid& id) {
  EventRow reversal;
  domain::AttendanceEvent& e = reversal.event;
  e.event_id = id;
  e.kind = EventKind::kReversal;
  e.session = row.event.session;
  e.volunteer_key = row.event.volunteer_key;
  e.post = row.event.post;
  e.capture_time = request.now;
  e.record_time = request.now;
  e.evidence = row.event.evidence;
  e.kiosk = request.kiosk;
  e.recorder = request.recorder;
  e.practice = row.event.practice;
  e.request_id = request.request_id;
  e.reverses = row.event.event_id;
  reversal.payload_hash = request.payload_hash;
  CopySession(row, reversal);
  return reversal;
}

// The rows of the visit were not where the index says that they are.
absl::Status WithoutEntry() {
  return base::MakeError(StatusCode::kDataLoss, "LEDGER_INCONSISTENT",
                         "a check-out that no visit belongs to");
}

EventRow EventOf(const RecordRequest& request, EventKind kind, const base::Uuid& id) {
  EventRow row;
  row.event = request.event;
  row.event.event_id = id;
  row.event.kind = kind;
  row.event.record_time = request.now;
  row.event.reverses = {};
  row.payload_hash = request.payload_hash;
  SetSession(request.session, request.activity_length, row);
  return row;
}

}  // namespace

absl::StatusOr<Receipt> MakeReceipt(Connection& connection, const Sequenced<EventRow>& event) {
  // Only a check-out, or the reversal of one, is followed by an entry.
  ASSIGN_OR_RETURN(const auto entry, FindEntry(connection, event.row.event.event_id));
  std::optional<int64_t> minutes;
  if (entry) minutes = entry->row.minutes;
  return ReceiptOf(event.sequence, event.row.event, minutes);
}

absl::StatusOr<int64_t> Recorder::AppendChecked(Connection& connection, const Row& row) {
  if (const auto fault = Fault(row); !fault.empty()) return BadEvent(fault);
  return writer_.Append(connection, row);
}

absl::StatusOr<RecordOutcome> Recorder::Record(Connection& connection,
                                               const RecordRequest& request) {
  const domain::SessionKey& session = request.event.session;
  if (request.session.key != session) return BadEvent("the session is not the event's");
  if (request.action == domain::Action::kUnspecified) return BadEvent("no action");
  if (request.event.token_id.IsNil()) return BadEvent("no token");
  if (request.policy == nullptr) return BadEvent("no hours policy");

  ASSIGN_OR_RETURN(auto replay, Replay(connection, session.organisation, request.event.request_id,
                                       request.payload_hash));
  if (replay) return *std::move(replay);
  for (const base::Uuid& token : {request.event.token_id, request.event.second_token_id}) {
    if (token.IsNil()) continue;
    ASSIGN_OR_RETURN(const bool used, TokenUsed(connection, token));
    if (used) {
      return base::MakeError(StatusCode::kFailedPrecondition, "TOKEN_USED",
                             "this token has been used; identify again to get another one");
    }
  }
  ASSIGN_OR_RETURN(const Visits visits,
                   ReadVisits(connection, session, request.event.volunteer_key));
  const hours::Zone& zone = request.policy->zone;
  domain::VisitRules rules = request.rules;
  rules.max_pairs_per_day = request.policy->pairs_per_day;
  const domain::ActionResult action = domain::ResolveAction(
      request.action, visits.State(zone.StartOf(zone.DayOf(request.now))), request.session,
      request.window, rules, request.now);
  if (action.decision != DecisionOf(action.kind)) {
    return RecordOutcome{action.decision, std::nullopt};
  }

  const bool out = action.kind == EventKind::kCheckOut;
  if (out && visits.pairs().back().in.practice != request.event.practice) {
    return BadEvent("practice and not practice in one visit");
  }
  const EventRow row = EventOf(request, action.kind, ids_.Next());
  if (const auto fault = Fault(row); !fault.empty()) return BadEvent(fault);
  if (!out) {
    ASSIGN_OR_RETURN(const int64_t sequence, AppendChecked(connection, row));
    return RecordOutcome{action.decision, ReceiptOf(sequence, row.event, std::nullopt)};
  }
  const base::Time in = visits.pairs().back().in.time;
  ASSIGN_OR_RETURN(Person person,
                   ReadPersonAround(connection, policies_, request.event.volunteer_key,
                                    {std::min(in, request.now), std::max(in, request.now),
                                     request.event.practice},
                                    request.policy));
  if (const auto fault = person.Add(row); !fault.empty()) return BadEvent(fault);
  // Before the event, so that an entry always stands right behind its event.
  RETURN_IF_ERROR(
      policies_.Keep(connection, writer_, session.organisation, request.policy, request.now));
  ASSIGN_OR_RETURN(const int64_t sequence, AppendChecked(connection, row));
  ASSIGN_OR_RETURN(const auto minutes, AppendEntries(connection, person, row, request.policy));
  if (!minutes) return WithoutEntry();
  return RecordOutcome{action.decision, ReceiptOf(sequence, row.event, minutes)};
}

absl::StatusOr<std::optional<int64_t>> Recorder::AppendEntries(Connection& connection,
                                                               const Person& person,
                                                               const EventRow& event,
                                                               const hours::PolicyPtr& policy) {
  const Cause cause{event.event.event_id, event.event.record_time, {}, policy};
  ASSIGN_OR_RETURN(auto entries, EntriesAfter(person, cause, PoliciesOf(connection, policies_)));
  std::optional<int64_t> minutes;
  for (EntryRow& entry : entries) {
    entry.entry_id = ids_.Next();
    RETURN_IF_ERROR(AppendChecked(connection, entry).status());
    if (!entry.cause().IsNil()) minutes = entry.minutes;
  }
  return minutes;
}

absl::StatusOr<RecordOutcome> Recorder::Undo(Connection& connection, const UndoRequest& request) {
  ASSIGN_OR_RETURN(auto replay, Replay(connection, request.organisation, request.request_id,
                                       request.payload_hash));
  if (replay) return *std::move(replay);
  ASSIGN_OR_RETURN(const auto found,
                   FindEvent(connection, request.organisation, request.event_id));
  if (!found) {
    return base::MakeError(StatusCode::kNotFound, "NO_SUCH_EVENT",
                           "the ledger of this organisation has no event with this id");
  }
  const domain::AttendanceEvent& event = found->row.event;
  ASSIGN_OR_RETURN(const Visits visits,
                   ReadVisits(connection, event.session, event.volunteer_key));
  if (visits.last_standing() != event.event_id) {
    return NothingToUndo("only the last check-in or check-out that stands can be taken back");
  }
  if (request.now - event.record_time > request.undo_window) {
    return base::MakeError(StatusCode::kFailedPrecondition, "UNDO_TOO_LATE",
                           "the time for taking back has passed; ask for a correction");
  }

  const bool out = event.kind == EventKind::kCheckOut;
  const VisitPair& pair = visits.pairs().back();
  const base::Time last = pair.out ? pair.out->time : pair.in.time;
  ASSIGN_OR_RETURN(Person person,
                   ReadPersonAround(connection, policies_, event.volunteer_key,
                                    {std::min(pair.in.time, last), std::max(pair.in.time, last),
                                     event.practice},
                                    nullptr));
  if (out) {
    const KnownVisit* visit = person.FindByCheckOut(event.event_id);
    if (visit == nullptr) return NothingToUndo("its hours have been corrected since");
  }
  const EventRow reversal = ReversalOf(found->row, request, ids_.Next());
  if (const auto fault = person.Add(reversal); !fault.empty()) return BadEvent(fault);
  ASSIGN_OR_RETURN(const int64_t sequence, AppendChecked(connection, reversal));
  ASSIGN_OR_RETURN(const auto minutes, AppendEntries(connection, person, reversal, nullptr));
  if (out && !minutes) return WithoutEntry();
  return RecordOutcome{Decision::kUndone, ReceiptOf(sequence, reversal.event, minutes)};
}

}  // namespace rollcall::ledger
