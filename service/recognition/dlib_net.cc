#include "recognition/dlib_net.h"

#include <dlib/dnn.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

// The only file that sees dlib's networks: their templates are slow to compile.
namespace rollcall::recognition {
namespace {

// ---- the network: 29 convolutions, as dlib's own face recognition example lays them out ---------

// Where the training had batch normalisation, dlib's published file has a scale (dlib::affine).
template <int kChannels, int kStride, typename Below>
using Block = dlib::affine<
    dlib::con<kChannels, 3, 3, 1, 1,
              dlib::relu<dlib::affine<dlib::con<kChannels, 3, 3, kStride, kStride, Below>>>>>;

template <int kChannels, typename Below>
using Residual = dlib::relu<dlib::add_prev1<Block<kChannels, 1, dlib::tag1<Below>>>>;

template <int kChannels, typename Below>
using ResidualDown = dlib::relu<dlib::add_prev2<
    dlib::avg_pool<2, 2, 2, 2, dlib::skip1<dlib::tag2<Block<kChannels, 2, dlib::tag1<Below>>>>>>>;

template <typename Below>
using Stage32 = Residual<32, Residual<32, Residual<32, Below>>>;
template <typename Below>
using Stage64 = Residual<64, Residual<64, Residual<64, ResidualDown<64, Below>>>>;
template <typename Below>
using Stage128 = Residual<128, Residual<128, ResidualDown<128, Below>>>;
template <typename Below>
using Stage256 = Residual<256, Residual<256, ResidualDown<256, Below>>>;

// Its input layer takes off kDlibMeans by default.
using Net = dlib::loss_metric<dlib::fc_no_bias<
    kDlibDimension,
    dlib::avg_pool_everything<ResidualDown<
        256, Stage256<Stage128<Stage64<Stage32<dlib::max_pool<
                 3, 3, 2, 2,
                 dlib::relu<dlib::affine<dlib::con<
                     32, 7, 7, 2, 2, dlib::input_rgb_image_sized<kDlibChipSide>>>>>>>>>>>>>;

using Chip = dlib::matrix<dlib::rgb_pixel>;

absl::Status BadNet(const std::string& what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_MODEL",
                         "dlib's network: " + what);
}

// Fills `net`, whose layers have their sizes. dlib's own scale layers stay at 1 and 0: their
// parameters cannot be set from outside, and the weights have them in the convolutions.
absl::Status Fill(Net& net, const DlibWeights& weights) {
  std::vector<dlib::tensor*> layers;  // dlib visits from output to input
  dlib::visit_layer_parameters(net, [&layers](dlib::tensor& t) {
    if (t.size() != 0) layers.push_back(&t);
  });
  std::reverse(layers.begin(), layers.end());
  std::vector<std::vector<float>> all;
  for (const DlibWeights::Convolution& c : weights.convolutions) {
    all.push_back(c.filters);
    all.back().insert(all.back().end(), c.bias.begin(), c.bias.end());
  }
  all.push_back(weights.matrix);
  if (all.size() != layers.size()) return BadNet("another number of layers");
  for (size_t i = 0; i < layers.size(); ++i) {
    if (all[i].size() != layers[i]->size()) return BadNet("a layer of another size");
    std::copy(all[i].begin(), all[i].end(), layers[i]->host());
  }
  return absl::OkStatus();
}

Chip ToChip(std::span<const uint8_t> bgr) {
  Chip chip(kDlibChipSide, kDlibChipSide);
  size_t at = 0;
  for (dlib::rgb_pixel& pixel : chip) {
    pixel = {bgr[at + 2], bgr[at + 1], bgr[at]};
    at += 3;
  }
  return chip;
}

ChipNet AsChipNet(std::shared_ptr<Net> net) {
  return
      [net = std::move(net)](std::span<const uint8_t> bgr) -> absl::StatusOr<std::vector<float>> {
        ROLLCALL_CHECK(bgr.size() == size_t{3} * kDlibChipSide * kDlibChipSide);
        try {
          const dlib::matrix<float, 0, 1> vector = (*net)(ToChip(bgr));
          return std::vector<float>(vector.begin(), vector.end());
        } catch (const std::exception& e) {
          return base::MakeError(absl::StatusCode::kInternal, "MODEL_FAILED",
                                 std::string("dlib's network: ") + e.what());
        }
      };
}

}  // namespace

absl::StatusOr<ChipNet> ReadDlibNet(const base::Bytes& dat) {
  try {
    auto net = std::make_shared<Net>();
    std::istringstream stream{std::string(base::AsText(dat))};
    dlib::deserialize(*net, stream);
    return AsChipNet(std::move(net));
  } catch (const std::exception& e) {
    return BadNet(e.what());
  }
}

absl::StatusOr<ChipNet> MakeDlibNet(const DlibWeights& weights) {
  try {
    auto net = std::make_shared<Net>();
    (*net)(
        Chip(kDlibChipSide, kDlibChipSide));  // dlib gives its layers their sizes in the first pass
    RETURN_IF_ERROR(Fill(*net, weights));
    return AsChipNet(std::move(net));
  } catch (const std::exception& e) {
    return BadNet(e.what());
  }
}

}  // namespace rollcall::recognition
