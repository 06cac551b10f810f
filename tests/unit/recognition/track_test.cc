#include "recognition/track.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recognition/face_pipeline.h"

namespace rollcall::recognition {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const base::Time kStart = base::FromUnixMicros(1'700'000'000'000'000);

// A face 100 px wide at (x, 100) whose embedding lies at `degrees` in a plane.
Face MakeFace(float x, float degrees, float yaw = 0, float length = 3.5f) {
  Face face;
  face.box = {x, 100, x + 100, 200};
  face.quality.side_px = 100;
  face.quality.yaw_degrees = yaw;
  face.quality.embedding_length = length;
  const float radians = degrees * 3.14159265f / 180;
  face.embedding = Embedding{"m", {std::cos(radians), std::sin(radians)}, length};
  return face;
}

TEST(FaceTrackTest, FramesThatDifferAreKept) {
  FaceTrack track;
  EXPECT_EQ(track.Add(MakeFace(100, 0), kStart), FaceTrack::Added::kStarted);
  EXPECT_EQ(track.Add(MakeFace(103, 5), kStart + milliseconds(500)), FaceTrack::Added::kContinued);
  EXPECT_EQ(track.Add(MakeFace(105, 9, 10), kStart + milliseconds(550)),
            FaceTrack::Added::kContinued);
  EXPECT_EQ(track.frames(), 3);
}

TEST(FaceTrackTest, ARepeatAddsNothingButMayReplace) {
  FaceTrack track;
  track.Add(MakeFace(100, 0, 0, 3.0f), kStart);
  track.Add(MakeFace(100, 1, 0, 4.0f), kStart + milliseconds(40));
  track.Add(MakeFace(100, 2, 0, 2.5f), kStart + milliseconds(80));
  EXPECT_EQ(track.frames(), 1);
  EXPECT_EQ(track.frames_seen(), 3);
  EXPECT_FLOAT_EQ(track.kept().front().raw_length, 4.0f);
}

TEST(FaceTrackTest, ProbeIsTheMeanOfTheBest) {
  FaceTrack track;
  track.Add(MakeFace(100, 0, 0, 4.0f), kStart);
  track.Add(MakeFace(100, 20, 0, 4.0f), kStart + milliseconds(500));
  track.Add(MakeFace(100, 50, 0, 2.1f), kStart + milliseconds(1000));
  const Embedding two = track.Probe(2);
  const Embedding expected = *MeanEmbedding({track.kept()[0], track.kept()[1]});
  EXPECT_NEAR(*Similarity(two, expected), 1, 1e-5f);
  EXPECT_LT(*Similarity(track.Probe(3), expected), 0.999f);
}

TEST(FaceTrackTest, LiveIsTheMeanOverAllFramesOfThisTrack) {
  FaceTrack track;
  EXPECT_EQ(track.live(), std::nullopt);
  const auto add = [&](float x, std::optional<float> live, int ms) {
    Face face = MakeFace(x, 0);
    face.quality.live_probability = live;
    track.Add(face, kStart + milliseconds(ms));
  };
  add(100, std::nullopt, 0);
  EXPECT_EQ(track.live(), std::nullopt);
  add(100, 0.9f, 40);  // repeats the frame before, and counts all the same
  add(101, 0.1f, 500);
  ASSERT_TRUE(track.live().has_value());
  EXPECT_NEAR(*track.live(), 0.5f, 1e-6f);
  add(400, 0.2f, 600);  // somebody else
  EXPECT_NEAR(*track.live(), 0.2f, 1e-6f);
}

TEST(FaceTrackTest, AJumpStartsANewTrack) {
  FaceTrack track;
  track.Add(MakeFace(100, 0), kStart);
  EXPECT_EQ(track.Add(MakeFace(400, 0), kStart + milliseconds(100)), FaceTrack::Added::kStarted);
  EXPECT_EQ(track.frames(), 1);
}

TEST(FaceTrackTest, AQuickStepIsNoJump) {
  FaceTrack track;
  track.Add(MakeFace(100, 0), kStart);
  EXPECT_EQ(track.Add(MakeFace(190, 0), kStart + milliseconds(500)),
            FaceTrack::Added::kContinued);
}

TEST(FaceTrackTest, AGapStartsANewTrack) {
  FaceTrack track;
  track.Add(MakeFace(100, 0), kStart);
  EXPECT_EQ(track.Add(MakeFace(100, 0), kStart + seconds(2)), FaceTrack::Added::kContinued);
  EXPECT_EQ(track.Add(MakeFace(100, 0), kStart + seconds(5)), FaceTrack::Added::kStarted);
}

TEST(FaceTrackTest, AClockThatGoesBackStartsANewTrack) {
  FaceTrack track;
  track.Add(MakeFace(100, 0), kStart);
  EXPECT_EQ(track.Add(MakeFace(100, 0), kStart - seconds(1)), FaceTrack::Added::kStarted);
}

// The next person in the queue stands exactly where the last one stood.
TEST(FaceTrackTest, AnotherPersonInTheSamePlaceStartsANewTrack) {
  FaceTrack track;
  track.Add(MakeFace(100, 0), kStart);
  track.Add(MakeFace(101, 3), kStart + milliseconds(500));
  EXPECT_EQ(track.Add(MakeFace(102, 85), kStart + milliseconds(600)), FaceTrack::Added::kStarted);
  EXPECT_EQ(track.frames(), 1);
  EXPECT_NEAR(*Similarity(track.Probe(3), *MakeFace(0, 85).embedding), 1, 1e-5f);
}

TEST(FaceTrackTest, APictureOnAStandIsStill) {
  FaceTrack track;
  for (int i = 0; i < 4; ++i) track.Add(MakeFace(100, 0), kStart + milliseconds(100 * i));
  EXPECT_FALSE(track.still());  // too few frames to say
  track.Add(MakeFace(100, 0), kStart + milliseconds(400));
  EXPECT_TRUE(track.still());
  track.Add(MakeFace(101, 0), kStart + milliseconds(500));
  EXPECT_FALSE(track.still());
}

TEST(FaceTrackTest, KeepsABoundedNumberOfTheBest) {
  FaceTrack track;
  for (int i = 0; i < 100; ++i) {
    track.Add(MakeFace(100, 0, 0, i == 50 ? 5.0f : 3.0f), kStart + milliseconds(500 * i));
  }
  EXPECT_LE(track.frames(), 12);
  EXPECT_EQ(track.frames_seen(), 100);
  EXPECT_FLOAT_EQ(track.Probe(1).raw_length, 5.0f);
}

// Embeds exactly at twice the angle.
class DoublingPipeline final : public FacePipeline {
 public:
  absl::StatusOr<std::vector<Face>> Analyse(const Picture&, const AnalyseOptions&) override {
    return absl::UnimplementedError("not needed");
  }
  absl::StatusOr<Face> AnalyseAligned(const Picture&) override { return absl::UnimplementedError("not needed"); }
  absl::StatusOr<Embedding> EmbedExactly(const Face& face) override {
    if (--may_embed < 0) return absl::InternalError("no more");
    const float radians = 2 * std::acos(face.embedding->values[0]);
    return Embedding{"m", {std::cos(radians), std::sin(radians)}, face.embedding->raw_length, 0};
  }
  const std::string& model_id() const override { return id_; }

  int may_embed = 100;

 private:
  const std::string id_ = "m";
};

TEST(FaceTrackTest, EmbedsTheFramesBehindTheProbeAgain) {
  FaceTrack track;
  track.Add(MakeFace(100, 10, 0, 3.0f), kStart);
  track.Add(MakeFace(101, 20, 0, 5.0f), kStart + milliseconds(500));
  track.Add(MakeFace(102, 14, 0, 4.0f), kStart + milliseconds(1000));
  DoublingPipeline pipeline;
  ASSERT_TRUE(track.EmbedExactly(pipeline, 2).ok());
  EXPECT_EQ(pipeline.may_embed, 98) << "the two best, and no other";
  EXPECT_NEAR(*Similarity(track.Probe(2), *MakeFace(0, (40 + 28) / 2).embedding), 1, 1e-5f);
  pipeline.may_embed = 0;
  EXPECT_FALSE(track.EmbedExactly(pipeline, 3).ok());
  EXPECT_NEAR(*Similarity(track.Probe(2), *MakeFace(0, (40 + 28) / 2).embedding), 1, 1e-5f);
}

TEST(FaceTrackTest, ResetForgetsEverything) {
  FaceTrack track;
  track.Add(MakeFace(100, 0), kStart);
  track.Reset();
  EXPECT_EQ(track.frames(), 0);
  EXPECT_EQ(track.frames_seen(), 0);
  EXPECT_EQ(track.Add(MakeFace(100, 0), kStart), FaceTrack::Added::kStarted);
}

}  // namespace
}  // namespace rollcall::recognition
