#include "ledger/visits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace rollcall::ledger {
namespace {

using domain::EventKind;

base::Uuid Id(int number) {
  base::Uuid uuid;
  uuid.bytes[0] = 1;
  uuid.bytes[15] = static_cast<uint8_t>(number);
  uuid.bytes[14] = static_cast<uint8_t>(number >> 8);
  return uuid;
}

EventRow Event(int number, EventKind kind, int reverses = 0) {
  EventRow row;
  row.event.event_id = Id(number);
  row.event.kind = kind;
  row.event.record_time = base::FromUnixMicros(number);
  if (kind == EventKind::kReversal) row.event.reverses = Id(reverses);
  return row;
}

TEST(VisitsTest, ComingAndGoingMakesPairs) {
  Visits visits;
  EXPECT_TRUE(visits.last_standing().IsNil());
  EXPECT_EQ(visits.Add(Event(1, EventKind::kCheckIn)), "");
  EXPECT_EQ(visits.State(base::Time::min()).open_event, Id(1));
  EXPECT_EQ(visits.Add(Event(2, EventKind::kCheckOut)), "");
  EXPECT_EQ(visits.State(base::Time::min()).open_since, std::nullopt);
  EXPECT_EQ(visits.State(base::Time::min()).pairs, 1);
  EXPECT_EQ(visits.last_standing(), Id(2));
}

TEST(VisitsTest, WhatDoesNotFollowIsAFault) {
  Visits visits;
  EXPECT_NE(visits.Add(Event(1, EventKind::kCheckOut)), "");
  EXPECT_NE(visits.Add(Event(1, EventKind::kReversal, 1)), "");
  EXPECT_EQ(visits.Add(Event(1, EventKind::kCheckIn)), "");
  EXPECT_NE(visits.Add(Event(2, EventKind::kCheckIn)), "");
  EXPECT_NE(visits.Add(Event(2, EventKind::kReversal, 9)), "");
  EXPECT_EQ(visits.Add(Event(2, EventKind::kCheckOut)), "");
  EXPECT_NE(visits.Add(Event(3, EventKind::kReversal, 1)), "") << "a check-out stands on it";
  EXPECT_EQ(visits.pairs().size(), 1u);
}

// Whatever is done and taken back again, the visits are those of a plain list of what stands.
TEST(VisitsTest, AgreesWithAPlainListOfWhatStands) {
  EXPECT_TRUE(rc::check("any order of coming, going and taking back", [] {
    Visits visits;
    std::vector<std::pair<int, EventKind>> standing;
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 3));
    int number = 0;
    for (const int step : steps) {
      ++number;
      const bool open = !standing.empty() && standing.back().second == EventKind::kCheckIn;
      if (step == 0 && !open) {
        RC_ASSERT(visits.Add(Event(number, EventKind::kCheckIn)).empty());
        standing.emplace_back(number, EventKind::kCheckIn);
      } else if (step == 1 && open) {
        RC_ASSERT(visits.Add(Event(number, EventKind::kCheckOut)).empty());
        standing.emplace_back(number, EventKind::kCheckOut);
      } else if (step == 2 && !standing.empty()) {
        RC_ASSERT(
            visits.Add(Event(number, EventKind::kReversal, standing.back().first)).empty());
        standing.pop_back();
      }
      const domain::VisitState state = visits.State(base::Time::min());
      RC_ASSERT(state.pairs == static_cast<int32_t>(standing.size() / 2));
      RC_ASSERT(state.open_since.has_value() == (standing.size() % 2 == 1));
    }
  }));
}

}  // namespace
}  // namespace rollcall::ledger
