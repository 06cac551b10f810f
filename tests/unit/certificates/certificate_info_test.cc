// What is read from certificates, held against what the openssl command says or was told to write.
#include "certificates/certificate_info.h"

#include <cctype>

#include "fixture.h"

namespace rollcall::certificates {
namespace {

using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::IsEmpty;

class CertificateInfoTest : public CertificatesTest {
 protected:
  // The extension of `hex`, the DER of its value.
  static std::string AlternativeNames(const std::string& hex) {
    return "subjectAltName = DER:" + hex + "\n";
  }

  const std::string key_ = P256KeyFile("some.key");
};

TEST_F(CertificateInfoTest, ReadsWhatOursSay) {
  const Authority authority = NewAuthority();
  auto info = Inspect(authority.certificate_pem());
  ASSERT_THAT(info, IsOk());
  EXPECT_EQ(info->common_name, "Test authority");
  EXPECT_TRUE(info->is_authority);
  EXPECT_TRUE(info->p256);
  EXPECT_FALSE(info->for_server);
  EXPECT_FALSE(info->for_client);
  EXPECT_THAT(info->names, IsEmpty());
  EXPECT_THAT(info->uris, IsEmpty());
  EXPECT_EQ(info->not_before, WholeSeconds(kNow - kClockSkew));
  EXPECT_EQ(info->not_after, WholeSeconds(kNow + 3650 * kDay));

  const std::vector<std::string> names = {"host.example", "192.0.2.7", "2001:db8::1"};
  const auto server = authority.IssueServer(NewRequest(), names, kNow, kDay);
  ASSERT_THAT(server, IsOk());
  info = Inspect(*server);
  ASSERT_THAT(info, IsOk());
  EXPECT_EQ(info->common_name, "host.example");
  EXPECT_EQ(info->names, names);
  EXPECT_THAT(info->uris, IsEmpty());
  EXPECT_TRUE(info->for_server);
  EXPECT_FALSE(info->for_client);
  EXPECT_FALSE(info->is_authority);

  const auto client = authority.IssueClient(NewRequest(), "王小明", "urn:a:b", kNow, kDay);
  ASSERT_THAT(client, IsOk());
  info = Inspect(*client);
  ASSERT_THAT(info, IsOk());
  EXPECT_EQ(info->common_name, "王小明");
  EXPECT_THAT(info->uris, ElementsAre("urn:a:b"));
  EXPECT_THAT(info->names, IsEmpty());
  EXPECT_TRUE(info->for_client);
  EXPECT_FALSE(info->for_server);
}

TEST_F(CertificateInfoTest, TheFingerprintIsOpenssls) {
  const Authority authority = NewAuthority();
  const auto info = Inspect(authority.certificate_pem());
  ASSERT_THAT(info, IsOk());
  std::string shown = MustOpenSsl({"x509", "-in", File("ca.pem", authority.certificate_pem()),
                                   "-noout", "-fingerprint", "-sha256"});
  shown = shown.substr(shown.find('=') + 1);
  std::string hex;
  for (const char c : shown) {
    if (c != ':' && c != '\n') hex += static_cast<char>(std::tolower(c));
  }
  EXPECT_EQ(base::ToHex(info->fingerprint), hex);
}

TEST_F(CertificateInfoTest, ReadsStrangersToo) {
  const std::string rsa = KeyFile("rsa", {"RSA", "-pkeyopt", "rsa_keygen_bits:2048"});
  auto info = Inspect("some text\n" +
                      SelfSigned(rsa,
                                 "subjectAltName = DNS:*.example,email:a@b.example,URI:urn:1,"
                                 "URI:urn:2,IP:::1,otherName:1.2.3.4;UTF8:x\n"
                                 "extendedKeyUsage = clientAuth,serverAuth\n"));
  ASSERT_THAT(info, IsOk());
  EXPECT_FALSE(info->p256);
  EXPECT_THAT(info->names, ElementsAre("*.example", "::1"));
  EXPECT_THAT(info->uris, ElementsAre("urn:1", "urn:2"));
  EXPECT_TRUE(info->for_client);
  EXPECT_TRUE(info->for_server);

  info = Inspect(SelfSigned(key_, "subjectKeyIdentifier = hash\n", "organizationName = Nobody\n"));
  ASSERT_THAT(info, IsOk());
  EXPECT_EQ(info->common_name, "");
  EXPECT_TRUE(info->p256);
  EXPECT_FALSE(info->for_client) << "no extendedKeyUsage: says nothing, so we do not assume it";
  EXPECT_FALSE(info->for_server);
  EXPECT_FALSE(info->is_authority);

  info = Inspect(SelfSigned(key_, "extendedKeyUsage = anyExtendedKeyUsage\n"));
  ASSERT_THAT(info, IsOk());
  EXPECT_FALSE(info->for_client);
  EXPECT_FALSE(info->for_server);
}

// CA:TRUE whose key may not sign, and a key that may sign without CA:TRUE.
TEST_F(CertificateInfoTest, AnAuthorityIsBothByConstraintsAndByUse) {
  for (const char* extensions :
       {"basicConstraints = critical,CA:TRUE\nkeyUsage = digitalSignature\n",
        "keyUsage = keyCertSign\n", "basicConstraints = CA:FALSE\nkeyUsage = keyCertSign\n"}) {
    const auto info = Inspect(SelfSigned(key_, extensions));
    ASSERT_THAT(info, IsOk()) << extensions;
    EXPECT_FALSE(info->is_authority) << extensions;
  }
}

TEST_F(CertificateInfoTest, NamesThatReadDifferentlyElsewhereAreRefused) {
  // SEQUENCE { [2] dNSName "a", and the like }: good ones first, to know that the DER is right.
  for (const char* good :
       {"30:05:82:03:61:2e:62", "30:05:86:03:61:3a:62", "30:06:87:04:c0:00:02:07"}) {
    EXPECT_THAT(Inspect(SelfSigned(key_, AlternativeNames(good))), IsOk()) << good;
  }
  struct Case {
    const char* what;
    const char* hex;
  };
  const Case cases[] = {
      {"NUL in a DNS name", "30:05:82:03:61:00:62"},
      {"NUL at the end of a DNS name", "30:05:82:03:61:62:00"},
      {"NUL in a URI", "30:05:86:03:61:00:62"},
      {"NUL in a mail address", "30:05:81:03:61:00:62"},
      {"newline in a URI", "30:05:86:03:61:0a:62"},
      {"blank in a DNS name", "30:05:82:03:61:20:62"},
      {"not ASCII in a DNS name", "30:05:82:03:61:c3:62"},
      {"empty DNS name", "30:02:82:00"},
      {"IP address of five bytes", "30:07:87:05:c0:00:02:07:01"},
      {"IP address with a mask", "30:0a:87:08:c0:00:02:07:ff:ff:ff:00"},
      {"the second one is bad", "30:0a:82:03:61:2e:62:82:03:61:00:62"},
      {"not a list at all", "04:01:61"},
      {"cut off", "30:05:82:03:61"},
  };
  for (const Case& c : cases) {
    const auto info = Inspect(SelfSigned(key_, AlternativeNames(c.hex)));
    EXPECT_THAT(info, HasReason("BAD_CERTIFICATE")) << c.what;
    EXPECT_THAT(info, StatusIs(absl::StatusCode::kInvalidArgument)) << c.what;
  }
}

TEST_F(CertificateInfoTest, ACommonNameIsOneText) {
  EXPECT_THAT(Inspect(SelfSigned(key_, "", "0.CN = One\n1.CN = Two\n")),
              HasReason("BAD_CERTIFICATE"));
  const std::string good = SelfSigned(key_, "");
  const auto renamed = [&](const std::string& name) { return Patched(good, "Somebody", name); };
  EXPECT_EQ(Inspect(renamed("Anybody!"))->common_name, "Anybody!")
      << "signatures are not looked at";
  EXPECT_THAT(Inspect(renamed(std::string("Some\0ody", 8))), HasReason("BAD_CERTIFICATE"));
  EXPECT_THAT(Inspect(renamed("Some\xff"
                              "ody")),
              HasReason("BAD_CERTIFICATE"));
}

TEST_F(CertificateInfoTest, ExactlyOneWholeCertificate) {
  const std::string good = NewAuthority().certificate_pem();
  const std::string key = NewKey().ToPem();
  struct Case {
    const char* what;
    std::string pem;
  };
  const std::string file = File("good.pem", good);
  const Case cases[] = {
      {"nothing", ""},
      {"noise", "a certificate\n"},
      {"two", good + good},
      {"a key beside it", good + key},
      {"a key", key},
      {"a request", NewRequest()},
      {"with trust settings", MustOpenSsl({"x509", "-in", file, "-trustout"})},
      {"the end cut off", good.substr(0, good.size() - 30)},
      {"the middle missing", good.substr(0, 100) + good.substr(165)},
      {"too long", good + std::string(65536, '#')},
      {"an extension that makes no sense", SelfSigned(key_, "basicConstraints = DER:04:00\n")},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(Inspect(c.pem), HasReason("BAD_CERTIFICATE")) << c.what;
  }
}

// RFC 5280, 4.2: at most one of each. Here issuerAltName becomes a second subjectAltName.
TEST_F(CertificateInfoTest, TwoListsOfNamesAreRefused) {
  const std::string two =
      SelfSigned(key_, "subjectAltName = DNS:a.example\nissuerAltName = DNS:b.example\n");
  ASSERT_THAT(Inspect(two), IsOk());
  EXPECT_THAT(Inspect(Patched(two, "\x55\x1d\x12", "\x55\x1d\x11")), HasReason("BAD_CERTIFICATE"));
}

// A parser for what a stranger sends: no answer matters but that there is one.
TEST_F(CertificateInfoTest, DamagedBytesNeverCrash) {
  const std::string good = NewAuthority().certificate_pem();
  for (size_t at = 0; at < good.size(); ++at) {
    std::string damaged = good;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 7)));
    Inspect(damaged).IgnoreError();
    Inspect(good.substr(0, at)).IgnoreError();
  }
}

}  // namespace
}  // namespace rollcall::certificates
