#include "webhooks/signing.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <set>
#include <string>

#include "base/bytes.h"

namespace rollcall::webhooks {
namespace {

base::Bytes FromBase64(const std::string& text) {
  base::Bytes bytes(text.size());
  size_t size = 0;
  EXPECT_EQ(sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size,
                              nullptr, sodium_base64_VARIANT_ORIGINAL),
            0);
  bytes.resize(size);
  return bytes;
}

SigningKeys KeysOf(const std::string& secret, const std::string& seed) {
  return KeysFrom(FromBase64(secret), std::span<const uint8_t, 32>(FromBase64(seed)));
}

// The vectors that the reference libraries of Standard Webhooks publish in their own tests.
TEST(Signing, GivesThePublishedSignatures) {
  const SigningKeys keys =
      KeysOf("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=");
  EXPECT_EQ(
      SignatureHeader(keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
      " v1a,tQ9V2XOqn7jL/"
      "DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==");
  EXPECT_EQ(SecretText(keys), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
}

TEST(Signing, EveryPartIsSigned) {
  const SigningKeys keys =
      KeysOf("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=");
  const std::set<std::string> all = {
      SignatureHeader(keys, "a", 1, "x"), SignatureHeader(keys, "b", 1, "x"),
      SignatureHeader(keys, "a", 2, "x"), SignatureHeader(keys, "a", 1, "y")};
  EXPECT_EQ(all.size(), 4u);
}

vault::SecretKey Master(uint8_t first) {
  vault::SecretKey key;
  for (size_t i = 0; i < key.bytes().size(); ++i) {
    key.bytes()[i] = static_cast<uint8_t>(first + i);
  }
  return key;
}

base::Uuid Id(uint8_t high, uint8_t low) {
  base::Uuid id;
  id.bytes[0] = high;
  id.bytes[15] = low;
  return id;
}

// Receivers hold what comes out of the derivation: it never changes. The values are those of
// libsodium's crypto_kdf, computed independently (BLAKE2b, RFC 7693, with salt and personalisation)
// in Python.
TEST(Signing, TheDerivationStaysWhatItIs) {
  const SigningKeys keys = DeriveKeys(Master(1), Id(1, 2));
  EXPECT_EQ(SecretText(keys), "whsec_CVJZx8rZAi6SBFJMjd07Jj5KykpbCSIH9sh24BQAs/o=");
  EXPECT_EQ(PublicKeyText(keys), "whpk_iFhUxFu6DdPC85pdHDCAAA1AJm5iaQe2dDMJygl5iyI=");
}

TEST(Signing, NoTwoWebhooksAndNoTwoServersShareAKey) {
  std::set<std::string> secrets, publics;
  for (const auto& [master, id] : {std::pair(1, Id(1, 2)), std::pair(1, Id(1, 3)),
                                   std::pair(1, Id(2, 2)), std::pair(2, Id(1, 2))}) {
    const SigningKeys keys = DeriveKeys(Master(static_cast<uint8_t>(master)), id);
    EXPECT_EQ(keys.hmac.bytes().size(), 32u);
    secrets.insert(SecretText(keys));
    publics.insert(PublicKeyText(keys));
  }
  EXPECT_EQ(secrets.size(), 4u);
  EXPECT_EQ(publics.size(), 4u);
}

}  // namespace
}  // namespace rollcall::webhooks
