#include <opencv2/dnn.hpp>

#include "bench/speed/peers/net.h"
#include "bench/speed/peers/tiny_numbers.h"

namespace rollcall::bench {
namespace {

absl::Status Failed(const std::string& name, const std::exception& e) {
  return base::MakeError(absl::StatusCode::kInternal, "PEER_FAILED",
                         "cv::dnn on " + name + ": " + e.what());
}

class CvNet final : public PeerNet {
 public:
  CvNet(cv::dnn::Net net, const inference::ModelSpec& spec) : net_(std::move(net)), spec_(spec) {
    for (const int64_t side : spec.input_shape) shape_.push_back(static_cast<int>(side));
    names_.assign(spec.output_names.begin(), spec.output_names.end());
  }

  absl::Status Run(std::span<const float> input) override {
    const TinyNumbersAreZero tiny;
    try {
      // cv::dnn copies the input; nothing is written through this view.
      net_.setInput(cv::Mat(shape_, CV_32F, const_cast<float*>(input.data())));
      net_.forward(outputs_, names_);
      return absl::OkStatus();
    } catch (const std::exception& e) {
      return Failed(spec_.name, e);
    }
  }

  std::span<const float> output(size_t i) const override {
    return {outputs_[i].ptr<float>(), outputs_[i].total()};
  }

 private:
  cv::dnn::Net net_;
  const inference::ModelSpec spec_;
  std::vector<int> shape_;
  std::vector<cv::String> names_;
  std::vector<cv::Mat> outputs_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PeerNet>> MakeCvNet(std::span<const uint8_t> onnx,
                                                   const inference::ModelSpec& spec) {
  try {
    cv::setNumThreads(1);
    cv::dnn::Net net =
        cv::dnn::readNetFromONNX(reinterpret_cast<const char*>(onnx.data()), onnx.size());
    net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net.setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
    return std::make_unique<CvNet>(std::move(net), spec);
  } catch (const std::exception& e) {
    return Failed(spec.name, e);
  }
}

}  // namespace rollcall::bench
