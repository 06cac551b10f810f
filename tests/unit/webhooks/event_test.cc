#include "webhooks/event.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "support/status_matchers.h"

namespace rollcall::webhooks {
namespace {

using support::HasReason;

base::Uuid Id(const std::string& last) {
  return *base::Uuid::Parse("00000000-0000-7000-8000-0000000000" + last);
}

Event CheckIn() {
  Event event;
  event.sequence = 42;
  event.time = *base::ParseTime("2026-11-24T09:10:00Z");
  event.session = {domain::OrganisationId("home"), domain::ActivityId("a"), domain::SessionId("s")};
  event.id = Id("01");
  event.evidence = "witnessed";
  return event;
}

TEST(Payload, OfACheckInIsTheDocumentedOne) {
  EXPECT_EQ(
      MakePayload(CheckIn(), domain::VolunteerId("v-1")),
      R"({"type":"attendance.checked_in","timestamp":"2026-11-24T09:10:00Z","data":{"sequence":42,)"
      R"("organisation_id":"home","activity_id":"a","session_id":"s","volunteer_id":"v-1",)"
      R"("event_id":"00000000-0000-7000-8000-000000000001","evidence":"witnessed","practice":false}})");
}

TEST(Payload, OfAReversedEntryIsTheDocumentedOne) {
  Event event = CheckIn();
  event.type = EventType::kHoursReversed;
  event.reverses = Id("02");
  event.in_event = Id("03");
  event.out_event = Id("04");
  event.minutes = -30;
  event.awaiting_parent = -240;
  event.adjusted_by = Id("05");
  event.evidence = "attested";
  event.practice = true;
  EXPECT_EQ(MakePayload(event, domain::VolunteerId()),
            R"({"type":"hours.reversed","timestamp":"2026-11-24T09:10:00Z","data":{"sequence":42,)"
            R"("organisation_id":"home","activity_id":"a","session_id":"s","volunteer_id":null,)"
            R"("entry_id":"00000000-0000-7000-8000-000000000001",)"
            R"("reverses_entry_id":"00000000-0000-7000-8000-000000000002",)"
            R"("in_event_id":"00000000-0000-7000-8000-000000000003",)"
            R"("out_event_id":"00000000-0000-7000-8000-000000000004",)"
            R"("adjusted_by_id":"00000000-0000-7000-8000-000000000005","minutes":-30,)"
            R"("awaiting_parent_minutes":-240,"awaiting_province_minutes":0,)"
            R"("evidence":"attested","practice":true}})");
}

TEST(MessageId, IsStableAndOfItsOwnForEveryWebhookAndRow) {
  const Event event = CheckIn();
  EXPECT_EQ(MessageId(Id("10"), event), MessageId(Id("10"), event));
  std::set<std::string> ids = {MessageId(Id("10"), event), MessageId(Id("11"), event)};
  Event other = event;
  other.sequence = 43;
  ids.insert(MessageId(Id("10"), other));
  other = event;
  other.id = Id("05");  // another row under the same number, after a restored backup
  ids.insert(MessageId(Id("10"), other));
  EXPECT_EQ(ids.size(), 4u);
  for (const std::string& id : ids) {
    EXPECT_EQ(id.size(), 36u);
    EXPECT_EQ(id.find('.'), std::string::npos) << "the signed content is split at full stops";
  }
}

TEST(EventTypes, AreKnownByTheirNames) {
  for (const EventType type : EventTypes()) {
    const auto found = EventTypeFrom(NameOf(type));
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(*found, type);
  }
  EXPECT_THAT(EventTypeFrom("attendance"),
              HasReason("BAD_EVENT_TYPE"));
}

}  // namespace
}  // namespace rollcall::webhooks
