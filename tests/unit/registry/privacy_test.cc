// The processing log and what is known of templates.
#include "fixture.h"

namespace rollcall::registry {
namespace {

using domain::ConsentItem;
using domain::VolunteerId;
using support::HasReason;
using support::IsOk;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PrivacyTest : public RegistryTest {
 protected:
  static ProcessingEntry Entry(const std::string& id, base::Time time,
                               ProcessingKind kind = ProcessingKind::kEnrolment) {
    return {VolunteerId(id), time, kind, "olga", "model m-1, photos 3"};
  }
  std::vector<ProcessingEntry> LinesOf(const std::string& id) {
    const auto lines = registry_->Processing(VolunteerId(id));
    EXPECT_THAT(lines, IsOk());
    return lines.ok() ? *lines : std::vector<ProcessingEntry>();
  }
};

TEST_P(PrivacyTest, LinesComeBackInTheirOrderAndOfOnePersonOnly) {
  Create("v-1", 1);
  Create("v-2", 2);
  ASSERT_THAT(registry_->AddProcessing({Entry("v-1", kNow), Entry("v-2", kNow)}), IsOk());
  ASSERT_THAT(registry_->AddProcessing({Entry("v-1", kNow, ProcessingKind::kErasure)}), IsOk());
  Reopen();
  const auto lines = LinesOf("v-1");
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[0].kind, ProcessingKind::kEnrolment);
  EXPECT_EQ(lines[0].time, kNow);
  EXPECT_EQ(lines[0].actor, "olga");
  EXPECT_EQ(lines[0].detail, "model m-1, photos 3");
  EXPECT_EQ(lines[1].kind, ProcessingKind::kErasure);
  EXPECT_THAT(registry_->Processing(VolunteerId("nobody")), HasReason("NO_SUCH_VOLUNTEER"));
}

TEST_P(PrivacyTest, AllLinesOfACallOrNone) {
  Create("v-1", 1);
  EXPECT_THAT(registry_->AddProcessing({Entry("v-1", kNow), Entry("nobody", kNow)}),
              HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_THAT(LinesOf("v-1"), IsEmpty());
  ProcessingEntry nobody_did_it = Entry("v-1", kNow);
  nobody_did_it.actor = "";
  EXPECT_THAT(registry_->AddProcessing({nobody_did_it}), HasReason("BAD_TEXT"));
  EXPECT_THAT(registry_->AddProcessing({Entry("v-1", kNow, static_cast<ProcessingKind>(0))}),
              HasReason("BAD_VALUE"));
  EXPECT_THAT(registry_->AddProcessing({Entry("v-1", kNow, static_cast<ProcessingKind>(8))}),
              HasReason("BAD_VALUE"));
  EXPECT_THAT(LinesOf("v-1"), IsEmpty());
}

TEST_P(PrivacyTest, LinesGoAfterThreeYearsAndNeverBefore) {
  Create("v-1", 1);
  ASSERT_THAT(
      registry_->AddProcessing({Entry("v-1", kNow), Entry("v-1", kNow + std::chrono::hours(1))}),
      IsOk());
  const auto three_years = *base::ParseTime("2026-11-14T22:13:20Z");
  ASSERT_EQ(*base::ParseTime("2023-11-14T22:13:20Z"), kNow);
  for (const base::Time at : {kNow, three_years}) {
    const auto pruned = registry_->PruneProcessing(at);
    ASSERT_THAT(pruned, IsOk());
    EXPECT_EQ(*pruned, 0);
  }
  EXPECT_THAT(LinesOf("v-1"), SizeIs(2));
  const auto pruned = registry_->PruneProcessing(three_years + std::chrono::seconds(1));
  ASSERT_THAT(pruned, IsOk());
  EXPECT_EQ(*pruned, 1);
  EXPECT_THAT(LinesOf("v-1"),
              ElementsAre(Field(&ProcessingEntry::time, kNow + std::chrono::hours(1))));
}

TEST_P(PrivacyTest, ALineNeverChanges) {
  Create("v-1", 1);
  ASSERT_THAT(registry_->AddProcessing({Entry("v-1", kNow)}), IsOk());
  const absl::Status changed = database_->Write([](storage::Connection& c) {
    return c.Execute("UPDATE processing SET actor = 'nobody'").status();
  });
  EXPECT_THAT(changed, HasReason("CONSTRAINT"));
}

TEST_P(PrivacyTest, WhatIsKnownOfATemplateIsReplacedAndRemoved) {
  Create("v-1", 1);
  const VolunteerId id("v-1");
  const auto none = registry_->GetFaceRecord(id);
  ASSERT_THAT(none, IsOk());
  EXPECT_FALSE(none->has_value());
  ASSERT_THAT(registry_->PutFaceRecord({id, kNow, "m-1", 3, "n-1"}), IsOk());
  ASSERT_THAT(registry_->PutFaceRecord({id, kNow + std::chrono::hours(1), "m-2", 2, ""}), IsOk());
  Reopen();
  const auto record = registry_->GetFaceRecord(id);
  ASSERT_THAT(record, IsOk());
  ASSERT_TRUE(record->has_value());
  EXPECT_EQ((*record)->enrolled, kNow + std::chrono::hours(1));
  EXPECT_EQ((*record)->model_id, "m-2");
  EXPECT_EQ((*record)->photos, 2);
  ASSERT_THAT(registry_->RemoveFaceRecord(id), IsOk());
  ASSERT_THAT(registry_->RemoveFaceRecord(id), IsOk());
  EXPECT_FALSE(registry_->GetFaceRecord(id)->has_value());
  EXPECT_THAT(registry_->PutFaceRecord({VolunteerId("nobody"), kNow, "m-1", 3, ""}),
              HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_THAT(registry_->PutFaceRecord({id, kNow, "m-1", -1, ""}), HasReason("BAD_VALUE"));
}

TEST_P(PrivacyTest, TheLastEightMatchesAreCountedOneInTwelveHours) {
  Create("v-1", 1);
  const VolunteerId id("v-1");
  base::Time time = kNow;
  const auto note = [&](bool weak) {
    ASSERT_THAT(registry_->NoteMatch(id, time, weak), IsOk());
    time += std::chrono::hours(12);
  };
  const auto weak = [&] { return (*registry_->GetFaceRecord(id))->weak_matches; };
  note(true);
  EXPECT_FALSE(registry_->GetFaceRecord(id)->has_value()) << "no template, nothing to note";
  ASSERT_THAT(registry_->PutFaceRecord({id, kNow, "m-1", 3, ""}), IsOk());
  for (int i = 0; i < 5; ++i) note(true);
  EXPECT_EQ(weak(), 5);
  time -= std::chrono::hours(12);
  ASSERT_THAT(registry_->NoteMatch(id, time + std::chrono::hours(11), true), IsOk());
  EXPECT_EQ(weak(), 5) << "one in twelve hours";
  time += std::chrono::hours(12);
  for (int i = 0; i < 3; ++i) note(false);
  Reopen();
  EXPECT_EQ(weak(), 5) << "eight are kept";
  for (const int left : {4, 3, 2, 1, 0, 0}) {
    note(false);
    EXPECT_EQ(weak(), left);
  }
  note(true);
  ASSERT_THAT(registry_->PutFaceRecord({id, time, "m-1", 3, ""}), IsOk());
  EXPECT_EQ(weak(), 0) << "new photos begin anew";
}

TEST_P(PrivacyTest, LiveConsentsOfARosterAreThoseOfItsPeopleAndItem) {
  for (int i = 1; i <= 4; ++i) Create("v-" + std::to_string(i), i);
  const auto consent = [](ConsentItem item) {
    domain::Consent given;
    given.item = item;
    given.reference = "form";
    given.text_version = "1";
    given.given = kNow;
    given.recorder = "olga";
    return given;
  };
  for (const char* id : {"v-1", "v-2", "v-4"}) {
    ASSERT_THAT(registry_->AddConsent(VolunteerId(id), consent(ConsentItem::kNetworkTransfer)),
                IsOk());
  }
  ASSERT_THAT(registry_->AddConsent(VolunteerId("v-3"), consent(ConsentItem::kRecognition)),
              IsOk());
  ASSERT_THAT(registry_->WithdrawConsent(VolunteerId("v-2"), ConsentItem::kNetworkTransfer, kNow),
              IsOk());
  std::vector<domain::RosterEntry> entries;
  for (const char* id : {"v-1", "v-2", "v-3"}) {
    entries.push_back({Key("morning"), VolunteerId(id), {}, domain::RosterKind::kSignedUp});
  }
  ASSERT_THAT(registry_->AddRosterEntries(Key("morning"), entries, kNow), IsOk());
  const auto found = registry_->RosterConsents(Key("morning"), ConsentItem::kNetworkTransfer);
  ASSERT_THAT(found, IsOk());
  ASSERT_THAT(*found, SizeIs(1));
  EXPECT_EQ((*found)[0].subject, Uuid(2, 1));
  EXPECT_EQ((*found)[0].age_band, domain::AgeBand::kAdult);
  EXPECT_EQ((*found)[0].consent.item, ConsentItem::kNetworkTransfer);
  EXPECT_EQ((*found)[0].consent.reference, "form");
  EXPECT_EQ((*found)[0].consent.text_version, "1");
  EXPECT_THAT(registry_->RosterConsents(Key("evening"), ConsentItem::kNetworkTransfer),
              HasReason("NO_SUCH_SESSION"));
}

ROLLCALL_ON_EVERY_ENGINE(PrivacyTest);

}  // namespace
}  // namespace rollcall::registry
