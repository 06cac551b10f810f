#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "inference/arena_plan.h"
#include "inference/operators.h"
#include "inference/picture.h"
#include "inference/picture_operators.h"
#include "inference/program.h"

namespace rollcall::inference {
namespace {

using kernels::Geometry;
using kernels::PictureLayout;

// Weights as rows of taps x `depth`, one per padded column; groups become zeros between the groups.
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

// Makes the depth a multiple of `step`: more zeros behind each tap. What they are multiplied with lies behind the
// tap's own numbers, in the next pixel or after the picture's end.
std::vector<float> Deepen(const std::vector<float>& weights, int64_t step, Geometry& g) {
  const int64_t depth = (g.depth + step - 1) / step * step;
  if (depth == g.depth) return weights;
  const size_t rows = weights.size() / static_cast<size_t>(g.depth);
  std::vector<float> deep(rows * static_cast<size_t>(depth), 0.0f);
  for (size_t row = 0; row < rows; ++row) {
    std::copy_n(weights.begin() + static_cast<int64_t>(row) * g.depth, g.depth,
                deep.begin() + static_cast<int64_t>(row) * depth);
  }
  g.depth = depth;
  return deep;
}

// Depthwise weights as padded columns x taps.
std::vector<float> ColumnWeights(const Convolution& c, const Geometry& g) {
  std::vector<float> weights = c.weights;
  weights.resize(static_cast<size_t>(g.columns) * g.taps.size(), 0.0f);
  return weights;
}

// The same as taps x padded columns.
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

// A value that lies in the arena as a picture: of floats, or of bytes where `bytes` is set.
struct Picture {
  size_t piece = 0;
  PictureLayout layout;
  int64_t channels = 0;
  std::shared_ptr<const ByteScale> bytes;

  size_t size() const { return static_cast<size_t>(layout.size()) * (bytes ? 1 : sizeof(float)); }
};

}  // namespace

std::vector<ValueId> ByteValues(const Net& net) {
  std::set<ValueId> values;
  for (const Layer& layer : net.layers) {
    if (!layer.convolution.has_value()) continue;
    values.insert(layer.inputs.begin(), layer.inputs.end());
    if (layer.convolution->is_depthwise()) values.insert(layer.outputs[0]);
  }
  return {values.begin(), values.end()};
}

// Decides the form of each value and writes the steps down.
class Compiler {
 public:
  Compiler(const Net& net, const Precision& precision)
      : net_(net), precision_(precision), program_(new Program) {}

  absl::StatusOr<std::unique_ptr<Program>> Run() {
    const Graph& graph = net_.graph;
    RETURN_IF_ERROR(Prepare());
    program_->input_shape_ = graph.shape(graph.input);
    RETURN_IF_ERROR(AddInput());
    for (const Layer& layer : net_.layers) {
      if (layer.node.has_value() && AddOverPictures(layer)) continue;
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
    for (const size_t piece : outputs) program_->outputs_at_.push_back(pieces_[piece].offset);
    return std::move(program_);
  }

 private:
  static constexpr size_t kMaxOperands = 64;
  using Pointers = std::array<const float*, kMaxOperands>;

  // ---- what is known before the first step ------------------------------------------------------

  absl::Status Prepare() {
    for (const Layer& layer : net_.layers) {
      if (!layer.convolution.has_value()) continue;
      PictureLayout& frame = frames_[layer.inputs[0]];
      int64_t channels = 0;
      if (AsPicture(net_.graph.shape(layer.inputs[0]), frame, channels)) WidenFrame(layer.convolution->window, frame);
      if (layer.convolution->is_depthwise()) by_vectors_.insert(layer.inputs[0]);
      if (layer.inputs.size() > 1) by_vectors_.insert(layer.inputs[1]);
    }
    if (precision_.ranges == nullptr) return absl::OkStatus();
    for (const ValueId id : ByteValues(net_)) {
      PictureLayout layout;
      int64_t channels = 0;
      const std::string& name = net_.graph.values[id].name;
      if (!AsPicture(net_.graph.shape(id), layout, channels)) return NoPicture(id);
      if (id == net_.graph.input && precision_.pixels) continue;
      const auto found = precision_.ranges->find(name);
      if (found == precision_.ranges->end() || static_cast<int64_t>(found->second.size()) != channels) {
        return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_MODEL",
                               "no ranges for the " + std::to_string(channels) + " channels of value " + name);
      }
      byte_scales_[id] = std::make_shared<ByteScale>(ScaleFor(found->second, static_cast<size_t>(layout.channels)));
    }
    return absl::OkStatus();
  }

  absl::Status NoPicture(ValueId id) const {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_MODEL",
                           "value " + net_.graph.values[id].name + " is no picture, and a convolution reads it");
  }

  // ---- pieces of the arena ------------------------------------------------------------------------

  size_t AddBytes(size_t bytes) {
    pieces_.push_back({.bytes = bytes, .first = program_->steps_.size(), .last = program_->steps_.size(), .offset = 0});
    return pieces_.size() - 1;
  }
  size_t AddPiece(ValueId id) {
    return AddBytes(static_cast<size_t>(Elements(net_.graph.shape(id))) * sizeof(float));
  }

  // Where a piece lies once all are placed.
  template <typename T = float>
  auto Place(size_t piece) const {
    return [offsets = offsets_, piece](std::byte* arena) {
      return reinterpret_cast<T*>(arena + (*offsets)[piece]);
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
    if (!AsPicture(net_.graph.shape(id), picture.layout, picture.channels)) return NoPicture(id);
    if (id == net_.graph.input && !by_vectors_.contains(id)) {
      picture.layout.channels = picture.channels;  // three numbers a pixel and not sixteen
    }
    const auto padded = static_cast<size_t>(picture.layout.channels);
    if (const auto scale = byte_scales_.find(id); scale != byte_scales_.end()) {
      picture.bytes = scale->second;
      if (picture.bytes->scale.size() != padded) {
        picture.bytes = std::make_shared<ByteScale>(ScaleFor(precision_.ranges->at(net_.graph.values[id].name), padded));
      }
    } else if (id == net_.graph.input && precision_.pixels && precision_.ranges != nullptr) {
      const PixelScale& p = *precision_.pixels;
      picture.bytes = std::make_shared<ByteScale>(
          ScaleForPixels(p.mean, p.factor, static_cast<size_t>(picture.channels), padded));
    }
    picture.piece = AddBytes(picture.size());
    pictures_[id] = picture;
    return picture;
  }

  // The input goes to where its readers want it: straight into a picture, where a convolution reads it.
  absl::Status AddInput() {
    const ValueId id = net_.graph.input;
    if (!frames_.contains(id)) {
      const size_t piece = AddPiece(id);
      rows_[id] = piece;
      program_->take_ = [to = Place(piece)](std::span<const float> input, std::byte* arena) {
        std::memcpy(to(arena), input.data(), input.size_bytes());
      };
      if (precision_.pixels) return NoPicture(id);
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const Picture p, NewPicture(id));
    if (p.bytes) {
      program_->take_ = [p, to = Place<uint8_t>(p.piece)](std::span<const float> input, std::byte* arena) {
        RowsToPicture(p.layout, p.channels, *p.bytes, input.data(), to(arena));
      };
    } else {
      program_->take_ = [p, to = Place(p.piece)](std::span<const float> input, std::byte* arena) {
        RowsToPicture(p.layout, p.channels, input.data(), to(arena));
      };
    }
    if (!precision_.pixels) return absl::OkStatus();
    if (p.bytes) {
      program_->take_pixels_ = [p, to = Place<uint8_t>(p.piece)](std::span<const uint8_t> pixels, std::byte* arena) {
        PixelsToPicture(p.layout, p.channels, *p.bytes, pixels.data(), to(arena));
      };
    } else {
      program_->take_pixels_ = [p, scale = *precision_.pixels, to = Place(p.piece)](std::span<const uint8_t> pixels,
                                                                                  std::byte* arena) {
        PixelsToPicture(p.layout, p.channels, scale.mean, scale.factor, pixels.data(), to(arena));
      };
    }
    return absl::OkStatus();
  }

  // `id` as a picture, turned into one first where it is none yet.
  absl::StatusOr<Picture> PictureOf(ValueId id) {
    if (const auto found = pictures_.find(id); found != pictures_.end()) return found->second;
    const auto rows = rows_.find(id);
    ROLLCALL_CHECK(rows != rows_.end());
    ASSIGN_OR_RETURN(const Picture p, NewPicture(id));
    const Layer layer{.name = net_.graph.values[id].name};
    const auto from = Place(rows->second);
    if (p.bytes) {
      AddStep(layer, "to bytes", 0, {rows->second}, [p, from, to = Place<uint8_t>(p.piece)](std::byte* arena) {
        RowsToPicture(p.layout, p.channels, *p.bytes, from(arena), to(arena));
      });
    } else {
      AddStep(layer, "to picture", 0, {rows->second}, [p, from, to = Place(p.piece)](std::byte* arena) {
        RowsToPicture(p.layout, p.channels, from(arena), to(arena));
      });
    }
    return p;
  }

  // `id` row-major.
  absl::StatusOr<size_t> Rows(ValueId id) {
    if (const auto found = rows_.find(id); found != rows_.end()) return found->second;
    const auto found = pictures_.find(id);
    ROLLCALL_CHECK(found != pictures_.end());
    const Picture p = found->second;
    const size_t piece = AddPiece(id);
    rows_[id] = piece;
    const Layer layer{.name = net_.graph.values[id].name};
    if (p.bytes) {
      AddStep(layer, "to rows", 0, {p.piece}, [p, from = Place<uint8_t>(p.piece), to = Place(piece)](std::byte* arena) {
        PictureToRows(p.layout, p.channels, *p.bytes, from(arena), to(arena));
      });
    } else {
      AddStep(layer, "to rows", 0, {p.piece}, [p, from = Place(p.piece), to = Place(piece)](std::byte* arena) {
        PictureToRows(p.layout, p.channels, from(arena), to(arena));
      });
    }
    return piece;
  }

  // ---- layers -----------------------------------------------------------------------------------

  absl::Status AddConvolution(const Layer& layer) {
    ASSIGN_OR_RETURN(const Picture in, PictureOf(layer.inputs[0]));
    std::optional<Picture> residual;
    if (layer.inputs.size() > 1) {
      ASSIGN_OR_RETURN(residual, PictureOf(layer.inputs[1]));
    }
    ASSIGN_OR_RETURN(const Picture out, NewPicture(layer.outputs[0]));
    if (in.bytes) return AddInt8(layer, in, residual, out);
    AddFloat(layer, in, residual, out);
    return absl::OkStatus();
  }

  void AddFloat(const Layer& layer, const Picture& in, const std::optional<Picture>& residual, const Picture& out) {
    const Convolution& c = *layer.convolution;
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
    AddStep(layer, depthwise ? "depthwise f32" : "tile f32", c.macs(), Reads(in, residual),
            [loaded, depthwise, layout = out.layout, from = Place(in.piece), to = Place(out.piece),
             added = Place(residual ? residual->piece : in.piece),
             has_residual = residual.has_value()](std::byte* arena) {
              float* result = to(arena);
              FillFrame(layout, result);
              (depthwise ? kernels::DepthwiseF32 : kernels::ConvolveF32)(
                  loaded->geometry, loaded->weights.get(), loaded->bias.get(), loaded->bend, from(arena),
                  has_residual ? added(arena) : nullptr, result);
            });
  }

  static std::vector<size_t> Reads(const Picture& in, const std::optional<Picture>& residual) {
    std::vector<size_t> reads = {in.piece};
    if (residual) reads.push_back(residual->piece);
    return reads;
  }

  absl::Status AddInt8(const Layer& layer, const Picture& in, const std::optional<Picture>& residual,
                       const Picture& out) {
    const Convolution& c = *layer.convolution;
    struct Loaded {
      Geometry geometry;
      kernels::Int8Layer layer;
      Picture out;
    };
    auto loaded = std::make_shared<Loaded>();
    loaded->out = out;
    Geometry& g = loaded->geometry;
    g = MakeGeometry(c.window, in.layout, out.layout, residual ? &residual->layout : nullptr);
    const bool depthwise = c.is_depthwise();
    std::vector<float> weights;
    if (depthwise) {
      weights = ColumnWeights(c, g);
    } else {
      g.depth = std::min(in.layout.channels, (c.in_channels + 3) / 4 * 4);
      weights = DenseWeights(c, g);
      JoinTaps(c.window, in.layout, g);
      weights = Deepen(weights, 4, g);
    }
    const LayerScales scales{.in = *in.bytes, .residual = residual ? residual->bytes.get() : nullptr,
                             .out = out.bytes.get()};
    auto quantised = QuantiseLayer(c, weights, scales, static_cast<size_t>(g.columns),
                                   depthwise ? 1 : static_cast<size_t>(g.depth));
    if (!quantised.ok()) return base::Annotate(quantised.status(), "layer " + layer.name);
    loaded->layer = *std::move(quantised);
    AddStep(layer, depthwise ? "depthwise int8" : "tile int8", c.macs(), Reads(in, residual),
            [loaded, depthwise, from = Place<uint8_t>(in.piece), bytes = Place<uint8_t>(out.piece),
             floats = Place(out.piece), added = Place<uint8_t>(residual ? residual->piece : in.piece),
             has_residual = residual.has_value()](std::byte* arena) {
              const uint8_t* more = has_residual ? added(arena) : nullptr;
              const Picture& result = loaded->out;
              if (!result.bytes) {
                FillFrame(result.layout, floats(arena));
                kernels::ConvolveInt8(loaded->geometry, loaded->layer, from(arena), more, floats(arena));
                return;
              }
              FillFrame(result.layout, *result.bytes, bytes(arena));
              if (depthwise) {
                kernels::DepthwiseInt8(loaded->geometry, loaded->layer, from(arena), more, bytes(arena));
              } else {
                kernels::ConvolveInt8(loaded->geometry, loaded->layer, from(arena), more, bytes(arena));
              }
            });
    return absl::OkStatus();
  }

  // ---- operators over pictures ------------------------------------------------------------------

  // The value as a picture of floats with padded channels; null where it is none.
  const Picture* FloatPicture(ValueId id) const {
    const auto found = pictures_.find(id);
    if (found == pictures_.end() || found->second.bytes) return nullptr;
    const Picture& picture = found->second;
    return picture.layout.channels == kernels::PaddedChannels(picture.channels) ? &picture : nullptr;
  }

  // Numbers of one pixel that lie row-major, small enough to be turned around for an operator over pictures.
  bool IsRowOfPixel(ValueId id) const {
    if (id == kNoValue || !rows_.contains(id) || byte_scales_.contains(id)) return false;
    const Shape& shape = net_.graph.shape(id);
    return shape.size() == 4 && shape[0] == 1 && shape[2] == 1 && shape[3] == 1;
  }

  // Adds the layer as one over pictures, where it can be one.
  bool AddOverPictures(const Layer& layer) {
    const std::string& op = layer.node->op;
    static const std::set<std::string> known = {"Add", "Concat", "GlobalAveragePool", "Mul"};
    if (!known.contains(op) || std::none_of(layer.inputs.begin(), layer.inputs.end(), [this](ValueId id) {
          return FloatPicture(id) != nullptr;
        })) {
      return false;
    }
    std::vector<Picture> in;
    for (const ValueId id : layer.inputs) {
      const Picture* picture = FloatPicture(id);
      if (picture == nullptr && !IsRowOfPixel(id)) return false;
      in.push_back(picture == nullptr ? *PictureOf(id) : *picture);
    }
    const auto same_size = [](const Picture& a, const Picture& b) {
      return a.layout.height == b.layout.height && a.layout.width == b.layout.width;
    };
    const auto is_pixel = [](const Picture& p) { return p.layout.height == 1 && p.layout.width == 1; };
    if (op == "Concat") return AddJoin(layer, in, same_size);
    if (byte_scales_.contains(layer.outputs[0])) return false;
    if (op == "GlobalAveragePool") {
      AddPool(layer, in[0]);
    } else if (op == "Add" && same_size(in[0], in[1]) && in[0].channels == in[1].channels) {
      AddSum(layer, in[0], in[1]);
    } else if (op == "Mul" && in[0].channels == in[1].channels && (is_pixel(in[0]) || is_pixel(in[1]))) {
      is_pixel(in[1]) ? AddScaling(layer, in[0], in[1]) : AddScaling(layer, in[1], in[0]);
    } else {
      return false;
    }
    return true;
  }

  // A new picture for the layer's result, whose shape is that of a picture.
  Picture Result(const Layer& layer) {
    const auto picture = NewPicture(layer.outputs[0]);
    ROLLCALL_CHECK(picture.ok());
    return *picture;
  }

  void AddPool(const Layer& layer, const Picture& in) {
    const Picture out = Result(layer);
    AddStep(layer, "pool", 0, {in.piece}, [in, out, from = Place(in.piece), to = Place(out.piece)](std::byte* arena) {
      FillFrame(out.layout, to(arena));
      PoolPicture(in.layout, from(arena), to(arena) + out.layout.offset(0, 0));
    });
  }

  void AddSum(const Layer& layer, const Picture& in, const Picture& more) {
    const Picture out = Result(layer);
    AddStep(layer, "sum", 0, {in.piece, more.piece},
            [in, more, out, from = Place(in.piece), added = Place(more.piece),
             to = Place(out.piece)](std::byte* arena) {
              AddPictures(in.layout, from(arena), more.layout, added(arena), out.layout, to(arena));
            });
  }

  void AddScaling(const Layer& layer, const Picture& in, const Picture& factors) {
    const Picture out = Result(layer);
    AddStep(layer, "scaling", 0, {in.piece, factors.piece},
            [in, factors, out, from = Place(in.piece), by = Place(factors.piece),
             to = Place(out.piece)](std::byte* arena) {
              ScalePicture(in.layout, from(arena), by(arena) + factors.layout.offset(0, 0), out.layout, to(arena));
            });
  }

  template <typename SameSize>
  bool AddJoin(const Layer& layer, const std::vector<Picture>& in, SameSize same_size) {
    const auto axis = IntAttribute(*layer.node, "axis", 0);
    if (!axis.ok() || *axis != 1) return false;
    for (const Picture& picture : in) {
      if (!same_size(picture, in[0]) || picture.channels != picture.layout.channels) return false;
    }
    const Picture out = Result(layer);
    std::vector<size_t> reads;
    for (const Picture& picture : in) reads.push_back(picture.piece);
    AddStep(layer, "join", 0, std::move(reads),
            [in, out, offsets = offsets_, floats = Place(out.piece),
             bytes = Place<uint8_t>(out.piece)](std::byte* arena) {
              if (out.bytes) {
                FillFrame(out.layout, *out.bytes, bytes(arena));
              } else {
                FillFrame(out.layout, floats(arena));
              }
              int64_t first = 0;
              for (const Picture& picture : in) {
                const auto* from = reinterpret_cast<const float*>(arena + (*offsets)[picture.piece]);
                if (out.bytes) {
                  PlaceChannels(picture.layout, from, out.layout, first, *out.bytes, bytes(arena));
                } else {
                  PlaceChannels(picture.layout, from, out.layout, first, floats(arena));
                }
                first += picture.channels;
              }
            });
    return true;
  }

  // ---- plain operators -----------------------------------------------------------------------------

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
  const Precision& precision_;
  std::unique_ptr<Program> program_;
  std::shared_ptr<std::vector<size_t>> offsets_ = std::make_shared<std::vector<size_t>>();
  std::vector<Piece> pieces_;
  std::map<ValueId, PictureLayout> frames_;  // of what convolutions read
  std::set<ValueId> by_vectors_;  // read sixteen channels at a time, so that they must be padded
  std::map<ValueId, std::shared_ptr<const ByteScale>> byte_scales_;  // of values that are bytes; not of pixels
  std::map<ValueId, Picture> pictures_;
  std::map<ValueId, size_t> rows_;
};

absl::StatusOr<std::unique_ptr<Program>> Program::Compile(const Net& net, const Precision& precision) {
  return Compiler(net, precision).Run();
}

}  // namespace rollcall::inference
