#ifndef ROLLCALL_INFERENCE_OPERATORS_H_
#define ROLLCALL_INFERENCE_OPERATORS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "inference/graph.h"

// What ONNX's operators mean, written for the reader and not for speed: plain loops over row-major tensors.
// Three things stand on it: shapes, the folding of what is known at load, and the odd node at run time that
// is too rare to deserve a kernel. It is also the oracle of the fast kernels' tests.
//
// Source of every formula: the ONNX operator specification, operator sets 7 to 15.
namespace rollcall::inference {

// One node, understood: its inputs are checked and everything that can be worked out before it runs is.
struct Operation {
  using Floats = std::function<void(std::span<const float* const>, std::span<float* const>)>;
  using Ints = std::function<void(std::span<const int64_t* const>, std::span<int64_t* const>)>;

  std::vector<Shape> shapes;   // of the outputs, in the node's order
  bool is_float = true;        // the outputs' type
  // How many numbers go into each number of the outputs, at most, beyond reading each input once.
  int64_t terms = 1;
  std::optional<Array> known;  // the only output, where it depends on nothing (Constant) or on shapes (Shape)
  // Computes the outputs. A pointer per input of the node, null where one is left out, each to as many
  // numbers as its shape says; outputs overlap no input. Allocates nothing. Thread-safe.
  Floats run;    // null where `known`, or where the outputs are int64
  Ints run_ints; // likewise
};

// Requires that the shapes of the node's inputs are filled in.
// InvalidArgument, reason BAD_MODEL: an operator that is not known (see KnownOperators), inputs or
// attributes that it does not take, or an input that has to be known at load and is not (the new shape of a
// Reshape, the slopes of a PRelu).
absl::StatusOr<Operation> Understand(const Graph& graph, const Node& node);

// What a batch normalisation comes to, for each channel c: y = factors[c] x + offsets[c].
struct Normalisation {
  std::vector<float> factors;
  std::vector<float> offsets;
};
// Requires a BatchNormalization node of five inputs, the first with at least two axes.
// InvalidArgument, reason BAD_MODEL: terms that are not known at load, or not one per channel.
absl::StatusOr<Normalisation> NormalisationOf(const Graph& graph, const Node& node);

// What a Pad puts around its input: for each axis how many before and after, and which number.
struct Padding {
  std::vector<int64_t> before;
  std::vector<int64_t> after;
  float value = 0;
};
// Requires a Pad node that has its first input.
// InvalidArgument, reason BAD_MODEL: a mode other than constant, a number below 0 (that cuts) or above 4096, or numbers
// that are not known at load.
absl::StatusOr<Padding> PaddingOf(const Graph& graph, const Node& node);

// The names that Understand knows, sorted.
std::vector<std::string> KnownOperators();

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_OPERATORS_H_
