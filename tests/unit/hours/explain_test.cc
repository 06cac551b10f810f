#include "hours/explain.h"

#include <set>

#include "base/text.h"
#include "made_up.h"

namespace rollcall::hours {
namespace {

std::string English(const Step& step) {
  return Say(step, Shipped("default").zone, Language::kEnglish);
}
std::string Chinese(const Step& step) {
  return Say(step, Shipped("default").zone, Language::kChinese);
}

TEST(ExplainTest, SaysWhatHappenedWithTheNumbers) {
  const Step early{
      .rule = Rule::kEarlyArrival, .from = At("2026-03-14 08:47"), .to = At("2026-03-14 09:00")};
  EXPECT_EQ(English(early), "in 08:47 counts from 09:00: early arrival is not credited");
  EXPECT_EQ(Chinese(early), "08:47 签到，自 09:00 起计：提前到达不计");
  const Step share{.rule = Rule::kBelowShare, .amount = Minutes(179), .limit = 60};
  EXPECT_EQ(English(share),
            "179 min present are below 60 % of the activity's length: nothing counts");
  EXPECT_EQ(Chinese(share), "在场 179 分钟，不足活动时长的 60%：不计");
  const Step overlap{.rule = Rule::kOverlap, .amount = std::chrono::seconds(750), .other = Id(7)};
  EXPECT_EQ(English(overlap), "12 min 30 s overlap with visit " + Id(7).ToString() +
                                  ", which began earlier, and count only there");
  const Step tier{.rule = Rule::kAwaitsParent, .minutes = 150, .limit = 480};
  EXPECT_EQ(English(tier),
            "150 min above 480 min of the day await approval by the parent organisation");
  EXPECT_EQ(Chinese(tier), "当日超过 480 分钟的 150 分钟，待上级组织审批");
}

// Times are shown by the clock on the wall, the change of the clock included.
TEST(ExplainTest, ClockTimesAreThoseOfTheZone) {
  const Step late{.rule = Rule::kLateLeaving,
                  .from = At("2026-03-29 00:30", "Z"),
                  .to = At("2026-03-29 01:30", "Z")};
  EXPECT_EQ(Say(late, Zone::Find("Europe/Berlin").value(), Language::kEnglish),
            "out 01:30 counts until 03:30: later time is not credited");
}

TEST(ExplainTest, EveryRuleHasASentenceOfItsOwnInBothLanguages) {
  for (const auto language : {Language::kEnglish, Language::kChinese}) {
    std::set<std::string> sentences;
    for (int rule = 0; rule <= static_cast<int>(Rule::kProvinceApproved); ++rule) {
      const std::string text = Say({.rule = static_cast<Rule>(rule)}, Zone(), language);
      EXPECT_TRUE(sentences.insert(text).second) << text;
      EXPECT_TRUE(base::ValidateDisplayText(text, "it", 500).ok()) << text;
    }
    EXPECT_EQ(sentences.size(), 22u);
  }
}

TEST(ExplainTest, ALineSaysWhatItComesTo) {
  Line line;
  line.day = DayAt(2026, 3, 14);
  line.minutes = 480;
  line.status = LineStatus::kCredited;
  EXPECT_EQ(Summary(line, Language::kEnglish), "2026-03-14: 480 min credited");
  EXPECT_EQ(Summary(line, Language::kChinese), "2026-03-14：计入 480 分钟");
  line.awaiting_parent = 240;
  line.awaiting_province = 60;
  line.practice = true;
  EXPECT_EQ(Summary(line, Language::kEnglish),
            "2026-03-14: practice, 480 min credited, 240 min await the parent organisation, 60 min "
            "await the province");
  line.status = LineStatus::kPending;
  line.practice = false;
  EXPECT_EQ(Summary(line, Language::kEnglish), "2026-03-14: pending, 0 min");
  EXPECT_EQ(Summary(line, Language::kChinese), "2026-03-14：待定，0 分钟");
}

}  // namespace
}  // namespace rollcall::hours
