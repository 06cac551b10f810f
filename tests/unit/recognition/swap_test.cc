// Somebody takes the place of a person who was recognised, between two frames: the cheap comparison
// of FrameWatch must never take her for the first one. Real photographs, and the attack at its
// best: the second face is laid exactly upon the first, eyes on eyes and mouth on mouth.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/random.h"
#include "recognition/decode.h"
#include "recognition/face_pipeline.h"
#include "recognition/frame_watch.h"
#include "support/environment.h"
#include "support/pictures.h"
#include "support/status_matchers.h"

namespace rollcall::recognition {
namespace {

using std::chrono::milliseconds;
using support::IsOk;

constexpr int32_t kWidth = 640;
constexpr int32_t kHeight = 480;
constexpr float kSide = 180;  // of the face in the frame
constexpr base::Duration kStart = milliseconds(5000);

// x' = a x - b y + x0, y' = b x + a y + y0.
struct Similar {
  float a = 1;
  float b = 0;
  float x = 0;
  float y = 0;
  Point operator()(const Point& p) const { return {a * p.x - b * p.y + x, b * p.x + a * p.y + y}; }
};

// The similarity that brings `from` nearest to `to`.
Similar Fit(const std::array<Point, 5>& from, const std::array<Point, 5>& to) {
  Point mean_from;
  Point mean_to;
  for (size_t i = 0; i < 5; ++i) {
    mean_from = {mean_from.x + from[i].x / 5, mean_from.y + from[i].y / 5};
    mean_to = {mean_to.x + to[i].x / 5, mean_to.y + to[i].y / 5};
  }
  float dot = 0;
  float cross = 0;
  float squares = 0;
  for (size_t i = 0; i < 5; ++i) {
    const Point p{from[i].x - mean_from.x, from[i].y - mean_from.y};
    const Point q{to[i].x - mean_to.x, to[i].y - mean_to.y};
    dot += p.x * q.x + p.y * q.y;
    cross += p.x * q.y - p.y * q.x;
    squares += p.x * p.x + p.y * p.y;
  }
  Similar fit{dot / squares, cross / squares, 0, 0};
  const Point moved = fit(mean_from);
  fit.x = mean_to.x - moved.x;
  fit.y = mean_to.y - moved.y;
  return fit;
}

// A kWidth x kHeight frame in which the pixel p shows `picture` at place(p).
Picture Frame(const Picture& picture, const Similar& place) {
  Picture frame{kWidth, kHeight, {}};
  frame.bgr.reserve(static_cast<size_t>(kWidth) * kHeight * 3);
  for (int32_t y = 0; y < kHeight; ++y) {
    for (int32_t x = 0; x < kWidth; ++x) {
      const Point at = place({static_cast<float>(x), static_cast<float>(y)});
      const float px = std::clamp(at.x, 0.0f, static_cast<float>(picture.width - 2));
      const float py = std::clamp(at.y, 0.0f, static_cast<float>(picture.height - 2));
      const auto left = static_cast<size_t>(px);
      const auto top = static_cast<size_t>(py);
      const float u = px - static_cast<float>(left);
      const float v = py - static_cast<float>(top);
      const size_t stride = static_cast<size_t>(picture.width) * 3;
      const uint8_t* p = picture.bgr.data() + top * stride + left * 3;
      for (size_t c = 0; c < 3; ++c) {
        const float upper = static_cast<float>(p[c]) * (1 - u) + static_cast<float>(p[c + 3]) * u;
        const float lower =
            static_cast<float>(p[stride + c]) * (1 - u) + static_cast<float>(p[stride + c + 3]) * u;
        frame.bgr.push_back(static_cast<uint8_t>(upper * (1 - v) + lower * v + 0.5f));
      }
    }
  }
  return frame;
}

// As a webcam would send it: noise of about four levels, JPEG of quality 85.
Picture Seen(Picture frame, uint64_t seed, float gain = 1) {
  base::SeededRandom random(seed);
  std::vector<uint8_t> noise(frame.bgr.size());
  random.Fill(noise);
  for (size_t i = 0; i < frame.bgr.size(); ++i) {
    const int value = static_cast<int>(static_cast<float>(frame.bgr[i]) * gain) + noise[i] % 14 - 7;
    frame.bgr[i] = static_cast<uint8_t>(std::clamp(value, 0, 255));
  }
  const auto seen = DecodePicture(support::EncodeJpeg(frame, 85), {});
  EXPECT_THAT(seen, IsOk());
  return seen.ok() ? *seen : Picture{};
}

// One person of a demo picture, and the way from a frame that shows her large to that picture.
struct Person {
  size_t picture = 0;
  std::array<Point, 5> points;  // in that picture
  Similar place;
  std::array<Point, 5> in_frame;
  Box box;  // in the frame
};

// With a flat patch of a brightness that is not there.
Picture Painted(Picture picture, const Box& box) {
  const auto at = [&](int32_t x, int32_t y) {
    return (static_cast<size_t>(y) * static_cast<size_t>(picture.width) + static_cast<size_t>(x)) *
           3;
  };
  int64_t sum = 0;
  int64_t count = 0;
  for (auto y = static_cast<int32_t>(box.y1); y < static_cast<int32_t>(box.y2); ++y) {
    for (auto x = static_cast<int32_t>(box.x1); x < static_cast<int32_t>(box.x2); ++x, ++count) {
      sum += picture.bgr[at(x, y) + 1];
    }
  }
  const auto value = static_cast<uint8_t>(sum / count < 128 ? sum / count + 90 : sum / count - 90);
  for (auto y = static_cast<int32_t>(box.y1); y < static_cast<int32_t>(box.y2); ++y) {
    for (auto x = static_cast<int32_t>(box.x1); x < static_cast<int32_t>(box.x2); ++x) {
      std::fill_n(picture.bgr.begin() + static_cast<std::ptrdiff_t>(at(x, y)), 3, value);
    }
  }
  return picture;
}

class SwapTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    pictures_ = new std::vector<Picture>();
    people_ = new std::vector<Person>();
    const auto pack = ModelPack::Load((support::SourceDir() / "models/manifest.json").string(),
                                      support::ModelCacheDir().string());
    ASSERT_THAT(pack, IsOk());
    auto pipeline = MakeFacePipeline(*pack);
    ASSERT_THAT(pipeline, IsOk());
    for (int n = 1; n <= 6; ++n) {
      pictures_->push_back(support::ReadPicture(support::ModelCacheDir() / "demo" /
                                                ("sample" + std::to_string(n) + ".jpg")));
      const auto faces =
          (*pipeline)->Analyse(pictures_->back(), {.embed = false, .min_side_px = 60});
      ASSERT_THAT(faces, IsOk());
      for (const Face& face : *faces) AddPerson(pictures_->size() - 1, face);
    }
  }
  static void TearDownTestSuite() {
    delete pictures_;
    delete people_;
  }

  static void AddPerson(size_t picture, const Face& face) {
    Person person;
    person.picture = picture;
    person.points = face.points;
    const float scale = face.box.width() / kSide;
    person.place = {scale, 0, (face.box.x1 + face.box.x2) / 2 - scale * kWidth / 2,
                    (face.box.y1 + face.box.y2) / 2 - scale * kHeight / 2};
    for (size_t i = 0; i < 5; ++i) {
      person.in_frame[i] = {(face.points[i].x - person.place.x) / scale,
                            (face.points[i].y - person.place.y) / scale};
    }
    person.box = {kWidth / 2 - kSide / 2, kHeight / 2 - kSide / 2, kWidth / 2 + kSide / 2,
                  kHeight / 2 + kSide / 2};
    people_->push_back(person);
  }
  static Picture Show(const Person& person) {
    return Frame((*pictures_)[person.picture], person.place);
  }
  // `other`, exactly where `person` was.
  static Picture InHerPlace(const Person& person, const Person& other) {
    return Frame((*pictures_)[other.picture], Fit(person.in_frame, other.points));
  }
  // The same, but all beyond the face is the first one's: nothing else in the frame changes.
  static Picture FaceInHerPlace(const Person& person, const Person& other) {
    Picture frame = Show(person);
    const Picture swapped = InHerPlace(person, other);
    for (int32_t y = 0; y < kHeight; ++y) {
      for (int32_t x = 0; x < kWidth; ++x) {
        // An oval that reaches from the brows to the chin.
        const float u = (static_cast<float>(x) - kWidth / 2.0f) / (kSide * 0.40f);
        const float v = (static_cast<float>(y) - kHeight / 2.0f) / (kSide * 0.50f);
        if (u * u + v * v > 1) continue;
        const size_t at = (static_cast<size_t>(y) * kWidth + static_cast<size_t>(x)) * 3;
        std::copy_n(swapped.bgr.begin() + static_cast<std::ptrdiff_t>(at), 3,
                    frame.bgr.begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
    return frame;
  }

  // Her head alone, moved to the right by `shift` and down by half as much.
  static Picture BeforeAWall(const Person& person, float shift) {
    Similar moved = person.place;
    moved.x -= moved.a * shift;
    moved.y -= moved.a * shift / 2;
    Picture frame = Frame((*pictures_)[person.picture], moved);
    for (int32_t y = 0; y < kHeight; ++y) {
      for (int32_t x = 0; x < kWidth; ++x) {
        const float u = (static_cast<float>(x) - kWidth / 2.0f - shift) / (kSide * 0.75f);
        const float v = (static_cast<float>(y) - kHeight / 2.0f - shift / 2) / (kSide * 0.85f);
        if (u * u + v * v <= 1) continue;
        const size_t at = (static_cast<size_t>(y) * kWidth + static_cast<size_t>(x)) * 3;
        std::fill_n(frame.bgr.begin() + static_cast<std::ptrdiff_t>(at), 3, uint8_t{150});
      }
    }
    return frame;
  }

  static std::vector<Picture>* pictures_;
  static std::vector<Person>* people_;
};
std::vector<Picture>* SwapTest::pictures_ = nullptr;
std::vector<Person>* SwapTest::people_ = nullptr;

// 22 faces, each with every other one in her place: in the whole frame, or as nothing but a face.
TEST_F(SwapTest, AnotherPersonInHerPlaceIsNeverTakenForHer) {
  ASSERT_GE(people_->size(), 20u);
  uint64_t seed = 1;
  int swaps = 0;
  for (const Person& person : *people_) {
    const Picture first = Seen(Show(person), seed++);
    FrameWatch watch;
    watch.SawFace(first, person.box, kStart);
    for (const Person& other : *people_) {
      if (&other == &person) continue;
      for (const Picture& frame : {InHerPlace(person, other), FaceInHerPlace(person, other)}) {
        EXPECT_FALSE(watch.StillSameFace(Seen(frame, seed++), kStart + milliseconds(200)))
            << "faces " << &person - people_->data() << ", " << &other - people_->data();
        ++swaps;
      }
    }
  }
  EXPECT_GE(swaps, 700);
}

// `step` of `steps` from one picture to the other, of one size.
Picture Faded(Picture from, const Picture& to, int step, int steps) {
  for (size_t at = 0; at < from.bgr.size(); ++at) {
    const int whole = from.bgr[at] * (steps - step) + to.bgr[at] * step;
    from.bgr[at] = static_cast<uint8_t>(whole / steps);
  }
  return from;
}

// Half faded into the other, as a morph between two frames would begin: the comparison is with the
// frame on which she was recognised, so that many small steps are no way around it.
TEST_F(SwapTest, AMorphIsNoticedBeforeTheOtherFacePrevails) {
  uint64_t seed = 5000;
  for (size_t i = 0; i + 1 < people_->size(); ++i) {
    const Person& person = (*people_)[i];
    const Picture from = Show(person);
    const Picture to = InHerPlace(person, (*people_)[i + 1]);
    FrameWatch watch;
    watch.SawFace(Seen(from, seed++), person.box, kStart);
    const Picture half = Faded(from, to, 1, 2);
    EXPECT_FALSE(watch.StillSameFace(Seen(half, seed++), kStart + milliseconds(200))) << i;
  }
}

// Many small steps, each of which is hardly a change to the one before.
TEST_F(SwapTest, AMorphInSmallStepsIsNoWayAround) {
  constexpr int kSteps = FrameWatch::kFramesBetween;
  uint64_t seed = 6000;
  for (size_t i = 0; i + 1 < people_->size(); ++i) {
    const Person& person = (*people_)[i];
    const Picture from = Show(person);
    const Picture to = FaceInHerPlace(person, (*people_)[i + 1]);
    FrameWatch watch;
    watch.SawFace(Seen(from, seed++), person.box, kStart);
    int step = 1;
    for (; step <= kSteps; ++step) {
      const Picture between = Faded(from, to, step, kSteps);
      if (!watch.StillSameFace(Seen(between, seed++), kStart + milliseconds(100))) break;
    }
    // At the latest on the first frame on which the other prevails.
    EXPECT_LE(step, kSteps / 2 + 1) << "person " << i << " was herself until step " << step - 1 << " of " << kSteps;
  }
}

// Her head before a wall; the wall stays where it is.
TEST_F(SwapTest, ThePersonHerselfIsFollowedWhileSheMovesALittle) {
  uint64_t seed = 10'000;
  for (const Person& person : *people_) {
    FrameWatch watch;
    watch.SawFace(Seen(BeforeAWall(person, 0), seed++), person.box, kStart);
    for (const float shift : {0.0f, 3.0f, 9.0f}) {
      const auto box = watch.StillSameFace(Seen(BeforeAWall(person, shift), seed++, 1.03f),
                                           kStart + milliseconds(100));
      ASSERT_TRUE(box.has_value()) << "face " << &person - people_->data() << ", " << shift;
      EXPECT_NEAR(box->x1, person.box.x1 + shift, 3);
      EXPECT_NEAR(box->y1, person.box.y1 + shift / 2, 3);
    }
  }
}

// What calls for a closer look although she may still be there.
TEST_F(SwapTest, AnyDoubtIsADoubt) {
  uint64_t seed = 20'000;
  for (const Person& person : *people_) {
    FrameWatch watch;
    const Picture first = Show(person);
    watch.SawFace(Seen(first, seed++), person.box, kStart);
    const auto doubted = [&](const Picture& frame) {
      return !watch.StillSameFace(Seen(frame, seed++), kStart + milliseconds(100));
    };
    Similar nearer = person.place;
    nearer.a *= 0.9f;
    const Point centre = person.place({kWidth / 2, kHeight / 2});
    const Point now = nearer({kWidth / 2, kHeight / 2});
    nearer.x += centre.x - now.x;
    nearer.y += centre.y - now.y;
    EXPECT_TRUE(doubted(Frame((*pictures_)[person.picture], nearer))) << "she came nearer";
    Similar jumped = person.place;
    jumped.x -= jumped.a * kSide / 2;
    EXPECT_TRUE(doubted(Frame((*pictures_)[person.picture], jumped))) << "a jump";
    EXPECT_TRUE(doubted(Painted(first, {290, 280, 350, 330}))) << "something covers her mouth";
    EXPECT_TRUE(doubted(Painted(first, {10, 100, 110, 230}))) << "somebody beside her";
    EXPECT_TRUE(doubted(support::FlatPicture(kWidth, kHeight, 90, 90, 90))) << "nobody";
  }
}

}  // namespace
}  // namespace rollcall::recognition
