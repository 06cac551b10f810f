#include "recognition/embedder.h"

#include <cmath>
#include <span>
#include <utility>

#include "inference/session.h"

namespace rollcall::recognition {
namespace {

constexpr size_t kPlane = static_cast<size_t>(kAlignedSide) * kAlignedSide;

class OnnxEmbedder final : public Embedder {
 public:
  OnnxEmbedder(std::unique_ptr<inference::Session> session, EmbedderSpec spec)
      : session_(std::move(session)), spec_(std::move(spec)), input_(3 * kPlane) {}

  absl::Status Cut(const FaceView& face, Picture& chip) const override {
    chip = face.aligned;
    return absl::OkStatus();
  }

  float score_tolerance() const override { return ScoreToleranceOf(*session_); }

  absl::StatusOr<Embedding> Embed(const Picture& chip) override {
    ASSIGN_OR_RETURN(Embedding plain, Run(chip, false));
    if (!spec_.mirror) return plain;
    ASSIGN_OR_RETURN(const Embedding mirrored, Run(chip, true));
    for (size_t i = 0; i < plain.values.size(); ++i) plain.values[i] += mirrored.values[i];
    ASSIGN_OR_RETURN(Embedding mean, MakeUnit(spec_.id, std::move(plain.values)));
    mean.raw_length = plain.raw_length;  // the sum's own length would say how alike the halves are
    mean.score_tolerance = plain.score_tolerance;
    return mean;
  }

 private:
  absl::StatusOr<Embedding> Run(const Picture& crop, bool mirrored) {
    if (!mirrored && !spec_.rgb) return Run(crop.bgr);
    constexpr size_t kSide = kAlignedSide;
    for (size_t y = 0; y < kSide; ++y) {
      for (size_t x = 0; x < kSide; ++x) {
        const uint8_t* from = crop.bgr.data() + (y * kSide + (mirrored ? kSide - 1 - x : x)) * 3;
        uint8_t* to = input_.data() + (y * kSide + x) * 3;
        for (size_t c = 0; c < 3; ++c) to[c] = from[spec_.rgb ? 2 - c : c];
      }
    }
    return Run(input_);
  }

  absl::StatusOr<Embedding> Run(std::span<const uint8_t> pixels) {
    ASSIGN_OR_RETURN(auto outputs, session_->RunPixels(pixels));
    ASSIGN_OR_RETURN(Embedding embedding, MakeUnit(spec_.id, std::move(outputs[0].values)));
    embedding.score_tolerance = score_tolerance();
    return embedding;
  }

  std::unique_ptr<inference::Session> session_;
  const EmbedderSpec spec_;
  base::Bytes input_;
};

}  // namespace

absl::StatusOr<Embedding> CutAndEmbed(Embedder& embedder, const FaceView& face) {
  Picture chip;
  RETURN_IF_ERROR(embedder.Cut(face, chip));
  return embedder.Embed(chip);
}

float ScoreToleranceOf(const inference::Session& session) {
  constexpr float kOfInt8 = 0.03f;
  constexpr float kOfBfloat16 = 0.01f;
  if (!session.narrow()) return 0;
  return *session.narrow() == inference::NarrowPrecision::kInt8 ? kOfInt8 : kOfBfloat16;
}

absl::StatusOr<Embedding> MakeUnit(const std::string& model_id, std::vector<float> values) {
  double squares = 0;
  for (const float v : values) squares += static_cast<double>(v) * v;
  const double norm = std::sqrt(squares);
  if (!std::isfinite(norm) || norm < 1e-6) {
    return base::MakeError(absl::StatusCode::kInternal, "MODEL_OUTPUT",
                           model_id + ": the embedding has no direction");
  }
  for (float& v : values) v = static_cast<float>(v / norm);
  return Embedding{model_id, std::move(values), static_cast<float>(norm), 0};
}

absl::StatusOr<std::unique_ptr<Embedder>> MakeOnnxEmbedder(inference::Engine& engine, const ModelPack& pack,
                                                           EmbedderPrecision precision) {
  const EmbedderSpec& spec = pack.embedder();
  ASSIGN_OR_RETURN(auto session, engine.Load(pack.file(spec.file),
                                             {.name = spec.id,
                                              .input_shape = {1, 3, kAlignedSide, kAlignedSide},
                                              .output_names = {},
                                              .output_sizes = {spec.dimension},
                                              .pixels = inference::PixelScale{.mean = spec.mean,
                                                                              .factor = spec.scale},
                                              .full_precision = precision == EmbedderPrecision::kFull}));
  return std::make_unique<OnnxEmbedder>(std::move(session), spec);
}

}  // namespace rollcall::recognition
