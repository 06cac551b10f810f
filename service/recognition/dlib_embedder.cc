#include <dlib/dnn.h>
#include <dlib/image_transforms.h>
#include <dlib/opencv/cv_image.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "recognition/embedder.h"
#include "recognition/mat.h"

// The only file that sees dlib's networks: their templates are slow to compile.
namespace rollcall::recognition {
namespace {

// ---- the network: 29 convolutions, as dlib's own face recognition example lays them out ----------

// Where the training had batch normalisation, dlib's published file has a scale (dlib::affine).
template <int kChannels, int kStride, typename Below>
using Block =
    dlib::affine<dlib::con<kChannels, 3, 3, 1, 1,
                    dlib::relu<dlib::affine<dlib::con<kChannels, 3, 3, kStride, kStride, Below>>>>>;

template <int kChannels, typename Below>
using Residual = dlib::relu<dlib::add_prev1<Block<kChannels, 1, dlib::tag1<Below>>>>;

template <int kChannels, typename Below>
using ResidualDown = dlib::relu<dlib::add_prev2<dlib::avg_pool<
    2, 2, 2, 2, dlib::skip1<dlib::tag2<Block<kChannels, 2, dlib::tag1<Below>>>>>>>;

template <typename Below>
using Stage32 = Residual<32, Residual<32, Residual<32, Below>>>;
template <typename Below>
using Stage64 = Residual<64, Residual<64, Residual<64, ResidualDown<64, Below>>>>;
template <typename Below>
using Stage128 = Residual<128, Residual<128, ResidualDown<128, Below>>>;
template <typename Below>
using Stage256 = Residual<256, Residual<256, ResidualDown<256, Below>>>;

constexpr int kChipSide = 150;
constexpr int kDimension = 128;
using Net = dlib::loss_metric<dlib::fc_no_bias<
    kDimension,
    dlib::avg_pool_everything<ResidualDown<
        256, Stage256<Stage128<Stage64<Stage32<dlib::max_pool<
                 3, 3, 2, 2,
                 dlib::relu<dlib::affine<dlib::con<
                     32, 7, 7, 2, 2, dlib::input_rgb_image_sized<kChipSide>>>>>>>>>>>>>;

using Chip = dlib::matrix<dlib::rgb_pixel>;

// ---- weights from face-api's quantised file ---------------------------------------------------

absl::Status BadWeights(const std::string& what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_MODEL", "dlib-resnet: " + what);
}

struct Weights {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> values;
};

// Reads the next tensor: `bytes` from `at`, either float32 or bytes q that stand for q * scale + min.
absl::StatusOr<Weights> ReadWeights(const nlohmann::json& entry, const base::Bytes& bytes,
                                    size_t& at) {
  Weights weights{entry.at("name"), entry.at("shape"), {}};
  size_t count = 1;
  if (weights.shape.empty()) return BadWeights(weights.name + ": no shape");
  for (const int64_t side : weights.shape) {
    if (side < 1 || side > 4096) return BadWeights(weights.name + ": impossible shape");
    count *= static_cast<size_t>(side);
    if (count > bytes.size()) return BadWeights(weights.name + ": larger than the file");
  }
  const bool quantised = entry.contains("quantization");
  const size_t size = quantised ? count : count * sizeof(float);
  if (bytes.size() - at < size) return BadWeights(weights.name + ": beyond the end of the file");
  weights.values.resize(count);
  if (quantised) {
    const auto& how = entry.at("quantization");
    if (how.at("dtype") != "uint8") return BadWeights(weights.name + ": not uint8");
    const double scale = how.at("scale");
    const double min = how.at("min");
    for (size_t i = 0; i < count; ++i) {
      weights.values[i] = static_cast<float>(bytes[at + i] * scale + min);
    }
  } else {
    std::memcpy(weights.values.data(), bytes.data() + at, size);
  }
  at += size;
  return weights;
}

absl::StatusOr<std::vector<Weights>> ReadAllWeights(const base::Bytes& bytes,
                                                    const base::Bytes& layout) {
  const auto json = nlohmann::json::parse(layout.begin(), layout.end());
  std::vector<Weights> all;
  size_t at = 0;
  for (const auto& entry : json.at(0).at("weights")) {
    ASSIGN_OR_RETURN(Weights weights, ReadWeights(entry, bytes, at));
    all.push_back(std::move(weights));
  }
  if (at != bytes.size()) return BadWeights("the file is longer than its layout says");
  return all;
}

// Filters are stored height, width, in, out; dlib wants out, in, height, width.
std::vector<float> ReorderFilters(const Weights& w) {
  const auto height = static_cast<size_t>(w.shape[0]);
  const auto width = static_cast<size_t>(w.shape[1]);
  const auto in = static_cast<size_t>(w.shape[2]);
  const auto out = static_cast<size_t>(w.shape[3]);
  std::vector<float> reordered(w.values.size());
  size_t from = 0;
  for (size_t y = 0; y < height; ++y) {
    for (size_t x = 0; x < width; ++x) {
      for (size_t i = 0; i < in; ++i) {
        for (size_t o = 0; o < out; ++o) {
          reordered[((o * in + i) * height + y) * width + x] = w.values[from++];
        }
      }
    }
  }
  return reordered;
}

// Scales the filters (out, in, height, width) and the bias of a convolution by what follows it: a
// factor and an offset for each of its outputs. dlib's own scale layers then stay at 1 and 0; their
// parameters cannot be set from outside.
std::vector<float> FoldScale(const Weights& filters, const Weights& bias, const Weights& factor,
                             const Weights& offset) {
  std::vector<float> folded = ReorderFilters(filters);
  const size_t outputs = bias.values.size();
  const size_t per_output = folded.size() / outputs;
  for (size_t i = 0; i < folded.size(); ++i) folded[i] *= factor.values[i / per_output];
  for (size_t o = 0; o < outputs; ++o) {
    folded.push_back(bias.values[o] * factor.values[o] + offset.values[o]);
  }
  return folded;
}

// Fills `net`, whose layers have their sizes, from tensors in the order from input to output: filters,
// bias, factor and offset of each convolution, and at last the matrix of the top.
absl::Status Fill(Net& net, const std::vector<Weights>& all) {
  std::vector<dlib::tensor*> layers;  // dlib visits from output to input
  dlib::visit_layer_parameters(net, [&layers](dlib::tensor& t) {
    if (t.size() != 0) layers.push_back(&t);
  });
  std::reverse(layers.begin(), layers.end());
  if (all.size() != 4 * (layers.size() - 1) + 1) return BadWeights("another number of layers");
  for (size_t i = 0; i < layers.size(); ++i) {
    const Weights* w = &all[4 * i];
    const bool top = i + 1 == layers.size();
    const auto outputs = static_cast<size_t>(w->shape.back());
    const auto misfits = [&](const Weights& part) { return part.values.size() != outputs; };
    if (!top && (w->shape.size() != 4 || std::any_of(w + 1, w + 4, misfits))) {
      return BadWeights(w->name + ": not a convolution with its scale");
    }
    const std::vector<float> values = top ? w->values : FoldScale(w[0], w[1], w[2], w[3]);
    if (values.size() != layers[i]->size()) return BadWeights(w->name + ": does not fit");
    std::copy(values.begin(), values.end(), layers[i]->host());
  }
  return absl::OkStatus();
}

absl::Status LoadNet(const ModelPack& pack, Net& net) {
  const EmbedderSpec& spec = pack.embedder();
  if (spec.dimension != kDimension) return BadWeights("dimension is 128 for this network");
  const base::Bytes& file = pack.file(spec.file);
  if (spec.kind == "dlib-dat") {
    std::istringstream stream{std::string(base::AsText(file))};
    dlib::deserialize(net, stream);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const auto weights, ReadAllWeights(file, pack.file(spec.layout)));
  const Chip grey(kChipSide, kChipSide);
  net(grey);  // dlib gives its layers their sizes in the first pass
  return Fill(net, weights);
}

// ---- the face chip ----------------------------------------------------------------------------

// dlib's five-point mean face with a quarter of padding: outer and inner corner of the left eye, inner
// and outer corner of the right eye, base of the nose, in a square of side 1 before padding.
constexpr struct {
  size_t landmark;
  double x;
  double y;
} kChipPoints[] = {{36, 0.12058, 0.21373},
                   {39, 0.33409, 0.22906},
                   {42, 0.64606, 0.22897},
                   {45, 0.85957, 0.21350},
                   {33, 0.49011, 0.62780}};

Chip CutChip(const FaceView& face) {
  constexpr double kPadding = 0.25;
  std::vector<dlib::dpoint> chip_points;
  std::vector<dlib::dpoint> picture_points;
  for (const auto& p : kChipPoints) {
    const double scale = kChipSide / (1 + 2 * kPadding);
    chip_points.emplace_back((p.x + kPadding) * scale, (p.y + kPadding) * scale);
    picture_points.emplace_back(face.landmarks[p.landmark].x, face.landmarks[p.landmark].y);
  }
  const dlib::chip_details details(chip_points, picture_points,
                                   dlib::chip_dims(kChipSide, kChipSide));
  Chip chip;
  dlib::extract_image_chip(dlib::cv_image<dlib::bgr_pixel>(AsMat(face.picture)), details, chip);
  return chip;
}

class DlibEmbedder final : public Embedder {
 public:
  DlibEmbedder(std::unique_ptr<Net> net, std::string model_id)
      : net_(std::move(net)), model_id_(std::move(model_id)) {}

  absl::StatusOr<Embedding> Embed(const FaceView& face) override {
    try {
      const dlib::matrix<float, 0, 1> vector = (*net_)(CutChip(face));
      return MakeUnit(model_id_, std::vector<float>(vector.begin(), vector.end()));
    } catch (const std::exception& e) {
      return base::MakeError(absl::StatusCode::kInternal, "MODEL_FAILED", model_id_ + ": " + e.what());
    }
  }

 private:
  std::unique_ptr<Net> net_;
  const std::string model_id_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Embedder>> MakeDlibEmbedder(const ModelPack& pack) {
  try {
    auto net = std::make_unique<Net>();
    RETURN_IF_ERROR(LoadNet(pack, *net));
    return std::make_unique<DlibEmbedder>(std::move(net), pack.embedder().id);
  } catch (const std::exception& e) {
    return BadWeights(e.what());
  }
}

}  // namespace rollcall::recognition
