#include "domain/attendance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace rollcall::domain {
namespace {

using namespace std::chrono_literals;

const base::Time kStart = base::FromUnixMicros(1'700'000'000'000'000);

Session TwoHours() {
  Session session;
  session.starts = kStart;
  session.ends = kStart + 2h;
  return session;
}

struct ResolveCase {
  std::string name;
  Action action;
  std::optional<base::Duration> open_for;  // nothing: no open visit
  int32_t pairs;
  base::Duration now;  // after the session's start
  Decision decision;
  EventKind kind;
};

class ResolveActionTest : public testing::TestWithParam<ResolveCase> {};

TEST_P(ResolveActionTest, ComesTo) {
  const ResolveCase& c = GetParam();
  const base::Time now = kStart + c.now;
  VisitState state;
  if (c.open_for) state.open_since = now - *c.open_for;
  state.pairs = c.pairs;
  const ActionResult result = ResolveAction(c.action, state, TwoHours(), {}, {}, now);
  EXPECT_EQ(result.decision, c.decision);
  EXPECT_EQ(result.kind, c.kind);
}

constexpr auto kNobody = std::nullopt;
constexpr auto kIn = EventKind::kCheckIn;
constexpr auto kOut = EventKind::kCheckOut;

INSTANTIATE_TEST_SUITE_P(
    Table, ResolveActionTest,
    testing::ValuesIn(std::vector<ResolveCase>{
        {"In", Action::kIn, kNobody, 0, 0min, Decision::kCheckedIn, kIn},
        {"InEarly", Action::kIn, kNobody, 0, -60min, Decision::kCheckedIn, kIn},
        {"InTooEarly", Action::kIn, kNobody, 0, -61min, Decision::kOutsideSessionTime, kIn},
        {"InAfterTheEnd", Action::kIn, kNobody, 0, 2h, Decision::kOutsideSessionTime, kIn},
        {"InTwice", Action::kIn, 10min, 0, 30min, Decision::kAlreadyCheckedIn, kIn},
        {"InAgainAfterAPair", Action::kIn, kNobody, 2, 30min, Decision::kCheckedIn, kIn},
        {"InBeyondThePolicy", Action::kIn, kNobody, 3, 30min, Decision::kPairLimit, kIn},
        {"Out", Action::kOut, 1h, 0, 90min, Decision::kCheckedOut, kOut},
        {"OutAtOnce", Action::kOut, 1s, 0, 30min, Decision::kCheckedOut, kOut},
        {"OutLate", Action::kOut, 6h, 0, 6h, Decision::kCheckedOut, kOut},
        {"OutTooLate", Action::kOut, 6h, 0, 6h + 1us, Decision::kOutsideSessionTime, kOut},
        {"OutWithoutIn", Action::kOut, kNobody, 1, 30min, Decision::kNotCheckedIn, kOut},
        {"OutOfTheLastPair", Action::kOut, 5min, 2, 30min, Decision::kCheckedOut, kOut},
        {"AutoIn", Action::kAuto, kNobody, 0, 0min, Decision::kCheckedIn, kIn},
        {"AutoTooSoon", Action::kAuto, 5min - 1us, 0, 30min, Decision::kTooSoon, kOut},
        {"AutoOut", Action::kAuto, 5min, 0, 30min, Decision::kCheckedOut, kOut},
        {"AutoReentry", Action::kAuto, kNobody, 1, 90min, Decision::kCheckedIn, kIn},
        {"AutoBeyondThePolicy", Action::kAuto, kNobody, 3, 30min, Decision::kPairLimit, kIn},
        // A clock that went back: the check-in lies in the future, which is "too soon".
        {"AutoClockWentBack", Action::kAuto, -10min, 0, 30min, Decision::kTooSoon, kOut},
    }),
    [](const auto& test) { return test.param.name; });

TEST(ResolveActionTest, NoLimitOfPairs) {
  VisitRules rules;
  rules.max_pairs_per_day = 0;
  VisitState state;
  state.pairs = 99;
  EXPECT_EQ(ResolveAction(Action::kIn, state, TwoHours(), {}, rules, kStart).decision,
            Decision::kCheckedIn);
}

}  // namespace
}  // namespace rollcall::domain
