#include "proof/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "cases.h"
#include "proof/encoding.h"
#include "support/status_matchers.h"

namespace rollcall::proof {
namespace {

using support::HasReason;
using support::IsOk;

// The example in the documentation of golang.org/x/mod/sumdb/note.
constexpr std::string_view kGoSecret =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
constexpr std::string_view kGoPublic =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

TEST(KeysTest, TheTextFormsOfTheReferenceImplementation) {
  const auto secret = SigningKey::Parse(kGoSecret);
  ASSERT_THAT(secret, IsOk());
  EXPECT_EQ(secret->verifier().ToText(), kGoPublic);
  EXPECT_EQ(secret->ToSecretText(), kGoSecret);
  const auto key = VerifierKey::Parse(kGoPublic);
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->name(), "PeterNeumann");
  EXPECT_EQ(key->id(), 0xc74f20a3u);
  EXPECT_EQ(*key, secret->verifier());
}

TEST(KeysTest, ASignatureHoldsForItsMessageAndKeyOnly) {
  const SigningKey& key = TestLog::Key();
  const std::string message = "text\n";
  Signature signature = key.Sign(base::AsBytes(message));
  EXPECT_TRUE(key.verifier().Verify(base::AsBytes(message), signature));
  EXPECT_FALSE(key.verifier().Verify(base::AsBytes("Text\n"), signature));
  EXPECT_FALSE(TestLog::OtherKey().verifier().Verify(base::AsBytes(message), signature));
  EXPECT_FALSE(key.verifier().Verify(base::AsBytes(message), std::span(signature).first(63)));
  EXPECT_FALSE(key.verifier().Verify(base::AsBytes(message), {}));
  for (size_t i = 0; i < signature.size(); ++i) {
    signature[i] ^= 1;
    EXPECT_FALSE(key.verifier().Verify(base::AsBytes(message), signature)) << i;
    signature[i] ^= 1;
  }
}

TEST(KeysTest, GeneratedKeysComeBackFromTheirTextAndTheirSeed) {
  base::SeededRandom random(7);
  const SigningKey key = SigningKey::Generate("site.example/分站", random).value();
  const SigningKey read = SigningKey::Parse(key.ToSecretText()).value();
  EXPECT_EQ(read.verifier(), key.verifier());
  const SigningKey seeded = SigningKey::FromSeed("site.example/分站", key.seed()).value();
  EXPECT_EQ(seeded.Sign(base::AsBytes("x")), key.Sign(base::AsBytes("x")));
  EXPECT_NE(SigningKey::Generate("site.example/分站", random)->verifier(), key.verifier());
}

TEST(KeysTest, AMovedKeySigns) {
  base::SeededRandom random(7);
  SigningKey key = SigningKey::Generate("a", random).value();
  const Signature signature = key.Sign(base::AsBytes("x"));
  SigningKey other = std::move(key);
  EXPECT_EQ(other.Sign(base::AsBytes("x")), signature);
  key = std::move(other);
  EXPECT_EQ(key.Sign(base::AsBytes("x")), signature);
}

TEST(KeysTest, NamesThatNameNoKey) {
  for (const std::string& name :
       {std::string(""), std::string("a b"), std::string("a+b"), std::string("a\nb"),
        std::string("a\tb"), std::string("a\0b", 3), std::string("a\x7f"), std::string("\xff"),
        std::string("a\u00a0b"), std::string("a\u3000b"), std::string("a\u2028b"),
        std::string("a\u0085b"), std::string(256, 'a')}) {
    EXPECT_THAT(ValidateKeyName(name), HasReason("BAD_KEY_NAME")) << name;
    base::SeededRandom random(1);
    EXPECT_THAT(SigningKey::Generate(name, random), HasReason("BAD_KEY_NAME"));
  }
  EXPECT_THAT(ValidateKeyName(std::string(255, 'a')), IsOk());
  EXPECT_THAT(ValidateKeyName("账本.example/42"), IsOk());
}

TEST(KeysTest, MalformedVerifierKeys) {
  const std::string good(kGoPublic);
  std::vector<std::string> bad = {
      "",
      "PeterNeumann",
      "PeterNeumann+c74f20a3",
      "PeterNeumann+c74f20a3+",
      "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      "PeterNeumann+c74f20a3+AhpC2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      std::string(kGoSecret),
      good + "\n",
      good + "=",
      " " + good,
      good.substr(0, good.size() - 4),
  };
  for (const std::string& text : bad) {
    EXPECT_THAT(VerifierKey::Parse(text), HasReason("BAD_VERIFIER_KEY")) << text;
  }
  for (size_t i = 0; i < good.size(); ++i) {
    std::string text = good;
    text[i] = text[i] == 'A' ? 'B' : 'A';
    EXPECT_THAT(VerifierKey::Parse(text), HasReason("BAD_VERIFIER_KEY")) << text;
  }
}

// The point of order 1: any signature (R, 0) with R of small order would hold for every message.
TEST(KeysTest, AKeyOfSmallOrderIsNoKey) {
  std::array<uint8_t, 32> one{};
  one[0] = 1;
  EXPECT_THAT(VerifierKey::Make("a", one), HasReason("BAD_VERIFIER_KEY"));
  EXPECT_THAT(VerifierKey::Make("a", std::array<uint8_t, 32>{}), HasReason("BAD_VERIFIER_KEY"));
}

TEST(KeysTest, MalformedSigningKeysAreNotShown) {
  const std::string good(kGoSecret);
  for (const std::string& text :
       {std::string(), good.substr(12), good.substr(0, good.size() - 1), good + "A",
        "PRIVATE+KEY+PeterNeumanm" + good.substr(24), "private" + good.substr(7)}) {
    const auto key = SigningKey::Parse(text);
    EXPECT_THAT(key, HasReason("BAD_SIGNING_KEY")) << text;
    EXPECT_EQ(base::Message(key.status()).find("AYEK"), std::string::npos);
  }
}

TEST(EncodingTest, Base64HasOneTextForEachValue) {
  EXPECT_EQ(FromBase64("QQ=="), base::Bytes{'A'});
  EXPECT_EQ(FromBase64("/+8="), (base::Bytes{0xff, 0xef}));
  EXPECT_EQ(FromBase64(""), base::Bytes());
  for (const char* text : {"QQ", "QQ=", "QR==", "QQ===", "QQ==QQ==", " QQ==", "QQ==\n", "QQ==x",
                           "Q\nQ==", "_-8=", "Q===", "====", "QUJD=", "é"}) {
    EXPECT_EQ(FromBase64(text), std::nullopt) << text;
  }
  EXPECT_EQ(FromBase64(std::string_view("QQ==\0", 5)), std::nullopt);
}

TEST(EncodingTest, DecimalsHaveOneTextForEachValue) {
  EXPECT_EQ(FromDecimal("0"), 0u);
  EXPECT_EQ(FromDecimal("10"), 10u);
  EXPECT_EQ(FromDecimal("18446744073709551615"), ~uint64_t{0});
  for (const char* text : {"", "00", "01", "-1", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "٣",
                           "18446744073709551616", "99999999999999999999999"}) {
    EXPECT_EQ(FromDecimal(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace rollcall::proof
