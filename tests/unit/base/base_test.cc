#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/bounded_queue.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "base/thread_pool.h"
#include "base/uuid.h"
#include "support/status_matchers.h"

namespace rollcall::base {
namespace {

using support::HasReason;
using support::IsOk;

TEST(StatusTest, ReasonSurvivesAnnotate) {
  const auto error = MakeError(absl::StatusCode::kNotFound, "NO_SUCH", "nothing there");
  const auto annotated = Annotate(error, "while looking");
  EXPECT_EQ(ErrorReason(annotated), "NO_SUCH");
  EXPECT_EQ(annotated.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Message(annotated), "while looking: nothing there");
}

TEST(TimeTest, ParsesOffsetsAndPrintsUtc) {
  const auto time = ParseTime("2026-11-24T08:00:00+08:00");
  ASSERT_THAT(time, IsOk());
  EXPECT_EQ(FormatTime(*time), "2026-11-24T00:00:00Z");
  for (const char* bad : {"", "2026-11-24", "2026-11-24T08:00:00", "tomorrow", "infinite-future"}) {
    EXPECT_THAT(ParseTime(bad), HasReason("BAD_TIME")) << bad;
  }
}

TEST(UuidTest, RoundTripsAndRefusesWhatIsNotOne) {
  ManualClock clock(FromUnixMicros(1'700'000'000'000'000));
  SeededRandom random(1);
  UuidV7Generator generator(clock, random);
  const Uuid uuid = generator.Next();
  const auto parsed = Uuid::Parse(uuid.ToString());
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(*parsed, uuid);
  for (const char* bad : {"", "0190", "00000000-0000-0000-0000-000000000000",
                          "g1234567-1234-1234-1234-123456789abc"}) {
    EXPECT_THAT(Uuid::Parse(bad), HasReason("BAD_UUID")) << bad;
  }
}

TEST(UuidTest, GrowsWithinAMillisecondAndWhenTheClockGoesBack) {
  ManualClock clock(FromUnixMicros(1'700'000'000'000'000));
  SeededRandom random(2);
  UuidV7Generator generator(clock, random);
  Uuid last = generator.Next();
  for (int i = 0; i < 10'000; ++i) {
    if (i == 5'000) clock.SetNow(FromUnixMicros(1'600'000'000'000'000));
    const Uuid next = generator.Next();
    ASSERT_LT(last, next) << i;
    ASSERT_EQ(next.bytes[6] >> 4, 7);
    ASSERT_EQ(next.bytes[8] >> 6, 2);
    last = next;
  }
}

TEST(BytesTest, Sha256OfTheStandardsExample) {
  // FIPS 180-4, example "abc".
  EXPECT_EQ(ToHex(Sha256(AsBytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(TextTest, IdsOnTheWire) {
  for (const char* good : {"a", "V001", "a.b_c-d", "0123456789"}) {
    EXPECT_THAT(ValidateId(good, "id"), IsOk()) << good;
  }
  for (const std::string& bad : {std::string(), std::string("-a"), std::string(".a"),
                                 std::string("a b"), std::string("\xe6\x9d\x8e"),
                                 std::string(65, 'a'), std::string("a\n")}) {
    EXPECT_THAT(ValidateId(bad, "id"), HasReason("BAD_ID")) << bad;
  }
}

TEST(TextTest, NamesMayBeRareButNotDeceptive) {
  // The last one is U+20BB7, beyond the basic plane.
  for (const char* good : {"Ada", "李小龙", "O'Neill-Süß", "𠮷田"}) {
    EXPECT_THAT(ValidateDisplayText(good, "name", 200), IsOk()) << good;
  }
  const std::string right_to_left = "Ada\xe2\x80\xae" "adA";
  for (const std::string& bad :
       {std::string(), std::string("  \xe3\x80\x80"), std::string("a\nb"), std::string("a\0b", 3),
        right_to_left, std::string("\xff\xfe"), std::string("\xc0\xaf"),
        std::string("\xed\xa0\x80"), std::string(201, 'a')}) {
    EXPECT_THAT(ValidateDisplayText(bad, "name", 200), HasReason("BAD_TEXT")) << bad;
  }
}

TEST(BoundedQueueTest, RefusesWhenFullAndDrainsAfterClose) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.TryPush(1));
  EXPECT_TRUE(queue.TryPush(2));
  EXPECT_FALSE(queue.TryPush(3));
  queue.Close();
  EXPECT_FALSE(queue.TryPush(4));
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.Pop(), 2);
  EXPECT_EQ(queue.Pop(), std::nullopt);
}

TEST(ThreadPoolTest, RunsWhatWasAcceptedBeforeDrain) {
  std::atomic<int> ran = 0;
  ThreadPool pool(2, 100);
  int accepted = 0;
  for (int i = 0; i < 100; ++i) accepted += pool.TryPost([&ran] { ++ran; }) ? 1 : 0;
  pool.Drain();
  EXPECT_EQ(ran.load(), accepted);
  EXPECT_FALSE(pool.TryPost([] {}));
}

TEST(LogTest, EscapesWhatIsNotPlain) {
  std::string line;
  log::CaptureForTest([&line](const std::string& l) { line = l; });
  log::Info("something", {{"text", "a\"b\\c\nd"}, {"count", 3}, {"yes", true}});
  log::CaptureForTest({});
  EXPECT_THAT(line, testing::HasSubstr(R"("event":"something","text":"a\"b\\c\u000ad","count":3,)"
                                       R"("yes":true})"));
}

}  // namespace
}  // namespace rollcall::base
