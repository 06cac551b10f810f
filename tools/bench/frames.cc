#include "bench/frames.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "bench/dataset.h"
#include "bench/perturb.h"
#include "bench/picture_view.h"
#include "recognition/decode.h"
#include "recognition/quality.h"

namespace rollcall::bench {
namespace {

namespace fs = std::filesystem;
using recognition::Face;
using recognition::Picture;

constexpr double kContextShare = 2.0;  // of the face's side: what is cut out around it
constexpr int kQuality = 90;
// Two faces of one person: far above what strangers reach, far below what one person does.
constexpr float kSamePerson = 0.4f;

absl::StatusOr<base::Bytes> Encode(const cv::Mat& mat) {
  base::Bytes bytes;
  if (!cv::imencode(".jpg", mat, bytes, {cv::IMWRITE_JPEG_QUALITY, kQuality})) {
    return base::MakeError(absl::StatusCode::kInternal, "ENCODE", "OpenCV cannot write a JPEG");
  }
  return bytes;
}

// The face with its surroundings in the middle of a frame, in front of the same, blurred.
Picture FrameOf(const Picture& picture, const Face& face) {
  const float side = std::max(face.box.width(), face.box.height());
  const auto reach = static_cast<int>(side * kContextShare / 2);
  const int x = static_cast<int>(face.box.x1 + face.box.x2) / 2;
  const int y = static_cast<int>(face.box.y1 + face.box.y2) / 2;
  const cv::Rect wanted(x - reach, y - reach, 2 * reach, 2 * reach);
  const cv::Rect inside = wanted & cv::Rect(0, 0, picture.width, picture.height);
  const cv::Mat cut = View(picture)(inside);
  const double scale = kFrameFacePx / static_cast<double>(side);
  cv::Mat face_part;
  cv::resize(cut, face_part, {}, scale, scale, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  Picture frame{kFrameWidth, kFrameHeight, {}};
  frame.bgr.resize(static_cast<size_t>(kFrameWidth) * kFrameHeight * 3);
  cv::Mat whole = View(frame);
  // Blurred while it is small, which looks the same and takes a hundredth of the time.
  constexpr int kSmaller = 10;
  cv::Mat small;
  cv::resize(cut, small, {kFrameWidth / kSmaller, kFrameHeight / kSmaller}, 0, 0, cv::INTER_AREA);
  cv::GaussianBlur(small, small, {}, 60.0 / kSmaller);
  cv::resize(small, whole, {kFrameWidth, kFrameHeight});
  const int left = (kFrameWidth - face_part.cols) / 2;
  const int top = (kFrameHeight - face_part.rows) / 2;
  if (left >= 0 && top >= 0) {
    face_part.copyTo(whole(cv::Rect(left, top, face_part.cols, face_part.rows)));
  }
  return frame;
}

absl::StatusOr<FramePerson> MakePerson(const Picture& frame, int32_t frames_each, Dice& dice) {
  FramePerson person;
  ASSIGN_OR_RETURN(person.enrolment, Encode(View(frame)));
  for (int32_t i = 0; i < frames_each; ++i) {
    const Picture seen = Perturb(frame, {}, dice);
    ASSIGN_OR_RETURN(base::Bytes bytes, Encode(View(seen)));
    person.frames.push_back(std::move(bytes));
  }
  return person;
}

// Whether the sign-up desk would take `frame`: one face that passes the gate. It is then in
// `found`.
bool CanEnrol(recognition::FacePipeline& pipeline, const Picture& frame, Face* found) {
  auto faces = pipeline.Analyse(frame, {});
  if (!faces.ok() || faces->size() != 1 || !faces->front().embedding) return false;
  *found = std::move(faces->front());
  return recognition::JudgeQuality(found->quality, recognition::QualityPolicy::ForEnrolment()) ==
         recognition::QualityFault::kGood;
}

}  // namespace

absl::StatusOr<std::vector<FramePerson>> MakeFrames(const std::string& directory, int32_t people,
                                                    int32_t frames_each,
                                                    recognition::FacePipeline& pipeline) {
  Dice dice(1);
  std::vector<FramePerson> result;
  std::vector<recognition::Embedding> known;
  for (const fs::path& path : PicturesBelow(directory)) {
    std::ifstream file(path, std::ios::binary);
    const base::Bytes bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const auto picture = recognition::DecodePicture(bytes, {});
    if (!picture.ok()) continue;
    ASSIGN_OR_RETURN(const auto faces, pipeline.Analyse(*picture, {.embed = false}));
    for (const Face& face : faces) {
      if (static_cast<int32_t>(result.size()) == people) return result;
      if (face.quality.side_px < 80) continue;
      const Picture frame = FrameOf(*picture, face);
      Face alone;
      if (!CanEnrol(pipeline, frame, &alone)) continue;
      const bool again = std::any_of(known.begin(), known.end(), [&alone](const auto& other) {
        const auto score = recognition::Similarity(*alone.embedding, other);
        return score.ok() && *score >= kSamePerson;
      });
      if (again) continue;
      known.push_back(*alone.embedding);
      ASSIGN_OR_RETURN(FramePerson person, MakePerson(frame, frames_each, dice));
      result.push_back(std::move(person));
    }
  }
  if (!result.empty()) return result;
  return base::MakeError(absl::StatusCode::kNotFound, "NO_PICTURES",
                         "no face in " + directory +
                             "; `tools/fetch-models --demo-pictures` gets six pictures, or name a "
                             "folder with --pictures");
}

}  // namespace rollcall::bench
