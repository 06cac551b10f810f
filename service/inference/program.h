#ifndef ROLLCALL_INFERENCE_PROGRAM_H_
#define ROLLCALL_INFERENCE_PROGRAM_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "inference/layers.h"
#include "inference/quantise.h"
#include "inference/session.h"

namespace rollcall::inference {

// What a net may take once it is laid out: the values of one run, and the weights and tables that all runs share.
// Groups and channels that only pad become zeros, so a small file can ask for very much. The nets of the model pack
// stay below 7 MB of each. No picture has more numbers than an int32 counts.
inline constexpr int64_t kMaxArenaBytes = int64_t{1} << 30;
inline constexpr int64_t kMaxLoadedBytes = int64_t{1} << 29;

// How a net is to be laid out.
struct Precision {
  // What a byte of the input means, where the input is a picture of bytes: then RunPixels works.
  std::optional<PixelScale> pixels = {};
  // Int8, with these ranges: of every value in NarrowValues. Not owned, used by Compile alone.
  const ActivationRanges* ranges = nullptr;
  // Bfloat16. Neither of the two: float32.
  bool bfloat16 = false;
};

// The values that lie in memory as bytes or bfloat16 in a net of that precision: what convolutions read, and what
// depthwise ones write. In the order of their ids.
std::vector<ValueId> NarrowValues(const Net& net);

// A net laid out in memory: steps over one arena, decided once and run many times. Running allocates nothing.
//
// Every value lies in the arena in the form that its reader wants: as a picture (see kernels/tile.h) of floats or of
// bytes, or row-major as ONNX has it where a plain operator reads it. Values whose lives do not overlap share memory.
// Immutable after Compile; an arena belongs to one caller at a time.
class Program {
 public:
  struct Step {
    std::string name;                      // of the layer
    std::string kind;                      // "tile f32", "depthwise int8", "plain Softmax", "to rows" ...
    int64_t macs = 0;
    std::function<void(std::byte*)> run;   // over the arena
  };

  // InvalidArgument, reason BAD_MODEL: a value that is no picture where a convolution reads it, or one of
  // NarrowValues without ranges for each of its channels, or more than kMaxArenaBytes or
  // kMaxLoadedBytes. Requires HasInt8() or HasBf16() where `precision` says so.
  static absl::StatusOr<std::unique_ptr<Program>> Compile(const Net& net, const Precision& precision);

  const Shape& input_shape() const { return input_shape_; }
  const std::vector<Shape>& output_shapes() const { return output_shapes_; }
  size_t arena_bytes() const { return arena_bytes_; }
  const std::vector<Step>& steps() const { return steps_; }

  // `arena`: arena_bytes(), aligned to 64. `input` row-major. After it, output(i, arena) holds the results. Where the
  // net reads bytes, each number is rounded to the nearest byte, which changes nothing if it came from one.
  void Run(std::span<const float> input, std::byte* arena) const;
  // `pixels`: h w c, as many bytes as the input has numbers. Requires precision.pixels and an input of 1 x c x h x w.
  void RunPixels(std::span<const uint8_t> pixels, std::byte* arena) const;
  std::span<const float> output(size_t i, const std::byte* arena) const;

 private:
  friend class Draft;  // which makes it
  Program() = default;
  void RunSteps(std::byte* arena) const;

  Shape input_shape_;
  std::vector<Shape> output_shapes_;
  // Put the input where the steps want it. `take_pixels_` is empty without precision.pixels.
  std::function<void(std::span<const float>, std::byte*)> take_;
  std::function<void(std::span<const uint8_t>, std::byte*)> take_pixels_;
  std::vector<size_t> outputs_at_;
  size_t arena_bytes_ = 0;
  std::vector<Step> steps_;
};

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_PROGRAM_H_
