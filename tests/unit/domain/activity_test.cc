#include "domain/activity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
