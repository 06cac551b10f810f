// Every method x every role x every place in the tree of organisations x every state of a
// certificate: what is allowed follows from the (access) option of the method and from where the
// caller stands.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "access/identity_book.h"
#include "certificates/certificate_info.h"
#include "certificates/private_key.h"
#include "integration/method_requests.h"
#include "integration/secure_service_test.h"
#include "rpc/access_table.h"

namespace rollcall::testing {
namespace {

using certificates::Bundle;
using certificates::PrivateKey;
using domain::Role;
using std::chrono::hours;

constexpr Role kRoles[] = {Role::kKiosk,    Role::kDesk,    Role::kOrganiser,
                           Role::kApprover, Role::kAuditor, Role::kAdministrator};
// Everything that the requests are about belongs to "village", which is below "county" and above
// "hamlet"; "elsewhere" is not related.
constexpr const char* kOrganisations[] = {"village", "county", "hamlet", "elsewhere"};
enum class State { kGood, kRevoked, kExpired };

class RolesTest : public SecureServiceTest {
 protected:
  void SetUp() override {
    SetUpSite([this] {
      WithRegistry([this](registry::Registry& registry) {
        MakeTree(registry);
        for (const char* organisation : kOrganisations) {
          for (const Role role : kRoles) {
            for (const State state : {State::kGood, State::kRevoked, State::kExpired}) {
              MakeIdentity(registry, organisation, role, state);
            }
          }
        }
      });
    });
    MakeTarget();
  }

  static void MakeTree(registry::Registry& registry) {
    const std::pair<const char*, const char*> tree[] = {
        {"county", ""}, {"village", "county"}, {"hamlet", "village"}, {"elsewhere", ""}};
    for (const auto& [id, parent] : tree) {
      ASSERT_TRUE(
          registry
              .CreateOrganisation({domain::OrganisationId(id), id,
                                   domain::OrganisationLevel::kVillageStation,
                                   domain::OrganisationId(parent), base::SystemClock().Now()})
              .ok());
    }
  }

  static domain::Caller CallerAt(const std::string& organisation, Role role,
                                 State state = State::kGood) {
    domain::Caller caller;
    caller.role = role;
    caller.organisation = domain::OrganisationId(organisation);
    caller.identity = organisation + "-" + std::to_string(static_cast<int>(role)) + "-" +
                      std::to_string(static_cast<int>(state));
    if (role == Role::kKiosk) caller.site = domain::SiteId("hall");
    return caller;
  }

  void MakeIdentity(registry::Registry& registry, const std::string& organisation, Role role,
                    State state) {
    const domain::Caller caller = CallerAt(organisation, role, state);
    const PrivateKey key = Must(PrivateKey::Generate());
    const base::Time now = machine_clock_.Now();
    const std::string certificate =
        Must(authority_->IssueClient(Must(certificates::MakeRequest(key)), caller.identity,
                                     access::IdentityUri(caller), now, hours(100)));
    // TLS lets the expired ones in, as it does a connection that was made before the end.
    Record(registry, caller, certificate, now + hours(state == State::kExpired ? -1 : 100));
    if (state == State::kRevoked) {
      ASSERT_TRUE(registry.RevokeIdentity(caller.identity, "administrator", now).ok());
    }
    bundles_[caller.identity] = {key.ToPem(), certificate, authority_->certificate_pem()};
  }
  Client Of(const domain::Caller& caller) const { return As(bundles_.at(caller.identity)); }

  void MakeTarget() {
    const Client organiser = Of(CallerAt("village", Role::kOrganiser));
    const Client desk = Of(CallerAt("village", Role::kDesk));
    MakeActivityAt(organiser, "a");
    MakeActivityAt(organiser, "closing");
    ASSERT_TRUE(desk.Enrol(EnrolRequest("v-1", "Name of v-1",
                                        {Picture(1, 101), Picture(1, 102), Picture(1, 103)}))
                    .ok());
    ASSERT_TRUE(desk.Enrol(EnrolRequest("v-2", "Name of v-2")).ok());
    ASSERT_TRUE(organiser.AddToRoster("a", {"v-1", "v-2"}).ok());
    const auto token = organiser.Attest("a", "v-1");
    ASSERT_TRUE(token.ok());
    Identity("spare", v1::DESK);
    target_ = {.organisation = "village",
               .activity = "a",
               .closing = "closing",
               .volunteer = "v-1",
               .other_volunteer = "v-2",
               .photo = Picture(7),
               .token = token.response.token(),
               .spare_identity = "spare",
               .certificate_request = Must(certificates::MakeRequest(Must(PrivateKey::Generate()))),
               .now_seconds = base::ToUnixMicros(clock_.Now()) / 1'000'000};
  }

  // Whether what belongs to "village" is within the scope of a caller who stands at `organisation`.
  static bool Covers(Role role, const std::string& organisation) {
    if (role == Role::kAdministrator || organisation == "village") return true;
    return role != Role::kKiosk && organisation == "county";
  }

  // The reason that the rules and the tree ask for; "" where the call is to be carried out.
  std::string Expected(const domain::Caller& caller, const std::string& method,
                       const MethodRequest& request) const {
    if (!rules_.Authorise(caller, method).ok()) return "ROLE_NOT_ALLOWED";
    // Through the socket in the data folder only, whoever asks.
    if (method == "rollcall.v1.AdminService/PrepareBackup") return "LOCAL_ONLY";
    if (Covers(caller.role, caller.organisation.value)) return "";
    switch (request.bound) {
      case Bound::kOrganisation:
        return "OUTSIDE_ORGANISATION";
      case Bound::kVolunteer:
        return "NO_SUCH_VOLUNTEER";
      case Bound::kWholeServer:
      case Bound::kFiltered:
        break;
    }
    return "";
  }

  const access::Rules rules_ = Must(rpc::ReadAccessRules());
  std::map<std::string, Bundle> bundles_;
  Target target_;
};

TEST_F(RolesTest, EveryMethodHasARequestHere) {
  std::set<std::string> of_the_contract;
  for (const std::string& method : Methods()) of_the_contract.insert(method.substr(1));
  std::set<std::string> here;
  for (const auto& [method, request] : MethodRequests()) here.insert(method);
  EXPECT_EQ(here, of_the_contract) << "say in method_requests.cc what bounds a new method";
}

TEST_F(RolesTest, WhatIsAllowedIsWhatTheRuleAndTheTreeSay) {
  int calls = 0;
  for (const char* organisation : kOrganisations) {
    for (const Role role : kRoles) {
      const domain::Caller caller = CallerAt(organisation, role);
      const Client client = Of(caller);
      for (const auto& [method, request] : MethodRequests()) {
        const auto answer = RawCall(client, "/" + method, request.make(target_));
        const std::string expected = Expected(caller, method, request);
        ++calls;
        const std::string what = method + " by " + std::string(access::RoleName(caller)) + " of " +
                                 organisation + ": " + answer.reason() + " " +
                                 answer.status.error_message();
        if (!expected.empty()) {
          EXPECT_EQ(answer.reason(), expected) << what;
          continue;
        }
        EXPECT_NE(answer.code(), grpc::StatusCode::PERMISSION_DENIED) << what;
        EXPECT_NE(answer.code(), grpc::StatusCode::UNAUTHENTICATED) << what;
        EXPECT_NE(answer.code(), grpc::StatusCode::INVALID_ARGUMENT) << what;
        EXPECT_NE(answer.code(), grpc::StatusCode::UNAVAILABLE) << what;
        EXPECT_FALSE(request.bound == Bound::kVolunteer && answer.reason() == "NO_SUCH_VOLUNTEER")
            << what;
      }
    }
  }
  std::printf("%d calls\n", calls);
}

TEST_F(RolesTest, ARevokedOrExpiredCertificateReachesNothingWhateverItsRole) {
  const std::pair<State, const char*> states[] = {{State::kRevoked, "IDENTITY_REVOKED"},
                                                  {State::kExpired, "CERTIFICATE_EXPIRED"}};
  for (const auto& [state, reason] : states) {
    for (const char* organisation : kOrganisations) {
      for (const Role role : kRoles) {
        const Client client = Of(CallerAt(organisation, role, state));
        const int64_t before = AuditLines();
        for (const auto& [method, request] : MethodRequests()) {
          const auto answer = RawCall(client, "/" + method, request.make(target_));
          EXPECT_EQ(answer.reason(), reason) << method << " by role " << static_cast<int>(role);
          EXPECT_EQ(answer.code(), grpc::StatusCode::UNAUTHENTICATED) << method;
        }
        EXPECT_EQ(AuditLines() - before, static_cast<int64_t>(MethodRequests().size()));
      }
    }
  }
}

// What Bound::kFiltered stands for.
TEST_F(RolesTest, ListsLeaveOutWhatIsOutside) {
  const auto organisations = [this](const char* where) {
    const Client client = Of(CallerAt(where, Role::kAuditor));
    std::set<std::string> ids;
    const auto listed = client.Call(*client.activities,
                                    &v1::ActivityService::Stub::ListOrganisations,
                                    v1::ListOrganisationsRequest());
    for (const auto& one : listed.response.organisations()) {
      ids.insert(one.organisation_id());
    }
    return ids;
  };
  EXPECT_EQ(organisations("village"), (std::set<std::string>{"hamlet", "village"}));
  EXPECT_EQ(organisations("elsewhere"), std::set<std::string>{"elsewhere"});

  const auto volunteers = [this](const char* where) {
    const Client client = Of(CallerAt(where, Role::kDesk));
    return client
        .Call(*client.enrolment, &v1::EnrolmentService::Stub::ListVolunteers,
              v1::ListVolunteersRequest())
        .response.volunteers_size();
  };
  EXPECT_EQ(volunteers("county"), 2);
  EXPECT_EQ(volunteers("hamlet"), 0);
  EXPECT_EQ(volunteers("elsewhere"), 0);

  const auto identities = [this](const char* where, Role role) {
    const Client client = Of(CallerAt(where, role));
    v1::ListIdentitiesRequest request;
    request.set_page_size(1000);
    std::set<std::string> of;
    const auto listed =
        client.Call(*client.identities, &v1::IdentityService::Stub::ListIdentities, request);
    for (const auto& one : listed.response.identities()) {
      of.insert(one.organisation_id());
    }
    return of;
  };
  EXPECT_EQ(identities("elsewhere", Role::kAuditor), std::set<std::string>{"elsewhere"});
  EXPECT_EQ(identities("village", Role::kAuditor), (std::set<std::string>{"hamlet", "village"}));
  EXPECT_EQ(identities("village", Role::kAdministrator),
            (std::set<std::string>{"county", "elsewhere", "hamlet", "home", "village"}));
}

// A roster shows names, and an enrolment replaces a face: neither is a way to another
// organisation's volunteers.
TEST_F(RolesTest, NobodyGetsAtVolunteersOfOthersByARosterOrAnEnrolment) {
  const Client organiser = Of(CallerAt("elsewhere", Role::kOrganiser));
  const Client desk = Of(CallerAt("elsewhere", Role::kDesk));
  MakeActivityAt(organiser, "b");
  EXPECT_EQ(organiser.AddToRoster("b", {"v-1"}).reason(), "NO_SUCH_VOLUNTEER");
  EXPECT_EQ(organiser.Attest("b", "v-1").reason(), "NO_SUCH_VOLUNTEER");
  v1::AttestPresenceRequest walk_in;
  *walk_in.mutable_session() = SessionOf("b");
  walk_in.set_volunteer_id("v-1");
  walk_in.set_reason("seen at the door");
  walk_in.set_walk_in(true);
  EXPECT_EQ(organiser.Call(*organiser.check_in, &v1::CheckInService::Stub::AttestPresence, walk_in)
                .reason(),
            "NO_SUCH_VOLUNTEER");
  // The right name and a wrong one are answered alike.
  const auto right =
      desk.Enrol(EnrolRequest("v-1", "Name of v-1", {Picture(9, 101), Picture(9, 102)}));
  const auto wrong = desk.Enrol(EnrolRequest("v-1", "Another name"));
  EXPECT_EQ(right.reason(), "VOLUNTEER_EXISTS");
  EXPECT_EQ(right.status.error_message(), wrong.status.error_message());
  // Who stands above both may put her there.
  v1::AddRosterEntriesRequest request;
  *request.mutable_session() = SessionOf("a");
  request.mutable_session()->set_organisation_id("village");
  request.add_entries()->set_volunteer_id("v-1");
  const Client county = Of(CallerAt("county", Role::kOrganiser));
  EXPECT_TRUE(
      county.Call(*county.activities, &v1::ActivityService::Stub::AddRosterEntries, request).ok());
}

TEST_F(RolesTest, AKioskWorksInOpenSessionsOnly) {
  const domain::Caller kiosk = CallerAt("village", Role::kKiosk);
  const Client door = Of(kiosk);
  const Client desk = Of(CallerAt("village", Role::kDesk));
  const auto reason = [this](const Client& client, const char* method) {
    const std::string name = std::string("rollcall.v1.CheckInService/") + method;
    return RawCall(client, "/" + name, MethodRequests().at(name).make(target_)).reason();
  };
  for (const char* method : {"StreamIdentify", "CheckIn", "VerifyPin"}) {
    for (const auto& [hour, open] :
         {std::pair(3, false), std::pair(10, true), std::pair(23, false)}) {
      clock_.SetNow(At(hour, 0));
      target_.now_seconds = base::ToUnixMicros(clock_.Now()) / 1'000'000;
      EXPECT_EQ(reason(door, method) == "SESSION_NOT_OPEN", !open) << method << " at " << hour;
      EXPECT_NE(reason(desk, method), "SESSION_NOT_OPEN") << method << " at " << hour;
    }
  }
}

// A call that its role allows and that is denied for what it asks for leaves its line too, be it
// one that reads.
TEST_F(RolesTest, WhatIsDeniedByTheScopeIsAuditedToo) {
  for (const Role role : kRoles) {
    const domain::Caller caller = CallerAt("elsewhere", role);
    const Client client = Of(caller);
    for (const auto& [method, request] : MethodRequests()) {
      if (Expected(caller, method, request) != "OUTSIDE_ORGANISATION") continue;
      const int64_t before = AuditLines();
      EXPECT_EQ(RawCall(client, "/" + method, request.make(target_)).reason(),
                "OUTSIDE_ORGANISATION");
      EXPECT_EQ(AuditLines() - before, rules_.Find(method)->writes ? 2 : 1) << method;
    }
  }
}

}  // namespace
}  // namespace rollcall::testing
