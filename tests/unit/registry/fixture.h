#ifndef ROLLCALL_TESTS_UNIT_REGISTRY_FIXTURE_H_
#define ROLLCALL_TESTS_UNIT_REGISTRY_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "registry/registry.h"
#include "storage/database.h"
#include "support/databases.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::registry {

const inline base::Time kNow = base::FromUnixMicros(1'700'000'000'000'000);

// A registry with organisation "org", activity "cleanup" and its session "morning" (posts "river" and
// "road"), on every engine.
class RegistryTest : public testing::TestWithParam<support::DatabaseEngine> {
 protected:
  void SetUp() override {
    Reopen();
    ASSERT_NE(registry_, nullptr);
    ASSERT_THAT(registry_->CreateOrganisation(Organisation("org")), support::IsOk());
    ASSERT_THAT(registry_->CreateActivity(Activity("cleanup")), support::IsOk());
    ASSERT_THAT(registry_->AddSession(Session("morning")), support::IsOk());
  }

  void Reopen() {
    registry_.reset();
    database_.reset();
    auto opened = GetParam().open(temp_.path(), {RegistrySchema()});
    ASSERT_THAT(opened, support::IsOk());
    database_ = *std::move(opened);
    registry_ = MakeSqlRegistry(*database_);
  }

  static domain::Organisation Organisation(const std::string& id, const std::string& parent = "") {
    domain::Organisation organisation;
    organisation.id.value = id;
    organisation.name = "Name of " + id;
    organisation.level = domain::OrganisationLevel::kVillageStation;
    organisation.parent.value = parent;
    organisation.created = kNow;
    return organisation;
  }

  static domain::Activity Activity(const std::string& id) {
    domain::Activity activity;
    activity.organisation.value = "org";
    activity.id.value = id;
    activity.title = "Title of " + id;
    activity.place = "by the river";
    activity.created = kNow;
    return activity;
  }

  static domain::SessionKey Key(const std::string& session, const std::string& activity = "cleanup",
                                const std::string& organisation = "org") {
    return {domain::OrganisationId(organisation), domain::ActivityId(activity),
            domain::SessionId(session)};
  }

  static domain::Session Session(const std::string& id) {
    domain::Session session;
    session.key = Key(id);
    session.starts = kNow;
    session.ends = kNow + std::chrono::hours(2);
    session.posts = {{domain::PostId("river"), "River"}, {domain::PostId("road"), "Road"}};
    return session;
  }

  static base::Uuid Uuid(uint8_t kind, int number) {
    base::Uuid uuid;
    uuid.bytes[0] = kind;
    uuid.bytes[14] = static_cast<uint8_t>(number >> 8);
    uuid.bytes[15] = static_cast<uint8_t>(number);
    return uuid;
  }

  static domain::Volunteer Volunteer(const std::string& id, int number) {
    domain::Volunteer volunteer;
    volunteer.id.value = id;
    volunteer.key = Uuid(1, number);
    volunteer.subject = Uuid(2, number);
    volunteer.name = "Somebody";
    volunteer.age_band = domain::AgeBand::kAdult;
    volunteer.created = kNow;
    return volunteer;
  }

  void Create(const std::string& id, int number) {
    ASSERT_THAT(registry_->CreateVolunteer(Volunteer(id, number)), support::IsOk());
  }

  support::TempDir temp_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Registry> registry_;
};

// Follows the tokens of `list`, a function of a PageRequest, with `size` items a page.
template <typename List>
auto Everything(List list, int32_t size) {
  base::PageRequest request{size, ""};
  decltype(list(request)->items) all;
  do {
    auto page = list(request);
    EXPECT_THAT(page, support::IsOk());
    if (!page.ok()) return all;
    EXPECT_LE(page->items.size(), static_cast<size_t>(size));
    all.insert(all.end(), page->items.begin(), page->items.end());
    request.token = page->next_token;
  } while (!request.token.empty());
  return all;
}

// Each test file has its own suite of the same fixture.
#define ROLLCALL_ON_EVERY_ENGINE(suite)                                                       \
  INSTANTIATE_TEST_SUITE_P(Engines, suite, testing::ValuesIn(support::DatabaseEngines()),     \
                           [](const auto& test) { return test.param.name; })

}  // namespace rollcall::registry

#endif  // ROLLCALL_TESTS_UNIT_REGISTRY_FIXTURE_H_
