#include "domain/face_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/status_matchers.h"

namespace rollcall::domain {
namespace {

using support::HasReason;
using support::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto kDay = std::chrono::hours(24);

base::Time At(const char* text) { return *base::ParseTime(text); }

FacePolicy Papers() {
  FacePolicy policy;
  policy.mode = FaceMode::kOn;
  policy.operator_name = "Station";
  policy.notice = "Notice";
  policy.notice_zh = "告知";
  policy.notice_version = "1";
  policy.impact_assessment = "PIA-1";
  policy.retention = kDay * 100;
  return policy;
}

TEST(FacePolicyTest, FaceModeNamesEveryPaperThatIsMissingAndWhatToDo) {
  FacePolicy policy;
  policy.mode = FaceMode::kOn;
  const absl::Status status = CheckPapers(policy);
  EXPECT_THAT(status, HasReason("BAD_CONFIG"));
  for (const char* name : {"face.operator", "face.notice ", "face.notice_zh", "face.notice_version",
                           "face.retention_days", "face.impact_assessment", "--print-config",
                           "\"practice\"", "\"off\""}) {
    EXPECT_THAT(base::Message(status), HasSubstr(name));
  }
  EXPECT_THAT(CheckPapers(Papers()), IsOk());
  EXPECT_THAT(MissingPapers(Papers()), IsEmpty());
}

TEST(FacePolicyTest, OnePaperAloneIsEnoughToBeMissing) {
  const auto missing = [](auto change) {
    FacePolicy policy = Papers();
    change(policy);
    EXPECT_THAT(CheckPapers(policy), HasReason("BAD_CONFIG"));
    return MissingPapers(policy);
  };
  EXPECT_THAT(missing([](FacePolicy& p) { p.operator_name = ""; }), ElementsAre("face.operator"));
  EXPECT_THAT(missing([](FacePolicy& p) { p.notice = ""; }), ElementsAre(HasSubstr("face.notice")));
  EXPECT_THAT(missing([](FacePolicy& p) { p.notice_zh = ""; }),
              ElementsAre(HasSubstr("face.notice_zh")));
  EXPECT_THAT(missing([](FacePolicy& p) { p.notice_version = ""; }),
              ElementsAre("face.notice_version"));
  EXPECT_THAT(missing([](FacePolicy& p) { p.retention = {}; }), ElementsAre("face.retention_days"));
  EXPECT_THAT(missing([](FacePolicy& p) { p.impact_assessment = ""; }),
              ElementsAre("face.impact_assessment"));
}

TEST(FacePolicyTest, PracticeAndOffNeedNoPapers) {
  FacePolicy policy;
  EXPECT_EQ(policy.mode, FaceMode::kPractice) << "the default";
  EXPECT_THAT(CheckPapers(policy), IsOk());
  EXPECT_THAT(FaceModeSentence(policy), HasSubstr("face.impact_assessment"));
  policy.mode = FaceMode::kOff;
  EXPECT_THAT(CheckPapers(policy), IsOk());
  policy.mode = FaceMode::kUnspecified;
  EXPECT_THAT(CheckPapers(policy), HasReason("BAD_CONFIG"));
}

TEST(FacePolicyTest, WhereFacesMayBeUsed) {
  FacePolicy policy = Papers();
  EXPECT_THAT(CheckFaceUsable(policy, false), IsOk());
  EXPECT_THAT(CheckFaceUsable(policy, true), IsOk());
  policy.mode = FaceMode::kPractice;
  EXPECT_THAT(CheckFaceUsable(policy, true), IsOk());
  EXPECT_THAT(CheckFaceUsable(policy, false), HasReason("FACE_PRACTICE_ONLY"));
  policy.mode = FaceMode::kOff;
  EXPECT_THAT(CheckFaceUsable(policy, true), HasReason("FACE_OFF"));
  EXPECT_THAT(CheckFaceUsable(policy, false), HasReason("FACE_OFF"));
}

TEST(FacePolicyTest, ATemplateLivesFromTheLastVisitOrFromItsPhotos) {
  const FacePolicy policy = Papers();
  const base::Time enrolled = At("2026-01-01T00:00:00Z");
  EXPECT_EQ(LifetimeOf(policy, enrolled, std::nullopt).end, enrolled + kDay * 100);
  const base::Time visit = At("2026-03-01T09:00:00Z");
  EXPECT_EQ(LifetimeOf(policy, enrolled, visit).end, visit + kDay * 100);
  // A visit before new photos does not shorten anything.
  EXPECT_EQ(LifetimeOf(policy, enrolled, enrolled - kDay).end, enrolled + kDay * 100);
  EXPECT_EQ(LifetimeOf(policy, enrolled, visit).why, FaceEnd::kNoVisit);
}

TEST(FacePolicyTest, TheEndOfTheProgrammeComesFirstWhereItIsEarlier) {
  FacePolicy policy = Papers();
  const base::Time enrolled = At("2026-01-01T00:00:00Z");
  policy.programme_end = enrolled + kDay * 10;
  EXPECT_EQ(LifetimeOf(policy, enrolled, std::nullopt).end, enrolled + kDay * 10);
  EXPECT_EQ(LifetimeOf(policy, enrolled, std::nullopt).why, FaceEnd::kProgrammeEnd);
  policy.programme_end = enrolled + kDay * 200;
  EXPECT_EQ(LifetimeOf(policy, enrolled, std::nullopt).why, FaceEnd::kNoVisit);
  EXPECT_THAT(CheckProgrammeOpen(policy, enrolled), IsOk());
  EXPECT_THAT(CheckProgrammeOpen(policy, *policy.programme_end), HasReason("PROGRAMME_ENDED"));
}

TEST(FacePolicyTest, PracticeKeepsThirtyDays) {
  const base::Time enrolled = At("2026-01-01T00:00:00Z");
  EXPECT_EQ(LifetimeOf(FacePolicy{}, enrolled, std::nullopt).end, enrolled + kDay * 30);
}

TEST(FacePolicyTest, NewPhotosAreAskedForByAge) {
  const FacePolicy policy;
  const base::Time enrolled = At("2026-01-01T00:00:00Z");
  EXPECT_FALSE(ReEnrolmentDue(policy, enrolled, 0, enrolled + kDay * 730 - std::chrono::seconds(1)));
  EXPECT_TRUE(ReEnrolmentDue(policy, enrolled, 0, enrolled + kDay * 730));
}

TEST(FacePolicyTest, NewPhotosAreAskedForWhenMostOfTheLastMatchesWereWeak) {
  const base::Time enrolled = At("2026-01-01T00:00:00Z");
  EXPECT_FALSE(ReEnrolmentDue(FacePolicy{}, enrolled, 4, enrolled + kDay));
  EXPECT_TRUE(ReEnrolmentDue(FacePolicy{}, enrolled, 5, enrolled + kDay));
  EXPECT_FALSE(IsWeakMatch(0.55f, 0.5f));
  EXPECT_TRUE(IsWeakMatch(0.549f, 0.5f));
}

TEST(FacePolicyTest, TheFilingAlarmHasThreeSteps) {
  EXPECT_EQ(FilingAlarm(0, 100'000), 0);
  EXPECT_EQ(FilingAlarm(79'999, 100'000), 0);
  EXPECT_EQ(FilingAlarm(80'000, 100'000), 80);
  EXPECT_EQ(FilingAlarm(94'999, 100'000), 80);
  EXPECT_EQ(FilingAlarm(95'000, 100'000), 95);
  EXPECT_EQ(FilingAlarm(99'999, 100'000), 95);
  EXPECT_EQ(FilingAlarm(100'000, 100'000), 100);
  EXPECT_EQ(FilingAlarm(7'000'000, 100'000), 100);
  EXPECT_EQ(FilingAlarm(3, 3), 100);
  EXPECT_EQ(FilingAlarm(2, 3), 0) << "66 % are not 80 %";
}

}  // namespace
}  // namespace rollcall::domain
