#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "inference/session.h"
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
    auto pipeline = MakeFacePipeline(*pack_);
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

}  // namespace
}  // namespace rollcall::recognition
