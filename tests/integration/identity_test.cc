// Who may connect, and as what: the service behind mutual TLS.
#include <grpc/grpc_security_constants.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "certificates/authority.h"
#include "certificates/bundle.h"
#include "certificates/private_key.h"
#include "integration/secure_service_test.h"
#include "rpc/access_table.h"
#include "server/site_authority.h"

namespace rollcall::testing {
namespace {

using certificates::Authority;
using certificates::Bundle;
using certificates::PrivateKey;
using std::chrono::hours;

class IdentityTest : public SecureServiceTest {};

TEST_F(IdentityTest, WhoHasNoCertificateOfThisSiteReachesNoMethod) {
  const base::Time now = machine_clock_.Now();
  const Authority foreign = Must(Authority::Create("Rollcall site authority", now, hours(24)));
  std::map<std::string, std::shared_ptr<grpc::ChannelCredentials>> strangers;
  strangers["plain text"] = grpc::InsecureChannelCredentials();
  const auto with = [&](const Bundle& bundle) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = authority_->certificate_pem();
    options.pem_private_key = bundle.key_pem;
    options.pem_cert_chain = bundle.certificate_pem;
    return grpc::SslCredentials(options);
  };
  strangers["no certificate"] = with({});
  strangers["another authority of the same name"] = with(Forged(foreign, now, hours(1)));
  strangers["expired"] = with(Forged(*authority_, now - hours(99), hours(24)));
  strangers["not yet valid"] = with(Forged(*authority_, now + hours(24), hours(24)));
  strangers["the authority's own"] =
      with({authority_->key_pem(), authority_->certificate_pem(), ""});
  for (const auto& [who, credentials] : strangers) {
    const Client stranger(server_->address(), credentials);
    for (const std::string& method : Methods()) {
      const auto answer = RawCall(stranger, method, "");
      EXPECT_FALSE(answer.ok()) << who << " " << method;
      EXPECT_TRUE(answer.reason().empty() || answer.code() == grpc::StatusCode::UNAUTHENTICATED)
          << who << " " << method << ": " << answer.reason();
    }
  }
}

TEST_F(IdentityTest, ACertificateThatWasNeverRecordedIsNobodys) {
  const Client forger = As(Forged(*authority_, machine_clock_.Now(), hours(1)));
  for (const std::string& method : Methods()) {
    const auto answer = RawCall(forger, method, "");
    EXPECT_EQ(answer.code(), grpc::StatusCode::UNAUTHENTICATED) << method;
    EXPECT_EQ(answer.reason(), "UNKNOWN_CERTIFICATE") << method;
  }
}

TEST_F(IdentityTest, EveryRoleReachesItsMethodsAndNoOther) {
  const auto rules = rpc::ReadAccessRules();
  ASSERT_TRUE(rules.ok());
  for (const v1::Role role : {v1::KIOSK, v1::DESK, v1::ORGANISER, v1::APPROVER, v1::AUDITOR,
                              v1::ADMINISTRATOR}) {
    const Client client = As(Identity("who-" + std::to_string(role), role));
    domain::Caller caller;
    caller.role = static_cast<domain::Role>(role);
    for (const std::string& method : Methods()) {
      const bool allowed = rules->Authorise(caller, method.substr(1)).ok();
      // An empty request: refused as such at most, and that only by who may call.
      const auto answer = RawCall(client, method, "");
      EXPECT_EQ(answer.reason() == "ROLE_NOT_ALLOWED", !allowed)
          << v1::Role_Name(role) << " " << method << " " << answer.reason();
      EXPECT_NE(answer.code(), grpc::StatusCode::UNAUTHENTICATED) << method;
    }
  }
}

TEST_F(IdentityTest, ARevokedIdentityIsRefusedAtItsNextCallAndItsStreamEnds) {
  const Bundle bundle = Identity("door-1", v1::KIOSK);
  const Client kiosk = As(bundle);
  const Client organiser = As(Identity("olga", v1::ORGANISER));
  MakeActivityAt(organiser, "a");
  KioskStream stream(kiosk);
  stream.SendConfig("a", v1::CAMERA, "");
  ASSERT_TRUE(stream.Read()->has_opened());

  ASSERT_TRUE(Revoke("door-1").ok());
  const grpc::Status ended = stream.End();
  EXPECT_EQ(ended.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(ended), "IDENTITY_REVOKED");
  for (const std::string& method : Methods()) {
    EXPECT_EQ(RawCall(kiosk, method, "").reason(), "IDENTITY_REVOKED") << method;
  }
  // For ever, and after a restart too.
  Start();
  EXPECT_EQ(As(bundle).Info().reason(), "IDENTITY_REVOKED");
  EXPECT_TRUE(As(administrator_).Info().ok());
}

TEST_F(IdentityTest, TheLastAdministratorStays) {
  EXPECT_EQ(ReasonOf(Revoke("administrator")), "LAST_ADMINISTRATOR");
  Identity("ada", v1::ADMINISTRATOR);
  EXPECT_TRUE(Revoke("administrator").ok());
}

TEST_F(IdentityTest, AnOrganisationIsClosedToTheOthersAndOpenToWhatStandsAboveIt) {
  MakeOrganisation("county");
  MakeOrganisation("village", "county");
  MakeOrganisation("elsewhere");
  const Client village = As(Identity("vera", v1::ORGANISER, "village"));
  const Client county = As(Identity("carl", v1::ORGANISER, "county"));
  const Client elsewhere = As(Identity("elsa", v1::ORGANISER, "elsewhere"));
  const Client desk = As(Identity("dora", v1::DESK, "village"));
  const Client other_desk = As(Identity("otto", v1::DESK, "elsewhere"));

  // Without naming one, the caller's own is meant.
  MakeActivityAt(village, "a");
  EXPECT_TRUE(ListActivities(village, "village").ok());
  EXPECT_TRUE(ListActivities(county, "village").ok());
  for (const char* organisation : {"village", "county", "home", "no-such"}) {
    EXPECT_EQ(ReasonOf(ListActivities(elsewhere, organisation)), "OUTSIDE_ORGANISATION")
        << organisation;
  }
  EXPECT_EQ(ReasonOf(ListActivities(village, "county")), "OUTSIDE_ORGANISATION");

  ASSERT_TRUE(desk.Enrol(EnrolRequest("v-1", "Name of v-1")).ok());
  v1::GetVolunteerRequest who;
  who.set_volunteer_id("v-1");
  EXPECT_TRUE(desk.Call(*desk.enrolment, &v1::EnrolmentService::Stub::GetVolunteer, who).ok());
  const auto hidden =
      other_desk.Call(*other_desk.enrolment, &v1::EnrolmentService::Stub::GetVolunteer, who);
  who.set_volunteer_id("nobody");
  const auto nobody =
      other_desk.Call(*other_desk.enrolment, &v1::EnrolmentService::Stub::GetVolunteer, who);
  EXPECT_EQ(hidden.reason(), "NO_SUCH_VOLUNTEER");
  EXPECT_EQ(hidden.status.error_message(), nobody.status.error_message());
}

TEST_F(IdentityTest, AKioskIsWhatItsCertificateSays) {
  const Client organiser = As(Identity("olga", v1::ORGANISER));
  const Client desk = As(Identity("dora", v1::DESK));
  const Bundle bundle = Identity("door-1", v1::KIOSK);
  const Client here = As(bundle);
  const Client there = As(Identity("door-2", v1::KIOSK));
  MakeActivityAt(organiser, "a");
  ASSERT_TRUE(desk.Enrol(EnrolRequest("v-1", "Name of v-1",
                                      {Picture(1, 101), Picture(1, 102), Picture(1, 103)}))
                  .ok());
  ASSERT_TRUE(organiser.AddToRoster("a", {"v-1"}).ok());

  v1::CheckInRequest request = CheckInRequest(1);
  request.set_kiosk_id("door-2");
  const auto pretended = here.Call(*here.check_in, &v1::CheckInService::Stub::CheckIn, request);
  EXPECT_EQ(pretended.reason(), "KIOSK_MISMATCH");

  // A token is spent where it was made.
  const auto stream = OpenCamera(here, bundle, "a");
  ASSERT_NE(stream, nullptr);
  std::string token;
  for (int i = 1; i <= 3; ++i) {
    v1::Frame frame = Frame(i, Picture(1, i));
    frame.set_ends_visit(i == 3);
    stream->SendFrame(frame);
    const auto reply = stream->Read();
    ASSERT_TRUE(reply && reply->has_decision());
    token = reply->decision().token();
    clock_.Advance(std::chrono::milliseconds(500));
  }
  ASSERT_FALSE(token.empty());
  EXPECT_EQ(there.Record(token, v1::IN, NewRequestId()).reason(), "KIOSK_MISMATCH");
  const auto recorded = here.Record(token, v1::IN, NewRequestId());
  ASSERT_TRUE(recorded.ok()) << recorded.reason();
  EXPECT_EQ(recorded.response.decision(), v1::CHECKED_IN);

  // So is an event taken back.
  v1::UndoAttendanceRequest undo;
  undo.set_request_id(NewRequestId());
  undo.set_event_id(recorded.response.receipt().event_id());
  EXPECT_EQ(
      there.Call(*there.check_in, &v1::CheckInService::Stub::UndoAttendance, undo).reason(),
      "KIOSK_MISMATCH");
  EXPECT_TRUE(here.Call(*here.check_in, &v1::CheckInService::Stub::UndoAttendance, undo).ok());
}

TEST_F(IdentityTest, EverybodyRenewsHerOwnCertificateOnly) {
  const Bundle before = Identity("dora", v1::DESK);
  Identity("otto", v1::DESK);
  const Client dora = As(before);
  const PrivateKey key = Must(PrivateKey::Generate());
  v1::RenewCertificateRequest request;
  request.set_certificate_request(Must(certificates::MakeRequest(key)));
  const auto renew = [&] {
    return dora.Call(*dora.identities, &v1::IdentityService::Stub::RenewCertificate, request);
  };
  const auto renewed = renew();
  ASSERT_TRUE(renewed.ok()) << renewed.reason();
  EXPECT_TRUE(
      As({key.ToPem(), renewed.response.certificate(), renewed.response.authority()}).Info().ok());
  EXPECT_TRUE(dora.Info().ok()) << "the one before stays good";
  request.set_identity_id("otto");
  EXPECT_EQ(renew().reason(), "NOT_YOURS");
}

TEST_F(IdentityTest, WhatIsAskedForBadlyMakesNobody) {
  const Client administrator = Administrator();
  const auto create = [&](const v1::CreateIdentityRequest& request) {
    return administrator
        .Call(*administrator.identities, &v1::IdentityService::Stub::CreateIdentity, request)
        .reason();
  };
  v1::CreateIdentityRequest good;
  good.mutable_identity()->set_identity_id("dora");
  good.mutable_identity()->set_role(v1::DESK);
  good.set_certificate_request(Must(certificates::MakeRequest(Must(PrivateKey::Generate()))));
  v1::CreateIdentityRequest bad = good;
  bad.set_certificate_request("-----BEGIN CERTIFICATE REQUEST-----\nnone\n");
  EXPECT_EQ(create(bad), "BAD_REQUEST");
  bad = good;
  bad.set_lifetime_days(826);
  EXPECT_EQ(create(bad), "BAD_LIFETIME");
  bad.set_lifetime_days(-1);
  EXPECT_EQ(create(bad), "BAD_LIFETIME");
  bad = good;
  bad.mutable_identity()->set_role(v1::KIOSK);
  EXPECT_EQ(create(bad), "BAD_VALUE") << "a kiosk without a site";
  bad = good;
  bad.mutable_identity()->set_site_id("hall");
  EXPECT_EQ(create(bad), "BAD_VALUE") << "a person with a site";
  bad = good;
  bad.mutable_identity()->set_organisation_id("no-such");
  EXPECT_EQ(create(bad), "NO_SUCH_ORGANISATION");
  for (const char* id : {"", "a b", "local"}) {
    bad = good;
    bad.mutable_identity()->set_identity_id(id);
    EXPECT_EQ(create(bad), "BAD_ID") << id;
  }
  EXPECT_EQ(create(good), "");
  EXPECT_EQ(create(good), "IDENTITY_EXISTS");
}

TEST_F(IdentityTest, TheServersCertificateChangesWhileItServes) {
  const Client open = Administrator();
  const auto certificate_of = [](const Client& client) -> std::string {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    v1::GetServerInfoResponse response;
    const grpc::Status status =
        client.admin->GetServerInfo(&context, v1::GetServerInfoRequest(), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    const auto pem = context.auth_context()->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
    return pem.empty() ? "" : std::string(pem[0].data(), pem[0].size());
  };
  const std::string before = certificate_of(open);
  ASSERT_FALSE(before.empty());
  ASSERT_TRUE(server::RenewServerCertificate(Options().data, machine_clock_).ok());
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::string now = before;
  while (now == before && std::chrono::steady_clock::now() < deadline) {
    now = certificate_of(Administrator());
  }
  EXPECT_NE(now, before);
  EXPECT_EQ(certificate_of(open), before) << "an open connection goes on";
}

}  // namespace
}  // namespace rollcall::testing
