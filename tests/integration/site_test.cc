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

// `rollcalld WORDS` with `lines` to be read from descriptor 3, as a shell starts it.
std::vector<std::string> WithPassphrases(const fs::path& lines_file, const std::string& lines,
                                         const std::string& words) {
  support::WriteFile(lines_file, lines);
  return {"/bin/sh", "-c",
          "exec " + Binary("rollcalld") + " " + words + " --passphrase-fd 3 3<" +
              lines_file.string()};
}

TEST_F(SiteTest, BackupWhileItServesThenRestoreThenTheSameHours) {
  ASSERT_EQ(Init().code, 0);
  Program daemon(Serving("127.0.0.1:0"));
  ASSERT_FALSE(daemon.ReadLine().empty()) << daemon.Errors();
  ASSERT_EQ(Rollcall(administrator(), {"staff", "add", "--id", "olga", "--role", "organiser",
                                       "--out", file("olga.pem")})
                .code,
            0);
  ASSERT_EQ(Rollcall(file("olga.pem"), {"activity", "create", "--id", "tea"}).code, 0);
  const auto backup = [&](const std::string& passphrase) {
    return RunProgram(WithPassphrases(file("lines"), passphrase + "\n",
                                      "backup --data " + data() + " --to " + file("saved")));
  };
  const auto made = backup("correct horse battery");
  ASSERT_EQ(made.code, 0) << made.errors;
  EXPECT_TRUE(Contains(made.output, "verified")) << made.output;
  EXPECT_TRUE(Contains(made.output, "keys are not in it")) << made.output;
  const auto again = backup("correct horse battery");
  EXPECT_EQ(again.code, 2) << again.errors;
  EXPECT_TRUE(Contains(again.errors, "not written over")) << again.errors;
  EXPECT_EQ(backup("short").code, 2);

  const auto restore = [&](const std::string& passphrase) {
    return RunProgram(WithPassphrases(file("lines"), passphrase + "\n",
                                      "restore --from " + file("saved") + " --data " +
                                          file("restored")));
  };
  const auto wrong = restore("another horse battery");
  EXPECT_EQ(wrong.code, 2);
  EXPECT_TRUE(Contains(wrong.errors, "does not open")) << wrong.errors;
  EXPECT_FALSE(fs::exists(file("restored")));
  const auto restored = restore("correct horse battery");
  ASSERT_EQ(restored.code, 0) << restored.errors;
  EXPECT_TRUE(Contains(restored.output, "put the copy of keys/")) << restored.output;
  EXPECT_EQ(restore("correct horse battery").code, 2) << "not over what is there";

  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.Wait(), 0);
  fs::copy(fs::path(data()) / "keys", fs::path(file("restored")) / "keys");
  fs::permissions(fs::path(file("restored")) / "keys", fs::perms::owner_all);
  fs::remove_all(data());
  fs::rename(file("restored"), data());
  Program restarted(Serving("127.0.0.1:0"));
  ASSERT_FALSE(restarted.ReadLine().empty()) << restarted.Errors();
  const auto listed = Rollcall(file("olga.pem"), {"activity", "list"});
  EXPECT_EQ(listed.code, 0) << listed.errors;
  EXPECT_TRUE(Contains(listed.output, "tea")) << listed.output;
}

TEST_F(SiteTest, KeysAreRotatedByTheAdministratorWhileItServes) {
  ASSERT_EQ(Init().code, 0);
  const fs::path key = fs::path(data()) / "keys/templates.key";
  const std::string before = support::ReadFile(key);
  Program daemon(Serving("127.0.0.1:0"));
  ASSERT_FALSE(daemon.ReadLine().empty()) << daemon.Errors();
  const auto rotated = Rollcall(administrator(), {"keys", "rotate"});
  ASSERT_EQ(rotated.code, 0) << rotated.errors;
  EXPECT_TRUE(Contains(rotated.output, "the old one is destroyed")) << rotated.output;
  EXPECT_NE(support::ReadFile(key), before);
  ASSERT_EQ(Rollcall(administrator(), {"staff", "add", "--id", "olga", "--role", "organiser",
                                       "--out", file("olga.pem")})
                .code,
            0);
  EXPECT_EQ(Rollcall(file("olga.pem"), {"keys", "rotate"}).code, 1) << "administrators only";
}

TEST_F(SiteTest, TheKeyFileIsSealedUnderAPassphraseAndTheServerAsksForIt) {
  ASSERT_EQ(Init().code, 0);
  support::WriteFile(fs::path(data()) / "rollcalld.toml", "[keys]\nsource = \"passphrase\"\n");
  const auto without = RunProgram(Serving("127.0.0.1:0"));
  EXPECT_EQ(without.code, 2);
  EXPECT_TRUE(Contains(without.errors, "--passphrase-fd")) << without.errors;
  const auto serving = [&](const std::string& lines, const std::string& more = "") {
    return WithPassphrases(file("lines"), lines,
                           "--data " + data() + " --listen 127.0.0.1:0 " + more);
  };
  const auto serves = [&](const std::vector<std::string>& command) {
    Program daemon(command);
    const bool good = !daemon.ReadLine().empty();
    daemon.Signal(SIGTERM);
    daemon.Wait();
    return good;
  };
  EXPECT_TRUE(serves(serving("correct horse battery\n"))) << "the bare key is sealed";
  const auto refused = RunProgram(serving("another horse battery\n"));
  EXPECT_EQ(refused.code, 2);
  EXPECT_TRUE(Contains(refused.errors, "does not open with this passphrase")) << refused.errors;
  EXPECT_TRUE(serves(serving("correct horse battery\nanother horse battery\n", "--new-passphrase")));
  EXPECT_TRUE(serves(serving("another horse battery\n")));
  EXPECT_EQ(RunProgram(serving("correct horse battery\n")).code, 2);
}

TEST_F(SiteTest, TheKeyFileIsSealedUnderASystemdCredential) {
  ASSERT_EQ(Init().code, 0);
  support::WriteFile(fs::path(data()) / "rollcalld.toml", "[keys]\nsource = \"credential\"\n");
  const auto without = RunProgram(Serving("127.0.0.1:0"));
  EXPECT_EQ(without.code, 2);
  EXPECT_TRUE(Contains(without.errors, "LoadCredential=rollcall-templates")) << without.errors;
  const fs::path credentials = fs::path(file("credentials"));
  fs::create_directory(credentials);
  const std::vector<std::string> environment = {"CREDENTIALS_DIRECTORY=" + credentials.string()};
  const auto serves = [&] {
    Program daemon(Serving("127.0.0.1:0"), environment);
    const bool good = !daemon.ReadLine().empty();
    daemon.Signal(SIGTERM);
    daemon.Wait();
    return good;
  };
  support::WriteFile(credentials / "rollcall-templates", std::string(32, 'a'));
  EXPECT_TRUE(serves());
  // Changed: the next one beside it, a start, then it alone.
  support::WriteFile(credentials / "rollcall-templates.next", std::string(32, 'b'));
  EXPECT_TRUE(serves());
  fs::rename(credentials / "rollcall-templates.next", credentials / "rollcall-templates");
  EXPECT_TRUE(serves());
  support::WriteFile(credentials / "rollcall-templates", std::string(32, 'a'));
  EXPECT_FALSE(serves()) << "the one before opens nothing any more";
}

TEST_F(SiteTest, ItLeavesNoCoreDump) {
  ASSERT_EQ(Init().code, 0);
  Program daemon(Serving("127.0.0.1:0"));
  ASSERT_FALSE(daemon.ReadLine().empty()) << daemon.Errors();
  const std::string limits =
      support::ReadFile("/proc/" + std::to_string(daemon.pid()) + "/limits");
  const size_t at = limits.find("Max core file size");
  ASSERT_NE(at, std::string::npos);
  const std::string line = limits.substr(at, limits.find('\n', at) - at);
  EXPECT_TRUE(Contains(line, " 0                    0 ")) << line;
}

}  // namespace
}  // namespace rollcall::testing
