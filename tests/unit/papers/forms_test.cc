#include "papers/forms.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "sample.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::papers {
namespace {

using nlohmann::json;
using support::HasReason;
using support::IsOk;

std::string Replace(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// The credential's payload, altered and signed again by `signer`.
std::string Resigned(const std::string& jwt, const std::function<void(json&, json&)>& alter) {
  const size_t first = jwt.find('.');
  const size_t second = jwt.rfind('.');
  json header = json::parse(base::AsText(*FromBase64Url(jwt.substr(0, first))));
  json payload =
      json::parse(base::AsText(*FromBase64Url(jwt.substr(first + 1, second - first - 1))));
  alter(header, payload);
  const std::string input =
      ToBase64Url(base::AsBytes(header.dump())) + "." + ToBase64Url(base::AsBytes(payload.dump()));
  return input + "." + ToBase64Url(MakeSigner().Sign(base::AsBytes(input)));
}

std::string MakeJwt() { return MakeVcJwt(MakeCertificate().statement, MakeSigner()).value(); }

// The names are a promise to whoever reads certificates by program.
TEST(JsonTest, IsTheGoldenOne) {
  const auto golden = support::SourceDir() / "tests/golden/hour_certificate_v1.json";
  EXPECT_EQ(MakeJson(MakeCertificate()), support::ReadFile(golden));
}

TEST(JsonTest, ThereAndBack) {
  for (const Statement& statement :
       {MakeStatement(), MakeLongStatement(500), MakeLongestStatement()}) {
    const Certificate certificate = MakeCertificate(statement);
    const auto back = ReadJson(MakeJson(certificate));
    ASSERT_THAT(back, IsOk());
    EXPECT_EQ(back->statement, certificate.statement);
    EXPECT_EQ(back->signature, certificate.signature);
  }
}

TEST(JsonTest, SpacesAndEscapesDoNotMatter) {
  const std::string text = MakeJson(MakeCertificate());
  EXPECT_THAT(ReadJson(json::parse(text).dump()), IsOk());
  EXPECT_THAT(ReadJson(json::parse(text).dump(8, '\t', /*ensure_ascii=*/true)), IsOk());
}

TEST(JsonTest, SaysNothingOfHowSomebodyProvedHerself) {
  const std::string text = MakeJson(MakeCertificate());
  for (const char* word : {"face", "FACE", "pin", "PIN"}) {
    EXPECT_EQ(text.find(word), std::string::npos) << word;
  }
}

TEST(JsonTest, WhatIsNotOneIsRefused) {
  const std::string good = MakeJson(MakeCertificate());
  const std::vector<std::string> bad = {
      "",
      "[]",
      "{}",
      "null",
      good.substr(0, good.size() / 2),
      good + "x",
      "\xef\xbb\xbf{",
      std::string(100'000, '['),
      Replace(good, "certificate-1", "certificate-2"),
      Replace(good, "\"signature\": \"", "\"signature\": \"!"),
      Replace(good, "\"format\"", "\"more\": 1, \"format\""),
      Replace(good, "\"total\": 185", "\"total\": 186"),
      Replace(good, "\"total\": 185", "\"total\": 185.0"),
      Replace(good, "\"total\": 185", "\"total\": 4294967481"),
      Replace(good, "\"total\": 185", "\"total\": \"185\""),
      Replace(good, "\"size\": 12345", "\"size\": -12345"),
      Replace(good, "\"witnessed_on_site\": 185", "\"witnessed_on_site\": true"),
      Replace(good, "\"place\"", "\"where\""),
      Replace(good, "\"place\"", "\"place\": \"x\", \"place\""),
      Replace(good, "\"place\"", "\"wing\": \"x\", \"place\""),
      Replace(good, "2026-10-18", "2026-10-32"),
      Replace(good, "2026-10-18", "2026-10-8"),
      Replace(good, "2026-11-24T08:00:00Z", "2026-11-24T16:00:00+08:00"),
      Replace(good, "\"root\": \"01", "\"root\": \"1"),
  };
  for (size_t i = 0; i < bad.size(); ++i)
    EXPECT_THAT(ReadJson(bad[i]), HasReason("BAD_CERTIFICATE")) << i;
  EXPECT_THAT(ReadJson(std::string(kMaxFormBytes + 1, ' ')), HasReason("BAD_CERTIFICATE"));
  EXPECT_THAT(ReadJson(Replace(good, "\"number\": \"QH", "\"number\": \"/QH")),
              HasReason("BAD_ID"));
}

TEST(VcJwtTest, ThereAndBack) {
  const auto back = ReadVcJwt(MakeJwt() + "\n");
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->statement, MakeCertificate().statement);
  EXPECT_EQ(back->key, MakeSigner().public_key());
}

// Another reader: OpenSSL instead of libsodium, and nothing of this folder but base64url.
TEST(VcJwtTest, OpensslVerifiesItByTheKeyThatItNames) {
  const std::string jwt = MakeJwt();
  const size_t second = jwt.rfind('.');
  const json header = json::parse(base::AsText(*FromBase64Url(jwt.substr(0, jwt.find('.')))));
  EXPECT_EQ(header.at("alg"), "EdDSA");
  EXPECT_EQ(header.at("typ"), "vc+jwt");
  const std::string kid = header.at("kid");
  const std::string did = kid.substr(0, kid.size() - 2);
  const json jwk =
      json::parse(base::AsText(*FromBase64Url(did.substr(std::string("did:jwk:").size()))));
  EXPECT_EQ(jwk.at("kty"), "OKP");
  EXPECT_EQ(jwk.at("crv"), "Ed25519");
  const base::Bytes x = *FromBase64Url(jwk.at("x").get<std::string>());
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, x.data(), x.size()), &EVP_PKEY_free);
  const auto verifies = [&](std::string input) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    const base::Bytes signature = *FromBase64Url(jwt.substr(second + 1));
    return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                            reinterpret_cast<const unsigned char*>(input.data()),
                            input.size()) == 1;
  };
  EXPECT_TRUE(verifies(jwt.substr(0, second)));
  std::string altered = jwt.substr(0, second);
  altered.back() = altered.back() == 'A' ? 'B' : 'A';
  EXPECT_FALSE(verifies(altered));

  const json payload = json::parse(
      base::AsText(*FromBase64Url(jwt.substr(jwt.find('.') + 1, second - jwt.find('.') - 1))));
  EXPECT_EQ(payload.at("@context").at(0), "https://www.w3.org/ns/credentials/v2");
  EXPECT_EQ(payload.at("type").at(0), "VerifiableCredential");
  EXPECT_EQ(payload.at("issuer").at("id"), did);
  EXPECT_EQ(payload.at("validFrom"), "2026-12-01T08:00:00Z");
  EXPECT_EQ(payload.at("credentialSubject").at("hourCertificate").at("minutes").at("total"), 460);
}

TEST(VcJwtTest, AnotherKeyThanTheStatementsDoesNotSign) {
  EXPECT_THAT(MakeVcJwt(MakeStatement(), MakeSigner(8)), HasReason("OTHER_KEY"));
}

TEST(VcJwtTest, WhatIsNotOneIsRefusedHoweverWellSigned) {
  const std::string good = MakeJwt();
  ASSERT_THAT(ReadVcJwt(Resigned(good, [](json&, json&) {})), IsOk());
  const std::vector<std::function<void(json&, json&)>> alterations = {
      [](json& header, json&) { header["alg"] = "none"; },
      [](json& header, json&) { header["alg"] = "HS256"; },
      [](json& header, json&) { header["crit"] = json::array(); },
      [](json& header, json&) { header.erase("typ"); },
      [](json& header, json&) { header["kid"] = "did:jwk:e30#0"; },
      [](json&, json& payload) { payload["issuer"]["name"] = "Somebody Else"; },
      [](json&, json& payload) { payload["issuer"]["id"] = "did:web:example.org"; },
      [](json&, json& payload) { payload["validFrom"] = "2020-01-01T00:00:00Z"; },
      [](json&, json& payload) { payload["exp"] = 1; },
      [](json&, json& payload) { payload.erase("credentialSubject"); },
      [](json&, json& payload) { payload = json::array(); },
      [](json&, json& payload) { payload["credentialSubject"]["hourCertificate"]["extra"] = 1; },
  };
  for (size_t i = 0; i < alterations.size(); ++i) {
    EXPECT_THAT(ReadVcJwt(Resigned(good, alterations[i])), HasReason("BAD_CERTIFICATE")) << i;
  }
  for (const std::string& text :
       {std::string(), std::string(".."), std::string("a.b.c"), good.substr(0, good.rfind('.')),
        good + "=", good + ".x", "x" + good, good.substr(0, good.size() - 1)}) {
    EXPECT_THAT(ReadVcJwt(text), HasReason("BAD_CERTIFICATE"));
  }
}

TEST(QrTextTest, ThereAndBack) {
  const Certificate certificate = MakeCertificate();
  const auto back = ReadQrText(MakeQrText(certificate));
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(back->summary, Summarise(certificate.statement));
  EXPECT_EQ(back->signature, certificate.signature);
}

TEST(QrTextTest, WhatIsNotOneIsRefused) {
  const std::string good = MakeQrText(MakeCertificate());
  for (const std::string& text :
       {std::string(), std::string("ROLLCALL1:"), std::string("https://example.org"),
        Replace(good, "ROLLCALL1", "ROLLCALL2"), good + "\n", good + std::string(2048, '0'),
        std::string(kQrPrefix) + "a"}) {
    EXPECT_THAT(ReadQrText(text), HasReason("BAD_CERTIFICATE")) << text;
  }
  EXPECT_FALSE(ReadQrText(good.substr(0, good.size() - 1)).ok());
  EXPECT_FALSE(ReadQrText(good.substr(0, good.size() - 3)).ok());
  EXPECT_FALSE(ReadQrText(good + "000").ok());
}

}  // namespace
}  // namespace rollcall::papers
