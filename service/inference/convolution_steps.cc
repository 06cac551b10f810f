#include "inference/convolution_steps.h"

#include <algorithm>
#include <optional>
#include <type_traits>

#include "inference/kernels/bf16.h"
#include "inference/kernels/int8.h"
#include "inference/kernels/matrix_tiles.h"
#include "inference/weights.h"

namespace rollcall::inference {
namespace {

using kernels::Geometry;

kernels::Aligned<float> AlignedCopy(const std::vector<float>& from, size_t size) {
  auto copy = hwy::AllocateAligned<float>(size);
  std::fill(std::copy(from.begin(), from.end(), copy.get()), copy.get() + size, 0.0f);
  return copy;
}

// What a convolution allocates, as if all were float32: the weights with their padding, and the places of the pixels.
int64_t BytesOf(const Convolution& c) {
  const int64_t depth = c.is_depthwise() ? 1 : kernels::PaddedChannels(c.in_channels);
  const int64_t taps = c.window.height * c.window.width;
  const int64_t weights = kernels::PaddedChannels(c.out_channels) * taps * depth;  // at most 2^62
  // Three for each pixel, and as many for matrix tiles and their gaps.
  const int64_t places = 6 * c.window.out_height * c.window.out_width + taps;
  return weights > kMaxLoadedBytes ? weights : 4 * (weights + places);
}

std::vector<size_t> Reads(const Picture& in, const std::optional<Picture>& residual) {
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

void RunOf(const Loaded<float>& l, bool depthwise, const float* in, const float* residual, const PictureView& out) {
  auto* to = reinterpret_cast<float*>(out.data);
  if (depthwise) {
    kernels::DepthwiseF32(l.geometry, l.column_weights.get(), l.bias.get(), l.bend, in, residual, to);
  } else {
    kernels::ConvolveF32(l.geometry, l.weights.get(), l.bias.get(), l.bend, in, residual, to);
  }
}

void RunOf(const Loaded<kernels::Bf16>& l, bool depthwise, const kernels::Bf16* in, const kernels::Bf16* residual,
           const PictureView& out) {
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

template <typename Number>
void AddOf(const Layer& layer, const Picture& in, const std::optional<Picture>& residual, const Picture& out,
           Draft& draft) {
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
  draft.AddStep(layer, std::string(depthwise ? "depthwise " : "tile ") + NameOf(in.form), c.macs(), Reads(in, residual),
                [loaded, depthwise, from = draft.Place<Number>(in.piece), to = draft.Place(out),
                 added = draft.Place<Number>(residual ? residual->piece : in.piece),
                 has_residual = residual.has_value()](std::byte* arena) {
                  const PictureView result = to(arena);
                  FillFrame(result);
                  RunOf(*loaded, depthwise, from(arena), has_residual ? added(arena) : nullptr, result);
                });
}

absl::Status AddInt8(const Layer& layer, const Picture& in, const std::optional<Picture>& residual, const Picture& out,
                     Draft& draft) {
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
  const LayerScales scales{
      .in = *in.form.bytes, .residual = residual ? residual->form.bytes.get() : nullptr, .out = out.form.bytes.get()};
  auto quantised =
      QuantiseLayer(c, weights, scales, static_cast<size_t>(g.columns), depthwise ? 1 : static_cast<size_t>(g.depth));
  if (!quantised.ok()) return base::Annotate(quantised.status(), "layer " + layer.name);
  loaded->layer = *std::move(quantised);
  draft.AddStep(layer, depthwise ? "depthwise int8" : "tile int8", c.macs(), Reads(in, residual),
                [loaded, depthwise, from = draft.Place<uint8_t>(in.piece), to = draft.Place(out),
                 added = draft.Place<uint8_t>(residual ? residual->piece : in.piece),
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

}  // namespace

absl::Status AddConvolution(const Layer& layer, Draft& draft) {
  RETURN_IF_ERROR(draft.Load(layer, BytesOf(*layer.convolution)));
  ASSIGN_OR_RETURN(const Picture in, draft.PictureOf(layer.inputs[0]));
  std::optional<Picture> residual;
  if (layer.inputs.size() > 1) {
    ASSIGN_OR_RETURN(residual, draft.PictureOf(layer.inputs[1]));
  }
  ASSIGN_OR_RETURN(const Picture out, draft.AddPicture(layer.outputs[0]));
  switch (in.form.kind) {
    case Form::Kind::kByte:
      return AddInt8(layer, in, residual, out, draft);
    case Form::Kind::kBfloat16:
      AddOf<kernels::Bf16>(layer, in, residual, out, draft);
      break;
    case Form::Kind::kFloat32:
      AddOf<float>(layer, in, residual, out, draft);
      break;
  }
  return absl::OkStatus();
}

}  // namespace rollcall::inference
