#ifndef ROLLCALL_INFERENCE_FOLD_H_
#define ROLLCALL_INFERENCE_FOLD_H_

#include <string>
#include <vector>

#include "inference/graph.h"

namespace rollcall::inference {

// Works out everything that does not depend on the input: fills in all shapes, turns nodes that are known at
// load into constants, and drops nodes and constants that no output of `outputs` needs (or of the file, where
// `outputs` is empty). What is left computes the same numbers.
//
// `outputs`: names of values anywhere in the graph; a net can so be cut before its tail, also one that is not
// known. InvalidArgument, reason BAD_MODEL: a node that Understand refuses, an output that is not float32, no
// value of that name, or values of more than 2^27 numbers in all.
absl::StatusOr<Graph> Fold(Graph graph, const std::vector<std::string>& outputs);

// Runs the graph node by node with the plain loops of operators.h. Slow; the oracle of everything faster.
// `input`: as many numbers as the input's shape says. Returns the outputs, in the graph's order.
// Requires a graph from Fold.
absl::StatusOr<std::vector<Array>> Interpret(const Graph& graph, const std::vector<float>& input);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_FOLD_H_
