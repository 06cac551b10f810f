#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <type_traits>
#include <utility>

#include "inference/arena_plan.h"
#include "inference/kernels/bf16.h"
#include "inference/kernels/int8.h"
#include "inference/kernels/matrix_tiles.h"
#include "inference/operators.h"
#include "inference/picture.h"
#include "inference/program.h"
#include "inference/weights.h"

namespace rollcall::inference {
namespace {

using kernels::Geometry;
using kernels::PictureLayout;

kernels::Aligned<float> AlignedCopy(const std::vector<float>& from, size_t size) {
  auto copy = hwy::AllocateAligned<float>(size);
  std::fill(std::copy(from.begin(), from.end(), copy.get()), copy.get() + size, 0.0f);
  return copy;
}

// A value that lies in the arena as a picture.
struct Picture {
  size_t piece = 0;
  PictureLayout layout;
  int64_t channels = 0;
  Form form;

  size_t size() const { return static_cast<size_t>(layout.size()) * form.element_size(); }
};

const char* NameOf(const Form& form) {
  switch (form.kind) {
    case Form::Kind::kFloat32: return "f32";
    case Form::Kind::kBfloat16: return "bf16";
    case Form::Kind::kByte: return "int8";
  }
  return "";
}

}  // namespace

std::vector<ValueId> NarrowValues(const Net& net) {
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
    RETURN_IF_ERROR(CheckSize(graph.input));
    for (const Layer& layer : net_.layers) {
      for (const ValueId id : layer.outputs) RETURN_IF_ERROR(CheckSize(id));
    }
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
    if (program_->arena_bytes_ > static_cast<size_t>(kMaxArenaBytes)) {
      return BadGraph("the values of the net take more than " + std::to_string(kMaxArenaBytes) + " bytes");
    }
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
    if (precision_.ranges == nullptr && !precision_.bfloat16) return absl::OkStatus();
    for (const ValueId id : NarrowValues(net_)) {
      ASSIGN_OR_RETURN(forms_[id], NarrowForm(id));
      // What is read behind a pixel must be a number: the channels that pad it, or the next pixel.
      if (precision_.bfloat16 && id != net_.graph.input) by_vectors_.insert(id);
    }
    if (precision_.bfloat16 && IsPacked(net_.graph.input)) ++frames_[net_.graph.input].right;
    for (const Layer& layer : net_.layers) {
      if (layer.node.has_value() && layer.node->op == "Concat") NarrowParts(layer);
    }
    return absl::OkStatus();
  }

  // Whether the value would fit into the arena as a picture, with its frame, as if all were float32.
  absl::Status CheckSize(ValueId id) const {
    constexpr int64_t kMost = kMaxArenaBytes / static_cast<int64_t>(sizeof(float));
    const auto frame = frames_.find(id);
    PictureLayout layout = frame == frames_.end() ? PictureLayout() : frame->second;
    int64_t channels = 0;
    if (!AsPicture(net_.graph.shape(id), layout, channels)) return absl::OkStatus();
    const int64_t wide = layout.left + layout.width + layout.right;
    const int64_t tall = layout.top + layout.height + layout.bottom;
    if (wide <= kMost / layout.channels && tall <= kMost / (wide * layout.channels)) return absl::OkStatus();
    return BadGraph("value " + net_.graph.values[id].name + " takes more than " + std::to_string(kMaxArenaBytes) +
                    " bytes as a picture");
  }

  // What is joined into a narrow picture and read by nobody else is narrow from the start, in the join's own form, so
  // that joining is copying.
  void NarrowParts(const Layer& layer) {
    const auto whole = forms_.find(layer.outputs[0]);
    const auto axis = IntAttribute(*layer.node, "axis", 0);
    const auto fills_pixels = [this](ValueId id) {
      const Shape& shape = net_.graph.shape(id);
      return shape.size() == 4 && shape[1] % kernels::kChannelStep == 0;
    };
    if (whole == forms_.end() || !axis.ok() || *axis != 1 ||
        !std::all_of(layer.inputs.begin(), layer.inputs.end(), fills_pixels)) {
      return;
    }
    size_t first = 0;
    for (const ValueId id : layer.inputs) {
      const auto channels = static_cast<size_t>(net_.graph.shape(id)[1]);
      if (!forms_.contains(id) && IsReadOnce(id)) {
        forms_[id] = whole->second.kind == Form::Kind::kByte
                         ? Form::Bytes(PartOf(*whole->second.bytes, first, channels))
                         : whole->second;
      }
      first += channels;
    }
  }

  bool IsReadOnce(ValueId id) const {
    int64_t times = std::count(net_.graph.outputs.begin(), net_.graph.outputs.end(), id);
    for (const Layer& layer : net_.layers) times += std::count(layer.inputs.begin(), layer.inputs.end(), id);
    return times == 1;
  }

  // How a value of NarrowValues lies in memory.
  absl::StatusOr<Form> NarrowForm(ValueId id) const {
    PictureLayout layout;
    int64_t channels = 0;
    if (!AsPicture(net_.graph.shape(id), layout, channels)) return NoPicture(id);
    if (precision_.bfloat16) return Form{Form::Kind::kBfloat16};
    const auto padded = static_cast<size_t>(IsPacked(id) ? channels : layout.channels);
    if (id == net_.graph.input && precision_.pixels) {
      return Form::Bytes(ScaleForPixels(*precision_.pixels, static_cast<size_t>(channels), padded));
    }
    const std::string& name = net_.graph.values[id].name;
    const auto found = precision_.ranges->find(name);
    if (found == precision_.ranges->end() || static_cast<int64_t>(found->second.size()) != channels) {
      return BadGraph("no ranges for the " + std::to_string(channels) + " channels of value " + name);
    }
    return Form::Bytes(ScaleFor(found->second, padded));
  }

  // Whether the pixels of a picture lie side by side without padding: three numbers and not sixteen.
  bool IsPacked(ValueId id) const { return id == net_.graph.input && !by_vectors_.contains(id); }

  absl::Status NoPicture(ValueId id) const {
    return BadGraph("value " + net_.graph.values[id].name + " is no picture, and a convolution reads it");
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

  // The same for a picture.
  auto Place(const Picture& picture) const {
    return [offsets = offsets_, picture](std::byte* arena) {
      return PictureView{picture.layout, picture.form, arena + (*offsets)[picture.piece]};
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
    if (IsPacked(id)) picture.layout.channels = picture.channels;
    if (const auto form = forms_.find(id); form != forms_.end()) picture.form = form->second;
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
        std::copy(input.begin(), input.end(), to(arena));
      };
      if (precision_.pixels) return NoPicture(id);
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const Picture p, NewPicture(id));
    program_->take_ = [channels = p.channels, to = Place(p)](std::span<const float> input, std::byte* arena) {
      RowsToPicture(input.data(), channels, to(arena));
    };
    if (!precision_.pixels) return absl::OkStatus();
    program_->take_pixels_ = [channels = p.channels, scale = *precision_.pixels,
                              to = Place(p)](std::span<const uint8_t> pixels, std::byte* arena) {
      PixelsToPicture(pixels.data(), channels, scale, to(arena));
    };
    return absl::OkStatus();
  }

  // `id` as a picture, turned into one first where it is none yet.
  absl::StatusOr<Picture> PictureOf(ValueId id) {
    if (const auto found = pictures_.find(id); found != pictures_.end()) return found->second;
    const auto rows = rows_.find(id);
    ROLLCALL_CHECK(rows != rows_.end());
    ASSIGN_OR_RETURN(const Picture p, NewPicture(id));
    AddStep({.name = net_.graph.values[id].name}, std::string("to ") + NameOf(p.form), 0, {rows->second},
            [channels = p.channels, from = Place(rows->second), to = Place(p)](std::byte* arena) {
              RowsToPicture(from(arena), channels, to(arena));
            });
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
    AddStep({.name = net_.graph.values[id].name}, "to rows", 0, {p.piece},
            [channels = p.channels, from = Place(p), to = Place(piece)](std::byte* arena) {
              PictureToRows(from(arena), channels, to(arena));
            });
    return piece;
  }

  // ---- layers -----------------------------------------------------------------------------------

  // What is allocated for a layer, before it is.
  absl::Status Load(const std::string& name, int64_t bytes) {
    loaded_bytes_ += bytes;
    if (loaded_bytes_ <= kMaxLoadedBytes) return absl::OkStatus();
    return BadGraph("layer " + name + ": with it more than " + std::to_string(kMaxLoadedBytes) +
                    " bytes of weights and tables");
  }

  // As if all were float32: the weights with their padding, and the places of the pixels.
  static int64_t BytesOf(const Convolution& c) {
    const int64_t depth = c.is_depthwise() ? 1 : kernels::PaddedChannels(c.in_channels);
    const int64_t taps = c.window.height * c.window.width;
    const int64_t weights = kernels::PaddedChannels(c.out_channels) * taps * depth;  // at most 2^62
    const int64_t places = 3 * c.window.out_height * c.window.out_width + taps;
    return weights > kMaxLoadedBytes ? weights : 4 * (weights + places);
  }

  absl::Status AddConvolution(const Layer& layer) {
    RETURN_IF_ERROR(Load(layer.name, BytesOf(*layer.convolution)));
    ASSIGN_OR_RETURN(const Picture in, PictureOf(layer.inputs[0]));
    std::optional<Picture> residual;
    if (layer.inputs.size() > 1) {
      ASSIGN_OR_RETURN(residual, PictureOf(layer.inputs[1]));
    }
    ASSIGN_OR_RETURN(const Picture out, NewPicture(layer.outputs[0]));
    switch (in.form.kind) {
      case Form::Kind::kByte: return AddInt8(layer, in, residual, out);
      case Form::Kind::kBfloat16: AddOf<kernels::Bf16>(layer, in, residual, out); break;
      case Form::Kind::kFloat32: AddOf<float>(layer, in, residual, out); break;
    }
    return absl::OkStatus();
  }

  static std::vector<size_t> Reads(const Picture& in, const std::optional<Picture>& residual) {
    std::vector<size_t> reads = {in.piece};
    if (residual) reads.push_back(residual->piece);
    return reads;
  }

  // What a layer of float32 or bfloat16 needs at each run.
  template <typename Number>
  struct Loaded {
    Geometry geometry;
    kernels::Aligned<Number> weights;
    kernels::Aligned<float> column_weights, bias, slopes;  // the first of depthwise layers
    kernels::Bend bend;
  };

  template <typename Number>
  void AddOf(const Layer& layer, const Picture& in, const std::optional<Picture>& residual, const Picture& out) {
    const Convolution& c = *layer.convolution;
    auto loaded = std::make_shared<Loaded<Number>>();
    Geometry& g = loaded->geometry;
    g = MakeGeometry(c.window, in.layout, out.layout, residual ? &residual->layout : nullptr);
    const auto columns = static_cast<size_t>(g.columns);
    const bool depthwise = c.is_depthwise();
    if (depthwise) {
      const std::vector<float> weights = TapWeights(c, g);
      loaded->column_weights = AlignedCopy(weights, weights.size());
    } else {
      const bool by_matrix = !std::is_same_v<Number, float> && kernels::HasMatrixTiles();
      // What is padding need not be multiplied. Matrix registers do not mind, and want windows' rows in one piece.
      if (!by_matrix) g.depth = c.in_channels;
      std::vector<float> weights = DenseWeights(c, g);
      JoinTaps(c.window, in.layout, g);
      if constexpr (std::is_same_v<Number, float>) {
        loaded->weights = kernels::PackF32(weights, columns, g.taps.size(), static_cast<size_t>(g.depth));
      } else {
        weights = Deepen(weights, 2, g);
        loaded->weights = kernels::PackBf16(weights, columns, g.taps.size(), static_cast<size_t>(g.depth));
        if (by_matrix) kernels::PlanMatrixTiles(sizeof(Number), g);
      }
    }
    loaded->bias = AlignedCopy(c.bias, columns);
    if (!c.slopes.empty()) loaded->slopes = AlignedCopy(c.slopes, columns);
    loaded->bend = {.slopes = loaded->slopes.get(), .top = c.top.value_or(0), .has_top = c.top.has_value()};
    AddStep(layer, std::string(depthwise ? "depthwise " : "tile ") + NameOf(in.form), c.macs(), Reads(in, residual),
            [loaded, depthwise, from = Place<Number>(in.piece), to = Place(out),
             added = Place<Number>(residual ? residual->piece : in.piece),
             has_residual = residual.has_value()](std::byte* arena) {
              const PictureView result = to(arena);
              FillFrame(result);
              RunOf(*loaded, depthwise, from(arena), has_residual ? added(arena) : nullptr, result);
            });
  }

  static void RunOf(const Loaded<float>& l, bool depthwise, const float* in, const float* residual,
                    const PictureView& out) {
    auto* to = reinterpret_cast<float*>(out.data);
    if (depthwise) {
      kernels::DepthwiseF32(l.geometry, l.column_weights.get(), l.bias.get(), l.bend, in, residual, to);
    } else {
      kernels::ConvolveF32(l.geometry, l.weights.get(), l.bias.get(), l.bend, in, residual, to);
    }
  }

  static void RunOf(const Loaded<kernels::Bf16>& l, bool depthwise, const kernels::Bf16* in,
                    const kernels::Bf16* residual, const PictureView& out) {
    auto* to = reinterpret_cast<kernels::Bf16*>(out.data);
    if (depthwise) {
      kernels::DepthwiseBf16(l.geometry, l.column_weights.get(), l.bias.get(), l.bend, in, residual, to);
    } else if (out.form.kind == Form::Kind::kBfloat16) {
      kernels::ConvolveBf16(l.geometry, l.weights.get(), l.bias.get(), l.bend, in, residual, to);
    } else {
      kernels::ConvolveBf16(l.geometry, l.weights.get(), l.bias.get(), l.bend, in, residual,
                            reinterpret_cast<float*>(out.data));
    }
  }

  absl::Status AddInt8(const Layer& layer, const Picture& in, const std::optional<Picture>& residual,
                       const Picture& out) {
    const Convolution& c = *layer.convolution;
    struct LoadedInt8 {
      Geometry geometry;
      kernels::Int8Layer layer;
    };
    auto loaded = std::make_shared<LoadedInt8>();
    Geometry& g = loaded->geometry;
    g = MakeGeometry(c.window, in.layout, out.layout, residual ? &residual->layout : nullptr);
    const bool depthwise = c.is_depthwise();
    std::vector<float> weights;
    if (depthwise) {
      weights = ColumnWeights(c, g);
    } else {
      const bool by_matrix = kernels::HasMatrixTiles();
      if (!by_matrix) g.depth = std::min(in.layout.channels, (c.in_channels + 3) / 4 * 4);
      weights = DenseWeights(c, g);
      JoinTaps(c.window, in.layout, g);
      weights = Deepen(weights, 4, g);
      if (by_matrix) kernels::PlanMatrixTiles(1, g);
    }
    const LayerScales scales{.in = *in.form.bytes, .residual = residual ? residual->form.bytes.get() : nullptr,
                             .out = out.form.bytes.get()};
    auto quantised = QuantiseLayer(c, weights, scales, static_cast<size_t>(g.columns),
                                   depthwise ? 1 : static_cast<size_t>(g.depth));
    if (!quantised.ok()) return base::Annotate(quantised.status(), "layer " + layer.name);
    loaded->layer = *std::move(quantised);
    AddStep(layer, depthwise ? "depthwise int8" : "tile int8", c.macs(), Reads(in, residual),
            [loaded, depthwise, from = Place<uint8_t>(in.piece), to = Place(out),
             added = Place<uint8_t>(residual ? residual->piece : in.piece),
             has_residual = residual.has_value()](std::byte* arena) {
              const uint8_t* more = has_residual ? added(arena) : nullptr;
              const PictureView result = to(arena);
              auto* bytes = reinterpret_cast<uint8_t*>(result.data);
              FillFrame(result);
              if (depthwise) {
                kernels::DepthwiseInt8(loaded->geometry, loaded->layer, from(arena), more, bytes);
              } else if (result.form.kind == Form::Kind::kByte) {
                kernels::ConvolveInt8(loaded->geometry, loaded->layer, from(arena), more, bytes);
              } else {
                kernels::ConvolveInt8(loaded->geometry, loaded->layer, from(arena), more,
                                      reinterpret_cast<float*>(result.data));
              }
            });
    return absl::OkStatus();
  }

  // ---- operators over pictures ------------------------------------------------------------------

  // The value as a picture with padded channels; null where it is none.
  const Picture* PaddedPicture(ValueId id) const {
    const auto found = pictures_.find(id);
    if (found == pictures_.end()) return nullptr;
    const Picture& picture = found->second;
    return picture.layout.channels == kernels::PaddedChannels(picture.channels) ? &picture : nullptr;
  }

  // Numbers of one pixel that lie row-major, small enough to be turned around for an operator over pictures.
  bool IsRowOfPixel(ValueId id) const {
    if (id == kNoValue || !rows_.contains(id)) return false;
    const Shape& shape = net_.graph.shape(id);
    return shape.size() == 4 && shape[0] == 1 && shape[2] == 1 && shape[3] == 1;
  }

  // Adds the layer as one over pictures, where it can be one.
  bool AddOverPictures(const Layer& layer) {
    const std::string& op = layer.node->op;
    if (op == "Transpose") return AddChannelsLast(layer);
    static const std::set<std::string> known = {"Add",     "AveragePool", "Concat", "GlobalAveragePool",
                                                "MaxPool", "Mul"};
    if (!known.contains(op) || std::none_of(layer.inputs.begin(), layer.inputs.end(), [this](ValueId id) {
          return PaddedPicture(id) != nullptr;
        })) {
      return false;
    }
    std::vector<Picture> in;
    for (const ValueId id : layer.inputs) {
      const Picture* picture = PaddedPicture(id);
      if (picture == nullptr && !IsRowOfPixel(id)) return false;
      in.push_back(picture == nullptr ? *PictureOf(id) : *picture);
    }
    const auto same_size = [](const Picture& a, const Picture& b) {
      return a.layout.height == b.layout.height && a.layout.width == b.layout.width;
    };
    const auto is_pixel = [](const Picture& p) { return p.layout.height == 1 && p.layout.width == 1; };
    if (op == "Concat") return AddJoin(layer, in, same_size);
    if (op == "MaxPool" || op == "AveragePool") return AddWindowPool(layer, in[0]);
    if (op == "GlobalAveragePool") {
      AddPool(layer, in[0]);
    } else if (net_.graph.shape(layer.inputs[0]).size() != net_.graph.shape(layer.inputs[1]).size()) {
      return false;  // a row of channels is matched with the pixels of a picture's row
    } else if (op == "Add" && same_size(in[0], in[1]) && in[0].channels == in[1].channels) {
      AddSum(layer, in[0], in[1]);
    } else if (op == "Mul" && in[0].channels == in[1].channels && (is_pixel(in[0]) || is_pixel(in[1]))) {
      is_pixel(in[1]) ? AddScaling(layer, in[0], in[1]) : AddScaling(layer, in[1], in[0]);
    } else {
      return false;
    }
    return true;
  }

  // A transposition that puts the channels last: the order in which they lie already.
  bool AddChannelsLast(const Layer& layer) {
    const auto order = IntsAttribute(*layer.node, "perm", {});
    const auto found = pictures_.find(layer.inputs[0]);
    if (!order.ok() || *order != std::vector<int64_t>{0, 2, 3, 1} || found == pictures_.end()) return false;
    const Picture& in = found->second;
    const size_t piece = AddPiece(layer.outputs[0]);
    rows_[layer.outputs[0]] = piece;
    AddStep(layer, "channels last", 0, {in.piece},
            [channels = in.channels, from = Place(in), to = Place(piece)](std::byte* arena) {
              PictureToPixels(from(arena), channels, to(arena));
            });
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
    AddStep(layer, "pool", 0, {in.piece}, [from = Place(in), to = Place(out)](std::byte* arena) {
      PoolPicture(from(arena), to(arena));
    });
  }

  bool AddWindowPool(const Layer& layer, const Picture& in) {
    const auto sides = IntsAttribute(*layer.node, "kernel_shape", {});
    const auto padding = IntAttribute(*layer.node, "count_include_pad", 0);
    if (!sides.ok() || sides->size() != 2 || !padding.ok()) return false;
    const auto window = ReadWindow(*layer.node, (*sides)[0], (*sides)[1], in.layout.height, in.layout.width);
    if (!window.ok()) return false;
    const Pooling pooling = layer.node->op == "MaxPool" ? Pooling::kMax
                            : *padding != 0             ? Pooling::kMeanWithPadding
                                                        : Pooling::kMean;
    const Picture out = Result(layer);
    AddStep(layer, "window pool", 0, {in.piece},
            [window = *window, pooling, from = Place(in), to = Place(out)](std::byte* arena) {
              PoolWindows(from(arena), window, pooling, to(arena));
            });
    return true;
  }

  void AddSum(const Layer& layer, const Picture& in, const Picture& more) {
    const Picture out = Result(layer);
    AddStep(layer, "sum", 0, {in.piece, more.piece},
            [from = Place(in), added = Place(more), to = Place(out)](std::byte* arena) {
              AddPictures(from(arena), added(arena), to(arena));
            });
  }

  void AddScaling(const Layer& layer, const Picture& in, const Picture& factors) {
    const Picture out = Result(layer);
    AddStep(layer, "scaling", 0, {in.piece, factors.piece},
            [from = Place(in), by = Place(factors), to = Place(out)](std::byte* arena) {
              ScalePicture(from(arena), by(arena), to(arena));
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
    std::vector<decltype(&PlaceChannels)> place;  // per input
    int64_t channels = 0;
    for (const Picture& picture : in) {
      const bool same = MeansTheSame(picture.form, channels, picture.channels, out.form);
      place.push_back(same ? &CopyChannels : &PlaceChannels);
      channels += picture.channels;
    }
    AddStep(layer, "join", 0, std::move(reads), [in, place, offsets = offsets_, to = Place(out)](std::byte* arena) {
      const PictureView result = to(arena);
      FillFrame(result);
      int64_t first = 0;
      for (size_t i = 0; i < in.size(); ++i) {
        place[i]({in[i].layout, in[i].form, arena + (*offsets)[in[i].piece]}, first, result);
        first += in[i].channels;
      }
    });
    return true;
  }

  // ---- plain operators -----------------------------------------------------------------------------

  absl::Status AddPlain(const Layer& layer) {
    const Graph& graph = net_.graph;
    ASSIGN_OR_RETURN(Operation operation, Understand(graph, *layer.node));
    struct LoadedOperator {
      Operation operation;
      std::vector<Array> constants;
      Pointers in{};  // of the constants; the others are filled in at each run
    };
    auto loaded = std::make_shared<LoadedOperator>();
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
        RETURN_IF_ERROR(Load(layer.name, Elements(graph.shape(id)) * static_cast<int64_t>(sizeof(int64_t))));
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
  int64_t loaded_bytes_ = 0;
  std::map<ValueId, PictureLayout> frames_;  // of what convolutions read
  std::set<ValueId> by_vectors_;  // read sixteen channels at a time, so that they must be padded
  std::map<ValueId, Form> forms_;  // of the values that do not lie as float32
  std::map<ValueId, Picture> pictures_;
  std::map<ValueId, size_t> rows_;
};

absl::StatusOr<std::unique_ptr<Program>> Program::Compile(const Net& net, const Precision& precision) {
  return Compiler(net, precision).Run();
}

}  // namespace rollcall::inference
