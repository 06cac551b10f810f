#include "rpc/convert.h"

#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "access/rules.h"
#include "app/privacy.h"
#include "domain/caller.h"
#include "domain/face_policy.h"
#include "hours/bans.h"
#include "hours/stars.h"
#include "irregularities/finding.h"
#include "rollcall/v1/ban_service.pb.h"
#include "rollcall/v1/irregularity_service.pb.h"
#include "rollcall/v1/options.pb.h"
#include "rollcall/v1/privacy_service.pb.h"
#include "rollcall/v1/star_service.pb.h"
#include "support/status_matchers.h"

namespace rollcall::rpc {
namespace {

using support::HasReason;
using support::IsOk;

// Numbers are cast, so both sides must have the same ones.
TEST(Convert, EnumsHaveTheSameNumbersOnBothSides) {
  using namespace domain;
  const auto same = [](auto ours, auto theirs) {
    EXPECT_EQ(static_cast<int>(ours), static_cast<int>(theirs));
  };
  same(Role::kKiosk, v1::KIOSK);
  same(Role::kDesk, v1::DESK);
  same(Role::kOrganiser, v1::ORGANISER);
  same(Role::kApprover, v1::APPROVER);
  same(Role::kAuditor, v1::AUDITOR);
  same(Role::kAdministrator, v1::ADMINISTRATOR);
  same(Action::kIn, v1::IN);
  same(Action::kOut, v1::OUT);
  same(Action::kAuto, v1::AUTO);
  same(SourceKind::kCamera, v1::CAMERA);
  same(SourceKind::kVideoFile, v1::VIDEO_FILE);
  same(SourceKind::kPictures, v1::PICTURES);
  same(EvidenceClass::kFace, v1::FACE);
  same(EvidenceClass::kQr, v1::QR);
  same(EvidenceClass::kPin, v1::PIN);
  same(EvidenceClass::kGps, v1::GPS);
  same(EvidenceClass::kStaff, v1::STAFF);
  same(EvidenceClass::kBackEntry, v1::BACK_ENTRY);
  same(EvidenceClass::kTransfer, v1::TRANSFER);
  same(EventKind::kCheckIn, v1::CHECK_IN);
  same(EventKind::kCheckOut, v1::CHECK_OUT);
  same(EventKind::kReversal, v1::REVERSAL);
  same(OrganisationLevel::kCountyCentre, v1::COUNTY_CENTRE);
  same(OrganisationLevel::kTownshipInstitute, v1::TOWNSHIP_INSTITUTE);
  same(OrganisationLevel::kVillageStation, v1::VILLAGE_STATION);
  same(OrganisationLevel::kAssociation, v1::ASSOCIATION);
  same(AgeBand::kAdult, v1::ADULT);
  same(AgeBand::kFrom14To17, v1::FROM_14_TO_17);
  same(AgeBand::kUnder14, v1::UNDER_14);
  same(ConsentItem::kRecognition, v1::RECOGNITION);
  same(ConsentItem::kKioskCopies, v1::KIOSK_COPIES);
  same(ConsentItem::kNetworkTransfer, v1::NETWORK_TRANSFER);
  same(FaceMode::kUnspecified, v1::FACE_MODE_UNSPECIFIED);
  same(FaceMode::kOff, v1::FACE_OFF);
  same(FaceMode::kPractice, v1::FACE_PRACTICE_ONLY);
  same(FaceMode::kOn, v1::FACE_ON);
  same(access::Pictures::kNone, v1::PICTURES_UNSPECIFIED);
  same(access::Pictures::kSiteNetworksOnly, v1::SITE_NETWORKS_ONLY);
  same(access::Pictures::kWiderWithConsent, v1::WIDER_WITH_CONSENT);
  static_assert(irregularities::kKinds == v1::IrregularityKind_MAX);
  for (int kind = 1; kind <= irregularities::kKinds; ++kind) {
    EXPECT_EQ(irregularities::ToString(static_cast<irregularities::Kind>(kind)),
              v1::IrregularityKind_Name(static_cast<v1::IrregularityKind>(kind)));
  }
  same(app::DataClass::kRegistration, v1::REGISTRATION);
  same(app::DataClass::kMemberships, v1::MEMBERSHIPS);
  same(app::DataClass::kConsents, v1::CONSENTS);
  same(app::DataClass::kFaceTemplate, v1::FACE_TEMPLATE);
  same(app::DataClass::kPinHash, v1::PIN_HASH);
  same(app::DataClass::kSiblings, v1::SIBLINGS);
  same(app::DataClass::kAttendance, v1::ATTENDANCE);
  same(app::DataClass::kProcessingLog, v1::PROCESSING_LOG);
  same(app::DataClass::kDecisionTrail, v1::DECISION_TRAIL);
  same(app::DataClass::kStarApplications, v1::STAR_APPLICATIONS);
  same(app::DataClass::kBanCases, v1::BAN_CASES);
  same(app::DataClass::kErasedNumber, v1::ERASED_NUMBER);
  same(hours::ApplicationState::kSubmitted, v1::STAR_SUBMITTED);
  same(hours::ApplicationState::kReviewed, v1::STAR_REVIEWED);
  same(hours::ApplicationState::kOnNotice, v1::STAR_ON_NOTICE);
  same(hours::ApplicationState::kGranted, v1::STAR_GRANTED);
  same(hours::ApplicationState::kRefused, v1::STAR_REFUSED);
  same(hours::ApplicationState::kWithdrawn, v1::STAR_WITHDRAWN);
  same(hours::Level::kCounty, v1::APPROVER_COUNTY);
  same(hours::Level::kCity, v1::APPROVER_CITY);
  same(hours::Level::kProvince, v1::APPROVER_PROVINCE);
  same(hours::BanState::kNoticed, v1::BAN_NOTICED);
  same(hours::BanState::kHeard, v1::BAN_HEARD);
  same(hours::BanState::kImposed, v1::BAN_IMPOSED);
  same(hours::BanState::kDismissed, v1::BAN_DISMISSED);
  same(registry::ProcessingKind::kEnrolment, v1::ENROLMENT);
  same(registry::ProcessingKind::kErasure, v1::ERASURE);
  same(registry::ProcessingKind::kConsentGiven, v1::CONSENT_GIVEN);
  same(registry::ProcessingKind::kConsentWithdrawn, v1::CONSENT_WITHDRAWN);
  same(registry::ProcessingKind::kGroupPicture, v1::GROUP_PICTURE);
  same(registry::ProcessingKind::kReport, v1::REPORT);
  same(registry::ProcessingKind::kPersonErased, v1::PERSON_ERASED);
  same(ConsentForm::kSignedScreen, v1::SIGNED_SCREEN);
  same(ConsentForm::kPaper, v1::PAPER);
  same(RosterKind::kSignedUp, v1::SIGNED_UP);
  same(RosterKind::kWalkIn, v1::WALK_IN);
  same(PresentationPolicy::kDefault, v1::PRESENTATION_POLICY_UNSPECIFIED);
  same(PresentationPolicy::kRecord, v1::RECORD_ONLY);
  same(PresentationPolicy::kAskStaff, v1::ASK_STAFF);
  same(PresentationPolicy::kRefuse, v1::REFUSE);
  same(ChallengeKind::kDefault, v1::CHALLENGE_UNSPECIFIED);
  same(ChallengeKind::kNone, v1::NO_CHALLENGE);
  same(ChallengeKind::kTurn, v1::TURN);
  same(ChallengeKind::kBlink, v1::BLINK);
  same(ChallengeKind::kNumber, v1::NUMBER);
  same(BreakKind::kRest, v1::REST);
  same(BreakKind::kTravel, v1::TRAVEL);
}

TEST(Convert, BreaksOfASessionComeAndGo) {
  v1::Session wanted;
  wanted.mutable_session()->set_activity_id("a");
  wanted.mutable_session()->set_session_id("s");
  wanted.mutable_start_time()->set_seconds(1000);
  wanted.mutable_end_time()->set_seconds(9000);
  v1::SessionBreak& each = *wanted.add_breaks();
  each.set_kind(v1::TRAVEL);
  EXPECT_EQ(base::Message(SessionFrom(wanted).status()).find("breaks.start_time"), 0u);
  each.mutable_start_time()->set_seconds(1000);
  EXPECT_EQ(base::Message(SessionFrom(wanted).status()).find("breaks.end_time"), 0u);
  each.mutable_end_time()->set_seconds(2000);
  const auto session = SessionFrom(wanted);
  ASSERT_THAT(session, IsOk());
  ASSERT_EQ(session->breaks.size(), 1u);
  EXPECT_EQ(session->breaks[0].kind, domain::BreakKind::kTravel);
  EXPECT_EQ(session->breaks[0].ends - session->breaks[0].starts, std::chrono::seconds(1000));
  v1::Session out;
  Put(*session, &out);
  ASSERT_EQ(out.breaks_size(), 1);
  EXPECT_EQ(out.breaks(0).SerializeAsString(), each.SerializeAsString());
  for (const int bad : {0, 3, -1}) {
    each.set_kind(static_cast<v1::BreakKind>(bad));
    EXPECT_THAT(SessionFrom(wanted), HasReason("BAD_ENUM")) << bad;
  }
}

// Decision has thirty values, whose names are the same words in another case.
TEST(Convert, DecisionsHaveTheSameNumbersOnBothSides) {
  const google::protobuf::EnumDescriptor& wire = *v1::Decision_descriptor();
  for (int i = 0; i < wire.value_count(); ++i) {
    if (wire.value(i)->number() == 0) continue;
    std::string lower = wire.value(i)->name();
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_EQ(domain::ToString(static_cast<domain::Decision>(wire.value(i)->number())), lower);
  }
}

TEST(Convert, EveryDecisionHasASentenceInBothLanguages) {
  const google::protobuf::EnumDescriptor& wire = *v1::Decision_descriptor();
  for (int i = 0; i < wire.value_count(); ++i) {
    if (wire.value(i)->number() == 0) continue;
    v1::FrameDecision decision;
    PutDecision(static_cast<domain::Decision>(wire.value(i)->number()), &decision);
    EXPECT_FALSE(decision.sentence().empty()) << wire.value(i)->name();
    EXPECT_FALSE(decision.sentence_zh().empty()) << wire.value(i)->name();
    EXPECT_NE(decision.sentence(), decision.sentence_zh()) << wire.value(i)->name();
  }
}

TEST(Convert, UnknownAndUnspecifiedEnumsAreRefused) {
  for (const int bad : {0, 99, -1}) {
    EXPECT_THAT(ActionFrom(static_cast<v1::Action>(bad), "action"), HasReason("BAD_ENUM")) << bad;
    EXPECT_THAT(SourceFrom(static_cast<v1::SourceKind>(bad), "source"), HasReason("BAD_ENUM"));
    EXPECT_THAT(ConsentItemFrom(static_cast<v1::ConsentItem>(bad), "item"), HasReason("BAD_ENUM"));
  }
  EXPECT_THAT(AgeBandFrom(v1::AGE_BAND_UNSPECIFIED, "age_band"), IsOk());
  EXPECT_THAT(AgeBandFrom(static_cast<v1::AgeBand>(99), "age_band"), HasReason("BAD_ENUM"));
}

TEST(Convert, RequestIdsAreUuids) {
  EXPECT_THAT(UuidFrom("", "request_id"), HasReason("REQUEST_ID_MISSING"));
  EXPECT_THAT(UuidFrom("17", "request_id"), HasReason("BAD_UUID"));
  EXPECT_THAT(UuidFrom("", "event_id"), HasReason("BAD_UUID"));
  EXPECT_THAT(UuidFrom("00000000-0000-0000-0000-000000000000", "request_id"),
              HasReason("BAD_UUID"));
  EXPECT_THAT(UuidFrom("0190163d-8694-739b-aea5-966c26f8ad91", "request_id"), IsOk());
}

TEST(Convert, IdsAreCheckedBeforeAnythingElseSeesThem) {
  for (const std::string bad : {"", ".", "a b", "a/b", "../x", "naïve", "x\n"}) {
    EXPECT_THAT(IdFrom<domain::KioskId>(bad, "kiosk_id"), HasReason("BAD_ID")) << bad;
  }
  EXPECT_THAT(IdFrom<domain::KioskId>(std::string(65, 'x'), "kiosk_id"), HasReason("BAD_ID"));
  EXPECT_THAT(IdFrom<domain::KioskId>(std::string(64, 'x'), "kiosk_id"), IsOk());
  EXPECT_THAT(OptionalIdFrom<domain::KioskId>("", "kiosk_id"), IsOk());
  EXPECT_THAT(OptionalIdFrom<domain::KioskId>("a b", "kiosk_id"), HasReason("BAD_ID"));
}

TEST(Convert, TimesKeepTheirMicroseconds) {
  for (const char* text : {"2026-11-24T08:00:00Z", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
                           "9999-12-31T23:59:59Z"}) {
    const base::Time time = *base::ParseTime(text) + base::Duration(123456);
    google::protobuf::Timestamp wire;
    Put(time, &wire);
    EXPECT_GE(wire.nanos(), 0);
    const auto back = TimeFrom(wire, "t");
    ASSERT_THAT(back, IsOk());
    EXPECT_EQ(*back, time) << text;
  }
}

TEST(Convert, TimesThatAreNoneAreRefused) {
  google::protobuf::Timestamp wire;
  for (const int64_t seconds : {std::numeric_limits<int64_t>::max(),
                                std::numeric_limits<int64_t>::min(), int64_t{253402300800}}) {
    wire.set_seconds(seconds);
    EXPECT_THAT(TimeFrom(wire, "t"), HasReason("BAD_TIME")) << seconds;
  }
  wire.set_seconds(0);
  for (const int32_t nanos : {-1, 1'000'000'000}) {
    wire.set_nanos(nanos);
    EXPECT_THAT(TimeFrom(wire, "t"), HasReason("BAD_TIME")) << nanos;
  }
}

TEST(Convert, ASessionNeedsAnActivityAndNothingElse) {
  v1::SessionRef session;
  EXPECT_THAT(SessionKeyFrom(false, session), HasReason("BAD_ID"));
  EXPECT_THAT(SessionKeyFrom(true, session), HasReason("BAD_ID"));
  session.set_activity_id("a");
  EXPECT_THAT(SessionKeyFrom(true, session), IsOk());
  session.set_session_id("bad id");
  EXPECT_THAT(SessionKeyFrom(true, session), HasReason("BAD_ID"));
}

TEST(Convert, ASessionCarriesWhatItWantsOfPresentations) {
  v1::Session session;
  session.mutable_session()->set_activity_id("a");
  session.mutable_session()->set_session_id("s");
  Put(*base::ParseTime("2026-11-24T08:00:00Z"), session.mutable_start_time());
  Put(*base::ParseTime("2026-11-24T11:00:00Z"), session.mutable_end_time());
  auto converted = SessionFrom(session);
  ASSERT_THAT(converted, IsOk());
  EXPECT_EQ(converted->presentation, domain::PresentationPolicy::kDefault);
  EXPECT_EQ(converted->challenge, domain::ChallengeKind::kDefault);
  session.set_presentation(v1::REFUSE);
  session.set_challenge(v1::NUMBER);
  converted = SessionFrom(session);
  ASSERT_THAT(converted, IsOk());
  EXPECT_EQ(converted->presentation, domain::PresentationPolicy::kRefuse);
  EXPECT_EQ(converted->challenge, domain::ChallengeKind::kNumber);
  v1::Session back;
  Put(*converted, &back);
  EXPECT_EQ(back.presentation(), v1::REFUSE);
  EXPECT_EQ(back.challenge(), v1::NUMBER);
  session.set_presentation(static_cast<v1::PresentationPolicy>(17));
  EXPECT_THAT(SessionFrom(session), HasReason("BAD_ENUM"));
  session.set_presentation(v1::REFUSE);
  session.set_challenge(static_cast<v1::Challenge>(17));
  EXPECT_THAT(SessionFrom(session), HasReason("BAD_ENUM"));
}

TEST(Convert, APromptSaysUntilWhenAndANumberIsHandedOver) {
  app::FrameDecision prompt;
  prompt.decision = domain::Decision::kTurnLeft;
  prompt.challenge_expires = *base::ParseTime("2026-11-24T08:00:10Z");
  v1::FrameDecision wire;
  Put(prompt, &wire);
  EXPECT_EQ(wire.challenge_expire_time().seconds() % 60, 10);
  EXPECT_TRUE(wire.number().empty());
  app::FrameDecision show;
  show.decision = domain::Decision::kShowNumber;
  show.number = "4711";
  v1::FrameDecision other;
  Put(show, &other);
  EXPECT_FALSE(other.has_challenge_expire_time());
  EXPECT_EQ(other.number(), "4711");
}

TEST(Convert, AFrameNeedsItsTime) {
  v1::Frame frame;
  frame.set_frame_id(1);
  frame.set_content("x");
  EXPECT_THAT(FrameFrom(frame), HasReason("BAD_TIME"));
  Put(*base::ParseTime("2026-11-24T08:00:00Z"), frame.mutable_capture_time());
  const auto converted = FrameFrom(frame);
  ASSERT_THAT(converted, IsOk());
  EXPECT_EQ(converted->content.size(), 1u);
  EXPECT_EQ(converted->content.span().data(), base::AsBytes(frame.content()).data())
      << "it was copied";
}

}  // namespace
}  // namespace rollcall::rpc
