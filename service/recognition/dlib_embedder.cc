#include <dlib/image_transforms.h>
#include <dlib/opencv/cv_image.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "inference/session.h"
#include "recognition/dlib_net.h"
#include "recognition/dlib_onnx.h"
#include "recognition/dlib_weights.h"
#include "recognition/embedder.h"
#include "recognition/mat.h"

namespace rollcall::recognition {
namespace {

// ---- the face chip ----------------------------------------------------------------------------

// dlib's five-point mean face with a quarter of padding: outer and inner corner of the left eye,
// inner and outer corner of the right eye, base of the nose, in a square of side 1 before padding.
constexpr struct {
  size_t landmark;
  double x;
  double y;
} kChipPoints[] = {{36, 0.12058, 0.21373},
                   {39, 0.33409, 0.22906},
                   {42, 0.64606, 0.22897},
                   {45, 0.85957, 0.21350},
                   {33, 0.49011, 0.62780}};

using Chip = dlib::matrix<dlib::bgr_pixel>;

// Draws the face's chip into `chip`, whose memory is kept.
void CutChip(const FaceView& face, Chip& chip) {
  constexpr double kPadding = 0.25;
  std::vector<dlib::dpoint> chip_points;
  std::vector<dlib::dpoint> picture_points;
  for (const auto& p : kChipPoints) {
    const double scale = kDlibChipSide / (1 + 2 * kPadding);
    chip_points.emplace_back((p.x + kPadding) * scale, (p.y + kPadding) * scale);
    picture_points.emplace_back(face.landmarks[p.landmark].x, face.landmarks[p.landmark].y);
  }
  const dlib::chip_details details(chip_points, picture_points,
                                   dlib::chip_dims(kDlibChipSide, kDlibChipSide));
  dlib::extract_image_chip(dlib::cv_image<dlib::bgr_pixel>(AsMat(face.picture)), details, chip);
}

// As the chip lies in memory: rows without padding.
std::span<const uint8_t> BytesOf(const Chip& chip) {
  static_assert(sizeof(dlib::bgr_pixel) == 3);
  return {&chip(0, 0).blue, 3 * static_cast<size_t>(chip.size())};
}

class DlibEmbedder final : public Embedder {
 public:
  DlibEmbedder(ChipNet net, std::string model_id)
      : net_(std::move(net)), model_id_(std::move(model_id)) {}

  absl::StatusOr<Embedding> Embed(const FaceView& face) override {
    try {
      CutChip(face, chip_);
    } catch (const std::exception& e) {
      return base::MakeError(absl::StatusCode::kInternal, "MODEL_INPUT",
                             model_id_ + ": " + e.what());
    }
    ASSIGN_OR_RETURN(std::vector<float> vector, net_(BytesOf(chip_)));
    return MakeUnit(model_id_, std::move(vector));
  }

 private:
  const ChipNet net_;
  const std::string model_id_;
  Chip chip_;
};

// ---- the network -------------------------------------------------------------------------------

absl::StatusOr<ChipNet> MakeEngineNet(inference::Engine& engine, const std::string& name,
                                      const DlibWeights& weights) {
  ASSIGN_OR_RETURN(
      std::shared_ptr<inference::Session> session,
      engine.Load(DlibNetAsOnnx(weights),
                  {.name = name,
                   .input_shape = {1, 3, kDlibChipSide, kDlibChipSide},
                   .output_names = {},
                   .output_sizes = {kDlibDimension},
                   .pixels = inference::PixelScale{.mean = 0, .factor = kDlibPixelFactor}}));
  return [session](std::span<const uint8_t> chip) -> absl::StatusOr<std::vector<float>> {
    ASSIGN_OR_RETURN(auto outputs, session->RunPixels(chip));
    return std::move(outputs[0].values);
  };
}

// `engine`: null for dlib itself.
absl::StatusOr<ChipNet> LoadNet(inference::Engine* engine, const ModelPack& pack) {
  const EmbedderSpec& spec = pack.embedder();
  if (spec.dimension != kDlibDimension) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_MODEL",
                           spec.id + ": dimension is 128 for this network");
  }
  if (spec.kind == "dlib-dat") return ReadDlibNet(pack.file(spec.file));
  ASSIGN_OR_RETURN(const DlibWeights weights,
                   ReadDlibWeights(pack.file(spec.file), pack.file(spec.layout)));
  return engine == nullptr ? MakeDlibNet(weights) : MakeEngineNet(*engine, spec.id, weights);
}

absl::StatusOr<std::unique_ptr<Embedder>> MakeWith(inference::Engine* engine,
                                                   const ModelPack& pack) {
  ASSIGN_OR_RETURN(ChipNet net, LoadNet(engine, pack));
  return std::make_unique<DlibEmbedder>(std::move(net), pack.embedder().id);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Embedder>> MakeDlibEmbedder(inference::Engine& engine,
                                                           const ModelPack& pack) {
  return MakeWith(&engine, pack);
}

absl::StatusOr<std::unique_ptr<Embedder>> MakeDlibsOwnEmbedder(const ModelPack& pack) {
  return MakeWith(nullptr, pack);
}

}  // namespace rollcall::recognition
