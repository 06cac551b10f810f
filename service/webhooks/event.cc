#include "webhooks/event.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/bytes.h"

namespace rollcall::webhooks {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string_view NameOf(EventType type) {
  switch (type) {
    case EventType::kCheckedIn:
      return "attendance.checked_in";
    case EventType::kCheckedOut:
      return "attendance.checked_out";
    case EventType::kReversed:
      return "attendance.reversed";
    case EventType::kHoursCredited:
      return "hours.credited";
    case EventType::kHoursReversed:
      return "hours.reversed";
  }
  return "";
}

const std::vector<EventType>& EventTypes() {
  static const std::vector<EventType> types = {EventType::kCheckedIn, EventType::kCheckedOut,
                                               EventType::kReversed, EventType::kHoursCredited,
                                               EventType::kHoursReversed};
  return types;
}

absl::StatusOr<EventType> EventTypeFrom(std::string_view name) {
  std::string known;
  for (const EventType type : EventTypes()) {
    if (NameOf(type) == name) return type;
    known += (known.empty() ? "" : ", ") + std::string(NameOf(type));
  }
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_EVENT_TYPE",
                         "event_types: no such type; there are " + known);
}

std::string MakePayload(const Event& event, const domain::VolunteerId& volunteer) {
  Json data;
  data["sequence"] = event.sequence;
  data["organisation_id"] = event.session.organisation.value;
  data["activity_id"] = event.session.activity.value;
  data["session_id"] = event.session.session.value;
  data["volunteer_id"] = volunteer.empty() ? Json() : Json(volunteer.value);
  if (event.minutes) {
    data["entry_id"] = event.id.ToString();
    if (!event.reverses.IsNil()) data["reverses_entry_id"] = event.reverses.ToString();
    data["in_event_id"] = event.in_event.ToString();
    data["out_event_id"] = event.out_event.ToString();
    if (!event.adjusted_by.IsNil()) data["adjusted_by_id"] = event.adjusted_by.ToString();
    data["minutes"] = *event.minutes;
    data["awaiting_parent_minutes"] = event.awaiting_parent;
    data["awaiting_province_minutes"] = event.awaiting_province;
  } else {
    data["event_id"] = event.id.ToString();
    if (!event.reverses.IsNil()) data["reverses_event_id"] = event.reverses.ToString();
  }
  data["evidence"] = event.evidence;
  data["practice"] = event.practice;
  Json body;
  body["type"] = NameOf(event.type);
  body["timestamp"] = base::FormatTime(event.time);
  body["data"] = std::move(data);
  return Dump(body);
}

std::string MakePingPayload(const base::Uuid& webhook, base::Time now) {
  Json body;
  body["type"] = "webhook.ping";
  body["timestamp"] = base::FormatTime(now);
  body["data"]["webhook_id"] = webhook.ToString();
  return Dump(body);
}

std::string MessageId(const base::Uuid& webhook, const Event& event) {
  // The row's own id too: after a restored backup another row may bear the number.
  base::Bytes input(webhook.bytes.begin(), webhook.bytes.end());
  for (int shift = 56; shift >= 0; shift -= 8) {
    input.push_back(static_cast<uint8_t>(static_cast<uint64_t>(event.sequence) >> shift));
  }
  input.insert(input.end(), event.id.bytes.begin(), event.id.bytes.end());
  const base::Sha256Digest digest = base::Sha256(input);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string id = "msg_";
  for (size_t i = 0; i < 16; ++i) {
    id += kDigits[digest[i] >> 4];
    id += kDigits[digest[i] & 15];
  }
  return id;
}

}  // namespace rollcall::webhooks
