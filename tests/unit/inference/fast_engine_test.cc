#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "inference/engines.h"
#include "recognition/model_pack.h"
#include "support/environment.h"
#include "support/heap_meter.h"
#include "support/status_matchers.h"

namespace rollcall::inference {
namespace {

using support::HasReason;
using support::IsOk;

base::Bytes ModelFile(const std::string& name) {
  auto bytes = recognition::ModelPack::ReadFile((support::SourceDir() / "models/manifest.json").string(),
                                                support::ModelCacheDir().string(), name + ".onnx");
  EXPECT_THAT(bytes, IsOk());
  return bytes.ok() ? *std::move(bytes) : base::Bytes{};
}

// A net of the pack, and the range in which its recipe keeps the input.
struct Net {
  ModelSpec spec;
  float low, high;
};

std::ostream& operator<<(std::ostream& out, const Net& net) { return out << net.spec.name; }

const Net kFeature{{"fr_feature", {1, 3, 112, 112}, {"output"}, {512}}, -1, 1};

std::vector<float> Pattern(const Net& net, float phase) {
  size_t count = 1;
  for (const int64_t side : net.spec.input_shape) count *= static_cast<size_t>(side);
  std::vector<float> input(count);
  for (size_t i = 0; i < count; ++i) {
    const float wave = std::sin(0.013f * static_cast<float>(i) + phase) *
                       std::cos(0.0007f * static_cast<float>(i) * phase);
    input[i] = net.low + (net.high - net.low) * (0.5f + 0.5f * wave);
  }
  return input;
}

std::unique_ptr<Session> Load(Engine& engine, const Net& net) {
  auto session = engine.Load(ModelFile(net.spec.name), net.spec);
  EXPECT_THAT(session, IsOk());
  return *std::move(session);
}

class EveryNetTest : public testing::TestWithParam<Net> {};

// f32 against f32: what differs is the order of the additions.
TEST_P(EveryNetTest, AnswersAsTheReferenceEngineDoes) {
  const Net& net = GetParam();
  const auto reference = Load(*MakeReferenceEngine(), net);
  const auto fast = Load(*MakeFastEngine(), net);
  for (const float phase : {1.0f, 2.5f, 4.0f}) {
    const std::vector<float> input = Pattern(net, phase);
    const auto expected = reference->Run(input);
    const auto found = fast->Run(input);
    ASSERT_THAT(expected, IsOk());
    ASSERT_THAT(found, IsOk());
    ASSERT_EQ(found->size(), expected->size());
    for (size_t i = 0; i < expected->size(); ++i) {
      const Tensor& a = (*expected)[i];
      const Tensor& b = (*found)[i];
      EXPECT_EQ(b.shape, a.shape);
      ASSERT_EQ(b.values.size(), a.values.size());
      float largest = 0;
      for (const float value : a.values) largest = std::max(largest, std::abs(value));
      for (size_t k = 0; k < a.values.size(); ++k) {
        ASSERT_NEAR(b.values[k], a.values[k], 1e-5f * largest) << "output " << i << ", number " << k;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Pack, EveryNetTest,
    testing::Values(kFeature, Net{{"fr_detect", {1, 3, 240, 320}, {"scores", "boxes"}, {8840, 17680}}, -1, 1},
                    Net{{"fr_landmark", {1, 1, 64, 64}, {"output"}, {136}}, 0, 1},
                    Net{{"fr_liveness", {1, 3, 128, 128}, {"output"}, {3}}, 0, 255},
                    Net{{"fr_eye", {1, 1, 24, 24}, {"output"}, {2}}, 0, 1}),
    [](const auto& test) { return test.param.spec.name; });

TEST(FastEngineTest, SecondRunLeavesTheFirstAnswerAlone) {
  const auto session = Load(*MakeFastEngine(), kFeature);
  const auto first = session->Run(Pattern(kFeature, 1));
  ASSERT_THAT(first, IsOk());
  const std::vector<float> before = (*first)[0].values;
  const auto second = session->Run(Pattern(kFeature, 2));
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ((*first)[0].values, before);
  EXPECT_NE((*second)[0].values, before);
  // Nothing of the second is left in the arena either.
  EXPECT_EQ((*session->Run(Pattern(kFeature, 1)))[0].values, before);
}

TEST(FastEngineTest, SessionsSideBySideGiveTheSameBits) {
  const auto engine = MakeFastEngine();
  const auto alone = Load(*engine, kFeature)->Run(Pattern(kFeature, 3));
  ASSERT_THAT(alone, IsOk());
  std::vector<std::vector<float>> answers(2);
  {
    std::vector<std::jthread> workers;
    for (auto& answer : answers) {
      workers.emplace_back([&answer, &engine] {
        const auto session = Load(*engine, kFeature);
        for (int i = 0; i < 3; ++i) answer = (*session->Run(Pattern(kFeature, 3)))[0].values;
      });
    }
  }
  for (const auto& answer : answers) EXPECT_EQ(answer, (*alone)[0].values);
}

TEST(FastEngineTest, ARunAllocatesNothingButItsAnswer) {
  if (!support::HeapIsMetered()) GTEST_SKIP() << "skipped: a sanitizer has a malloc of its own";
  const auto session = Load(*MakeFastEngine(), kFeature);
  const std::vector<float> input = Pattern(kFeature, 1);
  const support::HeapMeter meter;
  ASSERT_THAT(session->Run(input), IsOk());
  EXPECT_LT(meter.peak_bytes(), 4096);  // 512 numbers and the vectors around them
}

TEST(FastEngineTest, RefusesInputsThatAreNotTheModels) {
  const auto session = Load(*MakeFastEngine(), kFeature);
  EXPECT_THAT(session->Run(std::vector<float>(10)), HasReason("BAD_TENSOR"));
  EXPECT_THAT(session->Run({}), HasReason("BAD_TENSOR"));
  std::vector<float> input = Pattern(kFeature, 1);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    input[77] = bad;
    EXPECT_THAT(session->Run(input), HasReason("BAD_TENSOR"));
  }
  EXPECT_THAT(session->Run(Pattern(kFeature, 1)), IsOk());  // and the next one is clean
}

TEST(FastEngineTest, AnswersThatAreNotFiniteAreAnError) {
  const auto session = Load(*MakeFastEngine(), kFeature);
  EXPECT_THAT(session->Run(std::vector<float>(3 * 112 * 112, 3e38f)), HasReason("MODEL_OUTPUT"));
  EXPECT_THAT(session->Run(Pattern(kFeature, 1)), IsOk());
}

TEST(FastEngineTest, RefusesFilesThatAreNotTheModel) {
  const auto engine = MakeFastEngine();
  EXPECT_THAT(engine->Load({}, kFeature.spec), HasReason("BAD_MODEL"));
  EXPECT_THAT(engine->Load(base::Bytes(5000, 0x5A), kFeature.spec), HasReason("BAD_MODEL"));
  base::Bytes half = ModelFile("fr_feature");
  half.resize(half.size() / 2);
  EXPECT_THAT(engine->Load(half, kFeature.spec), HasReason("BAD_MODEL"));
}

TEST(FastEngineTest, RefusesAModelThatIsNotAsDescribed) {
  const auto engine = MakeFastEngine();
  const base::Bytes feature = ModelFile("fr_feature");
  ModelSpec spec = kFeature.spec;
  spec.output_sizes = {128};
  EXPECT_THAT(engine->Load(feature, spec), HasReason("BAD_MODEL"));
  spec = kFeature.spec;
  spec.output_names = {"embedding"};
  EXPECT_THAT(engine->Load(feature, spec), HasReason("BAD_MODEL"));
  spec = kFeature.spec;
  spec.input_shape = {1, 3, 224, 224};
  EXPECT_THAT(engine->Load(feature, spec), HasReason("BAD_MODEL"));
  spec = kFeature.spec;
  spec.output_names = {};  // the only output, whatever its name
  EXPECT_THAT(engine->Load(feature, spec), IsOk());
  EXPECT_THAT(engine->Load(ModelFile("fr_detect"), spec), HasReason("BAD_MODEL"));
}

}  // namespace
}  // namespace rollcall::inference
