#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "inference/engines.h"
#include "recognition/embedder.h"
#include "recognition/face_pipeline.h"
#include "support/environment.h"
#include "support/pictures.h"
#include "support/status_matchers.h"

// The second embedder in an engine, held against dlib's own network, on the faces of real
// photographs.
namespace rollcall::recognition {
namespace {

using support::IsOk;

constexpr char kSecond[] = "dlib_resnet-face_api-1.7.15";

ModelPack LoadPack(const std::string& embedder = {}) {
  auto pack = ModelPack::Load((support::SourceDir() / "models/manifest.json").string(),
                              support::ModelCacheDir().string(), embedder);
  EXPECT_THAT(pack, IsOk());
  return *std::move(pack);
}

struct Candidate {
  const char* what;
  std::unique_ptr<inference::Engine> engine;
  float least_cosine;
  float length_error;  // at most, of the raw length: a share
  std::unique_ptr<Embedder> embedder = nullptr;
  float worst = 1;
};

TEST(DlibEmbedderTest, AnswersAsDlibDoesOnEveryFaceOfTheDemoPictures) {
  const ModelPack second = LoadPack(kSecond);
  const auto complain = [](const std::string& model, const absl::Status& why) {
    ADD_FAILURE() << model << " is on a slower engine: " << base::Message(why);
  };
  Candidate candidates[] = {
      {"float32", inference::MakeFastEngine(), 0.9999f, 1e-4f},
      {"cv::dnn", inference::MakeReferenceEngine(), 0.9999f, 1e-4f},
      {"service, int8 where the processor can",
       inference::MakeServiceEngine(second.activations(), complain), 0.999f, 0.02f}};
  for (Candidate& candidate : candidates) {
    auto embedder = MakeDlibEmbedder(*candidate.engine, second);
    ASSERT_THAT(embedder, IsOk()) << candidate.what;
    candidate.embedder = *std::move(embedder);
  }
  const auto in_dlib = MakeDlibsOwnEmbedder(second);
  ASSERT_THAT(in_dlib, IsOk());
  const auto finder = MakeFacePipeline(LoadPack());
  ASSERT_THAT(finder, IsOk());
  size_t faces = 0;
  for (const char* name :
       {"sample1.jpg", "sample2.jpg", "sample3.jpg", "sample4.jpg", "sample5.jpg", "sample6.jpg"}) {
    const Picture picture = support::ReadPicture(support::ModelCacheDir() / "demo" / name);
    const auto found = (*finder)->Analyse(picture, {.embed = false});
    ASSERT_THAT(found, IsOk());
    for (const Face& face : *found) {
      const FaceView view{picture, face.landmarks, picture};
      const auto expected = CutAndEmbed(**in_dlib, view);
      ASSERT_THAT(expected, IsOk());
      for (Candidate& candidate : candidates) {
        const auto embedding = CutAndEmbed(*candidate.embedder, view);
        ASSERT_THAT(embedding, IsOk());
        EXPECT_NEAR(embedding->raw_length / expected->raw_length, 1, candidate.length_error)
            << candidate.what;
        candidate.worst = std::min(candidate.worst, *Similarity(*embedding, *expected));
      }
      ++faces;
    }
  }
  EXPECT_GT(faces, 15u);
  for (const Candidate& candidate : candidates) {
    EXPECT_GE(candidate.worst, candidate.least_cosine) << candidate.what;
  }
}

}  // namespace
}  // namespace rollcall::recognition
