#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::base {
namespace {

using nlohmann::ordered_json;
using support::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class LogTest : public testing::Test {
 protected:
  void SetUp() override { Capture(); }
  void TearDown() override { log::CaptureForTest({}); }

  void Capture() {
    log::CaptureForTest([this](const std::string& line) { lines_.push_back(line); });
  }

  // The line just written; the parser takes JSON in UTF-8 and nothing else.
  ordered_json Last() const { return lines_.empty() ? nullptr : Parse(lines_.back()); }

  static ordered_json Parse(const std::string& line) {
    const auto parsed = ordered_json::parse(line, nullptr, false);
    EXPECT_TRUE(parsed.is_object()) << line;
    return parsed;
  }

  // The lines of a file, each of which must have been ended.
  static std::vector<std::string> LinesOf(const std::filesystem::path& path) {
    const std::string content = support::ReadFile(path);
    EXPECT_TRUE(content.empty() || content.back() == '\n');
    std::vector<std::string> lines;
    std::istringstream stream(content);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

  static std::vector<std::string> EventsOf(const std::filesystem::path& path) {
    std::vector<std::string> events;
    for (const auto& line : LinesOf(path)) events.push_back(Parse(line).at("event"));
    return events;
  }

  std::vector<std::string> lines_;
};

TEST_F(LogTest, ALineIsTimeLevelEventAndTheFieldsInOrder) {
  log::Info("something_happened", {{"z", 1}, {"a", 2}});
  ASSERT_THAT(lines_, SizeIs(1));
  std::vector<std::string> keys;
  const ordered_json line = Last();
  for (const auto& [key, value] : line.items()) keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("time", "level", "event", "z", "a"));
  EXPECT_EQ(line["event"], "something_happened");
}

TEST_F(LogTest, ALineWithoutFieldsIsALine) {
  log::Info("started");
  EXPECT_EQ(Last().size(), 3u);
}

TEST_F(LogTest, TimeIsUtcWithSeconds) {
  log::Info("started");
  const std::string text = Last().at("time");
  const auto time = ParseTime(text);
  ASSERT_THAT(time, IsOk());
  EXPECT_EQ(FormatTime(*time), text);
}

TEST_F(LogTest, EachLevelHasItsName) {
  log::Debug("e");
  log::Info("e");
  log::Warning("e");
  log::Error("e");
  log::Write(log::Level::kWarning, "e");
  std::vector<std::string> levels;
  for (const auto& line : lines_) levels.push_back(Parse(line).at("level"));
  EXPECT_THAT(levels, ElementsAre("debug", "info", "warning", "error", "warning"));
}

TEST_F(LogTest, EscapesWhatIsNotPlain) {
  log::Info("something", {{"text", "a\"b\\c\nd"}, {"count", 3}, {"yes", true}});
  ASSERT_THAT(lines_, SizeIs(1));
  EXPECT_THAT(lines_[0], HasSubstr(R"("event":"something","text":"a\"b\\c\u000ad","count":3,)"
                                   R"("yes":true})"));
}

TEST_F(LogTest, EveryKindOfFieldKeepsItsKind) {
  log::Info("e", {{"view", std::string_view("v")},
                  {"string", std::string("s")},
                  {"literal", "l"},
                  {"int", -1},
                  {"int64", int64_t{5'000'000'000}},
                  {"uint64", uint64_t{6'000'000'000}},
                  {"double", 0.25},
                  {"true", true},
                  {"false", false}});
  ordered_json line = Last();
  for (const char* key : {"time", "level", "event"}) line.erase(key);
  EXPECT_EQ(line, ordered_json::parse(R"({"view": "v", "string": "s", "literal": "l", "int": -1,
      "int64": 5000000000, "uint64": 6000000000, "double": 0.25, "true": true, "false": false})"));
}

TEST_F(LogTest, TheGreatestAndTheLeastNumbersAreExact) {
  constexpr auto kLeast = std::numeric_limits<int64_t>::min();
  constexpr auto kGreatest = std::numeric_limits<int64_t>::max();
  constexpr auto kGreatestUnsigned = std::numeric_limits<uint64_t>::max();
  log::Info("e", {{"least", kLeast}, {"greatest", kGreatest}, {"unsigned", kGreatestUnsigned}});
  const ordered_json line = Last();
  EXPECT_EQ(line["least"].get<int64_t>(), kLeast);
  EXPECT_EQ(line["greatest"].get<int64_t>(), kGreatest);
  EXPECT_EQ(line["unsigned"].get<uint64_t>(), kGreatestUnsigned);
}

TEST_F(LogTest, AVeryLargeOrSmallRealNumberIsANumber) {
  for (const double value : {0.0, -0.0, 1e300, 1e-300, -2.5e-8, 123456.0}) {
    log::Info("e", {{"value", value}});
    EXPECT_EQ(Last().at("value").get<double>(), value);
  }
}

TEST_F(LogTest, WhatIsNotFiniteIsNull) {
  for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    log::Info("e", {{"value", value}});
    EXPECT_TRUE(Last().at("value").is_null()) << lines_.back();
  }
}

TEST_F(LogTest, EveryAsciiCharacterComesBackAndNoneCanEndTheLine) {
  std::string text;
  for (char c = 0; c < 0x7f; ++c) text += c;
  text += '\x7f';
  log::Info("e", {{"text", text}});
  EXPECT_EQ(Last().at("text"), text);
  for (const char c : lines_.back()) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << static_cast<int>(c);
}

TEST_F(LogTest, EventsAndKeysAreEscapedToo) {
  log::Info("a\"b\n", {{"k\"\\\n", 1}});
  EXPECT_EQ(Last().at("event"), "a\"b\n");
  EXPECT_EQ(Last().at("k\"\\\n"), 1);
}

TEST_F(LogTest, Utf8IsLeftAsItIs) {
  log::Info("e", {{"text", "Süß 李小龙 𠮷"}});
  EXPECT_THAT(lines_.back(), HasSubstr("Süß 李小龙 𠮷"));
  EXPECT_EQ(Last().at("text"), "Süß 李小龙 𠮷");
}

TEST_F(LogTest, BytesThatAreNotUtf8AreReplacedAndTheRestIsKept) {
  for (const auto& [text, written] :
       {std::pair("a\xff"
                  "b",
                  "a\ufffdb"),
        std::pair("\xe6\x9d", "\ufffd\ufffd"), std::pair("\xc0\xaf.", "\ufffd\ufffd."),
        std::pair("\xed\xa0\x80", "\ufffd\ufffd\ufffd"), std::pair("李\x80\"", "李\ufffd\"")}) {
    log::Info("e", {{"text", text}});
    EXPECT_EQ(Last().at("text"), written);
  }
}

TEST_F(LogTest, MarksOfFormattingLibrariesAreOnlyText) {
  log::Info("100%v {} %s", {{"{}", "{0} %n %^"}});
  EXPECT_EQ(Last().at("event"), "100%v {} %s");
  EXPECT_EQ(Last().at("{}"), "{0} %n %^");
}

TEST_F(LogTest, ALongValueIsNotCut) {
  const std::string text(100'000, 'x');
  log::Info("e", {{"text", text}});
  EXPECT_EQ(Last().at("text"), text);
}

TEST_F(LogTest, BelowTheLevelNothingIsWritten) {
  const support::TempDir temp;
  const auto path = temp.path() / "log";
  ASSERT_TRUE(log::Configure(log::Level::kWarning, path));
  log::Debug("debug");
  log::Info("info");
  log::Warning("warning");
  log::Error("error");
  EXPECT_THAT(EventsOf(path), ElementsAre("warning", "error"));
}

TEST_F(LogTest, ALineIsInTheFileWhenTheCallReturns) {
  const support::TempDir temp;
  const auto path = temp.path() / "log";
  ASSERT_TRUE(log::Configure(log::Level::kInfo, path));
  EXPECT_THAT(EventsOf(path), IsEmpty());
  log::Info("first");
  EXPECT_THAT(EventsOf(path), ElementsAre("first"));
  log::Info("second");
  EXPECT_THAT(EventsOf(path), ElementsAre("first", "second"));
  EXPECT_THAT(lines_, IsEmpty()) << "the capture ends where a file begins";
}

TEST_F(LogTest, ConfiguringAgainChangesLevelAndFileAndKeepsWhatWasWritten) {
  const support::TempDir temp;
  const auto one = temp.path() / "one";
  const auto two = temp.path() / "two";
  ASSERT_TRUE(log::Configure(log::Level::kError, one));
  log::Error("first");
  ASSERT_TRUE(log::Configure(log::Level::kInfo, two));
  log::Info("second");
  ASSERT_TRUE(log::Configure(log::Level::kInfo, one));
  log::Info("third");
  EXPECT_THAT(EventsOf(one), ElementsAre("first", "third"));
  EXPECT_THAT(EventsOf(two), ElementsAre("second"));
}

TEST_F(LogTest, AFileThatCannotBeOpenedLeavesLoggingAsItWas) {
  const support::TempDir temp;
  EXPECT_FALSE(log::Configure(log::Level::kError, temp.path()));  // a folder
  log::Info("still here");
  EXPECT_EQ(Last().at("event"), "still here");
}

TEST_F(LogTest, WithoutAFileLinesGoToStderr) {
  ASSERT_TRUE(log::Configure(log::Level::kInfo, ""));
  testing::internal::CaptureStderr();
  log::Debug("too_low");
  log::Info("started");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, Not(HasSubstr("too_low")));
  ASSERT_FALSE(text.empty());
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_EQ(Parse(text).at("event"), "started");
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(LogTest, AnEmptyCaptureRestoresStderr) {
  log::CaptureForTest({});
  testing::internal::CaptureStderr();
  log::Info("started");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("\"event\":\"started\""));
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(LogTest, LinesOfSeveralThreadsNeverMix) {
  constexpr int kThreads = 4;
  constexpr int kLines = 250;
  const support::TempDir temp;
  const auto path = temp.path() / "log";
  ASSERT_TRUE(log::Configure(log::Level::kInfo, path));
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([t] {
        for (int i = 0; i < kLines; ++i) log::Info("e", {{"number", t * kLines + i}});
      });
    }
  }
  std::set<int> numbers;
  for (const auto& line : LinesOf(path)) numbers.insert(Parse(line).at("number").get<int>());
  EXPECT_THAT(numbers, SizeIs(kThreads * kLines));
}

}  // namespace
}  // namespace rollcall::base
