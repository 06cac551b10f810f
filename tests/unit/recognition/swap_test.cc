// Somebody takes the place of a person who was recognised, between two frames: the cheap comparison of
// FrameWatch must never take her for the first one. Real photographs, and the attack at its best: the
// second face is laid exactly upon the first, eyes on eyes and mouth on mouth.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
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
      const auto faces = (*pipeline)->Analyse(pictures_->back(), {.embed = false, .min_side_px = 60});
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

  static std::vector<Picture>* pictures_;
  static std::vector<Person>* people_;
};
std::vector<Picture>* SwapTest::pictures_ = nullptr;
std::vector<Person>* SwapTest::people_ = nullptr;

TEST_F(SwapTest, Calibrate) {
  std::vector<std::pair<float, float>> same, swap, paste;
  uint64_t seed = 1;
  for (const Person& person : *people_) {
    const Picture first = Seen(Show(person), seed++);
    const auto patch = FacePatch::Of(first, person.box);
    if (!patch) continue;
    for (const float degrees : {0.0f, 2.0f}) {
      for (const float shift : {0.0f, 5.0f, 17.0f}) {
        for (const float zoom : {1.0f, 1.02f}) {
          Similar p = person.place;
          const float c = std::cos(degrees * 3.14159f / 180) * zoom, s = std::sin(degrees * 3.14159f / 180) * zoom;
          Similar q{p.a * c, p.a * s, 0, 0};
          const Point centre = p({kWidth / 2, kHeight / 2});
          const Point m = q({kWidth / 2 + shift, kHeight / 2 + shift / 2});
          q.x = centre.x - m.x; q.y = centre.y - m.y;
          auto found = patch->FindIn(Seen(Frame((*pictures_)[person.picture], q), seed++, 1.05f));
          printf("same deg %.0f shift %.0f zoom %.2f: %.4f %.3f\n", degrees, shift, zoom, found ? found->likeness : -1, found ? found->worst_part : -9);
        }
      }
    }
    for (const Person& other : *people_) {
      if (&other == &person) continue;
      auto found = patch->FindIn(Seen(InHerPlace(person, other), seed++));
      if (found) printf("swap %.4f %.3f\n", found->likeness, found->worst_part);
      found = patch->FindIn(Seen(FaceInHerPlace(person, other), seed++));
      if (found) printf("paste %.4f %.3f\n", found->likeness, found->worst_part);
    }
  }
}

}  // namespace
}  // namespace rollcall::recognition
