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

// Throws what dlib throws.
void CutChip(const FaceView& face, Picture& chip) {
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
  dlib::matrix<dlib::bgr_pixel> cut;
  dlib::extract_image_chip(dlib::cv_image<dlib::bgr_pixel>(AsMat(face.picture)), details, cut);
  static_assert(sizeof(dlib::bgr_pixel) == 3);  // and rows without padding
  const uint8_t* bytes = &cut(0, 0).blue;
  chip.width = chip.height = static_cast<int32_t>(kDlibChipSide);
  chip.bgr.assign(bytes, bytes + 3 * cut.size());
}

// A net and Embedding::score_tolerance of what it makes.
struct RatedNet {
  ChipNet run;
  float score_tolerance = 0;
};

class DlibEmbedder final : public Embedder {
 public:
  DlibEmbedder(RatedNet net, std::string model_id)
      : net_(std::move(net)), model_id_(std::move(model_id)) {}

  absl::Status Cut(const FaceView& face, Picture& chip) const override {
    try {
      CutChip(face, chip);
      return absl::OkStatus();
    } catch (const std::exception& e) {
      return base::MakeError(absl::StatusCode::kInternal, "MODEL_INPUT",
                             model_id_ + ": " + e.what());
    }
  }

  absl::StatusOr<Embedding> Embed(const Picture& chip) override {
    ASSIGN_OR_RETURN(std::vector<float> vector, net_.run(chip.bgr));
    ASSIGN_OR_RETURN(Embedding embedding, MakeUnit(model_id_, std::move(vector)));
    embedding.score_tolerance = net_.score_tolerance;
    return embedding;
  }

  float score_tolerance() const override { return net_.score_tolerance; }

 private:
  const RatedNet net_;
  const std::string model_id_;
};

// ---- the network -------------------------------------------------------------------------------

absl::StatusOr<RatedNet> MakeEngineNet(inference::Engine& engine, const std::string& name,
                                       const DlibWeights& weights, EmbedderPrecision precision) {
  ASSIGN_OR_RETURN(
      std::shared_ptr<inference::Session> session,
      engine.Load(DlibNetAsOnnx(weights),
                  {.name = name,
                   .input_shape = {1, 3, kDlibChipSide, kDlibChipSide},
                   .output_names = {},
                   .output_sizes = {kDlibDimension},
                   .pixels = inference::PixelScale{.mean = 0, .factor = kDlibPixelFactor},
                   .full_precision = precision == EmbedderPrecision::kFull}));
  const auto run = [session](std::span<const uint8_t> chip) -> absl::StatusOr<std::vector<float>> {
    ASSIGN_OR_RETURN(auto outputs, session->RunPixels(chip));
    return std::move(outputs[0].values);
  };
  return RatedNet{run, ScoreToleranceOf(*session)};
}

// `engine`: null for dlib itself.
absl::StatusOr<RatedNet> LoadNet(inference::Engine* engine, const ModelPack& pack, EmbedderPrecision precision) {
  const EmbedderSpec& spec = pack.embedder();
  if (spec.dimension != kDlibDimension) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_MODEL",
                           spec.id + ": dimension is 128 for this network");
  }
  RatedNet in_dlib;
  if (spec.kind == "dlib-dat") {
    ASSIGN_OR_RETURN(in_dlib.run, ReadDlibNet(pack.file(spec.file)));
    return in_dlib;
  }
  ASSIGN_OR_RETURN(const DlibWeights weights,
                   ReadDlibWeights(pack.file(spec.file), pack.file(spec.layout)));
  if (engine != nullptr) return MakeEngineNet(*engine, spec.id, weights, precision);
  ASSIGN_OR_RETURN(in_dlib.run, MakeDlibNet(weights));
  return in_dlib;
}

absl::StatusOr<std::unique_ptr<Embedder>> MakeWith(inference::Engine* engine, const ModelPack& pack,
                                                   EmbedderPrecision precision) {
  ASSIGN_OR_RETURN(RatedNet net, LoadNet(engine, pack, precision));
  return std::make_unique<DlibEmbedder>(std::move(net), pack.embedder().id);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Embedder>> MakeDlibEmbedder(inference::Engine& engine, const ModelPack& pack,
                                                           EmbedderPrecision precision) {
  return MakeWith(&engine, pack, precision);
}

absl::StatusOr<std::unique_ptr<Embedder>> MakeDlibsOwnEmbedder(const ModelPack& pack) {
  return MakeWith(nullptr, pack, EmbedderPrecision::kFull);
}

}  // namespace rollcall::recognition
