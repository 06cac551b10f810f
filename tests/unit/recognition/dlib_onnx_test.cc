#include "recognition/dlib_onnx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "inference/engines.h"
#include "recognition/dlib_net.h"
#include "support/pictures.h"
#include "support/status_matchers.h"

namespace rollcall::recognition {
namespace {

using support::HasReason;
using support::IsOk;
using testing::HasSubstr;

// ---- made-up files ----------------------------------------------------------------------------

// Files as face-api has them, of the right shapes, with made-up numbers that keep their size from
// layer to layer: every other tensor as bytes, the others as float32. The same seed gives the same
// files.
struct DlibFiles {
  base::Bytes weights;
  nlohmann::json layout;

  base::Bytes LayoutBytes() const {
    const std::string text = layout.dump();
    return {text.begin(), text.end()};
  }
  // Where the tensors are listed.
  nlohmann::json& tensors() { return layout[0]["weights"]; }
};

class Maker {
 public:
  explicit Maker(uint32_t seed) : random_(seed) {
    files_.layout = {{{"weights", nlohmann::json::array()}}};
  }

  // Numbers from `low` to `high`.
  void Add(const std::string& name, const std::vector<int64_t>& shape, double low, double high) {
    size_t count = 1;
    for (const int64_t side : shape) count *= static_cast<size_t>(side);
    nlohmann::json entry = {{"name", name}, {"shape", shape}, {"dtype", "float32"}};
    as_bytes_ = !as_bytes_;
    if (as_bytes_) {
      entry["quantization"] = {{"dtype", "uint8"}, {"scale", (high - low) / 255}, {"min", low}};
      for (size_t i = 0; i < count; ++i)
        files_.weights.push_back(static_cast<uint8_t>(random_() >> 24));
    } else {
      const size_t at = files_.weights.size();
      files_.weights.resize(at + count * sizeof(float));
      for (size_t i = 0; i < count; ++i) {
        const auto number = static_cast<float>(
            low + (high - low) * static_cast<double>(random_() >> 8) / (1 << 24));
        std::memcpy(files_.weights.data() + at + i * sizeof number, &number, sizeof number);
      }
    }
    files_.tensors().push_back(std::move(entry));
  }

  void Convolution(int64_t inputs, int64_t outputs, int64_t side) {
    const std::string name = "conv" + std::to_string(++convolutions_);
    const double most = std::sqrt(3.0 / static_cast<double>(inputs * side * side));
    Add(name + "/filters", {side, side, inputs, outputs}, -most, most);
    Add(name + "/bias", {outputs}, -0.1, 0.1);
    Add(name + "/scale/weights", {outputs}, 0.5, 1.5);
    Add(name + "/scale/biases", {outputs}, -0.1, 0.3);
  }

  DlibFiles Done() { return std::move(files_); }

 private:
  std::mt19937 random_;
  DlibFiles files_;
  bool as_bytes_ = false;
  int convolutions_ = 0;
};

DlibFiles MakeDlibFiles(uint32_t seed) {
  Maker maker(seed);
  int64_t channels = 3;
  for (const auto& [outputs, count] : {std::pair{32, 7}, {64, 8}, {128, 6}, {256, 8}}) {
    for (int i = 0; i < count; ++i) {
      maker.Convolution(channels, outputs, channels == 3 ? 7 : 3);
      channels = outputs;
    }
  }
  maker.Add("fc", {256, 128}, -0.1, 0.1);
  return maker.Done();
}

const DlibFiles& Files() {
  static const auto* const files = new DlibFiles(MakeDlibFiles(1));
  return *files;
}

// ---- reading face-api's files -----------------------------------------------------------------

void ExpectRefused(const base::Bytes& weights, const base::Bytes& layout,
                   const std::string& complaint) {
  SCOPED_TRACE(complaint);
  const auto read = ReadDlibWeights(weights, layout);
  EXPECT_THAT(read, HasReason("BAD_MODEL"));
  EXPECT_THAT(base::Message(read.status()), HasSubstr("dlib-resnet: "));
  EXPECT_THAT(base::Message(read.status()), HasSubstr(complaint));
}

// The files with one change to the list of tensors.
template <typename Change>
void ExpectRefused(Change change, const std::string& complaint) {
  DlibFiles files = Files();
  change(files.tensors());
  ExpectRefused(files.weights, files.LayoutBytes(), complaint);
}

// Number `at` of tensor `name`, as the files have it.
float Stored(const std::string& name, size_t at) {
  size_t offset = 0;
  for (const auto& entry : Files().layout[0]["weights"]) {
    size_t count = 1;
    for (const int64_t side : entry["shape"]) count *= static_cast<size_t>(side);
    const bool bytes = entry.contains("quantization");
    if (entry["name"] == name) {
      if (bytes) {
        const auto& how = entry["quantization"];
        return static_cast<float>(Files().weights[offset + at] * how["scale"].get<double>() +
                                  how["min"].get<double>());
      }
      float number = 0;
      std::memcpy(&number, Files().weights.data() + offset + at * sizeof number, sizeof number);
      return number;
    }
    offset += bytes ? count : count * sizeof(float);
  }
  ADD_FAILURE() << name;
  return 0;
}

TEST(DlibWeightsTest, TheScaleThatFollowsIsInEachConvolution) {
  const auto net = ReadDlibWeights(Files().weights, Files().LayoutBytes());
  ASSERT_THAT(net, IsOk());
  ASSERT_EQ(net->convolutions.size(), 29u);
  EXPECT_EQ(net->matrix.size(), 256u * 128);
  EXPECT_EQ(net->matrix[1000], Stored("fc", 1000));
  const DlibWeights::Convolution& down = net->convolutions[7];  // the eighth: 32 to 64 channels
  EXPECT_EQ(down.inputs, 32);
  EXPECT_EQ(down.outputs, 64);
  EXPECT_EQ(down.side, 3);
  const size_t y = 2, x = 1, in = 30, out = 63;
  EXPECT_EQ(down.filters[((out * 32 + in) * 3 + y) * 3 + x],
            Stored("conv8/filters", ((y * 3 + x) * 32 + in) * 64 + out) *
                Stored("conv8/scale/weights", out));
  EXPECT_EQ(down.bias[out], Stored("conv8/bias", out) * Stored("conv8/scale/weights", out) +
                                Stored("conv8/scale/biases", out));
}

TEST(DlibWeightsTest, FilesThatAreNotThoseAreRefused) {
  const auto bytes = [](const std::string& text) { return base::Bytes(text.begin(), text.end()); };
  const base::Bytes layout = Files().LayoutBytes();
  ExpectRefused(Files().weights, {}, "");
  ExpectRefused(Files().weights, bytes("no JSON"), "parse");
  ExpectRefused(Files().weights, bytes("{}"), "");
  ExpectRefused(Files().weights, bytes("[]"), "");
  ExpectRefused(Files().weights, bytes("[{}]"), "weights");
  ExpectRefused(Files().weights, bytes("[{\"weights\": [{}]}]"), "name");
  ExpectRefused(Files().weights, bytes("[{\"weights\": []}]"), "longer than its layout");
  ExpectRefused({}, bytes("[{\"weights\": []}]"), "another number of layers");
  ExpectRefused({}, layout, "conv1/filters: larger than the file");

  base::Bytes shorter = Files().weights;
  shorter.pop_back();
  ExpectRefused(shorter, layout, "fc: beyond the end of the file");
  base::Bytes longer = Files().weights;
  longer.push_back(0);
  ExpectRefused(longer, layout, "longer than its layout");
}

TEST(DlibWeightsTest, TensorsOfAnotherKindAreRefusedByName) {
  using Json = nlohmann::json;
  ExpectRefused([](Json& all) { all[3].erase("shape"); }, "shape");
  ExpectRefused([](Json& all) { all[3]["shape"] = Json::array(); }, "conv1/scale/biases: no shape");
  ExpectRefused([](Json& all) { all[3]["shape"] = "32"; }, "");
  for (const int64_t side : {int64_t{0}, int64_t{-1}, int64_t{4097}, int64_t{1} << 62}) {
    ExpectRefused([side](Json& all) { all[3]["shape"] = {side}; },
                  "conv1/scale/biases: impossible shape");
  }
  ExpectRefused([](Json& all) { all[3]["shape"] = {4096, 4096, 4096, 4096, 4096, 4096}; },
                "conv1/scale/biases: larger than the file");
  ExpectRefused([](Json& all) { all[0]["quantization"]["dtype"] = "uint16"; },
                "conv1/filters: not uint8");
  ExpectRefused([](Json& all) { all[0]["quantization"].erase("scale"); }, "scale");
  ExpectRefused([](Json& all) { all[0]["quantization"]["min"] = "low"; }, "");
  ExpectRefused([](Json& all) { all[0]["quantization"]["scale"] = 1e300; },
                "conv1/filters: a number that is not finite");
}

TEST(DlibWeightsTest, TensorsOfAnotherNetworkAreRefusedByName) {
  using Json = nlohmann::json;
  // As many numbers in another shape.
  ExpectRefused(
      [](Json& all) {
        all[0]["shape"] = {7, 7, 32, 3};
      },
      "conv1/filters: 7 x 7 x 32 x 3 instead of 7 x 7 x 3 x 32");
  ExpectRefused([](Json& all) { all[1]["shape"] = {1, 32}; }, "conv1/bias: 1 x 32 instead of 32");
  ExpectRefused(
      [](Json& all) {
        all.back()["shape"] = {128, 256};
      },
      "fc: 128 x 256 instead of 256 x 128");
  // A convolution less, and its bytes too.
  DlibFiles files = Files();
  size_t size = 0;
  for (size_t i = 0; i < 4; ++i) {
    const Json& entry = files.tensors()[i];
    size_t count = entry.contains("quantization") ? 1 : sizeof(float);
    for (const int64_t side : entry["shape"]) count *= static_cast<size_t>(side);
    size += count;
  }
  files.tensors().erase(files.tensors().begin(), files.tensors().begin() + 4);
  files.weights.erase(files.weights.begin(),
                      files.weights.begin() + static_cast<std::ptrdiff_t>(size));
  ExpectRefused(files.weights, files.LayoutBytes(), "another number of layers");
}

TEST(DlibWeightsTest, ANumberThatIsNotFiniteIsRefused) {
  DlibFiles files = Files();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  size_t at =
      static_cast<size_t>(7) * 7 * 3 * 32;  // the first tensor is of bytes, the second of float32
  std::memcpy(files.weights.data() + at, &nan, sizeof nan);
  ExpectRefused(files.weights, files.LayoutBytes(), "conv1/bias: a number that is not finite");
}

// ---- the same network in an engine and in dlib --------------------------------------------------

TEST(DlibOnnxTest, TheSameWeightsGiveTheSameBytes) {
  const auto net = ReadDlibWeights(Files().weights, Files().LayoutBytes());
  ASSERT_THAT(net, IsOk());
  const base::Bytes file = DlibNetAsOnnx(*net);
  EXPECT_EQ(file, DlibNetAsOnnx(*net));
  const auto other = MakeDlibFiles(2);
  EXPECT_NE(file, DlibNetAsOnnx(*ReadDlibWeights(other.weights, other.LayoutBytes())));
}

// Layers, strides, padding, where zeros go, red first, means: whatever is not as dlib has it moves
// the answer.
TEST(DlibOnnxTest, EnginesAnswerAsDlibDoes) {
  const auto net = ReadDlibWeights(Files().weights, Files().LayoutBytes());
  ASSERT_THAT(net, IsOk());
  const auto in_dlib = MakeDlibNet(*net);
  ASSERT_THAT(in_dlib, IsOk());
  const inference::ModelSpec spec{
      .name = "dlib",
      .input_shape = {1, 3, kDlibChipSide, kDlibChipSide},
      .output_names = {"output"},
      .output_sizes = {kDlibDimension},
      .pixels = inference::PixelScale{.mean = 0, .factor = kDlibPixelFactor}};
  const base::Bytes file = DlibNetAsOnnx(*net);
  std::vector<std::unique_ptr<inference::Session>> sessions;
  for (const auto& engine : {inference::MakeFastEngine(), inference::MakeReferenceEngine()}) {
    auto session = engine->Load(file, spec);
    ASSERT_THAT(session, IsOk()) << engine->name();
    sessions.push_back(*std::move(session));
  }
  // Colours differ, so that red in the place of blue shows.
  const Picture chips[] = {support::FlatPicture(kDlibChipSide, kDlibChipSide, 200, 90, 20),
                           support::FlatPicture(kDlibChipSide, kDlibChipSide, 0, 0, 0),
                           support::WavyPicture(kDlibChipSide, kDlibChipSide)};
  for (const Picture& chip : chips) {
    const auto expected = (*in_dlib)(chip.bgr);
    ASSERT_THAT(expected, IsOk());
    double squares = 0;
    for (const float x : *expected) squares += static_cast<double>(x) * x;
    EXPECT_GT(squares, 1e-3);
    for (const auto& session : sessions) {
      const auto found = session->RunPixels(chip.bgr);
      ASSERT_THAT(found, IsOk());
      double off = 0;
      for (size_t i = 0; i < expected->size(); ++i) {
        const double d = static_cast<double>((*found)[0].values[i]) - (*expected)[i];
        off += d * d;
      }
      EXPECT_LT(std::sqrt(off / squares), 1e-4);
    }
  }
}

TEST(DlibNetTest, AFileThatIsNoneOfDlibsIsRefused) {
  EXPECT_THAT(ReadDlibNet({}), HasReason("BAD_MODEL"));
  EXPECT_THAT(ReadDlibNet(base::Bytes(1000, 7)), HasReason("BAD_MODEL"));
}

}  // namespace
}  // namespace rollcall::recognition
