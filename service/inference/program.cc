#include "inference/program.h"

#include "inference/convolution_steps.h"
#include "inference/draft.h"
#include "inference/forms.h"
#include "inference/picture_steps.h"
#include "inference/plain_steps.h"

#ifdef __SSE2__
#include <xmmintrin.h>
#endif

namespace rollcall::inference {

absl::StatusOr<std::unique_ptr<Program>> Program::Compile(const Net& net, const Precision& precision) {
  ASSIGN_OR_RETURN(const Forms forms, Forms::Decide(net, precision));
  Draft draft(net, precision, forms);
  RETURN_IF_ERROR(draft.AddInput());
  for (const Layer& layer : net.layers) {
    if (layer.node.has_value() && AddOverPictures(layer, draft)) continue;
    RETURN_IF_ERROR(layer.convolution.has_value() ? AddConvolution(layer, draft) : AddPlain(layer, draft));
  }
  return draft.Finish();
}

namespace {

// While it lives, this thread takes numbers below 1.2e-38 for 0. Trained nets have channels that died, with
// weights and activations around 1e-40, and a processor is a hundred times slower with such numbers: fr_feature
// took 72 ms instead of 3.5.
class FlushTinyNumbers {
 public:
#ifdef __SSE2__
  FlushTinyNumbers() { _mm_setcsr(before_ | kFlushToZero | kDenormalsAreZero); }
  ~FlushTinyNumbers() { _mm_setcsr(before_); }

 private:
  static constexpr unsigned kFlushToZero = 0x8000;
  static constexpr unsigned kDenormalsAreZero = 0x0040;
  const unsigned before_ = _mm_getcsr();
#endif
};

}  // namespace

void Program::RunSteps(std::byte* arena) const {
  const FlushTinyNumbers flush;
  for (const Step& step : steps_) step.run(arena);
}

void Program::Run(std::span<const float> input, std::byte* arena) const {
  ROLLCALL_CHECK(static_cast<int64_t>(input.size()) == Elements(input_shape_));
  take_(input, arena);
  RunSteps(arena);
}

void Program::RunPixels(std::span<const uint8_t> pixels, std::byte* arena) const {
  ROLLCALL_CHECK(take_pixels_ != nullptr && static_cast<int64_t>(pixels.size()) == Elements(input_shape_));
  take_pixels_(pixels, arena);
  RunSteps(arena);
}

std::span<const float> Program::output(size_t i, const std::byte* arena) const {
  return {reinterpret_cast<const float*>(arena + outputs_at_[i]),
          static_cast<size_t>(Elements(output_shapes_[i]))};
}

}  // namespace rollcall::inference
