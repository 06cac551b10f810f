// How many wrong PINs there were.
#include "fixture.h"

namespace rollcall::registry {
namespace {

using domain::KioskId;
using domain::VolunteerId;
using support::HasReason;
using support::IsOk;

class PinFailuresTest : public RegistryTest {
 protected:
  int32_t Count(const std::string& kiosk, const std::string& number, int32_t most = 5,
                int32_t numbers = 100) {
    now_ += std::chrono::seconds(1);
    const auto count = registry_->CountPinFailure(
        KioskId(kiosk), VolunteerId(number), now_,
        {.most = most, .numbers = numbers, .since = now_ - std::chrono::hours(24)});
    EXPECT_THAT(count, IsOk());
    return count.value_or(-1);
  }

  base::Time now_ = kNow;
};

TEST_P(PinFailuresTest, CountPerKioskAndNumberThroughARestart) {
  EXPECT_EQ(Count("door", "v"), 1);
  EXPECT_EQ(Count("door", "v"), 2);
  EXPECT_EQ(Count("gate", "v"), 1);
  EXPECT_EQ(Count("door", "w"), 1);
  Reopen();
  EXPECT_EQ(Count("door", "v"), 3);
  for (int i = 4; i <= 5; ++i) EXPECT_EQ(Count("door", "v"), i);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Count("door", "v"), 6);
  EXPECT_EQ(Count("door", "v", 7), 6) << "no more than the most were taken down";
}

TEST_P(PinFailuresTest, AreForgottenAtOneKioskOrAtAllOrWithTime) {
  for (const char* kiosk : {"door", "gate"}) Count(kiosk, "v");
  ASSERT_THAT(registry_->ForgetPinFailures(KioskId("door"), VolunteerId("v")), IsOk());
  EXPECT_EQ(Count("door", "v"), 1);
  EXPECT_EQ(Count("gate", "v"), 2);
  ASSERT_THAT(registry_->ForgetPinFailures({}, VolunteerId("v")), IsOk());
  EXPECT_EQ(Count("door", "v"), 1);
  EXPECT_EQ(Count("gate", "v"), 1);
  EXPECT_THAT(registry_->ForgetPinFailures({}, VolunteerId("nobody")), IsOk());
  now_ += std::chrono::hours(25);
  EXPECT_EQ(Count("door", "v"), 1);
}

TEST_P(PinFailuresTest, AKioskHasSoManyNumbersAndALockIsNotPushedOut) {
  for (int i = 0; i < 2; ++i) Count("door", "locked", 2, 3);
  Count("door", "a", 2, 3);
  Count("door", "b", 2, 3);
  EXPECT_EQ(Count("door", "c", 2, 3), 1) << "in the place of a";
  EXPECT_EQ(Count("door", "locked", 2, 3), 3) << "still";
  EXPECT_EQ(Count("door", "b", 2, 3), 2) << "still";
  EXPECT_EQ(Count("door", "c", 2, 3), 2);
  EXPECT_EQ(Count("door", "d", 2, 3), 3) << "all three are locked: so is every other number";
  EXPECT_EQ(Count("gate", "d", 2, 3), 1);
}

TEST_P(PinFailuresTest, WhatIsNoIdIsRefused) {
  const PinFailureLimits limits{.most = 5, .numbers = 5, .since = kNow};
  EXPECT_THAT(registry_->CountPinFailure(KioskId(""), VolunteerId("v"), kNow, limits),
              HasReason("BAD_ID"));
  EXPECT_THAT(registry_->CountPinFailure(KioskId("door"), VolunteerId("a b"), kNow, limits),
              HasReason("BAD_ID"));
}

ROLLCALL_ON_EVERY_ENGINE(PinFailuresTest);

}  // namespace
}  // namespace rollcall::registry
