// A site as its operator sets it up: rollcalld init, certificates by the command line, TLS as an
// outsider sees it.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/environment.h"
#include "support/program.h"

namespace rollcall::testing {
namespace {

namespace fs = std::filesystem;
using support::Program;
using support::ProgramResult;
using support::RunProgram;

std::string Binary(const char* name) { return (support::BinaryDir() / "bin" / name).string(); }

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

class SiteTest : public ::testing::Test {
 protected:
  std::string data() const { return (folder_.path() / "site").string(); }
  std::string file(const char* name) const { return (folder_.path() / name).string(); }
  ProgramResult Init() const { return RunProgram({Binary("rollcalld"), "init", "--data", data()}); }
  std::vector<std::string> Serving(const std::string& listen) const {
    return {Binary("rollcalld"), "--data", data(), "--listen", listen};
  }
  // `rollcall` with somebody's certificate.
  ProgramResult Rollcall(const std::string& identity, const std::vector<std::string>& words) const {
    std::vector<std::string> all = {Binary("rollcall"), "--data", data(), "--identity", identity};
    all.insert(all.end(), words.begin(), words.end());
    return RunProgram(all);
  }
  std::string administrator() const { return data() + "/administrator.pem"; }

  support::TempDir folder_;
};

TEST_F(SiteTest, InitMakesAFolderThatIsReadyAndIsDoneOnce) {
  const auto made = Init();
  ASSERT_EQ(made.code, 0) << made.errors;
  EXPECT_TRUE(Contains(made.output, administrator())) << made.output;
  for (const char* secret : {"keys/authority.key", "keys/server.key", "keys/tokens.key",
                             "keys/templates.key", "administrator.pem"}) {
    const fs::path path = fs::path(data()) / secret;
    ASSERT_TRUE(fs::exists(path)) << secret;
    EXPECT_EQ(fs::status(path).permissions() & fs::perms(077), fs::perms::none) << secret;
  }
  const std::string authority = support::ReadFile(fs::path(data()) / "keys/authority.crt");
  const auto again = Init();
  EXPECT_EQ(again.code, 2);
  EXPECT_TRUE(Contains(again.errors, "rollcalld renew")) << again.errors;
  EXPECT_EQ(support::ReadFile(fs::path(data()) / "keys/authority.crt"), authority);
  const auto checked = RunProgram({Binary("rollcalld"), "--data", data(), "--check-config"});
  EXPECT_EQ(checked.code, 0) << checked.errors;
}

TEST_F(SiteTest, KiosksAndStaffAreMadeListedAndRevokedByTheCommandLine) {
  ASSERT_EQ(Init().code, 0);
  Program daemon(Serving("0.0.0.0:0"));
  ASSERT_TRUE(daemon.ReadLine().starts_with("0.0.0.0:")) << daemon.Errors();

  const auto kiosk = Rollcall(administrator(), {"kiosk", "add", "--id", "door-1", "--site", "hall",
                                                "--out", file("door-1.pem")});
  ASSERT_EQ(kiosk.code, 0) << kiosk.errors;
  const auto staff = Rollcall(administrator(), {"staff", "add", "--id", "olga", "--role",
                                                "organiser", "--out", file("olga.pem")});
  ASSERT_EQ(staff.code, 0) << staff.errors;
  EXPECT_EQ(Rollcall(file("olga.pem"), {"activity", "create", "--id", "a"}).code, 0);
  const auto refused = Rollcall(file("door-1.pem"), {"activity", "create", "--id", "b"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(Contains(refused.errors, "KIOSK")) << refused.errors;
  const auto nobody = RunProgram({Binary("rollcall"), "--data", data(), "activity", "list"});
  EXPECT_EQ(nobody.code, 1);

  EXPECT_EQ(Rollcall(administrator(), {"kiosk", "revoke", "door-1"}).code, 0);
  const auto listed = Rollcall(administrator(), {"kiosk", "list", "--json"});
  ASSERT_EQ(listed.code, 0) << listed.errors;
  const auto identities = nlohmann::json::parse(listed.output)["identities"];
  ASSERT_EQ(identities.size(), 1u);
  EXPECT_EQ(identities[0]["identity_id"], "door-1");
  EXPECT_EQ(identities[0]["revoked_by"], "administrator");
  const auto gone = Rollcall(file("door-1.pem"), {"session", "list", "--activity", "a"});
  EXPECT_EQ(gone.code, 1);
  EXPECT_TRUE(Contains(gone.errors, "revoked")) << gone.errors;
}

TEST_F(SiteTest, OnlyTls13IsSpoken) {
  ASSERT_EQ(Init().code, 0);
  Program daemon(Serving("127.0.0.1:0"));
  const std::string address = daemon.ReadLine();
  ASSERT_FALSE(address.empty()) << daemon.Errors();
  const auto handshake = [&](const char* version) {
    return RunProgram({"/usr/bin/openssl", "s_client", "-connect", address, version, "-alpn", "h2",
                       "-CAfile", data() + "/keys/authority.crt", "-verify_return_error", "-cert",
                       administrator(), "-key", administrator()});
  };
  EXPECT_NE(handshake("-tls1_2").code, 0);
  EXPECT_NE(handshake("-tls1_1").code, 0);
  const auto right = handshake("-tls1_3");
  EXPECT_EQ(right.code, 0) << right.errors;
  EXPECT_TRUE(Contains(right.output, "TLSv1.3")) << right.output;
}

TEST_F(SiteTest, AnRsaServerCertificateIsRefusedAtTheStartAndRenewRepairsIt) {
  ASSERT_EQ(Init().code, 0);
  const std::string key = data() + "/keys/server.key";
  const std::string certificate = data() + "/keys/server.crt";
  ASSERT_EQ(RunProgram({"/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                        "-keyout", key, "-out", certificate, "-subj", "/CN=x", "-addext",
                        "subjectAltName=DNS:localhost", "-addext", "extendedKeyUsage=serverAuth"})
                .code,
            0);
  const auto refused = RunProgram(Serving("127.0.0.1:0"));
  EXPECT_EQ(refused.code, 5);
  EXPECT_TRUE(Contains(refused.errors, "P-256")) << refused.errors;
  EXPECT_TRUE(Contains(refused.errors, "rollcalld renew")) << refused.errors;
  const auto renewed = RunProgram({Binary("rollcalld"), "renew", "--data", data()});
  ASSERT_EQ(renewed.code, 0) << renewed.errors;
  Program daemon(Serving("127.0.0.1:0"));
  EXPECT_FALSE(daemon.ReadLine().empty()) << daemon.Errors();
}

TEST_F(SiteTest, PlainTextNeedsItsFlagAndStaysOnLoopback) {
  ASSERT_EQ(Init().code, 0);
  std::vector<std::string> everywhere = Serving("0.0.0.0:0");
  everywhere.emplace_back("--plaintext");
  const auto refused = RunProgram(everywhere);
  EXPECT_EQ(refused.code, 2);
  EXPECT_TRUE(Contains(refused.errors, "not encrypted")) << refused.errors;
  std::vector<std::string> here = Serving("127.0.0.1:0");
  here.emplace_back("--plaintext");
  Program daemon(here);
  ASSERT_FALSE(daemon.ReadLine().empty()) << daemon.Errors();
  EXPECT_EQ(RunProgram({Binary("rollcall"), "--data", data(), "activity", "list"}).code, 0);
}

}  // namespace
}  // namespace rollcall::testing
