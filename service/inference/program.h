#ifndef ROLLCALL_INFERENCE_PROGRAM_H_
#define ROLLCALL_INFERENCE_PROGRAM_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "inference/kernels/tile.h"
#include "inference/layers.h"

namespace rollcall::inference {

// A net laid out in memory: steps over one arena, decided once and run many times. Running allocates nothing.
//
// Every value lies in the arena in the form that its reader wants: as a picture (see kernels/tile.h), or
// row-major as ONNX has it where a plain operator reads it. Values whose lives do not overlap share memory.
// Immutable after Compile; an arena belongs to one caller at a time.
class Program {
 public:
  struct Step {
    std::string name;                      // of the layer
    std::string kind;                      // "tile f32", "depthwise f32", "plain Softmax", "to picture" ...
    int64_t macs = 0;
    std::function<void(std::byte*)> run;   // over the arena
  };

  // InvalidArgument, reason BAD_MODEL: a value that is no picture where a convolution reads it.
  static absl::StatusOr<std::unique_ptr<Program>> Compile(const Net& net);

  const Shape& input_shape() const { return input_shape_; }
  const std::vector<Shape>& output_shapes() const { return output_shapes_; }
  size_t arena_bytes() const { return arena_bytes_; }
  const std::vector<Step>& steps() const { return steps_; }

  // `arena`: arena_bytes(), aligned to 64. `input` row-major. After it, output(i, arena) holds the results.
  void Run(std::span<const float> input, std::byte* arena) const;
  std::span<const float> output(size_t i, const std::byte* arena) const;

 private:
  friend class Compiler;
  Program() = default;

  Shape input_shape_;
  std::vector<Shape> output_shapes_;
  size_t input_at_ = 0;
  std::vector<size_t> outputs_at_;
  size_t arena_bytes_ = 0;
  std::vector<Step> steps_;
};

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_PROGRAM_H_
