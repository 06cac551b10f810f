#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "inference/engines.h"
#include "recognition/model_pack.h"
#include "support/environment.h"
#include "support/status_matchers.h"

namespace rollcall::inference {
namespace {

using support::HasReason;
using support::IsOk;

base::Bytes ModelFile(const char* name) {
  auto bytes = recognition::ModelPack::ReadFile(
      (support::SourceDir() / "models/manifest.json").string(), support::ModelCacheDir().string(),
      name);
  EXPECT_THAT(bytes, IsOk());
  return bytes.ok() ? *std::move(bytes) : base::Bytes{};
}

const ModelSpec kFeature{.name = "fr_feature",
                         .input_shape = {1, 3, 112, 112},
                         .output_names = {"output"},
                         .output_sizes = {512}};

std::unique_ptr<Session> LoadFeature() {
  auto session = MakeReferenceEngine()->Load(ModelFile("fr_feature.onnx"), kFeature);
  EXPECT_THAT(session, IsOk());
  return *std::move(session);
}

// Two inputs that differ as two faces do, within the range that the net expects.
std::vector<float> Pattern(float phase) {
  std::vector<float> input(3 * 112 * 112);
  for (size_t i = 0; i < input.size(); ++i) {
    input[i] = std::sin(0.013f * static_cast<float>(i) + phase) *
               std::cos(0.0007f * static_cast<float>(i) * phase);
  }
  return input;
}

// cv::dnn's forward() answers with a header onto its own buffer. If one escaped, the first person's
// numbers would silently become the second's, and everybody would match everybody.
TEST(ReferenceEngineTest, SecondRunLeavesTheFirstAnswerAlone) {
  const auto session = LoadFeature();
  const auto first = session->Run(Pattern(1));
  ASSERT_THAT(first, IsOk());
  const std::vector<float> before = (*first)[0].values;
  const auto second = session->Run(Pattern(2));
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ((*first)[0].values, before);
  EXPECT_NE((*second)[0].values, before);
  const auto again = session->Run(Pattern(1));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ((*again)[0].values, before);
}

TEST(ReferenceEngineTest, OutputsComeInTheOrderAskedFor) {
  const base::Bytes detect = ModelFile("fr_detect.onnx");
  ModelSpec spec{.name = "fr_detect",
                 .input_shape = {1, 3, 240, 320},
                 .output_names = {"scores", "boxes"},
                 .output_sizes = {8840, 17680}};
  const auto session = MakeReferenceEngine()->Load(detect, spec);
  ASSERT_THAT(session, IsOk());
  const auto outputs = (*session)->Run(std::vector<float>(3 * 240 * 320, 0.1f));
  ASSERT_THAT(outputs, IsOk());
  ASSERT_EQ(outputs->size(), 2u);
  EXPECT_EQ((*outputs)[0].shape, (std::vector<int64_t>{1, 4420, 2}));
  EXPECT_EQ((*outputs)[1].shape, (std::vector<int64_t>{1, 4420, 4}));
}

TEST(ReferenceEngineTest, RefusesInputsThatAreNotTheModels) {
  const auto session = LoadFeature();
  EXPECT_THAT(session->Run(std::vector<float>(10)), HasReason("BAD_TENSOR"));
  EXPECT_THAT(session->Run({}), HasReason("BAD_TENSOR"));
  std::vector<float> input = Pattern(1);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(),
                          std::numeric_limits<float>::infinity()}) {
    input[77] = bad;
    EXPECT_THAT(session->Run(input), HasReason("BAD_TENSOR"));
  }
  // And the next one is clean.
  EXPECT_THAT(session->Run(Pattern(1)), IsOk());
}

TEST(ReferenceEngineTest, RefusesFilesThatAreNotTheModel) {
  const auto engine = MakeReferenceEngine();
  EXPECT_THAT(engine->Load({}, kFeature), HasReason("BAD_MODEL"));
  const base::Bytes noise(5000, 0x5A);
  EXPECT_THAT(engine->Load(noise, kFeature), HasReason("BAD_MODEL"));
  base::Bytes half = ModelFile("fr_feature.onnx");
  half.resize(half.size() / 2);
  EXPECT_THAT(engine->Load(half, kFeature), HasReason("BAD_MODEL"));
}

TEST(ReferenceEngineTest, RefusesAModelThatIsNotAsDescribed) {
  const auto engine = MakeReferenceEngine();
  const base::Bytes feature = ModelFile("fr_feature.onnx");
  ModelSpec spec = kFeature;
  spec.output_sizes = {128};
  EXPECT_THAT(engine->Load(feature, spec), HasReason("BAD_MODEL"));
  spec = kFeature;
  spec.output_names = {"embedding"};
  EXPECT_THAT(engine->Load(feature, spec), HasReason("BAD_MODEL"));
  spec = kFeature;
  spec.input_shape = {1, 3, 224, 224};
  EXPECT_THAT(engine->Load(feature, spec), HasReason("BAD_MODEL"));
  spec = kFeature;
  spec.output_names = {};  // the only output, whatever its name
  EXPECT_THAT(engine->Load(feature, spec), IsOk());
  EXPECT_THAT(engine->Load(ModelFile("fr_detect.onnx"), spec), HasReason("BAD_MODEL"));
}

// One session per worker is the rule; the sessions then give the same answers side by side.
TEST(ReferenceEngineTest, SessionsAreIndependent) {
  const auto alone = LoadFeature()->Run(Pattern(3));
  ASSERT_THAT(alone, IsOk());
  std::vector<std::vector<float>> answers(2);
  {
    std::vector<std::jthread> workers;
    for (auto& answer : answers) {
      workers.emplace_back([&answer] {
        const auto session = LoadFeature();
        for (int i = 0; i < 3; ++i) answer = (*session->Run(Pattern(3)))[0].values;
      });
    }
  }
  for (const auto& answer : answers) EXPECT_EQ(answer, (*alone)[0].values);
}

}  // namespace
}  // namespace rollcall::inference
