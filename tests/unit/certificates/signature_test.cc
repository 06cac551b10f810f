// Signatures, verified by the openssl command, and the other way round.
#include "certificates/signature.h"

#include "fixture.h"

namespace rollcall::certificates {
namespace {

using support::HasReason;
using support::IsOk;

class SignatureTest : public CertificatesTest {
 protected:
  std::string CertificateOf(const PrivateKey& key) const {
    const auto request = MakeRequest(key);
    EXPECT_THAT(request, IsOk());
    const auto issued =
        authority_.IssueClient(*request, "A kiosk", "rollcall:kiosk/home/hall/door-1", kNow, kDay);
    EXPECT_THAT(issued, IsOk());
    return issued.value_or("");
  }
  static bool Holds(const std::string& certificate, std::string_view text,
                    std::span<const uint8_t> signature) {
    const auto right = rollcall::certificates::Verify(certificate, base::AsBytes(text), signature);
    EXPECT_THAT(right, IsOk());
    return right.value_or(false);
  }

  const Authority authority_ = NewAuthority();
  const PrivateKey key_ = NewKey();
  const std::string certificate_ = CertificateOf(key_);
};

TEST_F(SignatureTest, HoldsForItsTextAndItsKeyOnly) {
  const auto signature = Sign(key_, base::AsBytes("a camera"));
  ASSERT_THAT(signature, IsOk());
  EXPECT_LE(signature->size(), kMaxSignatureBytes);
  EXPECT_TRUE(Holds(certificate_, "a camera", *signature));
  EXPECT_FALSE(Holds(certificate_, "a camerb", *signature));
  EXPECT_FALSE(Holds(certificate_, "", *signature));
  EXPECT_FALSE(Holds(CertificateOf(NewKey()), "a camera", *signature));
  EXPECT_FALSE(Holds(authority_.certificate_pem(), "a camera", *signature));
}

TEST_F(SignatureTest, EveryChangedByteAndEveryCutIsNoticed) {
  const base::Bytes signature = *Sign(key_, base::AsBytes("a camera"));
  for (size_t i = 0; i < signature.size(); ++i) {
    base::Bytes changed = signature;
    changed[i] ^= 1;
    EXPECT_FALSE(Holds(certificate_, "a camera", changed)) << "byte " << i;
    EXPECT_FALSE(Holds(certificate_, "a camera", std::span(signature).first(i))) << "cut at " << i;
  }
  EXPECT_FALSE(Holds(certificate_, "a camera", base::Bytes(1 << 20)));
}

TEST_F(SignatureTest, IsWhatOpensslCallsOne) {
  const base::Bytes signature = *Sign(key_, base::AsBytes("a camera"));
  const std::string text = File("text", "a camera");
  const std::string key = File("key.pem", key_.ToPem());
  const std::string ours = File("ours", std::string(base::AsText(signature)));
  const std::string public_key = File(
      "public.pem", MustOpenSsl({"x509", "-in", File("c.pem", certificate_), "-noout", "-pubkey"}));
  MustOpenSsl({"dgst", "-sha256", "-verify", public_key, "-signature", ours, text});
  MustOpenSsl({"dgst", "-sha256", "-sign", key, "-out", Path("theirs"), text});
  EXPECT_TRUE(Holds(certificate_, "a camera", base::AsBytes(support::ReadFile(Path("theirs")))));
}

TEST_F(SignatureTest, ACertificateThatIsNoneIsSaidSo) {
  const base::Bytes signature = *Sign(key_, base::AsBytes("a camera"));
  EXPECT_THAT(rollcall::certificates::Verify("none", base::AsBytes("a camera"), signature),
              HasReason("BAD_CERTIFICATE"));
}

}  // namespace
}  // namespace rollcall::certificates
