#include <set>
#include <utility>

#include "base/bytes.h"
#include "inference/engines.h"

namespace rollcall::inference {
namespace {

class ServiceEngine final : public Engine {
 public:
  ServiceEngine(ActivationCalibrations calibrations, OnFallback on_fallback)
      : on_fallback_(std::move(on_fallback)) {
    for (auto& [digest, calibration] : calibrations) {
      std::erase_if(calibration.precisions, [](const TriedPrecision& tried) { return !Pays(tried.precision); });
      if (!calibration.precisions.empty()) calibrated_.insert(digest);
    }
    narrow_ = MakeNarrowEngine(std::move(calibrations));
  }

  std::string name() const override { return calibrated_.empty() ? float32_->name() : narrow_->name(); }

  absl::StatusOr<std::unique_ptr<Session>> Load(std::span<const uint8_t> onnx, const ModelSpec& spec) override {
    if (!spec.full_precision && calibrated_.contains(base::Sha256(onnx))) {
      auto session = narrow_->Load(onnx, spec);
      if (session.ok()) return session;
      Tell(spec.name, session.status());
    }
    auto session = float32_->Load(onnx, spec);
    if (session.ok()) return session;
    auto slower = reference_->Load(onnx, spec);
    if (slower.ok()) Tell(spec.name, session.status());
    return slower;
  }

 private:
  void Tell(const std::string& model, const absl::Status& why) const {
    if (on_fallback_) on_fallback_(model, why);
  }

  std::set<base::Sha256Digest> calibrated_;  // and within what the processor can do
  std::unique_ptr<Engine> narrow_;
  const std::unique_ptr<Engine> float32_ = MakeFastEngine();
  const std::unique_ptr<Engine> reference_ = MakeReferenceEngine();
  const OnFallback on_fallback_;
};

}  // namespace

std::unique_ptr<Engine> MakeServiceEngine(ActivationCalibrations calibrations, OnFallback on_fallback) {
  return std::make_unique<ServiceEngine>(std::move(calibrations), std::move(on_fallback));
}

}  // namespace rollcall::inference
