#include "app/enrol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using ::testing::ElementsAre;
using support::HasReason;
using support::IsOk;
using testing::FakeFace;
using testing::FakePicture;
using testing::World;

class EnrolTest : public ::testing::Test {
 protected:
  absl::StatusOr<EnrolResult> Enrol(const EnrolRequest& request) {
    return world_.app().enrol.EnrolVolunteer(world_.Call(), request);
  }
  // A request for `id` whose photos show these faces, one picture each.
  EnrolRequest WithPhotos(const std::string& id, const std::vector<std::vector<FakeFace>>& photos) {
    EnrolRequest request = world_.EnrolRequest(id, 1, 0);
    request.consents = {World::RecognitionConsent()};
    for (const auto& faces : photos) {
      pictures_.push_back(std::make_unique<base::Bytes>(FakePicture(faces)));
      request.photos.push_back({*pictures_.back(), ""});
    }
    return request;
  }
  absl::StatusOr<VolunteerView> Get(const std::string& id) {
    return world_.app().volunteers.Get(world_.Call(), domain::VolunteerId(id));
  }
  void ExpectNothingStored(const std::string& id) {
    EXPECT_THAT(Get(id), HasReason("NO_SUCH_VOLUNTEER"));
    EXPECT_EQ(world_.gallery().snapshot().size(), 0u);
    EXPECT_TRUE(world_.vault().Subjects()->empty());
  }

  World world_;
  std::vector<std::unique_ptr<base::Bytes>> pictures_;
};

TEST_F(EnrolTest, ThreeGoodPhotosMakeATemplate) {
  const auto result = Enrol(world_.EnrolRequest("v-1", 1));
  ASSERT_THAT(result, IsOk());
  EXPECT_TRUE(result->created);
  EXPECT_FALSE(result->refused);
  EXPECT_EQ(result->message, "");
  ASSERT_EQ(result->verdicts.size(), 3u);
  for (const PhotoVerdict& verdict : result->verdicts) {
    EXPECT_TRUE(verdict.accepted);
    EXPECT_EQ(verdict.reason, "GOOD");
  }
  EXPECT_EQ(result->verdicts[1].label, "photo 2");
  ASSERT_TRUE(result->volunteer.has_value());
  EXPECT_TRUE(result->volunteer->face_enrolled);
  EXPECT_EQ(result->volunteer->photos, 3);
  EXPECT_EQ(result->volunteer->face_off_reason, "");
  ASSERT_EQ(result->volunteer->consents.size(), 1u);
  EXPECT_EQ(result->volunteer->consents[0].recorder, "local");
  EXPECT_EQ(result->volunteer->consents[0].text_version, "1");
  EXPECT_EQ(result->volunteer->consents[0].given, world_.clock.Now());
  EXPECT_THAT(result->volunteer->organisations, ElementsAre(domain::OrganisationId("home")));
}

TEST_F(EnrolTest, TemplatesAreMadeInFullPrecision) {
  world_.control.noise = 0.5f;
  world_.control.tolerance = 0.01f;
  ASSERT_THAT(Enrol(world_.EnrolRequest("v-1", 1)), IsOk());
  EXPECT_EQ(world_.control.embedded_exactly, 3);
  const auto volunteer = *world_.registry().GetVolunteer(domain::VolunteerId("v-1"));
  const auto nearest =
      world_.gallery().snapshot().NearestPhoto(volunteer.subject, testing::FakeEmbedding(1, 101));
  EXPECT_GT(nearest.value_or(0), 0.999f);
}

TEST_F(EnrolTest, KeysOfLedgerAndVaultAreRandomAndUnrelated) {
  ASSERT_THAT(Enrol(world_.EnrolRequest("v-1", 1)), IsOk());
  const auto volunteer = world_.registry().GetVolunteer(domain::VolunteerId("v-1"));
  ASSERT_THAT(volunteer, IsOk());
  EXPECT_NE(volunteer->key, volunteer->subject);
  // Version 4: a version 7 id would tell the moment, and so join the two.
  EXPECT_EQ(volunteer->key.bytes[6] >> 4, 4);
  EXPECT_EQ(volunteer->subject.bytes[6] >> 4, 4);
}

TEST_F(EnrolTest, EveryPhotoGetsAVerdictInWords) {
  const auto result = Enrol(WithPhotos(
      "v-1", {{{1, 1}},
              {{1, 2, 41}},
              {},
              {{1, 3, 160, 200, 240}, {2, 1, 160, 440, 240}},
              {{1, 4, 160, 320, 240, testing::kBlurred}},
              {{1, 5, 160, 320, 240, testing::kDark}},
              {{1, 6, 160, 320, 240, testing::kTurned}},
              {{1, 7, 160, 320, 240, testing::kCovered}},
              {{1, 8, 160, 320, 240, testing::kWeak}}}));
  ASSERT_THAT(result, IsOk());
  EXPECT_FALSE(result->refused);
  std::vector<std::string> reasons;
  for (const PhotoVerdict& verdict : result->verdicts) reasons.push_back(verdict.reason);
  EXPECT_THAT(reasons, ElementsAre("GOOD", "TOO_SMALL", "NO_FACE", "SEVERAL_FACES", "BLURRED",
                                   "TOO_DARK", "TURNED_AWAY", "FACE_COVERED", "UNCLEAR"));
  EXPECT_EQ(result->verdicts[1].label, "2");
  EXPECT_EQ(result->verdicts[1].message, "face 41 px, at least 80 needed");
  EXPECT_EQ(result->verdicts[2].message, "no face");
  EXPECT_EQ(result->verdicts[3].message, "two faces");
  EXPECT_EQ(result->volunteer->photos, 1);
  EXPECT_EQ(result->message, "Enrolled from 1; 3 good photos are recommended.");
}

TEST_F(EnrolTest, ABrokenPhotoIsAVerdictToo) {
  EnrolRequest request = WithPhotos("v-1", {{{1, 1}}});
  const base::Bytes text = {'h', 'e', 'l', 'l', 'o'};
  request.photos.push_back({text, "notes.txt"});
  request.photos.push_back({std::span(*pictures_[0]).first(60), ""});
  request.photos.push_back({{}, ""});
  const auto result = Enrol(request);
  ASSERT_THAT(result, IsOk());
  EXPECT_EQ(result->verdicts[1].reason, "PICTURE_FORMAT");
  EXPECT_EQ(result->verdicts[2].reason, "PICTURE_TRUNCATED");
  EXPECT_EQ(result->verdicts[3].reason, "PICTURE_EMPTY");
}

TEST_F(EnrolTest, WithoutOneGoodPhotoNothingIsStored) {
  const auto result = Enrol(WithPhotos("v-1", {{}, {{1, 2, 41}}}));
  ASSERT_THAT(result, IsOk());
  EXPECT_TRUE(result->refused);
  EXPECT_EQ(result->reason, "NO_GOOD_PHOTO");
  EXPECT_FALSE(result->volunteer.has_value());
  ExpectNothingStored("v-1");
}

TEST_F(EnrolTest, PhotosThatDisagreeAreRefusedNamingTheOddOne) {
  const auto result = Enrol(WithPhotos("v-1", {{{1, 1}}, {{2, 1}}, {{1, 3}}}));
  ASSERT_THAT(result, IsOk());
  EXPECT_TRUE(result->refused);
  EXPECT_EQ(result->reason, "PHOTOS_DISAGREE");
  EXPECT_TRUE(result->verdicts[0].accepted);
  EXPECT_EQ(result->verdicts[1].reason, "DOES_NOT_BELONG");
  EXPECT_FALSE(result->verdicts[1].accepted);
  EXPECT_TRUE(result->verdicts[2].accepted);
  ExpectNothingStored("v-1");
}

TEST_F(EnrolTest, CheckPhotosSaysTheSameAndStoresNothing) {
  const EnrolRequest request = WithPhotos("v-1", {{{1, 1}}, {{2, 1}}, {{1, 3}}, {}});
  const auto verdicts = world_.app().enrol.CheckPhotos(world_.Call(), request.photos);
  ASSERT_THAT(verdicts, IsOk());
  EXPECT_EQ((*verdicts)[1].reason, "DOES_NOT_BELONG");
  EXPECT_EQ((*verdicts)[3].reason, "NO_FACE");
  ExpectNothingStored("v-1");
  EXPECT_THAT(world_.app().enrol.CheckPhotos(world_.Call(), {}), HasReason("BAD_PHOTOS"));
}

TEST_F(EnrolTest, APossibleDuplicateIsToBeComparedAndMayBeEnrolledWithAReason) {
  world_.Enrol("v-1", 1);
  EnrolRequest request = world_.EnrolRequest("v-2", 1);
  const auto refused = Enrol(request);
  ASSERT_THAT(refused, IsOk());
  EXPECT_TRUE(refused->refused);
  EXPECT_EQ(refused->reason, "POSSIBLE_DUPLICATE");
  EXPECT_THAT(refused->message, ::testing::HasSubstr("please compare"));
  EXPECT_THAT(refused->possible_duplicates, ElementsAre(domain::VolunteerId("v-1")));
  EXPECT_THAT(Get("v-2"), HasReason("NO_SUCH_VOLUNTEER"));

  request.duplicate_reason = "sisters, compared by eye";
  const auto enrolled = Enrol(request);
  ASSERT_THAT(enrolled, IsOk());
  EXPECT_FALSE(enrolled->refused);
  EXPECT_THAT(enrolled->possible_duplicates, ElementsAre(domain::VolunteerId("v-1")));
  const auto kept = world_.registry().DuplicateOverrides(domain::VolunteerId("v-2"));
  ASSERT_THAT(kept, IsOk());
  ASSERT_EQ(kept->size(), 1u);
  EXPECT_EQ((*kept)[0].resembles.value, "v-1");
  EXPECT_EQ((*kept)[0].reason, "sisters, compared by eye");

  // Who has been compared is not asked about again.
  const auto again = Enrol(world_.EnrolRequest("v-2", 1, 2));
  ASSERT_THAT(again, IsOk());
  EXPECT_FALSE(again->refused) << again->reason;
  EXPECT_EQ(again->volunteer->photos, 2);
}

TEST_F(EnrolTest, WithoutCalibrationItSaysThatNobodyWasCompared) {
  World world({.calibrated = false});
  world.Enrol("v-1", 1);
  const auto result = world.app().enrol.EnrolVolunteer(world.Call(), world.EnrolRequest("v-2", 1));
  ASSERT_THAT(result, IsOk());
  EXPECT_FALSE(result->refused);
  EXPECT_THAT(result->message, ::testing::HasSubstr("Not compared with those enrolled"));
}

TEST_F(EnrolTest, NoPhotoWithoutConsent) {
  EnrolRequest request = world_.EnrolRequest("v-1", 1);
  request.consents.clear();
  const int before = world_.control.analysed;
  EXPECT_THAT(Enrol(request), HasReason("CONSENT_NEEDED"));
  EXPECT_EQ(world_.control.analysed, before);
  ExpectNothingStored("v-1");

  request.consents = {World::RecognitionConsent()};
  request.consents[0].item = domain::ConsentItem::kKioskCopies;
  EXPECT_THAT(Enrol(request), HasReason("CONSENT_NEEDED"));
  request.consents = {World::RecognitionConsent()};
  request.consents[0].text_version = "0";
  EXPECT_THAT(Enrol(request), HasReason("CONSENT_NEEDED"));
  request.consents[0].text_version = "1";
  request.consents[0].given = world_.clock.Now() + std::chrono::hours(1);
  EXPECT_THAT(Enrol(request), HasReason("BAD_CONSENT"));
  ExpectNothingStored("v-1");
}

TEST_F(EnrolTest, UnderFourteenAGuardianConsents) {
  EnrolRequest request = world_.EnrolRequest("v-1", 1);
  request.age_band = domain::AgeBand::kUnder14;
  EXPECT_THAT(Enrol(request), HasReason("GUARDIAN_NEEDED"));
  ExpectNothingStored("v-1");
  request.consents[0].guardian = "the mother";
  request.consents[0].guardian_evidence = "family book 12";
  const auto enrolled = Enrol(request);
  ASSERT_THAT(enrolled, IsOk());
  EXPECT_TRUE(enrolled->volunteer->face_enrolled);

  EnrolRequest without = world_.EnrolRequest("v-2", 2, 0);
  without.age_band = domain::AgeBand::kUnder14;
  const auto registered = Enrol(without);
  ASSERT_THAT(registered, IsOk());
  EXPECT_EQ(registered->volunteer->face_off_reason,
            "under 14: face is off unless a guardian consents");
}

TEST_F(EnrolTest, WithoutPhotosAndConsentPeopleAreRegisteredWithFaceOff) {
  const auto result = Enrol(world_.EnrolRequest("v-1", 1, 0));
  ASSERT_THAT(result, IsOk());
  EXPECT_TRUE(result->created);
  EXPECT_FALSE(result->volunteer->face_enrolled);
  EXPECT_EQ(result->volunteer->face_off_reason, "no consent to face recognition");
}

TEST_F(EnrolTest, TheSameRequestAgainGivesTheSameAnswer) {
  const EnrolRequest request = world_.EnrolRequest("v-1", 1);
  ASSERT_THAT(Enrol(request), IsOk());
  const int before = world_.control.analysed;
  const auto again = Enrol(request);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->created);
  EXPECT_EQ(again->verdicts.size(), 3u);
  EXPECT_EQ(world_.control.analysed, before);  // remembered
  EXPECT_EQ(again->volunteer->consents.size(), 1u);

  EnrolRequest other = request;
  other.photos.pop_back();
  EXPECT_THAT(Enrol(other), HasReason("REQUEST_ID_REUSED"));

  // After a restart it is done again, which changes nothing.
  world_.Restart();
  const auto later = Enrol(request);
  ASSERT_THAT(later, IsOk());
  EXPECT_FALSE(later->created);
  EXPECT_EQ(later->volunteer->photos, 3);
  EXPECT_EQ(later->volunteer->consents.size(), 1u);
}

TEST_F(EnrolTest, NewPhotosReplaceTheTemplate) {
  world_.Enrol("v-1", 1, 3);
  const auto again = Enrol(world_.EnrolRequest("v-1", 1, 1));
  ASSERT_THAT(again, IsOk());
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->volunteer->photos, 1);
  EXPECT_EQ(world_.gallery().snapshot().size(), 1u);
}

TEST_F(EnrolTest, ANumberBelongsToOneName) {
  world_.Enrol("v-1", 1);
  EnrolRequest request = world_.EnrolRequest("v-1", 2, 0);
  request.name = "Somebody else";
  EXPECT_THAT(Enrol(request), HasReason("VOLUNTEER_EXISTS"));
  request = world_.EnrolRequest("v-1", 1, 0);
  request.age_band = domain::AgeBand::kAdult;
  EXPECT_THAT(Enrol(request), HasReason("AGE_BAND_DIFFERS"));
}

TEST_F(EnrolTest, NamesAreTakenAsTheyAreUnlessTheyWouldDeceive) {
  EnrolRequest request = world_.EnrolRequest("v-1", 1, 0);
  request.name = "𠮷野家 · Þórr";
  const auto enrolled = Enrol(request);
  ASSERT_THAT(enrolled, IsOk());
  EXPECT_EQ(enrolled->volunteer->volunteer.name, "𠮷野家 · Þórr");
  for (const std::string& bad :
       {std::string(), std::string("   "), std::string("a\nb"), std::string("a\xE2\x80\xAE" "b"),
        std::string("\xED\xA0\x80"), std::string("a\0b", 3), std::string(201, 'x')}) {
    request = world_.EnrolRequest("v-2", 1, 0);
    request.name = bad;
    EXPECT_THAT(Enrol(request), HasReason("BAD_TEXT"));
  }
  EXPECT_THAT(Get("v-2"), HasReason("NO_SUCH_VOLUNTEER"));
}

TEST_F(EnrolTest, MalformedRequestsAreRefusedBeforeAnythingIsLookedAt) {
  const auto refused = [&](auto change) {
    EnrolRequest request = world_.EnrolRequest("v-1", 1);
    change(request);
    return Enrol(request).status();
  };
  EXPECT_THAT(refused([](auto& r) { r.request_id = {}; }), HasReason("BAD_REQUEST_ID"));
  EXPECT_THAT(refused([](auto& r) { r.id.value = "-v"; }), HasReason("BAD_ID"));
  EXPECT_THAT(refused([](auto& r) { r.id.value = "13912345678"; }), HasReason("PERSONAL_NUMBER"));
  EXPECT_THAT(refused([](auto& r) { r.photos.resize(11, r.photos[0]); }),
              HasReason("BAD_PHOTOS"));
  EXPECT_THAT(refused([](auto& r) { r.organisation.value = "nowhere"; }),
              HasReason("NO_SUCH_ORGANISATION"));
  EXPECT_THAT(refused([](auto& r) { r.duplicate_reason = "\x01"; }), HasReason("BAD_TEXT"));
  EXPECT_THAT(refused([](auto& r) { r.consents[0].reference = ""; }), HasReason("BAD_TEXT"));
  EXPECT_EQ(world_.control.analysed, 0);
  ExpectNothingStored("v-1");
}

TEST_F(EnrolTest, ADeadlineThatPassesDuringTheLookLeavesNothing) {
  Call call = world_.Call();
  call.alive = [this] {
    return world_.control.analysed >= 2 ? absl::DeadlineExceededError("late") : absl::OkStatus();
  };
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      world_.app().enrol.EnrolVolunteer(call, world_.EnrolRequest("v-1", 1)).status()));
  ExpectNothingStored("v-1");
}

TEST_F(EnrolTest, VolunteersAreListedById) {
  for (const char* id : {"v-3", "v-1", "v-2"}) world_.Register(id);
  const auto page = world_.app().volunteers.List(world_.Call(), {2, ""});
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->items.size(), 2u);
  EXPECT_EQ(page->items[0].volunteer.id.value, "v-1");
  const auto rest = world_.app().volunteers.List(world_.Call(), {2, page->next_token});
  ASSERT_THAT(rest, IsOk());
  ASSERT_EQ(rest->items.size(), 1u);
  EXPECT_EQ(rest->items[0].volunteer.id.value, "v-3");
  EXPECT_EQ(rest->next_token, "");
}

}  // namespace
}  // namespace rollcall::app
