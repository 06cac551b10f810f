#include "app/pin.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "app/attest.h"
#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Decision;
using std::chrono::minutes;
using std::chrono::seconds;
using support::HasReason;
using support::IsOk;
using testing::World;

class PinLimiterTest : public ::testing::Test {
 protected:
  // A try with a wrong PIN.
  PinLimiter::Verdict Fail(const std::string& kiosk, const std::string& number) {
    const auto verdict = limiter_->Begin(domain::KioskId(kiosk), domain::VolunteerId(number));
    EXPECT_THAT(verdict, IsOk());
    return verdict.value_or(PinLimiter::Verdict{});
  }
  void Succeed(const std::string& kiosk, const std::string& number) {
    ASSERT_TRUE(Fail(kiosk, number).look);
    ASSERT_THAT(limiter_->Succeeded(domain::KioskId(kiosk), domain::VolunteerId(number)), IsOk());
  }
  // As after a restart: what was in memory is gone.
  void Forget() {
    limiter_ = std::make_unique<PinLimiter>(settings_, world_.clock, world_.registry());
  }
  // Wrong PINs for `number`, as fast as the limits let one.
  void Exhaust(const std::string& kiosk, const std::string& number) {
    while (!Fail(kiosk, number).locked) world_.clock.Advance(settings_.wait);
  }

  World world_;
  PinSettings settings_;
  std::unique_ptr<PinLimiter> limiter_ =
      std::make_unique<PinLimiter>(settings_, world_.clock, world_.registry());
};

TEST_F(PinLimiterTest, FiveFailuresThenAWaitAfterEveryFurtherOne) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Fail("door", "v").wait.count(), 0);
  EXPECT_EQ(Fail("door", "v").wait, seconds(30)) << "looked at, and then";
  world_.clock.Advance(seconds(10));
  const auto waiting = Fail("door", "v");
  EXPECT_FALSE(waiting.look);
  EXPECT_EQ(waiting.wait, seconds(20));
  world_.clock.Advance(seconds(20));
  const auto sixth = Fail("door", "v");
  EXPECT_TRUE(sixth.look);
  EXPECT_EQ(sixth.wait, seconds(30));
}

TEST_F(PinLimiterTest, OneKioskDoesNotSlowDownAnotherNorOneNumberAnother) {
  for (int i = 0; i < 6; ++i) Fail("door", "v");
  EXPECT_FALSE(Fail("door", "v").look);
  EXPECT_TRUE(Fail("gate", "v").look);
  EXPECT_TRUE(Fail("door", "w").look);
}

TEST_F(PinLimiterTest, SuccessAndAQuarterOfAnHourForgetTheWait) {
  for (int i = 0; i < 4; ++i) Fail("door", "v");
  Succeed("door", "v");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Fail("door", "v").wait.count(), 0);
  world_.clock.Advance(minutes(16));
  EXPECT_EQ(Fail("door", "v").wait.count(), 0);
}

TEST_F(PinLimiterTest, FiftyFailuresInARowLockTheNumberAtThatKioskThroughARestart) {
  for (int i = 1; i < 50; ++i) {
    const auto verdict = Fail("door", "v");
    ASSERT_TRUE(verdict.look) << i;
    ASSERT_FALSE(verdict.locked) << i;
    world_.clock.Advance(i % 2 == 0 ? minutes(16) : minutes(1));
    if (i % 7 == 0) Forget();
  }
  const auto last = Fail("door", "v");
  EXPECT_TRUE(last.look) << "the fiftieth is looked at, and is the last";
  EXPECT_TRUE(last.locked);
  world_.Restart();
  Forget();
  for (int i = 0; i < 7; ++i) {
    const auto verdict = Fail("door", "v");
    EXPECT_FALSE(verdict.look);
    EXPECT_TRUE(verdict.locked);
    EXPECT_EQ(verdict.wait.count(), 0);
  }
  EXPECT_TRUE(Fail("gate", "v").look);
  EXPECT_TRUE(Fail("door", "w").look);
}

TEST_F(PinLimiterTest, ARightPinStartsTheCountAnewAndSoDoThreeMonths) {
  for (int i = 0; i < 49; ++i) {
    Fail("door", "v");
    world_.clock.Advance(minutes(1));
  }
  Succeed("door", "v");
  for (int i = 0; i < 49; ++i) {
    EXPECT_FALSE(Fail("door", "v").locked) << i;
    world_.clock.Advance(minutes(1));
  }
  Exhaust("door", "v");
  world_.clock.Advance(std::chrono::hours(24 * 91));
  EXPECT_TRUE(Fail("door", "v").look);
}

TEST_F(PinLimiterTest, TriesAtTheSameTimeAreNoWayAround) {
  std::atomic<int> looked = 0;
  {
    std::vector<std::jthread> tries;
    for (int i = 0; i < 16; ++i) {
      tries.emplace_back([&] {
        const auto verdict = limiter_->Begin(domain::KioskId("door"), domain::VolunteerId("v"));
        if (verdict.ok() && verdict->look) ++looked;
      });
    }
  }
  EXPECT_EQ(looked, settings_.failures_before_wait);
}

TEST_F(PinLimiterTest, OnePinTriedOnManyNumbersSlowsTheKioskAndNoOther) {
  int looked = 0;
  for (int i = 0; i < 100; ++i) looked += Fail("door", "v" + std::to_string(i)).look ? 1 : 0;
  EXPECT_EQ(looked, settings_.kiosk.burst);
  const auto paused = Fail("door", "v0");
  EXPECT_TRUE(paused.kiosk_paused);
  EXPECT_EQ(paused.wait, settings_.kiosk.pause);
  EXPECT_TRUE(Fail("gate", "v0").look);
  world_.clock.Advance(settings_.kiosk.pause);
  EXPECT_TRUE(Fail("door", "v0").look);
}

TEST_F(PinLimiterTest, ABusyHonestDoorIsNotSlowed) {
  // Two hundred people in an hour, every fifth of whom slips once.
  for (int person = 0; person < 200; ++person) {
    const std::string number = "v" + std::to_string(person);
    if (person % 5 == 0) {
      ASSERT_TRUE(Fail("door", number).look) << person;
    }
    Succeed("door", number);
    world_.clock.Advance(seconds(18));
  }
}

TEST_F(PinLimiterTest, RemembersABoundedNumberAndDropsTheLongestUntouched) {
  settings_.remembered_max = 3;
  for (const char* number : {"a", "b", "c"}) {
    for (int i = 0; i < 5; ++i) Fail("door", number);
    world_.clock.Advance(seconds(1));
  }
  Fail("door", "d");
  EXPECT_TRUE(Fail("door", "a").look);
  EXPECT_FALSE(Fail("door", "c").look);
}

// G27: whoever holds one kiosk, whatever she tries there, locks nobody out anywhere else.
TEST_F(PinLimiterTest, AMillionTriesAtOneKioskLockNobodyOutAtAnother) {
  settings_.numbers_kept_per_kiosk = 100;
  base::SeededRandom random(20261124);
  int64_t looked = 0;
  std::map<std::string, int64_t> per_number;
  for (int i = 0; i < 1'000'000; ++i) {
    std::array<uint8_t, 2> draw{};
    random.Fill(draw);
    // Half of the tries on one person, the rest over 256 numbers.
    const std::string number = draw[0] < 128 ? "victim" : "v" + std::to_string(draw[1]);
    const auto verdict = Fail("hostile", number);
    if (verdict.look) {
      ++looked;
      ++per_number[number];
    }
    world_.clock.Advance(std::chrono::milliseconds(10));
  }
  // 10,000 s: the burst, then one every ten seconds.
  EXPECT_LE(looked, settings_.kiosk.burst + 1000);
  EXPECT_GT(looked, 100) << "nothing was tried, so nothing is shown";
  EXPECT_LE(per_number["victim"], settings_.failures_before_lock);
  for (int person = 0; person < 256; ++person) {
    ASSERT_TRUE(Fail("honest-" + std::to_string(person / 20), "v" + std::to_string(person)).look);
  }
  EXPECT_TRUE(Fail("honest-0", "victim").look);
}

class PinTest : public ::testing::Test {
 protected:
  // The PIN itself stands in for its hash, but in the one test that uses the real thing.
  static PinHasher Plain() {
    return {[](std::string_view pin) -> absl::StatusOr<std::string> { return std::string(pin); },
            [](std::string_view pin, const std::string& hash) { return pin == hash; }};
  }
  absl::StatusOr<Pin::Answer> Verify(const std::string& volunteer, const std::string& pin,
                                     const std::string& kiosk = "door-1") {
    return pin_->Verify(world_.Call(), {world_.session, domain::KioskId(kiosk),
                                        domain::VolunteerId(volunteer), pin});
  }
  absl::Status Set(const std::string& volunteer, const std::string& pin) {
    return pin_->Set(world_.Call(), domain::VolunteerId(volunteer), pin);
  }
  void Lock(const std::string& volunteer, const std::string& kiosk = "door-1") {
    for (int i = 0; i < 50; ++i) {
      ASSERT_THAT(Verify(volunteer, "111111", kiosk), IsOk());
      world_.clock.Advance(minutes(1));
    }
  }

  World world_;
  std::unique_ptr<Pin> pin_ = std::make_unique<Pin>(world_.services(), Plain());
};

TEST_F(PinTest, IsKeptAsAHashThatOnlyItMatches) {
  pin_ = std::make_unique<Pin>(world_.services());
  world_.Register("v-1");
  ASSERT_THAT(Set("v-1", "135790"), IsOk());
  EXPECT_EQ(world_.registry().GetPinHash(domain::VolunteerId("v-1"))->value().find("135790"),
            std::string::npos);
  EXPECT_EQ(Verify("v-1", "135791")->decision, Decision::kWrongPin);
  EXPECT_EQ(Verify("v-1", "135790")->decision, Decision::kRecognised);
}

TEST_F(PinTest, IsComparedWithTheChosenPersonsOnly) {
  world_.Register("v-1");
  world_.Register("v-2");
  ASSERT_THAT(Set("v-1", "135790"), IsOk());
  ASSERT_THAT(Set("v-2", "246810"), IsOk());
  EXPECT_EQ(Verify("v-1", "246810")->decision, Decision::kWrongPin);
  EXPECT_EQ(Verify("v-2", "246810")->decision, Decision::kRecognised);
  EXPECT_EQ(Verify("v-1", "246810")->decision, Decision::kWrongPin) << "not a moment later either";
}

TEST_F(PinTest, FiftyWrongOnesLockItToStaffAtThatKioskOnly) {
  world_.Register("v-1");
  ASSERT_THAT(Set("v-1", "135790"), IsOk());
  Lock("v-1");
  EXPECT_EQ(world_.Alarms("pin_locked"), 1);
  const auto locked = Verify("v-1", "135790");
  ASSERT_THAT(locked, IsOk());
  EXPECT_EQ(locked->decision, Decision::kWrongPin);
  EXPECT_TRUE(locked->see_staff);
  EXPECT_EQ(locked->retry_after.count(), 0);
  EXPECT_TRUE(locked->token.empty());
  EXPECT_EQ(Verify("v-1", "135790", "door-2")->decision, Decision::kRecognised);
}

TEST_F(PinTest, ALockedNumberThatNobodyHasLooksLikeOneThatSomebodyHas) {
  world_.Register("v-1");
  ASSERT_THAT(Set("v-1", "135790"), IsOk());
  for (const char* number : {"v-1", "nobody"}) {
    for (int i = 1; i <= 55; ++i) {
      const auto answer = Verify(number, "111111");
      ASSERT_THAT(answer, IsOk()) << number;
      EXPECT_EQ(answer->decision, Decision::kWrongPin);
      EXPECT_EQ(answer->see_staff, i >= 50) << number << " " << i;
      EXPECT_EQ(answer->retry_after, i >= 5 && i < 50 ? seconds(30) : seconds(0)) << i;
      world_.clock.Advance(minutes(1));
    }
  }
}

TEST_F(PinTest, StaffWhoHasSeenThePersonOpensTheLockAndSoDoesANewPin) {
  world_.Register("v-1");
  ASSERT_THAT(Set("v-1", "135790"), IsOk());
  Lock("v-1");
  ASSERT_TRUE(Verify("v-1", "135790")->see_staff);
  ASSERT_THAT(world_.app().attest.AttestPresence(
                  world_.Call(), {world_.session, domain::VolunteerId("v-1"), "known to me"}),
              IsOk());
  EXPECT_EQ(Verify("v-1", "135790")->decision, Decision::kRecognised);

  Lock("v-1");
  ASSERT_TRUE(Verify("v-1", "135790")->see_staff);
  ASSERT_THAT(Set("v-1", "246810"), IsOk());
  EXPECT_EQ(Verify("v-1", "246810")->decision, Decision::kRecognised);
}

TEST_F(PinTest, AKioskThatTriesManyNumbersPausesWithAHintAndAnAlarm) {
  world_.Register("v-1");
  ASSERT_THAT(Set("v-1", "135790"), IsOk());
  for (int i = 0; i < 30; ++i) Verify("n" + std::to_string(i), "111111").status().IgnoreError();
  EXPECT_EQ(world_.Alarms("pin_attempts"), 1);
  const auto paused = Verify("v-1", "135790");
  EXPECT_EQ(paused->decision, Decision::kWrongPin);
  EXPECT_EQ(paused->retry_after, seconds(60));
  EXPECT_FALSE(paused->see_staff);
  EXPECT_EQ(Verify("v-1", "135790", "door-2")->decision, Decision::kRecognised);
  world_.clock.Advance(seconds(60));
  EXPECT_EQ(Verify("v-1", "135790")->decision, Decision::kRecognised);
}

TEST_F(PinTest, ARightPinGivesTheSameHoursWithoutAFace) {
  world_.Register("v-1");
  ASSERT_THAT(Set("v-1", "135790"), IsOk());
  const auto in = Verify("v-1", "135790");
  ASSERT_THAT(in, IsOk());
  ASSERT_EQ(in->decision, Decision::kRecognised);
  const auto checked_in = world_.Record(in->token, domain::Action::kIn);
  ASSERT_THAT(checked_in, IsOk());
  EXPECT_EQ(checked_in->decision, Decision::kCheckedIn);
  EXPECT_EQ(checked_in->receipt->evidence, domain::EvidenceClass::kPin);
  world_.clock.Advance(minutes(60));
  const auto out = world_.Record(Verify("v-1", "135790")->token, domain::Action::kOut);
  ASSERT_THAT(out, IsOk());
  EXPECT_EQ(out->receipt->minutes, 60);
}

TEST_F(PinTest, WrongPinUnknownNumberAndNoPinAreAnsweredAlike) {
  world_.Register("v-1");
  world_.Register("v-2");
  ASSERT_THAT(Set("v-1", "135790"), IsOk());
  for (const char* number : {"v-1", "v-2", "nobody"}) {
    const auto answer = Verify(number, "111111");
    ASSERT_THAT(answer, IsOk()) << number;
    EXPECT_EQ(answer->decision, Decision::kWrongPin);
    EXPECT_TRUE(answer->token.empty());
    EXPECT_EQ(answer->retry_after.count(), 0);
  }
  EXPECT_EQ(world_.LedgerRows(), 0);
}

TEST_F(PinTest, WhileWaitingEvenTheRightPinIsNotTried) {
  world_.Register("v-1");
  ASSERT_THAT(Set("v-1", "135790"), IsOk());
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Verify("v-1", "111111")->retry_after.count(), 0);
  EXPECT_EQ(Verify("v-1", "111111")->retry_after, seconds(30));
  const auto waiting = Verify("v-1", "135790");
  EXPECT_EQ(waiting->decision, Decision::kWrongPin);
  EXPECT_EQ(waiting->retry_after, seconds(30));
  world_.clock.Advance(seconds(31));
  EXPECT_EQ(Verify("v-1", "135790")->decision, Decision::kRecognised);
}

TEST_F(PinTest, NotOnTheRosterIsSaidOnlyAfterARightPin) {
  ASSERT_THAT(world_.app().enrol.EnrolVolunteer(world_.Call(), world_.EnrolRequest("v-9", 9, 0)),
              IsOk());
  ASSERT_THAT(Set("v-9", "135790"), IsOk());
  EXPECT_EQ(Verify("v-9", "111111")->decision, Decision::kWrongPin);
  const auto right = Verify("v-9", "135790");
  EXPECT_EQ(right->decision, Decision::kNotOnRoster);
  EXPECT_TRUE(right->token.empty());
}

TEST_F(PinTest, MalformedInputIsRefused) {
  world_.Register("v-1");
  EXPECT_THAT(Set("v-1", "12345"), HasReason("BAD_PIN"));
  EXPECT_THAT(Set("nobody", "123456"), HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_THAT(Verify("v-1", "abc"), HasReason("BAD_PIN"));
  EXPECT_THAT(Verify("v 1", "123456"), HasReason("BAD_ID"));
  EXPECT_FALSE(world_.app().volunteers.Get(world_.Call(), domain::VolunteerId("v-1"))->has_pin);
}

class AttestTest : public ::testing::Test {
 protected:
  absl::StatusOr<Attest::Answer> Vouch(const std::string& volunteer, const std::string& reason,
                                       bool walk_in = false) {
    return world_.app().attest.AttestPresence(
        world_.Call(), {world_.session, domain::VolunteerId(volunteer), reason, walk_in});
  }
  World world_;
};

TEST_F(AttestTest, StaffVouchesAndTheLedgerSaysWhoAndWhy) {
  world_.Register("v-1");
  const auto answer = Vouch("v-1", "lost her card");
  ASSERT_THAT(answer, IsOk());
  ASSERT_EQ(answer->decision, Decision::kRecognised);
  const auto recorded = world_.Record(answer->token, domain::Action::kIn);
  ASSERT_THAT(recorded, IsOk());
  const auto event =
      world_.ledger().GetEvent(world_.session.organisation, recorded->receipt->event_id);
  ASSERT_THAT(event, IsOk());
  EXPECT_EQ(event->event.evidence, domain::EvidenceClass::kStaff);
  ASSERT_EQ(event->event.proofs.size(), 2u);
  EXPECT_EQ(event->event.proofs[0].detail, "seen by staff local");
  EXPECT_EQ(event->event.proofs[1].detail, "lost her card");
}

TEST_F(AttestTest, AWalkInJoinsTheRosterFirst) {
  ASSERT_THAT(world_.app().enrol.EnrolVolunteer(world_.Call(), world_.EnrolRequest("v-9", 9, 0)),
              IsOk());
  EXPECT_EQ(Vouch("v-9", "came along")->decision, Decision::kNotOnRoster);
  EXPECT_EQ(Vouch("v-9", "came along", true)->decision, Decision::kRecognised);
  const auto roster = world_.app().activities.ListRoster(world_.Call(), world_.session);
  ASSERT_THAT(roster, IsOk());
  ASSERT_EQ(roster->size(), 1u);
  EXPECT_EQ(roster->front().entry.kind, domain::RosterKind::kWalkIn);
}

TEST_F(AttestTest, NeedsAReasonAndSomebodyWhoIsRegistered) {
  world_.Register("v-1");
  EXPECT_THAT(Vouch("v-1", ""), HasReason("BAD_TEXT"));
  EXPECT_THAT(Vouch("v-1", std::string(201, 'x')), HasReason("BAD_TEXT"));
  EXPECT_THAT(Vouch("nobody", "reason"), HasReason("NO_SUCH_VOLUNTEER"));
}

}  // namespace
}  // namespace rollcall::app
