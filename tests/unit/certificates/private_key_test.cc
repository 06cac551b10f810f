// Keys and signing requests, read back by the openssl command.
#include "certificates/private_key.h"

#include "fixture.h"

namespace rollcall::certificates {
namespace {

using support::HasReason;
using support::IsOk;
using support::StatusIs;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class PrivateKeyTest : public CertificatesTest {};

TEST_F(PrivateKeyTest, IsAP256KeyThatOpensslTakes) {
  const PrivateKey key = NewKey();
  EXPECT_THAT(key.ToPem(), StartsWith("-----BEGIN PRIVATE KEY-----\n"));
  const std::string shown =
      MustOpenSsl({"pkey", "-in", File("key.pem", key.ToPem()), "-check", "-noout", "-text"});
  EXPECT_THAT(shown, HasSubstr("Key is valid"));
  EXPECT_THAT(shown, HasSubstr("ASN1 OID: prime256v1"));
}

TEST_F(PrivateKeyTest, ComesBackFromItsPemAndNoTwoAreAlike) {
  const PrivateKey key = NewKey();
  const auto again = PrivateKey::FromPem(key.ToPem());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->ToPem(), key.ToPem());
  EXPECT_NE(NewKey().ToPem(), key.ToPem());
}

TEST_F(PrivateKeyTest, MovesAndIsReplaced) {
  PrivateKey key = NewKey();
  const std::string pem = key.ToPem();
  PrivateKey moved = std::move(key);
  EXPECT_EQ(moved.ToPem(), pem);
  key = NewKey();
  moved = std::move(key);
  EXPECT_NE(moved.ToPem(), pem);
}

TEST_F(PrivateKeyTest, TakesSec1AndTextAroundTheBlock) {
  const std::string sec1 = MustOpenSsl({"ecparam", "-name", "prime256v1", "-genkey", "-noout"});
  ASSERT_THAT(sec1, StartsWith("-----BEGIN EC PRIVATE KEY-----"));
  const auto key = PrivateKey::FromPem("# somebody's note\n" + sec1 + "and another\n");
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->ToPem(),
            MustOpenSsl({"pkcs8", "-topk8", "-nocrypt", "-in", File("sec1.pem", sec1)}));
}

TEST_F(PrivateKeyTest, AnythingElseIsRefused) {
  const std::string good = NewKey().ToPem();
  const std::string file = File("good.pem", good);
  struct Case {
    const char* what;
    std::string pem;
  };
  const Case cases[] = {
      {"nothing", ""},
      {"noise", "a key, honestly\n"},
      {"two keys", good + good},
      {"the end cut off", good.substr(0, good.size() - 30)},
      {"the middle missing", good.substr(0, 60) + good.substr(90)},
      {"too long", good + std::string(65536, '#')},
      {"another curve",
       support::ReadFile(KeyFile("p384", {"EC", "-pkeyopt", "ec_paramgen_curve:P-384"}))},
      {"the same curve, spelled out",
       support::ReadFile(KeyFile("explicit", {"EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                                              "-pkeyopt", "ec_param_enc:explicit"}))},
      {"RSA", support::ReadFile(KeyFile("rsa", {"RSA", "-pkeyopt", "rsa_keygen_bits:2048"}))},
      {"Ed25519", support::ReadFile(KeyFile("ed", {"ED25519"}))},
      {"public", MustOpenSsl({"pkey", "-in", file, "-pubout"})},
      {"a request", NewRequest()},
      {"a certificate", NewAuthority().certificate_pem()},
  };
  for (const Case& c : cases) {
    EXPECT_FALSE(c.what != std::string("nothing") && c.pem.empty()) << c.what;
    const auto key = PrivateKey::FromPem(c.pem);
    EXPECT_THAT(key, HasReason("BAD_KEY")) << c.what;
    EXPECT_THAT(key, StatusIs(absl::StatusCode::kInvalidArgument)) << c.what;
  }
}

// With a password callback of OpenSSL's own, each would wait at the terminal.
TEST_F(PrivateKeyTest, EncryptedOnesAreNamedAndNobodyIsAsked) {
  const std::string file = File("good.pem", NewKey().ToPem());
  const std::string encrypted[] = {
      MustOpenSsl({"pkcs8", "-topk8", "-in", file, "-passout", "pass:secret"}),
      MustOpenSsl({"ec", "-in", file, "-aes128", "-passout", "pass:secret"}),
  };
  EXPECT_THAT(encrypted[0], StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
  EXPECT_THAT(encrypted[1], HasSubstr("Proc-Type: 4,ENCRYPTED"));
  for (const std::string& pem : encrypted) {
    const auto key = PrivateKey::FromPem(pem);
    EXPECT_THAT(key, HasReason("BAD_KEY"));
    EXPECT_THAT(base::Message(key.status()), HasSubstr("encrypted"));
  }
}

TEST_F(PrivateKeyTest, APublicKeyThatIsNotItsOwnIsRefused) {
  // SEC 1 says both; this one says the private number of one key and the public point of another.
  const std::string one =
      MustOpenSsl({"ecparam", "-name", "prime256v1", "-genkey", "-noout", "-outform", "DER"});
  const std::string other =
      MustOpenSsl({"ecparam", "-name", "prime256v1", "-genkey", "-noout", "-outform", "DER"});
  ASSERT_EQ(one.size(), 121u);  // 7 bytes, the number, and what follows it
  constexpr size_t kEndOfNumber = 7 + 32;
  const std::string mixed = one.substr(0, kEndOfNumber) + other.substr(kEndOfNumber);
  EXPECT_THAT(PrivateKey::FromPem(FromDer("EC PRIVATE KEY", one)), IsOk());
  EXPECT_THAT(PrivateKey::FromPem(FromDer("EC PRIVATE KEY", one + '\0')), HasReason("BAD_KEY"));
  EXPECT_THAT(PrivateKey::FromPem(FromDer("EC PRIVATE KEY", mixed)), HasReason("BAD_KEY"));
}

TEST_F(PrivateKeyTest, ErrorsHoldNothingOfTheKey) {
  const std::string good = NewKey().ToPem();
  const std::string body = good.substr(good.find('\n') + 1, 150);
  for (const std::string& pem : {good + good, good.substr(0, good.size() - 30), body}) {
    const auto key = PrivateKey::FromPem(pem);
    ASSERT_FALSE(key.ok());
    for (size_t at = 0; at + 8 <= body.size(); ++at) {
      EXPECT_THAT(key.status().ToString(), Not(HasSubstr(body.substr(at, 8))));
    }
  }
}

TEST_F(PrivateKeyTest, ARequestProvesTheKeyAndSaysNothingElse) {
  const PrivateKey key = NewKey();
  const auto request = MakeRequest(key);
  ASSERT_THAT(request, IsOk());
  EXPECT_THAT(*request, StartsWith("-----BEGIN CERTIFICATE REQUEST-----\n"));
  const std::string file = File("request.pem", *request);
  const auto verified = OpenSsl({"req", "-in", file, "-verify", "-noout"});
  EXPECT_EQ(verified.code, 0);
  EXPECT_THAT(verified.errors + verified.output, HasSubstr("verify OK"));
  EXPECT_EQ(MustOpenSsl({"req", "-in", file, "-noout", "-pubkey"}),
            MustOpenSsl({"pkey", "-in", File("key.pem", key.ToPem()), "-pubout"}));
  const std::string shown = MustOpenSsl({"req", "-in", file, "-noout", "-text"});
  EXPECT_THAT(shown, HasSubstr("Version: 1 (0x0)"));
  EXPECT_THAT(shown, HasSubstr("Subject: \n"));
  EXPECT_THAT(shown, HasSubstr("Signature Algorithm: ecdsa-with-SHA256"));
  EXPECT_THAT(shown, HasSubstr("Requested Extensions:\n    Signature")) << "and none follow";
}

}  // namespace
}  // namespace rollcall::certificates
