#include "bench/observe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "bench/perturb.h"
#include "fake_faces.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::bench {
namespace {

using recognition::Picture;
using support::HasReason;
using support::IsOk;

// Sees a face in every picture; its vector comes from the mean colour.
class FakePipeline final : public recognition::FacePipeline {
 public:
  explicit FakePipeline(std::atomic<int>& calls) : calls_(calls) {}
  absl::StatusOr<std::vector<recognition::Face>> Analyse(
      const Picture& picture, const recognition::AnalyseOptions&) override {
    ASSIGN_OR_RETURN(recognition::Face face, AnalyseAligned(picture));
    return std::vector{face, face};
  }
  absl::StatusOr<recognition::Face> AnalyseAligned(const Picture& picture) override {
    ++calls_;
    Dice dice(1);
    const Observation seen = FakeObservation(picture.bgr[0], 0, dice);
    recognition::Face face;
    face.quality = seen.quality;
    face.embedding = seen.embedding;
    return face;
  }
  absl::StatusOr<recognition::Embedding> EmbedExactly(const recognition::Face& face) override {
    ++exactly;
    recognition::Embedding exact = *face.embedding;
    exact.score_tolerance = 0;
    return exact;
  }
  const std::string& model_id() const override { return id_; }

  static inline std::atomic<int> exactly = 0;

 private:
  std::atomic<int>& calls_;
  const std::string id_ = kFakeModel;
};

// A binary PPM is no picture for us; a PNG of one colour is made by hand (stored, not compressed).
class ObserveTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(dir_.path() / "faces/a");
    support::WriteFile(dir_.path() / "faces/a/1.jpg", "not a picture");
    support::WriteFile(dir_.path() / "faces/a/2.jpg", "");
    dataset_ = *ListDataset(dir_.path() / "faces", {});
  }

  absl::StatusOr<Observations> Run(const ObserveOptions& options) {
    return Observe(
        dataset_, "model",
        [this] {
          return absl::StatusOr<std::unique_ptr<recognition::FacePipeline>>(
              std::make_unique<FakePipeline>(calls_));
        },
        options);
  }

  support::TempDir dir_;
  Dataset dataset_;
  std::atomic<int> calls_ = 0;
};

TEST_F(ObserveTest, AnUnreadablePictureIsAFailureAndNoError) {
  ObserveOptions options;
  options.quiet = true;
  options.variants = 2;
  const auto seen = Run(options);
  ASSERT_THAT(seen, IsOk());
  ASSERT_EQ(seen->size(), 1u);
  for (const auto& variants : seen->front()) {
    ASSERT_EQ(variants.size(), 2u);
    EXPECT_FALSE(variants[0].readable);
    EXPECT_EQ(Judge(variants[0], recognition::QualityPolicy::ForEnrolment(), Layout::kWhole),
              Verdict::kUnreadable);
  }
  EXPECT_EQ(calls_, 0);
}

TEST_F(ObserveTest, APipelineThatCannotBeMadeIsAnError) {
  ObserveOptions options;
  options.quiet = true;
  EXPECT_THAT(Observe(
                  dataset_, "model",
                  [] {
                    return absl::StatusOr<std::unique_ptr<recognition::FacePipeline>>(
                        base::MakeError(absl::StatusCode::kNotFound, "MODEL_MISSING", "no model"));
                  },
                  options),
              HasReason("MODEL_MISSING"));
}

TEST_F(ObserveTest, RealCropsAreReadShiftedAndCached) {
  ROLLCALL_NEED_SHARED();
  const auto source = *support::SharedDir() / "faces/lfw-dev/Theresa_May";
  std::filesystem::remove_all(dir_.path() / "faces/a");
  std::filesystem::copy(source, dir_.path() / "faces/b");
  dataset_ = *ListDataset(dir_.path() / "faces", {});
  EXPECT_EQ(DetectLayout(dataset_), Layout::kAligned);
  ObserveOptions options;
  options.quiet = true;
  options.variants = 3;
  options.cache_file = dir_.path() / "cache";
  const auto first = Run(options);
  ASSERT_THAT(first, IsOk());
  const int calls = calls_;
  EXPECT_EQ(calls, static_cast<int>(3 * dataset_.pictures()));
  const auto second = Run(options);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(calls_, calls);
  EXPECT_EQ((*first)[0][0][2].embedding->values, (*second)[0][0][2].embedding->values);
  // The cache holds templates: for its owner only.
  struct stat info {};
  ASSERT_EQ(stat(options.cache_file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  // Another preparation is another question.
  options.shift_right_px = 8;
  ASSERT_THAT(Run(options), IsOk());
  EXPECT_EQ(calls_, 2 * calls);
}

TEST(PerturbTest, MovesWithTheBorderReplicated) {
  const Picture picture{3, 1, {1, 1, 1, 2, 2, 2, 3, 3, 3}};
  EXPECT_EQ(MoveRight(picture, 1).bgr, (std::vector<uint8_t>{1, 1, 1, 1, 1, 1, 2, 2, 2}));
  EXPECT_EQ(MoveRight(picture, -1).bgr, (std::vector<uint8_t>{2, 2, 2, 3, 3, 3, 3, 3, 3}));
  EXPECT_EQ(MoveRight(picture, 0).bgr, picture.bgr);
  EXPECT_EQ(MoveRight(picture, 9).bgr, (std::vector<uint8_t>{1, 1, 1, 1, 1, 1, 1, 1, 1}));
}

TEST(PerturbTest, FramesDifferALittleAndRepeatWithTheSeed) {
  Picture picture{112, 112, {}};
  for (int i = 0; i < 112 * 112 * 3; ++i) picture.bgr.push_back(static_cast<uint8_t>(i / 150));
  Dice a(5);
  Dice b(5);
  const Picture first = Perturb(picture, {}, a);
  const Picture second = Perturb(picture, {}, a);
  EXPECT_EQ(first.bgr, Perturb(picture, {}, b).bgr);
  EXPECT_NE(first.bgr, second.bgr);
  EXPECT_EQ(first.bgr.size(), picture.bgr.size());
  double off = 0;
  for (size_t i = 0; i < first.bgr.size(); ++i) off += std::abs(first.bgr[i] - picture.bgr[i]);
  EXPECT_LT(off / static_cast<double>(first.bgr.size()), 60);
}

TEST(JudgeTest, TheSizeOfAnAlignedCropIsNotJudged) {
  Dice dice(1);
  Observation seen = FakeObservation(1, 0.1, dice);
  const auto policy = recognition::QualityPolicy::ForEnrolment();
  EXPECT_EQ(Judge(seen, policy, Layout::kWhole), Verdict::kUsable);
  seen.quality.side_px = 0;
  EXPECT_EQ(Judge(seen, policy, Layout::kWhole), Verdict::kGate);
  EXPECT_EQ(Judge(seen, policy, Layout::kAligned), Verdict::kUsable);
  seen.faces = 0;
  EXPECT_EQ(Judge(seen, policy, Layout::kAligned), Verdict::kNoFace);
  seen.faces = 2;
  EXPECT_EQ(Judge(seen, policy, Layout::kAligned), Verdict::kSeveralFaces);
}

}  // namespace
}  // namespace rollcall::bench
