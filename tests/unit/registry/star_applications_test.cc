#include "registry/star_applications.h"

#include "fixture.h"

namespace rollcall::registry {
namespace {

using domain::OrganisationId;
using domain::VolunteerId;
using hours::ApplicationState;
using hours::StarApplication;
using support::HasReason;
using support::IsOk;

const OrganisationId kOrg("org");

class StarApplicationsTest : public RegistryTest {
 protected:
  void SetUp() override {
    RegistryTest::SetUp();
    Create("v", 1);
    Create("w", 2);
    ASSERT_THAT(registry_->CreateOrganisation(Organisation("other")), IsOk());
    book_ = MakeSqlStarApplications(*database_);
  }
  void ReopenBook() {
    book_.reset();
    Reopen();
    book_ = MakeSqlStarApplications(*database_);
  }

  static ProcedureStep Step(int request) {
    ProcedureStep step;
    step.actor.identity = "desk-1";
    step.actor.role = domain::Role::kDesk;
    step.actor.person = Uuid(5, 5);
    step.actor.key.emplace().fill(3);
    step.policy = "default/2";
    step.time = kNow;
    step.request = Uuid(9, request);
    step.payload_hash.fill(static_cast<uint8_t>(request));
    return step;
  }
  absl::StatusOr<StoredStarApplication> Submit(const std::string& volunteer, int number,
                                               int32_t star = 2,
                                               const std::string& organisation = "org") {
    StoredStarApplication subject;
    subject.id = Uuid(7, number);
    subject.organisation.value = organisation;
    subject.volunteer.value = volunteer;
    return book_->Submit(subject, Step(number), [&](const StarRecord&) {
      StarApplication application;
      application.star = star;
      application.submitted = hours::Day(std::chrono::days(20'000));
      application.approver_level = hours::Level::kCity;
      return absl::StatusOr<StarApplication>(application);
    });
  }
  absl::StatusOr<StoredStarApplication> To(int number, int request, ApplicationState state) {
    return book_->Step(kOrg, Uuid(7, number), Step(request),
                       [&](const StoredStarApplication& stored, const StarRecord&) {
                         StarApplication next = stored.application;
                         next.state = state;
                         return absl::StatusOr<StarApplication>(next);
                       });
  }
  void ExpectConstraint(const char* sql) {
    EXPECT_THAT(database_->Write([&](storage::Connection& c) { return c.Execute(sql).status(); }),
                HasReason("CONSTRAINT"))
        << sql;
  }

  std::unique_ptr<StarApplications> book_;
};

TEST_P(StarApplicationsTest, WhatWasStoredComesBackWithItsSteps) {
  ASSERT_THAT(Submit("v", 1), IsOk());
  ASSERT_THAT(book_->Step(kOrg, Uuid(7, 1), Step(2),
                          [](const StoredStarApplication& stored, const StarRecord& record) {
                            EXPECT_EQ(record.open, stored.id);
                            StarApplication next = stored.application;
                            next.state = ApplicationState::kRefused;
                            next.reviewer = Uuid(4, 1);
                            next.review_score = 77;
                            next.approver = Uuid(4, 2);
                            next.notice_until = hours::Day(std::chrono::days(20'010));
                            next.decided = hours::Day(std::chrono::days(20'020));
                            next.refusal = "why";
                            return absl::StatusOr<StarApplication>(next);
                          }),
              IsOk());
  ReopenBook();
  const auto got = book_->Get(kOrg, Uuid(7, 1));
  ASSERT_THAT(got, IsOk());
  EXPECT_EQ(got->volunteer.value, "v");
  const StarApplication& application = got->application;
  EXPECT_EQ(application.volunteer, Uuid(1, 1)) << "the ledger's key";
  EXPECT_EQ(application.star, 2);
  EXPECT_EQ(application.state, ApplicationState::kRefused);
  EXPECT_EQ(application.submitted, hours::Day(std::chrono::days(20'000)));
  EXPECT_EQ(application.approver_level, hours::Level::kCity);
  EXPECT_EQ(application.reviewer, Uuid(4, 1));
  EXPECT_EQ(application.review_score, 77);
  EXPECT_EQ(application.approver, Uuid(4, 2));
  EXPECT_EQ(application.notice_until, hours::Day(std::chrono::days(20'010)));
  EXPECT_EQ(application.decided, hours::Day(std::chrono::days(20'020)));
  EXPECT_EQ(application.refusal, "why");
  ASSERT_EQ(got->steps.size(), 2u);
  const ProcedureStep& step = got->steps[1];
  EXPECT_EQ(step.state, static_cast<int32_t>(ApplicationState::kRefused));
  EXPECT_EQ(step.actor.identity, "desk-1");
  EXPECT_EQ(step.actor.role, domain::Role::kDesk);
  EXPECT_EQ(step.actor.person, Uuid(5, 5));
  EXPECT_EQ(step.actor.key, Step(2).actor.key);
  EXPECT_EQ(step.policy, "default/2");
  EXPECT_EQ(step.time, kNow);
}

TEST_P(StarApplicationsTest, OneIsOpenAtATimeWhereverItWasMade) {
  ASSERT_THAT(Submit("v", 1), IsOk());
  EXPECT_THAT(Submit("v", 2), HasReason("APPLICATION_OPEN"));
  EXPECT_THAT(Submit("v", 2, 2, "other"), HasReason("APPLICATION_OPEN"));
  ASSERT_THAT(Submit("w", 3), IsOk());
  EXPECT_EQ(book_->RecordOf(VolunteerId("v"))->open, Uuid(7, 1));
  ASSERT_THAT(To(1, 11, ApplicationState::kWithdrawn), IsOk());
  EXPECT_TRUE(book_->RecordOf(VolunteerId("v"))->open.IsNil());
  EXPECT_THAT(Submit("v", 4, 2, "other"), IsOk());
  EXPECT_EQ(*book_->CountOf(VolunteerId("v")), 2);
  EXPECT_THAT(book_->RecordOf(VolunteerId("nobody")), HasReason("NO_SUCH_VOLUNTEER"));
}

TEST_P(StarApplicationsTest, TheHighestStarThatWasGrantedIsHeld) {
  EXPECT_EQ(book_->RecordOf(VolunteerId("v"))->held, 0);
  ASSERT_THAT(Submit("v", 1, 3), IsOk());
  EXPECT_EQ(book_->RecordOf(VolunteerId("v"))->held, 0);
  ASSERT_THAT(To(1, 11, ApplicationState::kGranted), IsOk());
  ASSERT_THAT(Submit("v", 2, 1), IsOk());
  ASSERT_THAT(To(2, 12, ApplicationState::kGranted), IsOk());
  ASSERT_THAT(Submit("v", 3, 5), IsOk());
  ASSERT_THAT(To(3, 13, ApplicationState::kRefused), IsOk());
  EXPECT_EQ(book_->RecordOf(VolunteerId("v"))->held, 3);
}

TEST_P(StarApplicationsTest, ARequestIsAnsweredOnceAndForOneContent) {
  ASSERT_THAT(Submit("v", 1), IsOk());
  const base::Sha256Digest hash = Step(1).payload_hash;
  EXPECT_EQ(book_->Answered(kOrg, Uuid(9, 1), hash).value()->id, Uuid(7, 1));
  EXPECT_FALSE(book_->Answered(kOrg, Uuid(9, 2), hash).value().has_value());
  EXPECT_FALSE(book_->Answered(OrganisationId("other"), Uuid(9, 1), hash).value().has_value());
  EXPECT_THAT(book_->Answered(kOrg, Uuid(9, 1), Step(2).payload_hash),
              HasReason("REQUEST_ID_REUSED"));
  EXPECT_TRUE(book_->Answered(kOrg, Uuid(9, 1), hash).value()->replayed);
  const auto again = To(1, 1, ApplicationState::kReviewed);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->replayed);
  EXPECT_TRUE(Submit("v", 1)->replayed) << "no second application, and no refusal";
  EXPECT_EQ(book_->Get(kOrg, Uuid(7, 1))->application.state, ApplicationState::kSubmitted);
  EXPECT_EQ(book_->Get(kOrg, Uuid(7, 1))->steps.size(), 1u);
}

TEST_P(StarApplicationsTest, AStepThatFailsChangesNothing) {
  ASSERT_THAT(Submit("v", 1), IsOk());
  EXPECT_THAT(
      book_->Step(
          kOrg, Uuid(7, 1), Step(2),
          [](const StoredStarApplication&, const StarRecord&) -> absl::StatusOr<StarApplication> {
            return base::MakeError(absl::StatusCode::kFailedPrecondition, "WRONG_STATE", "no");
          }),
      HasReason("WRONG_STATE"));
  ProcedureStep nobody = Step(3);
  nobody.actor.identity.clear();
  EXPECT_THAT(book_->Step(kOrg, Uuid(7, 1), nobody,
                          [](const StoredStarApplication& stored, const StarRecord&) {
                            StarApplication next = stored.application;
                            next.state = ApplicationState::kGranted;
                            return absl::StatusOr<StarApplication>(next);
                          }),
              HasReason("BAD_VALUE"));
  const auto got = book_->Get(kOrg, Uuid(7, 1));
  EXPECT_EQ(got->application.state, ApplicationState::kSubmitted);
  EXPECT_EQ(got->steps.size(), 1u);
  EXPECT_THAT(book_->Get(OrganisationId("other"), Uuid(7, 1)), HasReason("NO_SUCH_APPLICATION"));
  EXPECT_THAT(Submit("nobody", 8), HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_THAT(Submit("v", 8, 2, "nowhere"), HasReason("NO_SUCH_ORGANISATION"));
}

TEST_P(StarApplicationsTest, TheRowsCannotBeChanged) {
  ASSERT_THAT(Submit("v", 1), IsOk());
  ASSERT_THAT(To(1, 11, ApplicationState::kGranted), IsOk());
  ASSERT_THAT(book_->SetApproverLevel(kOrg, {hours::Level::kCity, kNow, "admin"}), IsOk());
  for (const char* sql :
       {"DELETE FROM star_application", "UPDATE star_application SET volunteer = 'w'",
        "UPDATE star_application SET star = 5", "UPDATE star_application SET state = 5",
        "DELETE FROM star_step", "UPDATE star_step SET identity = 'x'",
        "DELETE FROM star_approver_level", "UPDATE star_approver_level SET level = 3"}) {
    ExpectConstraint(sql);
  }
}

TEST_P(StarApplicationsTest, AreListedOldestFirstInPages) {
  for (int i = 1; i <= 5; ++i) {
    ASSERT_THAT(Submit("v", i), IsOk());
    ASSERT_THAT(To(i, 100 + i, i == 3 ? ApplicationState::kGranted : ApplicationState::kWithdrawn),
                IsOk());
  }
  ASSERT_THAT(Submit("w", 6), IsOk());
  const auto all = [&](const StarApplications::Filter& filter) {
    std::vector<base::Uuid> ids;
    for (const auto& one :
         Everything([&](const base::PageRequest& page) { return book_->List(filter, page); }, 2)) {
      EXPECT_FALSE(one.steps.empty());
      ids.push_back(one.id);
    }
    return ids;
  };
  EXPECT_EQ(all({kOrg, {}, {}}).size(), 6u);
  EXPECT_EQ(all({kOrg, {}, {}}).front(), Uuid(7, 1));
  EXPECT_EQ(all({kOrg, VolunteerId("w"), {}}), std::vector{Uuid(7, 6)});
  EXPECT_EQ(all({kOrg, {}, ApplicationState::kGranted}), std::vector{Uuid(7, 3)});
  EXPECT_TRUE(all({OrganisationId("other"), {}, {}}).empty());
  EXPECT_THAT(book_->List({kOrg, {}, {}}, {10, "?"}), HasReason("BAD_PAGE"));
  EXPECT_THAT(book_->List({OrganisationId("nowhere"), {}, {}}, {}),
              HasReason("NO_SUCH_ORGANISATION"));
}

TEST_P(StarApplicationsTest, TheLastLevelHoldsAndTheEarlierOnesStay) {
  EXPECT_FALSE(book_->ApproverLevel(kOrg).value().has_value());
  ASSERT_THAT(book_->SetApproverLevel(kOrg, {hours::Level::kProvince, kNow, "admin"}), IsOk());
  ASSERT_THAT(book_->SetApproverLevel(kOrg, {hours::Level::kCity, kNow, "admin"}), IsOk());
  EXPECT_EQ(book_->ApproverLevel(kOrg).value(), hours::Level::kCity);
  EXPECT_FALSE(book_->ApproverLevel(OrganisationId("other")).value().has_value());
  ASSERT_THAT(book_->SetApproverLevel(kOrg, {std::nullopt, kNow, "admin-2"}), IsOk());
  ReopenBook();
  EXPECT_FALSE(book_->ApproverLevel(kOrg).value().has_value());
  const auto changes = book_->ApproverLevels(kOrg);
  ASSERT_EQ(changes->size(), 3u);
  EXPECT_EQ(changes->front().level, hours::Level::kProvince);
  EXPECT_EQ(changes->back().recorder, "admin-2");
  EXPECT_THAT(book_->SetApproverLevel(OrganisationId("nowhere"), {}),
              HasReason("NO_SUCH_ORGANISATION"));
}

ROLLCALL_ON_EVERY_ENGINE(StarApplicationsTest);

}  // namespace
}  // namespace rollcall::registry
