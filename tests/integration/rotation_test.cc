// What changes while the service serves: its own certificate, and who is admitted.
#include <grpc/grpc_security_constants.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "certificates/private_key.h"
#include "integration/secure_service_test.h"
#include "server/site_authority.h"

namespace rollcall::testing {
namespace {

class RotationTest : public SecureServiceTest {
 protected:
  // Volunteers "v-0", "v-1", ... on the roster of "a".
  void MakeVolunteers(const Client& organiser, const Client& desk, int count) {
    MakeActivityAt(organiser, "a");
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) {
      ids.push_back(Numbered("v-", i));
      ASSERT_TRUE(desk.Enrol(EnrolRequest(ids.back(), "Name of " + ids.back())).ok());
    }
    ASSERT_TRUE(organiser.AddToRoster("a", ids).ok());
  }
};

// ROLLCALL_ROTATIONS: how often; tests/run --all takes 1,000.
TEST_F(RotationTest, NoPunchFailsWhileTheServersCertificateChanges) {
  const char* wanted = std::getenv("ROLLCALL_ROTATIONS");
  const int rotations = wanted != nullptr ? std::atoi(wanted) : 50;
  ASSERT_GT(rotations, 0);
  const certificates::Bundle organiser = Identity("olga", v1::ORGANISER);
  MakeVolunteers(As(organiser), As(Identity("dora", v1::DESK)), rotations);

  // One connection that stays, for as long as the others come and go.
  const Client open = As(organiser);
  std::atomic<bool> over = false;
  std::atomic<int> reads = 0;
  std::thread reader([&] {
    while (!over) {
      EXPECT_TRUE(open.Info().ok());
      ++reads;
    }
  });
  std::set<std::string> seen;
  int failed = 0;
  for (int i = 0; i < rotations; ++i) {
    const auto renewed = server::RenewServerCertificate(Options().data, machine_clock_);
    EXPECT_TRUE(renewed.ok()) << renewed.status();
    // A kiosk that connects anew for each punch.
    const Client punching = As(organiser);
    const auto attested = punching.Attest("a", Numbered("v-", i));
    const auto recorded = punching.Record(attested.response.token(), v1::IN, NewRequestId());
    if (!attested.ok() || recorded.response.decision() != v1::CHECKED_IN) {
      ++failed;
      ADD_FAILURE() << "rotation " << i << ": " << attested.status.error_message() << ", "
                    << recorded.status.error_message();
    }
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    v1::GetServerInfoResponse info;
    EXPECT_TRUE(punching.admin->GetServerInfo(&context, {}, &info).ok());
    const auto pem = context.auth_context()->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
    if (!pem.empty()) seen.insert(std::string(pem[0].data(), pem[0].size()));
  }
  over = true;
  reader.join();
  EXPECT_EQ(failed, 0);
  EXPECT_GE(seen.size(), 2u) << "the new certificates were not taken";
  std::printf("%d rotations, %d punches, %d failed, %zu certificates served, %d calls beside\n",
              rotations, rotations, failed, seen.size(), reads.load());
  EXPECT_EQ(open.Verify().response.events(), rotations);
}

// Two files that change can be read, or left by a crash, between the one and the other.
TEST_F(RotationTest, ARenewalChangesTheCertificateAndNotTheKey) {
  const auto keys = Options().data / "keys";
  const std::string key = support::ReadFile(keys / "server.key");
  const std::string certificate = support::ReadFile(keys / "server.crt");
  ASSERT_TRUE(server::RenewServerCertificate(Options().data, machine_clock_).ok());
  EXPECT_EQ(support::ReadFile(keys / "server.key"), key);
  EXPECT_NE(support::ReadFile(keys / "server.crt"), certificate);
  for (const char* lost : {"no key any more", ""}) {
    support::WriteFile(keys / "server.key", lost);
    ASSERT_TRUE(server::RenewServerCertificate(Options().data, machine_clock_).ok());
    EXPECT_NE(support::ReadFile(keys / "server.key"), key);
    EXPECT_TRUE(certificates::PrivateKey::FromPem(support::ReadFile(keys / "server.key")).ok());
  }
  Stop();
  Start();
  EXPECT_TRUE(Administrator().Info().ok()) << "certificate and key belong together";
}

// Kiosks that stream and call without a pause; half of them are revoked meanwhile.
TEST_F(RotationTest, ARevocationUnderLoadCutsOffThatKioskAndNoOther) {
  const Client organiser = As(Identity("olga", v1::ORGANISER));
  MakeActivityAt(organiser, "a");
  constexpr int kKiosks = 6;
  struct Kiosk {
    Kiosk(const std::string& name, const std::function<Client()>& connect)
        : id(name), client(connect()), stream(client) {}
    std::string id;
    Client client;
    KioskStream stream;
    std::thread calls;
    std::atomic<bool> over = false;
    std::atomic<int> good = 0;
    grpc::Status last;
  };
  std::vector<std::unique_ptr<Kiosk>> kiosks;
  for (int i = 0; i < kKiosks; ++i) {
    const std::string id = Numbered("door-", i);
    Kiosk& kiosk = *kiosks.emplace_back(
        std::make_unique<Kiosk>(id, [&] { return As(Identity(id, v1::KIOSK)); }));
    kiosk.stream.SendConfig("a", v1::CAMERA, "");
    ASSERT_TRUE(kiosk.stream.Read()->has_opened());
    kiosk.calls = std::thread([&kiosk] {
      while (!kiosk.over && (kiosk.last = ListActivities(kiosk.client, "")).ok()) ++kiosk.good;
    });
  }
  for (int i = 0; i < kKiosks; i += 2) EXPECT_TRUE(Revoke(kiosks[i]->id).ok());
  for (int i = 0; i < kKiosks; ++i) {
    Kiosk& kiosk = *kiosks[i];
    if (i % 2 == 0) {
      EXPECT_EQ(ReasonOf(kiosk.stream.End()), "IDENTITY_REVOKED") << kiosk.id;
      kiosk.calls.join();  // ends by itself: it calls until it is refused
      EXPECT_EQ(ReasonOf(kiosk.last), "IDENTITY_REVOKED") << kiosk.id;
    } else {
      v1::StreamIdentifyRequest frame;
      *frame.mutable_frame() = Frame(1, Picture(3));
      EXPECT_TRUE(kiosk.stream.Send(frame));
      EXPECT_TRUE(kiosk.stream.Read().has_value()) << kiosk.id << ": its stream goes on";
      const int before = kiosk.good;
      EXPECT_TRUE(ListActivities(kiosk.client, "").ok());
      kiosk.over = true;
      kiosk.calls.join();
      EXPECT_TRUE(kiosk.last.ok()) << kiosk.id << " after " << before << " calls";
      kiosk.stream.HalfClose();
      EXPECT_TRUE(kiosk.stream.End().ok());
    }
  }
}

// The authority's key may lie elsewhere: whoever has a certificate works on, and nobody gets a new
// one.
TEST_F(RotationTest, WithoutTheAuthoritysKeyItServesAndIssuesNothing) {
  const certificates::Bundle desk = Identity("dora", v1::DESK);
  Stop();
  std::string log;
  base::log::CaptureForTest([&](const std::string& line) { log += line; });
  std::filesystem::remove(Options().data / "keys/authority.key");
  Start();
  base::log::CaptureForTest([](const std::string&) {});
  EXPECT_NE(log.find("authority_key_absent"), std::string::npos);
  EXPECT_TRUE(As(desk).Info().ok());
  v1::RenewCertificateRequest request;
  request.set_certificate_request("x");
  const Client client = As(desk);
  EXPECT_EQ(client.Call(*client.identities, &v1::IdentityService::Stub::RenewCertificate, request)
                .reason(),
            "NO_AUTHORITY");
}

// As where nobody has looked for a year.
TEST_F(RotationTest, ACertificateThatIsAboutToEndIsRenewedAtTheStart) {
  Stop();
  const auto key = Must(certificates::PrivateKey::Generate());
  const std::string names[] = {"localhost", "127.0.0.1"};
  const auto keys = Options().data / "keys";
  support::WriteFile(keys / "server.crt", Must(authority_->IssueServer(
                                              Must(certificates::MakeRequest(key)), names,
                                              machine_clock_.Now(), std::chrono::hours(24 * 30))));
  support::WriteFile(keys / "server.key", key.ToPem());
  Start();
  EXPECT_GT(*server::ServerCertificateEnds(Options().data),
            machine_clock_.Now() + std::chrono::hours(24 * 397));
  EXPECT_TRUE(Administrator().Info().ok());
}

}  // namespace
}  // namespace rollcall::testing
