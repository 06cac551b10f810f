#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "inference/engines.h"
#include "inference_testing/model_builder.h"
#include "support/status_matchers.h"

namespace rollcall::inference {
namespace {

using support::HasReason;
using support::IsOk;

Attribute Ints(std::vector<int64_t> numbers) { return numbers; }

// A small net with everything that an int8 net has: pixels read three at a time, depthwise layers, PReLU, a residual,
// a plain operator in the middle and a fully connected end. Random weights, scaled so that activations keep their size.
class SmallNet {
 public:
  explicit SmallNet(uint32_t seed) : engine_(seed) {
    model_.Input("x", {1, 3, 24, 20});
    std::string v = Prelu(Conv("x", 3, 24, 3, {{"pads", Ints({1, 1, 1, 1})}, {"strides", Ints({2, 2})}}), 24);
    for (int block = 0; block < 2; ++block) {
      std::string branch = Prelu(Conv(v, 24, 80, 1, {}), 80);
      branch = Prelu(Conv(branch, 80, 80, 3, {{"pads", Ints({1, 1, 1, 1})}}, 80), 80);
      v = Op("Add", {v, Conv(branch, 80, 24, 1, {})});
    }
    const std::string gate = Op("Sigmoid", {Conv(Op("GlobalAveragePool", {v}), 24, 24, 1, {})});
    v = Op("Mul", {v, gate});
    // Two branches that nothing but the joining reads, so that they have its ranges.
    const std::string left = Prelu(Conv(v, 24, 16, 1, {}), 16);
    const std::string right = Conv(v, 24, 16, 3, {{"pads", Ints({1, 1, 1, 1})}});
    model_.Op("Concat", {left, right}, {"joined"}, {{"axis", int64_t{1}}});
    v = Conv("joined", 32, 24, 1, {});
    v = Op("Clip", {Conv(v, 24, 32, 3, {{"pads", Ints({1, 1, 1, 1})}, {"strides", Ints({2, 2})}}), "zero", "six"});
    model_.Floats("zero", {}, {0}).Floats("six", {}, {6});
    v = Conv(v, 32, 32, 5, {}, 32);
    model_.Floats("w", {64, 10}, Numbers(640, 0.3f)).Floats("b", {10}, Numbers(10, 1));
    model_.Op("Flatten", {v}, {"flat"}).Op("Gemm", {"flat", "w", "b"}, {"y"}).Output("y");
  }

  std::vector<uint8_t> Bytes() const { return model_.Bytes(); }

 private:
  std::vector<float> Numbers(size_t count, float size) {
    std::normal_distribution<float> pick(0, size);
    std::vector<float> numbers(count);
    for (float& number : numbers) number = pick(engine_);
    return numbers;
  }

  std::string Name() { return "v" + std::to_string(++values_); }

  std::string Conv(const std::string& x, int64_t in, int64_t out, int64_t kernel, Attributes attributes,
                   int64_t groups = 1) {
    const std::string y = Name();
    const int64_t each = in / groups * kernel * kernel;
    model_.Floats(y + "w", {out, in / groups, kernel, kernel},
                  Numbers(static_cast<size_t>(out * each), 1 / std::sqrt(static_cast<float>(each))));
    model_.Floats(y + "b", {out}, Numbers(static_cast<size_t>(out), 0.2f));
    attributes["group"] = groups;
    model_.Op("Conv", {x, y + "w", y + "b"}, {y}, attributes);
    return y;
  }

  std::string Prelu(const std::string& x, int64_t channels) {
    const std::string y = Name();
    std::vector<float> slopes = Numbers(static_cast<size_t>(channels), 0.2f);
    model_.Floats(y + "s", {channels, 1, 1}, slopes).Op("PRelu", {x, y + "s"}, {y});
    return y;
  }

  std::string Op(const std::string& op, const std::vector<std::string>& inputs) {
    const std::string y = Name();
    model_.Op(op, inputs, {y});
    return y;
  }

  std::mt19937 engine_;
  ModelBuilder model_{11};
  int values_ = 0;
};

ModelSpec Spec() {
  return {.name = "small", .input_shape = {1, 3, 24, 20}, .output_names = {"y"}, .output_sizes = {10},
          .pixels = PixelScale{.mean = 127, .factor = 1.0f / 128}};
}

std::vector<uint8_t> Picture(uint32_t seed) {
  std::mt19937 engine(seed);
  std::uniform_int_distribution<int> noise(-20, 20);
  std::vector<uint8_t> pixels;
  for (int i = 0; i < 24 * 20 * 3; ++i) {
    const int wave = static_cast<int>(100 * std::sin(0.05 * i + seed) * std::cos(0.003 * i * seed));
    pixels.push_back(static_cast<uint8_t>(std::clamp(128 + wave + noise(engine), 0, 255)));
  }
  return pixels;
}

ActivationCalibrations Calibrate(const std::vector<uint8_t>& onnx,
                                 NarrowPrecision precision = NarrowPrecision::kInt8) {
  const auto observer = MakeObservingEngine();
  auto session = observer->Load(onnx, Spec());
  EXPECT_THAT(session, IsOk());
  for (uint32_t seed = 0; seed < 40; ++seed) EXPECT_THAT((*session)->RunPixels(Picture(seed)), IsOk());
  auto calibrations = observer->Calibrations({{"small", {precision}}});
  EXPECT_THAT(calibrations, IsOk());
  return *std::move(calibrations);
}

class NarrowEngineTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!Runs(NarrowPrecision::kInt8) || !Runs(NarrowPrecision::kBfloat16)) {
      GTEST_SKIP() << "skipped: this processor has no AVX-512 with VNNI and BF16";
    }
  }
};

TEST_F(NarrowEngineTest, Int8AnswersAlmostAsFloat32Does) {
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    const std::vector<uint8_t> onnx = SmallNet(seed).Bytes();
    const auto int8 = MakeNarrowEngine(Calibrate(onnx))->Load(onnx, Spec());
    const auto float32 = MakeFastEngine()->Load(onnx, Spec());
    ASSERT_THAT(int8, IsOk());
    ASSERT_THAT(float32, IsOk());
    float sum = 0;
    for (uint32_t picture = 100; picture < 120; ++picture) {
      const auto got = (*int8)->RunPixels(Picture(picture));
      const auto wanted = (*float32)->RunPixels(Picture(picture));
      ASSERT_THAT(got, IsOk());
      ASSERT_THAT(wanted, IsOk());
      const float error = RelativeError(*got, *wanted);
      EXPECT_LT(error, 0.3f) << "net " << seed << ", picture " << picture;
      sum += error;
    }
    EXPECT_LT(sum / 20, 0.06f) << "net " << seed;
  }
}

TEST_F(NarrowEngineTest, Bfloat16AnswersAlmostAsFloat32Does) {
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    const std::vector<uint8_t> onnx = SmallNet(seed).Bytes();
    const auto narrow = MakeNarrowEngine(Calibrate(onnx, NarrowPrecision::kBfloat16))->Load(onnx, Spec());
    const auto float32 = MakeFastEngine()->Load(onnx, Spec());
    ASSERT_THAT(narrow, IsOk());
    ASSERT_THAT(float32, IsOk());
    for (uint32_t picture = 100; picture < 120; ++picture) {
      const auto got = (*narrow)->RunPixels(Picture(picture));
      const auto wanted = (*float32)->RunPixels(Picture(picture));
      ASSERT_THAT(got, IsOk());
      ASSERT_THAT(wanted, IsOk());
      EXPECT_LT(RelativeError(*got, *wanted), 0.04f) << "net " << seed << ", picture " << picture;
    }
  }
}

TEST_F(NarrowEngineTest, PixelsAndTheNumbersThatTheyMeanGiveOneAnswer) {
  const std::vector<uint8_t> onnx = SmallNet(1).Bytes();
  const auto int8 = MakeNarrowEngine(Calibrate(onnx));
  const auto float32 = MakeFastEngine();
  const std::vector<uint8_t> pixels = Picture(5);
  std::vector<float> numbers(pixels.size());
  for (size_t i = 0; i < pixels.size() / 3; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      numbers[c * 24 * 20 + i] = (static_cast<float>(pixels[i * 3 + c]) - 127) * (1.0f / 128);
    }
  }
  for (Engine* engine : {int8.get(), float32.get()}) {
    const auto session = engine->Load(onnx, Spec());
    ASSERT_THAT(session, IsOk());
    const auto a = (*session)->RunPixels(pixels);
    const auto b = (*session)->Run(numbers);
    ASSERT_THAT(a, IsOk());
    ASSERT_THAT(b, IsOk());
    EXPECT_EQ((*a)[0].values, (*b)[0].values) << engine->name();
  }
}

TEST_F(NarrowEngineTest, RefusesAModelThatWasNotCalibrated) {
  const std::vector<uint8_t> onnx = SmallNet(1).Bytes();
  const auto engine = MakeNarrowEngine({});
  EXPECT_THAT(engine->Load(onnx, Spec()), HasReason("BAD_MODEL"));
}

TEST_F(NarrowEngineTest, RefusesRangesThatDoNotFitTheModel) {
  const std::vector<uint8_t> onnx = SmallNet(1).Bytes();
  const ActivationCalibrations good = Calibrate(onnx);
  const auto change = [&](auto alter) {
    ActivationCalibrations calibrations = good;
    alter(calibrations.begin()->second);
    return MakeNarrowEngine(std::move(calibrations))->Load(onnx, Spec()).status();
  };
  EXPECT_THAT(change([](auto&) {}), IsOk());
  EXPECT_THAT(change([](auto& c) { c.ranges.erase("v1"); c.ranges.erase("v2"); }), HasReason("BAD_MODEL"));
  EXPECT_THAT(change([](auto& c) { c.ranges.begin()->second.pop_back(); }), HasReason("BAD_MODEL"));
  EXPECT_THAT(change([](auto& c) { c.check_picture.pop_back(); }), HasReason("BAD_MODEL"));
  // Ranges a tenth as wide as what the net does: everything is cut off, and the self-check sees it.
  EXPECT_THAT(change([](auto& c) {
                for (auto& [name, ranges] : c.ranges) {
                  for (Range& range : ranges) range = {range.low / 10, range.high / 10};
                }
              }),
              HasReason("BAD_MODEL"));
}

TEST_F(NarrowEngineTest, TheServiceRunsAModelWithABadCalibrationInFloat32AndSaysWhy) {
  const std::vector<uint8_t> onnx = SmallNet(1).Bytes();
  ActivationCalibrations calibrations = Calibrate(onnx);
  calibrations.begin()->second.precisions = {{NarrowPrecision::kInt8, 0}};
  std::vector<std::string> told;
  const auto engine = MakeServiceEngine(calibrations, [&told](const std::string& model, const absl::Status& why) {
    told.push_back(model + ": " + base::Message(why));
  });
  const auto session = engine->Load(onnx, Spec());
  ASSERT_THAT(session, IsOk());
  EXPECT_THAT(told, testing::ElementsAre(testing::HasSubstr("float32")));
  const auto float32 = MakeFastEngine()->Load(onnx, Spec());
  ASSERT_THAT(float32, IsOk());
  EXPECT_EQ((*(*session)->RunPixels(Picture(3)))[0].values, (*(*float32)->RunPixels(Picture(3)))[0].values);
}

TEST_F(NarrowEngineTest, RefusesPicturesOfAnotherSize) {
  const std::vector<uint8_t> onnx = SmallNet(1).Bytes();
  const auto session = MakeNarrowEngine(Calibrate(onnx))->Load(onnx, Spec());
  ASSERT_THAT(session, IsOk());
  std::vector<uint8_t> pixels = Picture(1);
  pixels.pop_back();
  EXPECT_THAT((*session)->RunPixels(pixels), HasReason("BAD_TENSOR"));
}

}  // namespace
}  // namespace rollcall::inference
