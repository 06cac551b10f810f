#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "inference/engines.h"
#include "recognition/face_pipeline.h"
#include "recognition/embedder.h"
#include "support/environment.h"
#include "support/pictures.h"
#include "support/status_matchers.h"

// The second embedder in an engine, held against dlib's own network, on the faces of real photographs.
namespace rollcall::recognition {
namespace {

using support::IsOk;

ModelPack LoadPack(const std::filesystem::path& manifest) {
  auto pack = ModelPack::Load(manifest.string(), support::ModelCacheDir().string());
  EXPECT_THAT(pack, IsOk());
  return *std::move(pack);
}

// The shipped manifest with the second embedder chosen.
ModelPack SecondPack(const support::TempDir& directory) {
  const auto models = support::SourceDir() / "models";
  std::filesystem::copy(models / "calibration", directory.path() / "calibration");
  std::string text = support::ReadFile(models / "manifest.json");
  const std::string from = "\"embedder\": \"fr_feature-0.0.1\"";
  text.replace(text.find(from), from.size(), "\"embedder\": \"dlib_resnet-face_api-1.7.15\"");
  support::WriteFile(directory.path() / "manifest.json", text);
  return LoadPack(directory.path() / "manifest.json");
}

TEST(DlibEmbedderTest, AnswersAsDlibDoesOnEveryFaceOfTheDemoPictures) {
  const support::TempDir directory;
  const ModelPack second = SecondPack(directory);
  const auto fails = [](const std::string& model, const absl::Status& why) {
    ADD_FAILURE() << model << " is on a slower engine: " << base::Message(why);
  };
  const auto service_engine = inference::MakeServiceEngine(second.activations(), fails);
  const auto reference_engine = inference::MakeReferenceEngine();
  const auto service = MakeDlibEmbedder(*service_engine, second);
  const auto reference = MakeDlibEmbedder(*reference_engine, second);
  const auto in_dlib = MakeDlibsOwnEmbedder(second);
  ASSERT_THAT(service, IsOk());
  ASSERT_THAT(reference, IsOk());
  ASSERT_THAT(in_dlib, IsOk());

  const auto finder = MakeFacePipeline(LoadPack(support::SourceDir() / "models/manifest.json"));
  ASSERT_THAT(finder, IsOk());
  float worst = 1;
  size_t faces = 0;
  for (const char* name : {"sample1.jpg", "sample2.jpg", "sample3.jpg", "sample4.jpg", "sample5.jpg", "sample6.jpg"}) {
    const Picture picture = support::ReadPicture(support::ModelCacheDir() / "demo" / name);
    const auto found = (*finder)->Analyse(picture, {.embed = false});
    ASSERT_THAT(found, IsOk());
    for (const Face& face : *found) {
      const FaceView view{picture, face.landmarks, picture};
      const auto expected = (*in_dlib)->Embed(view);
      ASSERT_THAT(expected, IsOk());
      for (Embedder* embedder : {service->get(), reference->get()}) {
        const auto embedding = embedder->Embed(view);
        ASSERT_THAT(embedding, IsOk());
        EXPECT_EQ(embedding->model_id, expected->model_id);
        EXPECT_NEAR(embedding->raw_length, expected->raw_length, 1e-4f * expected->raw_length);
        worst = std::min(worst, *Similarity(*embedding, *expected));
      }
      ++faces;
    }
  }
  EXPECT_GT(faces, 15u);
  EXPECT_GE(worst, 0.9999f);
  RecordProperty("worst_cosine", std::to_string(worst));
}

}  // namespace
}  // namespace rollcall::recognition
