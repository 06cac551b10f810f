#include "papers/revocations.h"

#include <gtest/gtest.h>

#include "sample.h"
#include "support/status_matchers.h"

namespace rollcall::papers {
namespace {

using support::HasReason;
using support::IsOk;

base::Time At(const char* text) { return base::ParseTime(text).value(); }

RevocationList MakeList() {
  return {.version = 3,
          .issued = At("2026-12-10T08:00:00Z"),
          .revocations = {
              {"QH-2026-000007", At("2026-12-01T09:30:00Z"), RevocationReason::kFraud},
              {"QH-2026-000099", At("2026-12-09T00:00:00Z"), RevocationReason::kHoursCorrected}}};
}

const std::vector<PublicKey>& Keys() {
  static const std::vector<PublicKey> keys = {MakeSigner(9).public_key(),
                                              MakeSigner().public_key()};
  return keys;
}

std::string Signed(const std::string& body) {
  const SeedSigner signer = MakeSigner();
  return body + "signed " + KeyId(signer.public_key()) + " " +
         ToBase64Url(signer.Sign(base::AsBytes(body))) + "\n";
}

TEST(RevocationsTest, ThereAndBack) {
  const std::string text = MakeRevocations(MakeList(), MakeSigner()).value();
  EXPECT_TRUE(
      text.starts_with("rollcall revocations 1\n"
                       "version 3\n"
                       "issued 2026-12-10T08:00:00Z\n"
                       "revoked QH-2026-000007 2026-12-01T09:30:00Z fraud\n"
                       "revoked QH-2026-000099 2026-12-09T00:00:00Z hours-corrected\n"
                       "signed "));
  const auto back = ReadRevocations(text, Keys(), nullptr);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(*back, MakeList());
  ASSERT_NE(back->Find("QH-2026-000099"), nullptr);
  EXPECT_EQ(back->Find("QH-2026-000099")->reason, RevocationReason::kHoursCorrected);
  EXPECT_EQ(back->Find("QH-2026-000098"), nullptr);
  EXPECT_EQ(back->Find("QH-2026-00009"), nullptr);
  EXPECT_EQ(back->Find("Z"), nullptr);
}

TEST(RevocationsTest, AnEmptyListIsAList) {
  const RevocationList empty{.version = 1, .issued = At("2026-12-10T08:00:00Z"), .revocations = {}};
  const auto back = ReadRevocations(MakeRevocations(empty, MakeSigner()).value(), Keys(), nullptr);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(*back, empty);
}

TEST(RevocationsTest, AnOlderListThanKnownIsRefused) {
  RevocationList known = MakeList();
  const std::string text = MakeRevocations(MakeList(), MakeSigner()).value();
  EXPECT_THAT(ReadRevocations(text, Keys(), &known), IsOk());  // the same again
  known.version = 2;
  EXPECT_THAT(ReadRevocations(text, Keys(), &known), IsOk());
  known.version = 4;
  EXPECT_THAT(ReadRevocations(text, Keys(), &known), HasReason("REVOCATIONS_OLDER"));
  known.version = 3;
  known.revocations.pop_back();
  EXPECT_THAT(ReadRevocations(text, Keys(), &known), HasReason("REVOCATIONS_CHANGED"));
}

TEST(RevocationsTest, EveryFlippedByteIsRefused) {
  const std::string good = MakeRevocations(MakeList(), MakeSigner()).value();
  for (size_t at = 0; at < good.size(); ++at) {
    for (const int flip : {0x01, 0x20, 0x80}) {
      std::string text = good;
      text[at] = static_cast<char>(text[at] ^ flip);
      EXPECT_FALSE(ReadRevocations(text, Keys(), nullptr).ok()) << at;
    }
  }
}

TEST(RevocationsTest, OneWhoIsNotTrustedRevokesNothing) {
  const std::string text = MakeRevocations(MakeList(), MakeSigner(8)).value();
  EXPECT_THAT(ReadRevocations(text, Keys(), nullptr), HasReason("UNKNOWN_KEY"));
}

TEST(RevocationsTest, ListsThatAreNoneAreNotMade) {
  RevocationList list = MakeList();
  std::swap(list.revocations[0], list.revocations[1]);
  EXPECT_THAT(MakeRevocations(list, MakeSigner()), HasReason("BAD_REVOCATIONS"));
  list = MakeList();
  list.revocations[1] = list.revocations[0];
  EXPECT_THAT(MakeRevocations(list, MakeSigner()), HasReason("BAD_REVOCATIONS"));
  list = MakeList();
  list.revocations[0].number = "a b";
  EXPECT_THAT(MakeRevocations(list, MakeSigner()), HasReason("BAD_REVOCATIONS"));
  list = MakeList();
  list.version = 0;
  EXPECT_THAT(MakeRevocations(list, MakeSigner()), HasReason("BAD_REVOCATIONS"));
  list = MakeList();
  list.revocations[0].revoked = list.issued + std::chrono::seconds(1);
  EXPECT_THAT(MakeRevocations(list, MakeSigner()), HasReason("BAD_REVOCATIONS"));
}

// Well signed, and still not the text that MakeRevocations makes.
TEST(RevocationsTest, TheFormIsStrict) {
  const std::string head = "rollcall revocations 1\nversion 3\nissued 2026-12-10T08:00:00Z\n";
  const std::string entry = "revoked A 2026-12-01T09:30:00Z fraud\n";
  ASSERT_THAT(ReadRevocations(Signed(head + entry), Keys(), nullptr), IsOk());
  const std::vector<std::string> bodies = {
      "rollcall revocations 2\nversion 3\nissued 2026-12-10T08:00:00Z\n",
      "rollcall revocations 1\nversion 03\nissued 2026-12-10T08:00:00Z\n",
      "rollcall revocations 1\nversion 3 \nissued 2026-12-10T08:00:00Z\n",
      "rollcall revocations 1\nversion -3\nissued 2026-12-10T08:00:00Z\n",
      "rollcall revocations 1\nversion 99999999999999999999\nissued 2026-12-10T08:00:00Z\n",
      "rollcall revocations 1\nissued 2026-12-10T08:00:00Z\nversion 3\n",
      "rollcall revocations 1\nversion 3\nissued 2026-12-10T08:00:00+00:00\n",
      "rollcall revocations 1\r\nversion 3\r\nissued 2026-12-10T08:00:00Z\r\n",
      head + "\n",
      head + "revoked A 2026-12-01T09:30:00Z fraud \n",
      head + "revoked A  2026-12-01T09:30:00Z fraud\n",
      head + "revoked A 2026-12-01T09:30:00Z because\n",
      head + "revoked A 2026-12-01 fraud\n",
      head + "Revoked A 2026-12-01T09:30:00Z fraud\n",
      head + "revoked B 2026-12-01T09:30:00Z fraud\n" + entry,
      head + entry + entry,
      head + "revoked A 2027-12-01T09:30:00Z fraud\n",
      "\n",
  };
  for (const std::string& body : bodies) {
    EXPECT_THAT(ReadRevocations(Signed(body), Keys(), nullptr), HasReason("BAD_REVOCATIONS"))
        << body;
  }
  EXPECT_THAT(ReadRevocations("", Keys(), nullptr), HasReason("BAD_REVOCATIONS"));
  EXPECT_THAT(ReadRevocations(head, Keys(), nullptr), HasReason("BAD_REVOCATIONS"));
  EXPECT_THAT(ReadRevocations(Signed(head) + "\n", Keys(), nullptr), HasReason("BAD_REVOCATIONS"));
}

TEST(RevocationsTest, TheMessageNamesTheLine) {
  const absl::Status status =
      ReadRevocations(Signed("rollcall revocations 1\nversion 3\nissued 2026-12-10T08:00:00Z\nx\n"),
                      Keys(), nullptr)
          .status();
  EXPECT_NE(base::Message(status).find("line 4"), std::string::npos) << status;
}

}  // namespace
}  // namespace rollcall::papers
