#include "recognition/face_pipeline.h"

#include <algorithm>
#include <opencv2/core.hpp>
#include <utility>

#include "inference/engines.h"
#include "recognition/detector.h"
#include "recognition/embedder.h"
#include "recognition/face_nets.h"
#include "recognition/geometry.h"
#include "recognition/mat.h"
#include "recognition/measure.h"
#include "recognition/stage_times.h"

namespace rollcall::recognition {
namespace {

absl::Status CheckPicture(const Picture& picture) {
  if (picture.width > 0 && picture.height > 0 &&
      picture.bgr.size() ==
          static_cast<size_t>(picture.width) * static_cast<size_t>(picture.height) * 3) {
    return absl::OkStatus();
  }
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PICTURE",
                         "the picture is empty or its buffer does not fit its size");
}

bool CentreInside(const Box& box, const Zone& zone, const Picture& picture) {
  const float x = (box.x1 + box.x2) / 2 / static_cast<float>(picture.width);
  const float y = (box.y1 + box.y2) / 2 / static_cast<float>(picture.height);
  return x >= zone.x1 && x <= zone.x2 && y >= zone.y1 && y <= zone.y2;
}

float ShorterSide(const Box& box) { return std::min(box.width(), box.height()); }

// Moves `landmarks` by (dx, dy).
void Shift(Landmarks& landmarks, float dx, float dy) {
  for (Point& p : landmarks) {
    p.x += dx;
    p.y += dy;
  }
}

// Of one model.
struct Embedders {
  std::unique_ptr<Embedder> quick;
  std::unique_ptr<Embedder> exact;  // in float32; null where `quick` is
};

class Pipeline final : public FacePipeline {
 public:
  Pipeline(std::unique_ptr<Detector> detector, LandmarkNet landmarks, LivenessNet liveness,
           EyeNet eyes, Embedders embedders, const EmbedderSpec& spec)
      : detector_(std::move(detector)),
        landmarks_(std::move(landmarks)),
        liveness_(std::move(liveness)),
        eyes_(std::move(eyes)),
        embedders_(std::move(embedders)),
        model_id_(spec.id),
        min_raw_length_(spec.min_raw_length) {}

  absl::StatusOr<std::vector<Face>> Analyse(const Picture& picture,
                                            const AnalyseOptions& options) override {
    RETURN_IF_ERROR(CheckPicture(picture));
    ASSIGN_OR_RETURN(std::vector<Face> faces, FacesInZone(picture, options));
    const bool embed = options.embed &&
                       faces.size() <= static_cast<size_t>(std::max(0, options.max_faces_embedded));
    if (options.embed && !embed && options.only_count_beyond) return faces;
    for (Face& face : faces) {
      RETURN_IF_ERROR(Examine(picture, options, embed, face));
    }
    return faces;
  }

  absl::StatusOr<Face> AnalyseAligned(const Picture& crop) override {
    RETURN_IF_ERROR(CheckPicture(crop));
    if (crop.width != kAlignedSide || crop.height != kAlignedSide) {
      return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PICTURE",
                             "an aligned crop has 112 x 112 pixels");
    }
    Face face;
    face.box = kAlignedBox;
    face.score = 1;
    ASSIGN_OR_RETURN(const Picture padded, Pad(crop));
    const auto shift = static_cast<float>(kPad);
    const Box in_padded{kAlignedBox.x1 + shift, kAlignedBox.y1 + shift, kAlignedBox.x2 + shift,
                        kAlignedBox.y2 + shift};
    ASSIGN_OR_RETURN(face.landmarks, landmarks_.Find(padded, in_padded));
    RETURN_IF_ERROR(LookAtEyes(padded, face));
    Shift(face.landmarks, -shift, -shift);
    face.points = FivePointsOf(face.landmarks);
    MeasureCrop(crop, face.landmarks, face.quality);
    RETURN_IF_ERROR(Embed({crop, face.landmarks, crop}, face));
    return face;
  }

  absl::StatusOr<Embedding> EmbedExactly(const Face& face) override {
    ROLLCALL_CHECK(face.embedding.has_value());
    if (face.embedding->score_tolerance == 0) return *face.embedding;
    ROLLCALL_CHECK(face.chip != nullptr && embedders_.exact != nullptr);
    return embedders_.exact->Embed(*face.chip);
  }

  const std::string& model_id() const override { return model_id_; }

 private:
  // Where fr_detect's square lies in a crop that is aligned already: about the median over 114 faces
  // found in whole pictures and mapped by their own alignment. It reaches beyond the crop, hence the
  // padding.
  static constexpr Box kAlignedBox{0.0f, 7.5f, 112.5f, 120.0f};
  static constexpr int kPad = 12;

  static absl::StatusOr<Picture> Pad(const Picture& crop) {
    try {
      cv::Mat padded;
      cv::copyMakeBorder(AsMat(crop), padded, kPad, kPad, kPad, kPad, cv::BORDER_REPLICATE);
      return ToPicture(padded);
    } catch (const std::exception& e) {
      return base::MakeError(absl::StatusCode::kInternal, "ALIGN_FAILED", e.what());
    }
  }

  // The faces that count, largest first, with box and score only.
  absl::StatusOr<std::vector<Face>> FacesInZone(const Picture& picture,
                                                const AnalyseOptions& options) {
    const StageWatch watch(options.times, &StageTimes::detect);
    ASSIGN_OR_RETURN(const std::vector<Detection> found, detector_->Detect(picture));
    std::vector<Face> faces;
    for (const Detection& detection : found) {
      Face face;
      face.box = SquareBox(detection.box, picture.width, picture.height);
      face.score = detection.score;
      face.quality.side_px = ShorterSide(face.box);
      // A square that lies beyond the border has no pixels left.
      if (face.quality.side_px < std::max(1.0f, options.min_side_px)) continue;
      if (CentreInside(detection.box, options.zone, picture)) faces.push_back(std::move(face));
    }
    std::stable_sort(faces.begin(), faces.end(), [](const Face& a, const Face& b) {
      return a.box.width() * a.box.height() > b.box.width() * b.box.height();
    });
    LeaveOutBackground(options, faces);
    return faces;
  }

  // `faces`: largest first.
  static void LeaveOutBackground(const AnalyseOptions& options, std::vector<Face>& faces) {
    if (faces.empty()) return;
    const float beside = options.background_share * faces.front().quality.side_px;
    std::erase_if(faces, [&](const Face& face) {
      return face.quality.side_px < beside && face.quality.side_px < options.background_side_px;
    });
  }

  absl::Status Examine(const Picture& picture, const AnalyseOptions& options, bool embed,
                       Face& face) {
    ASSIGN_OR_RETURN(const bool aligned, Align(picture, options, face));
    RETURN_IF_ERROR(Measure(picture, options, aligned, face));
    if (!embed || !aligned) return absl::OkStatus();
    if (options.liveness) {
      const StageWatch watch(options.times, &StageTimes::quality);
      ASSIGN_OR_RETURN(face.quality.live_probability,
                       liveness_.LiveProbability(picture, face.box));
    }
    const StageWatch watch(options.times, &StageTimes::embed);
    return Embed({picture, face.landmarks, aligned_}, face);
  }

  // Draws the face into `aligned_`. False where the landmarks make no face: measured as black and blurred, so
  // that the gate refuses.
  absl::StatusOr<bool> Align(const Picture& picture, const AnalyseOptions& options, Face& face) {
    const StageWatch watch(options.times, &StageTimes::align);
    ASSIGN_OR_RETURN(face.landmarks, landmarks_.Find(picture, face.box));
    face.points = FivePointsOf(face.landmarks);
    const Affine matrix = AlignmentOf(face.points);
    if (!Usable(matrix)) return false;
    CutAligned(picture, matrix, aligned_);
    return true;
  }

  absl::Status Measure(const Picture& picture, const AnalyseOptions& options, bool aligned, Face& face) {
    const StageWatch watch(options.times, &StageTimes::quality);
    if (options.eyes) RETURN_IF_ERROR(LookAtEyes(picture, face));
    if (aligned) MeasureCrop(aligned_, face.landmarks, face.quality);
    return absl::OkStatus();
  }

  absl::Status LookAtEyes(const Picture& picture, Face& face) {
    ASSIGN_OR_RETURN(const EyeNet::Eyes eyes, eyes_.Look(picture, face.landmarks));
    face.quality.eyes_open_probability = eyes.open;
    face.quality.eyes_closed_probability = eyes.closed;
    return absl::OkStatus();
  }

  absl::Status Embed(const FaceView& view, Face& face) {
    auto chip = std::make_shared<Picture>();
    RETURN_IF_ERROR(embedders_.quick->Cut(view, *chip));
    ASSIGN_OR_RETURN(face.embedding, embedders_.quick->Embed(*chip));
    face.chip = std::move(chip);
    constexpr float kLeast = 2.0f;  // FaceQuality::embedding_length says why
    face.quality.embedding_length =
        min_raw_length_ > 0 ? face.embedding->raw_length * kLeast / min_raw_length_ : 0;
    return absl::OkStatus();
  }

  std::unique_ptr<Detector> detector_;
  LandmarkNet landmarks_;
  LivenessNet liveness_;
  EyeNet eyes_;
  Embedders embedders_;
  const std::string model_id_;
  const float min_raw_length_;
  Picture aligned_;  // of the face in work
};

absl::StatusOr<std::unique_ptr<Detector>> MakeDetector(inference::Engine& engine,
                                                       const ModelPack& pack) {
  const base::Bytes& file = pack.file(pack.detector_file());
  return pack.detector() == "yunet" ? MakeYuNet(file) : MakeFrDetect(engine, file);
}

absl::StatusOr<std::unique_ptr<Embedder>> MakeEmbedder(inference::Engine& engine, const ModelPack& pack,
                                                       EmbedderPrecision precision) {
  return pack.embedder().kind == "onnx-112" ? MakeOnnxEmbedder(engine, pack, precision)
                                            : MakeDlibEmbedder(engine, pack, precision);
}

absl::StatusOr<Embedders> MakeEmbedders(inference::Engine& engine, const ModelPack& pack) {
  Embedders embedders;
  ASSIGN_OR_RETURN(embedders.quick, MakeEmbedder(engine, pack, EmbedderPrecision::kQuickest));
  if (embedders.quick->score_tolerance() == 0) return embedders;
  ASSIGN_OR_RETURN(embedders.exact, MakeEmbedder(engine, pack, EmbedderPrecision::kFull));
  return embedders;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FacePipeline>> MakeFacePipeline(const ModelPack& pack, inference::Engine& engine) {
  ASSIGN_OR_RETURN(auto detector, MakeDetector(engine, pack));
  ASSIGN_OR_RETURN(LandmarkNet landmarks,
                   LandmarkNet::Load(engine, pack.file("fr_landmark.onnx")));
  ASSIGN_OR_RETURN(LivenessNet liveness,
                   LivenessNet::Load(engine, pack.file("fr_liveness.onnx")));
  ASSIGN_OR_RETURN(EyeNet eyes, EyeNet::Load(engine, pack.file("fr_eye.onnx")));
  ASSIGN_OR_RETURN(Embedders embedders, MakeEmbedders(engine, pack));
  return std::make_unique<Pipeline>(std::move(detector), std::move(landmarks),
                                    std::move(liveness), std::move(eyes), std::move(embedders),
                                    pack.embedder());
}

absl::StatusOr<std::unique_ptr<FacePipeline>> MakeFacePipeline(const ModelPack& pack) {
  return MakeFacePipeline(pack, *inference::MakeServiceEngine(pack.activations(), {}));
}

}  // namespace rollcall::recognition
