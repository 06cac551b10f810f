#include <string>

#include "fixture.h"

namespace rollcall::registry {
namespace {

using domain::ActivityId;
using domain::OrganisationId;
using support::HasReason;
using support::IsOk;
using testing::SizeIs;

class ActivitiesTest : public RegistryTest {};

TEST_P(ActivitiesTest, StayAcrossReopening) {
  auto activity = Activity("practice");
  activity.practice = true;
  activity.place.clear();
  ASSERT_THAT(registry_->CreateActivity(activity), IsOk());
  Reopen();
  const auto found = registry_->GetActivity(OrganisationId("org"), ActivityId("practice"));
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->title, "Title of practice");
  EXPECT_TRUE(found->practice);
  EXPECT_EQ(found->closed, std::nullopt);
  EXPECT_EQ(registry_->GetActivity(OrganisationId("org"), ActivityId("cleanup"))->place,
            "by the river");
}

TEST_P(ActivitiesTest, BelongToOneOrganisation) {
  ASSERT_THAT(registry_->CreateOrganisation(Organisation("club")), IsOk());
  auto same_id = Activity("cleanup");
  same_id.organisation.value = "club";
  same_id.title = "Another one";
  ASSERT_THAT(registry_->CreateActivity(same_id), IsOk());
  EXPECT_EQ(registry_->GetActivity(OrganisationId("club"), ActivityId("cleanup"))->title,
            "Another one");
  EXPECT_EQ(registry_->GetActivity(OrganisationId("org"), ActivityId("cleanup"))->title,
            "Title of cleanup");
  EXPECT_THAT(registry_->GetSession(Key("morning", "cleanup", "club")),
              HasReason("NO_SUCH_SESSION"));
}

TEST_P(ActivitiesTest, BadOnesAreRefused) {
  EXPECT_THAT(registry_->CreateActivity(Activity("cleanup")), HasReason("ACTIVITY_EXISTS"));
  EXPECT_THAT(registry_->CreateActivity(Activity("")), HasReason("BAD_ID"));
  auto untitled = Activity("x");
  untitled.title = "\t";
  EXPECT_THAT(registry_->CreateActivity(untitled), HasReason("BAD_TEXT"));
  auto homeless = Activity("x");
  homeless.organisation.value = "nowhere";
  EXPECT_THAT(registry_->CreateActivity(homeless), HasReason("NO_SUCH_ORGANISATION"));
  EXPECT_THAT(registry_->GetActivity(OrganisationId("org"), ActivityId("x")),
              HasReason("NO_SUCH_ACTIVITY"));
}

TEST_P(ActivitiesTest, ClosingIsForGood) {
  const OrganisationId org("org");
  const ActivityId id("cleanup");
  ASSERT_THAT(registry_->CloseActivity(org, id, kNow), IsOk());
  ASSERT_THAT(registry_->CloseActivity(org, id, kNow + std::chrono::hours(1)), IsOk());
  EXPECT_EQ(registry_->GetActivity(org, id)->closed, kNow);
  EXPECT_THAT(registry_->AddSession(Session("evening")), HasReason("ACTIVITY_CLOSED"));
  EXPECT_THAT(registry_->CloseActivity(org, ActivityId("x"), kNow),
              HasReason("NO_SUCH_ACTIVITY"));
}

TEST_P(ActivitiesTest, AreListedByIdInPages) {
  for (const char* id : {"d", "a", "c"}) {
    ASSERT_THAT(registry_->CreateActivity(Activity(id)), IsOk());
  }
  const auto all = Everything(
      [this](const base::PageRequest& page) {
        return registry_->ListActivities(OrganisationId("org"), page);
      },
      3);
  std::string ids;
  for (const auto& activity : all) ids += activity.id.value + " ";
  EXPECT_EQ(ids, "a c cleanup d ");
}

TEST_P(ActivitiesTest, KnowsWhetherAnythingIsNotPractice) {
  EXPECT_TRUE(*registry_->HasNonPracticeActivity());
  support::TempDir elsewhere;
  auto opened = GetParam().open(elsewhere.path(), {RegistrySchema()});
  ASSERT_THAT(opened, IsOk());
  const auto other = MakeSqlRegistry(**opened);
  EXPECT_FALSE(*other->HasNonPracticeActivity());
  ASSERT_THAT(other->CreateOrganisation(Organisation("org")), IsOk());
  auto practice = Activity("practice");
  practice.practice = true;
  ASSERT_THAT(other->CreateActivity(practice), IsOk());
  EXPECT_FALSE(*other->HasNonPracticeActivity());
}

TEST_P(ActivitiesTest, SessionsKeepTheirPostsInOrder) {
  Reopen();
  const auto session = registry_->GetSession(Key("morning"));
  ASSERT_THAT(session, IsOk());
  EXPECT_EQ(session->starts, kNow);
  EXPECT_EQ(session->ends, kNow + std::chrono::hours(2));
  ASSERT_THAT(session->posts, SizeIs(2));
  EXPECT_EQ(session->posts[0].id.value, "river");
  EXPECT_EQ(session->posts[1].title, "Road");
}

TEST_P(ActivitiesTest, SessionsKeepTheirPlaceAndWhatTheyWantOfPresentations) {
  auto strict = Session("strict");
  strict.presentation = domain::PresentationPolicy::kRefuse;
  strict.challenge = domain::ChallengeKind::kNumber;
  strict.site = domain::SiteId("hall");
  ASSERT_THAT(registry_->AddSession(strict), IsOk());
  Reopen();
  const auto found = registry_->GetSession(Key("strict"));
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(found->presentation, domain::PresentationPolicy::kRefuse);
  EXPECT_EQ(found->challenge, domain::ChallengeKind::kNumber);
  EXPECT_EQ(found->site.value, "hall");
  const auto plain = registry_->GetSession(Key("morning"));
  ASSERT_THAT(plain, IsOk());
  EXPECT_EQ(plain->presentation, domain::PresentationPolicy::kDefault);
  EXPECT_EQ(plain->challenge, domain::ChallengeKind::kDefault);
  EXPECT_TRUE(plain->site.empty());
}

TEST_P(ActivitiesTest, SessionsKeepTheirBreaksInOrder) {
  using std::chrono::minutes;
  auto long_day = Session("day");
  long_day.breaks = {{domain::BreakKind::kTravel, kNow, kNow + minutes(10)},
                     {domain::BreakKind::kRest, kNow + minutes(30), kNow + minutes(60)},
                     {domain::BreakKind::kRest, kNow + minutes(60), kNow + minutes(61)}};
  ASSERT_THAT(registry_->AddSession(long_day), IsOk());
  Reopen();
  EXPECT_EQ(registry_->GetSession(Key("day"))->breaks, long_day.breaks);
  EXPECT_THAT(registry_->GetSession(Key("morning"))->breaks, SizeIs(0));
  const auto all = registry_->ListSessions(OrganisationId("org"), ActivityId("cleanup"), {});
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->items.at(0).breaks, long_day.breaks);  // "day" before "morning"
  auto outside = Session("x");
  outside.breaks = {{domain::BreakKind::kRest, kNow - minutes(1), kNow}};
  EXPECT_THAT(registry_->AddSession(outside), HasReason("BAD_SESSION"));
  EXPECT_THAT(registry_->GetSession(Key("x")), HasReason("NO_SUCH_SESSION"));
}

TEST_P(ActivitiesTest, AnActivityIsAsLongAsItsSessionsTogether) {
  const OrganisationId org("org");
  EXPECT_EQ(*registry_->ActivityLength(org, ActivityId("cleanup")), std::chrono::hours(2));
  auto overlapping = Session("more");
  overlapping.ends = kNow + std::chrono::minutes(45);
  overlapping.breaks = {{domain::BreakKind::kRest, kNow, kNow + std::chrono::minutes(15)}};
  ASSERT_THAT(registry_->AddSession(overlapping), IsOk());
  EXPECT_EQ(*registry_->ActivityLength(org, ActivityId("cleanup")), std::chrono::minutes(165));
  ASSERT_THAT(registry_->CreateActivity(Activity("empty")), IsOk());
  EXPECT_EQ(*registry_->ActivityLength(org, ActivityId("empty")), base::Duration(0));
  EXPECT_THAT(registry_->ActivityLength(org, ActivityId("x")), HasReason("NO_SUCH_ACTIVITY"));
}

TEST_P(ActivitiesTest, BadSessionsAreRefusedWhole) {
  EXPECT_THAT(registry_->AddSession(Session("morning")), HasReason("SESSION_EXISTS"));
  auto backwards = Session("x");
  backwards.ends = backwards.starts;
  EXPECT_THAT(registry_->AddSession(backwards), HasReason("BAD_SESSION"));
  auto twice = Session("x");
  twice.posts[1].id = twice.posts[0].id;
  EXPECT_THAT(registry_->AddSession(twice), HasReason("BAD_SESSION"));
  auto many = Session("x");
  many.posts.assign(101, {domain::PostId("p"), "P"});
  EXPECT_THAT(registry_->AddSession(many), HasReason("BAD_SESSION"));
  auto homeless = Session("x");
  homeless.key.activity.value = "nowhere";
  EXPECT_THAT(registry_->AddSession(homeless), HasReason("NO_SUCH_ACTIVITY"));
  EXPECT_THAT(registry_->GetSession(Key("x")), HasReason("NO_SUCH_SESSION"));
  EXPECT_THAT(registry_->GetSession(Key("x", "nowhere")), HasReason("NO_SUCH_ACTIVITY"));
}

TEST_P(ActivitiesTest, SessionsAreListedByTheirStart) {
  const auto add = [this](const std::string& id, int hours) {
    auto session = Session(id);
    session.starts += std::chrono::hours(hours);
    session.ends += std::chrono::hours(hours);
    ASSERT_THAT(registry_->AddSession(session), IsOk());
  };
  add("later", 5);
  add("a-late-one", 9);
  add("before", -5);
  add("same-start", 5);
  add("before-1970", -24 * 365 * 60);
  const auto all = Everything(
      [this](const base::PageRequest& page) {
        return registry_->ListSessions(OrganisationId("org"), ActivityId("cleanup"), page);
      },
      2);
  std::string ids;
  for (const auto& session : all) {
    ids += session.key.session.value + " ";
    EXPECT_THAT(session.posts, SizeIs(2));
  }
  EXPECT_EQ(ids, "before-1970 before morning later same-start a-late-one ");
}

ROLLCALL_ON_EVERY_ENGINE(ActivitiesTest);

}  // namespace
}  // namespace rollcall::registry
