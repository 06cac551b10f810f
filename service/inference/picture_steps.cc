#include "inference/picture_steps.h"

#include <algorithm>
#include <set>
#include <utility>

namespace rollcall::inference {
namespace {

// The value as a picture with padded channels; null where it is none.
const Picture* PaddedPicture(const Draft& draft, ValueId id) {
  const Picture* picture = draft.FindPicture(id);
  return picture != nullptr && picture->layout.channels == kernels::PaddedChannels(picture->channels) ? picture
                                                                                                      : nullptr;
}

// Numbers of one pixel that lie row-major, small enough to be turned around for an operator over pictures.
bool IsRowOfPixel(const Draft& draft, ValueId id) {
  if (id == kNoValue || !draft.HasRows(id)) return false;
  const Shape& shape = draft.graph().shape(id);
  return shape.size() == 4 && shape[0] == 1 && shape[2] == 1 && shape[3] == 1;
}

bool SameSize(const Picture& a, const Picture& b) {
  return a.layout.height == b.layout.height && a.layout.width == b.layout.width;
}

// A transposition that puts the channels last: the order in which they lie already.
bool AddChannelsLast(const Layer& layer, Draft& draft) {
  const auto order = IntsAttribute(*layer.node, "perm", {});
  const Picture* found = draft.FindPicture(layer.inputs[0]);
  if (!order.ok() || *order != std::vector<int64_t>{0, 2, 3, 1} || found == nullptr) return false;
  const Picture in = *found;
  const size_t piece = draft.AddRows(layer.outputs[0]);
  draft.AddStep(layer, "channels last", 0, {in.piece},
                [channels = in.channels, from = draft.Place(in), to = draft.Place(piece)](std::byte* arena) {
                  PictureToPixels(from(arena), channels, to(arena));
                });
  return true;
}

// A new picture for the layer's result, whose shape is that of a picture.
Picture Result(const Layer& layer, Draft& draft) {
  const auto picture = draft.AddPicture(layer.outputs[0]);
  ROLLCALL_CHECK(picture.ok());
  return *picture;
}

void AddPool(const Layer& layer, const Picture& in, Draft& draft) {
  const Picture out = Result(layer, draft);
  draft.AddStep(layer, "pool", 0, {in.piece}, [from = draft.Place(in), to = draft.Place(out)](std::byte* arena) {
    PoolPicture(from(arena), to(arena));
  });
}

bool AddWindowPool(const Layer& layer, const Picture& in, Draft& draft) {
  const auto sides = IntsAttribute(*layer.node, "kernel_shape", {});
  const auto padding = IntAttribute(*layer.node, "count_include_pad", 0);
  if (!sides.ok() || sides->size() != 2 || !padding.ok()) return false;
  const auto window = ReadWindow(*layer.node, (*sides)[0], (*sides)[1], in.layout.height, in.layout.width);
  if (!window.ok()) return false;
  const Pooling pooling = layer.node->op == "MaxPool" ? Pooling::kMax
                          : *padding != 0             ? Pooling::kMeanWithPadding
                                                      : Pooling::kMean;
  const Picture out = Result(layer, draft);
  draft.AddStep(layer, "window pool", 0, {in.piece},
                [window = *window, pooling, from = draft.Place(in), to = draft.Place(out)](std::byte* arena) {
                  PoolWindows(from(arena), window, pooling, to(arena));
                });
  return true;
}

void AddSum(const Layer& layer, const Picture& in, const Picture& more, Draft& draft) {
  const Picture out = Result(layer, draft);
  draft.AddStep(layer, "sum", 0, {in.piece, more.piece},
                [from = draft.Place(in), added = draft.Place(more), to = draft.Place(out)](std::byte* arena) {
                  AddPictures(from(arena), added(arena), to(arena));
                });
}

void AddScaling(const Layer& layer, const Picture& in, const Picture& factors, Draft& draft) {
  const Picture out = Result(layer, draft);
  draft.AddStep(layer, "scaling", 0, {in.piece, factors.piece},
                [from = draft.Place(in), by = draft.Place(factors), to = draft.Place(out)](std::byte* arena) {
                  ScalePicture(from(arena), by(arena), to(arena));
                });
}

bool AddJoin(const Layer& layer, const std::vector<Picture>& in, Draft& draft) {
  const auto axis = IntAttribute(*layer.node, "axis", 0);
  if (!axis.ok() || *axis != 1) return false;
  for (const Picture& picture : in) {
    if (!SameSize(picture, in[0]) || picture.channels != picture.layout.channels) return false;
  }
  const Picture out = Result(layer, draft);
  std::vector<size_t> reads;
  for (const Picture& picture : in) reads.push_back(picture.piece);
  std::vector<decltype(&PlaceChannels)> place;  // per input
  int64_t channels = 0;
  for (const Picture& picture : in) {
    const bool same = MeansTheSame(picture.form, channels, picture.channels, out.form);
    place.push_back(same ? &CopyChannels : &PlaceChannels);
    channels += picture.channels;
  }
  std::vector<decltype(draft.Place(out))> from;
  for (const Picture& picture : in) from.push_back(draft.Place(picture));
  draft.AddStep(layer, "join", 0, std::move(reads), [from, place, to = draft.Place(out)](std::byte* arena) {
    const PictureView result = to(arena);
    FillFrame(result);
    int64_t first = 0;
    for (size_t i = 0; i < from.size(); ++i) {
      const PictureView part = from[i](arena);
      place[i](part, first, result);
      first += part.layout.channels;
    }
  });
  return true;
}

}  // namespace

bool AddOverPictures(const Layer& layer, Draft& draft) {
  const std::string& op = layer.node->op;
  if (op == "Transpose") return AddChannelsLast(layer, draft);
  static const std::set<std::string> known = {"Add", "AveragePool", "Concat", "GlobalAveragePool", "MaxPool", "Mul"};
  if (!known.contains(op) || std::none_of(layer.inputs.begin(), layer.inputs.end(),
                                          [&draft](ValueId id) { return PaddedPicture(draft, id) != nullptr; })) {
    return false;
  }
  std::vector<Picture> in;
  for (const ValueId id : layer.inputs) {
    const Picture* picture = PaddedPicture(draft, id);
    if (picture == nullptr && !IsRowOfPixel(draft, id)) return false;
    in.push_back(picture == nullptr ? *draft.PictureOf(id) : *picture);
  }
  const auto is_pixel = [](const Picture& p) { return p.layout.height == 1 && p.layout.width == 1; };
  if (op == "Concat") return AddJoin(layer, in, draft);
  if (op == "MaxPool" || op == "AveragePool") return AddWindowPool(layer, in[0], draft);
  if (op == "GlobalAveragePool") {
    AddPool(layer, in[0], draft);
  } else if (draft.graph().shape(layer.inputs[0]).size() != draft.graph().shape(layer.inputs[1]).size()) {
    return false;  // a row of channels is matched with the pixels of a picture's row
  } else if (op == "Add" && SameSize(in[0], in[1]) && in[0].channels == in[1].channels) {
    AddSum(layer, in[0], in[1], draft);
  } else if (op == "Mul" && in[0].channels == in[1].channels && (is_pixel(in[0]) || is_pixel(in[1]))) {
    is_pixel(in[1]) ? AddScaling(layer, in[0], in[1], draft) : AddScaling(layer, in[1], in[0], draft);
  } else {
    return false;
  }
  return true;
}

}  // namespace rollcall::inference
