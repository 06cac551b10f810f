#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/mutex.h"
#include "inference/calibration.h"
#include "inference/engines.h"
#include "inference/fold.h"
#include "inference/layers.h"
#include "inference/onnx_file.h"
#include "inference/program.h"
#include "inference/program_session.h"
#include "inference/session_checks.h"

namespace rollcall::inference {
namespace {

// How much wider than what was seen a range is made: other faces reach a little further. Cutting off costs more than
// coarser steps do: ranges of five standard deviations gave fr_feature six times the error.
constexpr double kMargin = 1.05;

// What is known of one model. Thread-safe.
class Observation {
 public:
  Observation(std::span<const uint8_t> onnx, ModelSpec spec, std::vector<std::string> names)
      : onnx_(onnx.begin(), onnx.end()), spec_(std::move(spec)), names_(std::move(names)) {}

  const base::Bytes& onnx() const { return onnx_; }
  const ModelSpec& spec() const { return spec_; }

  // `activations`: one for each of the names, 1 x c x ...
  void Add(std::span<const uint8_t> pixels, std::span<const Tensor> activations) {
    const base::MutexLock lock(mutex_);
    for (size_t i = 0; i < names_.size(); ++i) Add(activations[i], channels_[names_[i]]);
    AddToMean(pixels);
    ++inputs_;
  }

  ActivationCalibration Result() const {
    const base::MutexLock lock(mutex_);
    ActivationCalibration result{.precisions = {}, .ranges = {}, .inputs = inputs_, .check_picture = {}};
    for (const auto& [name, channels] : channels_) {
      for (const Channel& channel : channels) result.ranges[name].push_back(channel.range());
    }
    constexpr double kPixels = kCheckPictureShrink * kCheckPictureShrink;
    for (const double sum : sums_) {
      result.check_picture.push_back(
          static_cast<uint8_t>(std::lround(sum / kPixels / static_cast<double>(std::max<int64_t>(1, inputs_)))));
    }
    return result;
  }

 private:
  // One channel of an activation over all inputs.
  struct Channel {
    double low = 0, high = 0, sum = 0;
    int64_t count = 0;

    void Add(float number) {
      low = std::min<double>(low, number);
      high = std::max<double>(high, number);
      sum += number;
      ++count;
    }

    Range range() const {
      return {.low = static_cast<float>(low * kMargin),
              .high = static_cast<float>(high * kMargin),
              .mean = static_cast<float>(sum / static_cast<double>(std::max<int64_t>(1, count)))};
    }
  };

  static void Add(const Tensor& activation, std::vector<Channel>& channels) {
    channels.resize(static_cast<size_t>(activation.shape[1]));
    const size_t plane = activation.values.size() / channels.size();
    for (size_t i = 0; i < activation.values.size(); ++i) channels[i / plane].Add(activation.values[i]);
  }

  void AddToMean(std::span<const uint8_t> pixels) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto channels = static_cast<size_t>(spec_.input_shape[1]);
    const auto width = static_cast<size_t>(spec_.input_shape[3]);
    constexpr size_t kShrink = kCheckPictureShrink;
    const size_t small_width = width / kShrink;
    const size_t small_height = static_cast<size_t>(spec_.input_shape[2]) / kShrink;
    sums_.resize(channels * small_width * small_height);
    for (size_t y = 0; y < small_height * kShrink; ++y) {
      for (size_t x = 0; x < small_width * kShrink; ++x) {
        for (size_t c = 0; c < channels; ++c) {
          sums_[(y / kShrink * small_width + x / kShrink) * channels + c] += pixels[(y * width + x) * channels + c];
        }
      }
    }
  }

  const base::Bytes onnx_;
  const ModelSpec spec_;
  const std::vector<std::string> names_;
  mutable base::Mutex mutex_;
  std::map<std::string, std::vector<Channel>> channels_ ABSL_GUARDED_BY(mutex_);
  std::vector<double> sums_ ABSL_GUARDED_BY(mutex_);  // of the pixels, over blocks
  int64_t inputs_ ABSL_GUARDED_BY(mutex_) = 0;
};

class ObservingSession final : public Session {
 public:
  ObservingSession(std::unique_ptr<Session> session, std::shared_ptr<Observation> observation)
      : session_(std::move(session)), observation_(std::move(observation)) {}

  absl::StatusOr<std::vector<Tensor>> Run(std::span<const float> input) override {
    ASSIGN_OR_RETURN(auto tensors, session_->Run(input));
    tensors.resize(spec().output_sizes.size());
    return tensors;
  }

  absl::StatusOr<std::vector<Tensor>> RunPixels(std::span<const uint8_t> pixels) override {
    ASSIGN_OR_RETURN(auto tensors, session_->RunPixels(pixels));
    observation_->Add(pixels, std::span(tensors).subspan(spec().output_sizes.size()));
    tensors.resize(spec().output_sizes.size());
    return tensors;
  }

  const ModelSpec& spec() const override { return observation_->spec(); }

 private:
  const std::unique_ptr<Session> session_;  // answers with the activations behind the outputs
  const std::shared_ptr<Observation> observation_;
};

class Observer final : public ObservingEngine {
 public:
  std::string name() const override { return "rollcall f32, observed"; }

  absl::StatusOr<std::unique_ptr<Session>> Load(std::span<const uint8_t> onnx, const ModelSpec& spec) override {
    if (!spec.pixels) return MakeFastEngine()->Load(onnx, spec);
    ASSIGN_OR_RETURN(Graph graph, ReadOnnx(onnx));
    std::vector<std::string> outputs = spec.output_names;
    if (outputs.empty()) {
      for (const ValueId id : graph.outputs) outputs.push_back(graph.values[id].name);
    }
    ASSIGN_OR_RETURN(Graph folded, Fold(graph, outputs));
    ASSIGN_OR_RETURN(const Net net, Fuse(std::move(folded)));
    std::vector<std::string> names;
    std::vector<int64_t> sizes = spec.output_sizes;
    for (const ValueId id : NarrowValues(net)) {
      if (id == net.graph.input) continue;
      names.push_back(net.graph.values[id].name);
      sizes.push_back(Elements(net.graph.shape(id)));
    }
    ModelSpec wide = spec;
    wide.output_names = outputs;
    wide.output_names.insert(wide.output_names.end(), names.begin(), names.end());
    wide.output_sizes = std::move(sizes);
    ASSIGN_OR_RETURN(auto session, MakeFastEngine()->Load(onnx, wide));
    const base::MutexLock lock(mutex_);
    auto& observation = observations_[base::Sha256(onnx)];
    if (!observation) observation = std::make_shared<Observation>(onnx, spec, std::move(names));
    return std::make_unique<ObservingSession>(std::move(session), observation);
  }

  absl::StatusOr<ActivationCalibrations> Calibrations(
      const std::map<std::string, std::vector<NarrowPrecision>>& precisions) const override {
    const base::MutexLock lock(mutex_);
    ActivationCalibrations all;
    for (const auto& [digest, observation] : observations_) {
      const auto wanted = precisions.find(observation->spec().name);
      if (wanted == precisions.end()) continue;
      ActivationCalibration calibration = observation->Result();
      if (calibration.inputs == 0) continue;
      for (const NarrowPrecision precision : wanted->second) {
        ASSIGN_OR_RETURN(const float error, ErrorOf(*observation, digest, calibration, precision));
        calibration.precisions.push_back({precision, std::max(0.01f, 2 * error)});
      }
      const auto is_int8 = [](NarrowPrecision precision) { return precision == NarrowPrecision::kInt8; };
      if (std::none_of(wanted->second.begin(), wanted->second.end(), is_int8)) calibration.ranges.clear();
      all[digest] = std::move(calibration);
    }
    return all;
  }

 private:
  // Of the model in that precision on its check picture.
  static absl::StatusOr<float> ErrorOf(const Observation& model, const base::Sha256Digest& digest,
                                       const ActivationCalibration& calibration, NarrowPrecision precision) {
    ActivationCalibration open = calibration;
    open.precisions = {{precision, HUGE_VALF}};
    ASSIGN_OR_RETURN(const auto narrow, MakeNarrowEngine({{digest, open}})->Load(model.onnx(), model.spec()));
    ASSIGN_OR_RETURN(const auto float32, MakeFastEngine()->Load(model.onnx(), model.spec()));
    const std::vector<uint8_t> pixels = CheckPictureFor(calibration, model.spec().input_shape);
    ASSIGN_OR_RETURN(const auto got, narrow->RunPixels(pixels));
    ASSIGN_OR_RETURN(const auto wanted, float32->RunPixels(pixels));
    return RelativeError(got, wanted);
  }

  mutable base::Mutex mutex_;
  std::map<base::Sha256Digest, std::shared_ptr<Observation>> observations_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<ObservingEngine> MakeObservingEngine() { return std::make_unique<Observer>(); }

}  // namespace rollcall::inference
