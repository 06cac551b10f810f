#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "enroll/csv.h"
#include "export/csv_writer.h"
#include "export/json_writer.h"
#include "export/output_file.h"
#include "export/records.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::exporting {
namespace {

namespace fs = std::filesystem;
using support::HasReason;
using support::IsOk;
using ::testing::ElementsAre;

// What people are called, and what somebody may have entered to harm a spreadsheet.
const std::vector<std::string> kHostile = {
    "李雷",         "=HYPERLINK(\"http://x\",\"Click\")",
    "+1+1",         "-2+3",
    "@SUM(A1)",     "\tTab",
    "\rReturn",     "\nNewline",
    "＝cmd",        "＠x",
    "'quoted",      "O\"Brien, \"Ann\"",
    "two\r\nlines", "comma, semicolon; \\ /",
    "𠮷野家",       " spaces ",
    "it's = fine",
};

v1::ListHoursResponse SomeHours() {
  v1::ListHoursResponse hours;
  int64_t minutes = 0;
  for (const char* name : {"李雷", "=1+1, \"two\""}) {
    v1::VolunteerHours* person = hours.add_volunteers();
    person->set_volunteer_id("v-" + std::to_string(hours.volunteers_size()));
    person->set_name(name);
    v1::Visit* visit = person->add_visits();
    visit->mutable_session()->set_organisation_id("home");
    visit->mutable_session()->set_activity_id("tea");
    visit->mutable_session()->set_session_id("s");
    visit->mutable_in_time()->set_seconds(1'767'254'400);
    visit->mutable_out_time()->set_seconds(1'767'261'600);
    visit->mutable_out_time()->set_nanos(999'000'000);
    visit->set_in_evidence(v1::FACE);
    visit->set_out_evidence(hours.volunteers_size() == 1 ? v1::PIN : v1::STAFF);
    visit->set_minutes(120);
    visit->set_policy("default/1");
    person->set_minutes(minutes += 120);
    person->set_witnessed_minutes(100);
    person->set_attested_minutes(15);
    person->set_entered_afterwards_minutes(minutes - 115);
  }
  v1::VolunteerHours* person = hours.mutable_volunteers(0);
  v1::Visit practice = person->visits(0);
  practice.set_practice(true);
  practice.set_in_evidence(v1::BACK_ENTRY);
  *person->add_visits() = practice;
  v1::Visit open = person->visits(0);
  open.clear_out_time();
  open.clear_out_evidence();
  open.clear_policy();
  open.set_minutes(0);
  *person->add_visits() = open;
  open.set_pending(true);
  *person->add_visits() = open;
  person->set_practice_minutes(120);
  person->set_open_visits(1);
  person->set_pending_visits(1);
  person->set_awaiting_parent_minutes(240);
  person->set_awaiting_province_minutes(60);
  person->mutable_visits(0)->set_awaiting_parent_minutes(240);
  person->mutable_visits(0)->set_awaiting_province_minutes(60);
  hours.add_volunteers();  // forgotten since
  return hours;
}

std::vector<Record> SomeEvents() {
  std::vector<Record> records;
  v1::AttendanceEvent event;
  for (const v1::EventKind kind : {v1::CHECK_IN, v1::CHECK_OUT, v1::REVERSAL}) {
    event.set_sequence(event.sequence() + 1);
    event.set_event_id("00000000-0000-0000-0000-00000000000" + std::to_string(event.sequence()));
    event.set_kind(kind);
    event.mutable_session()->set_organisation_id("home");
    event.mutable_session()->set_activity_id("tea");
    event.mutable_session()->set_session_id("s");
    event.set_volunteer_id("v-1");
    event.mutable_capture_time()->set_seconds(1'767'254'400);
    event.mutable_record_time()->set_seconds(1'767'254'401);
    event.set_evidence(kind == v1::CHECK_OUT ? v1::STAFF : v1::FACE);
    event.set_kiosk_id(kind == v1::CHECK_OUT ? "" : "door-1");
    event.set_request_id("11111111-1111-1111-1111-111111111111");
    event.set_practice(kind == v1::CHECK_OUT);
    if (kind == v1::REVERSAL) {
      event.set_reverses_event_id("00000000-0000-0000-0000-000000000002");
    }
    records.push_back(EventRecord(event));
  }
  return records;
}

std::string Csv(const Columns& columns, const std::vector<Record>& records) {
  std::string text = CsvHead(columns);
  for (const Record& record : records) text += CsvLine(record);
  return text;
}
std::string Json(const Columns& columns, const std::vector<Record>& records) {
  std::string text;
  for (const Record& record : records) text += JsonLine(columns, record);
  return text;
}
std::string Golden(const char* name) {
  return support::ReadFile(support::SourceDir() / "tests/golden/export" / name);
}

TEST(ExportTest, TheBytesStayAsTheyAre) {
  EXPECT_EQ(Csv(HoursColumns(), HoursRecords(SomeHours(), true)), Golden("hours.csv"));
  EXPECT_EQ(Json(HoursColumns(), HoursRecords(SomeHours(), true)), Golden("hours.jsonl"));
  EXPECT_EQ(Csv(TotalsColumns(), TotalsRecords(SomeHours(), true)), Golden("totals.csv"));
  EXPECT_EQ(Json(TotalsColumns(), TotalsRecords(SomeHours(), true)), Golden("totals.jsonl"));
  EXPECT_EQ(Csv(EventColumns(), SomeEvents()), Golden("events.csv"));
  EXPECT_EQ(Json(EventColumns(), SomeEvents()), Golden("events.jsonl"));
}

TEST(ExportTest, EveryRecordHasAValueForEveryColumn) {
  for (const Record& record : HoursRecords(SomeHours(), true)) {
    EXPECT_EQ(record.size(), HoursColumns().size());
  }
  for (const Record& record : TotalsRecords(SomeHours(), true)) {
    EXPECT_EQ(record.size(), TotalsColumns().size());
  }
  for (const Record& record : SomeEvents()) EXPECT_EQ(record.size(), EventColumns().size());
}

TEST(ExportTest, NoTextComesOutThatASpreadsheetWouldRun) {
  for (const std::string& text : kHostile) {
    const std::string safe = FormulaSafe(text);
    EXPECT_EQ(std::string("=+-@\t\r\n").find(safe.front()), std::string::npos) << text;
    EXPECT_FALSE(safe.starts_with("＝") || safe.starts_with("＠")) << text;
    // And nothing is lost: an apostrophe at the start is always one too many.
    EXPECT_EQ(safe.starts_with("'") ? safe.substr(1) : safe, text);
  }
  EXPECT_EQ(FormulaSafe("=1"), "'=1");
  EXPECT_EQ(FormulaSafe("1=1"), "1=1");
  EXPECT_EQ(FormulaSafe(""), "");
}

TEST(ExportTest, CsvComesBackAsItWas) {
  const Columns columns = {"id", "name", "minutes", "time", "practice", "nothing"};
  std::vector<Record> records;
  int64_t id = 0;
  for (const std::string& text : kHostile) {
    records.push_back({++id, text, int64_t{-90}, base::FromUnixMicros(1'767'254'400'000'000), true,
                       std::monostate()});
  }
  const std::string csv = Csv(columns, records);
  EXPECT_TRUE(csv.starts_with("\xef\xbb\xbfid,name,minutes,time,practice,nothing\r\n1,\"李雷\","));
  const auto read = enroll::ParseCsv(csv);
  ASSERT_THAT(read, IsOk());
  ASSERT_EQ(read->size(), kHostile.size() + 1);
  for (size_t i = 0; i < kHostile.size(); ++i) {
    EXPECT_THAT((*read)[i + 1].fields, ElementsAre(std::to_string(i + 1), FormulaSafe(kHostile[i]),
                                                   "-90", "2026-01-01T08:00:00Z", "true", ""));
  }
}

TEST(ExportTest, JsonLinesComeBackAsTheyWere) {
  for (const std::string& text : kHostile) {
    const std::string line = JsonLine({"name", "minutes"}, {text, int64_t{5}});
    EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line";
    const auto read = nlohmann::json::parse(line);
    EXPECT_EQ(read["name"], text) << "as it is: nothing runs it";
    EXPECT_EQ(read["minutes"], 5);
  }
  EXPECT_EQ(JsonLine({"name"}, {std::string("\xff")}), "{\"name\":\"\uFFFD\"}\n");
}

TEST(ExportTest, WithoutNamesThereIsNoName) {
  const std::string all = Csv(HoursColumns(), HoursRecords(SomeHours(), false)) +
                          Csv(TotalsColumns(), TotalsRecords(SomeHours(), false));
  EXPECT_EQ(all.find("李雷"), std::string::npos);
  EXPECT_NE(all.find("\"v-1\",,"), std::string::npos);
}

TEST(ExportTest, HowSomebodyProvedHerselfIsInNoFile) {
  const std::string all =
      Csv(HoursColumns(), HoursRecords(SomeHours(), true)) + Json(EventColumns(), SomeEvents());
  for (const char* way : {"FACE", "face", "PIN", "pin", "QR"}) {
    EXPECT_EQ(all.find(way), std::string::npos) << way;
  }
}

class OutputFileTest : public ::testing::Test {
 protected:
  fs::path path() const { return folder_.path() / "hours.csv"; }
  void Put(const std::string& text) { std::ofstream(path()) << text; }
  size_t Files() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()));
  }

  support::TempDir folder_;
};

TEST_F(OutputFileTest, ItIsThereOnceItIsWhole) {
  const auto file = OutputFile::Create(path(), false);
  ASSERT_THAT(file, IsOk());
  ASSERT_THAT((*file)->Append("one,"), IsOk());
  EXPECT_FALSE(fs::exists(path()));
  ASSERT_THAT((*file)->Append("two"), IsOk());
  ASSERT_THAT((*file)->Commit(), IsOk());
  EXPECT_EQ(support::ReadFile(path()), "one,two");
  EXPECT_EQ(fs::status(path()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(Files(), 1u);
}

TEST_F(OutputFileTest, WithoutCommitNothingIsLeftBehind) {
  {
    const auto file = OutputFile::Create(path(), false);
    ASSERT_THAT((*file)->Append("half"), IsOk());
  }
  EXPECT_EQ(Files(), 0u);
}

TEST_F(OutputFileTest, WhatIsThereIsNotReplacedUnlessAsked) {
  Put("older");
  EXPECT_THAT(OutputFile::Create(path(), false), HasReason("FILE_EXISTS"));
  EXPECT_EQ(support::ReadFile(path()), "older");
  const auto file = OutputFile::Create(path(), true);
  ASSERT_THAT((*file)->Append("newer"), IsOk());
  EXPECT_EQ(support::ReadFile(path()), "older") << "until it is whole";
  ASSERT_THAT((*file)->Commit(), IsOk());
  EXPECT_EQ(support::ReadFile(path()), "newer");
  EXPECT_EQ(Files(), 1u);
}

TEST_F(OutputFileTest, WhoeverWasQuickerKeepsTheName) {
  const auto file = OutputFile::Create(path(), false);
  ASSERT_THAT((*file)->Append("mine"), IsOk());
  Put("theirs");
  EXPECT_THAT((*file)->Commit(), HasReason("FILE_EXISTS"));
  EXPECT_EQ(support::ReadFile(path()), "theirs");
}

TEST_F(OutputFileTest, WhatIsNoFileIsNeverReplaced) {
  fs::create_directory(path());
  EXPECT_THAT(OutputFile::Create(path(), true), HasReason("FILE_EXISTS"));
  fs::remove(path());
  Put("target");
  fs::create_symlink(path(), folder_.path() / "link");
  EXPECT_THAT(OutputFile::Create(folder_.path() / "link", true), HasReason("FILE_EXISTS"));
  EXPECT_THAT(OutputFile::Create(folder_.path() / "none/hours.csv", false),
              HasReason("FILE_NOT_WRITABLE"));
}

}  // namespace
}  // namespace rollcall::exporting
