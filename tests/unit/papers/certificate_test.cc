#include "papers/certificate.h"

#include <gtest/gtest.h>

#include "sample.h"
#include "support/status_matchers.h"

namespace rollcall::papers {
namespace {

using support::HasReason;
using support::IsOk;

bool Fits(const Summary& summary, const Signature& signature) {
  return SignatureFits(MakeSigner().public_key(), SignedBytes(summary), signature);
}

TEST(CertificateTest, BytesAndBack) {
  for (const Statement& statement :
       {MakeStatement(), MakeLongStatement(500), MakeLongestStatement()}) {
    const auto back = DecodeStatement(EncodeStatement(statement));
    ASSERT_THAT(back, IsOk());
    EXPECT_EQ(*back, statement);
    const Summary summary = Summarise(statement);
    const auto summary_back = DecodeSummary(EncodeSummary(summary));
    ASSERT_THAT(summary_back, IsOk());
    EXPECT_EQ(*summary_back, summary);
  }
}

// What docs/hour-certificate.md says byte by byte, put together here without the encoder.
TEST(CertificateTest, TheSignedBytesAreTheDocumentedOnes) {
  const Statement statement = MakeStatement();
  const auto hash = base::Sha256(EncodeStatement(statement));
  const std::string expected =
      base::ToHex(base::AsBytes("rollcall hour certificate 1")) + "00" +  //
      "000e" + base::ToHex(base::AsBytes("QH-2026-000123")) +             //
      "000c" + base::ToHex(base::AsBytes("欧阳晓雯")) +                   //
      "000b" + base::ToHex(base::AsBytes("V-2019-0042")) +                //
      "0006" + base::ToHex(base::AsBytes("qinghe")) +                     //
      "001b" + base::ToHex(base::AsBytes("清河街道志愿服务站")) +         //
      "07ea0101" + "07ea0b14" +                                           // the period
      "00000118" + "0000003c" + "00000078" +                              // 280, 60, 120
      "000000006b054400" + "000000006b0e7e80" +                           // the times
      "01e0" +                                                            // +480
      base::ToHex(*FromBase64Url(KeyId(MakeSigner().public_key()))) + base::ToHex(hash);
  EXPECT_EQ(base::ToHex(SignedBytes(Summarise(statement))), expected);
}

TEST(CertificateTest, BytesThatAreCutOffOrTooManyAreRefused) {
  const base::Bytes whole = EncodeStatement(MakeStatement());
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(DecodeStatement(std::span(whole).first(size)).ok()) << size;
  }
  base::Bytes more = whole;
  more.push_back(0);
  EXPECT_THAT(DecodeStatement(more), HasReason("BAD_STATEMENT"));
  const base::Bytes summary = EncodeSummary(Summarise(MakeStatement()));
  for (size_t size = 0; size < summary.size(); ++size) {
    EXPECT_FALSE(DecodeSummary(std::span(summary).first(size)).ok()) << size;
  }
  more = summary;
  more.push_back(0);
  EXPECT_THAT(DecodeSummary(more), HasReason("BAD_SUMMARY"));
}

// One form for one statement: whatever is read is what would have been written.
TEST(CertificateTest, EveryFlippedByteOfTheStatementIsNoticed) {
  const Certificate certificate = MakeCertificate();
  const base::Bytes whole = EncodeStatement(certificate.statement);
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      base::Bytes bytes = whole;
      bytes[at] = static_cast<uint8_t>(bytes[at] ^ flip);
      const auto statement = DecodeStatement(bytes);
      if (!statement.ok()) continue;
      EXPECT_EQ(EncodeStatement(*statement), bytes) << at;
      EXPECT_FALSE(Fits(Summarise(*statement), certificate.signature)) << at;
    }
  }
}

TEST(CertificateTest, EveryFlippedByteOfTheSummaryAndTheSignatureIsNoticed) {
  const Certificate certificate = MakeCertificate();
  const Summary summary = Summarise(certificate.statement);
  ASSERT_TRUE(Fits(summary, certificate.signature));
  const base::Bytes whole = EncodeSummary(summary);
  for (size_t at = 0; at < whole.size(); ++at) {
    for (int flip = 1; flip < 256; ++flip) {
      base::Bytes bytes = whole;
      bytes[at] = static_cast<uint8_t>(bytes[at] ^ flip);
      const auto read = DecodeSummary(bytes);
      EXPECT_FALSE(read.ok() && Fits(*read, certificate.signature)) << at;
    }
  }
  for (size_t at = 0; at < certificate.signature.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      Signature signature = certificate.signature;
      signature[at] = static_cast<uint8_t>(signature[at] ^ (1 << bit));
      EXPECT_FALSE(Fits(summary, signature)) << at;
    }
  }
}

// Another purpose's signature by the same key is worth nothing here.
TEST(CertificateTest, TheDomainIsSigned) {
  const Summary summary = Summarise(MakeStatement());
  EXPECT_FALSE(Fits(summary, MakeSigner().Sign(EncodeSummary(summary))));
}

TEST(CertificateTest, IssueNamesTheKey) {
  Statement statement = MakeStatement();
  statement.key_id = "somebody else's";
  EXPECT_EQ(MakeCertificate(statement).statement.key_id, KeyId(MakeSigner().public_key()));
}

}  // namespace
}  // namespace rollcall::papers
