#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <thread>

#include "inference/engines.h"
#include "recognition/embedder.h"
#include "recognition/face_pipeline.h"
#include "support/environment.h"
#include "support/pictures.h"
#include "support/status_matchers.h"

// What narrow numbers may cost: the bounds that are promised beside their speed.
namespace rollcall::recognition {
namespace {

using support::IsOk;

using inference::NarrowPrecision;

// The pack's nets in the one precision, as on a processor that is quick at no other.
class PrecisionGuardTest : public testing::TestWithParam<NarrowPrecision> {
 protected:
  void SetUp() override {
    if (!inference::Pays(GetParam())) {
      GTEST_SKIP() << "skipped: this processor is not quick at it, and the service would not use it";
    }
    auto pack = ModelPack::Load((support::SourceDir() / "models/manifest.json").string(),
                                support::ModelCacheDir().string());
    ASSERT_THAT(pack, IsOk());
    const auto complain = [](const std::string& model, const absl::Status& why) {
      ADD_FAILURE() << model << ": " << base::Message(why);
    };
    inference::ActivationCalibrations calibrations = pack->activations();
    for (auto& [digest, calibration] : calibrations) {
      std::erase_if(calibration.precisions, [](const auto& tried) { return tried.precision != GetParam(); });
    }
    service_engine_ = inference::MakeServiceEngine(calibrations, complain);
    reference_engine_ = inference::MakeReferenceEngine();
    service_ = *MakeFacePipeline(*pack, *service_engine_);
    reference_ = *MakeFacePipeline(*pack, *reference_engine_);
    pack_ = std::make_unique<ModelPack>(*std::move(pack));
  }

  std::unique_ptr<ModelPack> pack_;
  std::unique_ptr<inference::Engine> service_engine_, reference_engine_;
  std::unique_ptr<FacePipeline> service_, reference_;
};

// Aligned crops of `count` people, moved right by 8 px as the embedder wants them.
std::vector<Picture> Crops(size_t count) {
  std::vector<std::filesystem::path> paths;
  for (const auto& person : std::filesystem::directory_iterator(*support::SharedDir() / "faces/lfw-dev")) {
    std::vector<std::filesystem::path> pictures;
    for (const auto& file : std::filesystem::directory_iterator(person)) pictures.push_back(file.path());
    if (!pictures.empty()) paths.push_back(*std::min_element(pictures.begin(), pictures.end()));
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Picture> crops;
  for (size_t i = 0; i < paths.size() && crops.size() < count; ++i) {
    const Picture stored = support::ReadPicture(paths[i]);
    Picture moved = stored;
    for (int32_t y = 0; y < stored.height; ++y) {
      for (int32_t x = 0; x < stored.width; ++x) {
        const size_t to = static_cast<size_t>(y * stored.width + x) * 3;
        const size_t from = static_cast<size_t>(y * stored.width + std::max(0, x - 8)) * 3;
        std::copy_n(stored.bgr.begin() + static_cast<std::ptrdiff_t>(from), 3,
                    moved.bgr.begin() + static_cast<std::ptrdiff_t>(to));
      }
    }
    crops.push_back(std::move(moved));
  }
  return crops;
}

std::vector<Embedding> Embeddings(inference::Engine& engine, const ModelPack& pack, const std::vector<Picture>& crops) {
  std::vector<Embedding> embeddings;
  const auto embedder = MakeOnnxEmbedder(engine, pack);
  EXPECT_THAT(embedder, IsOk());
  if (!embedder.ok()) return embeddings;
  for (const Picture& crop : crops) {
    auto embedding = (*embedder)->Embed(crop);
    EXPECT_THAT(embedding, IsOk());
    if (embedding.ok()) embeddings.push_back(*std::move(embedding));
  }
  return embeddings;
}

// Of the same crops whatever the precision, and by far the slower half of the test.
const std::vector<Embedding>& ReferenceEmbeddings(inference::Engine& engine, const ModelPack& pack,
                                                  const std::vector<Picture>& crops) {
  static const std::vector<Embedding> embeddings = Embeddings(engine, pack, crops);
  return embeddings;
}

float Dot(const std::vector<float>& a, const std::vector<float>& b) {
  float sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

TEST_P(PrecisionGuardTest, ScoresOfAllPairsOfAThousandFacesHardlyDiffer) {
  ROLLCALL_NEED_SHARED();
  const std::vector<Picture> crops = Crops(1000);
  ASSERT_EQ(crops.size(), 1000u);
  const std::vector<Embedding> fast = Embeddings(*service_engine_, *pack_, crops);
  const std::vector<Embedding>& slow = ReferenceEmbeddings(*reference_engine_, *pack_, crops);
  ASSERT_EQ(fast.size(), crops.size());
  ASSERT_EQ(slow.size(), crops.size());
  std::vector<float> differences;
  for (size_t i = 0; i < crops.size(); ++i) {
    for (size_t k = i + 1; k < crops.size(); ++k) {
      differences.push_back(std::abs(Dot(fast[i].values, fast[k].values) - Dot(slow[i].values, slow[k].values)));
    }
  }
  const auto at = differences.begin() + static_cast<std::ptrdiff_t>(differences.size() * 999 / 1000);
  std::nth_element(differences.begin(), at, differences.end());
  RecordProperty("score_difference_p999", std::to_string(*at));
  EXPECT_LE(*at, GetParam() == NarrowPrecision::kInt8 ? 0.03f : 0.01f);
  // A template of one precision against a probe of the other: a face is as near to itself as to nobody else.
  float least = 1;
  for (size_t i = 0; i < crops.size(); ++i) least = std::min(least, Dot(fast[i].values, slow[i].values));
  EXPECT_GE(least, 0.97f);
  std::printf("score difference at 99.9 %%: %.4f; cosine of a face to itself across precisions: at least %.4f\n", *at,
              least);
}

TEST_P(PrecisionGuardTest, FindsTheFacesThatTheReferenceFinds) {
  ROLLCALL_NEED_SHARED();
  std::vector<std::filesystem::path> paths;
  for (const auto& file : std::filesystem::recursive_directory_iterator(*support::SharedDir() / "faces/groups")) {
    if (file.path().extension() == ".jpg") paths.push_back(file.path());
  }
  std::sort(paths.begin(), paths.end());
  ASSERT_FALSE(paths.empty());
  size_t fast = 0, slow = 0;
  for (const auto& path : paths) {
    const Picture picture = support::ReadPicture(path);
    const AnalyseOptions options{.embed = false, .eyes = false, .liveness = false};
    const auto a = service_->Analyse(picture, options);
    const auto b = reference_->Analyse(picture, options);
    ASSERT_THAT(a, IsOk());
    ASSERT_THAT(b, IsOk());
    fast += a->size();
    slow += b->size();
  }
  std::printf("faces found in the group pictures: %zu, by the reference %zu\n", fast, slow);
  EXPECT_GE(fast, slow);
}

TEST_P(PrecisionGuardTest, AWholePictureGivesTheSameFaces) {
  for (const char* name : {"sample3.jpg", "sample4.jpg", "sample5.jpg"}) {
    SCOPED_TRACE(name);
    const Picture picture = support::ReadPicture(support::ModelCacheDir() / "demo" / name);
    AnalyseOptions options;
    options.max_faces_embedded = 10;
    const auto fast = service_->Analyse(picture, options);
    const auto slow = reference_->Analyse(picture, options);
    ASSERT_THAT(fast, IsOk());
    ASSERT_THAT(slow, IsOk());
    ASSERT_EQ(fast->size(), slow->size());
    for (const Face& b : *slow) {
      // Faces come by size, and two of almost one size may change places.
      const Face& a = *std::min_element(fast->begin(), fast->end(), [&b](const Face& x, const Face& y) {
        return std::abs(x.box.x1 - b.box.x1) < std::abs(y.box.x1 - b.box.x1);
      });
      const float side = b.box.width();
      EXPECT_NEAR(a.box.x1, b.box.x1, 0.05f * side);
      EXPECT_NEAR(a.box.y2, b.box.y2, 0.05f * side);
      for (size_t p = 0; p < b.points.size(); ++p) {
        EXPECT_NEAR(a.points[p].x, b.points[p].x, 0.02f * side) << "point " << p;
        EXPECT_NEAR(a.points[p].y, b.points[p].y, 0.02f * side) << "point " << p;
      }
      EXPECT_GT(*Similarity(*a.embedding, *b.embedding), 0.95f);
    }
  }
}

TEST_P(PrecisionGuardTest, TwoThreadsGiveTheSameBits) {
  const Picture picture = support::ReadPicture(support::ModelCacheDir() / "demo/sample3.jpg");
  AnalyseOptions options;
  options.max_faces_embedded = 10;
  const auto alone = service_->Analyse(picture, options);
  ASSERT_THAT(alone, IsOk());
  std::vector<std::vector<Face>> answers(2);
  {
    std::vector<std::jthread> workers;
    for (auto& answer : answers) {
      workers.emplace_back([&] {
        const auto pipeline = MakeFacePipeline(*pack_, *service_engine_);
        for (int round = 0; round < 3; ++round) answer = *(*pipeline)->Analyse(picture, options);
      });
    }
  }
  for (const auto& answer : answers) {
    ASSERT_EQ(answer.size(), alone->size());
    for (size_t i = 0; i < answer.size(); ++i) {
      EXPECT_EQ(answer[i].embedding->values, (*alone)[i].embedding->values);
      EXPECT_EQ(answer[i].box.x1, (*alone)[i].box.x1);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Each, PrecisionGuardTest,
                         testing::Values(NarrowPrecision::kBfloat16, NarrowPrecision::kInt8), [](const auto& test) {
                           return test.param == NarrowPrecision::kInt8 ? "Int8" : "Bfloat16";
                         });

}  // namespace
}  // namespace rollcall::recognition
