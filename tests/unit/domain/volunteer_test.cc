#include "domain/volunteer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "domain/evidence.h"
#include "support/status_matchers.h"

namespace rollcall::domain {
namespace {

using support::HasReason;
using support::IsOk;

Consent Recognition() {
  Consent consent;
  consent.item = ConsentItem::kRecognition;
  consent.reference = "form 17";
  consent.text_version = "2026-1";
  return consent;
}

Consent ByGuardian() {
  Consent consent = Recognition();
  consent.guardian = "mother";
  consent.guardian_evidence = "copy 3";
  return consent;
}

TEST(VolunteerIdTest, OwnNumbersPass) {
  for (const char* id : {"V-0001", "a", "2026.17", "13", "123456789012345678901",
                         "12345678901", "1234567890"}) {
    EXPECT_THAT(ValidateVolunteerId(id), IsOk()) << id;
  }
}

TEST(VolunteerIdTest, PersonalNumbersAreNeverKeys) {
  for (const char* id : {"110101199003071234", "11010119900307123X", "11010119900307123x",
                         "13800138000", "19912345678"}) {
    EXPECT_THAT(ValidateVolunteerId(id), HasReason("PERSONAL_NUMBER")) << id;
  }
}

TEST(VolunteerIdTest, MalformedIdsAreRefused) {
  using namespace std::string_view_literals;
  for (const std::string_view id :
       {""sv, "-a"sv, "a b"sv, "a/b"sv, "\xe5\xbc\xa0"sv, "a\n"sv, "a\0b"sv,
        "a234567890123456789012345678901234567890123456789012345678901234x"sv}) {
    EXPECT_THAT(ValidateVolunteerId(std::string(id)), HasReason("BAD_ID")) << id.size();
  }
}

TEST(ConsentTest, NeedsAReferenceAndATextVersion) {
  EXPECT_THAT(ValidateConsent(Recognition(), AgeBand::kAdult), IsOk());
  Consent without_reference = Recognition();
  without_reference.reference.assign(1, ' ');
  EXPECT_FALSE(ValidateConsent(without_reference, AgeBand::kAdult).ok());
  Consent without_version = Recognition();
  without_version.text_version.clear();
  EXPECT_FALSE(ValidateConsent(without_version, AgeBand::kAdult).ok());
}

TEST(ConsentTest, UnderFourteenAGuardianConsents) {
  EXPECT_THAT(ValidateConsent(Recognition(), AgeBand::kUnder14), HasReason("GUARDIAN_NEEDED"));
  Consent without_evidence = ByGuardian();
  without_evidence.guardian_evidence.clear();
  EXPECT_THAT(ValidateConsent(without_evidence, AgeBand::kUnder14), HasReason("GUARDIAN_NEEDED"));
  EXPECT_THAT(ValidateConsent(ByGuardian(), AgeBand::kUnder14), IsOk());
  EXPECT_THAT(ValidateConsent(Recognition(), AgeBand::kFrom14To17), IsOk());
}

TEST(FaceAllowedTest, NeedsALiveConsentToTodaysText) {
  EXPECT_FALSE(FaceAllowed({}, AgeBand::kAdult, "2026-1"));
  EXPECT_TRUE(FaceAllowed({Recognition()}, AgeBand::kAdult, "2026-1"));
  EXPECT_FALSE(FaceAllowed({Recognition()}, AgeBand::kAdult, "2026-2")) << "a new text suspends";

  Consent withdrawn = Recognition();
  withdrawn.withdrawn = base::FromUnixMicros(1);
  EXPECT_FALSE(FaceAllowed({withdrawn}, AgeBand::kAdult, "2026-1"));
  EXPECT_TRUE(FaceAllowed({withdrawn, Recognition()}, AgeBand::kAdult, "2026-1"));

  Consent copies = Recognition();
  copies.item = ConsentItem::kKioskCopies;
  EXPECT_FALSE(FaceAllowed({copies}, AgeBand::kAdult, "2026-1"));
}

TEST(FaceAllowedTest, UnderFourteenOnlyByTheGuardian) {
  EXPECT_FALSE(FaceAllowed({Recognition()}, AgeBand::kUnder14, "2026-1"));
  EXPECT_TRUE(FaceAllowed({ByGuardian()}, AgeBand::kUnder14, "2026-1"));
}

TEST(EvidenceTest, InPublicHowSheProvedHerselfDoesNotShow) {
  EXPECT_EQ(PublicClass(EvidenceClass::kFace), PublicClass(EvidenceClass::kPin));
  EXPECT_EQ(PublicClass(EvidenceClass::kFace), PublicClass(EvidenceClass::kQr));
  EXPECT_NE(PublicClass(EvidenceClass::kFace), PublicClass(EvidenceClass::kStaff));
  EXPECT_NE(PublicClass(EvidenceClass::kStaff), PublicClass(EvidenceClass::kBackEntry));
  const EvidenceClass rising[] = {EvidenceClass::kFace, EvidenceClass::kStaff,
                                  EvidenceClass::kBackEntry};
  for (int in = 0; in < 3; ++in) {
    for (int out = 0; out < 3; ++out) {
      EXPECT_EQ(WeakerOf(rising[in], rising[out]), rising[std::max(in, out)]);
    }
  }
  EXPECT_EQ(WeakerOf(EvidenceClass::kFace, EvidenceClass::kPin), EvidenceClass::kFace);
  EXPECT_EQ(WeakerOf(EvidenceClass::kTransfer, EvidenceClass::kBackEntry),
            EvidenceClass::kTransfer);
}

}  // namespace
}  // namespace rollcall::domain
