#include "base/uuid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "support/status_matchers.h"

namespace rollcall::base {
namespace {

using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::SizeIs;
using namespace std::chrono_literals;

const char kText[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";  // RFC 9562, A.6
// 2022-02-22T19:22:22Z, the time of that example.
constexpr Time kThen = Time(1'645'557'742'000ms);

constexpr Uuid kUuid = {{0x01, 0x7f, 0x22, 0xe2, 0x79, 0xb0, 0x7c, 0xc3, 0x98, 0xc4, 0xdc, 0x0c,
                         0x0c, 0x07, 0x39, 0x8f}};

// The 48 bits of milliseconds and the 12 bits of the counter.
uint64_t Millis(const Uuid& uuid) {
  uint64_t millis = 0;
  for (size_t i = 0; i < 6; ++i) millis = millis << 8 | uuid.bytes[i];
  return millis;
}
int Count(const Uuid& uuid) { return (uuid.bytes[6] & 0x0f) << 8 | uuid.bytes[7]; }

class UuidV7Test : public testing::Test {
 protected:
  ManualClock clock_{kThen};
  SeededRandom random_{1};
  UuidV7Generator generator_{clock_, random_};
};

TEST(UuidTest, IsWrittenInLowerCaseWithDashes) { EXPECT_EQ(kUuid.ToString(), kText); }

TEST(UuidTest, IsReadInEitherCase) {
  for (const char* text :
       {kText, "017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "017F22e2-79b0-7cc3-98C4-dc0c0c07398f"}) {
    const auto parsed = Uuid::Parse(text);
    ASSERT_THAT(parsed, IsOk()) << text;
    EXPECT_EQ(*parsed, kUuid) << text;
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

TEST(UuidTest, OtherNotationsAreRefused) {
  for (const char* bad :
       {"017f22e279b07cc398c4dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
        "urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f", " 017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff", "017f22e-279b0-7cc3-98c4-dc0c0c07398f",
        "017f22e2 79b0 7cc3 98c4 dc0c0c07398f", "017f22e2-79b0-7cc3-98c4--c0c0c07398f",
        "0x7f22e2-79b0-7cc3-98c4-dc0c0c07398f"}) {
    EXPECT_THAT(Uuid::Parse(bad), HasReason("BAD_UUID")) << bad;
    EXPECT_THAT(Uuid::Parse(bad), StatusIs(absl::StatusCode::kInvalidArgument)) << bad;
  }
}

TEST(UuidTest, ABadCharacterIsRefusedWhereverItStands) {
  for (size_t at = 0; at < 36; ++at) {
    for (const char bad : {'g', '\0', '\xff'}) {
      std::string text = kText;
      text[at] = bad;
      EXPECT_THAT(Uuid::Parse(text), HasReason("BAD_UUID")) << text;
    }
  }
}

TEST(UuidTest, OnlyAllZerosIsNil) {
  EXPECT_TRUE(Uuid{}.IsNil());
  for (size_t i = 0; i < 16; ++i) {
    Uuid uuid;
    uuid.bytes[i] = 1;
    EXPECT_FALSE(uuid.IsNil()) << i;
  }
}

TEST(UuidTest, OrderIsThatOfTheText) {
  Uuid last;
  for (size_t i = 16; i-- > 0;) {
    Uuid next;
    next.bytes[i] = 0x80;
    EXPECT_LT(last, next) << i;
    EXPECT_LT(last.ToString(), next.ToString()) << i;
    last = next;
  }
}

TEST(UuidTest, EqualIdsAreOneKeyOfAHashTable) {
  std::unordered_set<Uuid, UuidHash> set = {kUuid, *Uuid::Parse(kText)};
  EXPECT_THAT(set, SizeIs(1));
  EXPECT_EQ(set.count(Uuid{}), 0u);
}

TEST_F(UuidV7Test, HoldsTheMillisecondsOfTheClock) {
  EXPECT_EQ(generator_.Next().ToString().substr(0, 13), "017f22e2-79b0");
  clock_.Advance(999us);
  EXPECT_EQ(Millis(generator_.Next()), 0x017f22e279b0u);
  clock_.Advance(1us);
  EXPECT_EQ(Millis(generator_.Next()), 0x017f22e279b1u);
}

TEST_F(UuidV7Test, HasVersion7AndTheVariantOfTheStandard) {
  for (int i = 0; i < 100; ++i) {
    const Uuid uuid = generator_.Next();
    EXPECT_EQ(uuid.bytes[6] >> 4, 7);
    EXPECT_EQ(uuid.bytes[8] >> 6, 2);
  }
}

TEST_F(UuidV7Test, CountsWithinAMillisecondAndStartsAgainInTheNext) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Count(generator_.Next()), i);
  clock_.Advance(1ms);
  EXPECT_EQ(Count(generator_.Next()), 0);
}

TEST_F(UuidV7Test, AFullCounterCarriesTheMillisecondForward) {
  Uuid last;
  for (int i = 0; i < 4'096; ++i) last = generator_.Next();
  EXPECT_EQ(Millis(last), 0x017f22e279b0u);
  EXPECT_EQ(Count(last), 0xfff);
  const Uuid carried = generator_.Next();
  EXPECT_EQ(Millis(carried), 0x017f22e279b1u);
  EXPECT_EQ(Count(carried), 0);
  // The clock arrives where the ids already are.
  clock_.Advance(1ms);
  const Uuid next = generator_.Next();
  EXPECT_EQ(Millis(next), 0x017f22e279b1u);
  EXPECT_EQ(Count(next), 1);
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

// The stamp was -1, that is all ones, and the counter's overflow took it to zero.
TEST_F(UuidV7Test, GrowsFromAClockBefore1970) {
  clock_.SetNow(FromUnixMicros(-1'000'000));
  Uuid last = generator_.Next();
  for (int i = 0; i < 10'000; ++i) {
    if (i == 5'000) clock_.SetNow(FromUnixMicros(0));
    const Uuid next = generator_.Next();
    ASSERT_LT(last, next) << i;
    last = next;
  }
}

TEST_F(UuidV7Test, TheRestIsRandom) {
  std::set<std::string> tails;
  for (int i = 0; i < 100; ++i) tails.insert(generator_.Next().ToString().substr(19));
  EXPECT_THAT(tails, SizeIs(100));
}

TEST_F(UuidV7Test, AmongThreadsNoIdIsMadeTwiceAndEachThreadsGrow) {
  std::array<std::vector<Uuid>, 4> made;
  {
    std::vector<std::jthread> threads;
    for (auto& mine : made) {
      threads.emplace_back([this, &mine] {
        for (int i = 0; i < 2'000; ++i) mine.push_back(generator_.Next());
      });
    }
  }
  std::set<Uuid> ids;
  for (const auto& mine : made) {
    EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    ids.insert(mine.begin(), mine.end());
  }
  EXPECT_THAT(ids, SizeIs(8'000));
}

}  // namespace
}  // namespace rollcall::base
