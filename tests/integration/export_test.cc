// rollcall export against a real server: what comes out is what is in the ledger, in a file that is
// whole or not there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "integration/service_test_base.h"
#include "support/environment.h"
#include "support/program.h"

namespace rollcall::testing {
namespace {

using support::ProgramResult;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kMark[] = "\xef\xbb\xbf";

class ExportCommandTest : public ServiceTest {
 protected:
  void SetUp() override {
    Start();
    MakeActivity("tea");
    MakeActivity("practice", true);
    Visit("v-1", "李雷", "tea");
    Visit("v-2", "=1+1, \"two\"", "tea");
    Visit("v-1", "", "practice");
  }

  // Half an hour, attested.
  void Visit(const std::string& id, const std::string& name, const std::string& activity) {
    if (!name.empty()) {
      ASSERT_TRUE(client().Enrol(EnrolRequest(id, name)).ok());
    }
    ASSERT_TRUE(client().AddToRoster(activity, {id}).ok());
    ASSERT_TRUE(Record(StaffToken(id, activity), v1::IN).response.has_receipt());
    clock_.Advance(std::chrono::minutes(30));
    ASSERT_TRUE(Record(StaffToken(id, activity), v1::OUT).response.has_receipt());
  }

  ProgramResult Export(std::vector<std::string> words) {
    words.insert(words.begin(), {(support::BinaryDir() / "bin/rollcall").string(), "--server",
                                 server_->address(), "export"});
    return support::RunProgram(words);
  }
  std::string file(const char* name) const { return (folder_.path() / name).string(); }
};

TEST_F(ExportCommandTest, HoursAsCsvWithPracticeMarkedAndFormulasDefused) {
  const ProgramResult result = Export({"hours", "--out", file("hours.csv")});
  ASSERT_EQ(result.code, 0) << result.errors;
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(result.errors, HasSubstr("hours.csv: 3 records\n"));
  EXPECT_EQ(support::ReadFile(file("hours.csv")),
            std::string(kMark) +
                "organisation_id,activity_id,session_id,volunteer_id,name,in_time,out_time,minutes,"
                "public_class,status,practice,policy,awaiting_parent_minutes,"
                "awaiting_province_minutes\r\n"
                "\"home\",\"tea\",\"s\",\"v-1\",\"李雷\",2026-11-24T09:10:00Z,"
                "2026-11-24T09:40:00Z,30,\"attested\",\"confirmed\",false,\"default/2\",0,0\r\n"
                "\"home\",\"practice\",\"s\",\"v-1\",\"李雷\",2026-11-24T10:10:00Z,"
                "2026-11-24T10:40:00Z,30,\"attested\",\"confirmed\",true,\"default/2\",0,0\r\n"
                "\"home\",\"tea\",\"s\",\"v-2\",\"'=1+1, \"\"two\"\"\",2026-11-24T09:40:00Z,"
                "2026-11-24T10:10:00Z,30,\"attested\",\"confirmed\",false,\"default/2\",0,0\r\n");
}

TEST_F(ExportCommandTest, TotalsAndEventsAsJsonLines) {
  const ProgramResult totals = Export({"totals", "--format", "jsonl"});
  ASSERT_EQ(totals.code, 0) << totals.errors;
  EXPECT_EQ(totals.output,
            "{\"volunteer_id\":\"v-1\",\"name\":\"李雷\",\"minutes\":30,\"witnessed_minutes\":0,"
            "\"attested_minutes\":30,\"entered_afterwards_minutes\":0,\"practice_minutes\":30,"
            "\"open_visits\":0,\"pending_visits\":0,\"awaiting_parent_minutes\":0,"
            "\"awaiting_province_minutes\":0}\n"
            "{\"volunteer_id\":\"v-2\",\"name\":\"=1+1, \\\"two\\\"\",\"minutes\":30,"
            "\"witnessed_minutes\":0,\"attested_minutes\":30,\"entered_afterwards_minutes\":0,"
            "\"practice_minutes\":0,\"open_visits\":0,\"pending_visits\":0,"
            "\"awaiting_parent_minutes\":0,\"awaiting_province_minutes\":0}\n");
  const ProgramResult events = Export({"events", "--format", "jsonl", "--activity", "tea"});
  ASSERT_EQ(events.code, 0) << events.errors;
  EXPECT_THAT(events.output, StartsWith("{\"sequence\":1,\"event_id\":\""));
  EXPECT_EQ(std::count(events.output.begin(), events.output.end(), '\n'), 4);
  EXPECT_THAT(events.output, Not(HasSubstr("李雷")));
}

TEST_F(ExportCommandTest, AFileThatIsThereStaysUnlessForced) {
  ASSERT_EQ(Export({"events", "--out", file("events.csv")}).code, 0);
  const std::string first = support::ReadFile(file("events.csv"));
  EXPECT_THAT(first, StartsWith(std::string(kMark) + "sequence,event_id,kind,"));
  const ProgramResult again = Export({"hours", "--out", file("events.csv")});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.errors, HasSubstr("--force replaces it"));
  EXPECT_EQ(support::ReadFile(file("events.csv")), first);
  EXPECT_EQ(Export({"hours", "--out", file("events.csv"), "--force"}).code, 0);
  EXPECT_NE(support::ReadFile(file("events.csv")), first);
}

TEST_F(ExportCommandTest, ARefusedExportLeavesNothingBehind) {
  const ProgramResult refused =
      Export({"hours", "--out", file("hours.csv"), "--activity", "nowhere"});
  EXPECT_EQ(refused.code, 1);
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_THAT(entry.path().filename().string(), Not(StartsWith("hours.csv")));
  }
  EXPECT_EQ(Export({"hours", "--format", "xml"}).code, 2);
}

}  // namespace
}  // namespace rollcall::testing
