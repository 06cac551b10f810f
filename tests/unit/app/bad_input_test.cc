// Bad input at the door: a clear answer, and the ledger is as it was.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "app_testing/world.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Action;
using domain::Decision;
using support::HasReason;
using support::IsOk;
using testing::World;

class BadInputTest : public ::testing::Test {
 protected:
  BadInputTest() {
    world_.Enrol("v-1", 1);
    EXPECT_THAT(world_.Record(world_.See(1).token, Action::kIn), IsOk());
    rows_ = world_.LedgerRows();
  }
  ~BadInputTest() override { EXPECT_EQ(world_.LedgerRows(), rows_); }

  absl::Status CheckIn(const Attendance::CheckInRequest& request) {
    return world_.CheckIn(request).status();
  }

  World world_;
  int64_t rows_ = 0;
};

TEST_F(BadInputTest, UnknownActivityAndSession) {
  auto request = world_.CheckInRequest(1);
  request.look.session.activity.value = "unknown";
  EXPECT_THAT(CheckIn(request), HasReason("NO_SUCH_ACTIVITY"));
  request = world_.CheckInRequest(1);
  request.look.session.session.value = "unknown";
  EXPECT_THAT(CheckIn(request), HasReason("NO_SUCH_SESSION"));
}

TEST_F(BadInputTest, MalformedIds) {
  for (const char* id : {"", " ", "-a", "a/b", "a\n", "名"}) {
    auto request = world_.CheckInRequest(1);
    request.look.kiosk.value = id;
    EXPECT_THAT(CheckIn(request), HasReason("BAD_ID")) << id;
    request = world_.CheckInRequest(1);
    request.look.session.activity.value = id;
    EXPECT_THAT(CheckIn(request), HasReason("BAD_ID")) << id;
  }
  auto request = world_.CheckInRequest(1);
  request.look.session.session.value = std::string(65, 'a');
  EXPECT_THAT(CheckIn(request), HasReason("BAD_ID"));
}

TEST_F(BadInputTest, MissingRequestIdAndAction) {
  auto request = world_.CheckInRequest(1);
  request.request_id = {};
  EXPECT_THAT(CheckIn(request), HasReason("BAD_REQUEST_ID"));
  request = world_.CheckInRequest(1);
  request.action = Action::kUnspecified;
  EXPECT_THAT(CheckIn(request), HasReason("BAD_ACTION"));
  const FrameDecision seen = world_.See(1);
  EXPECT_THAT(world_.Record(seen.token, Action::kUnspecified), HasReason("BAD_ACTION"));
  EXPECT_THAT(world_.Record(seen.token, Action::kOut, base::Uuid{}), HasReason("BAD_REQUEST_ID"));
}

TEST_F(BadInputTest, ExpiredForeignDamagedAndMissingTokens) {
  const FrameDecision seen = world_.See(1);
  EXPECT_THAT(world_.Record({}, Action::kOut), HasReason("TOKEN_INVALID"));
  EXPECT_THAT(world_.Record({1, 2, 3}, Action::kOut), HasReason("TOKEN_INVALID"));
  base::Bytes damaged = seen.token;
  damaged[40] ^= 1;
  EXPECT_THAT(world_.Record(damaged, Action::kOut), HasReason("TOKEN_INVALID"));
  EXPECT_THAT(world_.Record(seen.token, Action::kOut, std::nullopt, damaged),
              HasReason("TOKEN_INVALID"));

  World other;  // another server
  other.Enrol("v-1", 1);
  other.random.Fill({});
  const Tokens foreign(Tokens::Key::Random(other.random), other.random);
  EXPECT_THAT(world_.Record(foreign.Seal(*world_.services().tokens.Open(seen.token)),
                            Action::kOut),
              HasReason("TOKEN_INVALID"));

  world_.clock.Advance(std::chrono::seconds(61));
  EXPECT_THAT(world_.Record(seen.token, Action::kOut), HasReason("TOKEN_EXPIRED"));
}

TEST_F(BadInputTest, FramesThatAreNone) {
  auto request = world_.CheckInRequest(1);
  request.frames.clear();
  EXPECT_THAT(CheckIn(request), HasReason("BAD_FRAMES"));
  request.frames.assign(11, world_.Frame({{1, 1}}));
  EXPECT_THAT(CheckIn(request), HasReason("BAD_FRAMES"));

  request = world_.CheckInRequest(1);
  request.frames[1].content = base::Bytes{'n', 'o'};
  EXPECT_THAT(CheckIn(request), HasReason("PICTURE_FORMAT"));
  request = world_.CheckInRequest(1);
  request.frames[2].content = {};
  EXPECT_THAT(CheckIn(request), HasReason("PICTURE_EMPTY"));
  request = world_.CheckInRequest(1);
  request.frames[0].content = testing::Cut(request.frames[0].content, 80);
  EXPECT_THAT(CheckIn(request), HasReason("PICTURE_TRUNCATED"));
  request = world_.CheckInRequest(1);
  std::swap(request.frames[0], request.frames[1]);
  EXPECT_THAT(CheckIn(request), HasReason("FRAME_ORDER"));
  request = world_.CheckInRequest(1);
  request.frames[0].frame_id = 0;
  EXPECT_THAT(CheckIn(request), HasReason("FRAME_ORDER"));
}

TEST_F(BadInputTest, AKioskWhoseClockIsFarOff) {
  for (const auto off : {std::chrono::seconds(31), std::chrono::seconds(-31),
                         std::chrono::seconds(400'000'000)}) {
    auto request = world_.CheckInRequest(1);
    for (Frame& frame : request.frames) frame.capture_time += off;
    EXPECT_THAT(CheckIn(request), HasReason("CLOCK_OFF"));
  }
}

TEST_F(BadInputTest, NoFaceAndTwentyFacesAreAnswers) {
  auto request = world_.CheckInRequest(1);
  request.frames = {world_.Frame({})};
  EXPECT_EQ(world_.CheckIn(request)->decision, Decision::kNoFace);
  std::vector<testing::FakeFace> crowd;
  for (int i = 0; i < 20; ++i) crowd.push_back({i + 1, 1, 100, 30 * i, 240});
  request = world_.CheckInRequest(1);
  request.frames = {world_.Frame(crowd)};
  EXPECT_EQ(world_.CheckIn(request)->decision, Decision::kSeveralFaces);
}

TEST_F(BadInputTest, AnEmptyRoster) {
  const domain::SessionKey empty{world_.session.organisation, world_.session.activity,
                                 domain::SessionId("empty")};
  ASSERT_THAT(world_.app().activities.AddSession(
                  world_.Call(), {empty, world_.At(9, 0), world_.At(12, 0), {}}),
              IsOk());
  auto request = world_.CheckInRequest(1);
  request.look.session = empty;
  const int before = world_.control.analysed;
  EXPECT_EQ(world_.CheckIn(request)->decision, Decision::kNobodyEnrolled);
  EXPECT_EQ(world_.control.analysed, before);
}

TEST_F(BadInputTest, ARosterOfTenThousandIsTakenAndOneMoreIsRefused) {
  constexpr int kPeople = 10'000;
  const auto id_of = [](int i) { return domain::VolunteerId("r-" + std::to_string(i)); };
  std::vector<gallery::Template> templates(kPeople);
  std::vector<std::future<void>> makers;
  constexpr int kMakers = 64;  // waiting together, they are committed together
  for (int maker = 0; maker < kMakers; ++maker) {
    makers.push_back(std::async(std::launch::async, [&, maker] {
      for (int i = maker; i < kPeople; i += kMakers) {
        domain::Volunteer volunteer;
        volunteer.id = id_of(i);
        volunteer.key = world_.ids.Next();
        volunteer.subject = world_.ids.Next();
        volunteer.name = "Volunteer";
        EXPECT_THAT(world_.registry().CreateVolunteer(volunteer), IsOk());
        const auto face = testing::FakeEmbedding(100 + i, 0);
        templates[static_cast<size_t>(i)] = {volunteer.subject, face, {face, face, face}};
      }
    }));
  }
  for (auto& maker : makers) maker.get();
  ASSERT_THAT(world_.gallery().Put(std::move(templates)), IsOk());

  std::vector<domain::RosterEntry> entries;
  for (int i = 0; i < kPeople; ++i) {
    entries.push_back({{}, id_of(i), {}, domain::RosterKind::kSignedUp});
  }
  const domain::SessionKey big{world_.session.organisation, world_.session.activity,
                               domain::SessionId("big")};
  ASSERT_THAT(world_.app().activities.AddSession(
                  world_.Call(), {big, world_.At(9, 0), world_.At(12, 0), {}}),
              IsOk());
  const auto added = world_.app().activities.AddRosterEntries(world_.Call(), big, entries);
  ASSERT_THAT(added, IsOk());
  EXPECT_EQ(added->added, kPeople);
  EXPECT_EQ(added->roster_size, kPeople);
  const auto more = world_.app().activities.AddRosterEntries(
      world_.Call(), big, {{{}, domain::VolunteerId("v-1"), {}, domain::RosterKind::kSignedUp}});
  EXPECT_THAT(more, HasReason("ROSTER_FULL"));

  // 1 % / 10 / 10,000 people lies below what was measured: face alone is not enough.
  auto request = world_.CheckInRequest(100 + 4321);
  request.look.session = big;
  const auto answer = world_.CheckIn(request);
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->decision, Decision::kSecondFactorNeeded);
  EXPECT_EQ(answer->volunteer, id_of(4321));
  request = world_.CheckInRequest(50'000 - 1);
  request.look.session = big;
  EXPECT_EQ(world_.CheckIn(request)->decision, Decision::kUnknown);
}

TEST_F(BadInputTest, AFullQueueIsSaidWithARetryHint) {
  World small({.workers = 1, .queue = 1});
  small.Enrol("v-1", 1);
  small.control.Hold();
  const auto wait = [](recognition::FacePipeline& pipeline) {
    return pipeline.Analyse({1, 1, {0, 0, 0}}, {}).ok();
  };
  const WorkLane elsewhere = WorkLane::Doorway(domain::KioskId("door-2"));
  ASSERT_THAT(small.workers().Post(elsewhere, wait), IsOk());
  small.control.WaitUntilHeld();
  ASSERT_THAT(small.workers().Post(elsewhere, wait), IsOk());
  const auto refused = small.CheckIn(small.CheckInRequest(1));
  EXPECT_THAT(refused, HasReason("BUSY"));
  EXPECT_TRUE(RetryAfter(refused.status()).has_value());
  small.control.Release();
  small.workers().Drain();
  EXPECT_EQ(small.LedgerRows(), 0);
}

}  // namespace
}  // namespace rollcall::app
