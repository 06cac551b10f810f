#include <utility>

#include "inference/session.h"

namespace rollcall::inference {
namespace {

class ServiceEngine final : public Engine {
 public:
  explicit ServiceEngine(OnFallback on_fallback) : on_fallback_(std::move(on_fallback)) {}

  std::string name() const override { return fast_->name(); }

  absl::StatusOr<std::unique_ptr<Session>> Load(std::span<const uint8_t> onnx, const ModelSpec& spec) override {
    auto session = fast_->Load(onnx, spec);
    if (session.ok()) return session;
    auto slower = reference_->Load(onnx, spec);
    if (!slower.ok()) return slower.status();
    if (on_fallback_) on_fallback_(spec.name, session.status());
    return slower;
  }

 private:
  const std::unique_ptr<Engine> fast_ = MakeFastEngine();
  const std::unique_ptr<Engine> reference_ = MakeReferenceEngine();
  const OnFallback on_fallback_;
};

}  // namespace

std::unique_ptr<Engine> MakeServiceEngine(OnFallback on_fallback) {
  return std::make_unique<ServiceEngine>(std::move(on_fallback));
}

}  // namespace rollcall::inference
