#include "demo_kit/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::demo_kit {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

DoorVisit Receipt(const std::string& door, const std::string& truth, const std::string& named) {
  DoorVisit visit;
  visit.door = door;
  visit.folder = "visits/" + door + "/" + truth;
  visit.truth = truth;
  visit.volunteer_id = named;
  visit.decision = door == "in" ? "CHECKED_IN" : "CHECKED_OUT";
  visit.receipt = true;
  return visit;
}

// One volunteer, one person with a PIN, one stranger; all as it should be.
DemoRecord GoodRecord() {
  DemoRecord record;
  record.people = {{"v1", "Li Lei", "volunteer", "visits/in/v1", "visits/out/v1", ""},
                   {"p1", "Han Mei", "pin", "", "", ""},
                   {"", "", "stranger", "", "", "visits/strangers/1"}};
  record.registered = {{"v1", true, false, 1}, {"p1", false, true, 0}};
  for (const std::string id : {"v1", "p1"}) {
    record.visits.push_back(Receipt("in", id, id));
    record.visits.push_back(Receipt("out", id, id));
    record.hours.push_back({id, "", 0, 125, {{"09:00", "11:05", 125, false, "FACE", "FACE"}}});
  }
  DoorVisit stranger;
  stranger.door = "strangers";
  stranger.folder = "visits/strangers/1";
  stranger.decision = "UNKNOWN";
  stranger.said_unknown = true;
  record.visits.push_back(stranger);
  record.verification.verified = true;
  return record;
}

TEST(Summary, SaysThatAllWentAsPlanned) {
  const Summary summary = Summarise(GoodRecord());
  EXPECT_THAT(summary.problems, IsEmpty());
  EXPECT_EQ(SummaryLine(summary),
            "demo: enrolled=2 checked_in=2 checked_out=2 strangers_refused=1 wrongly_credited=0 "
            "ledger=verified");
}

TEST(Summary, AReceiptForSomebodyElseIsAWrongCredit) {
  DemoRecord record = GoodRecord();
  record.visits[0].volunteer_id = "p1";
  const Summary summary = Summarise(record);
  // The receipt itself, and the event of v1 that no visit of hers accounts for any more.
  EXPECT_EQ(summary.wrongly_credited, 2);
  EXPECT_THAT(summary.problems, Contains(HasSubstr("credited to p1")));
}

TEST(Summary, AStrangerWithAReceiptIsAWrongCreditAndNotRefused) {
  DemoRecord record = GoodRecord();
  record.visits.back().receipt = true;
  record.visits.back().volunteer_id = "v1";
  const Summary summary = Summarise(record);
  EXPECT_EQ(summary.wrongly_credited, 1);
  EXPECT_EQ(summary.strangers_refused, 0);
  EXPECT_THAT(summary.problems, Not(IsEmpty()));
}

TEST(Summary, AStrangerWhoWasOnlyAskedToComeCloserWasNotRefused) {
  DemoRecord record = GoodRecord();
  record.visits.back().decision = "TOO_SMALL";
  record.visits.back().said_unknown = false;
  const Summary summary = Summarise(record);
  EXPECT_EQ(summary.strangers_refused, 0);
  EXPECT_THAT(summary.problems, Contains(HasSubstr("TOO_SMALL")));
}

TEST(Summary, AnEventOfTheLedgerThatNoVisitAccountsForIsAWrongCredit) {
  DemoRecord record = GoodRecord();
  record.hours.push_back({"v9", "", 0, 60, {{"09:00", "", 0, false, "FACE", ""}}});
  EXPECT_EQ(Summarise(record).wrongly_credited, 1);
}

TEST(Summary, AVisitWithoutMinutesIsNotACheckOut) {
  DemoRecord record = GoodRecord();
  record.hours[0].visits[0].minutes = 0;
  const Summary summary = Summarise(record);
  EXPECT_EQ(summary.checked_in, 2);
  EXPECT_EQ(summary.checked_out, 1);
  EXPECT_THAT(summary.problems, Contains(HasSubstr("v1")));
}

TEST(Summary, APersonWithAPinAndATemplateIsNotWhatWasPlanned) {
  DemoRecord record = GoodRecord();
  record.registered[1].face_enrolled = true;
  EXPECT_EQ(Summarise(record).enrolled, 1);
}

TEST(Summary, ALedgerThatDoesNotVerifyIsSaidSo) {
  DemoRecord record = GoodRecord();
  record.verification.verified = false;
  const Summary summary = Summarise(record);
  EXPECT_THAT(SummaryLine(summary), HasSubstr("ledger=FAILED"));
  EXPECT_THAT(summary.problems, Not(IsEmpty()));
}

}  // namespace
}  // namespace rollcall::demo_kit
