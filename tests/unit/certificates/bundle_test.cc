// The file that holds one end of a connection: written once, read only when it is safe and whole.
#include "certificates/bundle.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "certificates/certificate_info.h"
#include "fixture.h"

namespace rollcall::certificates {
namespace {

namespace fs = std::filesystem;
using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

class BundleTest : public CertificatesTest {
 protected:
  void SetUp() override { bundle_ = NewBundle("Front door"); }

  Bundle NewBundle(const std::string& name) {
    const PrivateKey key = NewKey();
    const auto issued =
        authority_.IssueClient(*MakeRequest(key), name, "urn:example:1", kNow, 90 * kDay);
    EXPECT_THAT(issued, IsOk());
    return {key.ToPem(), issued.value_or(""), authority_.certificate_pem()};
  }

  // Puts `text` where the bundle would be, with its mode.
  absl::StatusOr<Bundle> Read(const std::string& text) {
    fs::remove(path_);
    support::WriteFile(path_, text);
    EXPECT_EQ(chmod(path_.c_str(), 0600), 0);
    return ReadBundle(path_);
  }

  const Authority authority_ = NewAuthority();
  Bundle bundle_;
  const fs::path path_ = temp_.path() / "door.pem";
};

TEST_F(BundleTest, WhatWasWrittenComesBack) {
  ASSERT_THAT(WriteBundle(path_, bundle_), IsOk());
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  const auto read = ReadBundle(path_);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->key_pem, bundle_.key_pem);
  EXPECT_EQ(read->certificate_pem, bundle_.certificate_pem);
  EXPECT_EQ(read->authority_pem, bundle_.authority_pem);
}

TEST_F(BundleTest, SaysWhatItIsAndOtherProgramsReadIt) {
  ASSERT_THAT(WriteBundle(path_, bundle_), IsOk());
  const std::string text = support::ReadFile(path_);
  const std::string comment = text.substr(0, text.find("-----BEGIN"));
  EXPECT_THAT(comment, MatchesRegex("(# [^\n]+\n)+"));
  EXPECT_THAT(comment, HasSubstr("# For: Front door\n"));
  EXPECT_THAT(comment, HasSubstr("SECRET"));
  MustOpenSsl({"pkey", "-in", path_.string(), "-check", "-noout"});
  EXPECT_THAT(MustOpenSsl({"x509", "-in", path_.string(), "-noout", "-subject"}),
              HasSubstr("Front door"));
}

TEST_F(BundleTest, NamesItsHolderWithoutLettingHerWriteIntoTheFile) {
  ASSERT_THAT(WriteBundle(path_, NewBundle("王小明")), IsOk());
  EXPECT_THAT(support::ReadFile(path_), HasSubstr("# For: 王小明\n"));

  // By another authority, that lets a newline into a name.
  const std::string key = P256KeyFile("other.key");
  const std::string other =
      SelfSigned(key, "basicConstraints = critical,CA:TRUE\nsubjectKeyIdentifier = hash\n",
                 "commonName = a\\n-----BEGIN CERTIFICATE-----\n");
  ASSERT_THAT(Inspect(other)->common_name, HasSubstr("\n"));
  fs::remove(path_);
  ASSERT_THAT(WriteBundle(path_, {support::ReadFile(key), other, other}), IsOk());
  EXPECT_THAT(support::ReadFile(path_), HasSubstr("# For: a\\x0a-----BEGIN"));
  EXPECT_THAT(ReadBundle(path_), IsOk());

  // Without a common name.
  const std::string longest = std::string(63, 'a') + ".example";
  const PrivateKey server = NewKey();
  const std::vector<std::string> names = {longest};
  const auto issued = authority_.IssueServer(*MakeRequest(server), names, kNow, kDay);
  ASSERT_THAT(issued, IsOk());
  fs::remove(path_);
  ASSERT_THAT(WriteBundle(path_, {server.ToPem(), *issued, authority_.certificate_pem()}), IsOk());
  EXPECT_THAT(support::ReadFile(path_), HasSubstr("# For: " + longest + "\n"));
}

TEST_F(BundleTest, NeverOverwritesWhateverIsThere) {
  support::WriteFile(path_, "precious");
  absl::Status written = WriteBundle(path_, bundle_);
  EXPECT_THAT(written, HasReason("BUNDLE_EXISTS"));
  EXPECT_THAT(written, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(base::Message(written), HasSubstr(path_.string()));
  EXPECT_EQ(support::ReadFile(path_), "precious");

  fs::remove(path_);
  fs::create_symlink(temp_.path() / "elsewhere", path_);
  EXPECT_THAT(WriteBundle(path_, bundle_), HasReason("BUNDLE_EXISTS")) << "a link to nowhere";
  EXPECT_FALSE(fs::exists(temp_.path() / "elsewhere"));

  fs::remove(path_);
  fs::create_directory(path_);
  EXPECT_THAT(WriteBundle(path_, bundle_), HasReason("BUNDLE_EXISTS"));

  fs::remove(path_);
  ASSERT_THAT(WriteBundle(path_, bundle_), IsOk());
  EXPECT_THAT(WriteBundle(path_, NewBundle("Another")), HasReason("BUNDLE_EXISTS"));
  EXPECT_EQ(ReadBundle(path_)->key_pem, bundle_.key_pem);
}

TEST_F(BundleTest, APlaceThatIsNotThereIsNamed) {
  const fs::path nowhere = temp_.path() / "missing" / "door.pem";
  const absl::Status written = WriteBundle(nowhere, bundle_);
  EXPECT_THAT(written, HasReason("BUNDLE_NOT_WRITABLE"));
  EXPECT_THAT(base::Message(written), HasSubstr(nowhere.string()));
  EXPECT_THAT(WriteBundle("", bundle_), HasReason("BUNDLE_NOT_WRITABLE"));
  EXPECT_THAT(ReadBundle(nowhere), HasReason("BUNDLE_MISSING"));
  EXPECT_THAT(ReadBundle(nowhere), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(BundleTest, ADiskThatFillsUpLeavesNothingBehind) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  for (const rlim_t room : {rlim_t{0}, rlim_t{100}, rlim_t{1000}}) {
    rlimit tight = before;
    tight.rlim_cur = room;
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
    const absl::Status written = WriteBundle(path_, bundle_);
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_THAT(written, HasReason("BUNDLE_NOT_WRITABLE")) << room;
    EXPECT_TRUE(fs::is_empty(temp_.path())) << room;
  }
  signal(SIGXFSZ, handler);
  EXPECT_THAT(WriteBundle(path_, bundle_), IsOk());
}

TEST_F(BundleTest, OnlyWhatCanBeReadIsWritten) {
  const Bundle other = NewBundle("Another");
  const Authority foreign = NewAuthority("Test authority");
  struct Case {
    const char* what;
    Bundle bundle;
  };
  const Case cases[] = {
      {"empty", {}},
      {"no key", {"", bundle_.certificate_pem, bundle_.authority_pem}},
      {"another key", {other.key_pem, bundle_.certificate_pem, bundle_.authority_pem}},
      {"another authority", {bundle_.key_pem, bundle_.certificate_pem, foreign.certificate_pem()}},
      {"no authority", {bundle_.key_pem, bundle_.certificate_pem, bundle_.certificate_pem}},
      {"all in one", {bundle_.key_pem + bundle_.certificate_pem + bundle_.authority_pem, "", ""}},
      {"exchanged", {bundle_.key_pem, bundle_.authority_pem, bundle_.certificate_pem}},
  };
  for (const Case& c : cases) {
    const absl::Status written = WriteBundle(path_, c.bundle);
    EXPECT_THAT(written, HasReason("BAD_BUNDLE")) << c.what;
    EXPECT_THAT(written, StatusIs(absl::StatusCode::kInvalidArgument)) << c.what;
    EXPECT_FALSE(fs::exists(path_)) << c.what;
  }
}

TEST_F(BundleTest, OthersMustNotReadOrChangeIt) {
  ASSERT_THAT(WriteBundle(path_, bundle_), IsOk());
  for (const mode_t mode : {0640, 0604, 0660, 0620, 0602, 0644, 0666, 0777}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    const auto read = ReadBundle(path_);
    EXPECT_THAT(read, HasReason("KEY_UNSAFE")) << mode;
    EXPECT_THAT(read, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(base::Message(read.status()), HasSubstr("chmod 600"));
    EXPECT_THAT(base::Message(read.status()), HasSubstr(path_.string()));
  }
  ASSERT_EQ(chmod(path_.c_str(), 0400), 0);
  EXPECT_THAT(ReadBundle(path_), IsOk());
}

TEST_F(BundleTest, OnlyARegularFileIsRead) {
  ASSERT_THAT(WriteBundle(temp_.path() / "real.pem", bundle_), IsOk());
  fs::create_symlink(temp_.path() / "real.pem", path_);
  EXPECT_THAT(ReadBundle(path_), HasReason("KEY_UNSAFE"));
  fs::remove(path_);
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(ReadBundle(path_), HasReason("KEY_UNSAFE")) << "and without waiting for a writer";
  fs::remove(path_);
  fs::create_directory(path_);
  EXPECT_THAT(ReadBundle(path_), HasReason("KEY_UNSAFE"));
}

TEST_F(BundleTest, AnyCutIsNoticed) {
  ASSERT_THAT(WriteBundle(path_, bundle_), IsOk());
  const std::string whole = support::ReadFile(path_);
  for (size_t size = 0; size + 1 < whole.size(); size += size < whole.size() - 40 ? 7 : 1) {
    const auto read = Read(whole.substr(0, size));
    ASSERT_THAT(read, HasReason("BAD_BUNDLE")) << size;
    ASSERT_THAT(read, StatusIs(absl::StatusCode::kFailedPrecondition)) << size;
  }
  EXPECT_THAT(Read(whole.substr(0, whole.size() - 1)), IsOk()) << "but for the last newline";
}

TEST_F(BundleTest, WhatDoesNotBelongTogetherIsNamed) {
  const auto [key, certificate, authority] = bundle_;
  const Bundle other = NewBundle("Another");
  const Authority foreign = NewAuthority("Test authority");
  const std::string file = File("key.pem", key);
  struct Case {
    std::string text;
    const char* message;
  };
  const Case cases[] = {
      {"", "expected one private key"},
      {key, "expected one private key"},
      {key + certificate, "expected one private key"},
      {certificate + authority, "expected one private key"},
      {key + certificate + authority + authority, "expected one private key"},
      {key + other.key_pem + certificate + authority, "expected one private key"},
      {key + certificate + authority + NewRequest(), "expected one private key"},
      {other.key_pem + certificate + authority, "key does not belong"},
      {key + authority + certificate, "key does not belong"},
      {key + certificate + certificate, "second certificate is not an authority's"},
      {key + certificate + other.certificate_pem, "second certificate is not an authority's"},
      {key + certificate + foreign.certificate_pem(), "not issued by the second"},
      {MustOpenSsl({"pkcs8", "-topk8", "-in", file, "-passout", "pass:x"}) + certificate +
           authority,
       "encrypted"},
      {MustOpenSsl({"pkey", "-in", file, "-pubout"}) + certificate + authority,
       "not a private key"},
      {key + certificate + authority + std::string(kMaxBundleBytes, '#'), "longer than 64 KiB"},
  };
  for (const Case& c : cases) {
    const auto read = Read(c.text);
    EXPECT_THAT(read, HasReason("BAD_BUNDLE")) << c.message;
    EXPECT_THAT(base::Message(read.status()), HasSubstr(c.message));
    EXPECT_THAT(base::Message(read.status()), HasSubstr(path_.string()));
    EXPECT_THAT(read.status().ToString(), Not(HasSubstr(key.substr(40, 12))));
  }
  EXPECT_THAT(Read(certificate + key + "# note\n" + authority), IsOk()) << "put together by hand";
  EXPECT_THAT(Read(key + certificate + authority +
                   std::string(kMaxBundleBytes - (key + certificate + authority).size(), '#')),
              IsOk())
      << "exactly as long as it may be";
}

}  // namespace
}  // namespace rollcall::certificates
