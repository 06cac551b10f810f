#ifndef ROLLCALL_WEBHOOKS_EVENT_H_
#define ROLLCALL_WEBHOOKS_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/ids.h"

// What a webhook tells: one row of the ledger, as much of it as is anybody else's business.
namespace rollcall::webhooks {

enum class EventType { kCheckedIn, kCheckedOut, kReversed, kHoursCredited, kHoursReversed };

// "attendance.checked_in", "attendance.checked_out", "attendance.reversed", "hours.credited",
// "hours.reversed".
std::string_view NameOf(EventType type);
// All of them, in that order.
const std::vector<EventType>& EventTypes();
// InvalidArgument, reason BAD_EVENT_TYPE: no such name; the message lists those there are.
absl::StatusOr<EventType> EventTypeFrom(std::string_view name);

struct Event {
  int64_t sequence = 0;
  EventType type = EventType::kCheckedIn;
  base::Time time;  // of the record
  domain::SessionKey session;
  base::Uuid volunteer_key;
  base::Uuid id;        // of the event or the entry
  base::Uuid reverses;  // of the same kind; nil: takes nothing back
  base::Uuid in_event;  // entries only
  base::Uuid out_event;
  std::optional<int64_t> minutes;  // entries only
  int64_t awaiting_parent = 0;     // minutes; entries only, as the next two
  int64_t awaiting_province = 0;
  base::Uuid adjusted_by;          // nil: its own visit changed
  std::string_view evidence;       // domain::PublicClass; the weaker end of an entry
  bool practice = false;
};

// The body of the request, minimal JSON: docs/webhooks.md is its specification. `volunteer`: her
// number, empty where she is no longer registered; never a name. The same event gives the same
// bytes.
std::string MakePayload(const Event& event, const domain::VolunteerId& volunteer);

// Of a test delivery: type "webhook.ping".
std::string MakePingPayload(const base::Uuid& webhook, base::Time now);

// The header webhook-id of an event: the same at every attempt, different for every webhook and
// row.
std::string MessageId(const base::Uuid& webhook, const Event& event);

}  // namespace rollcall::webhooks

#endif  // ROLLCALL_WEBHOOKS_EVENT_H_
