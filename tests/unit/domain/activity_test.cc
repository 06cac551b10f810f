#include "domain/activity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "support/status_matchers.h"

namespace rollcall::domain {
namespace {

using namespace std::chrono_literals;
using support::HasReason;
using support::IsOk;

const base::Time kStart = base::FromUnixMicros(1'700'000'000'000'000);

Session Of(base::Duration length) {
  Session session;
  session.starts = kStart;
  session.ends = kStart + length;
  return session;
}

TEST(SessionTest, LastsMoreThanNothingAndAtMostAWeek) {
  EXPECT_THAT(ValidateSession(Of(1us)), IsOk());
  EXPECT_THAT(ValidateSession(Of(7 * 24h)), IsOk());
  EXPECT_THAT(ValidateSession(Of(0h)), HasReason("BAD_SESSION"));
  EXPECT_THAT(ValidateSession(Of(-1h)), HasReason("BAD_SESSION"));
  EXPECT_THAT(ValidateSession(Of(7 * 24h + 1us)), HasReason("BAD_SESSION"));
}

SessionBreak Break(base::Duration from, base::Duration to, BreakKind kind = BreakKind::kRest) {
  return {kind, kStart + from, kStart + to};
}

absl::Status ValidateWith(std::vector<SessionBreak> breaks) {
  Session session = Of(8h);
  session.breaks = std::move(breaks);
  return ValidateSession(session);
}

TEST(SessionTest, BreaksFollowEachOtherWithinTheSession) {
  EXPECT_THAT(ValidateWith({}), IsOk());
  EXPECT_THAT(ValidateWith({Break(0h, 8h)}), IsOk()) << "the whole of it";
  EXPECT_THAT(ValidateWith({Break(0h, 30min, BreakKind::kTravel), Break(30min, 1h),
                            Break(7h, 8h, BreakKind::kTravel)}),
              IsOk())
      << "one may begin as the other ends";
  EXPECT_THAT(ValidateWith({Break(2h, 2h)}), HasReason("BAD_SESSION"));
  EXPECT_THAT(ValidateWith({Break(3h, 2h)}), HasReason("BAD_SESSION"));
  EXPECT_THAT(ValidateWith({Break(-1us, 1h)}), HasReason("BAD_SESSION"));
  EXPECT_THAT(ValidateWith({Break(7h, 8h + 1us)}), HasReason("BAD_SESSION"));
  EXPECT_THAT(ValidateWith({Break(2h, 3h), Break(3h - 1us, 4h)}), HasReason("BAD_SESSION"));
  EXPECT_THAT(ValidateWith({Break(4h, 5h), Break(2h, 3h)}), HasReason("BAD_SESSION"));
  EXPECT_THAT(ValidateWith({Break(1h, 2h, static_cast<BreakKind>(0))}), HasReason("BAD_SESSION"));
  EXPECT_THAT(ValidateWith({Break(1h, 2h, static_cast<BreakKind>(3))}), HasReason("BAD_SESSION"));
}

TEST(SessionTest, BreaksAreTwentyAtMost) {
  std::vector<SessionBreak> breaks;
  for (int i = 0; i < 20; ++i) breaks.push_back(Break(i * 10min, i * 10min + 5min));
  EXPECT_THAT(ValidateWith(breaks), IsOk());
  breaks.push_back(Break(7h, 8h));
  EXPECT_THAT(ValidateWith(breaks), HasReason("BAD_SESSION"));
}

TEST(SessionTest, CheckInOpensEarlyAndClosesAtTheEnd) {
  const Session session = Of(2h);
  const SessionWindow window{30min, 1h};
  EXPECT_FALSE(InCheckInWindow(session, window, kStart - 30min - 1us));
  EXPECT_TRUE(InCheckInWindow(session, window, kStart - 30min));
  EXPECT_TRUE(InCheckInWindow(session, window, kStart + 2h - 1us));
  EXPECT_FALSE(InCheckInWindow(session, window, kStart + 2h));
}

TEST(SessionTest, CheckOutClosesLate) {
  const Session session = Of(2h);
  const SessionWindow window{30min, 1h};
  EXPECT_FALSE(InCheckOutWindow(session, window, kStart - 30min - 1us));
  EXPECT_TRUE(InCheckOutWindow(session, window, kStart - 30min));
  EXPECT_TRUE(InCheckOutWindow(session, window, kStart + 3h));
  EXPECT_FALSE(InCheckOutWindow(session, window, kStart + 3h + 1us));
}

}  // namespace
}  // namespace rollcall::domain
