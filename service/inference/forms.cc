#include "inference/forms.h"

#include <algorithm>
#include <utility>

namespace rollcall::inference {

using kernels::PictureLayout;

std::vector<ValueId> NarrowValues(const Net& net) {
  std::set<ValueId> values;
  for (const Layer& layer : net.layers) {
    if (!layer.convolution.has_value()) continue;
    values.insert(layer.inputs.begin(), layer.inputs.end());
    if (layer.convolution->is_depthwise()) values.insert(layer.outputs[0]);
  }
  return {values.begin(), values.end()};
}

absl::Status NoPicture(const Net& net, ValueId id) {
  return BadGraph("value " + net.graph.values[id].name + " is no picture, and a convolution reads it");
}

absl::StatusOr<Forms> Forms::Decide(const Net& net, const Precision& precision) {
  Forms forms(net, precision);
  RETURN_IF_ERROR(forms.Prepare());
  RETURN_IF_ERROR(forms.CheckSize(net.graph.input));
  for (const Layer& layer : net.layers) {
    for (const ValueId id : layer.outputs) RETURN_IF_ERROR(forms.CheckSize(id));
  }
  return forms;
}

absl::StatusOr<PictureLayout> Forms::LayoutOf(ValueId id, int64_t& channels) const {
  PictureLayout layout;
  if (const auto frame = frames_.find(id); frame != frames_.end()) layout = frame->second;
  if (!AsPicture(net_->graph.shape(id), layout, channels)) return NoPicture(*net_, id);
  if (IsPacked(id)) layout.channels = channels;
  return layout;
}

Form Forms::FormOf(ValueId id) const {
  const auto form = forms_.find(id);
  return form == forms_.end() ? Form{} : form->second;
}

absl::Status Forms::Prepare() {
  for (const Layer& layer : net_->layers) {
    if (!layer.convolution.has_value()) continue;
    PictureLayout& frame = frames_[layer.inputs[0]];
    int64_t channels = 0;
    if (AsPicture(net_->graph.shape(layer.inputs[0]), frame, channels)) WidenFrame(layer.convolution->window, frame);
    if (layer.convolution->is_depthwise()) by_vectors_.insert(layer.inputs[0]);
    if (layer.inputs.size() > 1) by_vectors_.insert(layer.inputs[1]);
  }
  if (precision_->ranges == nullptr && !precision_->bfloat16) return absl::OkStatus();
  for (const ValueId id : NarrowValues(*net_)) {
    ASSIGN_OR_RETURN(forms_[id], NarrowForm(id));
    // What is read behind a pixel must be a number: the channels that pad it, or the next pixel.
    if (precision_->bfloat16 && id != net_->graph.input) by_vectors_.insert(id);
  }
  if (precision_->bfloat16 && IsPacked(net_->graph.input)) ++frames_[net_->graph.input].right;
  for (const Layer& layer : net_->layers) {
    if (layer.node.has_value() && layer.node->op == "Concat") NarrowParts(layer);
  }
  return absl::OkStatus();
}

// Whether the value would fit into the arena as a picture, with its frame, as if all were float32.
absl::Status Forms::CheckSize(ValueId id) const {
  constexpr int64_t kMost = kMaxArenaBytes / static_cast<int64_t>(sizeof(float));
  const auto frame = frames_.find(id);
  PictureLayout layout = frame == frames_.end() ? PictureLayout() : frame->second;
  int64_t channels = 0;
  if (!AsPicture(net_->graph.shape(id), layout, channels)) return absl::OkStatus();
  const int64_t wide = layout.left + layout.width + layout.right;
  const int64_t tall = layout.top + layout.height + layout.bottom;
  if (wide <= kMost / layout.channels && tall <= kMost / (wide * layout.channels)) return absl::OkStatus();
  return BadGraph("value " + net_->graph.values[id].name + " takes more than " + std::to_string(kMaxArenaBytes) +
                  " bytes as a picture");
}

// What is joined into a narrow picture and read by nobody else is narrow from the start, in the join's own form, so
// that joining is copying.
void Forms::NarrowParts(const Layer& layer) {
  const auto whole = forms_.find(layer.outputs[0]);
  const auto axis = IntAttribute(*layer.node, "axis", 0);
  const auto fills_pixels = [this](ValueId id) {
    const Shape& shape = net_->graph.shape(id);
    return shape.size() == 4 && shape[1] % kernels::kChannelStep == 0;
  };
  if (whole == forms_.end() || !axis.ok() || *axis != 1 ||
      !std::all_of(layer.inputs.begin(), layer.inputs.end(), fills_pixels)) {
    return;
  }
  size_t first = 0;
  for (const ValueId id : layer.inputs) {
    const auto channels = static_cast<size_t>(net_->graph.shape(id)[1]);
    if (!forms_.contains(id) && IsReadOnce(id)) {
      forms_[id] = whole->second.kind == Form::Kind::kByte ? Form::Bytes(PartOf(*whole->second.bytes, first, channels))
                                                           : whole->second;
    }
    first += channels;
  }
}

bool Forms::IsReadOnce(ValueId id) const {
  int64_t times = std::count(net_->graph.outputs.begin(), net_->graph.outputs.end(), id);
  for (const Layer& layer : net_->layers) times += std::count(layer.inputs.begin(), layer.inputs.end(), id);
  return times == 1;
}

// How a value of NarrowValues lies in memory.
absl::StatusOr<Form> Forms::NarrowForm(ValueId id) const {
  PictureLayout layout;
  int64_t channels = 0;
  if (!AsPicture(net_->graph.shape(id), layout, channels)) return NoPicture(*net_, id);
  if (precision_->bfloat16) return Form{Form::Kind::kBfloat16};
  const auto padded = static_cast<size_t>(IsPacked(id) ? channels : layout.channels);
  if (id == net_->graph.input && precision_->pixels) {
    return Form::Bytes(ScaleForPixels(*precision_->pixels, static_cast<size_t>(channels), padded));
  }
  const std::string& name = net_->graph.values[id].name;
  const auto found = precision_->ranges->find(name);
  if (found == precision_->ranges->end() || static_cast<int64_t>(found->second.size()) != channels) {
    return BadGraph("no ranges for the " + std::to_string(channels) + " channels of value " + name);
  }
  return Form::Bytes(ScaleFor(found->second, padded));
}

// Whether the pixels of a picture lie side by side without padding: three numbers and not sixteen.
bool Forms::IsPacked(ValueId id) const { return id == net_->graph.input && !by_vectors_.contains(id); }

}  // namespace rollcall::inference
