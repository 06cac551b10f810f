// Bad input that enters through an RPC: a clear answer, and the ledger as it was.
// tests/bad_input.md says which test stands for which case, those of other folders included.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "integration/service_test_base.h"
#include "support/damage.h"
#include "support/pictures.h"

namespace rollcall::testing {
namespace {

using grpc::StatusCode;
using support::EncodeJpeg;
using support::EncodePng;

// A started service with one check-in in its ledger; every test ends by looking at the ledger
// again.
class BadInputTest : public ServiceTest {
 protected:
  void SetUp() override {
    Start();
    MakeActivity();
    Enrol("V1", 1);
    Register("V2");
    ASSERT_EQ(Record(StaffToken("V2"), v1::IN).response.decision(), v1::CHECKED_IN);
  }
  void TearDown() override {
    if (HasFatalFailure()) return;
    EXPECT_EQ(LedgerRows(), rows_);
  }
  int64_t rows_ = 1;  // what the ledger is to have in the end

  // What a frame with `content` is answered, at a kiosk and in the simple client's call.
  std::string StreamReason(const std::string& content) {
    KioskStream stream(client());
    stream.SendConfig("a");
    if (!stream.Read()) return "no stream";
    stream.SendFrame(Frame(1, content));
    const auto reply = stream.Read();
    if (!reply || !reply->has_error()) return "no error";
    EXPECT_FALSE(reply->error().message().empty());
    // The stream goes on: the next, good frame is answered.
    stream.SendFrame(Frame(2, Picture(1)));
    const auto next = stream.Read();
    EXPECT_TRUE(next && next->has_decision());
    return reply->error().reason();
  }
  Answer<v1::RecordAttendanceResponse> CheckInWith(const std::string& content) {
    v1::CheckInRequest request = CheckInRequest(1);
    request.mutable_frames(0)->set_content(content);
    return client().Call(*client().check_in, &v1::CheckInService::Stub::CheckIn, request);
  }
  v1::PhotoVerdict VerdictOn(const std::string& content) {
    v1::CheckPhotosRequest request;
    request.add_photos()->set_content(content);
    const auto answer =
        client().Call(*client().enrolment, &v1::EnrolmentService::Stub::CheckPhotos, request);
    EXPECT_TRUE(answer.ok()) << answer.status.error_message();
    return answer.response.verdicts_size() == 1 ? answer.response.verdicts(0) : v1::PhotoVerdict();
  }
  v1::Decision CheckInDecision(const std::string& content) {
    v1::CheckInRequest request = CheckInRequest(1);
    for (v1::Frame& frame : *request.mutable_frames()) frame.set_content(content);
    const auto answer =
        client().Call(*client().check_in, &v1::CheckInService::Stub::CheckIn, request);
    EXPECT_TRUE(answer.ok()) << answer.status.error_message();
    EXPECT_FALSE(answer.response.has_receipt());
    EXPECT_FALSE(answer.response.sentence().empty());
    return answer.response.decision();
  }
};

recognition::Picture Wavy() { return support::WavyPicture(160, 120); }

base::Bytes WithSize(base::Bytes jpeg, int width, int height) {
  for (size_t i = 0; i + 8 < jpeg.size(); ++i) {
    if (jpeg[i] != 0xFF || jpeg[i + 1] != 0xC0) continue;
    jpeg[i + 5] = static_cast<uint8_t>(height >> 8);
    jpeg[i + 6] = static_cast<uint8_t>(height & 255);
    jpeg[i + 7] = static_cast<uint8_t>(width >> 8);
    jpeg[i + 8] = static_cast<uint8_t>(width & 255);
    break;
  }
  return jpeg;
}

base::Bytes WithManyScans() {
  base::Bytes jpeg = EncodeJpeg(Wavy(), {.progressive = true});
  size_t scan = jpeg.size();
  while (!(jpeg[scan - 2] == 0xFF && jpeg[scan - 1] == 0xDA)) --scan;
  const base::Bytes last(jpeg.begin() + static_cast<long>(scan) - 2, jpeg.end() - 2);
  jpeg.resize(jpeg.size() - 2);
  for (int i = 0; i < 150; ++i) jpeg.insert(jpeg.end(), last.begin(), last.end());
  jpeg.insert(jpeg.end(), {0xFF, 0xD9});
  return jpeg;
}

base::Bytes CutInHalf(base::Bytes bytes) {
  bytes.resize(bytes.size() / 2);
  return bytes;
}

struct PictureCase {
  const char* name;
  std::function<base::Bytes()> make;
  const char* reason;
};

const std::vector<PictureCase>& PictureCases() {
  static const std::vector<PictureCase> cases = {
      {"NotAPicture",
       [] {
         return base::Bytes{'h', 'e', 'l', 'l', 'o'};
       },
       "PICTURE_FORMAT"},
      {"Empty", [] { return base::Bytes{}; }, "PICTURE_EMPTY"},
      {"TruncatedJpeg", [] { return CutInHalf(EncodeJpeg(Wavy())); }, "PICTURE_TRUNCATED"},
      {"TruncatedPng", [] { return CutInHalf(EncodePng(Wavy())); }, "PICTURE_TRUNCATED"},
      {"Bomb", [] { return WithSize(EncodeJpeg(Wavy()), 65535, 65535); }, "PICTURE_TOO_LARGE"},
      {"ThousandsOfScans", WithManyScans, "PICTURE_SCANS"},
      {"NoPixels", [] { return WithSize(EncodeJpeg(Wavy()), 0, 0); }, "PICTURE_EMPTY"},
      {"Cmyk", [] { return EncodeJpeg(Wavy(), {.cmyk = true}); }, "PICTURE_FORMAT"},
      {"SixteenBit", [] { return EncodePng(Wavy(), {.sixteen_bit = true}); }, "PICTURE_FORMAT"},
      {"Animated", [] { return EncodePng(Wavy(), {.animated = true}); }, "PICTURE_FORMAT"},
  };
  return cases;
}

TEST_F(BadInputTest, WhatIsNoUsablePictureIsAnErrorInTheStream) {
  for (const PictureCase& c : PictureCases()) {
    EXPECT_EQ(StreamReason(Text(c.make())), c.reason) << c.name;
  }
}

TEST_F(BadInputTest, WhatIsNoUsablePictureIsRefusedByCheckIn) {
  for (const PictureCase& c : PictureCases()) {
    const auto answer = CheckInWith(Text(c.make()));
    EXPECT_EQ(answer.code(), StatusCode::INVALID_ARGUMENT) << c.name;
    EXPECT_EQ(answer.reason(), c.reason) << c.name;
  }
}

TEST_F(BadInputTest, WhatIsNoUsablePictureIsAVerdictOnThatPhoto) {
  for (const PictureCase& c : PictureCases()) {
    const v1::PhotoVerdict verdict = VerdictOn(Text(c.make()));
    EXPECT_FALSE(verdict.accepted()) << c.name;
    EXPECT_EQ(verdict.reason(), c.reason) << c.name;
    EXPECT_FALSE(verdict.message().empty()) << c.name;
  }
}

// Between any two of them an enrolled person stands at the door, and her picture has their size: pixels
// of hers in a buffer that is used again would be her face in a picture of nobody.
TEST_F(BadInputTest, DamagedFramesNeverShowThePersonBefore) {
  const recognition::Picture nobody = support::WavyPicture(32, 32);
  const std::vector<base::Bytes> originals = {
      EncodeJpeg(nobody), EncodeJpeg(nobody, {.progressive = true}), EncodePng(nobody),
      EncodePng(nobody, {.interlaced = true})};
  std::mt19937_64 random(26);
  KioskStream stream(client());
  stream.SendConfig("a");
  ASSERT_TRUE(stream.Read()->has_opened());
  int errors = 0;
  for (int i = 0; i < 400; ++i) {
    v1::Frame person = Frame(2 * i + 1, Picture(1, i % 3));
    person.set_starts_visit(true);
    stream.SendFrame(person);
    const auto seen = stream.Read();
    ASSERT_TRUE(seen && seen->has_decision());
    ASSERT_EQ(seen->decision().decision(), v1::NEED_MORE_FRAMES);
    const base::Bytes& whole = originals[random() % originals.size()];
    const base::Bytes& other = originals[random() % originals.size()];
    v1::Frame damaged = Frame(2 * i + 2, Text(support::Damaged(whole, other, random)));
    damaged.set_starts_visit(true);
    stream.SendFrame(damaged);
    const auto reply = stream.Read();
    ASSERT_TRUE(reply) << "frame " << i << " ended the stream";
    if (reply->has_error()) {
      ++errors;
      EXPECT_TRUE(reply->error().reason().starts_with("PICTURE_")) << reply->error().reason();
    } else {
      EXPECT_EQ(reply->decision().decision(), v1::NO_FACE) << "frame " << i;
      EXPECT_TRUE(reply->decision().volunteer_id().empty());
      EXPECT_TRUE(reply->decision().token().empty());
    }
  }
  EXPECT_GT(errors, 200);
  stream.HalfClose();
  EXPECT_TRUE(stream.End().ok());
}

TEST_F(BadInputTest, AnExifOrientationIsHandled) {
  const auto answer = VerdictOn(Text(EncodeJpeg(Wavy(), {.exif_orientation = 6})));
  EXPECT_EQ(answer.reason(), "NO_FACE") << "decoded and looked at, not refused";
}

TEST_F(BadInputTest, NobodyInThePicture) {
  EXPECT_EQ(CheckInDecision(Text(EncodeJpeg(Wavy()))), v1::NO_FACE);
  EXPECT_EQ(VerdictOn(Text(EncodeJpeg(Wavy()))).reason(), "NO_FACE");
}

TEST_F(BadInputTest, ABlackFrame) {
  EXPECT_EQ(CheckInDecision(Text(EncodeJpeg(support::FlatPicture(640, 480, 0, 0, 0)))),
            v1::NO_FACE);
}

TEST_F(BadInputTest, TwentyFaces) {
  std::vector<FakeFace> crowd;
  for (int i = 0; i < 20; ++i) crowd.push_back({.person = 100 + i, .x = 20 + 30 * i});
  const int before = control_.embedded;
  EXPECT_EQ(CheckInDecision(Text(FakePicture(crowd))), v1::SEVERAL_FACES);
  EXPECT_EQ(control_.embedded, before) << "nobody of a crowd is looked at more closely";
  EXPECT_EQ(VerdictOn(Text(FakePicture(crowd))).reason(), "SEVERAL_FACES");
}

TEST_F(BadInputTest, AFrameOfMoreThanTwoMebibytes) {
  EXPECT_EQ(StreamReason(std::string((2 << 20) + 1, 'x')), "FRAME_TOO_LARGE");
}

TEST_F(BadInputTest, ElevenFramesOrNoneAreNoVisit) {
  v1::CheckInRequest request = CheckInRequest(1);
  while (request.frames_size() < 11) *request.add_frames() = request.frames(0);
  for (const int keep : {11, 0}) {
    while (request.frames_size() > keep) request.mutable_frames()->RemoveLast();
    const auto answer =
        client().Call(*client().check_in, &v1::CheckInService::Stub::CheckIn, request);
    EXPECT_EQ(answer.code(), StatusCode::INVALID_ARGUMENT) << keep;
  }
}

TEST_F(BadInputTest, AnUnknownActivity) {
  v1::CheckInRequest request = CheckInRequest(1, "nowhere");
  const auto look = client().Call(*client().check_in, &v1::CheckInService::Stub::CheckIn, request);
  EXPECT_EQ(look.code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(look.reason(), "NO_SUCH_ACTIVITY");
  KioskStream stream(client());
  stream.SendConfig("nowhere");
  EXPECT_EQ(ReasonOf(stream.End()), "NO_SUCH_ACTIVITY");
  EXPECT_EQ(client().Attest("nowhere", "V1").reason(), "NO_SUCH_ACTIVITY");
  EXPECT_EQ(client().AddToRoster("nowhere", {"V1"}).code(), StatusCode::NOT_FOUND);
}

TEST_F(BadInputTest, MalformedIds) {
  for (const std::string bad : {"", " ", "a b", "../../etc", "x'; DROP TABLE event; --", "\xff"}) {
    v1::EnrolVolunteerRequest request = EnrolRequest(bad == "\xff" ? "." : bad, "A Name");
    EXPECT_EQ(client().Enrol(request).reason(), "BAD_ID") << bad;
    EXPECT_EQ(client().Attest(bad == "\xff" ? "." : bad, "V1").reason(), "BAD_ID") << bad;
  }
  // Numbers that must never become keys.
  EXPECT_EQ(client().Enrol(EnrolRequest("13812345678", "A Name")).reason(), "PERSONAL_NUMBER");
  EXPECT_EQ(client().Enrol(EnrolRequest("11010519491231002X", "A Name")).reason(),
            "PERSONAL_NUMBER");
}

TEST_F(BadInputTest, AMissingOrMalformedRequestId) {
  const std::string token = StaffToken("V1");
  EXPECT_EQ(Record(token, v1::IN, "").reason(), "REQUEST_ID_MISSING");
  EXPECT_EQ(Record(token, v1::IN, "17").reason(), "BAD_UUID");
  EXPECT_EQ(Record(token, v1::IN, std::string(36, '0')).reason(), "BAD_UUID");
  v1::CheckInRequest request = CheckInRequest(1);
  request.clear_request_id();
  const auto answer =
      client().Call(*client().check_in, &v1::CheckInService::Stub::CheckIn, request);
  EXPECT_EQ(answer.code(), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(answer.reason(), "REQUEST_ID_MISSING");
}

TEST_F(BadInputTest, AReusedRequestIdWithOtherContent) {
  const std::string id = NewRequestId();
  ASSERT_EQ(Record(StaffToken("V1"), v1::IN, id).response.decision(), v1::CHECKED_IN);
  rows_ = 2;
  const auto other = Record(StaffToken("V2"), v1::OUT, id);
  EXPECT_EQ(other.code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(other.reason(), "REQUEST_ID_REUSED");
}

TEST_F(BadInputTest, AReusedToken) {
  const std::string token = StaffToken("V1");
  ASSERT_EQ(Record(token, v1::IN).response.decision(), v1::CHECKED_IN);
  rows_ = 2;
  const auto again = Record(token, v1::IN);
  EXPECT_EQ(again.code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(again.reason(), "TOKEN_USED");
}

TEST_F(BadInputTest, AnExpiredToken) {
  const std::string token = StaffToken("V1");
  clock_.Advance(std::chrono::seconds(61));
  const auto answer = Record(token, v1::IN);
  EXPECT_EQ(answer.code(), StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(answer.reason(), "TOKEN_EXPIRED");
}

TEST_F(BadInputTest, AForeignToken) {
  // Of another server, with a key of its own, that knows the same people.
  support::TempDir other_folder;
  server::ServerOptions options = Options();
  options.data = other_folder.path() / "data";
  const auto other = server::Server::Start(std::move(options));
  ASSERT_TRUE(other.ok()) << other.status();
  const Client elsewhere((*other)->address());
  MakeActivityAt(elsewhere, "a");
  ASSERT_TRUE(elsewhere.Enrol(EnrolRequest("V1", "Name of V1")).ok());
  ASSERT_TRUE(elsewhere.AddToRoster("a", {"V1"}).ok());
  const std::string token = elsewhere.Attest("a", "V1").response.token();
  ASSERT_FALSE(token.empty());
  EXPECT_EQ(Record(token, v1::IN).reason(), "TOKEN_INVALID");
  EXPECT_EQ(Record("", v1::IN).reason(), "TOKEN_INVALID");
  EXPECT_EQ(Record(std::string(5000, 'x'), v1::IN).reason(), "TOKEN_INVALID");
  std::string bent = StaffToken("V1");
  bent[bent.size() / 2] = static_cast<char>(bent[bent.size() / 2] ^ 1);
  EXPECT_EQ(Record(bent, v1::IN).reason(), "TOKEN_INVALID");
}

TEST_F(BadInputTest, AClockThatIsFarOff) {
  KioskStream stream(client());
  stream.SendConfig("a");
  ASSERT_TRUE(stream.Read().has_value());
  int64_t id = 0;
  for (const auto off : {std::chrono::seconds(31), std::chrono::seconds(-31)}) {
    stream.SendFrame(FrameOf(++id, clock_.Now() + off, Picture(1)));
    const auto reply = stream.Read();
    ASSERT_TRUE(reply && reply->has_error());
    EXPECT_EQ(reply->error().reason(), "CLOCK_OFF");
    EXPECT_EQ(reply->error().frame_id(), id);
  }
  v1::CheckInRequest request = CheckInRequest(1);
  request.mutable_frames(0)->mutable_capture_time()->set_seconds(0);
  EXPECT_EQ(client().Call(*client().check_in, &v1::CheckInService::Stub::CheckIn, request).reason(),
            "CLOCK_OFF");
}

TEST_F(BadInputTest, AnEmptyRoster) {
  MakeActivity("b");
  EXPECT_EQ(See(1, "b").decision(), v1::NOBODY_ENROLLED);
}

TEST_F(BadInputTest, ARosterOfTenThousandIsFullAndWorks) {
  RegisterManyBehindTheServersBack("U", domain::kMaxRoster);
  MakeActivity("big");
  v1::AddRosterEntriesRequest request;
  *request.mutable_session() = SessionOf("big");
  for (int i = 0; i < domain::kMaxRoster; ++i) {
    request.add_entries()->set_volunteer_id(Numbered("U", i));
  }
  const auto add = [&] {
    return client().Call(*client().activities, &v1::ActivityService::Stub::AddRosterEntries,
                         request);
  };
  request.mutable_entries(0)->set_volunteer_id("V1");  // the one with a face
  auto answer = add();
  ASSERT_TRUE(answer.ok()) << answer.status.error_message();
  EXPECT_EQ(answer.response.roster_size(), domain::kMaxRoster);
  EXPECT_EQ(client().AddToRoster("big", {"V2"}).reason(), "ROSTER_FULL");
  request.add_entries()->set_volunteer_id("V2");
  EXPECT_EQ(add().code(), StatusCode::INVALID_ARGUMENT) << "10,001 in one request";
  EXPECT_EQ(See(1, "big").decision(), v1::RECOGNISED);
  EXPECT_EQ(See(2, "big").decision(), v1::UNKNOWN);
}

TEST_F(BadInputTest, ARosterWithUnknownPeopleStaysAsItWas) {
  MakeActivity("b");
  const auto answer = client().AddToRoster("b", {"V1", "nobody-1", "nobody-2"});
  EXPECT_EQ(answer.code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(answer.reason(), "NO_SUCH_VOLUNTEER");
  EXPECT_NE(answer.status.error_message().find("nobody-1"), std::string::npos);
  EXPECT_EQ(client().Attest("b", "V1").response.decision(), v1::NOT_ON_ROSTER);
}

TEST_F(BadInputTest, NamesOfAllKinds) {
  int number = 0;
  const auto enrol = [&](const std::string& name) {
    return client().Enrol(EnrolRequest(Numbered("N", number++), name));
  };
  // Rare characters are ordinary: beyond the basic plane, combining marks, other scripts.
  for (const std::string good :
       {"\xF0\xA0\xAE\xB7\xE9\x87\x8E", "\xF0\xAC\x82\xA9", "e\xCC\x81tienne",
        "\xD9\x85\xD8\xAD\xD9\x85\xD8\xAF", "O'Brien; \"x\""}) {
    const auto answer = enrol(good);
    ASSERT_TRUE(answer.ok()) << good << ": " << answer.status.error_message();
    EXPECT_EQ(answer.response.volunteer().name(), good);
  }
  // What makes one name look like another, or breaks a list, is not a name.
  for (const std::string bad : {"a\nb", "a\rb", "a\tb",
                                "\xE2\x80\xAE"
                                "abc",
                                "abc\xE2\x80\x8F", "\xE2\x81\xA6x", "   ", ""}) {
    const auto answer = enrol(bad);
    EXPECT_EQ(answer.code(), StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(answer.reason(), "BAD_TEXT");
  }
  EXPECT_EQ(enrol(std::string(201, 'x')).reason(), "BAD_TEXT");
}

TEST_F(BadInputTest, AMessageThatIsTooLarge) {
  Start([](server::ServerOptions& options) { options.config.request_bytes = 1 << 20; });
  v1::CheckPhotosRequest request;
  request.add_photos()->set_content(std::string((1 << 20) + 1, 'x'));
  const auto answer =
      client().Call(*client().enrolment, &v1::EnrolmentService::Stub::CheckPhotos, request);
  EXPECT_EQ(answer.code(), StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(BadInputTest, UnspecifiedAndUnknownEnums) {
  const std::string token = StaffToken("V1");
  EXPECT_EQ(Record(token, v1::ACTION_UNSPECIFIED).reason(), "BAD_ENUM");
  EXPECT_EQ(Record(token, static_cast<v1::Action>(77)).reason(), "BAD_ENUM");
  KioskStream stream(client());
  stream.SendConfig("a", v1::SOURCE_KIND_UNSPECIFIED);
  EXPECT_EQ(ReasonOf(stream.End()), "BAD_ENUM");
}

TEST_F(BadInputTest, PagesThatAreNone) {
  v1::ListVolunteersRequest request;
  request.set_page_size(-1);
  const auto list = [&] {
    return client().Call(*client().enrolment, &v1::EnrolmentService::Stub::ListVolunteers, request);
  };
  EXPECT_EQ(list().reason(), "BAD_PAGE");
  request.set_page_size(0);
  request.set_page_token("not one of ours");
  EXPECT_EQ(list().reason(), "BAD_PAGE");
}

TEST_F(BadInputTest, PinsThatAreNone) {
  v1::SetPinRequest request;
  request.set_volunteer_id("V1");
  for (const char* pin : {"", "12345", "1234567890123", "12a456", "１２３４５６"}) {
    request.set_pin(pin);
    const auto answer =
        client().Call(*client().enrolment, &v1::EnrolmentService::Stub::SetPin, request);
    EXPECT_EQ(answer.code(), StatusCode::INVALID_ARGUMENT) << pin;
    EXPECT_EQ(answer.reason(), "BAD_PIN") << pin;
    EXPECT_TRUE(*pin == '\0' || answer.status.error_message().find(pin) == std::string::npos);
  }
}

}  // namespace
}  // namespace rollcall::testing
