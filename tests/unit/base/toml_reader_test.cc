#include "base/toml_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "support/status_matchers.h"

namespace rollcall::base {
namespace {

using support::HasReason;
using support::IsOk;

absl::StatusOr<TomlReader> Read(const std::string& text) {
  return TomlReader::Parse(text, "x.toml", "BAD_FILE");
}

TEST(TomlReaderTest, ReadsWhatIsThere) {
  auto file = Read("number = 7\n[a]\nflag = true\nname = \"tea\"\ndays = [2026-01-02]\n");
  ASSERT_THAT(file, IsOk());
  EXPECT_EQ(file->Integer("number", 1, 10), 7);
  EXPECT_TRUE(file->Flag("a.flag"));
  EXPECT_EQ(file->Id("a.name"), "tea");
  const auto days = file->Days("a.days", 3);
  ASSERT_EQ(days.size(), 1u);
  EXPECT_EQ(days[0].time_since_epoch(), std::chrono::days(20'455));
  EXPECT_THAT(file->Finish(), IsOk());
}

TEST(TomlReaderTest, AKeyThatNobodyAskedForIsToldBeforeAMissingOneAndThatBeforeAWrongValue) {
  const std::string text = "number = 70\n[a]\nstray = 1\n";
  auto all = Read(text);
  all->Integer("number", 1, 10);
  all->Flag("a.flag");
  EXPECT_THAT(all->Finish(), HasReason("BAD_FILE"));
  EXPECT_EQ(Message(all->Finish()), "x.toml:3: a.stray: no such key");

  auto missing = Read(text);
  missing->Integer("number", 1, 10);
  missing->Flag("a.flag");
  missing->Integer("a.stray", 1, 1);
  EXPECT_EQ(Message(missing->Finish()),
            "x.toml: a.flag is missing; a file says everything, so that its hash does");

  auto wrong = Read(text);
  wrong->Integer("number", 1, 10);
  wrong->Integer("a.stray", 1, 1);
  EXPECT_EQ(Message(wrong->Finish()), "x.toml:1: number: must be a whole number from 1 to 10");
}

TEST(TomlReaderTest, WhatIsNoTomlOrTooLongIsRefused) {
  EXPECT_THAT(Read("= 1"), HasReason("BAD_FILE"));
  EXPECT_THAT(Read(std::string(TomlReader::kMaxBytes + 1, '\n')), HasReason("BAD_FILE"));
}

}  // namespace
}  // namespace rollcall::base
