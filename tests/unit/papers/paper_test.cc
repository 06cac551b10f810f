#include "papers/paper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "papers/words.h"
#include "sample.h"
#include "support/environment.h"
#include "support/program.h"
#include "support/status_matchers.h"

namespace rollcall::papers {
namespace {

using support::HasReason;
using support::IsOk;
using ::testing::HasSubstr;

// What pdftotext finds, without its spaces and line ends; `folder` gets the file.
std::string TextOf(const Statement& statement) {
  const support::TempDir folder;
  const auto path = folder.path() / "certificate.pdf";
  const absl::Status written = WritePdf(MakeCertificate(statement), path);
  EXPECT_THAT(written, IsOk());
  if (!written.ok()) return "";
  const auto result = support::RunProgram({"/usr/bin/pdftotext", "-raw", path.string(), "-"});
  EXPECT_EQ(result.code, 0) << result.errors;
  std::string text;
  for (const char c : result.output) {
    if (c != ' ' && c != '\n') text += c;
  }
  return text;
}

int Pages(const base::Bytes& pdf) {
  const support::TempDir folder;
  const auto path = folder.path() / "certificate.pdf";
  support::WriteFile(path, std::string(base::AsText(pdf)));
  const auto result = support::RunProgram({"/usr/bin/pdfinfo", path.string()});
  EXPECT_EQ(result.code, 0) << result.errors;
  const size_t at = result.output.find("Pages:");
  return at == std::string::npos ? 0 : std::atoi(result.output.c_str() + at + 6);
}

Statement Named(const std::string& name) {
  Statement statement = MakeStatement();
  statement.holder_name = name;
  return statement;
}

// Everything below needs them: a clear word rather than twenty failures to read.
TEST(PaperTest, TheFontsAreInstalled) {
  ASSERT_THAT(MakePdf(MakeCertificate()), IsOk())
      << "install fonts-noto-cjk and fonts-babelstone-han (tools/setup does)";
}

TEST(PaperTest, SaysAllThatItHasToSay) {
  const std::string text = TextOf(MakeStatement());
  for (const char* part : {"志愿服务时长证明",
                           "CERTIFICATEOFVOLUNTEERHOURS",
                           "欧阳晓雯",
                           "V-2019-0042",
                           "清河街道志愿服务站",
                           "李建国",
                           "QH-2026-000123",
                           "自2026年1月1日至2026年11月20日",
                           "1January2026to20November2026",
                           "7小时40分钟",
                           "7h40min",
                           "现场见证",
                           "Witnessedonsite",
                           "4小时40分钟",
                           "工作人员证实",
                           "Attestedbystaff",
                           "1小时",
                           "事后补录",
                           "Enteredafterwards",
                           "2小时",
                           "2026年11月24日",
                           "24November2026",
                           "至2026年12月1日",
                           "finalfrom1December2026",
                           "rollcallverifycertificate",
                           "hall.example.org/rollcall",
                           "重阳节敬老茶会",
                           "河岸清洁日",
                           "MariaGómez",
                           "图书上架与编目",
                           "2026.10.18"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(PaperTest, WithoutAPublicityPeriodItSaysSo) {
  Statement statement = MakeStatement();
  statement.final_from = statement.issued;
  EXPECT_THAT(TextOf(statement), HasSubstr("finalwhenissued"));
}

TEST(PaperTest, RareCharactersArePrinted) {
  for (const char* name :
       {"䶮", "㼆", "𠮷野", "𬱖", "李䶮㼆𠮷𬱖𬸣", "Þórður Ñuñez-Łukasz", "Зоя Ёлкина"}) {
    std::string wanted;
    for (const char c : std::string(name)) {
      if (c != ' ') wanted += c;
    }
    EXPECT_THAT(TextOf(Named(name)), HasSubstr(wanted)) << name;
  }
}

struct Unprintable {
  const char* text;
  const char* code_point;
};

TEST(PaperTest, AMissingGlyphIsRefusedAndNoFileIsLeft) {
  const support::TempDir folder;
  for (const Unprintable& bad :
       {Unprintable{"李\uE001", "U+E001"}, Unprintable{"李\U000F0001", "U+F0001"},
        Unprintable{"\U0010FFFDb", "U+10FFFD"},
        Unprintable{"𒀀", "U+12000"},             // cuneiform: no font has it
        Unprintable{"李\U0003FFF0", "U+3FFF0"},  // nobody's character
        // A variant of a character that no font here has.
        Unprintable{"李\U000E01EE", "U+E01EE"}}) {
    const Certificate certificate = MakeCertificate(Named(bad.text));
    const auto path = folder.path() / "certificate.pdf";
    const absl::Status status = WritePdf(certificate, path);
    EXPECT_THAT(status, HasReason("GLYPH_MISSING")) << bad.code_point;
    EXPECT_THAT(base::Message(status), HasSubstr(bad.code_point));
    EXPECT_THAT(base::Message(status), HasSubstr("holder_name"));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << bad.code_point;
  }
}

TEST(PaperTest, EveryTextIsHeldToThat) {
  const std::vector<std::pair<const char*, std::string Activity::*>> texts = {
      {"activities[2].name", &Activity::name},
      {"activities[2].content", &Activity::place},  // on one line with it
      {"activities[2].content", &Activity::content},
      {"activities[2].organiser", &Activity::organiser},
      {"activities[2].organiser", &Activity::person_in_charge}};
  for (const auto& [field, member] : texts) {
    Statement statement = MakeStatement();
    statement.activities[2].*member = "甲\uE123";
    const absl::Status status = MakePdf(MakeCertificate(statement)).status();
    EXPECT_THAT(status, HasReason("GLYPH_MISSING"));
    EXPECT_THAT(base::Message(status), HasSubstr("U+E123"));
    EXPECT_THAT(base::Message(status), HasSubstr(field));
  }
  Statement statement = MakeStatement();
  statement.organisation_name = "甲\uE123";
  EXPECT_THAT(MakePdf(MakeCertificate(statement)), HasReason("GLYPH_MISSING"));
  statement = MakeStatement();
  statement.person_in_charge = "甲\uE123";
  EXPECT_THAT(MakePdf(MakeCertificate(statement)), HasReason("GLYPH_MISSING"));
}

TEST(PaperTest, ARefusalLeavesTheOldFileAlone) {
  const support::TempDir folder;
  const auto path = folder.path() / "certificate.pdf";
  support::WriteFile(path, "old");
  EXPECT_THAT(WritePdf(MakeCertificate(Named("李\uE001")), path), HasReason("GLYPH_MISSING"));
  EXPECT_EQ(support::ReadFile(path), "old");
  EXPECT_THAT(WritePdf(MakeCertificate(), folder.path() / "no" / "such"),
              HasReason("FILE_NOT_WRITABLE"));
}

TEST(PaperTest, TheSameCertificateGivesTheSameBytes) {
  const Certificate certificate = MakeCertificate(MakeLongStatement(12));
  const base::Bytes first = MakePdf(certificate).value();
  EXPECT_EQ(MakePdf(certificate).value(), first);
  EXPECT_THAT(std::string(base::AsText(first)), HasSubstr("20261124080000"));
}

TEST(PaperTest, LongListsGoOnFurtherPages) {
  EXPECT_EQ(Pages(MakePdf(MakeCertificate()).value()), 1);
  EXPECT_EQ(Pages(MakePdf(MakeCertificate(MakeLongStatement(12))).value()), 2);
  EXPECT_GT(Pages(MakePdf(MakeCertificate(MakeLongStatement(60))).value()), 3);
  const std::string text = TextOf(MakeLongStatement(60));
  EXPECT_THAT(text, HasSubstr("共60项活动"));
  for (int i = 1; i <= 60; ++i) {
    EXPECT_THAT(text, HasSubstr("第" + std::to_string(i) + "期社区义诊"));
  }
}

TEST(PaperTest, LongNamesFit) {
  const std::string name = Repeat("王", 40);
  EXPECT_THAT(TextOf(Named(name)), HasSubstr(name.substr(0, 60)));
  EXPECT_THAT(MakePdf(MakeCertificate(Named(std::string(kMaxTextBytes, 'W')))), IsOk());
  // Broken over lines without a hyphen, which would be another number.
  const std::string text = TextOf(MakeLongestStatement());
  EXPECT_THAT(text, HasSubstr(std::string(64, 'W')));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("W-W")));
}

TEST(WordsTest, HoursAreShownAndNothingIsRounded) {
  EXPECT_EQ(ChineseTime(0), "0 分钟");
  EXPECT_EQ(ChineseTime(59), "59 分钟");
  EXPECT_EQ(ChineseTime(60), "1 小时");
  EXPECT_EQ(ChineseTime(5190), "86 小时 30 分钟");
  EXPECT_EQ(EnglishTime(5190), "86 h 30 min");
  EXPECT_EQ(EnglishTime(750'000), "12,500 h");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1'000), "1,000");
  EXPECT_EQ(Grouped(12'345'678), "12,345,678");
}

}  // namespace
}  // namespace rollcall::papers
