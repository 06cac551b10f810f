#include "papers/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sample.h"

namespace rollcall::papers {
namespace {

using ::testing::Optional;

base::Bytes Hex(const std::string& text) { return base::FromHex(text).value(); }
std::string_view Text(const base::Bytes& bytes) { return base::AsText(bytes); }

// RFC 8032, 7.1, TEST 2.
TEST(KeysTest, SignsAsTheRfcDoes) {
  const base::Bytes seed = Hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const SeedSigner signer{std::span<const uint8_t>(seed).first<32>()};
  EXPECT_EQ(base::ToHex(signer.public_key()),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const base::Bytes message = {0x72};
  const Signature signature = signer.Sign(message);
  EXPECT_EQ(base::ToHex(signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(SignatureFits(signer.public_key(), message, signature));
  EXPECT_FALSE(SignatureFits(signer.public_key(), base::Bytes{0x73}, signature));
}

// RFC 8037, A.1 and A.3: the key above has other bytes there, so that this is the RFC's own.
TEST(KeysTest, TheKeyIdIsTheThumbprintOfTheRfc) {
  const base::Bytes bytes = *FromBase64Url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
  PublicKey key{};
  std::copy(bytes.begin(), bytes.end(), key.begin());
  EXPECT_EQ(Jwk(key),
            R"({"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  EXPECT_EQ(KeyId(key), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

// RFC 9285, 4.3 and 4.4.
TEST(KeysTest, Base45IsThatOfTheRfc) {
  for (const auto& [plain, coded] :
       {std::pair("AB", "BB8"), std::pair("Hello!!", "%69 VD92EX0"),
        std::pair("base-45", "UJCLQE7W581"), std::pair("ietf!", "QED8WEX0"), std::pair("", "")}) {
    EXPECT_EQ(ToBase45(base::AsBytes(plain)), coded);
    const auto back = FromBase45(coded);
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(Text(*back), plain);
  }
}

TEST(KeysTest, TextsThatNobodyWritesAreNotRead) {
  EXPECT_EQ(FromBase45("FGW"), base::Bytes({0xFF, 0xFF}));
  for (const char* text : {"GGW", ":::", "A", "AAAA", "V5", "::", "bb8", "BB8\n", "B_8"}) {
    EXPECT_EQ(FromBase45(text), std::nullopt) << text;
  }
  for (const char* text : {"QQ==", "QR", "Q", "Q Q", "Q+Q/", "QQ\n"}) {
    EXPECT_EQ(FromBase64Url(text), std::nullopt) << text;
  }
  EXPECT_THAT(FromBase64Url("QQ"), Optional(base::Bytes{'A'}));
}

}  // namespace
}  // namespace rollcall::papers
