#include "registry/ban_cases.h"

#include "fixture.h"

namespace rollcall::registry {
namespace {

using domain::OrganisationId;
using domain::VolunteerId;
using hours::BanCase;
using hours::BanState;
using support::HasReason;
using support::IsOk;

const OrganisationId kOrg("org");

class BanCasesTest : public RegistryTest {
 protected:
  void SetUp() override {
    RegistryTest::SetUp();
    Create("v", 1);
    Create("w", 2);
    ASSERT_THAT(registry_->CreateOrganisation(Organisation("other")), IsOk());
    book_ = MakeSqlBanCases(*database_);
  }
  void ReopenBook() {
    book_.reset();
    Reopen();
    book_ = MakeSqlBanCases(*database_);
  }

  static hours::Day DayAt(int number) { return hours::Day(std::chrono::days(number)); }
  static ProcedureStep Step(int request) {
    ProcedureStep step;
    step.actor.identity = "staff-1";
    step.actor.role = domain::Role::kOrganiser;
    step.policy = "default/2";
    step.time = kNow;
    step.request = Uuid(9, request);
    step.payload_hash.fill(static_cast<uint8_t>(request));
    return step;
  }
  absl::StatusOr<StoredBanCase> Open(const std::string& volunteer, int number,
                                     const std::string& organisation = "org") {
    StoredBanCase opened;
    opened.id = Uuid(7, number);
    opened.organisation.value = organisation;
    opened.volunteer.value = volunteer;
    opened.ban.noticed = DayAt(20'000);
    opened.ban.accusation = "two places at once";
    opened.ban.evidence = {"row 7", "row 5"};
    opened.ban.involved = {Uuid(1, 1), Uuid(4, 1), Uuid(4, 2)};
    return book_->Open(opened, Step(number));
  }
  absl::StatusOr<StoredBanCase> To(int number, int request, BanState state) {
    return book_->Step(kOrg, Uuid(7, number), Step(request), [&](const StoredBanCase& stored) {
      BanCase next = stored.ban;
      next.state = state;
      return absl::StatusOr<BanCase>(next);
    });
  }

  std::unique_ptr<BanCases> book_;
};

TEST_P(BanCasesTest, WhatWasStoredComesBackWithItsSteps) {
  ASSERT_THAT(Open("v", 1), IsOk());
  ASSERT_THAT(book_->Step(kOrg, Uuid(7, 1), Step(2),
                          [](const StoredBanCase& stored) {
                            BanCase next = stored.ban;
                            next.state = BanState::kImposed;
                            next.hearer = Uuid(4, 9);
                            next.heard = DayAt(20'007);
                            next.appeared = true;
                            next.statement = "no";
                            next.reason = "yes";
                            next.decided = DayAt(20'008);
                            next.first_day = DayAt(20'008);
                            next.last_day = DayAt(20'400);
                            return absl::StatusOr<BanCase>(next);
                          }),
              IsOk());
  ReopenBook();
  const auto got = book_->Get(kOrg, Uuid(7, 1));
  ASSERT_THAT(got, IsOk());
  const BanCase& ban = got->ban;
  EXPECT_EQ(ban.accused, Uuid(1, 1)) << "the ledger's key";
  EXPECT_EQ(ban.state, BanState::kImposed);
  EXPECT_EQ(ban.noticed, DayAt(20'000));
  EXPECT_EQ(ban.accusation, "two places at once");
  EXPECT_THAT(ban.evidence, testing::ElementsAre("row 7", "row 5"));
  EXPECT_EQ(ban.involved, (std::set<base::Uuid>{Uuid(1, 1), Uuid(4, 1), Uuid(4, 2)}));
  EXPECT_EQ(ban.hearer, Uuid(4, 9));
  EXPECT_EQ(ban.heard, DayAt(20'007));
  EXPECT_TRUE(ban.appeared);
  EXPECT_EQ(ban.statement, "no");
  EXPECT_EQ(ban.reason, "yes");
  EXPECT_EQ(ban.decided, DayAt(20'008));
  EXPECT_EQ(ban.first_day, DayAt(20'008));
  EXPECT_EQ(ban.last_day, DayAt(20'400));
  ASSERT_EQ(got->steps.size(), 2u);
  EXPECT_EQ(got->steps[0].state, static_cast<int32_t>(BanState::kNoticed));
  EXPECT_EQ(got->steps[1].actor.identity, "staff-1");
  EXPECT_FALSE(got->steps[1].actor.key.has_value());
}

TEST_P(BanCasesTest, AStepThatFailsChangesNothing) {
  ASSERT_THAT(Open("v", 1), IsOk());
  EXPECT_THAT(book_->Step(kOrg, Uuid(7, 1), Step(2),
                          [](const StoredBanCase&) -> absl::StatusOr<BanCase> {
                            return base::MakeError(absl::StatusCode::kPermissionDenied, "INVOLVED",
                                                   "no");
                          }),
              HasReason("INVOLVED"));
  EXPECT_TRUE(To(1, 1, BanState::kDismissed)->replayed);
  EXPECT_TRUE(Open("v", 1)->replayed);
  EXPECT_EQ(book_->Get(kOrg, Uuid(7, 1))->ban.state, BanState::kNoticed);
  EXPECT_EQ(book_->Get(kOrg, Uuid(7, 1))->steps.size(), 1u);
  EXPECT_THAT(book_->Get(OrganisationId("other"), Uuid(7, 1)), HasReason("NO_SUCH_CASE"));
  EXPECT_THAT(Open("nobody", 2), HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_THAT(Open("v", 2, "nowhere"), HasReason("NO_SUCH_ORGANISATION"));
  EXPECT_THAT(book_->Answered(kOrg, Uuid(9, 1), Step(2).payload_hash),
              HasReason("REQUEST_ID_REUSED"));
  EXPECT_EQ(book_->Answered(kOrg, Uuid(9, 1), Step(1).payload_hash).value()->id, Uuid(7, 1));
}

TEST_P(BanCasesTest, TheRowsCannotBeChanged) {
  ASSERT_THAT(Open("v", 1), IsOk());
  ASSERT_THAT(To(1, 2, BanState::kDismissed), IsOk());
  for (const char* sql :
       {"DELETE FROM ban_case", "UPDATE ban_case SET volunteer = 'w'",
        "UPDATE ban_case SET accusation = 'x'", "UPDATE ban_case SET state = 3",
        "DELETE FROM ban_evidence", "UPDATE ban_evidence SET reference = 'x'",
        "DELETE FROM ban_involved", "DELETE FROM ban_step", "UPDATE ban_step SET identity = 'x'"}) {
    EXPECT_THAT(database_->Write([&](storage::Connection& c) { return c.Execute(sql).status(); }),
                HasReason("CONSTRAINT"))
        << sql;
  }
}

TEST_P(BanCasesTest, AreListedByOrganisationAndFoundByPerson) {
  for (int i = 1; i <= 3; ++i) ASSERT_THAT(Open("v", i), IsOk());
  ASSERT_THAT(Open("v", 4, "other"), IsOk());
  ASSERT_THAT(Open("w", 5), IsOk());
  const auto all = [&](const std::string& volunteer) {
    return Everything(
        [&](const base::PageRequest& page) {
          return book_->List(kOrg, VolunteerId(volunteer), page);
        },
        2);
  };
  EXPECT_EQ(all("").size(), 4u);
  EXPECT_EQ(all("v").size(), 3u);
  EXPECT_EQ(all("v").back().id, Uuid(7, 3));
  EXPECT_EQ(all("v").back().ban.evidence.size(), 2u);
  EXPECT_EQ(book_->Against(VolunteerId("v"))->size(), 4u) << "of all organisations";
  EXPECT_THAT(book_->Against(VolunteerId("nobody")), HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_THAT(book_->List(kOrg, {}, {10, "?"}), HasReason("BAD_PAGE"));
}

ROLLCALL_ON_EVERY_ENGINE(BanCasesTest);

}  // namespace
}  // namespace rollcall::registry
