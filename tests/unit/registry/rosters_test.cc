#include <string>
#include <utility>
#include <vector>

#include "fixture.h"

namespace rollcall::registry {
namespace {

using domain::OrganisationId;
using domain::RosterKind;
using domain::VolunteerId;
using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::SizeIs;

class RostersTest : public RegistryTest {
 protected:
  static domain::RosterEntry Entry(const std::string& volunteer, const std::string& post = "") {
    domain::RosterEntry entry;
    entry.session = Key("morning");
    entry.volunteer.value = volunteer;
    entry.post.value = post;
    return entry;
  }

  absl::StatusOr<RosterChange> Add(const std::vector<domain::RosterEntry>& entries) {
    return registry_->AddRosterEntries(Key("morning"), entries, kNow);
  }

  // Volunteers V-10000, V-10001, ... in one transaction.
  std::vector<domain::RosterEntry> Crowd(int count) {
    std::vector<domain::RosterEntry> entries;
    for (int i = 0; i < count; ++i) {
      const std::string id = "V-" + std::to_string(10'000 + i);
      entries.push_back(Entry(id));
    }
    EXPECT_THAT(database_->Write([&](storage::Connection& c) -> absl::Status {
      for (int i = 0; i < count; ++i) {
        RETURN_IF_ERROR(c.Execute("INSERT INTO volunteer (id, ledger_key, subject, name, age_band,"
                                  " created) VALUES ($1, $2, $3, 'Somebody', 1, 0)",
                                  {entries[static_cast<size_t>(i)].volunteer.value, Uuid(3, i),
                                   Uuid(4, i)})
                            .status());
      }
      return absl::OkStatus();
    }),
                IsOk());
    return entries;
  }
};

TEST_P(RostersTest, HoldPeopleWithPostAndKind) {
  Create("V-1", 1);
  Create("V-2", 2);
  auto walk_in = Entry("V-1", "road");
  walk_in.kind = RosterKind::kWalkIn;
  const auto change = Add({Entry("V-2"), walk_in});
  ASSERT_THAT(change, IsOk());
  EXPECT_EQ(change->added, 2);
  Reopen();
  const auto roster = registry_->Roster(Key("morning"));
  ASSERT_THAT(roster, IsOk());
  ASSERT_THAT(*roster, SizeIs(2));
  EXPECT_EQ((*roster)[0].entry.volunteer.value, "V-1");
  EXPECT_EQ((*roster)[0].entry.post.value, "road");
  EXPECT_EQ((*roster)[0].entry.kind, RosterKind::kWalkIn);
  EXPECT_EQ((*roster)[0].key, Uuid(1, 1));
  EXPECT_EQ((*roster)[0].subject, Uuid(2, 1));
  EXPECT_TRUE((*roster)[1].entry.post.empty());
  EXPECT_EQ((*roster)[1].entry.kind, RosterKind::kSignedUp);
  EXPECT_THAT(*registry_->Organisations(VolunteerId("V-1")), ElementsAre(OrganisationId("org")));
}

TEST_P(RostersTest, AnEmptyOneIsARosterToo) {
  EXPECT_THAT(*registry_->Roster(Key("morning")), SizeIs(0));
  EXPECT_THAT(Add({}), IsOk());
  EXPECT_THAT(registry_->Roster(Key("x")), HasReason("NO_SUCH_SESSION"));
}

TEST_P(RostersTest, AddAllOrNoneAndNameTheUnknown) {
  Create("V-1", 1);
  const auto change = Add({Entry("V-1"), Entry("V-8"), Entry("V-9")});
  ASSERT_THAT(change, IsOk());
  EXPECT_THAT(change->unknown, ElementsAre(VolunteerId("V-8"), VolunteerId("V-9")));
  EXPECT_EQ(change->added, 0);
  EXPECT_THAT(*registry_->Roster(Key("morning")), SizeIs(0));
  EXPECT_THAT(*registry_->Organisations(VolunteerId("V-1")), SizeIs(0));
}

TEST_P(RostersTest, WhoIsThereAlreadyStaysAsSheWas) {
  Create("V-1", 1);
  Create("V-2", 2);
  ASSERT_THAT(Add({Entry("V-1", "river")}), IsOk());
  const auto change = Add({Entry("V-1", "road"), Entry("V-2"), Entry("V-2")});
  ASSERT_THAT(change, IsOk());
  EXPECT_EQ(change->added, 1);
  EXPECT_EQ(change->present, 2);
  EXPECT_EQ((*registry_->Roster(Key("morning")))[0].entry.post.value, "river");
}

TEST_P(RostersTest, BadEntriesAreRefusedWhole) {
  Create("V-1", 1);
  Create("V-2", 2);
  EXPECT_THAT(Add({Entry("V-1"), Entry("V-2", "sky")}), HasReason("NO_SUCH_POST"));
  auto foreign = Entry("V-2");
  foreign.session = Key("evening");
  EXPECT_THAT(Add({Entry("V-1"), foreign}), HasReason("BAD_VALUE"));
  EXPECT_THAT(Add({Entry("V-1"), Entry("not an id")}), HasReason("BAD_ID"));
  EXPECT_THAT(registry_->AddRosterEntries(Key("x"), {}, kNow), HasReason("NO_SUCH_SESSION"));
  EXPECT_THAT(*registry_->Roster(Key("morning")), SizeIs(0));
  ASSERT_THAT(registry_->CloseActivity(OrganisationId("org"), domain::ActivityId("cleanup"), kNow),
              IsOk());
  EXPECT_THAT(Add({Entry("V-1")}), HasReason("ACTIVITY_CLOSED"));
}

TEST_P(RostersTest, TenThousandFitAndNotOneMore) {
  auto crowd = Crowd(domain::kMaxRoster + 1);
  const domain::RosterEntry one_more = crowd.back();
  EXPECT_THAT(Add(crowd), HasReason("ROSTER_FULL"));
  crowd.pop_back();
  const auto change = Add(crowd);
  ASSERT_THAT(change, IsOk());
  EXPECT_EQ(change->added, domain::kMaxRoster);
  const auto refused = Add({one_more});
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(refused, HasReason("ROSTER_FULL"));
  EXPECT_THAT(*registry_->Roster(Key("morning")), SizeIs(domain::kMaxRoster));
}

TEST_P(RostersTest, OneIsFoundAndRemoved) {
  Create("V-1", 1);
  ASSERT_THAT(Add({Entry("V-1", "river")}), IsOk());
  const VolunteerId id("V-1");
  const auto found = registry_->FindOnRoster(Key("morning"), id);
  ASSERT_THAT(found, IsOk());
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->post.value, "river");
  ASSERT_THAT(registry_->RemoveRosterEntry(Key("morning"), id), IsOk());
  EXPECT_FALSE(registry_->FindOnRoster(Key("morning"), id)->has_value());
  EXPECT_THAT(registry_->RemoveRosterEntry(Key("morning"), id), HasReason("NOT_ON_ROSTER"));
  EXPECT_THAT(registry_->FindOnRoster(Key("x"), id), HasReason("NO_SUCH_SESSION"));
}

TEST_P(RostersTest, SiblingsCountWhenBothAreThere) {
  for (int i = 1; i <= 3; ++i) Create("V-" + std::to_string(i), i);
  ASSERT_THAT(registry_->DeclareSiblings(VolunteerId("V-2"), VolunteerId("V-1"), "local", kNow),
              IsOk());
  ASSERT_THAT(registry_->DeclareSiblings(VolunteerId("V-2"), VolunteerId("V-3"), "local", kNow),
              IsOk());
  ASSERT_THAT(Add({Entry("V-1"), Entry("V-2")}), IsOk());
  EXPECT_THAT(*registry_->SiblingsOnRoster(Key("morning")),
              ElementsAre(std::pair(Uuid(2, 1), Uuid(2, 2))));
}

ROLLCALL_ON_EVERY_ENGINE(RostersTest);

}  // namespace
}  // namespace rollcall::registry
