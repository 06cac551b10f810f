#ifndef ROLLCALL_INFERENCE_FOLD_H_
#define ROLLCALL_INFERENCE_FOLD_H_

#include <string>
#include <vector>

#include "inference/graph.h"

namespace rollcall::inference {

// What a file may ask for. A file of some hundred bytes can make a large tensor out of a small one, by padding and by
// adding a row to a column, and multiply two of them: one of 281 bytes took more than 95 s to load. The nets of the pack
// need at most 2^15 numbers at load, 2^24 in all, and 2^28 products.
inline constexpr int64_t kMaxFolded = int64_t{1} << 24;         // numbers of the constants worked out at load: 128 MB
inline constexpr int64_t kMaxFoldingSteps = int64_t{1} << 28;   // products in working them out: about a second
inline constexpr int64_t kMaxTotalElements = int64_t{1} << 27;  // that all nodes make, and constants they read: 512 MB
inline constexpr int64_t kMaxTotalSteps = int64_t{1} << 37;     // products in one run: some seconds with the fast loops

// Works out everything that does not depend on the input: fills in all shapes, turns nodes that are known at
// load into constants, and drops nodes and constants that no output of `outputs` needs (or of the file, where
// `outputs` is empty). What is left computes the same numbers.
//
// `outputs`: names of values anywhere in the graph; a net can so be cut before its tail, also one that is not
// known. InvalidArgument, reason BAD_MODEL: a node that Understand refuses, an output that is not float32, no
// value of that name, or more than one of the limits above; the message names the node at which it is exceeded.
absl::StatusOr<Graph> Fold(Graph graph, const std::vector<std::string>& outputs);

// Runs the graph node by node with the plain loops of operators.h. Slow; the oracle of everything faster.
// `input`: as many numbers as the input's shape says. Returns the outputs, in the graph's order.
// Requires a graph from Fold.
absl::StatusOr<std::vector<Array>> Interpret(const Graph& graph, const std::vector<float>& input);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_FOLD_H_
