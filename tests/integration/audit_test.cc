// The audit trail of calls: where it cannot be written nothing is changed, and nothing switches it
// off.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "certificates/private_key.h"
#include "integration/method_requests.h"
#include "integration/secure_service_test.h"
#include "rpc/access_table.h"
#include "server/config.h"

namespace rollcall::testing {
namespace {

namespace fs = std::filesystem;
using domain::Role;

class AuditTest : public SecureServiceTest {
 protected:
  void SetUp() override {
    SecureServiceTest::SetUp();
    clients_[Role::kAdministrator].reset(new Client(Administrator()));
    for (const v1::Role role : {v1::KIOSK, v1::DESK, v1::ORGANISER, v1::APPROVER}) {
      clients_[static_cast<Role>(role)].reset(
          new Client(As(Identity("who-" + std::to_string(role), role))));
    }
    Identity("spare", v1::DESK);
    const Client& organiser = *clients_.at(Role::kOrganiser);
    const Client& desk = *clients_.at(Role::kDesk);
    MakeActivityAt(organiser, "a");
    MakeActivityAt(organiser, "closing");
    ASSERT_TRUE(desk.Enrol(EnrolRequest("v-1", "Name of v-1",
                                        {Picture(1, 101), Picture(1, 102), Picture(1, 103)}))
                    .ok());
    ASSERT_TRUE(desk.Enrol(EnrolRequest("v-2", "Name of v-2")).ok());
    ASSERT_TRUE(organiser.AddToRoster("a", {"v-1", "v-2"}).ok());
    target_ = {.organisation = "home",
               .activity = "a",
               .closing = "closing",
               .volunteer = "v-1",
               .other_volunteer = "v-2",
               .photo = Picture(1),
               .token = organiser.Attest("a", "v-1").response.token(),
               .spare_identity = "spare",
               .certificate_request =
                   Must(certificates::MakeRequest(Must(certificates::PrivateKey::Generate()))),
               .now_seconds = base::ToUnixMicros(clock_.Now()) / 1'000'000};
  }

  fs::path trail() { return Options().data / "audit/calls.jsonl"; }
  // As nobody but an attacker or a broken disk would: what has the name is no file.
  void TakeTheTrailAway() {
    fs::remove(trail());
    fs::create_directory(trail());
  }
  // All bytes that are kept of people, hours, templates and identities.
  std::map<std::string, std::string> Stored() {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(Options().data)) {
      const std::string name = entry.path().lexically_relative(Options().data);
      if (!entry.is_regular_file() || name.starts_with("audit/")) continue;
      files[name] = support::ReadFile(entry.path());
    }
    return files;
  }
  // A client that may call it; null: nobody of ours.
  const Client* WhoMayCall(const std::string& method) const {
    for (const Role role : rules_.Find(method)->roles) {
      const auto found = clients_.find(role);
      if (found != clients_.end()) return found->second.get();
    }
    return nullptr;
  }

  const access::Rules rules_ = Must(rpc::ReadAccessRules());
  std::map<Role, std::unique_ptr<Client>> clients_;
  Target target_;
};

TEST_F(AuditTest, WhatCannotBeAuditedIsNotDoneWhateverTheMethod) {
  TakeTheTrailAway();
  const auto before = Stored();
  int writing = 0;
  for (const auto& [method, request] : MethodRequests()) {
    if (!rules_.Find(method)->writes) continue;
    ++writing;
    const Client* client = WhoMayCall(method);
    ASSERT_NE(client, nullptr) << method;
    const auto answer = RawCall(*client, "/" + method, request.make(target_));
    EXPECT_EQ(answer.code(), grpc::StatusCode::UNAVAILABLE) << method;
    EXPECT_EQ(answer.reason(), "AUDIT_NOT_WRITABLE") << method;
    for (const auto& [file, content] : Stored()) {
      EXPECT_TRUE(before.contains(file) && before.at(file) == content)
          << method << " has changed " << file;
    }
  }
  EXPECT_GE(writing, 19);
  EXPECT_TRUE(Administrator().Info().ok()) << "what only reads goes on";

  // The same requests are carried out, and noted, once the trail can be written again.
  fs::remove(trail());
  for (const auto& [method, request] : MethodRequests()) {
    if (!rules_.Find(method)->writes) continue;
    const int64_t lines = fs::exists(trail()) ? AuditLines() : 0;
    const auto answer = RawCall(*WhoMayCall(method), "/" + method, request.make(target_));
    EXPECT_NE(answer.reason(), "AUDIT_NOT_WRITABLE") << method;
    EXPECT_NE(answer.code(), grpc::StatusCode::INVALID_ARGUMENT) << method << answer.reason();
    EXPECT_EQ(AuditLines() - lines, 2) << method;
  }
  EXPECT_NE(Stored(), before);
}

// Deleting the file loses what was in it, which the log says, and nothing that comes after.
TEST_F(AuditTest, ADeletedTrailBeginsAgain) {
  fs::remove(trail());
  EXPECT_EQ(ReasonOf(ListActivities(*clients_.at(Role::kDesk), "elsewhere")),
            "OUTSIDE_ORGANISATION");
  EXPECT_EQ(AuditLines(), 1);
}

TEST_F(AuditTest, NoSettingSwitchesItOff) {
  for (const std::string& setting : server::KnownSettings()) {
    EXPECT_EQ(setting.find("audit"), std::string::npos) << setting;
    EXPECT_EQ(setting.find("trail"), std::string::npos) << setting;
  }
  for (const char* text : {"audit = false", "[audit]\nenabled = false", "[log]\naudit = \"off\""}) {
    EXPECT_FALSE(server::ParseConfig(text, "x.toml").ok()) << text;
  }
}

}  // namespace
}  // namespace rollcall::testing
