#include "domain/attendance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

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

TEST(MinutesTest, AreWholeAndRoundedDown) {
  const HoursPolicy policy;
  const Session session = TwoHours();
  EXPECT_EQ(MinutesOf(kStart, kStart + 59s, session, policy), 0);
  EXPECT_EQ(MinutesOf(kStart, kStart + 60s, session, policy), 1);
  EXPECT_EQ(MinutesOf(kStart + 10min, kStart + 71min + 59s, session, policy), 61);
}

TEST(MinutesTest, ClipToTheSessionWhenThePolicySaysSo) {
  HoursPolicy policy;
  const Session session = TwoHours();
  EXPECT_EQ(MinutesOf(kStart - 30min, kStart + 3h, session, policy), 120);
  EXPECT_EQ(MinutesOf(kStart - 30min, kStart - 10min, session, policy), 0);
  EXPECT_EQ(MinutesOf(kStart + 2h, kStart + 3h, session, policy), 0);
  policy.clip_to_session = false;
  EXPECT_EQ(MinutesOf(kStart - 30min, kStart + 3h, session, policy), 210);
}

// Any two times within some years of the session, in any order.
base::Time AnyTime() {
  constexpr int64_t kYears = int64_t{3} * 366 * 86'400 * 1'000'000;
  return base::FromUnixMicros(base::ToUnixMicros(kStart) +
                              *rc::gen::inRange<int64_t>(-kYears, kYears));
}

TEST(MinutesTest, PropertiesHoldForAllTimes) {
  EXPECT_TRUE(rc::check("never negative, never more than the session or the stay", [] {
    HoursPolicy policy;
    policy.clip_to_session = *rc::gen::arbitrary<bool>();
    Session session;
    session.starts = AnyTime();
    session.ends = session.starts + std::chrono::minutes(*rc::gen::inRange(1, 7 * 24 * 60));
    const base::Time in = AnyTime();
    const base::Time out = AnyTime();
    const int64_t minutes = MinutesOf(in, out, session, policy);
    RC_ASSERT(minutes >= 0);
    if (out <= in) RC_ASSERT(minutes == 0);
    if (out > in) RC_ASSERT(std::chrono::minutes(minutes) <= out - in);
    if (policy.clip_to_session) {
      RC_ASSERT(std::chrono::minutes(minutes) <= session.ends - session.starts);
    }
  }));
  EXPECT_TRUE(rc::check("staying longer never credits less", [] {
    const HoursPolicy policy;
    const Session session = TwoHours();
    const base::Time in = kStart + std::chrono::minutes(*rc::gen::inRange(-300, 300));
    const base::Time out = in + std::chrono::minutes(*rc::gen::inRange(0, 300));
    const auto more = std::chrono::seconds(*rc::gen::inRange(0, 10'000));
    RC_ASSERT(MinutesOf(in, out, session, policy) <= MinutesOf(in, out + more, session, policy));
    RC_ASSERT(MinutesOf(in, out, session, policy) <= MinutesOf(in - more, out, session, policy));
  }));
  EXPECT_TRUE(rc::check("coming and going in between never credits more", [] {
    const HoursPolicy policy;
    const Session session = TwoHours();
    const base::Time in = kStart + std::chrono::seconds(*rc::gen::inRange(-5'000, 5'000));
    const base::Time middle = in + std::chrono::seconds(*rc::gen::inRange(0, 5'000));
    const base::Time out = middle + std::chrono::seconds(*rc::gen::inRange(0, 5'000));
    RC_ASSERT(MinutesOf(in, middle, session, policy) + MinutesOf(middle, out, session, policy) <=
              MinutesOf(in, out, session, policy));
  }));
}

TEST(HoursPolicyTest, TheHashFollowsEveryField) {
  const HoursPolicy policy;
  EXPECT_EQ(policy.Canonical(),
            "name=default\nversion=1\nclip_to_session=true\nmax_pairs_per_session=3\n"
            "auto_checkout_guard=300\nundo_window=300\npending_after=14400\n");
  std::vector<HoursPolicy> others(7);
  others[0].name = "other";
  others[1].version = 2;
  others[2].clip_to_session = false;
  others[3].max_pairs_per_session = 4;
  others[4].auto_checkout_guard = 6min;
  others[5].undo_window = 6min;
  others[6].pending_after = 5h;
  for (const HoursPolicy& other : others) EXPECT_NE(other.Hash(), policy.Hash());
}

}  // namespace
}  // namespace rollcall::domain
