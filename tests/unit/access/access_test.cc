#include <gtest/gtest.h>
#include <sys/stat.h>

#include "access/call_audit.h"
#include "access/pin_hash.h"
#include "access/rules.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::access {
namespace {

using domain::Role;
using support::HasReason;
using support::IsOk;
using support::StatusIs;

domain::Caller CallerWith(Role role) {
  domain::Caller caller;
  caller.identity = "somebody";
  caller.role = role;
  return caller;
}

Rules Example() {
  auto rules = Rules::Create({{"x.Service/Read", {{Role::kDesk, Role::kAuditor}, false}},
                              {"x.Service/Write", {{Role::kDesk}, true}}});
  EXPECT_THAT(rules, IsOk());
  return *std::move(rules);
}

TEST(RulesTest, OnlyTheNamedRolesMayCall) {
  const Rules rules = Example();
  EXPECT_THAT(rules.Authorise(CallerWith(Role::kDesk), "x.Service/Write"), IsOk());
  EXPECT_THAT(rules.Authorise(CallerWith(Role::kAuditor), "x.Service/Read"), IsOk());
  for (const Role role : {Role::kUnspecified, Role::kKiosk, Role::kOrganiser, Role::kApprover,
                          Role::kAuditor, Role::kAdministrator}) {
    const absl::Status denied = rules.Authorise(CallerWith(role), "x.Service/Write");
    EXPECT_THAT(denied, StatusIs(absl::StatusCode::kPermissionDenied));
    EXPECT_THAT(denied, HasReason("ROLE_NOT_ALLOWED"));
  }
}

TEST(RulesTest, AMethodWithoutARuleIsClosedToEverybody) {
  const Rules rules = Example();
  EXPECT_THAT(rules.Authorise(CallerWith(Role::kAdministrator), "x.Service/Other"),
              HasReason("NO_ACCESS_RULE"));
  const auto local = CallerFromPeer("unix:/run/rollcall.sock");
  ASSERT_THAT(local, IsOk());
  EXPECT_THAT(rules.Authorise(*local, "x.Service/Other"), HasReason("NO_ACCESS_RULE"));
  EXPECT_THAT(rules.Authorise(*local, "x.Service/Write"), IsOk());
}

TEST(RulesTest, ARuleThatNamesNobodyIsAnError) {
  EXPECT_THAT(Rules::Create({{"x.Service/Read", {{}, false}}}).status(),
              HasReason("BAD_ACCESS_RULE"));
  EXPECT_THAT(Rules::Create({{"x.Service/Read", {{Role::kUnspecified}, false}}}).status(),
              HasReason("BAD_ACCESS_RULE"));
}

TEST(RulesTest, FindSaysWhatWrites) {
  const Rules rules = Example();
  ASSERT_NE(rules.Find("x.Service/Write"), nullptr);
  EXPECT_TRUE(rules.Find("x.Service/Write")->writes);
  EXPECT_FALSE(rules.Find("x.Service/Read")->writes);
  EXPECT_EQ(rules.Find("x.Service/Other"), nullptr);
}

TEST(CallerFromPeerTest, TheMachineItselfIsTheLocalAdministrator) {
  for (const char* peer : {"ipv4:127.0.0.1:50123", "ipv4:127.8.9.1:1", "ipv6:[::1]:50123",
                           "ipv6:%5B::1%5D:50123", "ipv6:[::ffff:127.0.0.1]:9", "unix:",
                           "unix:/run/rollcall.sock", "unix-abstract:rollcall"}) {
    const auto caller = CallerFromPeer(peer);
    ASSERT_THAT(caller, IsOk()) << peer;
    EXPECT_TRUE(caller->local_administrator);
    EXPECT_EQ(caller->identity, "local");
    EXPECT_EQ(RoleName(*caller), "LOCAL_ADMINISTRATOR");
  }
}

TEST(CallerFromPeerTest, EverybodyElseIsDenied) {
  for (const char* peer :
       {"", "ipv4:", "ipv4:10.0.0.1:50123", "ipv4:127.example.org:1", "ipv4:128.0.0.1:1",
        "ipv4:1127.0.0.1:1", "ipv6:[fe80::1]:1", "ipv6:[::2]:1", "ipv6:::1", "ipv6:[::1",
        "ipv6:[::ffff:10.0.0.1]:9", "dns:localhost", "x-unix:"}) {
    EXPECT_THAT(CallerFromPeer(peer).status(), HasReason("PEER_NOT_LOCAL")) << peer;
  }
}

TEST(PinHashTest, SixToTwelveDigitsAreAPin) {
  EXPECT_THAT(ValidatePin("123456"), IsOk());
  EXPECT_THAT(ValidatePin("123456789012"), IsOk());
  for (const char* pin : {"", "12345", "1234567890123", "12345a", "12 456", "１２３４５６"}) {
    const absl::Status refused = ValidatePin(pin);
    EXPECT_THAT(refused, HasReason("BAD_PIN"));
    if (*pin == '\0') continue;  // found in every message
    EXPECT_EQ(base::Message(refused).find(pin), std::string::npos);
  }
}

TEST(PinHashTest, TheSamePinMatchesAndTheHashTellsNothing) {
  const auto first = HashPin("246810");
  const auto second = HashPin("246810");
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(*first, *second);  // salted
  EXPECT_EQ(first->find("246810"), std::string::npos);
  EXPECT_EQ(first->rfind("$argon2id$", 0), 0u);
  EXPECT_LE(first->size(), 256u);
  EXPECT_TRUE(PinMatches("246810", *first));
  EXPECT_FALSE(PinMatches("246811", *first));
  EXPECT_FALSE(PinMatches("246810", ""));
  EXPECT_FALSE(PinMatches("246810", "no hash at all"));
}

class CallAuditTest : public ::testing::Test {
 protected:
  support::TempDir folder_;
  base::ManualClock clock_{*base::ParseTime("2026-11-24T08:00:00Z")};
};

TEST_F(CallAuditTest, OneLinePerCallThatOnlyItsOwnerMayRead) {
  const auto path = folder_.path() / "audit" / "calls.jsonl";
  {
    const auto audit = OpenFileCallAudit(path, clock_);
    ASSERT_THAT(audit, IsOk());
    EXPECT_THAT((*audit)->Note("x.Service/Write", CallerWith(Role::kDesk), "OK"), IsOk());
    clock_.Advance(std::chrono::seconds(1));
    EXPECT_THAT((*audit)->Note("x.Service/Write", CallerWith(Role::kKiosk), "ROLE_NOT_ALLOWED"), IsOk());
  }
  // Opened again, it goes on where it was.
  const auto audit = OpenFileCallAudit(path, clock_);
  ASSERT_THAT(audit, IsOk());
  domain::Caller odd = CallerWith(Role::kDesk);
  odd.identity = "line\nbreak\xff";
  EXPECT_THAT((*audit)->Note("x.Service/Write", odd, "OK"), IsOk());
  EXPECT_EQ(support::ReadFile(path),
            "{\"time\":\"2026-11-24T08:00:00Z\",\"method\":\"x.Service/Write\","
            "\"identity\":\"somebody\",\"role\":\"DESK\",\"outcome\":\"OK\"}\n"
            "{\"time\":\"2026-11-24T08:00:01Z\",\"method\":\"x.Service/Write\","
            "\"identity\":\"somebody\",\"role\":\"KIOSK\",\"outcome\":\"ROLE_NOT_ALLOWED\"}\n"
            "{\"time\":\"2026-11-24T08:00:01Z\",\"method\":\"x.Service/Write\","
            "\"identity\":\"line\\nbreak\xEF\xBF\xBD\",\"role\":\"DESK\",\"outcome\":\"OK\"}\n");
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(CallAuditTest, AFullDiskIsAnError) {
  const auto audit = OpenFileCallAudit("/dev/full", clock_);
  ASSERT_THAT(audit, IsOk());
  const absl::Status noted = (*audit)->Note("x.Service/Write", CallerWith(Role::kDesk), "BEGUN");
  EXPECT_THAT(noted, HasReason("AUDIT_NOT_WRITABLE"));
  EXPECT_THAT(noted, StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(CallAuditTest, ADeletedFileIsMadeAgain) {
  const auto path = folder_.path() / "calls.jsonl";
  const auto audit = OpenFileCallAudit(path, clock_);
  ASSERT_THAT(audit, IsOk());
  std::filesystem::remove(path);
  EXPECT_THAT((*audit)->Note("x.Service/Write", CallerWith(Role::kDesk), "OK"), IsOk());
  EXPECT_NE(support::ReadFile(path).find("x.Service/Write"), std::string::npos);
  std::filesystem::remove(path);
  std::filesystem::create_directory(path);
  EXPECT_THAT((*audit)->Note("x.Service/Write", CallerWith(Role::kDesk), "OK"),
              HasReason("AUDIT_NOT_WRITABLE"));
  std::filesystem::remove(path);
  EXPECT_THAT((*audit)->Note("x.Service/Write", CallerWith(Role::kDesk), "OK"), IsOk());
}

TEST_F(CallAuditTest, AFileThatCannotBeMadeStopsTheStart) {
  EXPECT_THAT(OpenFileCallAudit(folder_.path() / "no" / "such" / "calls.jsonl", clock_).status(),
              HasReason("AUDIT_NOT_WRITABLE"));
  support::WriteFile(folder_.path() / "target", "");
  std::filesystem::create_symlink(folder_.path() / "target", folder_.path() / "calls.jsonl");
  EXPECT_THAT(OpenFileCallAudit(folder_.path() / "calls.jsonl", clock_).status(),
              HasReason("AUDIT_NOT_WRITABLE"));
}

}  // namespace
}  // namespace rollcall::access
