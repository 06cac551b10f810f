// Frames that show what the last one did: when the nets are spared, and that nothing is gained by
// it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <variant>

#include "app/look.h"
#include "app_testing/world.h"
#include "support/pictures.h"
#include "support/status_matchers.h"

namespace rollcall::app {
namespace {

using domain::Decision;
using std::chrono::milliseconds;
using std::chrono::seconds;
using support::IsOk;
using testing::World;

// Sees what the test says, whatever the picture: one box, or none.
class ScriptedPipeline final : public recognition::FacePipeline {
 public:
  absl::StatusOr<std::vector<recognition::Face>> Analyse(
      const recognition::Picture&, const recognition::AnalyseOptions& options) override {
    ++calls;
    std::vector<recognition::Face> faces;
    for (int i = 0; i < count; ++i) {
      recognition::Face face;
      face.box = box;
      face.score = 0.99f;
      face.quality.side_px = box.width();
      face.quality.sharpness = 200;
      face.quality.brightness = 120;
      face.quality.contrast = 50;
      face.quality.lower_face_contrast = 0.8f;
      face.quality.embedding_length = 20;
      face.quality.yaw_degrees = turns ? static_cast<float>(calls % 5) * 6 - 12 : 0.0f;
      face.quality.eyes_closed_probability = 0.05f;
      if (count <= options.max_faces_embedded) {
        face.embedding = recognition::Embedding{testing::kFakeModel,
                                                testing::FakeEmbedding(person, calls % 90 + 1), 20};
      }
      faces.push_back(std::move(face));
    }
    return faces;
  }
  absl::StatusOr<recognition::Face> AnalyseAligned(const recognition::Picture&) override {
    return absl::UnimplementedError("not needed");
  }
  absl::StatusOr<recognition::Embedding> EmbedExactly(const recognition::Face& face) override {
    return *face.embedding;
  }
  const std::string& model_id() const override { return model_id_; }

  int person = 1;
  int count = 1;
  bool turns = true;  // the head, a little, from frame to frame
  recognition::Box box{240, 160, 400, 320};
  int calls = 0;

 private:
  const std::string model_id_ = testing::kFakeModel;
};

class FollowingTest : public ::testing::Test {
 protected:
  FollowingTest() {
    world_.Enrol("v-1", 1);
    world_.Enrol("v-2", 2);
    Open();
  }
  void Open() {
    looker_ = std::make_unique<Looker>(world_.services(), world_.Look(), world_.ids.Next());
  }

  // The scene once more, with a sensor's noise in it.
  Frame Next() {
    recognition::Picture picture = scene_;
    std::vector<uint8_t> noise(picture.bgr.size());
    random_.Fill(noise);
    for (size_t i = 0; i < noise.size(); ++i) {
      picture.bgr[i] = static_cast<uint8_t>(std::clamp(picture.bgr[i] + noise[i] % 9 - 4, 0, 255));
    }
    Frame frame = world_.Frame({});
    frame.content = support::EncodeJpeg(picture, 95);
    return frame;
  }
  FrameDecision Show(const Frame& frame, milliseconds then = milliseconds(200)) {
    FrameAnswer answer = looker_->Look(pipeline_, frame, world_.Call());
    world_.clock.Advance(then);
    if (const auto* error = std::get_if<FrameError>(&answer)) {
      ADD_FAILURE() << error->status;
      return {};
    }
    return std::get<FrameDecision>(answer);
  }
  FrameDecision Show(milliseconds then = milliseconds(200)) { return Show(Next(), then); }
  // Until somebody is named.
  FrameDecision Name() {
    FrameDecision decision;
    for (int i = 0; i < 10 && decision.token.empty(); ++i) decision = Show(milliseconds(450));
    EXPECT_EQ(decision.decision, Decision::kRecognised);
    return decision;
  }
  // Something else where the face was, and nowhere else.
  void SwapPixels() {
    for (int32_t y = 150; y < 330; ++y) {
      for (int32_t x = 230; x < 410; ++x) {
        const size_t at = (static_cast<size_t>(y) * 640 + static_cast<size_t>(x)) * 3;
        for (size_t c = 0; c < 3; ++c) {
          scene_.bgr[at + c] = static_cast<uint8_t>((x * 5 + y * (x / 40) * 3) % 200 + 20);
        }
      }
    }
  }

  World world_;
  base::SeededRandom random_{11};
  recognition::Picture scene_ = support::WavyPicture(640, 480);
  ScriptedPipeline pipeline_;
  std::unique_ptr<Looker> looker_;
};

TEST_F(FollowingTest, WhoeverWasNamedAndIsStillThereCostsNoNets) {
  const FrameDecision named = Name();
  const int before = pipeline_.calls;
  EXPECT_EQ(before, 5) << "every frame of the attempt was looked at";
  // The naming frame was 450 ms ago.
  for (int i = 0; i < 2; ++i) {
    const FrameDecision again = Show();
    EXPECT_EQ(again.decision, Decision::kRecognised);
    EXPECT_EQ(again.token, named.token);
    EXPECT_EQ(again.volunteer.value, "v-1");
    EXPECT_TRUE(again.visit_decided);
    ASSERT_TRUE(again.box.has_value());
    EXPECT_NEAR(again.box->x1, pipeline_.box.x1, 3);
  }
  EXPECT_EQ(pipeline_.calls, before);
  EXPECT_EQ(world_.audit.records().size(), 1u);
  const std::string metrics = world_.metrics.Text();
  EXPECT_NE(metrics.find("rollcall_frame_looks_total{how=\"same_face\"} 2"), std::string::npos);
  EXPECT_NE(metrics.find("rollcall_frame_looks_total{how=\"nets\"} 5"), std::string::npos);
}

TEST_F(FollowingTest, SheIsEmbeddedAnewOnceASecond) {
  Name();
  const int before = pipeline_.calls;
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Show().decision, Decision::kRecognised);
  EXPECT_GE(pipeline_.calls - before, 9);  // in ten seconds
  EXPECT_LE(pipeline_.calls - before, 11);
}

TEST_F(FollowingTest, ANewTokenIsMadeOnlyFromAFrameThatWasLookedAt) {
  world_.settings.token_lifetime = seconds(8);
  world_.Restart();
  Open();
  std::string token;
  {
    const FrameDecision named = Name();
    token.assign(named.token.begin(), named.token.end());
  }
  int renewed = 0;
  for (int i = 0; i < 60; ++i) {
    const int before = pipeline_.calls;
    const FrameDecision seen = Show();
    ASSERT_EQ(seen.decision, Decision::kRecognised);
    const std::string now(seen.token.begin(), seen.token.end());
    if (now == token) continue;
    token = now;
    ++renewed;
    EXPECT_GT(pipeline_.calls, before);
  }
  EXPECT_EQ(renewed, 1);
}

TEST_F(FollowingTest, TheNextPersonInTheSamePlaceIsNoticedOnTheFirstFrame) {
  Name();
  EXPECT_EQ(Show(milliseconds(50)).volunteer.value, "v-1");
  pipeline_.person = 2;
  SwapPixels();
  const FrameDecision next = Show();
  EXPECT_EQ(next.decision, Decision::kNeedMoreFrames);
  EXPECT_TRUE(next.token.empty());
  EXPECT_TRUE(next.name.empty());
}

// The worst case: pixels that the comparison cannot tell from the first person's.
TEST_F(FollowingTest, EvenAPerfectLookAlikeHasTheNameForASecondAtMost) {
  for (const milliseconds step : {milliseconds(20), milliseconds(200), milliseconds(330)}) {
    Open();
    pipeline_.person = 1;
    Name();
    pipeline_.person = 2;
    int frames = 0;
    base::Duration lasted{};
    while (!Show(step).token.empty()) {
      ++frames;
      lasted += step;
    }
    EXPECT_LT(lasted, seconds(1));
    EXPECT_LE(frames, recognition::FrameWatch::kFramesBetween);
    world_.clock.Advance(seconds(5));
  }
}

// A kiosk that lies about when its frames were taken gains nothing: the server's clock counts too.
TEST_F(FollowingTest, ACaptureTimeThatStandsStillDoesNotMakeItLonger) {
  Name();
  pipeline_.person = 2;
  const base::Time taken = world_.clock.Now();
  int frames = 0;
  for (;; ++frames) {
    Frame frame = Next();
    frame.capture_time = taken;
    if (Show(frame, milliseconds(300)).token.empty()) break;
  }
  EXPECT_LE(frames, 2);  // the naming frame was 450 ms ago
}

TEST_F(FollowingTest, APictureShownBeforeIsLookedAt) {
  Name();
  const Frame frame = Next();
  EXPECT_FALSE(Show(frame, milliseconds(10)).token.empty());
  Frame again = Next();
  again.content = frame.content;
  const int before = pipeline_.calls;
  EXPECT_TRUE(Show(again).token.empty()) << "a recording in her place is not named";
  EXPECT_EQ(pipeline_.calls, before + 1);
}

TEST_F(FollowingTest, FramesOfAnAttemptAndOfAChallengeAreAllLookedAt) {
  world_.settings.presentation.challenge = domain::ChallengeKind::kTurn;
  world_.Restart();
  Open();
  pipeline_.turns = false;
  for (int i = 1; i <= 12; ++i) {
    const FrameDecision seen = Show();
    EXPECT_EQ(pipeline_.calls, i);
    EXPECT_TRUE(seen.token.empty());
  }
}

TEST_F(FollowingTest, AKioskThatSaysThatAVisitStartsOrEndsIsBelieved) {
  Name();
  Frame first = Next();
  first.starts_visit = true;
  int before = pipeline_.calls;
  EXPECT_EQ(Show(first).decision, Decision::kNeedMoreFrames);
  EXPECT_EQ(pipeline_.calls, before + 1);
  Name();
  Frame last = Next();
  last.ends_visit = true;
  before = pipeline_.calls;
  Show(last);
  EXPECT_EQ(pipeline_.calls, before + 1);
}

TEST_F(FollowingTest, WhoIsNoLongerOnTheRosterIsNotNamedAnyLonger) {
  Name();
  ASSERT_FALSE(Show(milliseconds(10)).token.empty());
  const auto volunteer = world_.registry().GetVolunteer(domain::VolunteerId("v-1"));
  ASSERT_THAT(volunteer, IsOk());
  world_.gallery().Remove(std::array{volunteer->subject});
  EXPECT_TRUE(Show().token.empty());
}

TEST_F(FollowingTest, SeveralFacesEndIt) {
  Name();
  pipeline_.count = 2;
  for (int32_t y = 100; y < 300; ++y) {
    std::fill_n(scene_.bgr.begin() + static_cast<std::ptrdiff_t>(y) * 640 * 3, 150 * 3,
                uint8_t{10});
  }
  EXPECT_EQ(Show(milliseconds(50)).decision, Decision::kSeveralFaces);
  const int before = pipeline_.calls;
  EXPECT_EQ(Show(milliseconds(50)).decision, Decision::kSeveralFaces);
  EXPECT_EQ(pipeline_.calls, before + 1);
  pipeline_.count = 1;
  EXPECT_EQ(Show(milliseconds(50)).decision, Decision::kRecognised);
  EXPECT_EQ(pipeline_.calls, before + 2) << "once more, before anything is repeated";
}

TEST_F(FollowingTest, AnEmptyDoorwayIsNotSearchedOverAndOver) {
  pipeline_.count = 0;
  for (int i = 0; i < 25; ++i) EXPECT_EQ(Show().decision, Decision::kNoFace);
  EXPECT_EQ(pipeline_.calls, 5);  // in five seconds
  pipeline_.count = 1;
  SwapPixels();
  EXPECT_EQ(Show().decision, Decision::kNeedMoreFrames) << "on the first frame";
}

}  // namespace
}  // namespace rollcall::app
