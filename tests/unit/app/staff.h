#ifndef ROLLCALL_TESTS_UNIT_APP_STAFF_H_
#define ROLLCALL_TESTS_UNIT_APP_STAFF_H_

#include <gtest/gtest.h>

#include <string>

#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::testing {

// A call by an account of the world's organisation.
inline app::Call As(const std::string& identity, domain::Role role,
                    const std::string& organisation = "home") {
  app::Call call;
  call.caller.identity = identity;
  call.caller.role = role;
  call.caller.organisation = domain::OrganisationId(organisation);
  return call;
}

// Makes the account; `volunteer`: who holds it, empty: not said.
inline void AddStaff(World& world, const std::string& id, domain::Role role,
                     const std::string& volunteer = "", const std::string& organisation = "home") {
  registry::Identity identity;
  identity.id = id;
  identity.role = role;
  identity.organisation = domain::OrganisationId(organisation);
  identity.name = id;
  identity.volunteer = domain::VolunteerId(volunteer);
  identity.created = world.clock.Now();
  registry::IdentityCertificate certificate;
  certificate.fingerprint = base::Sha256(base::AsBytes(id));
  certificate.identity = id;
  certificate.issued = world.clock.Now();
  certificate.expires = world.clock.Now() + std::chrono::hours(24 * 365);
  EXPECT_THAT(world.registry().AddIdentity(identity, certificate), support::IsOk());
}

// She serves 8 hours a day (09:00 to 17:00 in China) on `days` days from tomorrow on, in the
// activity `activity`, which is made. The clock stands in the evening of the last one.
inline void ServeDays(World& world, const std::string& volunteer, const std::string& activity,
                      int days) {
  const domain::OrganisationId home("home");
  const domain::ActivityId id(activity);
  EXPECT_THAT(
      world.app().activities.CreateActivity(world.Call(), {home, id, "", "", false, {}, {}}),
      support::IsOk());
  const auto today = std::chrono::floor<std::chrono::days>(world.clock.Now());
  for (int day = 1; day <= days; ++day) {
    const base::Time start = today + std::chrono::days(day) + std::chrono::hours(1);
    const base::Time end = start + std::chrono::hours(8);
    const domain::SessionKey key{home, id, domain::SessionId("d" + std::to_string(day))};
    EXPECT_THAT(world.app().activities.AddSession(world.Call(), {key, start, end, {}}),
                support::IsOk());
    for (const auto& [time, action] :
         {std::pair(start, domain::Action::kIn), std::pair(end, domain::Action::kOut)}) {
      world.clock.SetNow(time);
      const auto token = world.app().attest.AttestPresence(
          world.Call(), {key, domain::VolunteerId(volunteer), "seen", true});
      ASSERT_THAT(token, support::IsOk());
      ASSERT_THAT(world.Record(token->token, action), support::IsOk());
    }
  }
}

}  // namespace rollcall::testing

#endif  // ROLLCALL_TESTS_UNIT_APP_STAFF_H_
