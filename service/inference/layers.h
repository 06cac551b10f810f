#ifndef ROLLCALL_INFERENCE_LAYERS_H_
#define ROLLCALL_INFERENCE_LAYERS_H_

#include <optional>
#include <string>
#include <vector>

#include "inference/graph.h"
#include "inference/window.h"

namespace rollcall::inference {

// A convolution with everything that can happen to a number before it is written down:
//   y = bend(sum over the window of w x + bias + residual)
//   bend(v) = min(v, top) where v >= 0, else slope[channel] v
// ReLU has slopes of 0, PReLU its own, no activation slopes of 1. A batch normalisation behind the
// convolution is in its weights, and a fully connected layer is one over a picture of one pixel.
struct Convolution {
  Window window = {};
  int64_t in_channels = 0;
  int64_t out_channels = 0;
  int64_t groups = 1;
  std::vector<float> weights = {};  // out_channels x in_channels / groups x window.height x window.width
  std::vector<float> bias = {};     // out_channels
  std::vector<float> slopes = {};   // out_channels, or empty: no activation
  std::optional<float> top = {};   // ReLU6 has 6

  bool is_depthwise() const { return groups == in_channels && groups == out_channels; }
  int64_t macs() const {       // multiplications for one picture
    return out_channels * (in_channels / groups) * window.height * window.width * window.out_height *
           window.out_width;
  }
};

// One step of a net: a convolution, or a node that stays what it was.
struct Layer {
  std::string name;
  std::vector<ValueId> inputs = {}; // of a convolution: the picture, and the residual where it has one
  std::vector<ValueId> outputs = {};
  std::optional<Convolution> convolution = {};
  std::optional<Node> node = {};      // set where `convolution` is not
};

// A net, ready to be laid out: `graph.values` and its inputs and outputs as Fold left them; `layers` instead
// of graph.nodes, in an order in which they can run.
struct Net {
  Graph graph;
  std::vector<Layer> layers;
};

// Turns nodes into layers: convolutions, fully connected layers, lone batch normalisations, means over windows and zeros
// around a picture or behind its channels become Convolutions, and take in what follows them alone: batch normalisation, multiplication with and addition of
// constants, ReLU, leaky ReLU, PReLU, Clip from 0, and the addition of an earlier value. The values computed
// are the same but for rounding. Requires a graph from Fold.
// InvalidArgument, reason BAD_MODEL: attributes that Understand would refuse.
absl::StatusOr<Net> Fuse(Graph graph);

}  // namespace rollcall::inference

#endif  // ROLLCALL_INFERENCE_LAYERS_H_
