#include "recognition/dlib_weights.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>

namespace rollcall::recognition {
namespace {

using Convolution = DlibWeights::Convolution;

absl::Status BadWeights(const std::string& what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_MODEL", "dlib-resnet: " + what);
}

// ---- the two files ----------------------------------------------------------------------------

struct Tensor {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> values;
};

// How many numbers the tensor has; more than the file could hold are refused.
absl::StatusOr<size_t> CountOf(const Tensor& tensor, const base::Bytes& bytes) {
  if (tensor.shape.empty()) return BadWeights(tensor.name + ": no shape");
  size_t count = 1;
  for (const int64_t side : tensor.shape) {
    if (side < 1 || side > 4096) return BadWeights(tensor.name + ": impossible shape");
    count *= static_cast<size_t>(side);
    if (count > bytes.size()) return BadWeights(tensor.name + ": larger than the file");
  }
  return count;
}

// Reads the next tensor: `bytes` from `at`.
absl::StatusOr<Tensor> ReadTensor(const nlohmann::json& entry, const base::Bytes& bytes,
                                  size_t& at) {
  Tensor tensor{entry.at("name"), entry.at("shape"), {}};
  ASSIGN_OR_RETURN(const size_t count, CountOf(tensor, bytes));
  const bool quantised = entry.contains("quantization");
  const size_t size = quantised ? count : count * sizeof(float);
  if (bytes.size() - at < size) return BadWeights(tensor.name + ": beyond the end of the file");
  tensor.values.resize(count);
  if (quantised) {
    const auto& how = entry.at("quantization");
    if (how.at("dtype") != "uint8") return BadWeights(tensor.name + ": not uint8");
    const double scale = how.at("scale");
    const double min = how.at("min");
    for (size_t i = 0; i < count; ++i) {
      tensor.values[i] = static_cast<float>(bytes[at + i] * scale + min);
    }
  } else {
    std::memcpy(tensor.values.data(), bytes.data() + at, size);
  }
  at += size;
  const bool finite = std::all_of(tensor.values.begin(), tensor.values.end(),
                                  [](float value) { return std::isfinite(value); });
  return finite ? absl::StatusOr<Tensor>(std::move(tensor))
                : BadWeights(tensor.name + ": a number that is not finite");
}

absl::StatusOr<std::vector<Tensor>> ReadTensors(const base::Bytes& bytes,
                                                const base::Bytes& layout) {
  const auto json = nlohmann::json::parse(layout.begin(), layout.end());
  std::vector<Tensor> all;
  size_t at = 0;
  for (const auto& entry : json.at(0).at("weights")) {
    ASSIGN_OR_RETURN(Tensor tensor, ReadTensor(entry, bytes, at));
    all.push_back(std::move(tensor));
  }
  if (at != bytes.size()) return BadWeights("the file is longer than its layout says");
  return all;
}

// ---- the network's layers ---------------------------------------------------------------------

// The convolutions as they must be, without numbers.
std::vector<Convolution> ExpectedConvolutions() {
  std::vector<Convolution> all;
  int64_t channels = 3;
  const auto add = [&](int64_t outputs, int64_t side, int count) {
    for (int i = 0; i < count; ++i) {
      all.push_back({outputs, channels, side, {}, {}});
      channels = outputs;
    }
  };
  add(32, 7, 1);
  add(32, 3, 6);   // three blocks of two
  add(64, 3, 8);   // a block that halves the picture, and three
  add(128, 3, 6);  // the same and two
  add(256, 3, 8);  // the same and two, and one more that halves it
  return all;
}

std::string Text(const std::vector<int64_t>& shape) {
  std::string text;
  for (const int64_t side : shape) text += (text.empty() ? "" : " x ") + std::to_string(side);
  return text;
}

absl::Status ExpectShape(const Tensor& tensor, const std::vector<int64_t>& expected) {
  if (tensor.shape == expected) return absl::OkStatus();
  return BadWeights(tensor.name + ": " + Text(tensor.shape) + " instead of " + Text(expected));
}

// Fills `convolution`, which has its sizes, from its four tensors: filters, bias, and the factor
// and the offset of the scale that follows.
absl::Status Fill(std::span<const Tensor, 4> tensors, Convolution& convolution) {
  const Tensor& filters = tensors[0];
  const Tensor& bias = tensors[1];
  const Tensor& factor = tensors[2];
  const Tensor& offset = tensors[3];
  const int64_t side = convolution.side;
  RETURN_IF_ERROR(ExpectShape(filters, {side, side, convolution.inputs, convolution.outputs}));
  for (const Tensor* each : {&bias, &factor, &offset}) {
    RETURN_IF_ERROR(ExpectShape(*each, {convolution.outputs}));
  }
  const auto inputs = static_cast<size_t>(convolution.inputs);
  const auto outputs = static_cast<size_t>(convolution.outputs);
  const auto pixels = static_cast<size_t>(side * side);
  convolution.filters.resize(filters.values.size());
  for (size_t from = 0; from < filters.values.size(); ++from) {
    const size_t o = from % outputs;
    const size_t i = from / outputs % inputs;
    const size_t pixel = from / outputs / inputs;
    convolution.filters[(o * inputs + i) * pixels + pixel] =
        filters.values[from] * factor.values[o];
  }
  for (size_t o = 0; o < outputs; ++o) {
    convolution.bias.push_back(bias.values[o] * factor.values[o] + offset.values[o]);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<DlibWeights> ReadDlibWeights(const base::Bytes& weights, const base::Bytes& layout) {
  try {
    ASSIGN_OR_RETURN(std::vector<Tensor> tensors, ReadTensors(weights, layout));
    DlibWeights net{ExpectedConvolutions(), {}};
    if (tensors.size() != 4 * net.convolutions.size() + 1) {
      return BadWeights("another number of layers");
    }
    for (size_t i = 0; i < net.convolutions.size(); ++i) {
      RETURN_IF_ERROR(Fill(std::span<const Tensor, 4>(&tensors[4 * i], 4), net.convolutions[i]));
    }
    RETURN_IF_ERROR(ExpectShape(tensors.back(), {net.convolutions.back().outputs, kDlibDimension}));
    net.matrix = std::move(tensors.back().values);
    return net;
  } catch (const std::exception& e) {  // JSON that is none, or that lacks a key
    return BadWeights(e.what());
  }
}

}  // namespace rollcall::recognition
