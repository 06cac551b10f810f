#include "app/scope.h"

#include <gtest/gtest.h>

#include <string>

#include "app/activities.h"
#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Role;
using support::HasReason;
using support::IsOk;
using testing::World;

// The world's own organisation is "home"; below it stands "village"; "elsewhere" is not related.
class ScopeTest : public ::testing::Test {
 protected:
  ScopeTest() {
    for (const auto& [id, parent] : {std::pair("village", "home"), std::pair("elsewhere", "")}) {
      EXPECT_THAT(world_.registry().CreateOrganisation(
                      {domain::OrganisationId(id), id, domain::OrganisationLevel::kVillageStation,
                       domain::OrganisationId(parent), world_.clock.Now()}),
                  IsOk());
    }
    world_.Enrol("v-1", 1);
  }

  static domain::Caller At(const char* organisation, Role role) {
    domain::Caller caller;
    caller.identity = "somebody";
    caller.role = role;
    caller.organisation = domain::OrganisationId(organisation);
    return caller;
  }
  absl::Status Organisation(const domain::Caller& caller, const char* wanted) {
    return OrganisationFor(world_.services(), caller, domain::OrganisationId(wanted)).status();
  }
  absl::Status Volunteer(const domain::Caller& caller, const char* id = "v-1") {
    return CheckVolunteer(world_.services(), caller, domain::VolunteerId(id));
  }
  absl::Status Session(const domain::Caller& caller) {
    return SessionFor(world_.services(), caller, world_.session).status();
  }

  World world_;
};

TEST_F(ScopeTest, StaffReachTheirOwnOrganisationAndWhatIsBelow) {
  const domain::Caller organiser = At("home", Role::kOrganiser);
  EXPECT_THAT(Organisation(organiser, "home"), IsOk());
  EXPECT_THAT(Organisation(organiser, "village"), IsOk());
  EXPECT_THAT(Organisation(organiser, "elsewhere"), HasReason("OUTSIDE_ORGANISATION"));
  EXPECT_THAT(Organisation(organiser, "no-such"), HasReason("OUTSIDE_ORGANISATION"));
  EXPECT_THAT(Organisation(At("village", Role::kOrganiser), "home"),
              HasReason("OUTSIDE_ORGANISATION"));
  EXPECT_THAT(Organisation(At("home", Role::kKiosk), "village"), HasReason("OUTSIDE_ORGANISATION"));
  EXPECT_THAT(Organisation(At("home", Role::kAdministrator), "elsewhere"), IsOk());
  EXPECT_THAT(Organisation(At("", Role::kAuditor), "home"), HasReason("OUTSIDE_ORGANISATION"));
}

TEST_F(ScopeTest, WhoNamesNoneMeansHerOwn) {
  const auto own = OrganisationFor(world_.services(), At("village", Role::kDesk), {});
  ASSERT_THAT(own, IsOk());
  EXPECT_EQ(own->value, "village");
}

TEST_F(ScopeTest, AVolunteerOfAnotherOrganisationIsNobody) {
  EXPECT_THAT(Volunteer(At("home", Role::kDesk)), IsOk());
  const absl::Status hidden = Volunteer(At("elsewhere", Role::kDesk));
  const absl::Status nobody = Volunteer(At("elsewhere", Role::kDesk), "nobody");
  EXPECT_THAT(hidden, HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_EQ(hidden, nobody);
  EXPECT_THAT(Volunteer(At("village", Role::kDesk)), HasReason("NO_SUCH_VOLUNTEER"));
}

TEST_F(ScopeTest, AKioskWorksWhileItsSessionIsOpen) {
  const domain::Caller kiosk = At("home", Role::kKiosk);
  const auto at = [&](int hour, int minute) { world_.clock.SetNow(world_.At(hour, minute)); };
  at(9, 10);
  EXPECT_THAT(Session(kiosk), IsOk());
  at(3, 0);
  EXPECT_THAT(Session(kiosk), HasReason("SESSION_NOT_OPEN"));
  EXPECT_THAT(Session(At("home", Role::kOrganiser)), IsOk()) << "staff prepare and look back";
  at(23, 59);
  EXPECT_THAT(Session(kiosk), HasReason("SESSION_NOT_OPEN"));
  EXPECT_THAT(Session(world_.Call().caller), IsOk());
}

TEST_F(ScopeTest, AKioskWorksAtItsOwnSite) {
  domain::Session at_the_hall;
  at_the_hall.key = world_.session;
  at_the_hall.key.session = domain::SessionId("hall");
  at_the_hall.starts = world_.At(9, 0);
  at_the_hall.ends = world_.At(12, 0);
  at_the_hall.site = domain::SiteId("hall");
  ASSERT_THAT(world_.app().activities.AddSession(world_.Call(), at_the_hall), IsOk());
  domain::Caller kiosk = At("home", Role::kKiosk);
  const auto session = [&](const domain::Caller& caller) {
    return SessionFor(world_.services(), caller, at_the_hall.key).status();
  };
  kiosk.site = domain::SiteId("station");
  EXPECT_THAT(session(kiosk), HasReason("OUTSIDE_SITE"));
  EXPECT_THAT(Session(kiosk), IsOk()) << "a session without a site takes every kiosk";
  kiosk.site = domain::SiteId("hall");
  EXPECT_THAT(session(kiosk), IsOk());
  EXPECT_THAT(session(At("home", Role::kOrganiser)), IsOk());
}

TEST_F(ScopeTest, AKioskIsTheOneOfItsCertificate) {
  const domain::Caller kiosk = At("home", Role::kKiosk);
  EXPECT_EQ(KioskFor(kiosk, {})->value, "somebody");
  EXPECT_THAT(KioskFor(kiosk, domain::KioskId("somebody")), IsOk());
  EXPECT_THAT(KioskFor(kiosk, domain::KioskId("door-2")), HasReason("KIOSK_MISMATCH"));
  EXPECT_THAT(CheckSameKiosk(kiosk, domain::KioskId("door-2")), HasReason("KIOSK_MISMATCH"));
  EXPECT_THAT(CheckSameKiosk(kiosk, domain::KioskId("somebody")), IsOk());
}

// A roster shows names, and an enrolment replaces a face.
TEST_F(ScopeTest, NoRosterAndNoEnrolmentLeadsToVolunteersOfOthers) {
  Call call = world_.Call();
  call.caller = At("elsewhere", Role::kOrganiser);
  const domain::OrganisationId elsewhere("elsewhere");
  domain::Activity activity;
  activity.organisation = elsewhere;
  activity.id = domain::ActivityId("b");
  ASSERT_THAT(world_.app().activities.CreateActivity(call, activity), IsOk());
  const domain::SessionKey session{elsewhere, activity.id, domain::SessionId("s")};
  ASSERT_THAT(
      world_.app().activities.AddSession(call, {session, world_.At(9, 0), world_.At(12, 0), {}}),
      IsOk());
  EXPECT_THAT(world_.app().activities.AddRosterEntries(
                  call, session,
                  {{session, domain::VolunteerId("v-1"), {}, domain::RosterKind::kSignedUp}}),
              HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_THAT(world_.app().attest.AttestPresence(
                  call, {session, domain::VolunteerId("v-1"), "seen", /*walk_in=*/true}),
              HasReason("NO_SUCH_VOLUNTEER"));
  call.caller = At("elsewhere", Role::kDesk);
  auto request = world_.EnrolRequest("v-1", 2);  // the right name and another face
  request.organisation = elsewhere;
  EXPECT_THAT(world_.app().enrol.EnrolVolunteer(call, request), HasReason("VOLUNTEER_EXISTS"));
}

}  // namespace
}  // namespace rollcall::app
