#include "inference/program.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <set>
#include <utility>

#ifdef __SSE2__
#include <xmmintrin.h>
#endif

#include "inference/arena_plan.h"
#include "inference/operators.h"

namespace rollcall::inference {
namespace {

using kernels::Geometry;
using kernels::PaddedChannels;
using kernels::PictureLayout;

// A value seen as a picture: 1 x c x h x w, or 1 x c as a picture of one pixel. False for anything else.
bool AsPicture(const Shape& shape, PictureLayout& layout, int64_t& channels) {
  if ((shape.size() != 4 && shape.size() != 2) || shape[0] != 1) return false;
  channels = shape[1];
  layout.channels = PaddedChannels(channels);
  layout.height = shape.size() == 4 ? shape[2] : 1;
  layout.width = shape.size() == 4 ? shape[3] : 1;
  return layout.height > 0 && layout.width > 0 && channels > 0;
}

// Widens the frame of the picture that `window` slides over to what the window reaches.
void WidenFrame(const Window& w, PictureLayout& layout) {
  const int64_t reach_y = (w.out_height - 1) * w.stride_y - w.top + (w.height - 1) * w.dilation_y;
  const int64_t reach_x = (w.out_width - 1) * w.stride_x - w.left + (w.width - 1) * w.dilation_x;
  layout.top = std::max(layout.top, w.top);
  layout.left = std::max(layout.left, w.left);
  layout.bottom = std::max(layout.bottom, reach_y - (layout.height - 1));
  layout.right = std::max(layout.right, reach_x - (layout.width - 1));
}

Geometry MakeGeometry(const Window& w, const PictureLayout& in, const PictureLayout& out,
                      const PictureLayout* residual) {
  Geometry g;
  g.width = w.out_width;
  g.step = w.stride_x * in.channels;
  g.depth = in.channels;
  g.columns = out.channels;
  for (int64_t y = 0; y < w.out_height; ++y) {
    for (int64_t x = 0; x < w.out_width; ++x) {
      g.in.push_back(static_cast<int32_t>(in.offset(y * w.stride_y - w.top, x * w.stride_x - w.left)));
      g.out.push_back(static_cast<int32_t>(out.offset(y, x)));
      if (residual != nullptr) g.residual.push_back(static_cast<int32_t>(residual->offset(y, x)));
    }
  }
  for (int64_t y = 0; y < w.height; ++y) {
    for (int64_t x = 0; x < w.width; ++x) {
      g.taps.push_back(static_cast<int32_t>(y * w.dilation_y * in.row() + x * w.dilation_x * in.channels));
    }
  }
  return g;
}

// Weights as rows of taps x padded depth, one per padded column; groups become zeros between the groups.
std::vector<float> DenseWeights(const Convolution& c, const Geometry& g) {
  const auto taps = static_cast<int64_t>(g.taps.size());
  const int64_t depth = c.in_channels / c.groups;
  std::vector<float> dense(static_cast<size_t>(g.columns * taps * g.depth), 0.0f);
  for (int64_t out = 0; out < c.out_channels; ++out) {
    const int64_t first = out / (c.out_channels / c.groups) * depth;
    for (int64_t k = 0; k < depth; ++k) {
      for (int64_t tap = 0; tap < taps; ++tap) {
        dense[static_cast<size_t>((out * taps + tap) * g.depth + first + k)] =
            c.weights[static_cast<size_t>((out * depth + k) * taps + tap)];
      }
    }
  }
  return dense;
}

// Where the pixels of a window's row lie side by side without padding, they are one tap of greater depth. The order
// of the weights stays what it was.
void JoinTaps(const Window& w, const PictureLayout& in, Geometry& g) {
  if (w.width == 1 || w.dilation_x != 1 || in.channels != g.depth) return;
  std::vector<int32_t> rows;
  for (size_t tap = 0; tap < g.taps.size(); tap += static_cast<size_t>(w.width)) rows.push_back(g.taps[tap]);
  g.taps = std::move(rows);
  g.depth *= w.width;
}

// Depthwise weights as taps x padded columns.
std::vector<float> TapWeights(const Convolution& c, const Geometry& g) {
  const size_t taps = g.taps.size();
  const auto columns = static_cast<size_t>(g.columns);
  std::vector<float> weights(taps * columns, 0.0f);
  for (size_t channel = 0; channel < static_cast<size_t>(c.out_channels); ++channel) {
    for (size_t tap = 0; tap < taps; ++tap) weights[tap * columns + channel] = c.weights[channel * taps + tap];
  }
  return weights;
}

kernels::Aligned<float> AlignedCopy(const std::vector<float>& from, size_t size) {
  auto copy = hwy::AllocateAligned<float>(size);
  std::fill(std::copy(from.begin(), from.end(), copy.get()), copy.get() + size, 0.0f);
  return copy;
}

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

void ZeroFrame(const PictureLayout& p, float* picture) {
  const auto zero = [picture](int64_t from, int64_t to) {
    std::memset(picture + from, 0, static_cast<size_t>(to - from) * sizeof(float));
  };
  zero(0, p.offset(0, -p.left));
  for (int64_t y = 0; y < p.height; ++y) {
    zero(p.offset(y, -p.left), p.offset(y, 0));
    zero(p.offset(y, p.width), p.offset(y + 1, -p.left));
  }
  zero(p.offset(p.height, -p.left), p.size());
}

void ToPicture(const PictureLayout& p, int64_t channels, const float* rows, float* picture) {
  ZeroFrame(p, picture);
  const int64_t plane = p.height * p.width;
  for (int64_t y = 0; y < p.height; ++y) {
    for (int64_t x = 0; x < p.width; ++x) {
      float* pixel = picture + p.offset(y, x);
      const float* from = rows + y * p.width + x;
      for (int64_t c = 0; c < channels; ++c) pixel[c] = from[c * plane];
      for (int64_t c = channels; c < p.channels; ++c) pixel[c] = 0;
    }
  }
}

void ToRows(const PictureLayout& p, int64_t channels, const float* picture, float* rows) {
  const int64_t plane = p.height * p.width;
  for (int64_t y = 0; y < p.height; ++y) {
    for (int64_t x = 0; x < p.width; ++x) {
      const float* pixel = picture + p.offset(y, x);
      float* to = rows + y * p.width + x;
      for (int64_t c = 0; c < channels; ++c) to[c * plane] = pixel[c];
    }
  }
}

}  // namespace

// Decides the form of each value and writes the steps down.
class Compiler {
 public:
  explicit Compiler(const Net& net) : net_(net), program_(new Program) {}

  absl::StatusOr<std::unique_ptr<Program>> Run() {
    const Graph& graph = net_.graph;
    for (const Layer& layer : net_.layers) {
      if (!layer.convolution.has_value()) continue;
      PictureLayout& frame = frames_[layer.inputs[0]];
      int64_t channels = 0;
      if (AsPicture(graph.shape(layer.inputs[0]), frame, channels)) WidenFrame(layer.convolution->window, frame);
      if (layer.convolution->is_depthwise()) by_vectors_.insert(layer.inputs[0]);
      if (layer.inputs.size() > 1) by_vectors_.insert(layer.inputs[1]);
    }
    program_->input_shape_ = graph.shape(graph.input);
    rows_[graph.input] = AddPiece(graph.input);
    for (const Layer& layer : net_.layers) {
      RETURN_IF_ERROR(layer.convolution.has_value() ? AddConvolution(layer) : AddPlain(layer));
    }
    std::vector<size_t> outputs;
    for (const ValueId id : graph.outputs) {
      ASSIGN_OR_RETURN(const size_t piece, Rows(id));
      outputs.push_back(piece);
      program_->output_shapes_.push_back(graph.shape(id));
    }
    for (const size_t piece : outputs) pieces_[piece].last = program_->steps_.size();
    program_->arena_bytes_ = PlanArena(pieces_) + 64;  // kernels may read a register beyond the end
    for (const Piece& piece : pieces_) offsets_->push_back(piece.offset);
    program_->input_at_ = pieces_[rows_.at(graph.input)].offset;
    for (const size_t piece : outputs) program_->outputs_at_.push_back(pieces_[piece].offset);
    return std::move(program_);
  }

 private:
  static constexpr size_t kMaxOperands = 64;
  using Pointers = std::array<const float*, kMaxOperands>;

  struct Picture {
    size_t piece = 0;
    PictureLayout layout;
    int64_t channels = 0;
  };

  size_t AddBytes(size_t bytes) {
    pieces_.push_back({.bytes = bytes, .first = program_->steps_.size(), .last = program_->steps_.size(), .offset = 0});
    return pieces_.size() - 1;
  }
  size_t AddPiece(ValueId id) {
    return AddBytes(static_cast<size_t>(Elements(net_.graph.shape(id))) * sizeof(float));
  }

  // Where a piece lies once all are placed.
  auto Place(size_t piece) const {
    return [offsets = offsets_, piece](std::byte* arena) {
      return reinterpret_cast<float*>(arena + (*offsets)[piece]);
    };
  }

  void AddStep(const Layer& layer, std::string kind, int64_t macs, std::vector<size_t> reads,
               std::function<void(std::byte*)> run) {
    for (const size_t piece : reads) pieces_[piece].last = program_->steps_.size();
    program_->steps_.push_back({.name = layer.name, .kind = std::move(kind), .macs = macs, .run = std::move(run)});
  }

  absl::StatusOr<Picture> NewPicture(ValueId id) {
    Picture picture;
    const auto frame = frames_.find(id);
    if (frame != frames_.end()) picture.layout = frame->second;
    const bool padded = AsPicture(net_.graph.shape(id), picture.layout, picture.channels);
    if (padded && id == net_.graph.input && !by_vectors_.contains(id)) {
      picture.layout.channels = picture.channels;  // three numbers a pixel and not sixteen
    }
    if (!padded) {
      return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_MODEL",
                             "value " + net_.graph.values[id].name + " is no picture, and a convolution reads it");
    }
    picture.piece = AddBytes(static_cast<size_t>(picture.layout.size()) * sizeof(float));
    pictures_[id] = picture;
    return picture;
  }

  // `id` as a picture, turned into one first where it is none yet.
  absl::StatusOr<Picture> PictureOf(ValueId id) {
    if (const auto found = pictures_.find(id); found != pictures_.end()) return found->second;
    const auto rows = rows_.find(id);
    ROLLCALL_CHECK(rows != rows_.end());
    ASSIGN_OR_RETURN(const Picture picture, NewPicture(id));
    AddStep({.name = net_.graph.values[id].name}, "to picture", 0, {rows->second},
            [picture, from = Place(rows->second), to = Place(picture.piece)](std::byte* arena) {
              ToPicture(picture.layout, picture.channels, from(arena), to(arena));
            });
    return picture;
  }

  // `id` row-major.
  absl::StatusOr<size_t> Rows(ValueId id) {
    if (const auto found = rows_.find(id); found != rows_.end()) return found->second;
    const auto found = pictures_.find(id);
    ROLLCALL_CHECK(found != pictures_.end());
    const Picture picture = found->second;
    const size_t piece = AddPiece(id);
    rows_[id] = piece;
    AddStep({.name = net_.graph.values[id].name}, "to rows", 0, {picture.piece},
            [picture, from = Place(picture.piece), to = Place(piece)](std::byte* arena) {
              ToRows(picture.layout, picture.channels, from(arena), to(arena));
            });
    return piece;
  }

  absl::Status AddConvolution(const Layer& layer) {
    const Convolution& c = *layer.convolution;
    ASSIGN_OR_RETURN(const Picture in, PictureOf(layer.inputs[0]));
    std::optional<Picture> residual;
    if (layer.inputs.size() > 1) {
      ASSIGN_OR_RETURN(residual, PictureOf(layer.inputs[1]));
    }
    ASSIGN_OR_RETURN(const Picture out, NewPicture(layer.outputs[0]));
    struct Loaded {
      Geometry geometry;
      kernels::Aligned<float> weights, bias, slopes;
      kernels::Bend bend;
    };
    auto loaded = std::make_shared<Loaded>();
    loaded->geometry = MakeGeometry(c.window, in.layout, out.layout, residual ? &residual->layout : nullptr);
    const Geometry& g = loaded->geometry;
    const auto columns = static_cast<size_t>(g.columns);
    const bool depthwise = c.is_depthwise();
    if (depthwise) {
      const std::vector<float> weights = TapWeights(c, g);
      loaded->weights = AlignedCopy(weights, weights.size());
    } else {
      loaded->geometry.depth = c.in_channels;  // what is padding need not be multiplied
      const std::vector<float> weights = DenseWeights(c, g);
      JoinTaps(c.window, in.layout, loaded->geometry);
      loaded->weights = kernels::PackF32(weights, columns, g.taps.size(), static_cast<size_t>(g.depth));
    }
    loaded->bias = AlignedCopy(c.bias, columns);
    if (!c.slopes.empty()) loaded->slopes = AlignedCopy(c.slopes, columns);
    loaded->bend = {.slopes = loaded->slopes.get(), .top = c.top.value_or(0), .has_top = c.top.has_value()};
    std::vector<size_t> reads = {in.piece};
    if (residual) reads.push_back(residual->piece);
    AddStep(layer, depthwise ? "depthwise f32" : "tile f32", c.macs(), std::move(reads),
            [loaded, depthwise, layout = out.layout, from = Place(in.piece), to = Place(out.piece),
             added = Place(residual ? residual->piece : in.piece),
             has_residual = residual.has_value()](std::byte* arena) {
              float* result = to(arena);
              ZeroFrame(layout, result);
              (depthwise ? kernels::DepthwiseF32 : kernels::ConvolveF32)(
                  loaded->geometry, loaded->weights.get(), loaded->bias.get(), loaded->bend, from(arena),
                  has_residual ? added(arena) : nullptr, result);
            });
    return absl::OkStatus();
  }

  absl::Status AddPlain(const Layer& layer) {
    const Graph& graph = net_.graph;
    ASSIGN_OR_RETURN(Operation operation, Understand(graph, *layer.node));
    struct Loaded {
      Operation operation;
      std::vector<Array> constants;
      Pointers in{};  // of the constants; the others are filled in at each run
    };
    auto loaded = std::make_shared<Loaded>();
    loaded->operation = std::move(operation);
    if (layer.inputs.size() > kMaxOperands || layer.outputs.size() > kMaxOperands) {
      return BadNode(*layer.node, "more than 64 inputs or outputs");
    }
    loaded->constants.reserve(layer.inputs.size());
    std::vector<std::pair<size_t, size_t>> reads;  // input, piece
    for (size_t i = 0; i < layer.inputs.size(); ++i) {
      const ValueId id = layer.inputs[i];
      if (id == kNoValue) continue;
      if (graph.is_constant(id)) {
        loaded->constants.push_back(*graph.values[id].constant);
        if (loaded->constants.back().is_float()) loaded->in[i] = loaded->constants.back().floats().data();
        continue;
      }
      ASSIGN_OR_RETURN(const size_t piece, Rows(id));
      reads.emplace_back(i, piece);
    }
    std::vector<size_t> writes;
    for (const ValueId id : layer.outputs) {
      writes.push_back(AddPiece(id));
      rows_[id] = writes.back();
    }
    std::vector<size_t> read_pieces;
    for (const auto& [i, piece] : reads) read_pieces.push_back(piece);
    AddStep(layer, "plain " + layer.node->op, 0, std::move(read_pieces),
            [loaded, reads, writes, inputs = layer.inputs.size(), offsets = offsets_](std::byte* arena) {
              const auto at = [&](size_t piece) { return reinterpret_cast<float*>(arena + (*offsets)[piece]); };
              Pointers in = loaded->in;
              std::array<float*, kMaxOperands> out{};
              for (const auto& [i, piece] : reads) in[i] = at(piece);
              for (size_t i = 0; i < writes.size(); ++i) out[i] = at(writes[i]);
              loaded->operation.run({in.data(), inputs}, {out.data(), writes.size()});
            });
    return absl::OkStatus();
  }

  const Net& net_;
  std::unique_ptr<Program> program_;
  std::shared_ptr<std::vector<size_t>> offsets_ = std::make_shared<std::vector<size_t>>();
  std::vector<Piece> pieces_;
  std::map<ValueId, PictureLayout> frames_;
  std::set<ValueId> by_vectors_;  // read sixteen channels at a time, so that they must be padded
  std::map<ValueId, Picture> pictures_;
  std::map<ValueId, size_t> rows_;
};

absl::StatusOr<std::unique_ptr<Program>> Program::Compile(const Net& net) { return Compiler(net).Run(); }

void Program::Run(std::span<const float> input, std::byte* arena) const {
  ROLLCALL_CHECK(static_cast<int64_t>(input.size()) == Elements(input_shape_));
  const FlushTinyNumbers flush;
  std::memcpy(arena + input_at_, input.data(), input.size_bytes());
  for (const Step& step : steps_) step.run(arena);
}

std::span<const float> Program::output(size_t i, const std::byte* arena) const {
  return {reinterpret_cast<const float*>(arena + outputs_at_[i]),
          static_cast<size_t>(Elements(output_shapes_[i]))};
}

}  // namespace rollcall::inference
