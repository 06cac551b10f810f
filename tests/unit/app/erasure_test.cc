// The erasure of a person through all stores: she is gone, her hours and every proof stay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "app_testing/staff.h"
#include "app_testing/world.h"
#include "proof/receipt.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Action;
using domain::Decision;
using domain::OrganisationId;
using domain::Role;
using domain::VolunteerId;
using support::HasReason;
using support::IsOk;
using testing::AddStaff;
using testing::As;
using testing::World;
using ::testing::SizeIs;

const VolunteerId kGone("v-1");

class ErasureTest : public ::testing::Test {
 protected:
  ErasureTest() {
    world_.Enrol("v-1", 1);
    world_.Enrol("v-2", 2);
  }

  static Call Desk(const std::string& organisation = "home") {
    return As("desk-1", Role::kDesk, organisation);
  }
  absl::StatusOr<Volunteers::Erasure> Erase(const Call& call = Desk(),
                                            const std::string& confirmation = "v-1") {
    return world_.app().volunteers.Erase(call, kGone, confirmation);
  }
  domain::Volunteer Person() { return world_.registry().GetVolunteer(kGone).value(); }
  // 90 minutes of v-1 by her face.
  void Serve() {
    ASSERT_THAT(world_.Record(world_.See(1).token, Action::kIn), IsOk());
    world_.clock.Advance(std::chrono::minutes(90));
    ASSERT_THAT(world_.Record(world_.See(1).token, Action::kOut), IsOk());
  }
  ledger::VerifyReport Verified() {
    auto report = world_.ledger().Verify();
    EXPECT_THAT(report, IsOk());
    EXPECT_FALSE(report->fault.has_value());
    return *std::move(report);
  }
  std::vector<ledger::SignedReceipt> ReceiptsOf(const base::Uuid& key) {
    ledger::EventFilter filter;
    filter.organisation = OrganisationId("home");
    filter.volunteer_key = key;
    auto page = world_.services().proofs.Receipts(filter, {});
    EXPECT_THAT(page, IsOk());
    return page->items;
  }
  bool FilesHold(const std::string& text) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(world_.folder())) {
      if (!entry.is_regular_file()) continue;
      if (support::ReadFile(entry.path()).find(text) != std::string::npos) return true;
    }
    return false;
  }

  World world_;
};

TEST_F(ErasureTest, SheIsGoneFromEveryStoreAndFile) {
  const domain::Volunteer person = Person();
  ASSERT_TRUE(FilesHold("Name of v-1"));
  const auto erased = Erase();
  ASSERT_THAT(erased, IsOk());
  EXPECT_EQ(erased->templates_erased, 1);
  EXPECT_EQ(erased->time, world_.clock.Now());
  EXPECT_FALSE(world_.vault().Contains(person.subject).value());
  EXPECT_FALSE(world_.gallery().snapshot().Contains(person.subject));
  EXPECT_THAT(world_.app().volunteers.Get(Desk(), kGone), HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_FALSE(FilesHold("Name of v-1"));
  EXPECT_TRUE(FilesHold("Name of v-2"));
  EXPECT_EQ(world_.See(1).decision, Decision::kUnknown);
  EXPECT_EQ(world_.See(2).decision, Decision::kRecognised);
  // A restart finds nothing that was left to do.
  world_.Restart();
  EXPECT_EQ(world_.sweep.erased, 0);
  EXPECT_EQ(world_.sweep.loaded, 1);
}

TEST_F(ErasureTest, HoursRootAndProofsStay) {
  Serve();
  const domain::Volunteer person = Person();
  const ledger::VerifyReport before = Verified();
  ASSERT_EQ(before.minutes, 90);
  const auto receipts = ReceiptsOf(person.key);
  ASSERT_THAT(receipts, SizeIs(3));

  ASSERT_THAT(Erase(), IsOk());
  const ledger::VerifyReport after = Verified();
  EXPECT_EQ(after.root, before.root);
  EXPECT_EQ(after.minutes, before.minutes);
  EXPECT_EQ(after.rows, before.rows);
  const proof::VerifierKey& key = world_.services().proofs.key();
  const auto later = ReceiptsOf(person.key);
  ASSERT_THAT(later, SizeIs(3));
  for (size_t i = 0; i < receipts.size(); ++i) {
    EXPECT_THAT(proof::VerifyReceipt(receipts[i].text, key), IsOk());
    EXPECT_EQ(later[i].text, receipts[i].text);
  }

  // In the organisation's list the hours are nobody's.
  const auto listed = world_.app().hours.ListHours(Desk(), {});
  ASSERT_THAT(listed, IsOk());
  ASSERT_THAT(listed->volunteers, SizeIs(1));
  EXPECT_EQ(listed->volunteers[0].volunteer, VolunteerId());
  EXPECT_EQ(listed->volunteers[0].name, "");
  EXPECT_EQ(listed->volunteers[0].hours.minutes, 90);
  EXPECT_THAT(world_.app().hours.ListHours(Desk(), {{}, {}, kGone}),
              HasReason("NO_SUCH_VOLUNTEER"));
}

TEST_F(ErasureTest, ATokenOfHersIsWorthNothingAfterwards) {
  const FrameDecision seen = world_.See(1);
  ASSERT_EQ(seen.decision, Decision::kRecognised);
  ASSERT_THAT(Erase(), IsOk());
  const auto answer = world_.Record(seen.token, Action::kIn);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->decision, Decision::kNotOnRoster);
  EXPECT_EQ(answer->name, "");
  EXPECT_EQ(world_.LedgerRows(), 0);
}

TEST_F(ErasureTest, AgainIsNoError) {
  const base::Time time = world_.clock.Now();
  ASSERT_THAT(Erase(), IsOk());
  world_.clock.Advance(std::chrono::hours(1));
  const auto again = Erase(Desk(), "");
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->time, time);
  EXPECT_EQ(again->templates_erased, 0);
}

TEST_F(ErasureTest, WhatIsRefusedDestroysNothing) {
  ASSERT_THAT(world_.registry().CreateOrganisation(
                  {OrganisationId("other"), "Other", domain::OrganisationLevel::kAssociation, {},
                   world_.clock.Now()}),
              IsOk());
  EXPECT_THAT(Erase(Desk(), ""), HasReason("NOT_CONFIRMED"));
  EXPECT_THAT(Erase(Desk(), "v-2"), HasReason("NOT_CONFIRMED"));
  EXPECT_THAT(Erase(Desk("other")), HasReason("NO_SUCH_VOLUNTEER"));
  AddStaff(world_, "olga", Role::kOrganiser, "v-1");
  EXPECT_THAT(Erase(), HasReason("HOLDS_IDENTITY"));
  ASSERT_THAT(world_.registry().RevokeIdentity("olga", "admin", world_.clock.Now()), IsOk());
  ASSERT_THAT(world_.registry().JoinOrganisation(kGone, OrganisationId("other"),
                                                 world_.clock.Now()),
              IsOk());
  EXPECT_THAT(Erase(), HasReason("MEMBER_ELSEWHERE"));
  EXPECT_EQ(Person().name, "Name of v-1");
  EXPECT_TRUE(world_.vault().Contains(Person().subject).value());
  EXPECT_EQ(world_.See(1).decision, Decision::kRecognised);
  EXPECT_THAT(world_.registry().Processing(kGone).value(), SizeIs(2))
      << "the enrolment's two lines";
  EXPECT_THAT(Erase(world_.Call()), IsOk()) << "who is bound to no organisation";
}

TEST_F(ErasureTest, ThePrivacyReportSaysWhatStays) {
  ASSERT_THAT(Erase(), IsOk());
  const auto report = world_.app().privacy.ReportOn(As("aude", Role::kAuditor), kGone);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->erased, world_.clock.Now());
  EXPECT_EQ(report->volunteer.name, "");
  EXPECT_TRUE(report->consents.empty());
  std::vector<DataClass> held;
  for (const HeldData& data : report->held) held.push_back(data.data_class);
  EXPECT_EQ(held, (std::vector{DataClass::kErasedNumber, DataClass::kProcessingLog}));
  std::vector<registry::ProcessingKind> lines;
  for (const auto& entry : report->processing) lines.push_back(entry.kind);
  using registry::ProcessingKind;
  EXPECT_EQ(lines, (std::vector{ProcessingKind::kConsentGiven, ProcessingKind::kEnrolment,
                                ProcessingKind::kErasure, ProcessingKind::kPersonErased,
                                ProcessingKind::kReport}));
  EXPECT_THAT(world_.app().privacy.ReportOn(As("aude", Role::kAuditor, "elsewhere"), kGone),
              HasReason("NO_SUCH_VOLUNTEER"));
}

}  // namespace
}  // namespace rollcall::app
