#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "inference/engines.h"
#include "recognition/decode.h"
#include "recognition/detector.h"
#include "recognition/face_pipeline.h"
#include "recognition/quality.h"
#include "support/environment.h"
#include "support/pictures.h"
#include "support/status_matchers.h"

namespace rollcall::recognition {
namespace {

namespace fs = std::filesystem;
using support::HasReason;
using support::IsOk;

fs::path Models() { return support::SourceDir() / "models"; }
fs::path Demo(const char* name) { return support::ModelCacheDir() / "demo" / name; }

std::unique_ptr<FacePipeline> MakePipeline(const fs::path& manifest) {
  const auto pack = ModelPack::Load(manifest.string(), support::ModelCacheDir().string());
  EXPECT_THAT(pack, IsOk());
  if (!pack.ok()) return nullptr;
  auto pipeline = MakeFacePipeline(*pack);
  EXPECT_THAT(pipeline, IsOk());
  return pipeline.ok() ? *std::move(pipeline) : nullptr;
}

// The shipped manifest with one line changed, as a user would.
fs::path EditedManifest(const support::TempDir& directory, const std::string& from,
                        const std::string& to) {
  fs::copy(Models() / "calibration", directory.path() / "calibration");
  std::string text = support::ReadFile(Models() / "manifest.json");
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  const fs::path path = directory.path() / "manifest.json";
  support::WriteFile(path, text.replace(at, from.size(), to));
  return path;
}

class PipelineTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    pipeline_ = MakePipeline(Models() / "manifest.json").release();
    ASSERT_NE(pipeline_, nullptr);
    three_ = new Picture(support::ReadPicture(Demo("sample3.jpg")));
  }
  static void TearDownTestSuite() {
    delete pipeline_;
    delete three_;
  }
  static std::vector<Face> Analyse(const Picture& picture, const AnalyseOptions& options) {
    auto faces = pipeline_->Analyse(picture, options);
    EXPECT_THAT(faces, IsOk());
    return faces.ok() ? *std::move(faces) : std::vector<Face>{};
  }

  static FacePipeline* pipeline_;
  static Picture* three_;  // three people
};
FacePipeline* PipelineTest::pipeline_ = nullptr;
Picture* PipelineTest::three_ = nullptr;

// ---- pictures without a usable face -----------------------------------------------------------

TEST_F(PipelineTest, NoFaceIsAnAnswer) {
  for (const Picture& picture :
       {support::FlatPicture(640, 480, 0, 0, 0), support::FlatPicture(640, 480, 255, 255, 255),
        support::WavyPicture(640, 480), support::FlatPicture(1, 1, 9, 9, 9),
        support::FlatPicture(4000, 2, 9, 9, 9)}) {
    EXPECT_TRUE(Analyse(picture, {}).empty()) << picture.width << " x " << picture.height;
  }
}

TEST_F(PipelineTest, RefusesABufferThatDoesNotFit) {
  Picture picture = support::FlatPicture(64, 64, 0, 0, 0);
  picture.bgr.pop_back();
  EXPECT_THAT(pipeline_->Analyse(picture, {}), HasReason("BAD_PICTURE"));
  EXPECT_THAT(pipeline_->Analyse({}, {}), HasReason("BAD_PICTURE"));
  EXPECT_THAT(pipeline_->AnalyseAligned(support::FlatPicture(111, 112, 0, 0, 0)),
              HasReason("BAD_PICTURE"));
}

// A flat picture embeds to a perfectly ordinary unit vector; the gate must not let it through.
TEST_F(PipelineTest, FlatCropDoesNotPassTheGate) {
  auto face = pipeline_->AnalyseAligned(support::FlatPicture(112, 112, 128, 128, 128));
  ASSERT_THAT(face, IsOk());
  face->quality.side_px = 200;
  EXPECT_NE(JudgeQuality(face->quality, QualityPolicy::ForCheckIn()), QualityFault::kGood);
  EXPECT_LT(face->quality.embedding_length, 2);
}

// ---- who is embedded --------------------------------------------------------------------------

TEST_F(PipelineTest, SeveralFacesAreCountedButNotEmbedded) {
  const auto faces = Analyse(*three_, {});
  ASSERT_EQ(faces.size(), 3u);
  for (const Face& face : faces) EXPECT_FALSE(face.embedding.has_value());
  EXPECT_TRUE(std::is_sorted(faces.begin(), faces.end(), [](const Face& a, const Face& b) {
    return a.box.width() > b.box.width();
  }));
}

TEST_F(PipelineTest, FacesOutsideTheZoneAreDroppedUnembedded) {
  // The one in the middle of the picture stands in a zone of a third.
  const auto faces = Analyse(*three_, {.zone = {0.5f, 0, 0.75f, 1}});
  ASSERT_EQ(faces.size(), 1u);
  EXPECT_TRUE(faces[0].embedding.has_value());
  EXPECT_GT(faces[0].box.x1, 1000);
  EXPECT_TRUE(Analyse(*three_, {.zone = {0, 0, 0.05f, 0.05f}}).empty());
}

TEST_F(PipelineTest, OptionsSaveWork) {
  const auto faces =
      Analyse(*three_, {.embed = false, .eyes = false, .max_faces_embedded = 10});
  ASSERT_EQ(faces.size(), 3u);
  EXPECT_FALSE(faces[0].embedding.has_value());
  EXPECT_FALSE(faces[0].quality.live_probability.has_value());
  EXPECT_FALSE(faces[0].quality.eyes_open_probability.has_value());
  EXPECT_GT(faces[0].quality.brightness, 0);
}

TEST_F(PipelineTest, SmallFacesAreLeftOut) {
  EXPECT_EQ(Analyse(*three_, {.min_side_px = 300}).size(), 1u);
}

// ---- embeddings -------------------------------------------------------------------------------

// Two different faces through one pipeline: the second must not become the first.
TEST_F(PipelineTest, SecondFaceLeavesTheFirstAlone) {
  const AnalyseOptions left{.zone = {0.2f, 0, 0.5f, 1}};
  const AnalyseOptions middle{.zone = {0.5f, 0, 0.75f, 1}};
  const auto first = Analyse(*three_, left);
  ASSERT_EQ(first.size(), 1u);
  const std::vector<float> before = first[0].embedding->values;
  const auto second = Analyse(*three_, middle);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(first[0].embedding->values, before);
  EXPECT_LT(*Similarity(*first[0].embedding, *second[0].embedding), 0.3f);
  EXPECT_EQ(Analyse(*three_, left)[0].embedding->values, before);
}

TEST_F(PipelineTest, EmbeddingsAreFiniteUnitVectorsOfTheChosenModel) {
  for (const Face& face : Analyse(*three_, {.max_faces_embedded = 10})) {
    ASSERT_TRUE(face.embedding.has_value());
    EXPECT_EQ(face.embedding->model_id, pipeline_->model_id());
    EXPECT_EQ(face.embedding->values.size(), 512u);
    EXPECT_NEAR(*Similarity(*face.embedding, *face.embedding), 1, 1e-4f);
  }
}

TEST_F(PipelineTest, TheSamePersonInTwoPhotographs) {
  const auto one = Analyse(support::ReadPicture(Demo("sample1.jpg")), {.max_faces_embedded = 10});
  const auto other = Analyse(*three_, {.max_faces_embedded = 10});
  ASSERT_EQ(one.size(), 3u);
  ASSERT_EQ(other.size(), 3u);
  EXPECT_GT(*Similarity(*one[2].embedding, *other[0].embedding), 0.6f);
  EXPECT_LT(*Similarity(*one[0].embedding, *other[0].embedding), 0.3f);
  EXPECT_LT(*Similarity(*one[1].embedding, *other[0].embedding), 0.3f);
}

// A crop that is aligned already gives what the whole path gives for the same face.
TEST_F(PipelineTest, AlignedCropsAgreeWithWholePictures) {
  ROLLCALL_NEED_SHARED();
  const auto people = *support::SharedDir() / "faces/people";
  const auto whole = Analyse(support::ReadPicture(people / "obama/4.jpg"), {});
  ASSERT_EQ(whole.size(), 1u);
  const auto crop = support::MovedRight(
      support::ReadPicture(*support::SharedDir() /
                           "faces/lfw-dev/Theresa_May/Theresa_May_0001.jpg"), 8);
  const auto face = pipeline_->AnalyseAligned(crop);
  ASSERT_THAT(face, IsOk());
  for (size_t i = 0; i < face->points.size(); ++i) {
    EXPECT_NEAR(face->points[i].x, (std::array{38.f, 74.f, 56.f, 42.f, 71.f})[i], 6) << i;
  }
  EXPECT_LT(*Similarity(*face->embedding, *whole[0].embedding), 0.3f);
}

// ---- the second embedder and the second detector ------------------------------------------------

// On a processor that is quick at nothing narrower the two are the same.
TEST_F(PipelineTest, WhatWasEmbeddedQuicklyCanBeEmbeddedExactly) {
  const auto pack = ModelPack::Load((Models() / "manifest.json").string(), support::ModelCacheDir().string());
  ASSERT_THAT(pack, IsOk());
  const auto reference = *MakeFacePipeline(*pack, *inference::MakeReferenceEngine());
  const AnalyseOptions all{.max_faces_embedded = 10};
  auto faces = Analyse(*three_, all);
  Analyse(support::ReadPicture(Demo("sample1.jpg")), all);  // the picture is gone
  for (const Face& face : faces) {
    const auto exact = pipeline_->EmbedExactly(face);
    ASSERT_THAT(exact, IsOk());
    EXPECT_EQ(exact->score_tolerance, 0);
    EXPECT_EQ(exact->model_id, pipeline_->model_id());
    ASSERT_NE(face.chip, nullptr);
    const auto aligned = reference->AnalyseAligned(*face.chip);
    ASSERT_THAT(aligned, IsOk());
    EXPECT_GT(*Similarity(*exact, *aligned->embedding), 0.99999f);
    EXPECT_LE(std::abs(*Similarity(*exact, *face.embedding) - 1), face.embedding->score_tolerance + 1e-6f);
    EXPECT_EQ(*Similarity(*pipeline_->EmbedExactly(face), *exact), *Similarity(*exact, *exact)) << "the same again";
  }
}

TEST_F(PipelineTest, DlibEmbedderByOneLineOfTheManifest) {
  const support::TempDir directory;
  const auto manifest = EditedManifest(directory, "\"embedder\": \"fr_feature-0.0.1\"",
                                       "\"embedder\": \"dlib_resnet-face_api-1.7.15\"");
  const auto pipeline = MakePipeline(manifest);
  ASSERT_NE(pipeline, nullptr);
  const AnalyseOptions all{.max_faces_embedded = 10};
  const auto one = pipeline->Analyse(support::ReadPicture(Demo("sample1.jpg")), all);
  const auto other = pipeline->Analyse(*three_, all);
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(other, IsOk());
  EXPECT_EQ((*other)[0].embedding->values.size(), 128u);
  const auto distance = [](const Embedding& a, const Embedding& b) {
    float squares = 0;
    for (size_t i = 0; i < a.values.size(); ++i) {
      const float d = a.values[i] * a.raw_length - b.values[i] * b.raw_length;
      squares += d * d;
    }
    return std::sqrt(squares);
  };
  // dlib's customary threshold is a distance of 0.6.
  EXPECT_LT(distance(*(*one)[2].embedding, *(*other)[0].embedding), 0.6f);
  EXPECT_GT(distance(*(*one)[0].embedding, *(*other)[0].embedding), 0.6f);
  EXPECT_GT(distance(*(*other)[1].embedding, *(*other)[0].embedding), 0.6f);
  // And it is never compared with the other model's.
  const auto first = Analyse(*three_, all);
  EXPECT_THAT(Similarity(*first[0].embedding, *(*other)[0].embedding), HasReason("BAD_EMBEDDING"));
}

TEST_F(PipelineTest, DlibDatThatIsNoneIsRefused) {
  const support::TempDir directory;
  const auto manifest = EditedManifest(directory, "\"embedder\": \"fr_feature-0.0.1\"",
                                       "\"embedder\": \"dlib_resnet-face_api-1.7.15\"");
  std::string text = support::ReadFile(manifest);
  const std::string kind = "\"kind\": \"dlib-resnet\"";
  text.replace(text.find(kind), kind.size(), "\"kind\": \"dlib-dat\"");
  support::WriteFile(manifest, text);
  const auto pack = ModelPack::Load(manifest.string(), support::ModelCacheDir().string());
  ASSERT_THAT(pack, IsOk());
  EXPECT_THAT(MakeFacePipeline(*pack), HasReason("BAD_MODEL"));
}

// The fast engine answers with what the boxes are worked out from, cv::dnn with the boxes.
TEST_F(PipelineTest, DetectorsOfBothEnginesFindTheSameBoxes) {
  const auto pack = ModelPack::Load((Models() / "manifest.json").string(), support::ModelCacheDir().string());
  ASSERT_THAT(pack, IsOk());
  const auto fast = MakeFrDetect(*inference::MakeFastEngine(), pack->file("fr_detect.onnx"));
  const auto reference = MakeFrDetect(*inference::MakeReferenceEngine(), pack->file("fr_detect.onnx"));
  ASSERT_THAT(fast, IsOk());
  ASSERT_THAT(reference, IsOk());
  size_t boxes = 0;
  for (const char* name : {"sample1.jpg", "sample2.jpg", "sample3.jpg", "sample4.jpg", "sample5.jpg", "sample6.jpg"}) {
    const Picture picture = support::ReadPicture(Demo(name));
    const auto found = (*fast)->Detect(picture);
    const auto expected = (*reference)->Detect(picture);
    ASSERT_THAT(found, IsOk());
    ASSERT_THAT(expected, IsOk());
    ASSERT_EQ(found->size(), expected->size()) << name;
    boxes += found->size();
    const float width = static_cast<float>(picture.width);
    for (size_t i = 0; i < found->size(); ++i) {
      EXPECT_NEAR((*found)[i].score, (*expected)[i].score, 1e-5f);
      EXPECT_NEAR((*found)[i].box.x1, (*expected)[i].box.x1, 2e-5f * width);
      EXPECT_NEAR((*found)[i].box.y1, (*expected)[i].box.y1, 2e-5f * width);
      EXPECT_NEAR((*found)[i].box.x2, (*expected)[i].box.x2, 2e-5f * width);
      EXPECT_NEAR((*found)[i].box.y2, (*expected)[i].box.y2, 2e-5f * width);
    }
  }
  EXPECT_GT(boxes, 10u);
}

// At the scale of its own input a picture shows the detector the same faces, wherever they are looked for again.
TEST_F(PipelineTest, ScaledDecodingFindsTheSameFaces) {
  ROLLCALL_NEED_SHARED();
  const auto pack = ModelPack::Load((Models() / "manifest.json").string(), support::ModelCacheDir().string());
  ASSERT_THAT(pack, IsOk());
  const auto detector = MakeFrDetect(*inference::MakeFastEngine(), pack->file("fr_detect.onnx"));
  ASSERT_THAT(detector, IsOk());
  size_t pictures = 0;
  for (const char* folder : {"faces/groups", "faces/people"}) {
    for (const auto& entry : fs::recursive_directory_iterator(*support::SharedDir() / folder)) {
      if (entry.path().extension() != ".jpg") continue;
      const std::string file = support::ReadFile(entry.path());
      const Picture whole = support::ReadPicture(entry.path());
      Picture small;
      ASSERT_THAT(DecodeScaled(base::AsBytes(file), DecodeLimits{}, 320, 240, small), IsOk());
      const auto found = (*detector)->Detect(small);
      const auto expected = (*detector)->Detect(whole);
      ASSERT_THAT(found, IsOk());
      ASSERT_THAT(expected, IsOk());
      EXPECT_EQ(found->size(), expected->size()) << entry.path();
      ++pictures;
    }
  }
  EXPECT_GT(pictures, 20u);
}

TEST_F(PipelineTest, YuNetFindsTheSameFaces) {
  ROLLCALL_NEED_SHARED();
  const std::string file = support::ReadFile(
      *support::SharedDir() / "models/face_detection_yunet_2022mar.onnx");
  const auto detector = MakeYuNet(base::Bytes(file.begin(), file.end()));
  ASSERT_THAT(detector, IsOk());
  const auto found = (*detector)->Detect(*three_);
  ASSERT_THAT(found, IsOk());
  const auto faces = Analyse(*three_, {.embed = false});
  ASSERT_EQ(found->size(), faces.size());
  for (const Detection& detection : *found) {
    const auto centre_in = [&](const Face& face) {
      const float x = (detection.box.x1 + detection.box.x2) / 2;
      const float y = (detection.box.y1 + detection.box.y2) / 2;
      return x > face.box.x1 && x < face.box.x2 && y > face.box.y1 && y < face.box.y2;
    };
    EXPECT_EQ(std::count_if(faces.begin(), faces.end(), centre_in), 1);
  }
}

TEST_F(PipelineTest, YuNetRefusesAnotherFile) {
  EXPECT_THAT(MakeYuNet(base::Bytes(1000, 7)), HasReason("BAD_MODEL"));
  EXPECT_THAT(MakeYuNet({}), HasReason("BAD_MODEL"));
}

// ---- real photographs -------------------------------------------------------------------------

TEST_F(PipelineTest, EveryPortraitIsFoundPassesAndIsToldApart) {
  ROLLCALL_NEED_SHARED();
  std::map<std::string, std::vector<Embedding>> people;
  for (const auto& entry :
       fs::recursive_directory_iterator(*support::SharedDir() / "faces/people")) {
    if (!entry.is_regular_file()) continue;
    const auto faces = Analyse(support::ReadPicture(entry.path()), {});
    ASSERT_EQ(faces.size(), 1u) << entry.path();
    EXPECT_EQ(JudgeQuality(faces[0].quality, QualityPolicy::ForEnrolment()), QualityFault::kGood)
        << entry.path();
    people[entry.path().parent_path().filename()].push_back(*faces[0].embedding);
  }
  size_t portraits = 0;
  for (const auto& [name, own] : people) {
    portraits += own.size();
    for (const auto& [other_name, other] : people) {
      for (const Embedding& a : own) {
        for (const Embedding& b : other) {
          const float similarity = *Similarity(a, b);
          if (name == other_name) {
            EXPECT_GT(similarity, 0.5f) << name;
          } else {
            EXPECT_LT(similarity, 0.2f) << name << " and " << other_name;
          }
        }
      }
    }
    // One photograph of somebody else among them is found.
    if (own.size() >= 3) {
      std::vector<Embedding> mixed = own;
      mixed.push_back(name == "obama" ? people["biden"][0] : people["obama"][0]);
      EXPECT_THAT(OddOnesOut(mixed, 0.411f), testing::ElementsAre(own.size())) << name;
      EXPECT_THAT(OddOnesOut(own, 0.411f), testing::IsEmpty()) << name;
    }
  }
  EXPECT_EQ(portraits, 18u);
}

TEST_F(PipelineTest, GatePassesOrdinaryFaces) {
  ROLLCALL_NEED_SHARED();
  std::vector<fs::path> paths;
  for (const auto& entry :
       fs::recursive_directory_iterator(*support::SharedDir() / "faces/lfw-dev")) {
    if (entry.path().extension() == ".jpg") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  int judged = 0;
  int check_in = 0;
  int enrolment = 0;
  for (size_t i = 0; i < paths.size(); i += 20) {
    auto face = pipeline_->AnalyseAligned(support::MovedRight(support::ReadPicture(paths[i]), 8));
    ASSERT_THAT(face, IsOk());
    face->quality.side_px = 112;  // the crops do not know how large the face was
    ++judged;
    check_in += JudgeQuality(face->quality, QualityPolicy::ForCheckIn()) == QualityFault::kGood;
    enrolment += JudgeQuality(face->quality, QualityPolicy::ForEnrolment()) == QualityFault::kGood;
  }
  EXPECT_GT(judged, 200);
  EXPECT_GE(check_in, judged * 99 / 100);
  EXPECT_GE(enrolment, judged * 98 / 100);
}

}  // namespace
}  // namespace rollcall::recognition
