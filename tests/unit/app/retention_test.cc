// Templates die in time, photos come from where they may, and everything that was done with a face
// is on record.
#include <gtest/gtest.h>

#include <algorithm>

#include "app_testing/world.h"
#include "base/log.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::ConsentItem;
using domain::Decision;
using registry::ProcessingKind;
using support::HasReason;
using support::IsOk;
using testing::World;

constexpr auto kDay = std::chrono::hours(24);

class RetentionTest : public ::testing::Test {
 protected:
  domain::Volunteer Volunteer(const std::string& id) {
    return *world_.registry().GetVolunteer(domain::VolunteerId(id));
  }
  bool InVault(const std::string& id) { return *world_.vault().Contains(Volunteer(id).subject); }
  bool InGallery(const std::string& id) {
    return world_.gallery().snapshot().Contains(Volunteer(id).subject);
  }
  bool Held(const std::string& id) {
    EXPECT_EQ(InVault(id), InGallery(id)) << id;
    return InVault(id);
  }
  // Kinds and details, e.g. "1 model fake-1, photos 3".
  std::vector<std::string> LinesOf(const std::string& id) {
    std::vector<std::string> lines;
    const auto entries = world_.registry().Processing(domain::VolunteerId(id));
    EXPECT_THAT(entries, IsOk());
    for (const auto& entry : *entries) {
      lines.push_back(std::to_string(static_cast<int>(entry.kind)) + " " + entry.actor + ": " +
                      entry.detail);
    }
    return lines;
  }
  static EnrolRequest WithConsentTo(EnrolRequest request, ConsentItem item) {
    request.consents.push_back(World::RecognitionConsent());
    request.consents.back().item = item;
    return request;
  }

  World world_;
};

TEST_F(RetentionTest, ATemplateDiesAfterItsTimeWithoutAVisitAndNoSooner) {
  world_.Enrol("v-1", 1);
  world_.Enrol("v-2", 2);
  const FrameDecision seen = world_.See(1);
  ASSERT_THAT(world_.Record(seen.token, domain::Action::kIn), IsOk());
  const base::Time enrolled = world_.clock.Now();

  world_.clock.SetNow(enrolled + kDay * 364);
  EXPECT_EQ(world_.app().privacy.Housekeep()->expired, 0);
  EXPECT_TRUE(Held("v-1"));
  EXPECT_TRUE(Held("v-2"));

  world_.clock.SetNow(enrolled + kDay * 365 + std::chrono::hours(1));
  const auto cleaned = world_.app().privacy.Housekeep();
  ASSERT_THAT(cleaned, IsOk());
  EXPECT_EQ(cleaned->expired, 2);
  EXPECT_FALSE(Held("v-1"));
  EXPECT_FALSE(Held("v-2"));
  EXPECT_EQ(LinesOf("v-1").back(), "2 retention: too long without a visit");
  EXPECT_EQ(world_.LedgerRows(), 1) << "her hours stay";

  // Again: nothing more happens, in the log either.
  const auto lines = LinesOf("v-1");
  EXPECT_EQ(world_.app().privacy.Housekeep()->expired, 0);
  EXPECT_EQ(LinesOf("v-1"), lines);
}

TEST_F(RetentionTest, AVisitOfAnyKindPostponesTheEnd) {
  world_.Enrol("v-1", 1);
  world_.Enrol("v-2", 2);
  world_.clock.Advance(std::chrono::hours(1));
  ASSERT_THAT(world_.app().pin.Set(world_.Call(), domain::VolunteerId("v-1"), "123456"), IsOk());
  const auto pin = world_.app().pin.Verify(
      world_.Call(),
      {world_.session, domain::KioskId("door-1"), domain::VolunteerId("v-1"), "123456"});
  ASSERT_THAT(world_.Record(pin->token, domain::Action::kIn), IsOk());
  world_.clock.Advance(kDay * 365 - std::chrono::minutes(30));
  EXPECT_EQ(world_.app().privacy.Housekeep()->expired, 1);
  EXPECT_TRUE(Held("v-1"));
  EXPECT_FALSE(Held("v-2"));
}

TEST_F(RetentionTest, TheEndOfTheProgrammeEndsAllTemplatesAndEnrolments) {
  world_.Enrol("v-1", 1);
  ServiceSettings settings = world_.settings;
  settings.face.programme_end = world_.clock.Now() + kDay;
  world_.Restart(settings);
  EXPECT_TRUE(Held("v-1"));
  world_.clock.Advance(kDay);
  EXPECT_THAT(world_.app().enrol.EnrolVolunteer(world_.Call(), world_.EnrolRequest("v-2", 2)),
              HasReason("PROGRAMME_ENDED"));
  EXPECT_THAT(world_.registry().GetVolunteer(domain::VolunteerId("v-2")),
              HasReason("NO_SUCH_VOLUNTEER"));
  world_.Restart();
  EXPECT_EQ(world_.sweep.expired, 1);
  EXPECT_FALSE(Held("v-1"));
  EXPECT_EQ(LinesOf("v-1").back(), "2 retention: end of the programme");
  // Without photos she is registered as ever.
  EXPECT_THAT(world_.app().enrol.EnrolVolunteer(world_.Call(), world_.EnrolRequest("v-2", 2, 0)),
              IsOk());
}

TEST_F(RetentionTest, HousekeepingIsDoneAtStartAndOnceADay) {
  world_.Enrol("v-1", 1);
  EXPECT_FALSE(*world_.app().privacy.HousekeepIfDue()) << "the start has done it";
  world_.clock.Advance(kDay - std::chrono::minutes(1));
  EXPECT_FALSE(*world_.app().privacy.HousekeepIfDue());
  world_.clock.Advance(std::chrono::minutes(1));
  EXPECT_TRUE(*world_.app().privacy.HousekeepIfDue());
  EXPECT_FALSE(*world_.app().privacy.HousekeepIfDue());
  world_.clock.Advance(kDay * 400);
  EXPECT_TRUE(*world_.app().privacy.HousekeepIfDue());
  EXPECT_FALSE(Held("v-1"));
}

// The process dies between two steps of an erasure: what is left is finished at the next start.
TEST_F(RetentionTest, AnErasureThatWasCutOffIsFinished) {
  world_.Enrol("v-1", 1);
  ASSERT_THAT(world_.registry().RemoveFaceRecord(domain::VolunteerId("v-1")), IsOk());
  world_.clock.Advance(kDay * 400);
  world_.Restart();
  // Nothing is known of the template any more: it counts as made now.
  EXPECT_TRUE(Held("v-1"));
  EXPECT_EQ((*world_.registry().GetFaceRecord(domain::VolunteerId("v-1")))->enrolled,
            world_.clock.Now());
  world_.clock.Advance(kDay * 365);
  world_.Restart();
  EXPECT_FALSE(Held("v-1"));
  // The vault is empty, the record is still there.
  ASSERT_THAT(world_.registry().PutFaceRecord(
                  {domain::VolunteerId("v-1"), world_.clock.Now(), "fake-1", 3, ""}),
              IsOk());
  world_.Restart();
  EXPECT_FALSE(Held("v-1"));
  const auto report = world_.app().privacy.ReportOn(world_.Call(), domain::VolunteerId("v-1"));
  ASSERT_THAT(report, IsOk());
  EXPECT_TRUE(std::none_of(report->held.begin(), report->held.end(), [](const HeldData& held) {
    return held.data_class == DataClass::kFaceTemplate;
  })) << "the vault says what is held";
}

TEST_F(RetentionTest, OldPhotosAreAskedForAnewButTheTemplateStaysAsItIs) {
  ServiceSettings settings = world_.settings;
  settings.face.re_enrol_after = kDay * 100;
  world_.Restart(settings);
  world_.Enrol("v-1", 1);
  const auto due = [&] {
    const auto view = world_.app().volunteers.Get(world_.Call(), domain::VolunteerId("v-1"));
    EXPECT_THAT(view, IsOk());
    EXPECT_TRUE(view->face_enrolled);
    return view->re_enrolment_due;
  };
  EXPECT_FALSE(due());
  world_.clock.Advance(kDay * 100);
  EXPECT_TRUE(due());
  EnrolRequest again = world_.EnrolRequest("v-1", 1);
  again.consents.clear();
  ASSERT_THAT(world_.app().enrol.EnrolVolunteer(world_.Call(), again), IsOk());
  EXPECT_FALSE(due());
}

TEST_F(RetentionTest, WeakMatchesAskForNewPhotosWithoutKeepingAScore) {
  world_.Enrol("v-1", 1);
  const domain::VolunteerId id("v-1");
  const auto weak = [&] { return (*world_.registry().GetFaceRecord(id))->weak_matches; };
  const auto due = [&] { return world_.app().volunteers.Get(world_.Call(), id)->re_enrolment_due; };
  auto token = *world_.services().tokens.Open(world_.See(1).token);
  EXPECT_FALSE(token.weak_match);
  token.weak_match = true;
  ASSERT_THAT(world_.Record(world_.services().tokens.Seal(token), domain::Action::kIn), IsOk());
  EXPECT_EQ(weak(), 1) << "a spent token counts";
  base::Time time = world_.clock.Now();
  while (weak() < domain::kWeakMatchesAskingForPhotos) {
    EXPECT_FALSE(due());
    time += domain::kMatchCountedEvery;
    ASSERT_THAT(world_.registry().NoteMatch(id, time, true), IsOk());
  }
  EXPECT_TRUE(due());
  EnrolRequest again = world_.EnrolRequest("v-1", 1);
  again.consents.clear();
  ASSERT_THAT(world_.app().enrol.EnrolVolunteer(world_.Call(), again), IsOk());
  EXPECT_FALSE(due());
}

TEST_F(RetentionTest, TheLogSaysWhoDidWhat) {
  world_.Enrol("v-1", 1);
  ASSERT_THAT(world_.app().volunteers.WithdrawConsent(world_.Call(), domain::VolunteerId("v-1"),
                                                      ConsentItem::kRecognition),
              IsOk());
  EXPECT_EQ(LinesOf("v-1"),
            (std::vector<std::string>{"3 local: recognition, wording 1",
                                      "1 local: model fake-1, photos 3", "4 local: recognition",
                                      "2 local: consent withdrawn"}));
  // Doing it again is no processing.
  ASSERT_THAT(world_.app().volunteers.WithdrawConsent(world_.Call(), domain::VolunteerId("v-1"),
                                                      ConsentItem::kRecognition),
              IsOk());
  EXPECT_EQ(LinesOf("v-1").size(), 4u);
}

TEST_F(RetentionTest, AGroupPictureLeavesALineForEveryoneItNames) {
  world_.Enrol("v-1", 1);
  world_.Enrol("v-2", 2);
  const auto found = world_.app().identify_group.Identify(
      world_.Call(), world_.session,
      testing::FakePicture(
          {{.person = 1, .variant = 1, .x = 150}, {.person = 77, .variant = 1, .x = 450}}));
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].volunteer.value, "v-1");
  EXPECT_EQ(LinesOf("v-1").back(), "5 local: a");
  EXPECT_EQ(LinesOf("v-2").back(), "1 local: model fake-1, photos 3");
}

TEST_F(RetentionTest, WhatCannotBeLoggedIsNotDone) {
  world_.Enrol("v-1", 1);
  ASSERT_THAT(world_.main_database().Write([](storage::Connection& c) {
    return c
        .Execute(
            "CREATE TRIGGER no_more BEFORE INSERT ON processing"
            " BEGIN SELECT RAISE(ABORT, 'no more'); END")
        .status();
  }),
              IsOk());
  const auto lines = LinesOf("v-1");
  EXPECT_FALSE(
      world_.app().enrol.EnrolVolunteer(world_.Call(), world_.EnrolRequest("v-2", 2)).ok());
  EXPECT_FALSE(InVault("v-2"));
  EXPECT_FALSE(InGallery("v-2"));
  EXPECT_EQ(world_.registry().Consents(domain::VolunteerId("v-2"))->size(), 0u);
  EXPECT_FALSE(
      world_.app()
          .volunteers
          .WithdrawConsent(world_.Call(), domain::VolunteerId("v-1"), ConsentItem::kRecognition)
          .ok());
  EXPECT_TRUE(Held("v-1"));
  EXPECT_FALSE(world_.app().privacy.ReportOn(world_.Call(), domain::VolunteerId("v-1")).ok());
  EXPECT_FALSE(world_.app()
                   .identify_group
                   .Identify(world_.Call(), world_.session, testing::FakePicture({{.person = 1}}))
                   .ok());
  world_.clock.Advance(kDay * 400);
  EXPECT_FALSE(world_.app().privacy.Housekeep().ok());
  EXPECT_TRUE(Held("v-1"));
  EXPECT_EQ(LinesOf("v-1"), lines);
}

TEST_F(RetentionTest, TheReportListsWhatIsHeldAndItself) {
  world_.Enrol("v-1", 1);
  ASSERT_THAT(world_.Record(world_.See(1).token, domain::Action::kIn), IsOk());
  const base::Time visit = world_.clock.Now();
  ASSERT_THAT(world_.app().pin.Set(world_.Call(), domain::VolunteerId("v-1"), "123456"), IsOk());
  const auto report = world_.app().privacy.ReportOn(world_.Call(), domain::VolunteerId("v-1"));
  ASSERT_THAT(report, IsOk());
  std::vector<DataClass> classes;
  for (const HeldData& held : report->held) {
    classes.push_back(held.data_class);
    EXPECT_FALSE(LabelOf(held.data_class).en.empty());
    EXPECT_FALSE(LabelOf(held.data_class).zh.empty());
    EXPECT_FALSE(KeptOf(held.data_class).zh.empty());
  }
  EXPECT_EQ(classes, (std::vector<DataClass>{
                         DataClass::kRegistration, DataClass::kFaceTemplate, DataClass::kConsents,
                         DataClass::kMemberships, DataClass::kPinHash, DataClass::kAttendance,
                         DataClass::kProcessingLog, DataClass::kDecisionTrail}));
  const HeldData& face = report->held[1];
  EXPECT_EQ(face.count, 3);
  EXPECT_EQ(face.model_id, "fake-1");
  EXPECT_EQ(face.notice_version, "n-1");
  EXPECT_EQ(face.consent_reference, "form-17");
  EXPECT_EQ(face.consent_text_version, "1");
  EXPECT_NEAR(static_cast<double>((*face.erased_at - visit) / kDay), 365, 1);
  ASSERT_EQ(report->processing.size(), 3u);
  EXPECT_EQ(report->processing.back().kind, ProcessingKind::kReport);
  EXPECT_EQ(report->processing.back().actor, "local");
  EXPECT_THAT(world_.app().privacy.ReportOn(world_.Call(), domain::VolunteerId("nobody")),
              HasReason("NO_SUCH_VOLUNTEER"));
}

TEST_F(RetentionTest, AReportStaysWithinTheOrganisation) {
  world_.Enrol("v-1", 1);
  ASSERT_THAT(world_.registry().CreateOrganisation({domain::OrganisationId("far"),
                                                    "Far",
                                                    domain::OrganisationLevel::kAssociation,
                                                    {},
                                                    world_.clock.Now()}),
              IsOk());
  Call call = world_.Call();
  call.caller.local_administrator = false;
  call.caller.role = domain::Role::kDesk;
  call.caller.organisation = domain::OrganisationId("far");
  EXPECT_THAT(world_.app().privacy.ReportOn(call, domain::VolunteerId("v-1")),
              HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_EQ(LinesOf("v-1").size(), 2u) << "a refused reader saw nothing";
  call.caller.organisation = domain::OrganisationId("home");
  EXPECT_THAT(world_.app().privacy.ReportOn(call, domain::VolunteerId("v-1")), IsOk());
}

TEST_F(RetentionTest, TheNumberOfPeopleRaisesTheFilingAlarmOnceAStep) {
  std::string log;
  base::log::CaptureForTest([&log](const std::string& line) { log += line + "\n"; });
  ServiceSettings settings = world_.settings;
  settings.face.persons_limit = 5;
  world_.Restart(settings);
  const auto alarm = [&] { return world_.app().admin.GetInfo(world_.Call())->face_filing_alarm; };
  for (int i = 1; i <= 3; ++i) world_.Enrol("v-" + std::to_string(i), i);
  EXPECT_EQ(alarm(), 0);
  EXPECT_EQ(log.find("face_filing_alarm"), std::string::npos);
  world_.Enrol("v-4", 4);
  EXPECT_EQ(alarm(), 80);
  world_.Enrol("v-4", 4);  // new photos of the same person: nobody more
  EXPECT_EQ(world_.app().admin.GetInfo(world_.Call())->face_persons, 4);
  world_.Enrol("v-5", 5);
  EXPECT_EQ(alarm(), 100);
  const auto times = [&log](const std::string& word) {
    int count = 0;
    for (size_t at = log.find(word); at != std::string::npos; at = log.find(word, at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(times("face_filing_alarm"), 2);
  EXPECT_NE(world_.app().admin.MetricsText(world_.Call()).find("rollcall_face_persons 5"),
            std::string::npos);
  ASSERT_THAT(world_.app().volunteers.WithdrawConsent(world_.Call(), domain::VolunteerId("v-5"),
                                                      ConsentItem::kRecognition),
              IsOk());
  EXPECT_EQ(alarm(), 80);
  world_.Restart();
  EXPECT_EQ(world_.app().admin.GetInfo(world_.Call())->face_persons, 4) << "counted at start too";
  base::log::CaptureForTest({});
}

TEST_F(RetentionTest, OverAWiderNetworkOnlyThoseWhoConsentedToThatAreCompared) {
  world_.Enrol("v-1", 1);
  ASSERT_THAT(world_.app().enrol.EnrolVolunteer(
                  world_.Call(),
                  WithConsentTo(world_.EnrolRequest("v-2", 2), ConsentItem::kNetworkTransfer)),
              IsOk());
  world_.PutOnRoster("v-2");
  const auto see = [&](int person, bool wider) {
    Call call = world_.Call();
    call.wider_network = wider;
    Looker looker(world_.services(), world_.Look(), world_.ids.Next());
    const auto pipeline = testing::MakeFakePipeline(world_.control);
    FrameAnswer answer;
    for (int i = 1; i <= 3; ++i) {
      Frame frame = world_.Frame({{person, i}});
      frame.starts_visit = i == 1;
      frame.ends_visit = i == 3;
      answer = looker.Look(*pipeline, frame, call);
      world_.clock.Advance(std::chrono::milliseconds(500));
    }
    return std::get<FrameDecision>(answer).decision;
  };
  EXPECT_EQ(see(1, false), Decision::kRecognised);
  EXPECT_EQ(see(2, false), Decision::kRecognised);
  EXPECT_EQ(see(1, true), Decision::kUnknown);
  EXPECT_EQ(see(2, true), Decision::kRecognised);
  // The consent ends: at once for the next look.
  ASSERT_THAT(world_.app().volunteers.WithdrawConsent(world_.Call(), domain::VolunteerId("v-2"),
                                                      ConsentItem::kNetworkTransfer),
              IsOk());
  EXPECT_EQ(see(2, true), Decision::kNobodyEnrolled);
  EXPECT_EQ(see(2, false), Decision::kRecognised) << "her other consents stand";
}

TEST_F(RetentionTest, PhotosOverAWiderNetworkNeedThatConsent) {
  Call call = world_.Call();
  call.wider_network = true;
  EXPECT_THAT(world_.app().enrol.EnrolVolunteer(call, world_.EnrolRequest("v-1", 1)),
              HasReason("CONSENT_NEEDED"));
  EXPECT_THAT(world_.registry().GetVolunteer(domain::VolunteerId("v-1")),
              HasReason("NO_SUCH_VOLUNTEER"));
  EXPECT_THAT(world_.app().enrol.EnrolVolunteer(call, WithConsentTo(world_.EnrolRequest("v-1", 1),
                                                                    ConsentItem::kNetworkTransfer)),
              IsOk());
}

TEST_F(RetentionTest, InPracticeModeFacesAreForPracticeActivities) {
  world_.Enrol("v-1", 1);
  const FrameDecision seen = world_.See(1);
  ServiceSettings settings = world_.settings;
  settings.face = {};
  world_.Restart(settings);
  EXPECT_THAT(IdentifySession::Open(world_.services(), world_.Call(), world_.Look(),
                                    [](const FrameAnswer&) {})
                  .status(),
              HasReason("FACE_PRACTICE_ONLY"));
  EXPECT_THAT(world_.CheckIn(world_.CheckInRequest(1)), HasReason("FACE_PRACTICE_ONLY"));
  EXPECT_THAT(world_.app().identify_group.Identify(world_.Call(), world_.session,
                                                   testing::FakePicture({{.person = 1}})),
              HasReason("FACE_PRACTICE_ONLY"));
  // A token from before is no way around it.
  const auto answer = world_.Record(seen.token, domain::Action::kIn);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->decision, Decision::kUseOtherWay);
  EXPECT_EQ(world_.LedgerRows(), 0);

  ASSERT_THAT(world_.app().activities.CreateActivity(
                  world_.Call(),
                  {world_.session.organisation, domain::ActivityId("try"), "", "", true, {}, {}}),
              IsOk());
  LookConfig look = world_.Look();
  look.session.activity = domain::ActivityId("try");
  ASSERT_THAT(world_.app().activities.AddSession(
                  world_.Call(), {look.session, world_.At(9, 0), world_.At(12, 0), {}}),
              IsOk());
  EXPECT_THAT(
      IdentifySession::Open(world_.services(), world_.Call(), look, [](const FrameAnswer&) {})
          .status(),
      IsOk());
}

}  // namespace
}  // namespace rollcall::app
