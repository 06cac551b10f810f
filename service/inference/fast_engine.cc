#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/bytes.h"
#include "base/mutex.h"
#include "inference/engines.h"
#include "inference/fold.h"
#include "inference/onnx_file.h"
#include "inference/program.h"
#include "inference/program_session.h"
#include "inference/session_checks.h"

namespace rollcall::inference {
namespace {

absl::StatusOr<Net> ReadNet(std::span<const uint8_t> onnx, const ModelSpec& spec) {
  ASSIGN_OR_RETURN(Graph graph, ReadOnnx(onnx));
  ASSIGN_OR_RETURN(graph, Fold(std::move(graph), spec.output_names));
  return Fuse(std::move(graph));
}

// Sessions of one engine that load the same bytes in the same way share a program. Thread-safe.
class Programs {
 public:
  using Make = std::function<absl::StatusOr<std::shared_ptr<const Program>>()>;

  absl::StatusOr<std::shared_ptr<const Program>> Of(const base::Sha256Digest& digest, const ModelSpec& spec,
                                                    const Make& make) {
    const PixelScale pixels = spec.pixels.value_or(PixelScale{.mean = 0, .factor = 0});
    const Key key(digest, spec.output_names, pixels.mean, pixels.factor);
    const base::MutexLock lock(mutex_);
    if (auto known = programs_[key].lock()) return known;
    ASSIGN_OR_RETURN(std::shared_ptr<const Program> program, make());
    programs_[key] = program;
    return program;
  }

 private:
  // What two sessions must have in common: the file, where it is cut, and what its input means.
  using Key = std::tuple<base::Sha256Digest, std::vector<std::string>, float, float>;

  base::Mutex mutex_;
  std::map<Key, std::weak_ptr<const Program>> programs_ ABSL_GUARDED_BY(mutex_);
};

class Float32Engine final : public Engine {
 public:
  std::string name() const override { return "rollcall f32"; }

  absl::StatusOr<std::unique_ptr<Session>> Load(std::span<const uint8_t> onnx, const ModelSpec& spec) override {
    const auto make = [&]() -> absl::StatusOr<std::shared_ptr<const Program>> {
      ASSIGN_OR_RETURN(const Net net, ReadNet(onnx, spec));
      return Program::Compile(net, {.pixels = spec.pixels});
    };
    auto program = programs_.Of(base::Sha256(onnx), spec, make);
    if (!program.ok()) return base::Annotate(program.status(), spec.name);
    return MakeProgramSession(*std::move(program), spec);
  }

 private:
  Programs programs_;
};

class NarrowEngine final : public Engine {
 public:
  explicit NarrowEngine(ActivationCalibrations calibrations) : calibrations_(std::move(calibrations)) {}

  std::string name() const override {
    std::set<std::string> precisions;
    for (const auto& [digest, calibration] : calibrations_) {
      const TriedPrecision* chosen = Chosen(calibration);
      if (chosen != nullptr) precisions.insert(chosen->precision == NarrowPrecision::kInt8 ? "int8" : "bf16");
    }
    std::string name = "rollcall";
    for (auto each = precisions.rbegin(); each != precisions.rend(); ++each) name += " " + *each;
    return name;
  }

  absl::StatusOr<std::unique_ptr<Session>> Load(std::span<const uint8_t> onnx, const ModelSpec& spec) override {
    if (spec.full_precision) return BadModel(spec, "is wanted in float32, which this engine is not");
    const base::Sha256Digest digest = base::Sha256(onnx);
    const auto calibration = calibrations_.find(digest);
    if (calibration == calibrations_.end()) return BadModel(spec, "was not calibrated for int8 or bfloat16");
    const TriedPrecision* chosen = Chosen(calibration->second);
    if (chosen == nullptr) {
      return base::MakeError(absl::StatusCode::kFailedPrecondition, "NOT_THIS_PROCESSOR",
                             spec.name + ": this processor lacks AVX-512 with VNNI or BF16");
    }
    Precision precision{.pixels = spec.pixels};
    if (chosen->precision == NarrowPrecision::kInt8) {
      precision.ranges = &calibration->second.ranges;
    } else {
      precision.bfloat16 = true;
    }
    const auto make = [&]() -> absl::StatusOr<std::shared_ptr<const Program>> {
      ASSIGN_OR_RETURN(const Net net, ReadNet(onnx, spec));
      ASSIGN_OR_RETURN(std::shared_ptr<const Program> program, Program::Compile(net, precision));
      RETURN_IF_ERROR(SelfCheck(net, program, calibration->second, chosen->max_error, spec));
      return program;
    };
    auto program = programs_.Of(digest, spec, make);
    if (!program.ok()) return base::Annotate(program.status(), spec.name);
    return MakeProgramSession(*std::move(program), spec, chosen->precision);
  }

 private:
  // The first precision that this processor has; null where it has none of them.
  static const TriedPrecision* Chosen(const ActivationCalibration& calibration) {
    for (const TriedPrecision& tried : calibration.precisions) {
      if (Runs(tried.precision)) return &tried;
    }
    return nullptr;
  }

  // That a processor, a compiler and a calibration together give what float32 gives is known only once it was tried.
  static absl::Status SelfCheck(const Net& net, const std::shared_ptr<const Program>& program,
                                const ActivationCalibration& calibration, float max_error, const ModelSpec& spec) {
    const std::vector<uint8_t> pixels = CheckPictureFor(calibration, program->input_shape());
    if (pixels.empty() || !spec.pixels) return BadModel(spec, "its calibration has no check picture of its size");
    ASSIGN_OR_RETURN(std::shared_ptr<const Program> float32, Program::Compile(net, {.pixels = spec.pixels}));
    ASSIGN_OR_RETURN(const auto wanted, Answer(std::move(float32), spec, pixels));
    ASSIGN_OR_RETURN(const auto got, Answer(program, spec, pixels));
    const float error = RelativeError(got, wanted);
    if (error <= max_error) return absl::OkStatus();
    return BadModel(spec, "the narrow net is off by " + std::to_string(error) + " of float32's answer to the check " +
                              "picture, allowed are " + std::to_string(max_error));
  }

  static absl::StatusOr<std::vector<Tensor>> Answer(std::shared_ptr<const Program> program, const ModelSpec& spec,
                                                    std::span<const uint8_t> pixels) {
    ASSIGN_OR_RETURN(const auto session, MakeProgramSession(std::move(program), spec));
    return session->RunPixels(pixels);
  }

  const ActivationCalibrations calibrations_;
  Programs programs_;
};

}  // namespace

std::unique_ptr<Engine> MakeFastEngine() { return std::make_unique<Float32Engine>(); }

std::unique_ptr<Engine> MakeNarrowEngine(ActivationCalibrations calibrations) {
  return std::make_unique<NarrowEngine>(std::move(calibrations));
}

}  // namespace rollcall::inference
