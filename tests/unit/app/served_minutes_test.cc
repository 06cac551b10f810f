#include "app/served_minutes.h"

#include <gtest/gtest.h>

#include "app/ledger_signer.h"
#include "app/missing_glyph.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::EvidenceClass;
using std::chrono::day;
using std::chrono::month;
using std::chrono::year;
using support::HasReason;

constexpr int32_t kChina = 480;
constexpr auto kFirst = year(2026) / month(11) / day(1);
constexpr auto kLast = year(2026) / month(11) / day(30);

base::Time At(const char* text) { return base::ParseTime(text).value(); }

ledger::Visit Visit(const char* in, const char* out, int64_t minutes) {
  ledger::Visit visit;
  visit.session.activity.value = "tea";
  visit.status = ledger::VisitStatus::kConfirmed;
  visit.in = At(in);
  visit.out = At(out);
  visit.out_evidence = EvidenceClass::kFace;
  visit.minutes = minutes;
  return visit;
}

TEST(ServedMinutesTest, ADayIsACivilDayWhereTheActivityIs) {
  const auto visit = Visit("2026-11-23T23:00:00Z", "2026-11-24T01:00:00Z", 120);
  const auto china = MinutesByDay({visit}, kChina, kFirst, kLast);
  ASSERT_EQ(china.size(), 1u);
  EXPECT_EQ(china.begin()->first.first, year(2026) / month(11) / day(24));
  EXPECT_EQ(MinutesByDay({visit}, 0, kFirst, kLast).size(), 2u);
}

TEST(ServedMinutesTest, OverMidnightEachDayHasItsOwn) {
  // 22:30 to 02:10 in China.
  const auto served = MinutesByDay({Visit("2026-11-24T14:30:00Z", "2026-11-24T18:10:00Z", 220)},
                                   kChina, kFirst, kLast);
  ASSERT_EQ(served.size(), 2u);
  EXPECT_EQ(served.begin()->second.witnessed_on_site, 90);
  EXPECT_EQ(served.rbegin()->second.witnessed_on_site, 130);
  EXPECT_EQ(Sum(served).Total(), 220);
  // Several days: no day holds more than it has.
  const auto long_one = MinutesByDay({Visit("2026-11-24T02:00:00Z", "2026-11-27T02:00:00Z", 4320)},
                                     kChina, kFirst, kLast);
  ASSERT_EQ(long_one.size(), 4u);
  for (const auto& [key, minutes] : long_one) EXPECT_LE(minutes.Total(), 1440);
  EXPECT_EQ(Sum(long_one).Total(), 4320);
}

TEST(ServedMinutesTest, OnlyThePeriodCounts) {
  const auto visit = Visit("2026-11-30T14:30:00Z", "2026-11-30T18:10:00Z", 220);
  EXPECT_EQ(Sum(MinutesByDay({visit}, kChina, kFirst, kLast)).Total(), 90);
  EXPECT_TRUE(MinutesByDay({visit}, kChina, kFirst, kFirst).empty());
}

TEST(ServedMinutesTest, PracticeAndWhatIsNotConfirmedNeverCounts) {
  auto practice = Visit("2026-11-24T02:00:00Z", "2026-11-24T03:00:00Z", 60);
  practice.practice = true;
  auto pending = Visit("2026-11-24T02:00:00Z", "2026-11-24T03:00:00Z", 60);
  pending.status = ledger::VisitStatus::kPending;
  EXPECT_TRUE(MinutesByDay({practice, pending}, kChina, kFirst, kLast).empty());
}

TEST(ServedMinutesTest, TheWeakerEndSaysTheClass) {
  const auto with = [](EvidenceClass in, EvidenceClass out) {
    auto visit = Visit("2026-11-24T02:00:00Z", "2026-11-24T03:00:00Z", 60);
    visit.in_evidence = in;
    visit.out_evidence = out;
    return Sum(MinutesByDay({visit}, kChina, kFirst, kLast));
  };
  EXPECT_EQ(with(EvidenceClass::kPin, EvidenceClass::kFace).witnessed_on_site, 60);
  EXPECT_EQ(with(EvidenceClass::kStaff, EvidenceClass::kFace).attested_by_staff, 60);
  EXPECT_EQ(with(EvidenceClass::kFace, EvidenceClass::kStaff).attested_by_staff, 60);
  EXPECT_EQ(with(EvidenceClass::kBackEntry, EvidenceClass::kStaff).entered_afterwards, 60);
  EXPECT_EQ(with(EvidenceClass::kFace, EvidenceClass::kBackEntry).entered_afterwards, 60);
}

absl::Status Missing(const char* code) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "GLYPH_MISSING",
                         std::string("holder_name holds ") + code + ", which no font can print");
}

TEST(MissingGlyphTest, SaysScriptAndPackageAndNotTheCharacter) {
  const struct {
    const char* code;
    const char* script;
    const char* package;
  } cases[] = {
      {"U+3106C", "rare Chinese", "fonts-babelstone-han"}, {"U+0F40", "Tibetan", "fonts-noto-core"},
      {"U+1820", "Mongolian", "fonts-noto-core"},          {"U+0649", "Uyghur", "fonts-noto-core"},
      {"U+1F600", "another", "fonts-noto-core"},           {"U+E000", "private-use", "Unicode"}};
  for (const auto& c : cases) {
    const absl::Status said = ExplainMissingGlyph(Missing(c.code));
    EXPECT_THAT(said, HasReason("GLYPH_MISSING"));
    const std::string message = base::Message(said);
    EXPECT_NE(message.find(c.script), std::string::npos) << message;
    EXPECT_NE(message.find(c.package), std::string::npos) << message;
    EXPECT_NE(message.find("holder_name"), std::string::npos) << message;
    EXPECT_EQ(message.find("U+"), std::string::npos) << message;
  }
  const auto other = base::MakeError(absl::StatusCode::kInternal, "PDF_FAILED", "x");
  EXPECT_EQ(ExplainMissingGlyph(other), other);
}

TEST(LedgerSignerTest, ACertificateNamesLedgersOfPlainNamesOnly) {
  EXPECT_TRUE(ForCertificate({"rollcall/0123", 4, {}, {}}).ok());
  EXPECT_THAT(ForCertificate({"清河/rollcall", 4, {}, {}}), HasReason("ORIGIN_NOT_ASCII"));
}

// What each kind of statement begins with keeps it from being taken for another.
TEST(LedgerSignerTest, OneKeySignsWhatCannotBeConfused) {
  std::array<uint8_t, 32> seed;
  seed.fill(3);
  const auto key = proof::SigningKey::FromSeed("rollcall/3", seed).value();
  const KeySigner signer(key);
  const papers::SeedSigner same(seed);
  EXPECT_EQ(signer.public_key(), same.public_key());
  const base::Bytes bytes = {1, 2, 3};
  EXPECT_EQ(signer.Sign(bytes), same.Sign(bytes));
  // A revocation list is no checkpoint, and a checkpoint no revocation list.
  EXPECT_THAT(proof::ParseCheckpoint("rollcall revocations 1\nversion 3\nissued now\n"),
              HasReason("BAD_CHECKPOINT"));
}

}  // namespace
}  // namespace rollcall::app
