// The parts that rollcall, rollcall-enroll and rollcall-kiosk share.
#include <gmock/gmock.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "client/address.h"
#include "client/errors.h"
#include "client/files.h"
#include "client/json.h"
#include "client/names.h"
#include "client/progress.h"
#include "client/retry.h"
#include "client/table.h"
#include "client/text_width.h"
#include "client/when.h"
#include "rollcall/v1/errors.pb.h"
#include "rollcall/v1/ledger_service.pb.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::client {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using support::HasReason;
using support::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(ResolveServer, TheFirstThatIsGivenWins) {
  EXPECT_EQ(*ResolveServer({"127.0.0.1:1", "", "127.0.0.1:2"}), "127.0.0.1:1");
  EXPECT_EQ(*ResolveServer({"", "", "127.0.0.1:2"}), "127.0.0.1:2");
  EXPECT_EQ(*ResolveServer({"unix:/run/rollcall.sock", "", ""}), "unix:/run/rollcall.sock");
  EXPECT_EQ(*ResolveServer({}), kDefaultServer);
}

TEST(ResolveServer, ReadsTheEndpointOfADataFolder) {
  const support::TempDir dir;
  support::WriteFile(dir.path() / "endpoint", "127.0.0.1:4711\n");
  EXPECT_EQ(*ResolveServer({"@" + dir.path().string(), "", ""}), "127.0.0.1:4711");
  EXPECT_EQ(*ResolveServer({"", dir.path().string(), "127.0.0.1:2"}), "127.0.0.1:4711");
}

TEST(ResolveServer, ADataFolderWithoutServerIsAnErrorThatSaysSo) {
  const support::TempDir dir;
  EXPECT_THAT(ResolveServer({"@" + dir.path().string(), "", ""}), HasReason("NO_ENDPOINT"));
}

TEST(ResolveServer, RefusesWhatIsNoAddress) {
  for (const char* text :
       {"localhost", "localhost:", ":5000", "localhost:http", "a b:1", "1:234567"}) {
    EXPECT_THAT(ResolveServer({text, "", ""}), HasReason("BAD_ADDRESS")) << text;
  }
}

TEST(ResolveServer, PlainTextNeverLeavesThisMachine) {
  for (const char* text : {"192.168.0.2:5000", "rollcall.example:5000", "127.example.org:1",
                           "[2001:db8::1]:5000", "0.0.0.0:5000"}) {
    EXPECT_THAT(ResolveServer({text, "", ""}), HasReason("PLAIN_TEXT_REFUSED")) << text;
  }
  for (const char* text : {"localhost:5000", "127.0.0.1:5000", "[::1]:5000"}) {
    EXPECT_THAT(ResolveServer({text, "", ""}), IsOk()) << text;
  }
}

grpc::Status WithDetails(grpc::StatusCode code, const std::string& reason, int retry_seconds) {
  v1::ErrorStatus details;
  v1::ErrorInfo info;
  info.set_reason(reason);
  details.add_details()->set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
  details.mutable_details(0)->set_value(info.SerializeAsString());
  if (retry_seconds > 0) {
    v1::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(retry_seconds);
    details.add_details()->set_type_url("type.googleapis.com/google.rpc.RetryInfo");
    details.mutable_details(1)->set_value(retry.SerializeAsString());
  }
  return grpc::Status(code, "as it was said", details.SerializeAsString());
}

TEST(FromGrpc, CarriesReasonAndWait) {
  const absl::Status status =
      FromGrpc(WithDetails(grpc::StatusCode::RESOURCE_EXHAUSTED, "QUEUE_FULL", 3));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(status, HasReason("QUEUE_FULL"));
  EXPECT_EQ(base::Message(status), "as it was said");
  EXPECT_EQ(RetryDelay(status), 3s);
  EXPECT_THAT(Advice(status, ""), HasSubstr("Try again in 3 s"));
}

TEST(FromGrpc, AnUnreachableServerIsNamedWithTheCommandThatStartsIt) {
  const absl::Status status =
      FromGrpc(grpc::Status(grpc::StatusCode::UNAVAILABLE, "failed to connect to all addresses"));
  EXPECT_THAT(status, HasReason("SERVER_UNREACHABLE"));
  EXPECT_TRUE(IsUnanswered(status));
  const std::string text = ErrorText("rollcall", status, "127.0.0.1:5000");
  EXPECT_THAT(text, HasSubstr("127.0.0.1:5000"));
  EXPECT_THAT(text, HasSubstr("rollcalld --data DIR"));
  EXPECT_THAT(text, Not(HasSubstr("failed to connect to all addresses")));
}

TEST(FromGrpc, DamagedDetailsAreIgnored) {
  const absl::Status status =
      FromGrpc(grpc::Status(grpc::StatusCode::NOT_FOUND, "no such activity", "\xff\xff\xff"));
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(status, HasReason(""));
}

TEST(ErrorText, CannotSteerTheTerminal) {
  const absl::Status status =
      base::MakeError(absl::StatusCode::kNotFound, "GONE", "no \x1b[2J activity\r");
  EXPECT_EQ(ErrorText("rollcall", status, ""), "rollcall: no ?[2J activity? [GONE]\n");
}

class RetryTest : public testing::Test {
 protected:
  Patience MakePatience(base::Duration give_up_after) {
    return {&clock_,
            [this](base::Duration time) {
              pauses_.push_back(time);
              clock_.Advance(time);
            },
            give_up_after, nullptr};
  }

  base::ManualClock clock_{base::FromUnixMicros(0)};
  std::vector<base::Duration> pauses_;
};

TEST_F(RetryTest, RepeatsUntilAnAnswerComes) {
  int calls = 0;
  const absl::StatusOr<int> result = RepeatUntilAnswered(MakePatience(30s), [&] {
    return ++calls < 4 ? absl::StatusOr<int>(absl::UnavailableError("")) : absl::StatusOr<int>(7);
  });
  EXPECT_EQ(*result, 7);
  EXPECT_THAT(pauses_, ElementsAre(200ms, 400ms, 800ms));
}

TEST_F(RetryTest, GivesUpInTimeWithTheLastError) {
  const absl::Status result =
      RepeatUntilAnswered(MakePatience(5s), [&] { return absl::DeadlineExceededError("slow"); });
  EXPECT_EQ(result.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_LE(clock_.Monotonic(), 5s);
}

TEST_F(RetryTest, WaitsAsLongAsTheServerAsks) {
  int calls = 0;
  const absl::Status result = RepeatUntilAnswered(MakePatience(30s), [&] {
    return ++calls == 1
               ? FromGrpc(WithDetails(grpc::StatusCode::RESOURCE_EXHAUSTED, "QUEUE_FULL", 3))
               : absl::OkStatus();
  });
  EXPECT_THAT(result, IsOk());
  EXPECT_THAT(pauses_, ElementsAre(3s));
}

TEST_F(RetryTest, AnErrorThatWaitingDoesNotMendIsReturnedAtOnce) {
  int calls = 0;
  const absl::Status result = RepeatUntilAnswered(MakePatience(30s), [&] {
    ++calls;
    return absl::NotFoundError("");
  });
  EXPECT_EQ(result.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(calls, 1);
}

TEST(TextWidth, ChineseTakesTwoColumnsAndCombiningMarksNone) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("李雷"), 4u);
  EXPECT_EQ(DisplayWidth("𠮷"), 2u);  // beyond the basic plane
  EXPECT_EQ(DisplayWidth("e\u0301"), 1u);
  EXPECT_EQ(DisplayWidth("\xff\n"), 2u);
}

TEST(TextWidth, CutsBetweenCharactersAndWithinTheWidth) {
  EXPECT_EQ(CutToWidth("李雷", 4), "李雷");
  EXPECT_EQ(CutToWidth("李雷和韩梅梅", 6), "李雷…");
  EXPECT_EQ(CutToWidth("abc", 0), "");
  for (size_t columns = 0; columns < 14; ++columns) {
    EXPECT_LE(DisplayWidth(CutToWidth("李雷和韩梅梅", columns)), columns);
  }
}

TEST(TextWidth, ForeignTextIsMadeHarmless) {
  EXPECT_EQ(TerminalText("a\x1b[31m\nb\xff"), "a?[31m b?");
}

TEST(TextWidth, KnowsUtf8FromOtherBytes) {
  using std::string_literals::operator""s;
  for (const std::string& text : {""s, "abc\r\n"s, "李雷𠮷"s, "a\0b"s}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  for (const std::string& text : {"\xd5\xc5"s, "\xe6\x9d"s, "\xc0\x80"s, "\xed\xa0\x80"s}) {
    EXPECT_FALSE(IsUtf8(text)) << text;
  }
}

TEST(Table, ColumnsLineUpAcrossScripts) {
  Table table({{"ID"}, {"NAME"}, {"HOURS", true}});
  table.AddRow({"v001", "李雷", "2:05"});
  table.AddRow({"v2", "Han Mei", "10:00"});
  EXPECT_EQ(table.ToText(),
            "ID    NAME     HOURS\n"
            "v001  李雷      2:05\n"
            "v2    Han Mei  10:00\n");
}

TEST(ProgressLine, ShowsShareAndLabelWithinTheWidth) {
  EXPECT_EQ(ProgressLine(3, 12, "v003", 80), "[######------------------]  3 of 12  v003");
  EXPECT_EQ(ProgressLine(0, 0, "", 80), "[########################] 0 of 0");
  EXPECT_LE(DisplayWidth(ProgressLine(3, 12, "志愿者名字很长很长很长", 40)), 40u);
}

class ParseWhenTest : public testing::Test {
 protected:
  const base::Time now_ = base::FromUnixMicros(1'000'000'000);
  const base::Time origin_ = base::FromUnixMicros(5'000'000'000);
};

TEST_F(ParseWhenTest, AcceptsNowDistancesAndRfc3339) {
  EXPECT_EQ(*ParseWhen("now", now_, origin_), now_);
  EXPECT_EQ(*ParseWhen("+3h", now_, origin_), origin_ + 3h);
  EXPECT_EQ(*ParseWhen("-1h30m", now_, origin_), origin_ - 90min);
  EXPECT_EQ(*ParseWhen("+2d", now_, origin_), origin_ + 48h);
  EXPECT_EQ(*ParseWhen("1970-01-01T08:00:10+08:00", now_, origin_),
            base::FromUnixMicros(10'000'000));
}

TEST_F(ParseWhenTest, RefusesEverythingElse) {
  for (const char* text : {"", "+", "3h", "+3", "+h", "+3x", "+-3h", "+99999d", "tomorrow",
                           "2026-11-24 08:00", "2026-11-24T08:00:00"}) {
    EXPECT_THAT(ParseWhen(text, now_, origin_), HasReason("BAD_TIME")) << text;
  }
}

// Another zone than the machine's for a while.
class ParseStretchTest : public ParseWhenTest {
 protected:
  void SetUp() override {
    if (const char* zone = std::getenv("TZ")) zone_ = zone;
    Use("Asia/Shanghai");
  }
  void TearDown() override {
    zone_ ? setenv("TZ", zone_->c_str(), 1) : unsetenv("TZ");
    tzset();
  }
  static void Use(const char* zone) {
    setenv("TZ", zone, 1);
    tzset();
  }
  // As RFC 3339 in UTC, "FROM/TO", from a session that begins at `start`.
  static std::string Parse(const char* text, const char* start) {
    const auto origin = base::ParseTime(start);
    EXPECT_THAT(origin, IsOk());
    const auto found = ParseStretch(text, *origin, *origin);
    if (!found.ok()) return base::ErrorReason(found.status());
    return base::FormatTime(found->starts) + "/" + base::FormatTime(found->ends);
  }
  std::string Utc(const char* from, const char* to) {
    return base::FormatTime(*base::ParseTime(from)) + "/" + base::FormatTime(*base::ParseTime(to));
  }

 private:
  std::optional<std::string> zone_;
};

TEST_F(ParseStretchTest, ClockTimesAreThoseOfThisMachineFromTheStartOn) {
  EXPECT_EQ(Parse("12:00-13:00", "2026-11-24T08:00:00+08:00"),
            Utc("2026-11-24T04:00:00Z", "2026-11-24T05:00:00Z"));
  EXPECT_EQ(Parse("08:00-08:30", "2026-11-24T08:00:00+08:00"),
            Utc("2026-11-24T00:00:00Z", "2026-11-24T00:30:00Z"))
      << "the start itself";
  EXPECT_EQ(Parse("01:00-01:30", "2026-12-31T20:00:00+08:00"),
            Utc("2026-12-31T17:00:00Z", "2026-12-31T17:30:00Z"))
      << "after midnight, in the next year";
  EXPECT_EQ(Parse("23:30-00:30", "2026-11-24T20:00:00+08:00"),
            Utc("2026-11-24T15:30:00Z", "2026-11-24T16:30:00Z"));
  Use("Europe/Berlin");  // the clock is put back at 03:00 on that day
  EXPECT_EQ(Parse("04:00-05:00", "2026-10-24T22:00:00+02:00"),
            Utc("2026-10-25T03:00:00Z", "2026-10-25T04:00:00Z"));
}

TEST_F(ParseStretchTest, TwoTimesStandWithASlashBetween) {
  EXPECT_EQ(Parse("+4h/+1h", "2026-11-24T00:00:00Z"),
            Utc("2026-11-24T04:00:00Z", "2026-11-24T05:00:00Z"));
  EXPECT_EQ(Parse("2026-11-25T12:00:00+08:00/+45m", "2026-11-24T00:00:00Z"),
            Utc("2026-11-25T04:00:00Z", "2026-11-25T04:45:00Z"));
}

TEST_F(ParseStretchTest, EverythingElseIsRefused) {
  for (const char* text : {"", "-", "12:00", "12:00-", "-13:00", "12-13", "12:00-13:0",
                           "24:00-25:00", "12:60-13:00", "12:00-13:00-14:00", "1a:00-13:00", "+4h/", "/", "+4h"}) {
    EXPECT_EQ(Parse(text, "2026-11-24T00:00:00Z"), "BAD_TIME") << text;
  }
}

TEST(Timestamps, SurviveTheWayThereAndBack) {
  for (const int64_t micros : {0LL, 1LL, -1LL, 1'700'000'000'123'456LL, -1'700'000'000'123'456LL}) {
    EXPECT_EQ(base::ToUnixMicros(FromProto(ToProto(base::FromUnixMicros(micros)))), micros);
  }
}

TEST(Hours, AreShownAsHoursAndMinutes) {
  EXPECT_EQ(Hours(0), "0:00");
  EXPECT_EQ(Hours(125), "2:05");
  EXPECT_EQ(Hours(-90), "-1:30");
}

TEST(Json, KeepsFieldNamesAndDefaults) {
  v1::VerifyLedgerResponse answer;
  answer.set_rows(3);
  const std::string json = ToJson(answer, /*indented=*/false);
  EXPECT_THAT(json, HasSubstr("\"first_bad_sequence\":\"0\""));
  EXPECT_THAT(json, HasSubstr("\"verified\":false"));
  EXPECT_THAT(json, Not(HasSubstr("\n")));
}

TEST(Names, WordsAndValuesGoTogether) {
  for (const std::string& word : AgeBandWords()) EXPECT_EQ(Word(ParseAgeBand(word)), word);
  for (const std::string& word : LevelWords()) EXPECT_EQ(Word(ParseLevel(word)), word);
  EXPECT_EQ(ParseAction("auto"), v1::AUTO);
  EXPECT_EQ(ParseAction("sideways"), v1::ACTION_UNSPECIFIED);
  EXPECT_EQ(Phrase(v1::TOO_SMALL), "too small");
  EXPECT_EQ(Phrase(v1::EVIDENCE_CLASS_UNSPECIFIED), "");
}

TEST(Files, ReadsWholeFilesUpToALimit) {
  const support::TempDir dir;
  support::WriteFile(dir.path() / "a.jpg", "12345");
  EXPECT_EQ(*ReadFile(dir.path() / "a.jpg", 5), "12345");
  EXPECT_THAT(ReadFile(dir.path() / "a.jpg", 4), HasReason("FILE_TOO_LARGE"));
  EXPECT_THAT(ReadFile(dir.path() / "b.jpg", 4), HasReason("FILE_MISSING"));
  EXPECT_THAT(ReadFile(dir.path(), 4), HasReason("FILE_MISSING"));
}

TEST(Files, ListsPicturesByNameAndNothingElse) {
  const support::TempDir dir;
  for (const char* name : {"2.PNG", "1.jpg", "3.jpeg", "notes.txt", ".hidden.jpg"}) {
    support::WriteFile(dir.path() / name, "x");
  }
  std::filesystem::create_directory(dir.path() / "folder.jpg");
  const auto pictures = PicturesIn(dir.path());
  ASSERT_THAT(pictures, IsOk());
  EXPECT_THAT(*pictures,
              ElementsAre(dir.path() / "1.jpg", dir.path() / "2.PNG", dir.path() / "3.jpeg"));
  EXPECT_THAT(*FoldersIn(dir.path()), ElementsAre(dir.path() / "folder.jpg"));
  EXPECT_THAT(PicturesIn(dir.path() / "nowhere"), HasReason("FOLDER_MISSING"));
}

}  // namespace
}  // namespace rollcall::client
