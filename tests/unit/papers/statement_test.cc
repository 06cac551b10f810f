#include "papers/statement.h"

#include <gtest/gtest.h>

#include <functional>

#include "sample.h"
#include "support/status_matchers.h"

namespace rollcall::papers {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::year;
using support::HasReason;
using support::IsOk;

TEST(StatementTest, WhatACertificateMaySay) {
  EXPECT_THAT(Validate(MakeStatement()), IsOk());
  EXPECT_THAT(Validate(MakeLongestStatement()), IsOk());
  Statement statement = MakeStatement();
  statement.final_from = statement.issued;  // no publicity period
  EXPECT_THAT(Validate(statement), IsOk());
}

TEST(StatementTest, EachFaultHasItsReason) {
  struct Case {
    const char* reason;
    std::function<void(Statement&)> spoil;
  };
  const std::vector<Case> cases = {
      {"BAD_ID", [](Statement& s) { s.number = ""; }},
      {"BAD_ID", [](Statement& s) { s.number = "12 3"; }},
      {"BAD_ID", [](Statement& s) { s.volunteer_id = std::string(65, '1'); }},
      {"BAD_ID", [](Statement& s) { s.organisation_id = "清河"; }},
      {"BAD_TEXT", [](Statement& s) { s.holder_name = "　"; }},
      {"BAD_TEXT", [](Statement& s) { s.holder_name = "a\nb"; }},
      {"BAD_TEXT", [](Statement& s) { s.holder_name = "a\xff"; }},
      {"BAD_TEXT", [](Statement& s) { s.holder_name = Repeat("李", 86); }},
      {"BAD_TEXT", [](Statement& s) { s.organisation_name = ""; }},
      {"BAD_TEXT", [](Statement& s) { s.person_in_charge = ""; }},
      {"BAD_TEXT", [](Statement& s) { s.activities[1].name = ""; }},
      {"BAD_TEXT", [](Statement& s) { s.activities[1].place = ""; }},
      {"BAD_TEXT", [](Statement& s) { s.activities[1].content = std::string(1025, 'a'); }},
      {"BAD_TEXT", [](Statement& s) { s.activities[1].organiser = ""; }},
      {"BAD_TEXT", [](Statement& s) { s.activities[1].person_in_charge = ""; }},
      {"BAD_PERIOD", [](Statement& s) { s.first_day = {}; }},
      {"BAD_PERIOD", [](Statement& s) { s.last_day = year(2026) / month(2) / day(30); }},
      {"BAD_PERIOD", [](Statement& s) { s.last_day = year(2025) / month(12) / day(31); }},
      {"BAD_ACTIVITIES", [](Statement& s) { s.activities.clear(); }},
      {"BAD_ACTIVITIES", [](Statement& s) { s = MakeLongStatement(501); }},
      {"BAD_ACTIVITIES",
       [](Statement& s) { s.activities[2].date = year(2026) / month(11) / day(21); }},
      {"BAD_ACTIVITIES", [](Statement& s) { s.activities[2].date = {}; }},
      {"BAD_MINUTES", [](Statement& s) { ++s.minutes.witnessed_on_site; }},
      // The sum alone is not enough: each class has to add up.
      {"BAD_MINUTES",
       [](Statement& s) {
         --s.minutes.entered_afterwards;
         ++s.minutes.witnessed_on_site;
       }},
      {"BAD_MINUTES",
       [](Statement& s) {
         s.activities[0].minutes = {-1, 2, 0};
       }},
      {"BAD_MINUTES", [](Statement& s) { s.activities[0].minutes = {}; }},
      {"BAD_MINUTES",
       [](Statement& s) {
         s.activities[0].minutes = {1501, 0, 0};
       }},
      {"BAD_MINUTES",
       [](Statement& s) {
         s.activities[0].minutes = {INT32_MAX, INT32_MAX, 1};
       }},
      {"BAD_TIME", [](Statement& s) { s.issued += base::Duration(1); }},
      {"BAD_TIME", [](Statement& s) { s.issued = base::Time(); }},
      {"BAD_TIME", [](Statement& s) { s.final_from = s.issued - std::chrono::seconds(1); }},
      {"BAD_TIME", [](Statement& s) { s.utc_offset_minutes = 841; }},
      {"BAD_TIME", [](Statement& s) { s.last_day = year(2026) / month(11) / day(27); }},
      {"BAD_CHECKPOINT", [](Statement& s) { s.checkpoint.origin = ""; }},
      {"BAD_CHECKPOINT", [](Statement& s) { s.checkpoint.origin = "a b"; }},
      {"BAD_CHECKPOINT", [](Statement& s) { s.checkpoint.size = 0; }},
      {"BAD_CHECKPOINT", [](Statement& s) { s.checkpoint.size = kMaxLedgerSize + 1; }},
      {"BAD_KEY_ID", [](Statement& s) { s.key_id.pop_back(); }},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    Statement statement = MakeStatement();
    cases[i].spoil(statement);
    EXPECT_THAT(Validate(statement), HasReason(cases[i].reason));
    if (std::string(cases[i].reason) != "BAD_KEY_ID") {  // Issue sets that itself
      const SeedSigner signer = MakeSigner();
      EXPECT_THAT(Issue(statement, signer), HasReason(cases[i].reason));
    }
  }
}

TEST(StatementTest, ErrorsHoldNoName) {
  Statement statement = MakeStatement();
  statement.holder_name = "Secret Person\n";
  const absl::Status status = Validate(statement);
  EXPECT_EQ(base::Message(status).find("Secret"), std::string::npos);
  EXPECT_NE(base::Message(status).find("holder_name"), std::string::npos);
}

TEST(StatementTest, DatesAreThoseOfThePlace) {
  const base::Time late = base::ParseTime("2026-11-24T17:00:00Z").value();
  EXPECT_EQ(LocalDate(late, 480), year(2026) / month(11) / day(25));
  EXPECT_EQ(LocalDate(late, 0), year(2026) / month(11) / day(24));
  EXPECT_EQ(LocalDate(late, -720), year(2026) / month(11) / day(24));
}

}  // namespace
}  // namespace rollcall::papers
