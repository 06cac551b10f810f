#include "hours/stars.h"

#include "made_up.h"

namespace rollcall::hours {
namespace {

using support::HasReason;
using support::IsOk;

const base::Uuid kVolunteer = Id(1);
const base::Uuid kReviewer = Id(2);
const base::Uuid kApprover = Id(3);
const Day kToday = DayAt(2026, 3, 13);  // a Friday
constexpr std::chrono::days kDay{1};

StarFacts With650Hours() {
  StarFacts facts;
  facts.registered = At("2025-01-01 00:00");
  facts.served = {{At("2025-06-01 09:00"), 650 * 60, false}};
  return facts;
}

Calendar China() {
  Calendar calendar("cn");
  EXPECT_THAT(
      calendar.Add({.name = "cn", .year = 2026, .source = "x", .holidays = {}, .working_days = {}}),
      IsOk());
  return calendar;
}

StarApplication Submitted(const Policy& policy, int32_t star = 3) {
  const auto application = Submit(policy, With650Hours(), kVolunteer, star, kToday);
  EXPECT_THAT(application, IsOk());
  return application.value_or(StarApplication());
}

StarApplication Reviewed(const Policy& policy, int32_t score = 80) {
  return Review(Submitted(policy), {kReviewer, Level::kCounty}, score).value_or(StarApplication());
}

// Three stars in the default policy are the city's to give.
StarApplication OnNotice(const Policy& policy) {
  const auto application =
      Approve(policy, China(), Reviewed(policy), {kApprover, Level::kCity}, kToday);
  EXPECT_THAT(application, IsOk());
  return application.value_or(StarApplication());
}

TEST(StandingTest, CountsWhatStandsAfterRegistration) {
  StarFacts facts = With650Hours();
  facts.served.push_back({*facts.registered, 60, false});
  facts.served.push_back({*facts.registered - std::chrono::microseconds(1), 60, false});
  facts.served.push_back({At("2025-07-01 09:00"), 90'000, true});
  facts.served.push_back({At("2025-06-02 09:00"), -51 * 60, false});  // a correction
  const StarStanding standing = Standing(Shipped("default"), facts);
  EXPECT_EQ(standing.minutes, 600 * 60);
  EXPECT_EQ(standing.minutes_before_registration, 60);
  EXPECT_EQ(standing.earned, 3);
  EXPECT_EQ(standing.minutes_missing, 400 * 60);
  facts.registered.reset();
  EXPECT_EQ(Standing(Shipped("default"), facts).minutes, 0);
  EXPECT_EQ(Standing(Plain({{"stars.after_registration", "false"}}), facts).minutes, 601 * 60);
}

TEST(StandingTest, HasNoStarAboveTheLast) {
  StarFacts facts = With650Hours();
  facts.held = 4;
  EXPECT_EQ(Standing(Shipped("default"), facts).minutes_missing, (1500 - 650) * 60);
  facts.served[0].minutes = 2000 * 60;
  EXPECT_EQ(Standing(Shipped("default"), facts).earned, 5);
  EXPECT_EQ(Standing(Shipped("default"), facts).minutes_missing, std::nullopt);
}

TEST(ApplicationTest, OnlyWhatIsEarnedCanBeAppliedFor) {
  const Policy policy = Shipped("default");
  const StarFacts good = With650Hours();
  const auto check = [&](auto&& change, int32_t star) {
    StarFacts facts = good;
    change(facts);
    return CheckApplication(policy, facts, star);
  };
  EXPECT_THAT(check([](StarFacts&) {}, 3), IsOk());
  EXPECT_THAT(check([](StarFacts&) {}, 1), IsOk());
  EXPECT_THAT(check([](StarFacts&) {}, 4), HasReason("STAR_NOT_EARNED"));
  EXPECT_NE(base::Message(check([](StarFacts&) {}, 4)).find("21000 minutes are missing"),
            std::string::npos);
  EXPECT_THAT(check([](StarFacts&) {}, 0), HasReason("BAD_STAR"));
  EXPECT_THAT(check([](StarFacts&) {}, 6), HasReason("BAD_STAR"));
  EXPECT_THAT(check([](StarFacts& f) { f.held = 3; }, 3), HasReason("STAR_HELD"));
  EXPECT_THAT(check([](StarFacts& f) { f.held = 3; }, 2), HasReason("STAR_HELD"));
  EXPECT_THAT(check([](StarFacts& f) { f.barred = true; }, 3), HasReason("BARRED"));
  EXPECT_THAT(check([](StarFacts& f) { f.application_open = true; }, 3),
              HasReason("APPLICATION_OPEN"));
  EXPECT_THAT(check([](StarFacts& f) { f.registered.reset(); }, 3), HasReason("NOT_REGISTERED"));
}

TEST(ApplicationTest, TheWholeWay) {
  const Policy policy = Shipped("default");  // seven days of notice
  const StarApplication notice = OnNotice(policy);
  EXPECT_EQ(notice.state, ApplicationState::kOnNotice);
  EXPECT_EQ(notice.approver_level, Level::kCity);
  EXPECT_EQ(FormatDay(notice.notice_until), "2026-03-20");
  EXPECT_THAT(Grant(policy, With650Hours(), notice, DayAt(2026, 3, 20)),
              HasReason("NOTICE_RUNNING"));
  const auto granted = Grant(policy, With650Hours(), notice, DayAt(2026, 3, 21));
  ASSERT_THAT(granted, IsOk());
  EXPECT_EQ(granted->state, ApplicationState::kGranted);
  EXPECT_EQ(granted->star, 3);
}

TEST(ApplicationTest, NoticeInWorkingDays) {
  const Policy policy = Shipped("guangdong-izhiyuan");
  EXPECT_EQ(FormatDay(OnNotice(policy).notice_until), "2026-03-20") << "five, from a Friday";
  EXPECT_THAT(Approve(policy, Calendar("cn"), Reviewed(policy), {kApprover, Level::kCity}, kToday),
              HasReason("NO_CALENDAR"));
}

TEST(ApplicationTest, HoursThatFellMeanwhileAndBansStopTheGrant) {
  const Policy policy = Shipped("default");
  StarFacts facts = With650Hours();
  facts.served.push_back({At("2025-06-01 09:00"), -51 * 60, false});
  EXPECT_THAT(Grant(policy, facts, OnNotice(policy), kToday + kDay * 9),
              HasReason("STAR_NOT_EARNED"));
  facts = With650Hours();
  facts.barred = true;
  EXPECT_THAT(Grant(policy, facts, OnNotice(policy), kToday + kDay * 9), HasReason("BARRED"));
  facts = With650Hours();
  facts.application_open = true;  // this one
  EXPECT_THAT(Grant(policy, facts, OnNotice(policy), kToday + kDay * 9), IsOk());
}

TEST(ApplicationTest, TheReviewScoreCounts) {
  const Policy policy = Shipped("default");  // 60 of 100
  EXPECT_THAT(Approve(policy, China(), Reviewed(policy, 59), {kApprover, Level::kCity}, kToday),
              HasReason("REVIEW_TOO_LOW"));
  EXPECT_THAT(Approve(policy, China(), Reviewed(policy, 60), {kApprover, Level::kCity}, kToday),
              IsOk());
  for (const int32_t score : {-1, 101}) {
    EXPECT_THAT(Review(Submitted(policy), {kReviewer, Level::kCounty}, score),
                HasReason("BAD_SCORE"));
  }
}

TEST(ApplicationTest, NobodyDecidesForHerselfOrTwice) {
  const Policy policy = Shipped("default");
  const Decider herself{kVolunteer, Level::kCity};
  EXPECT_THAT(Review(Submitted(policy), herself, 80), HasReason("SELF_DECISION"));
  EXPECT_THAT(Approve(policy, China(), Reviewed(policy), herself, kToday),
              HasReason("SELF_DECISION"));
  EXPECT_THAT(Refuse(Submitted(policy), herself, "no", kToday), HasReason("SELF_DECISION"));
  EXPECT_THAT(Approve(policy, China(), Reviewed(policy), {kReviewer, Level::kCity}, kToday),
              HasReason("SAME_PERSON"));
  for (const Level level : {Level::kCounty, Level::kProvince}) {
    EXPECT_THAT(Approve(policy, China(), Reviewed(policy), {kApprover, level}, kToday),
                HasReason("WRONG_LEVEL"));
  }
  EXPECT_THAT(Review(Submitted(policy), {base::Uuid(), Level::kCounty}, 80),
              HasReason("BAD_DECIDER"));
}

TEST(ApplicationTest, ARefusalNeedsAReason) {
  const Policy policy = Shipped("default");
  for (const std::string& reason :
       {std::string(), std::string("  "), std::string(1001, 'x'), std::string("a\nb")}) {
    EXPECT_THAT(Refuse(OnNotice(policy), {kApprover, Level::kCity}, reason, kToday),
                HasReason("REASON_MISSING"));
  }
  const auto refused =
      Refuse(OnNotice(policy), {kApprover, Level::kCity}, "an objection was right", kToday);
  ASSERT_THAT(refused, IsOk());
  EXPECT_EQ(refused->state, ApplicationState::kRefused);
  EXPECT_EQ(refused->refusal, "an objection was right");
}

TEST(ApplicationTest, OnlySheWithdraws) {
  const Policy policy = Shipped("default");
  EXPECT_THAT(Withdraw(Submitted(policy), kReviewer, kToday), HasReason("NOT_THE_VOLUNTEER"));
  EXPECT_EQ(Withdraw(Submitted(policy), kVolunteer, kToday)->state, ApplicationState::kWithdrawn);
}

// Each step from each state: allowed where the table says so, WRONG_STATE elsewhere.
TEST(ApplicationTest, EveryStepBeginsInItsStateOnly) {
  using State = ApplicationState;
  const Policy policy = Shipped("default");
  const StarFacts facts = With650Hours();
  const Day later = kToday + kDay * 30;
  for (const State state : {State::kSubmitted, State::kReviewed, State::kOnNotice, State::kGranted,
                            State::kRefused, State::kWithdrawn}) {
    StarApplication application = OnNotice(policy);
    application.state = state;
    const auto expect = [&](const absl::Status& status, bool allowed) {
      if (allowed) {
        EXPECT_THAT(status, IsOk()) << static_cast<int>(state);
      } else {
        EXPECT_THAT(status, HasReason("WRONG_STATE")) << static_cast<int>(state);
      }
    };
    const bool undecided =
        state == State::kSubmitted || state == State::kReviewed || state == State::kOnNotice;
    expect(Review(application, {kReviewer, Level::kCounty}, 80).status(),
           state == State::kSubmitted);
    expect(Approve(policy, China(), application, {kApprover, Level::kCity}, later).status(),
           state == State::kReviewed);
    expect(Grant(policy, facts, application, later).status(), state == State::kOnNotice);
    expect(Refuse(application, {kApprover, Level::kCity}, "because", later).status(), undecided);
    expect(Withdraw(application, kVolunteer, later).status(), undecided);
  }
}

}  // namespace
}  // namespace rollcall::hours
