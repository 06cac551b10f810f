#include "hours/bans.h"

#include "made_up.h"

namespace rollcall::hours {
namespace {

using support::HasReason;
using support::IsOk;

const base::Uuid kAccused = Id(1);
const BanActor kOpener{Id(2)};
const base::Uuid kWitness = Id(3);
const BanActor kHearer{Id(4)};
const BanActor kOther{Id(5)};
const Day kNoticed = DayAt(2026, 3, 2);
constexpr std::chrono::days kDay{1};

// Seven days of notice, sixty to decide, bans of 365 to 1095 days.
Policy Rules() { return Shipped("guangdong-izhiyuan"); }

BanCase Opened() {
  const auto ban = OpenBanCase(kOpener, kAccused, "hours without service", {"ledger row 17"},
                               {kWitness}, kNoticed);
  EXPECT_THAT(ban, IsOk());
  return ban.value_or(BanCase());
}

BanCase Heard() {
  const auto ban =
      HoldHearing(Rules(), Opened(), kHearer, true, "I was there", kNoticed + kDay * 7);
  EXPECT_THAT(ban, IsOk());
  return ban.value_or(BanCase());
}

TEST(BansTest, TheWholeWay) {
  const Policy policy = Rules();
  const BanCase open = Opened();
  EXPECT_EQ(EffectOn(policy, open, kNoticed - kDay), BanEffect::kNone);
  EXPECT_EQ(EffectOn(policy, open, kNoticed), BanEffect::kSuspended) << "suspended meanwhile";
  EXPECT_EQ(EffectOn(policy, Heard(), kNoticed + kDay * 8), BanEffect::kSuspended);
  const Day decided = kNoticed + kDay * 10;
  const auto ban = ImposeBan(policy, Heard(), kHearer, 365, "the kiosk saw nobody", decided);
  ASSERT_THAT(ban, IsOk());
  EXPECT_EQ(EffectOn(policy, *ban, decided), BanEffect::kBanned);
  EXPECT_EQ(EffectOn(policy, *ban, decided + kDay * 364), BanEffect::kBanned);
  EXPECT_EQ(EffectOn(policy, *ban, decided + kDay * 365), BanEffect::kNone) << "365 days are over";
  EXPECT_EQ(ban->statement, "I was there");
}

TEST(BansTest, NoProgramOpensHearsOrDecides) {
  const BanActor program{Id(9), true};
  const BanActor nobody{base::Uuid(), false};
  for (const BanActor& actor : {program, nobody}) {
    EXPECT_THAT(OpenBanCase(actor, kAccused, "x", {"row 1"}, {}, kNoticed),
                HasReason("NOT_A_PERSON"));
    EXPECT_THAT(HoldHearing(Rules(), Opened(), actor, true, "", kNoticed + kDay * 7),
                HasReason("NOT_A_PERSON"));
    EXPECT_THAT(ImposeBan(Rules(), Heard(), actor, 365, "x", kNoticed + kDay * 8),
                HasReason("NOT_A_PERSON"));
    EXPECT_THAT(DismissCase(Rules(), Opened(), actor, "x", kNoticed), HasReason("NOT_A_PERSON"));
  }
}

TEST(BansTest, ACaseNeedsEvidenceAndSomebodyElse) {
  EXPECT_THAT(OpenBanCase(kOpener, kAccused, "x", {}, {}, kNoticed), HasReason("NO_EVIDENCE"));
  EXPECT_THAT(OpenBanCase(kOpener, kAccused, " ", {"row 1"}, {}, kNoticed), HasReason("BAD_CASE"));
  EXPECT_THAT(OpenBanCase(kOpener, kAccused, "x", {""}, {}, kNoticed), HasReason("BAD_CASE"));
  EXPECT_THAT(OpenBanCase(kOpener, kOpener.person, "x", {"row 1"}, {}, kNoticed),
              HasReason("BAD_CASE"));
  EXPECT_THAT(OpenBanCase(kOpener, base::Uuid(), "x", {"row 1"}, {}, kNoticed),
              HasReason("BAD_CASE"));
  EXPECT_THAT(
      OpenBanCase(kOpener, kAccused, "x", std::vector<std::string>(51, "row 1"), {}, kNoticed),
      HasReason("BAD_CASE"));
}

TEST(BansTest, WhoeverIsInvolvedNeitherHearsNorDecides) {
  for (const base::Uuid& person : {kAccused, kOpener.person, kWitness}) {
    const BanActor actor{person};
    EXPECT_THAT(HoldHearing(Rules(), Opened(), actor, true, "", kNoticed + kDay * 7),
                HasReason("INVOLVED"));
    EXPECT_THAT(ImposeBan(Rules(), Heard(), actor, 365, "x", kNoticed + kDay * 8),
                HasReason("INVOLVED"));
    EXPECT_THAT(DismissCase(Rules(), Opened(), actor, "x", kNoticed), HasReason("INVOLVED"));
  }
}

TEST(BansTest, TheHearingComesAfterTheNoticeAndDecidesTheHearer) {
  EXPECT_THAT(HoldHearing(Rules(), Opened(), kHearer, true, "", kNoticed + kDay * 6),
              HasReason("NOTICE_TOO_SHORT"));
  EXPECT_THAT(HoldHearing(Rules(), Opened(), kHearer, false, "", kNoticed + kDay * 7), IsOk())
      << "she need not come";
  EXPECT_THAT(ImposeBan(Rules(), Heard(), kOther, 365, "x", kNoticed + kDay * 8),
              HasReason("NOT_THE_HEARER"));
  EXPECT_THAT(ImposeBan(Rules(), Opened(), kHearer, 365, "x", kNoticed + kDay * 8),
              HasReason("WRONG_STATE"))
      << "never without a hearing";
}

TEST(BansTest, ABanHasAReasonAndAnAllowedLength) {
  const auto impose = [](int32_t days, const std::string& reason) {
    return ImposeBan(Rules(), Heard(), kHearer, days, reason, kNoticed + kDay * 8);
  };
  EXPECT_THAT(impose(364, "x"), HasReason("BAD_BAN_LENGTH"));
  EXPECT_THAT(impose(1096, "x"), HasReason("BAD_BAN_LENGTH"));
  EXPECT_THAT(impose(1095, "x"), IsOk());
  EXPECT_THAT(impose(365, ""), HasReason("REASON_MISSING"));
  EXPECT_THAT(DismissCase(Rules(), Opened(), kOther, "", kNoticed), HasReason("REASON_MISSING"));
}

TEST(BansTest, ACaseThatIsNotDecidedInTimeLapses) {
  const Day last = kNoticed + kDay * 60;
  EXPECT_EQ(EffectOn(Rules(), Opened(), last), BanEffect::kSuspended);
  EXPECT_EQ(EffectOn(Rules(), Opened(), last + kDay), BanEffect::kNone);
  EXPECT_THAT(ImposeBan(Rules(), Heard(), kHearer, 365, "x", last), IsOk());
  EXPECT_THAT(ImposeBan(Rules(), Heard(), kHearer, 365, "x", last + kDay),
              HasReason("CASE_LAPSED"));
  EXPECT_THAT(HoldHearing(Rules(), Opened(), kHearer, true, "", last + kDay),
              HasReason("CASE_LAPSED"));
}

TEST(BansTest, EveryStepBeginsInItsStateOnly) {
  const Day day = kNoticed + kDay * 9;
  for (const BanState state :
       {BanState::kNoticed, BanState::kHeard, BanState::kImposed, BanState::kDismissed}) {
    BanCase ban = Heard();
    ban.state = state;
    const bool open = state == BanState::kNoticed || state == BanState::kHeard;
    EXPECT_EQ(HoldHearing(Rules(), ban, kHearer, true, "", day).ok(), state == BanState::kNoticed);
    EXPECT_EQ(ImposeBan(Rules(), ban, kHearer, 365, "x", day).ok(), state == BanState::kHeard);
    EXPECT_EQ(DismissCase(Rules(), ban, kOther, "x", day).ok(), open);
    if (!open) {
      EXPECT_THAT(DismissCase(Rules(), ban, kOther, "x", day), HasReason("WRONG_STATE"));
    }
  }
  EXPECT_EQ(EffectOn(Rules(), DismissCase(Rules(), Heard(), kOther, "x", day).value(), day),
            BanEffect::kNone);
}

}  // namespace
}  // namespace rollcall::hours
