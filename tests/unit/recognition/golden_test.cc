#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include "inference/engines.h"
#include "recognition/detector.h"
#include "recognition/face_nets.h"
#include "recognition/face_pipeline.h"
#include "recognition/geometry.h"
#include "recognition/model_pack.h"
#include "support/environment.h"
#include "support/pictures.h"
#include "support/status_matchers.h"

// Numbers that the published recipe of each net must give, measured independently with OpenCV's and
// onnxruntime's own bindings. A difference beyond the tolerance means that a step of ours (resize,
// channel order, alignment, normalisation) is not the one that the nets were trained with.
namespace rollcall::recognition {
namespace {

using support::IsOk;

constexpr float kTolerance = 2e-3f;

std::string ManifestPath() { return (support::SourceDir() / "models/manifest.json").string(); }

class GoldenTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto loaded = ModelPack::Load(ManifestPath(), support::ModelCacheDir().string());
    ASSERT_THAT(loaded, IsOk());
    pack_ = new ModelPack(*std::move(loaded));
    // In float32: that the recipes are right. What narrow numbers may differ by is precision_guard_test's business.
    auto pipeline = MakeFacePipeline(*pack_, *inference::MakeFastEngine());
    ASSERT_THAT(pipeline, IsOk());
    pipeline_ = pipeline->release();
  }
  static void TearDownTestSuite() {
    delete pipeline_;
    delete pack_;
  }

  static Face OneFace(const Picture& picture) {
    const auto faces = pipeline_->Analyse(picture, {});
    EXPECT_THAT(faces, IsOk());
    if (!faces.ok() || faces->size() != 1) {
      ADD_FAILURE() << "one face expected";
      return {};
    }
    return faces->front();
  }

  static std::filesystem::path People(const char* path) {
    return *support::SharedDir() / "faces/people" / path;
  }
  static Face LfwFace(const char* path) {
    const auto crop =
        support::ReadPicture(*support::SharedDir() / "faces/lfw-dev" / path);
    auto face = pipeline_->AnalyseAligned(crop);
    EXPECT_THAT(face, IsOk());
    return *face;
  }

  static ModelPack* pack_;
  static FacePipeline* pipeline_;
};
ModelPack* GoldenTest::pack_ = nullptr;
FacePipeline* GoldenTest::pipeline_ = nullptr;

void ExpectEmbedding(const Embedding& embedding, std::array<float, 4> first) {
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_NEAR(embedding.values[i], first[i], kTolerance) << "component " << i;
  }
}

TEST_F(GoldenTest, AlignedCropAsStored) {
  ROLLCALL_NEED_SHARED();
  const Face may1 = LfwFace("Theresa_May/Theresa_May_0001.jpg");
  const Face may3 = LfwFace("Theresa_May/Theresa_May_0003.jpg");
  const Face fox = LfwFace("Vicente_Fox/Vicente_Fox_0002.jpg");
  ExpectEmbedding(*may1.embedding, {0.0417f, 0.0348f, 0.0452f, -0.0398f});
  EXPECT_NEAR(may1.embedding->raw_length, 3.455f, kTolerance);
  EXPECT_NEAR(*Similarity(*may1.embedding, *may3.embedding), 0.5668f, kTolerance);
  EXPECT_NEAR(*Similarity(*may1.embedding, *fox.embedding), 0.0749f, kTolerance);
}

TEST_F(GoldenTest, DetectorBox) {
  ROLLCALL_NEED_SHARED();
  const auto engine = inference::MakeReferenceEngine();
  auto detector = MakeFrDetect(*engine, pack_->file("fr_detect.onnx"));
  ASSERT_THAT(detector, IsOk());
  const auto found = (*detector)->Detect(support::ReadPicture(People("obama/5-720p.jpg")));
  ASSERT_THAT(found, IsOk());
  ASSERT_EQ(found->size(), 1u);
  const Box& box = found->front().box;
  EXPECT_NEAR(box.x1, 587.69f, 0.05f);
  EXPECT_NEAR(box.y1, 54.39f, 0.05f);
  EXPECT_NEAR(box.x2, 741.59f, 0.05f);
  EXPECT_NEAR(box.y2, 273.23f, 0.05f);
}

TEST_F(GoldenTest, LandmarksAlignmentAndEmbedding) {
  ROLLCALL_NEED_SHARED();
  const Face face = OneFace(support::ReadPicture(People("obama/5-720p.jpg")));
  EXPECT_NEAR(face.landmarks[0].x, 584.22f, 0.05f);
  EXPECT_NEAR(face.landmarks[0].y, 140.50f, 0.05f);
  const FivePoints expected = {{{632.28f, 142.63f},
                                {701.17f, 142.49f},
                                {667.84f, 183.07f},
                                {632.16f, 211.88f},
                                {702.45f, 211.23f}}};
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(face.points[i].x, expected[i].x, 0.05f) << "point " << i;
    EXPECT_NEAR(face.points[i].y, expected[i].y, 0.05f) << "point " << i;
  }
  const Affine matrix = AlignmentOf(face.points);
  const Affine golden = {.5237f, -.0008f, -293.24f, .0008f, .5237f, -21.975f};
  for (const size_t i : {0u, 1u, 3u, 4u}) EXPECT_NEAR(matrix[i], golden[i], 1e-4f) << i;
  for (const size_t i : {2u, 5u}) EXPECT_NEAR(matrix[i], golden[i], 0.05f) << i;
  ExpectEmbedding(*face.embedding, {0.0849f, 0.0000f, 0.0230f, -0.0414f});
  EXPECT_NEAR(*face.quality.live_probability, 0.9999f, kTolerance);

  const Face same = OneFace(support::ReadPicture(People("obama/4.jpg")));
  const Face other = OneFace(support::ReadPicture(People("biden/2.jpg")));
  EXPECT_NEAR(*Similarity(*face.embedding, *same.embedding), 0.8388f, kTolerance);
  EXPECT_NEAR(*Similarity(*face.embedding, *other.embedding), 0.0614f, kTolerance);
}

// ---- the same from a picture that every checkout can fetch ------------------------------------
//
// Measured with this code after it reproduced the values above, so it guards against change rather than
// against a wrong recipe; it runs where the other pictures are absent.

struct GoldenFace {
  Box box;
  float score;
  Point nose;
  std::array<float, 4> embedding;
  float raw_length;
  float live;
};

TEST_F(GoldenTest, DemoPictureWholePath) {
  const auto picture = support::ReadPicture(support::ModelCacheDir() / "demo/sample3.jpg");
  AnalyseOptions options;
  options.max_faces_embedded = 10;
  const auto faces = pipeline_->Analyse(picture, options);
  ASSERT_THAT(faces, IsOk());
  const GoldenFace golden[] = {
      {{1034.32f, 205.89f, 1344.23f, 515.80f}, 0.9999f, {1136.33f, 383.47f},
       {0.0745f, -0.0684f, 0.0426f, 0.0689f}, 3.672f, 0.9997f},
      {{555.44f, 320.41f, 832.28f, 597.25f}, 0.9999f, {660.77f, 487.39f},
       {0.0277f, 0.0391f, -0.0416f, -0.0071f}, 3.590f, 0.9996f},
      {{1457.32f, 300.31f, 1732.95f, 575.94f}, 0.9988f, {1624.84f, 467.81f},
       {0.0059f, -0.1036f, -0.0440f, 0.0256f}, 3.325f, 0.9856f},
  };
  ASSERT_EQ(faces->size(), std::size(golden));
  for (size_t i = 0; i < faces->size(); ++i) {
    const Face& face = (*faces)[i];
    const GoldenFace& expected = golden[i];
    SCOPED_TRACE(i);
    EXPECT_NEAR(face.box.x1, expected.box.x1, 0.05f);
    EXPECT_NEAR(face.box.y1, expected.box.y1, 0.05f);
    EXPECT_NEAR(face.box.x2, expected.box.x2, 0.05f);
    EXPECT_NEAR(face.box.y2, expected.box.y2, 0.05f);
    EXPECT_NEAR(face.score, expected.score, kTolerance);
    EXPECT_NEAR(face.points[2].x, expected.nose.x, 0.05f);
    EXPECT_NEAR(face.points[2].y, expected.nose.y, 0.05f);
    ExpectEmbedding(*face.embedding, expected.embedding);
    EXPECT_NEAR(face.embedding->raw_length, expected.raw_length, kTolerance);
    EXPECT_NEAR(*face.quality.live_probability, expected.live, kTolerance);
  }
  EXPECT_NEAR(*Similarity(*(*faces)[1].embedding, *(*faces)[0].embedding), 0.0978f, kTolerance);
}

// ---- fr_pose: not in the product's path, the second opinion on its geometry --------------------

class PoseNet {
 public:
  explicit PoseNet(inference::Engine& engine) {
    const auto bytes = ModelPack::ReadFile(ManifestPath(), support::ModelCacheDir().string(),
                                           "fr_pose.onnx");
    auto session = engine.Load(*bytes, {.name = "fr_pose",
                                        .input_shape = {1, 3, kSide, kSide},
                                        .output_names = {"output", "617", "618"},
                                        .output_sizes = {66, 66, 66}});
    EXPECT_THAT(session, IsOk());
    session_ = *std::move(session);
  }

  HeadPose PoseIn(const Picture& picture, const Box& box) {
    const auto low = [](float v, int limit) { return std::clamp(static_cast<int>(v), 0, limit); };
    const int x1 = low(box.x1 - box.width() / 4, picture.width - 1);
    const int y1 = low(box.y1 - box.height() / 4, picture.height - 1);
    const int x2 = low(box.x2 + box.width() / 4, picture.width);
    const int y2 = low(box.y2 + box.height() / 4, picture.height);
    const Picture crop =
        support::Resized(support::Crop(picture, x1, y1, x2 - x1, y2 - y1), kSide, kSide);
    constexpr float kMean[] = {.485f, .456f, .406f};  // RGB, of ImageNet
    constexpr float kDeviation[] = {.229f, .224f, .225f};
    constexpr size_t kPlane = size_t{kSide} * kSide;
    std::vector<float> input(3 * kPlane);
    for (size_t i = 0; i < kPlane; ++i) {
      for (size_t c = 0; c < 3; ++c) {
        const float value = static_cast<float>(crop.bgr[3 * i + 2 - c]) / 255;
        input[c * kPlane + i] = (value - kMean[c]) / kDeviation[c];
      }
    }
    const auto outputs = *session_->Run(input);
    return {Expected(outputs[0].values), Expected(outputs[1].values), Expected(outputs[2].values)};
  }

 private:
  static constexpr int kSide = 224;

  // The expected angle over 66 bins of 3 degrees.
  static float Expected(const std::vector<float>& logits) {
    const float top = *std::max_element(logits.begin(), logits.end());
    float sum = 0;
    float weighted = 0;
    for (size_t i = 0; i < logits.size(); ++i) {
      const float p = std::exp(logits[i] - top);
      sum += p;
      weighted += p * static_cast<float>(i);
    }
    return weighted / sum * 3 - 99;
  }

  std::unique_ptr<inference::Session> session_;
};

TEST_F(GoldenTest, PoseNet) {
  ROLLCALL_NEED_SHARED();
  const auto picture = support::ReadPicture(People("obama/5-720p.jpg"));
  const auto engine = inference::MakeReferenceEngine();
  const HeadPose pose = PoseNet(*engine).PoseIn(picture, OneFace(picture).box);
  // The published values come from OpenCV's own resize, which rounds otherwise: tenths of a degree.
  EXPECT_NEAR(pose.yaw_degrees, 3.66f, 0.2f);
  EXPECT_NEAR(pose.pitch_degrees, -2.40f, 0.2f);
  EXPECT_NEAR(pose.roll_degrees, -0.53f, 0.2f);
}

TEST_F(GoldenTest, PoseFromLandmarksAgreesWithPoseNet) {
  const auto engine = inference::MakeReferenceEngine();
  PoseNet net(*engine);
  std::vector<float> yaw;
  std::vector<float> pitch;
  for (const char* name : {"sample3.jpg", "sample4.jpg", "sample5.jpg", "sample6.jpg"}) {
    const auto picture = support::ReadPicture(support::ModelCacheDir() / "demo" / name);
    const auto faces = pipeline_->Analyse(picture, {.embed = false});
    ASSERT_THAT(faces, IsOk());
    for (const Face& face : *faces) {
      const HeadPose pose = net.PoseIn(picture, face.box);
      yaw.push_back(std::abs(pose.yaw_degrees - face.quality.yaw_degrees));
      pitch.push_back(std::abs(pose.pitch_degrees - face.quality.pitch_degrees));
    }
  }
  std::sort(yaw.begin(), yaw.end());
  std::sort(pitch.begin(), pitch.end());
  ASSERT_EQ(yaw.size(), 16u);
  // In these pictures people lean against each other; single faces differ by more, and either may err.
  EXPECT_LT(yaw[8], 6);
  EXPECT_LT(pitch[8], 4);
  EXPECT_LT(yaw[12], 13);
  EXPECT_LT(pitch[12], 9);
}

}  // namespace
}  // namespace rollcall::recognition
