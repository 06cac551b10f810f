#include <algorithm>
#include <cstring>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/core/version.hpp>
#include <opencv2/dnn.hpp>
#include <utility>

#include "inference/engines.h"
#include "inference/graph.h"
#include "inference/session_checks.h"

namespace rollcall::inference {
namespace {

// Copies a net's output into a tensor of its own.
//
// forward() returns a header onto the net's buffer, and the next forward() writes there: two faces kept
// as cv::Mat would silently become one. This copy is the only way out of the engine.
Tensor CopyOut(const cv::Mat& output) {
  Tensor tensor;
  tensor.shape.assign(output.size.p, output.size.p + output.dims);
  const cv::Mat dense = output.isContinuous() ? output : output.clone();
  const auto* first = dense.ptr<float>();
  tensor.values.assign(first, first + dense.total());
  return tensor;
}

class ReferenceSession final : public Session {
 public:
  ReferenceSession(cv::dnn::Net net, ModelSpec spec)
      : net_(std::move(net)),
        spec_(std::move(spec)),
        names_(spec_.output_names.begin(), spec_.output_names.end()) {
    std::vector<int> shape;
    for (const int64_t side : spec_.input_shape) shape.push_back(static_cast<int>(side));
    input_.create(static_cast<int>(shape.size()), shape.data(), CV_32F);
  }

  absl::StatusOr<std::vector<Tensor>> Run(std::span<const float> input) override {
    RETURN_IF_ERROR(CheckInput(spec_, input));
    try {
      std::memcpy(input_.ptr<float>(), input.data(), input.size_bytes());
      net_.setInput(input_);
      std::vector<cv::Mat> outputs;
      net_.forward(outputs, names_);
      std::vector<Tensor> tensors;
      for (const cv::Mat& output : outputs) {
        if (output.type() != CV_32F) return BadModel(spec_, "an output is not float32");
        tensors.push_back(CopyOut(output));
        RETURN_IF_ERROR(CheckOutput(spec_, tensors.back().values));
      }
      return tensors;
    } catch (const std::exception& e) {
      return base::MakeError(absl::StatusCode::kInternal, "MODEL_FAILED",
                             spec_.name + ": " + e.what());
    }
  }

  absl::StatusOr<std::vector<Tensor>> RunPixels(std::span<const uint8_t> pixels) override {
    RETURN_IF_ERROR(CheckPixels(spec_, pixels));
    const auto channels = static_cast<size_t>(spec_.input_shape[1]);
    const size_t plane = pixels.size() / channels;
    std::vector<float> input(pixels.size());
    for (size_t i = 0; i < plane; ++i) {
      for (size_t c = 0; c < channels; ++c) {
        input[c * plane + i] =
            (static_cast<float>(pixels[i * channels + c]) - spec_.pixels->mean) * spec_.pixels->factor;
      }
    }
    return Run(input);
  }

  const ModelSpec& spec() const override { return spec_; }

 private:
  cv::dnn::Net net_;
  const ModelSpec spec_;
  const std::vector<cv::String> names_;
  cv::Mat input_;
};

// Completes `spec.output_names` from the file, or checks that the file has them.
absl::Status MatchOutputs(const cv::dnn::Net& net, ModelSpec& spec) {
  const std::vector<cv::String> found = net.getUnconnectedOutLayersNames();
  if (spec.output_names.empty()) {
    if (found.size() != 1) {
      return BadModel(spec, "has " + std::to_string(found.size()) + " outputs, expected one");
    }
    spec.output_names.assign(found.begin(), found.end());
  }
  for (const std::string& name : spec.output_names) {
    if (std::find(found.begin(), found.end(), name) == found.end()) {
      return BadModel(spec, "has no output named " + name);
    }
  }
  if (spec.output_sizes.size() != spec.output_names.size()) {
    return BadModel(spec, "the caller expects " + std::to_string(spec.output_sizes.size()) +
                              " outputs and names " + std::to_string(spec.output_names.size()));
  }
  return absl::OkStatus();
}

// Runs the model once on zeros: cv::dnn accepts many a file that fails, or answers in another shape,
// only in forward(), and that must be known at start and not at the first volunteer.
absl::Status TrialRun(Session& session) {
  const ModelSpec& spec = session.spec();
  const std::vector<float> zeros(static_cast<size_t>(Elements(spec.input_shape)), 0.0f);
  const auto outputs = session.Run(zeros);
  if (!outputs.ok()) return BadModel(spec, base::Message(outputs.status()));
  for (size_t i = 0; i < outputs->size(); ++i) {
    const auto size = static_cast<int64_t>((*outputs)[i].values.size());
    if (size != spec.output_sizes[i]) {
      return BadModel(spec, "output " + spec.output_names[i] + " has " + std::to_string(size) +
                                " values, expected " + std::to_string(spec.output_sizes[i]));
    }
  }
  return absl::OkStatus();
}

class ReferenceEngine final : public Engine {
 public:
  std::string name() const override { return std::string("cv::dnn ") + CV_VERSION; }

  absl::StatusOr<std::unique_ptr<Session>> Load(std::span<const uint8_t> onnx,
                                                const ModelSpec& given) override {
    ModelSpec spec = given;
    try {
      // Protobuf refuses nothing as a model, and cv::dnn would go on with an empty net.
      if (onnx.empty()) return BadModel(spec, "the file is empty");
      cv::dnn::Net net =
          cv::dnn::readNetFromONNX(reinterpret_cast<const char*>(onnx.data()), onnx.size());
      if (net.empty()) return BadModel(spec, "not a model");
      net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
      net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
      RETURN_IF_ERROR(MatchOutputs(net, spec));
      auto session = std::make_unique<ReferenceSession>(std::move(net), std::move(spec));
      RETURN_IF_ERROR(TrialRun(*session));
      return session;
    } catch (const std::exception& e) {
      return BadModel(given, e.what());
    }
  }
};

}  // namespace

std::unique_ptr<Engine> MakeReferenceEngine() {
  cv::setNumThreads(1);
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  return std::make_unique<ReferenceEngine>();
}

}  // namespace rollcall::inference
