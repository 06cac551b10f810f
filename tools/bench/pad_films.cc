#include "bench/pad_films.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <mutex>
#include <optional>
#include <thread>

#include "app/faces.h"
#include "app/settings.h"
#include "bench/dataset.h"
#include "bench/progress.h"
#include "bench/statistics.h"
#include "demo_kit/attack_simulation.h"
#include "recognition/decode.h"
#include "recognition/quality.h"
#include "recognition/track.h"

namespace rollcall::bench {
namespace {

namespace fs = std::filesystem;
using demo_kit::CameraOptions;
using demo_kit::Species;
using recognition::Face;
using recognition::FacePipeline;
using recognition::QualityFault;
using Film = std::vector<std::vector<uint8_t>>;

constexpr float kMinSide = 64;  // of a face in a photograph, pixels
// The photograph's shorter side, in faces: fr_liveness looks at 2.7, less only where there is less.
constexpr float kMinSurroundings = 2.4f;
constexpr float kSamePerson = 0.40f;  // one impostor pair in 10,000 reaches it (models/README.md)
constexpr base::Duration kFrameStep = std::chrono::milliseconds(300);
constexpr int kTurnFrames = 5;
constexpr double kTurnDegrees = 40;
constexpr int kHeldFrames = 20;  // ten seconds
constexpr base::Duration kHeldStep = std::chrono::milliseconds(500);

absl::StatusOr<recognition::Picture> ReadPicture(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const base::Bytes bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return recognition::DecodePicture(bytes, {});
}

cv::Mat CopyOf(recognition::Picture& picture) {
  return cv::Mat(picture.height, picture.width, CV_8UC3, picture.bgr.data()).clone();
}

cv::Rect RectOf(const recognition::Box& box, const cv::Size& size) {
  const cv::Rect rect(cv::Point(static_cast<int>(box.x1), static_cast<int>(box.y1)),
                      cv::Point(static_cast<int>(box.x2), static_cast<int>(box.y2)));
  return rect & cv::Rect(cv::Point(0, 0), size);
}

bool Usable(const Face& face, const cv::Size& photograph) {
  const float surroundings = static_cast<float>(std::min(photograph.width, photograph.height));
  return face.quality.side_px >= kMinSide && face.embedding &&
         surroundings >= kMinSurroundings * face.quality.side_px &&
         recognition::JudgeQuality(face.quality, recognition::QualityPolicy::ForCheckIn()) ==
             QualityFault::kGood;
}

// The kiosk's marked zone, so that whoever stands beside the person in her photograph is no second
// visitor: the middle of the face, wherever the walk (7 and 4 % of the frame) takes it.
recognition::Zone ZoneOf(const CameraOptions& camera) {
  const double x = 0.07 + 0.35 * camera.face_side / camera.width;
  const double y = 0.04 + 0.35 * camera.face_side / camera.height;
  const auto share = [](double value) { return static_cast<float>(std::clamp(value, 0.0, 1.0)); };
  return {share(camera.face_x - x), share(camera.face_y - y), share(camera.face_x + x),
          share(camera.face_y + y)};
}

// Who has been seen, by embedding.
class Known {
 public:
  const std::string& NameOf(const Face& face, const std::string& name_if_new) {
    for (const auto& [embedding, name] : people_) {
      if (recognition::Similarity(embedding, *face.embedding).value_or(0) >= kSamePerson) {
        return name;
      }
    }
    people_.emplace_back(*face.embedding, name_if_new);
    return people_.back().second;
  }

 private:
  std::vector<std::pair<recognition::Embedding, std::string>> people_;
};

domain::HeadSample SampleOf(const Face& face) {
  return {face.quality.yaw_degrees, face.quality.eyes_closed_probability};
}

// The largest face of each frame that passes the gate, neither embedded nor looked at by
// fr_liveness.
absl::StatusOr<std::vector<domain::HeadSample>> HeadsOf(FacePipeline& pipeline, const Film& film,
                                                        const recognition::Zone& zone) {
  recognition::AnalyseOptions options;
  options.zone = zone;
  options.embed = false;
  std::vector<domain::HeadSample> heads;
  for (const auto& jpeg : film) {
    ASSIGN_OR_RETURN(const auto picture, recognition::DecodePicture(jpeg, {}));
    ASSIGN_OR_RETURN(const auto faces, pipeline.Analyse(picture, options));
    if (faces.empty()) continue;
    const auto fault =
        recognition::JudgeQuality(faces.front().quality, recognition::QualityPolicy::ForCheckIn());
    if (fault == QualityFault::kGood) heads.push_back(SampleOf(faces.front()));
  }
  return heads;
}

// Whether the heads meet a challenge that was put on the first of them.
bool Meets(const std::vector<domain::HeadSample>& heads, domain::Decision prompt,
           const domain::PresentationSettings& settings) {
  if (heads.empty()) return false;
  const base::Time start = base::FromUnixMicros(0);
  domain::Challenge challenge(prompt, heads.front(), start + settings.challenge_time, settings);
  base::Time now = start;
  for (const domain::HeadSample& head : heads) {
    if (challenge.Observe(head, now) == domain::Challenge::State::kMet) return true;
    now += kHeldStep;
  }
  return false;
}

class Job {
 public:
  Job(const std::vector<PadScene>& scenes, const PadFilmOptions& options)
      : scenes_(scenes),
        options_(options),
        result_(scenes.size()),
        progress_("filming", static_cast<int64_t>(scenes.size()), MachineClock(), options.quiet) {}

  void Run(FacePipeline& pipeline) {
    for (size_t next = next_++; next < scenes_.size(); next = next_++) {
      const absl::Status status = One(pipeline, next);
      const std::scoped_lock lock(mutex_);
      if (!status.ok() && status_.ok()) status_ = status;
      progress_.Add();
    }
  }

  absl::StatusOr<PadFilms> TakeResult() {
    RETURN_IF_ERROR(status_);
    PadFilms all;
    for (PadFilms& films : result_) {
      std::move(films.presentations.begin(), films.presentations.end(),
                std::back_inserter(all.presentations));
      std::move(films.trials.begin(), films.trials.end(), std::back_inserter(all.trials));
    }
    return all;
  }

 private:
  absl::Status One(FacePipeline& pipeline, size_t index) {
    const PadScene& scene = scenes_[index];
    PadFilms& films = result_[index];
    Dice dice(options_.seed * 1'000'003 + index);
    for (int32_t i = 0; i < options_.presentations; ++i) {
      CameraOptions camera;
      camera.frames = options_.frames;
      // Never enlarged: a photograph without detail is not what a camera shows of a person.
      camera.face_side = std::min(120 + 80 * dice.Unit(),
                                  static_cast<double>(scene.scene.face.height));
      camera.seed = dice.Below(std::numeric_limits<uint32_t>::max());
      // Where there is no instrument's edge, the camera sees nothing but the photograph.
      const CameraOptions inside =
          demo_kit::InsidePhotograph(demo_kit::ShrinkForCamera(scene.scene, camera), camera);
      const auto take = [&](std::string_view species, const Film& film,
                            const CameraOptions& seen_by) -> absl::Status {
        ASSIGN_OR_RETURN(PadPresentation seen, Decide(pipeline, film, ZoneOf(seen_by)));
        seen.species = std::string(species);
        seen.person = scene.person;
        seen.chooses = scene.chooses;
        films.presentations.push_back(std::move(seen));
        return absl::OkStatus();
      };
      RETURN_IF_ERROR(take(kBonaFide, demo_kit::SimulateBonaFide(scene.scene, camera), inside));
      for (const Species species : demo_kit::kAllSpecies) {
        RETURN_IF_ERROR(take(demo_kit::ToString(species),
                             demo_kit::SimulateAttack(scene.scene, species, camera),
                             species == Species::kFullView ? inside : camera));
      }
      RETURN_IF_ERROR(TryChallenges(pipeline, scene, camera, films));
    }
    return absl::OkStatus();
  }

  // As app's Looker comes to an attempt, without looking anybody up.
  absl::StatusOr<PadPresentation> Decide(FacePipeline& pipeline, const Film& film,
                                         const recognition::Zone& zone) const {
    const app::LookSettings look;
    const auto policy = recognition::QualityPolicy::ForCheckIn();
    recognition::FaceTrack track;
    PadPresentation seen;
    base::Time time = base::FromUnixMicros(0);
    for (const auto& jpeg : film) {
      time += kFrameStep;
      ASSIGN_OR_RETURN(const auto picture, recognition::DecodePicture(jpeg, {}));
      ASSIGN_OR_RETURN(const app::CountedFaces faces,
                       app::AnalyseMainFace(pipeline, picture, zone, policy, /*liveness=*/true));
      const Face* face = faces.count == 1 && faces.main ? &*faces.main : nullptr;
      if (face == nullptr || !face->embedding ||
          recognition::JudgeQuality(face->quality, policy) != QualityFault::kGood) {
        continue;
      }
      if (track.Add(*face, time) == recognition::FaceTrack::Added::kStarted) {
        seen.live.clear();
      }
      seen.live.push_back(face->quality.live_probability.value_or(1));
      seen.responded = track.frames() >= look.min_frames &&
                       track.frames_seen() >= look.min_frames_seen_by_camera;
      if (seen.responded) break;
    }
    seen.still = track.still();
    return seen;
  }

  absl::Status TryChallenges(FacePipeline& pipeline, const PadScene& scene, CameraOptions camera,
                             PadFilms& films) const {
    using domain::Decision;
    for (const Species species : {Species::kPrint, Species::kCutOut}) {
      camera.frames = kTurnFrames;
      for (const double turn : {-kTurnDegrees, kTurnDegrees}) {
        camera.turn_to = turn;
        ASSIGN_OR_RETURN(const auto heads,
                         HeadsOf(pipeline, demo_kit::SimulateAttack(scene.scene, species, camera),
                                 ZoneOf(camera)));
        // Whoever holds it turns it the way that helps, so either side counts.
        const bool passed = Meets(heads, Decision::kTurnLeft, options_.settings) ||
                            Meets(heads, Decision::kTurnRight, options_.settings);
        films.trials.push_back(
            {"turn", std::string(demo_kit::ToString(species)), scene.person, passed});
      }
    }
    camera.frames = kHeldFrames;
    camera.turn_to = 0;
    ASSIGN_OR_RETURN(
        const auto held,
        HeadsOf(pipeline, demo_kit::SimulateAttack(scene.scene, Species::kPrint, camera),
                ZoneOf(camera)));
    films.trials.push_back({"blink", std::string(demo_kit::ToString(Species::kPrint)), scene.person,
                            Meets(held, Decision::kCloseEyes, options_.settings)});
    return absl::OkStatus();
  }

  const std::vector<PadScene>& scenes_;
  const PadFilmOptions& options_;
  std::vector<PadFilms> result_;  // each element is written by the one thread that took its scene
  std::atomic<size_t> next_ = 0;
  std::mutex mutex_;     // guards status_
  absl::Status status_;  // the first error
  Progress progress_;
};

}  // namespace

absl::StatusOr<std::vector<PadScene>> FindPadScenes(const std::vector<std::string>& folders,
                                                    FacePipeline& pipeline) {
  recognition::AnalyseOptions options;
  options.max_faces_embedded = std::numeric_limits<int32_t>::max();
  options.liveness = false;
  std::vector<PadScene> scenes;
  Known known;
  for (const std::string& folder : folders) {
    for (const fs::path& path : PicturesBelow(folder)) {
      auto picture = ReadPicture(path);
      if (!picture.ok()) continue;  // a file that is no picture is none of ours
      ASSIGN_OR_RETURN(const auto faces, pipeline.Analyse(*picture, options));
      const cv::Mat mat = CopyOf(*picture);
      for (size_t i = 0; i < faces.size(); ++i) {
        if (!Usable(faces[i], mat.size())) continue;
        PadScene scene;
        scene.scene.picture = mat;
        scene.scene.face = RectOf(faces[i].box, mat.size());
        for (size_t other = 0; other < faces.size(); ++other) {
          if (other != i) scene.scene.others.push_back(RectOf(faces[other].box, mat.size()));
        }
        scene.person =
            known.NameOf(faces[i], (path.parent_path().filename() / path.filename()).string() +
                                       "#" + std::to_string(i));
        scene.chooses = InCalibrationHalf(Person{scene.person, {}, {}});
        scenes.push_back(std::move(scene));
      }
    }
  }
  if (!scenes.empty()) return scenes;
  return base::MakeError(absl::StatusCode::kNotFound, "NO_PICTURES",
                         "no face that could be recognised, of 64 pixels or more, in the folders "
                         "given by --faces");
}

absl::StatusOr<PadFilms> MakePadFilms(
    const std::vector<PadScene>& scenes,
    const std::function<absl::StatusOr<std::unique_ptr<FacePipeline>>()>& make_pipeline,
    const PadFilmOptions& options) {
  std::vector<std::unique_ptr<FacePipeline>> pipelines;
  for (int32_t thread = 0; thread < options.threads; ++thread) {
    ASSIGN_OR_RETURN(auto pipeline, make_pipeline());
    pipelines.push_back(std::move(pipeline));
  }
  Job job(scenes, options);
  {
    std::vector<std::jthread> threads;
    for (const auto& pipeline : pipelines) {
      threads.emplace_back([&job, &pipeline] { job.Run(*pipeline); });
    }
  }
  return job.TakeResult();
}

}  // namespace rollcall::bench
