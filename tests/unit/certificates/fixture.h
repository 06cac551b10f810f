#ifndef ROLLCALL_TESTS_UNIT_CERTIFICATES_FIXTURE_H_
#define ROLLCALL_TESTS_UNIT_CERTIFICATES_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "certificates/authority.h"
#include "certificates/private_key.h"
#include "support/environment.h"
#include "support/program.h"
#include "support/status_matchers.h"

namespace rollcall::certificates {

constexpr base::Duration kDay = std::chrono::days(1);
// 2026-11-24T08:00:00Z and half a second: X.509 has whole seconds.
constexpr base::Time kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) +
                            std::chrono::hours(8) + std::chrono::milliseconds(500);

inline base::Time WholeSeconds(base::Time time) {
  return std::chrono::floor<std::chrono::seconds>(time);
}

// Files of its own, the openssl command as the second opinion, and an empty error queue after every
// test whatever failed in it.
class CertificatesTest : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_EQ(ERR_peek_error(), 0ul) << "left for the next TLS connection";
  }

  std::string Path(const std::string& name) const { return (temp_.path() / name).string(); }

  // Writes `content` to a file called `name` and returns its path.
  std::string File(const std::string& name, const std::string& content) const {
    support::WriteFile(Path(name), content);
    return Path(name);
  }

  static support::ProgramResult OpenSsl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "/usr/bin/openssl");
    return support::RunProgram(arguments);
  }

  // The same, which must succeed: what it printed.
  static std::string MustOpenSsl(const std::vector<std::string>& arguments) {
    const support::ProgramResult result = OpenSsl(arguments);
    EXPECT_EQ(result.code, 0) << testing::PrintToString(arguments) << result.output
                              << result.errors;
    return result.output;
  }

  std::string Text(const std::string& certificate) const {
    return MustOpenSsl({"x509", "-in", File("shown.pem", certificate), "-noout", "-text"});
  }

  // `openssl verify` at `now`, with all of its strictness; `more`: further options.
  support::ProgramResult Verify(const std::string& authority, const std::string& certificate,
                                base::Time now, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {
        "verify",
        "-x509_strict",
        "-no-CApath",
        "-no-CAstore",
        "-CAfile",
        File("ca.pem", authority),
        "-attime",
        std::to_string(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count())};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(File("verified.pem", certificate));
    return OpenSsl(arguments);
  }

  // A self-signed certificate made by the openssl command with `extensions`, one a line as in its
  // configuration files, and the key at `key`.
  std::string SelfSigned(const std::string& key, const std::string& extensions,
                         const std::string& subject = "commonName = Somebody\n") const {
    const std::string config = File("request.cnf",
                                    "[req]\ndistinguished_name = dn\nprompt = no\n"
                                    "string_mask = utf8only\nutf8 = yes\n"
                                    "x509_extensions = ext\n[dn]\n" +
                                        subject + "[ext]\n" + extensions);
    return MustOpenSsl({"req", "-x509", "-config", config, "-key", key, "-days", "30"});
  }

  // A key made by the openssl command: the path of its file.
  std::string KeyFile(const std::string& name, const std::vector<std::string>& kind) const {
    std::vector<std::string> arguments = {"genpkey", "-out", Path(name), "-algorithm"};
    arguments.insert(arguments.end(), kind.begin(), kind.end());
    MustOpenSsl(arguments);
    return Path(name);
  }
  std::string P256KeyFile(const std::string& name) const {
    return KeyFile(name, {"EC", "-pkeyopt", "ec_paramgen_curve:P-256"});
  }

  static std::string FromDer(const std::string& type, std::string_view der) {
    std::string base64(4 * ((der.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()),
                                     reinterpret_cast<const unsigned char*>(der.data()),
                                     static_cast<int>(der.size()));
    base64.resize(static_cast<size_t>(size));
    std::string pem = "-----BEGIN " + type + "-----\n";
    for (size_t at = 0; at < base64.size(); at += 64) pem += base64.substr(at, 64) + "\n";
    return pem + "-----END " + type + "-----\n";
  }

  // `certificate` with every `from` in its DER replaced by `to`, which is as long. That breaks its
  // signature.
  std::string Patched(const std::string& certificate, const std::string& from,
                      const std::string& to) const {
    std::string der =
        MustOpenSsl({"x509", "-in", File("patched.pem", certificate), "-outform", "DER"});
    EXPECT_EQ(from.size(), to.size());
    EXPECT_NE(der.find(from), std::string::npos);
    for (size_t at = der.find(from); at != std::string::npos; at = der.find(from, at + 1)) {
      der.replace(at, from.size(), to);
    }
    return FromDer("CERTIFICATE", der);
  }

  static PrivateKey NewKey() {
    auto key = PrivateKey::Generate();
    EXPECT_THAT(key, support::IsOk());
    return *std::move(key);
  }
  static std::string NewRequest() {
    const auto request = MakeRequest(NewKey());
    EXPECT_THAT(request, support::IsOk());
    return request.value_or("");
  }
  static Authority NewAuthority(std::string_view name = "Test authority", base::Time now = kNow,
                                base::Duration lifetime = 3650 * kDay) {
    auto authority = Authority::Create(name, now, lifetime);
    EXPECT_THAT(authority, support::IsOk());
    return *std::move(authority);
  }

  support::TempDir temp_;
};

}  // namespace rollcall::certificates

#endif  // ROLLCALL_TESTS_UNIT_CERTIFICATES_FIXTURE_H_
