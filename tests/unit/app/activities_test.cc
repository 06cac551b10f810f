#include "app/activities.h"

#include <gtest/gtest.h>

#include "app/practice_clock.h"
#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Action;
using domain::Decision;
using std::chrono::minutes;
using support::HasReason;
using support::IsOk;
using testing::FakeFace;
using testing::World;

class ActivitiesTest : public ::testing::Test {
 protected:
  absl::StatusOr<domain::Session> AddSession(const std::string& id, base::Time starts,
                                             base::Time ends) {
    return activities().AddSession(
        world_.Call(), {{{}, domain::ActivityId("a"), domain::SessionId(id)}, starts, ends, {}});
  }
  absl::StatusOr<domain::SessionKey> Resolve(const std::string& activity) {
    return world_.services().rosters.Resolve({{}, domain::ActivityId(activity), {}});
  }
  Activities& activities() { return world_.app().activities; }

  World world_;
};

TEST_F(ActivitiesTest, TheDefaultOrganisationIsThereFromTheFirstStart) {
  EXPECT_THAT(world_.registry().GetOrganisation(domain::OrganisationId("home")), IsOk());
  world_.Restart();  // and a second start does not mind
  EXPECT_THAT(activities().ListOrganisations(world_.Call(), {}), IsOk());
}

TEST_F(ActivitiesTest, OrganisationsMove) {
  const auto make = [&](const char* id) {
    return activities()
        .CreateOrganisation(world_.Call(), {domain::OrganisationId(id), id,
                                            domain::OrganisationLevel::kVillageStation,
                                            {}, {}})
        .status();
  };
  ASSERT_THAT(make("north"), IsOk());
  ASSERT_THAT(make("south"), IsOk());
  EXPECT_THAT(make("south"), HasReason("ORGANISATION_EXISTS"));
  const auto moved = activities().MoveOrganisation(world_.Call(), domain::OrganisationId("south"),
                                                   domain::OrganisationId("north"));
  ASSERT_THAT(moved, IsOk());
  EXPECT_EQ(moved->parent.value, "north");
}

TEST_F(ActivitiesTest, AnEmptySessionMeansTheOneThatIsOpenNow) {
  EXPECT_EQ(Resolve("a")->session.value, "s");
  ASSERT_THAT(AddSession("evening", world_.At(18, 0), world_.At(20, 0)), IsOk());
  EXPECT_EQ(Resolve("a")->session.value, "s");
  ASSERT_THAT(AddSession("second", world_.At(9, 0), world_.At(10, 0)), IsOk());
  const auto several = Resolve("a");
  EXPECT_THAT(several, HasReason("SEVERAL_OPEN_SESSIONS"));
  EXPECT_NE(base::Message(several.status()).find("second"), std::string::npos);
  EXPECT_EQ(base::Message(several.status()).find("evening"), std::string::npos);

  world_.clock.SetNow(world_.At(23, 50) + std::chrono::hours(24));
  const auto none = Resolve("a");
  EXPECT_THAT(none, HasReason("NO_OPEN_SESSION"));
  EXPECT_NE(base::Message(none.status()).find("evening"), std::string::npos);
  EXPECT_THAT(Resolve("unknown"), HasReason("NO_SUCH_ACTIVITY"));
  EXPECT_THAT(Resolve("not an id"), HasReason("BAD_ID"));
}

TEST_F(ActivitiesTest, ActivitiesAreCreatedListedAndClosed) {
  domain::Activity activity;
  activity.id = domain::ActivityId("b");
  const auto created = activities().CreateActivity(world_.Call(), activity);
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->title, "b");
  EXPECT_EQ(created->organisation.value, "home");
  EXPECT_THAT(activities().CreateActivity(world_.Call(), activity), HasReason("ACTIVITY_EXISTS"));
  EXPECT_EQ(activities().ListActivities(world_.Call(), {}, {})->items.size(), 2u);
  const auto closed = activities().CloseActivity(world_.Call(), {}, activity.id);
  ASSERT_THAT(closed, IsOk());
  world_.clock.Advance(minutes(1));
  const auto again = activities().CloseActivity(world_.Call(), {}, activity.id);
  EXPECT_EQ(again->closed, closed->closed);
}

TEST_F(ActivitiesTest, ARosterKnowsHowLongItsActivityIsNow) {
  const auto length = [&] {
    return (*world_.services().rosters.Get(world_.session))->activity_length;
  };
  EXPECT_EQ(length(), minutes(180));
  ASSERT_THAT(AddSession("evening", world_.At(18, 0), world_.At(18, 30)), IsOk());
  EXPECT_EQ(length(), minutes(210));
}

TEST_F(ActivitiesTest, RosterEntriesGoIntoEverySessionOrIntoNone) {
  world_.Register("v-1");
  world_.Register("v-2");
  ASSERT_THAT(AddSession("t", world_.At(14, 0), world_.At(16, 0)), IsOk());
  const domain::SessionKey all{{}, domain::ActivityId("a"), {}};
  const domain::RosterEntry one{{}, domain::VolunteerId("v-1"), {}, domain::RosterKind::kSignedUp};
  domain::RosterEntry nobody = one;
  nobody.volunteer.value = "nobody";
  const auto unknown = activities().AddRosterEntries(world_.Call(), all, {one, nobody});
  EXPECT_THAT(unknown, HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_NE(base::Message(unknown.status()).find("nobody"), std::string::npos);
  const domain::SessionKey t{world_.session.organisation, world_.session.activity,
                             domain::SessionId("t")};
  EXPECT_EQ(activities().ListRoster(world_.Call(), t)->size(), 0u);

  const auto added = activities().AddRosterEntries(world_.Call(), all, {one});
  ASSERT_THAT(added, IsOk());
  EXPECT_EQ(added->added, 1);        // on "s" already
  EXPECT_EQ(added->roster_size, 2);  // of the larger one
  EXPECT_EQ(activities().ListRoster(world_.Call(), t)->size(), 1u);
  EXPECT_THAT(activities().AddRosterEntries(world_.Call(), all, {}), HasReason("BAD_ROSTER"));
}

TEST_F(ActivitiesTest, TheRosterSaysWhoUsesFaceAndWhoNeedsASecondFactor) {
  world_.Enrol("v-1", 1);
  world_.Register("v-2");
  world_.Enrol("v-3", 3);
  EnrolRequest twin = world_.EnrolRequest("v-4", testing::kTwinOf + 3);
  twin.duplicate_reason = "twins";
  ASSERT_THAT(world_.app().enrol.EnrolVolunteer(world_.Call(), twin), IsOk());
  world_.PutOnRoster("v-4");
  const auto roster = activities().ListRoster(world_.Call(), world_.session);
  ASSERT_THAT(roster, IsOk());
  ASSERT_EQ(roster->size(), 4u);
  EXPECT_EQ((*roster)[0].name, "Name of v-1");
  EXPECT_TRUE((*roster)[0].face_enrolled);
  EXPECT_FALSE((*roster)[0].needs_second_factor);
  EXPECT_FALSE((*roster)[1].face_enrolled);
  EXPECT_TRUE((*roster)[2].needs_second_factor);
  EXPECT_TRUE((*roster)[3].needs_second_factor);

  ASSERT_THAT(activities().RemoveRosterEntry(world_.Call(), world_.session,
                                             domain::VolunteerId("v-4")),
              IsOk());
  EXPECT_FALSE((*activities().ListRoster(world_.Call(), world_.session))[2].needs_second_factor);
  EXPECT_THAT(activities().RemoveRosterEntry(world_.Call(), world_.session,
                                             domain::VolunteerId("v-4")),
              HasReason("NOT_ON_ROSTER"));
}

TEST_F(ActivitiesTest, HoursCarryNumbersNamesAndEvidence) {
  world_.Enrol("v-2", 2);
  world_.Enrol("v-1", 1);
  ASSERT_THAT(world_.Record(world_.See(1).token, Action::kIn), IsOk());
  ASSERT_THAT(world_.Record(world_.See(2).token, Action::kIn), IsOk());
  world_.clock.Advance(minutes(61));
  const auto out = world_.Record(world_.See(1).token, Action::kOut);
  ASSERT_THAT(out, IsOk());

  Hours& hours = world_.app().hours;
  const auto all = hours.ListHours(world_.Call(), {});
  ASSERT_THAT(all, IsOk());
  ASSERT_EQ(all->volunteers.size(), 2u);
  EXPECT_EQ(all->volunteers[0].volunteer.value, "v-1");
  EXPECT_EQ(all->volunteers[0].name, "Name of v-1");
  EXPECT_EQ(all->volunteers[0].hours.minutes, 61);
  EXPECT_EQ(all->volunteers[0].hours.minutes_witnessed, 61);
  EXPECT_EQ(all->volunteers[1].hours.open_visits, 1);
  EXPECT_EQ(all->ledger_sequence, world_.ledger().LastSequence().value());

  const auto one = hours.ListHours(world_.Call(), {{}, {}, domain::VolunteerId("v-2")});
  ASSERT_THAT(one, IsOk());
  ASSERT_EQ(one->volunteers.size(), 1u);
  EXPECT_THAT(hours.ListHours(world_.Call(), {{}, {}, domain::VolunteerId("nobody")}),
              HasReason("NO_SUCH_VOLUNTEER"));

  const auto events = hours.ListEvents(world_.Call(), {}, {});
  ASSERT_THAT(events, IsOk());
  ASSERT_EQ(events->items.size(), 3u);
  EXPECT_EQ(events->items[1].volunteer.value, "v-2");
  const auto receipt = hours.GetReceipt(world_.Call(), {}, out->receipt->request_id);
  ASSERT_THAT(receipt, IsOk());
  EXPECT_EQ(receipt->event_id, out->receipt->event_id);
  EXPECT_THAT(hours.GetReceipt(world_.Call(), {}, world_.NewRequestId()),
              HasReason("NO_SUCH_RECEIPT"));
  EXPECT_FALSE(hours.VerifyLedger(world_.Call())->fault.has_value());
}

TEST_F(ActivitiesTest, AGroupPictureNamesTheRosterAndNobodyElseAndNobodyTwice) {
  world_.Enrol("v-1", 1);
  world_.Enrol("v-2", 2);
  ASSERT_THAT(world_.app().enrol.EnrolVolunteer(world_.Call(), world_.EnrolRequest("v-3", 3)),
              IsOk());  // not on the roster
  const base::Bytes picture = testing::FakePicture({{2, 1, 100, 500, 240},
                                                    {1, 1, 100, 100, 240},
                                                    {1, 0, 100, 600, 240},
                                                    {3, 1, 100, 300, 240},
                                                    {9, 1, 100, 400, 240, testing::kBlurred}});
  const auto found =
      world_.app().identify_group.Identify(world_.Call(), world_.session, picture);
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->size(), 5u);  // from left to right
  EXPECT_EQ((*found)[0].decision, Decision::kUnknown);  // the other face is more like her
  EXPECT_EQ((*found)[1].decision, Decision::kUnknown);
  EXPECT_TRUE((*found)[1].volunteer.empty());
  EXPECT_EQ((*found)[2].decision, Decision::kBlurred);
  EXPECT_EQ((*found)[3].volunteer.value, "v-2");
  EXPECT_EQ((*found)[4].volunteer.value, "v-1");
  EXPECT_EQ((*found)[4].name, "Name of v-1");
  EXPECT_EQ(world_.LedgerRows(), 0);

  EXPECT_THAT(world_.app().identify_group.Identify(world_.Call(), world_.session, {}),
              HasReason("PICTURE_EMPTY"));
}

TEST_F(ActivitiesTest, ACloseCallInAGroupPictureIsDecidedInFullPrecision) {
  world_.Enrol("v-1", 1);
  world_.control.noise = 50;
  const base::Bytes picture = testing::FakePicture({{1, 1, 100, 100, 240}});
  const auto named = [&](float tolerance) {
    world_.control.tolerance = tolerance;
    const auto found =
        world_.app().identify_group.Identify(world_.Call(), world_.session, picture);
    EXPECT_THAT(found, IsOk());
    return found.ok() && found->size() == 1 ? found->front().volunteer.value : "not one face";
  };
  EXPECT_EQ(named(0.01f), "");
  EXPECT_EQ(named(2), "v-1");
}

TEST_F(ActivitiesTest, APracticeClockIsForPracticeOnly) {
  ServiceSettings settings = world_.settings;
  settings.practice_only = true;
  World practice({.practice = true});
  practice.Restart(settings);
  domain::Activity activity;
  activity.id = domain::ActivityId("real");
  EXPECT_THAT(practice.app().activities.CreateActivity(practice.Call(), activity),
              HasReason("PRACTICE_ONLY"));
  activity.practice = true;
  EXPECT_THAT(practice.app().activities.CreateActivity(practice.Call(), activity), IsOk());

  world_.settings.practice_only = true;  // "a" is no practice
  EXPECT_THAT(world_.app().Start(), HasReason("NOT_PRACTICE_ONLY"));
  world_.settings.practice_only = false;

  EXPECT_THAT(world_.app().admin.AdvancePracticeClock(world_.Call(), 5),
              HasReason("NO_PRACTICE_CLOCK"));
  PracticeClock clock(world_.clock);
  Admin admin(world_.services(), &clock, {});
  EXPECT_THAT(admin.AdvancePracticeClock(world_.Call(), 0), HasReason("BAD_MINUTES"));
  EXPECT_THAT(admin.AdvancePracticeClock(world_.Call(), 10'081), HasReason("BAD_MINUTES"));
  const auto moved = admin.AdvancePracticeClock(world_.Call(), 5);
  ASSERT_THAT(moved, IsOk());
  EXPECT_EQ(*moved, world_.clock.Now() + minutes(5));
}

TEST_F(ActivitiesTest, ABackupIsPreparedForTheMachineItselfAndNotDuringARotation) {
  bool asked_with_keys = false;
  Admin* other = nullptr;
  Admin admin(world_.services(), nullptr,
              [&](bool with_keys, const std::function<absl::Status()>& go_on)
                  -> absl::StatusOr<std::string> {
                asked_with_keys = with_keys;
                EXPECT_THAT(go_on(), IsOk());
                EXPECT_THAT(other->RotateKeys(world_.Call()), HasReason("KEYS_BUSY"));
                return "/where";
              });
  other = &admin;
  Call call = world_.Call();
  call.caller.role = domain::Role::kAdministrator;
  call.caller.local_administrator = false;
  EXPECT_THAT(admin.PrepareBackup(call, true), HasReason("LOCAL_ONLY"));
  EXPECT_FALSE(asked_with_keys);
  call.caller.local_administrator = true;
  const auto folder = admin.PrepareBackup(call, true);
  ASSERT_THAT(folder, IsOk());
  EXPECT_EQ(*folder, "/where");
  EXPECT_TRUE(asked_with_keys);
  EXPECT_THAT(world_.app().admin.PrepareBackup(call, false), HasReason("NO_BACKUP"));

  world_.Enrol("v-1", 1);
  const auto report = admin.RotateKeys(call);
  ASSERT_THAT(report, IsOk());
  EXPECT_EQ(report->keys, 1);
}

TEST_F(ActivitiesTest, InfoCounts) {
  world_.Enrol("v-1", 1);
  ASSERT_THAT(world_.Record(world_.See(1).token, Action::kIn), IsOk());
  const auto info = world_.app().admin.GetInfo(world_.Call());
  ASSERT_THAT(info, IsOk());
  EXPECT_EQ(info->model_id, testing::kFakeModel);
  EXPECT_EQ(info->gallery_size, 1);
  EXPECT_EQ(info->ledger_sequence, 1);
  EXPECT_EQ(info->default_organisation.value, "home");
  EXPECT_FALSE(info->practice_clock);
}

}  // namespace
}  // namespace rollcall::app
