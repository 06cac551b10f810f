#include "inference/program_session.h"

#include <algorithm>
#include <utility>

#include "inference/session_checks.h"

namespace rollcall::inference {
namespace {

class ProgramSession final : public Session {
 public:
  ProgramSession(std::shared_ptr<const Program> program, ModelSpec spec, std::optional<NarrowPrecision> narrow)
      : program_(std::move(program)),
        spec_(std::move(spec)),
        narrow_(narrow),
        arena_(hwy::AllocateAligned<std::byte>(program_->arena_bytes())) {
    std::fill_n(arena_.get(), program_->arena_bytes(), std::byte{0});
  }

  absl::StatusOr<std::vector<Tensor>> Run(std::span<const float> input) override {
    RETURN_IF_ERROR(CheckInput(spec_, input));
    program_->Run(input, arena_.get());
    return Outputs();
  }

  absl::StatusOr<std::vector<Tensor>> RunPixels(std::span<const uint8_t> pixels) override {
    RETURN_IF_ERROR(CheckPixels(spec_, pixels));
    program_->RunPixels(pixels, arena_.get());
    return Outputs();
  }

  const ModelSpec& spec() const override { return spec_; }
  std::optional<NarrowPrecision> narrow() const override { return narrow_; }

 private:
  absl::StatusOr<std::vector<Tensor>> Outputs() const {
    std::vector<Tensor> tensors;
    for (size_t i = 0; i < program_->output_shapes().size(); ++i) {
      const std::span<const float> output = program_->output(i, arena_.get());
      RETURN_IF_ERROR(CheckOutput(spec_, output));
      tensors.push_back({program_->output_shapes()[i], std::vector<float>(output.begin(), output.end())});
    }
    return tensors;
  }

  const std::shared_ptr<const Program> program_;
  const ModelSpec spec_;
  const std::optional<NarrowPrecision> narrow_;
  kernels::Aligned<std::byte> arena_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Session>> MakeProgramSession(std::shared_ptr<const Program> program,
                                                            const ModelSpec& spec,
                                                            std::optional<NarrowPrecision> narrow) {
  if (program->input_shape() != spec.input_shape) return BadModel(spec, "an input of another shape");
  if (program->output_shapes().size() != spec.output_sizes.size()) {
    return BadModel(spec, "has " + std::to_string(program->output_shapes().size()) + " outputs, expected " +
                              std::to_string(spec.output_sizes.size()));
  }
  for (size_t i = 0; i < spec.output_sizes.size(); ++i) {
    const int64_t size = Elements(program->output_shapes()[i]);
    if (size != spec.output_sizes[i]) {
      return BadModel(spec, "output " + std::to_string(i) + " has " + std::to_string(size) +
                                " values, expected " + std::to_string(spec.output_sizes[i]));
    }
  }
  return std::make_unique<ProgramSession>(std::move(program), spec, narrow);
}

}  // namespace rollcall::inference
