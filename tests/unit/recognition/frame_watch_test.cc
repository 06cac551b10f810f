#include "recognition/frame_watch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "support/pictures.h"

namespace rollcall::recognition {
namespace {

using std::chrono::milliseconds;

constexpr base::Duration kStart = milliseconds(7000);
const Box kFace{200, 120, 360, 280};

// The same scene once more, as a sensor sees it.
Picture Noisy(Picture picture, uint64_t seed, int levels = 6) {
  base::SeededRandom random(seed);
  std::vector<uint8_t> noise(picture.bgr.size());
  random.Fill(noise);
  for (size_t i = 0; i < noise.size(); ++i) {
    const int value = picture.bgr[i] + noise[i] % (2 * levels + 1) - levels;
    picture.bgr[i] = static_cast<uint8_t>(std::clamp(value, 0, 255));
  }
  return picture;
}

// `box` brighter or darker by `levels`.
Picture Changed(Picture picture, const Box& box, int levels) {
  for (auto y = static_cast<int32_t>(box.y1); y < static_cast<int32_t>(box.y2); ++y) {
    for (auto x = static_cast<int32_t>(box.x1); x < static_cast<int32_t>(box.x2); ++x) {
      const size_t at =
          (static_cast<size_t>(y) * static_cast<size_t>(picture.width) + static_cast<size_t>(x)) *
          3;
      for (size_t c = 0; c < 3; ++c) {
        picture.bgr[at + c] =
            static_cast<uint8_t>(std::clamp(picture.bgr[at + c] + levels, 0, 255));
      }
    }
  }
  return picture;
}

class FrameWatchTest : public testing::Test {
 protected:
  const Picture scene_ = support::WavyPicture(640, 480);
  FrameWatch watch_;
};

TEST_F(FrameWatchTest, NothingIsRepeatedBeforeTheNetsHaveLooked) {
  EXPECT_FALSE(watch_.StillNobody(scene_, kStart));
  EXPECT_FALSE(watch_.StillSameFace(scene_, kStart).has_value());
}

TEST_F(FrameWatchTest, AnEmptyDoorwayIsLookedAtOnceASecond) {
  watch_.SawNobody(Noisy(scene_, 1), kStart);
  EXPECT_FALSE(watch_.StillSameFace(Noisy(scene_, 2), kStart).has_value());
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(watch_.StillNobody(Noisy(scene_, 3), kStart + milliseconds(200 * i)));
  }
  EXPECT_TRUE(watch_.StillNobody(Noisy(scene_, 4), kStart + milliseconds(999)));
  EXPECT_FALSE(watch_.StillNobody(Noisy(scene_, 5), kStart + milliseconds(1000)));
  EXPECT_FALSE(watch_.StillNobody(Noisy(scene_, 6), kStart - milliseconds(1)))
      << "a clock gone back";
}

TEST_F(FrameWatchTest, AndAfterSoManyFramesHoweverFastTheyCome) {
  watch_.SawNobody(scene_, kStart);
  int repeated = 0;
  while (watch_.StillNobody(Noisy(scene_, 7), kStart + milliseconds(1))) ++repeated;
  EXPECT_EQ(repeated, FrameWatch::kFramesBetween);
  watch_.SawNobody(scene_, kStart);
  EXPECT_TRUE(watch_.StillNobody(scene_, kStart));
}

TEST_F(FrameWatchTest, WhoeverComesInIsNoticedOnTheFirstFrame) {
  watch_.SawNobody(Noisy(scene_, 1), kStart);
  // As large as the smallest face that counts, in a corner, 16 levels from what was there.
  EXPECT_FALSE(watch_.StillNobody(Noisy(Changed(scene_, {0, 0, 64, 64}, 16), 2), kStart));
  EXPECT_FALSE(watch_.StillNobody(Noisy(Changed(scene_, {576, 416, 640, 480}, -16), 3), kStart));
  EXPECT_TRUE(watch_.StillNobody(Noisy(scene_, 4), kStart));
}

// Whoever fades in slowly is compared with the empty doorway and not with herself a frame ago.
TEST_F(FrameWatchTest, SmallChangesAddUp) {
  watch_.SawNobody(scene_, kStart);
  int levels = 0;
  while (watch_.StillNobody(Changed(scene_, {100, 100, 300, 300}, levels), kStart)) levels += 3;
  EXPECT_LE(levels, 15);
}

TEST_F(FrameWatchTest, AFaceIsFoundWhereItIsAndForgottenWhenAsked) {
  watch_.SawFace(scene_, kFace, kStart);
  const auto box = watch_.StillSameFace(Noisy(scene_, 2), kStart);
  ASSERT_TRUE(box.has_value());
  EXPECT_FLOAT_EQ(box->x1, kFace.x1);
  EXPECT_FLOAT_EQ(box->y2, kFace.y2);
  EXPECT_FALSE(watch_.StillNobody(Noisy(scene_, 3), kStart));
  watch_.Forget();
  EXPECT_FALSE(watch_.StillSameFace(scene_, kStart).has_value());
}

TEST_F(FrameWatchTest, AFaceIsEmbeddedAnewEverySecondAndAfterSoManyFrames) {
  watch_.SawFace(scene_, kFace, kStart);
  EXPECT_TRUE(watch_.StillSameFace(scene_, kStart + milliseconds(999)).has_value());
  EXPECT_FALSE(watch_.StillSameFace(scene_, kStart + milliseconds(1000)).has_value());
  watch_.SawFace(scene_, kFace, kStart);
  int repeated = 0;
  while (watch_.StillSameFace(scene_, kStart)) ++repeated;
  EXPECT_EQ(repeated, FrameWatch::kFramesBetween);
}

TEST_F(FrameWatchTest, AFaceThatSaysNothingIsNotFollowed) {
  const Picture flat = support::FlatPicture(640, 480, 100, 100, 100);
  watch_.SawFace(flat, kFace, kStart);
  EXPECT_FALSE(watch_.StillSameFace(flat, kStart).has_value()) << "one grey is like any other";
  watch_.SawFace(scene_, {-5, 120, 155, 280}, kStart);
  EXPECT_FALSE(watch_.StillSameFace(scene_, kStart).has_value()) << "cut by the border";
  watch_.SawFace(scene_, {200, 200, 225, 225}, kStart);
  EXPECT_FALSE(watch_.StillSameFace(scene_, kStart).has_value()) << "too small";
}

TEST_F(FrameWatchTest, AnotherSizeOfPictureIsAnotherPicture) {
  watch_.SawFace(scene_, kFace, kStart);
  EXPECT_FALSE(watch_.StillSameFace(support::WavyPicture(800, 600), kStart).has_value());
  watch_.SawNobody(scene_, kStart);
  EXPECT_FALSE(watch_.StillNobody(support::WavyPicture(800, 600), kStart));
  const Picture tiny = support::WavyPicture(100, 100);
  watch_.SawNobody(tiny, kStart);
  EXPECT_FALSE(watch_.StillNobody(tiny, kStart)) << "small pictures are always looked at";
}

TEST_F(FrameWatchTest, SomebodyBesideTheFaceIsADoubtAndAFlickerIsNot) {
  watch_.SawFace(scene_, kFace, kStart);
  EXPECT_FALSE(watch_.StillSameFace(Changed(scene_, {500, 100, 580, 180}, 60), kStart).has_value());
  EXPECT_TRUE(watch_.StillSameFace(Changed(scene_, {500, 100, 516, 116}, 60), kStart).has_value());
}

}  // namespace
}  // namespace rollcall::recognition
