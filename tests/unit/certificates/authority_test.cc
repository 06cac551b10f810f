// What an authority issues and refuses; chains are verified by the openssl command.
#include "certificates/authority.h"

#include <set>

#include "certificates/certificate_info.h"
#include "fixture.h"

namespace rollcall::certificates {
namespace {

using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Names = std::vector<std::string>;

constexpr char kUri[] = "urn:example:device:42";

class AuthorityTest : public CertificatesTest {
 protected:
  std::string Server(const Names& names) {
    const auto issued = authority_.IssueServer(NewRequest(), names, kNow, 90 * kDay);
    EXPECT_THAT(issued, IsOk());
    return issued.value_or("");
  }
  std::string Client() {
    const auto issued = authority_.IssueClient(NewRequest(), "Front door", kUri, kNow, 90 * kDay);
    EXPECT_THAT(issued, IsOk());
    return issued.value_or("");
  }
  // Both kinds, whose answer must be the same.
  absl::Status Issue(const std::string& request, base::Time now = kNow,
                     base::Duration lifetime = kDay) {
    const Names names = {"localhost"};
    const absl::Status server = authority_.IssueServer(request, names, now, lifetime).status();
    const absl::Status client =
        authority_.IssueClient(request, "Front door", kUri, now, lifetime).status();
    EXPECT_EQ(server, client);
    return server;
  }
  // A request by the openssl command, of the key in the file `key`, with a subject and extensions.
  std::string RequestOf(const std::string& key) {
    const std::string config =
        File("wishes.cnf",
             "[req]\ndistinguished_name = dn\nprompt = no\nreq_extensions = ext\n"
             "[dn]\ncommonName = Mallory\n"
             "[ext]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = keyCertSign\n"
             "extendedKeyUsage = serverAuth,clientAuth,codeSigning\n"
             "subjectAltName = DNS:evil.example,URI:urn:example:administrator\n");
    return MustOpenSsl({"req", "-new", "-config", config, "-key", key});
  }

  const Authority authority_ = NewAuthority();
};

TEST_F(AuthorityTest, ItsCertificateIsThatOfAnAuthorityForEndsOnly) {
  const std::string text = Text(authority_.certificate_pem());
  EXPECT_THAT(text, HasSubstr("Version: 3 (0x2)"));
  EXPECT_THAT(text, HasSubstr("Issuer: CN = Test authority\n"));
  EXPECT_THAT(text, HasSubstr("Subject: CN = Test authority\n"));
  EXPECT_THAT(text,
              HasSubstr("X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0"));
  EXPECT_THAT(text,
              HasSubstr("X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign"));
  EXPECT_THAT(text, HasSubstr("X509v3 Subject Key Identifier"));
  EXPECT_THAT(text, HasSubstr("ASN1 OID: prime256v1"));
  EXPECT_THAT(text, HasSubstr("Signature Algorithm: ecdsa-with-SHA256"));
  EXPECT_THAT(text, HasSubstr("Not Before: Nov 24 07:55:00 2026 GMT"));
  EXPECT_THAT(text, HasSubstr("Not After : Nov 21 08:00:00 2036 GMT"));
  EXPECT_EQ(Verify(authority_.certificate_pem(), authority_.certificate_pem(), kNow).code, 0);
}

TEST_F(AuthorityTest, AServersCertificateIsGoodForItsNamesAndAsAServer) {
  const std::string issued = Server({"rollcall.example", "localhost", "192.0.2.7", "2001:db8::1"});
  const std::string& ca = authority_.certificate_pem();
  const std::vector<std::string> good[] = {
      {"-purpose", "sslserver"},
      {"-verify_hostname", "rollcall.example"},
      {"-verify_hostname", "ROLLCALL.example"},
      {"-verify_hostname", "localhost"},
      {"-verify_ip", "192.0.2.7"},
      {"-verify_ip", "2001:db8:0:0::1"},
  };
  for (const auto& options : good) {
    const auto result = Verify(ca, issued, kNow, options);
    EXPECT_EQ(result.code, 0) << testing::PrintToString(options) << result.errors;
  }
  const std::vector<std::string> bad[] = {
      {"-purpose", "sslclient"},
      {"-verify_hostname", "www.rollcall.example"},
      {"-verify_hostname", "192.0.2.7"},
      {"-verify_ip", "192.0.2.8"},
  };
  for (const auto& options : bad) {
    EXPECT_NE(Verify(ca, issued, kNow, options).code, 0) << testing::PrintToString(options);
  }
  const std::string text = Text(issued);
  EXPECT_THAT(text, HasSubstr("Subject: CN = rollcall.example\n"));
  EXPECT_THAT(text, HasSubstr("X509v3 Basic Constraints: critical\n                CA:FALSE"));
  EXPECT_THAT(text, HasSubstr("X509v3 Key Usage: critical\n                Digital Signature\n"));
  EXPECT_THAT(text, HasSubstr("X509v3 Extended Key Usage: \n"
                              "                TLS Web Server Authentication\n"));
  EXPECT_THAT(text, HasSubstr("DNS:rollcall.example, DNS:localhost, IP Address:192.0.2.7, "
                              "IP Address:2001:DB8:0:0:0:0:0:1\n"));
  EXPECT_THAT(text, HasSubstr("X509v3 Authority Key Identifier"));
  EXPECT_THAT(text, HasSubstr("X509v3 Subject Key Identifier"));
  EXPECT_THAT(text, HasSubstr("Signature Algorithm: ecdsa-with-SHA256"));
}

TEST_F(AuthorityTest, AClientsCertificateIsGoodAsAClient) {
  const std::string issued = Client();
  EXPECT_EQ(Verify(authority_.certificate_pem(), issued, kNow, {"-purpose", "sslclient"}).code, 0);
  EXPECT_NE(Verify(authority_.certificate_pem(), issued, kNow, {"-purpose", "sslserver"}).code, 0);
  const std::string text = Text(issued);
  EXPECT_THAT(text, HasSubstr("Subject: CN = Front door\n"));
  EXPECT_THAT(text, HasSubstr("X509v3 Extended Key Usage: \n"
                              "                TLS Web Client Authentication\n"));
  EXPECT_THAT(text, HasSubstr("X509v3 Subject Alternative Name: \n"
                              "                URI:urn:example:device:42\n"));
  EXPECT_THAT(text, HasSubstr("X509v3 Basic Constraints: critical\n                CA:FALSE"));
  EXPECT_THAT(text, HasSubstr("X509v3 Key Usage: critical\n                Digital Signature\n"));
}

TEST_F(AuthorityTest, WhatIsIssuedBelongsToTheKeyOfTheRequest) {
  const PrivateKey key = NewKey();
  const auto issued =
      authority_.IssueClient(*MakeRequest(key), "Front door", kUri, kNow, 90 * kDay);
  ASSERT_THAT(issued, IsOk());
  EXPECT_EQ(MustOpenSsl({"x509", "-in", File("issued.pem", *issued), "-noout", "-pubkey"}),
            MustOpenSsl({"pkey", "-in", File("key.pem", key.ToPem()), "-pubout"}));
}

// The attacker's authority may have the same name; its key is another.
TEST_F(AuthorityTest, AForeignAuthorityIsNoneOfOurs) {
  const Authority foreign = NewAuthority("Test authority");
  for (const std::string& issued : {Server({"localhost"}), Client()}) {
    EXPECT_EQ(Verify(authority_.certificate_pem(), issued, kNow).code, 0);
    EXPECT_NE(Verify(foreign.certificate_pem(), issued, kNow).code, 0);
  }
  EXPECT_NE(Verify(authority_.certificate_pem(), foreign.certificate_pem(), kNow).code, 0);
}

TEST_F(AuthorityTest, NamesLikeTheAuthoritysOwnVerifyAllTheSame) {
  const auto issued = authority_.IssueClient(NewRequest(), "Test authority", kUri, kNow, 90 * kDay);
  ASSERT_THAT(issued, IsOk());
  EXPECT_EQ(Verify(authority_.certificate_pem(), *issued, kNow, {"-purpose", "sslclient"}).code, 0);
}

TEST_F(AuthorityTest, TimesBeginBeforeNowAndEndWithTheAuthority) {
  const auto half_hour = std::chrono::minutes(30);
  auto issued = authority_.IssueClient(NewRequest(), "x", kUri, kNow, half_hour);
  ASSERT_THAT(issued, IsOk());
  auto info = Inspect(*issued);
  ASSERT_THAT(info, IsOk());
  EXPECT_EQ(info->not_before, WholeSeconds(kNow - kClockSkew));
  EXPECT_EQ(info->not_after, WholeSeconds(kNow + half_hour));
  const std::string& ca = authority_.certificate_pem();
  EXPECT_EQ(Verify(ca, *issued, kNow - std::chrono::minutes(4)).code, 0);
  EXPECT_NE(Verify(ca, *issued, kNow - std::chrono::minutes(6)).code, 0);
  EXPECT_EQ(Verify(ca, *issued, kNow + std::chrono::minutes(29)).code, 0);
  EXPECT_NE(Verify(ca, *issued, kNow + std::chrono::minutes(31)).code, 0);

  issued = authority_.IssueClient(NewRequest(), "x", kUri, kNow + 3649 * kDay, 90 * kDay);
  ASSERT_THAT(issued, IsOk());
  info = Inspect(*issued);
  ASSERT_THAT(info, IsOk());
  EXPECT_EQ(info->not_after, Inspect(ca)->not_after);
  EXPECT_EQ(info->not_after, WholeSeconds(kNow + 3650 * kDay));
}

TEST_F(AuthorityTest, OutsideOfItsOwnTimesItDoesNotIssue) {
  const std::string request = NewRequest();
  EXPECT_THAT(Issue(request, kNow - std::chrono::minutes(4)), IsOk());
  EXPECT_THAT(Issue(request, kNow - std::chrono::minutes(6)), HasReason("AUTHORITY_NOT_VALID"));
  EXPECT_THAT(Issue(request, kNow + 3650 * kDay - std::chrono::seconds(1)), IsOk());
  const absl::Status late = Issue(request, kNow + 3650 * kDay + std::chrono::seconds(1));
  EXPECT_THAT(late, HasReason("AUTHORITY_NOT_VALID"));
  EXPECT_THAT(late, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(base::Message(late), HasSubstr("2036-11-21T08:00:00Z"));
}

TEST_F(AuthorityTest, LifetimesThatMakeNoSenseAreRefused) {
  const std::string request = NewRequest();
  for (const base::Duration lifetime :
       {base::Duration(0), base::Duration(999'999), -kDay, kMaxLifetime + base::Duration(1),
        base::Duration::max(), base::Duration::min()}) {
    EXPECT_THAT(Issue(request, kNow, lifetime), HasReason("BAD_LIFETIME")) << lifetime.count();
    EXPECT_THAT(Authority::Create("x", kNow, lifetime), HasReason("BAD_LIFETIME"));
  }
  for (const base::Time now : {base::Time::min(), base::FromUnixMicros(-1), base::Time::max()}) {
    EXPECT_THAT(Issue(request, now), HasReason("BAD_LIFETIME"));
    EXPECT_THAT(Authority::Create("x", now, kDay), HasReason("BAD_LIFETIME"));
  }
}

// RFC 5280, 4.1.2.5: two digits for the year up to 2049, four after that.
TEST_F(AuthorityTest, TimesAfter2049AreWrittenAsTheyMustBe) {
  const Authority old = NewAuthority("Old", kNow, kMaxLifetime);
  const auto info = Inspect(old.certificate_pem());
  ASSERT_THAT(info, IsOk());
  EXPECT_EQ(info->not_after, WholeSeconds(kNow + kMaxLifetime));
  const std::string der =
      MustOpenSsl({"x509", "-in", File("old.pem", old.certificate_pem()), "-outform", "DER"});
  EXPECT_THAT(der, HasSubstr("261124075500Z"));
  EXPECT_THAT(der, HasSubstr("21261125"));
  const auto issued = old.IssueClient(NewRequest(), "x", kUri, kNow + 36000 * kDay, kDay);
  ASSERT_THAT(issued, IsOk());
  EXPECT_EQ(Verify(old.certificate_pem(), *issued, kNow + 36000 * kDay).code, 0);
}

TEST_F(AuthorityTest, SerialNumbersArePositiveLargeAndNeverTheSame) {
  const std::string request = NewRequest();
  std::set<std::string> serials;
  size_t longest = 0;
  for (int i = 0; i < 20; ++i) {
    const auto issued = authority_.IssueClient(request, "x", kUri, kNow, kDay);
    ASSERT_THAT(issued, IsOk());
    const std::string shown =
        MustOpenSsl({"x509", "-in", File("issued.pem", *issued), "-noout", "-serial"});
    ASSERT_THAT(shown, testing::MatchesRegex("serial=[0-9A-F]+\n"));
    const std::string serial = shown.substr(7, shown.size() - 8);
    EXPECT_TRUE(serial.size() < 32 || (serial.size() == 32 && serial[0] < '8')) << serial;
    longest = std::max(longest, serial.size());
    serials.insert(serial);
  }
  EXPECT_EQ(serials.size(), 20u);
  EXPECT_EQ(longest, 32u) << "127 bits: seven in eight of them have all 32 digits";
}

TEST_F(AuthorityTest, NothingButTheKeyIsTakenFromTheRequest) {
  const std::string request = RequestOf(P256KeyFile("wishes.key"));
  const Names names = {"localhost"};
  const auto server = authority_.IssueServer(request, names, kNow, kDay);
  const auto client = authority_.IssueClient(request, "Front door", kUri, kNow, kDay);
  ASSERT_THAT(server, IsOk());
  ASSERT_THAT(client, IsOk());
  for (const std::string& issued : {*server, *client}) {
    const std::string text = Text(issued);
    EXPECT_THAT(text, Not(HasSubstr("Mallory")));
    EXPECT_THAT(text, Not(HasSubstr("evil.example")));
    EXPECT_THAT(text, Not(HasSubstr("urn:example:administrator")));
    EXPECT_THAT(text, Not(HasSubstr("CA:TRUE")));
    EXPECT_THAT(text, Not(HasSubstr("Code Signing")));
    EXPECT_THAT(text, Not(HasSubstr("Certificate Sign")));
    EXPECT_FALSE(Inspect(issued)->is_authority);
  }
  EXPECT_FALSE(Inspect(*server)->for_client);
  EXPECT_FALSE(Inspect(*client)->for_server);
}

TEST_F(AuthorityTest, OnlyWholeRequestsOnP256AreTaken) {
  const std::string good = NewRequest();
  EXPECT_THAT(Issue(good), IsOk());
  struct Case {
    const char* what;
    std::string request;
  };
  const Case cases[] = {
      {"nothing", ""},
      {"noise", "please"},
      {"two", good + good},
      {"the end cut off", good.substr(0, good.size() - 30)},
      {"too long", good + std::string(kMaxRequestBytes, '#')},
      {"a key", NewKey().ToPem()},
      {"a certificate", authority_.certificate_pem()},
      {"RSA", RequestOf(KeyFile("rsa", {"RSA", "-pkeyopt", "rsa_keygen_bits:2048"}))},
      {"Ed25519", RequestOf(KeyFile("ed", {"ED25519"}))},
      {"another curve", RequestOf(KeyFile("p384", {"EC", "-pkeyopt", "ec_paramgen_curve:P-384"}))},
      {"the same curve, spelled out",
       RequestOf(KeyFile("explicit", {"EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt",
                                      "ec_param_enc:explicit"}))},
  };
  for (const Case& c : cases) {
    EXPECT_FALSE(c.what != std::string("nothing") && c.request.empty()) << c.what;
    EXPECT_THAT(Issue(c.request), HasReason("BAD_REQUEST")) << c.what;
    EXPECT_THAT(Issue(c.request), StatusIs(absl::StatusCode::kInvalidArgument)) << c.what;
  }
  EXPECT_THAT(Issue("note\n" + good + "note\n"), IsOk()) << "text around it";
}

TEST_F(AuthorityTest, AnyFlippedBitOfARequestIsNoticed) {
  const std::string der =
      MustOpenSsl({"req", "-in", File("request.pem", NewRequest()), "-outform", "DER"});
  ASSERT_GT(der.size(), 150u);
  EXPECT_THAT(Issue(FromDer("CERTIFICATE REQUEST", der)), IsOk());
  for (size_t at = 0; at < der.size(); ++at) {
    std::string tampered = der;
    tampered[at] = static_cast<char>(tampered[at] ^ (1 << (at % 8)));
    EXPECT_THAT(Issue(FromDer("CERTIFICATE REQUEST", tampered)), HasReason("BAD_REQUEST")) << at;
  }
  EXPECT_THAT(Issue(FromDer("CERTIFICATE REQUEST", der + '\0')), HasReason("BAD_REQUEST"));
}

TEST_F(AuthorityTest, NamesThatAreNoneAreRefused) {
  using namespace std::string_literals;
  const std::string request = NewRequest();
  const std::string bad[] = {"",
                             " ",
                             "a b",
                             "*",
                             "*.example",
                             ".",
                             ".a",
                             "a.",
                             "a..b",
                             "-a",
                             "a-",
                             "a.-b.c",
                             "a_b",
                             "localhost:8080",
                             "https://localhost",
                             "user@host",
                             "a,DNS:b",
                             "a/b",
                             "1.2.3",
                             "256.1.1.1",
                             "1.2.3.4.5",
                             "01.2.3.4",
                             "192.0.2.0/24",
                             "[::1]",
                             "fe80::1%eth0",
                             "::g",
                             "例え.jp",
                             "a\0b"s,
                             "192.0.2.7\0"s,
                             "192.0.2.7\0.evil.example"s,
                             "a\n",
                             "a\x7f",
                             std::string(64, 'a'),
                             std::string(62, 'a') + "." + std::string(62, 'b') + "." +
                                 std::string(62, 'c') + "." + std::string(62, 'd') + ".ee"};
  for (const std::string& name : bad) {
    const Names names = {"localhost", name};
    const auto issued = authority_.IssueServer(request, names, kNow, kDay);
    EXPECT_THAT(issued, HasReason("BAD_NAME")) << name.size() << " " << name;
    EXPECT_THAT(issued, StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(authority_.IssueServer(request, {}, kNow, kDay), HasReason("BAD_NAME"));
  const Names many(kMaxNames + 1, "localhost");
  EXPECT_THAT(authority_.IssueServer(request, many, kNow, kDay), HasReason("BAD_NAME"));
}

TEST_F(AuthorityTest, LongAndManyNamesFit) {
  const std::string longest = std::string(63, 'a') + "." + std::string(63, 'b') + "." +
                              std::string(63, 'c') + "." + std::string(61, 'd');
  ASSERT_EQ(longest.size(), 253u);
  auto info = Inspect(Server({longest, "xn--r8jz45g.jp", "4.example"}));
  ASSERT_THAT(info, IsOk());
  EXPECT_EQ(info->common_name, "xn--r8jz45g.jp") << "the first that fits";
  EXPECT_THAT(info->names, ElementsAre(longest, "xn--r8jz45g.jp", "4.example"));

  const std::string alone = Server({longest});
  EXPECT_EQ(Inspect(alone)->common_name, "");
  EXPECT_THAT(Text(alone), HasSubstr("X509v3 Subject Alternative Name: critical"));
  EXPECT_EQ(Verify(authority_.certificate_pem(), alone, kNow, {"-verify_hostname", longest}).code,
            0);
  EXPECT_THAT(Inspect(Server(Names(kMaxNames, "localhost")))->names, testing::SizeIs(kMaxNames));
}

TEST_F(AuthorityTest, CommonNamesAreTextOfAtMost64Characters) {
  using namespace std::string_literals;
  const std::string request = NewRequest();
  std::string rare;
  for (int i = 0; i < 64; ++i) rare += "𠮷";
  for (const std::string& name : {"王小明"s, std::string(64, 'x'), rare, "a, CN = b/c\"d\\"s}) {
    const auto issued = authority_.IssueClient(request, name, kUri, kNow, kDay);
    ASSERT_THAT(issued, IsOk()) << name;
    EXPECT_EQ(Inspect(*issued)->common_name, name);
    EXPECT_EQ(Verify(authority_.certificate_pem(), *issued, kNow).code, 0);
  }
  for (const std::string& name :
       {""s, "   "s, std::string(65, 'x'), rare + "x", "a\nb"s, "a\0b"s, "\xff"s,
        "\u202e"s
        "a",
        std::string(100000, 'x')}) {
    const auto issued = authority_.IssueClient(request, name, kUri, kNow, kDay);
    EXPECT_THAT(issued, HasReason("BAD_NAME")) << name.size();
    EXPECT_THAT(issued, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(Authority::Create(name, kNow, kDay), HasReason("BAD_NAME")) << name.size();
  }
}

TEST_F(AuthorityTest, UrisAreAbsolute) {
  using namespace std::string_literals;
  const std::string request = NewRequest();
  for (const std::string& uri : {"urn:a:b"s, "spiffe://site.example/door/1"s, "x:%20,DNS:b"s,
                                 "a+b-c.d:1"s, "x:" + std::string(kMaxUriBytes - 2, 'y')}) {
    const auto issued = authority_.IssueClient(request, "x", uri, kNow, kDay);
    ASSERT_THAT(issued, IsOk()) << uri;
    EXPECT_THAT(Inspect(*issued)->uris, ElementsAre(uri));
    EXPECT_THAT(Inspect(*issued)->names, IsEmpty());
  }
  for (const std::string& uri :
       {""s, ":"s, "urn:"s, "urn"s, "/a:b"s, "1a:b"s, ":b"s, "a b:c"s, "urn:a b"s, "urn:a\0b"s,
        "urn:a\n"s, "urn:%"s, "urn:%4"s, "urn:%zz"s, "urn:\"a\""s, "urn:例"s,
        "x:" + std::string(kMaxUriBytes - 1, 'y')}) {
    EXPECT_THAT(authority_.IssueClient(request, "x", uri, kNow, kDay), HasReason("BAD_NAME"))
        << uri;
  }
}

TEST_F(AuthorityTest, ComesBackFromItsTwoTextsAndIssues) {
  auto loaded = Authority::Load(authority_.certificate_pem(), authority_.key_pem());
  ASSERT_THAT(loaded, IsOk());
  EXPECT_EQ(loaded->certificate_pem(), authority_.certificate_pem());
  EXPECT_EQ(loaded->key_pem(), authority_.key_pem());
  const Authority moved = *std::move(loaded);
  const auto issued = moved.IssueClient(NewRequest(), "x", kUri, kNow, kDay);
  ASSERT_THAT(issued, IsOk());
  EXPECT_EQ(Verify(authority_.certificate_pem(), *issued, kNow).code, 0);
}

TEST_F(AuthorityTest, AnExpiredOneLoadsAndDoesNotIssue) {
  const Authority old = NewAuthority("Old", kNow - 100 * kDay, kDay);
  const auto loaded = Authority::Load(old.certificate_pem(), old.key_pem());
  ASSERT_THAT(loaded, IsOk());
  EXPECT_THAT(loaded->IssueClient(NewRequest(), "x", kUri, kNow, kDay),
              HasReason("AUTHORITY_NOT_VALID"));
}

TEST_F(AuthorityTest, AnotherAuthoritysCertificateOfTheSameNameIsNotTakenForItsOwn) {
  const auto loaded =
      Authority::Load(NewAuthority("Test authority").certificate_pem(), authority_.key_pem());
  EXPECT_THAT(loaded, HasReason("BAD_AUTHORITY"));
  EXPECT_THAT(loaded, StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(AuthorityTest, WhatIsNoAuthorityDoesNotLoad) {
  const std::string key = P256KeyFile("ca.key");
  const std::string key_pem = support::ReadFile(key);
  const std::string kCa = "basicConstraints = critical,CA:TRUE\n";
  const std::string kUse = "keyUsage = critical,keyCertSign\n";
  const std::string kId = "subjectKeyIdentifier = hash\n";
  EXPECT_THAT(Authority::Load(SelfSigned(key, kCa + kUse + kId), key_pem), IsOk())
      << "somebody else's will do if all is there";
  const std::string rsa = KeyFile("rsa", {"RSA", "-pkeyopt", "rsa_keygen_bits:2048"});
  const PrivateKey leaf = NewKey();
  const auto issued = authority_.IssueClient(*MakeRequest(leaf), "x", kUri, kNow, kDay);
  ASSERT_THAT(issued, IsOk());
  struct Case {
    const char* what;
    std::string certificate;
    std::string key;
  };
  const Case cases[] = {
      {"CA:FALSE", SelfSigned(key, "basicConstraints = CA:FALSE\n" + kUse + kId), key_pem},
      {"no basicConstraints", SelfSigned(key, kUse + kId), key_pem},
      {"may not sign", SelfSigned(key, kCa + kId + "keyUsage = digitalSignature\n"), key_pem},
      {"no identifier", SelfSigned(key, kCa + kUse + "subjectKeyIdentifier = none\n"), key_pem},
      {"RSA", SelfSigned(rsa, kCa + kUse + kId), support::ReadFile(rsa)},
      {"a client", *issued, leaf.ToPem()},
      {"no certificate", "", key_pem},
      {"no key", authority_.certificate_pem(), ""},
      {"another key", authority_.certificate_pem(), key_pem},
      {"the texts exchanged", authority_.key_pem(), authority_.certificate_pem()},
      {"two certificates", authority_.certificate_pem() + authority_.certificate_pem(),
       authority_.key_pem()},
      {"cut off", authority_.certificate_pem().substr(0, 300), authority_.key_pem()},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(Authority::Load(c.certificate, c.key), HasReason("BAD_AUTHORITY")) << c.what;
  }
}

TEST_F(AuthorityTest, ASignatureThatIsNotItsOwnDoesNotLoad) {
  std::string der =
      MustOpenSsl({"x509", "-in", File("ca.pem", authority_.certificate_pem()), "-outform", "DER"});
  der.back() = static_cast<char>(der.back() ^ 1);
  EXPECT_THAT(Authority::Load(FromDer("CERTIFICATE", der), authority_.key_pem()),
              HasReason("BAD_AUTHORITY"));
}

}  // namespace
}  // namespace rollcall::certificates
