#include "papers/verify.h"

#include <gtest/gtest.h>

#include "papers/forms.h"
#include "papers/paper.h"
#include "papers/pdf_reader.h"
#include "sample.h"
#include "support/status_matchers.h"

namespace rollcall::papers {
namespace {

using support::HasReason;
using support::IsOk;

std::string Replace(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// Every form of one certificate, judged.
std::vector<absl::StatusOr<Verification>> VerifyAll(const Certificate& certificate,
                                                    const Trust& trust) {
  const base::Bytes pdf = MakePdf(certificate).value();
  const RenderedPage page = RenderFirstPage(pdf).value();
  return {VerifyJson(MakeJson(certificate), trust),
          VerifyVcJwt(MakeVcJwt(certificate.statement, MakeSigner()).value(), trust),
          VerifyQrText(MakeQrText(certificate), trust), VerifyPicture(page.picture(), trust),
          VerifyPdf(pdf, trust)};
}

void ExpectAll(Verdict verdict, const Certificate& certificate, const Trust& trust) {
  const auto results = VerifyAll(certificate, trust);
  for (size_t i = 0; i < results.size(); ++i) {
    SCOPED_TRACE(i);
    ASSERT_THAT(results[i], IsOk());
    EXPECT_EQ(VerdictWord(results[i]->verdict), VerdictWord(verdict));
    EXPECT_EQ(results[i]->summary, Summarise(certificate.statement));
    if (i < 2) {
      EXPECT_EQ(results[i]->statement, certificate.statement);
    } else {
      EXPECT_EQ(results[i]->statement, std::nullopt);
    }
  }
}

RevocationList Revoking(const std::string& number) {
  const base::Time day = base::ParseTime("2026-12-05T00:00:00Z").value();
  return {.version = 1,
          .issued = day,
          .revocations = {{number, day, RevocationReason::kObjectionUpheld}}};
}

TEST(VerifyTest, AGoodOneIsValidInEveryForm) {
  ExpectAll(Verdict::kValid, MakeCertificate(), MakeTrust());
}

TEST(VerifyTest, BeforeThePublicityPeriodIsOverItIsNotFinal) {
  const Certificate certificate = MakeCertificate();
  Trust trust = MakeTrust();
  trust.now = certificate.statement.final_from - base::Duration(1);
  ExpectAll(Verdict::kNotYetFinal, certificate, trust);
  trust.now = certificate.statement.final_from;
  EXPECT_EQ(VerifyJson(MakeJson(certificate), trust)->verdict, Verdict::kValid);
}

TEST(VerifyTest, ARevokedOneIsRevokedWheneverItIsAsked) {
  const Certificate certificate = MakeCertificate();
  Trust trust = MakeTrust();
  trust.revocations = Revoking(certificate.statement.number);
  ExpectAll(Verdict::kRevoked, certificate, trust);
  const auto result = VerifyQrText(MakeQrText(certificate), trust);
  EXPECT_EQ(result->revocation, trust.revocations->revocations[0]);
  EXPECT_EQ(result->revocations_as_of, trust.revocations->issued);
  trust.now = certificate.statement.issued;
  EXPECT_EQ(VerifyJson(MakeJson(certificate), trust)->verdict, Verdict::kRevoked);
}

TEST(VerifyTest, AnothersRevocationDoesNotMatter) {
  Trust trust = MakeTrust();
  trust.revocations = Revoking("QH-2026-000124");
  const auto result = VerifyJson(MakeJson(MakeCertificate()), trust);
  EXPECT_EQ(result->verdict, Verdict::kValid);
  EXPECT_EQ(result->revocations_as_of, trust.revocations->issued);
  EXPECT_EQ(VerifyJson(MakeJson(MakeCertificate()), MakeTrust())->revocations_as_of, std::nullopt);
}

TEST(VerifyTest, AKeyThatIsNotTrustedIsSaidToBeUnknown) {
  Trust trust = MakeTrust();
  trust.keys = {MakeSigner(8).public_key()};
  ExpectAll(Verdict::kUnknownKey, MakeCertificate(), trust);
  trust.keys = {};
  ExpectAll(Verdict::kUnknownKey, MakeCertificate(), trust);
  trust.keys = {MakeSigner(8).public_key(), MakeSigner().public_key()};
  ExpectAll(Verdict::kValid, MakeCertificate(), trust);
}

// Whatever of the statement is changed, in a way that is a certificate still.
TEST(VerifyTest, EveryAlteredFieldIsNoticed) {
  const std::vector<std::function<void(Statement&)>> alterations = {
      [](Statement& s) { s.number = "QH-2026-000124"; },
      [](Statement& s) { s.holder_name = "欧阳晓文"; },
      [](Statement& s) { s.volunteer_id = "V-2019-0043"; },
      [](Statement& s) { s.organisation_id = "qinghe2"; },
      [](Statement& s) { s.organisation_name = "清河街道"; },
      [](Statement& s) { s.person_in_charge = "李建"; },
      [](Statement& s) { s.first_day = std::chrono::sys_days(s.first_day) + std::chrono::days(1); },
      [](Statement& s) { s.last_day = std::chrono::sys_days(s.last_day) + std::chrono::days(1); },
      [](Statement& s) {
        ++s.minutes.witnessed_on_site;
        ++s.activities[0].minutes.witnessed_on_site;
      },
      // The total stays; hours that were entered afterwards pass for witnessed ones.
      [](Statement& s) {
        s.minutes.witnessed_on_site += s.minutes.entered_afterwards;
        s.minutes.entered_afterwards = 0;
        s.activities[2].minutes = {120, 0, 0};
      },
      // The totals stay; an hour moves from one activity to another.
      [](Statement& s) {
        s.activities[0].minutes.witnessed_on_site -= 60;
        s.activities[1].minutes.witnessed_on_site += 60;
      },
      [](Statement& s) { s.activities[1].name = "河岸"; },
      [](Statement& s) { s.activities[1].place = "河岸"; },
      [](Statement& s) { s.activities[1].content = "河岸"; },
      [](Statement& s) { s.activities[1].organiser = "河岸"; },
      [](Statement& s) { s.activities[1].person_in_charge = "河岸"; },
      [](Statement& s) { s.activities[1].date = s.first_day; },
      [](Statement& s) { std::swap(s.activities[0], s.activities[1]); },
      [](Statement& s) { s.issued -= std::chrono::seconds(1); },
      [](Statement& s) { s.final_from = s.issued; },
      [](Statement& s) { s.utc_offset_minutes = 0; },
      [](Statement& s) { s.checkpoint.origin += "2"; },
      [](Statement& s) { ++s.checkpoint.size; },
      [](Statement& s) { s.checkpoint.root[31] ^= 1; },
  };
  const Certificate good = MakeCertificate();
  for (size_t i = 0; i < alterations.size(); ++i) {
    SCOPED_TRACE(i);
    Certificate altered = good;
    alterations[i](altered.statement);
    ASSERT_THAT(Validate(altered.statement), IsOk());
    EXPECT_EQ(VerifyJson(MakeJson(altered), MakeTrust())->verdict, Verdict::kAltered);
    EXPECT_EQ(VerifyQrText(MakeQrText(altered), MakeTrust())->verdict, Verdict::kAltered);
    // The credential: the altered statement with the good one's signature.
    const std::string good_jwt = MakeVcJwt(good.statement, MakeSigner()).value();
    const std::string bad_jwt = MakeVcJwt(altered.statement, MakeSigner()).value();
    EXPECT_EQ(
        VerifyVcJwt(bad_jwt.substr(0, bad_jwt.rfind('.')) + good_jwt.substr(good_jwt.rfind('.')),
                    MakeTrust())
            ->verdict,
        Verdict::kAltered);
  }
}

// A stranger signs with her own key and names ours.
TEST(VerifyTest, AnotherKeysSignatureUnderOurNameIsAltered) {
  Certificate certificate = MakeCertificate();
  certificate.signature = MakeSigner(8).Sign(SignedBytes(Summarise(certificate.statement)));
  EXPECT_EQ(VerifyJson(MakeJson(certificate), MakeTrust())->verdict, Verdict::kAltered);
  EXPECT_EQ(VerifyQrText(MakeQrText(certificate), MakeTrust())->verdict, Verdict::kAltered);
}

TEST(VerifyTest, EveryAlteredCharacterOfACredentialIsNoticed) {
  const std::string good = MakeVcJwt(MakeCertificate().statement, MakeSigner()).value();
  for (size_t at = 0; at < good.size(); at += 3) {
    std::string text = good;
    text[at] = text[at] == 'A' ? 'B' : 'A';
    const auto result = VerifyVcJwt(text, MakeTrust());
    EXPECT_TRUE(!result.ok() || result->verdict != Verdict::kValid) << at;
  }
}

TEST(VerifyTest, EveryAlteredCharacterOfAQrTextIsNoticed) {
  const std::string good = MakeQrText(MakeCertificate());
  for (size_t at = 0; at < good.size(); ++at) {
    std::string text = good;
    text[at] = text[at] == 'A' ? 'B' : 'A';
    const auto result = VerifyQrText(text, MakeTrust());
    EXPECT_TRUE(!result.ok() || result->verdict != Verdict::kValid) << at;
  }
}

TEST(VerifyTest, WhatIsNotAPdfIsRefused) {
  const base::Bytes pdf = MakePdf(MakeCertificate()).value();
  EXPECT_THAT(VerifyPdf({}, MakeTrust()), HasReason("BAD_PDF"));
  EXPECT_THAT(VerifyPdf(base::AsBytes("%PDF-1.5"), MakeTrust()), HasReason("BAD_PDF"));
  EXPECT_THAT(VerifyPdf(base::AsBytes("not a PDF"), MakeTrust()), HasReason("BAD_PDF"));
  EXPECT_THAT(VerifyPdf(base::Bytes(kMaxPdfBytes + 1), MakeTrust()), HasReason("BAD_PDF"));
  for (size_t part = 1; part < 16; ++part) {
    const auto result = VerifyPdf(std::span(pdf).first(pdf.size() * part / 16), MakeTrust());
    EXPECT_TRUE(!result.ok() || result->verdict == Verdict::kValid) << part;
  }
  // Another page size than paper has.
  const std::string huge =
      Replace(std::string(base::AsText(pdf)), "[ 0 0 595.276 841.89 ]", "[ 0 0 59527.6 84189  ]");
  EXPECT_THAT(VerifyPdf(base::AsBytes(huge), MakeTrust()), HasReason("BAD_PDF"));
}

}  // namespace
}  // namespace rollcall::papers
