#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "bench/format.h"
#include "bench/speed/galleries.h"
#include "bench/speed/groups.h"
#include "recognition/decode.h"
#include "recognition/frame_watch.h"

namespace rollcall::bench {
namespace {

constexpr int kMostFaces = 4;
constexpr int64_t kPeople = 100'000;  // as in request_cv
constexpr int kTile = 320;  // the side of a person's part of the frame

// A frame with the first `faces` of the people beside each other, everything else alike.
absl::StatusOr<base::Bytes> GroupFrame(const SpeedContext& context, int faces) {
  cv::Mat frame(kFrameHeight, kFrameWidth, CV_8UC3, cv::Scalar::all(127));
  for (int i = 0; i < faces; ++i) {
    const FramePerson& person = context.people[static_cast<size_t>(i) % context.people.size()];
    const cv::Mat whole = cv::imdecode(person.enrolment, cv::IMREAD_COLOR);
    if (whole.empty()) return absl::InternalError("a picture of the bench cannot be read");
    const int side = 2 * kFrameFacePx;
    const cv::Rect middle((whole.cols - side) / 2, (whole.rows - side) / 2, side, side);
    const cv::Rect place(i * kTile, (kFrameHeight - kTile) / 2, kTile, kTile);
    cv::resize(whole(middle & cv::Rect(0, 0, whole.cols, whole.rows)), frame(place), {kTile, kTile},
               0, 0, cv::INTER_AREA);
  }
  base::Bytes jpeg;
  cv::imencode(".jpg", frame, jpeg, {cv::IMWRITE_JPEG_QUALITY, 90});
  return jpeg;
}

// How many faces were embedded.
absl::StatusOr<int> Recognise(recognition::FacePipeline& pipeline, const base::Bytes& jpeg) {
  ASSIGN_OR_RETURN(const auto picture,
                   recognition::DecodePicture(jpeg, recognition::DecodeLimits::ForFrames()));
  ASSIGN_OR_RETURN(const auto faces, pipeline.Analyse(picture, {.max_faces_embedded = kMostFaces}));
  return static_cast<int>(std::count_if(
      faces.begin(), faces.end(), [](const auto& face) { return face.embedding.has_value(); }));
}

absl::StatusOr<Row> SecondFace(SpeedContext& context) {
  if (context.people.size() < kMostFaces) {
    return MissingRow("second_face", "the pictures show fewer than four people");
  }
  ASSIGN_OR_RETURN(const auto pipeline,
                   recognition::MakeFacePipeline(context.pack, context.engine));
  ASSIGN_OR_RETURN(const base::Bytes one, GroupFrame(context, 1));
  ASSIGN_OR_RETURN(const base::Bytes many, GroupFrame(context, kMostFaces));
  ASSIGN_OR_RETURN(const int seen_alone, Recognise(*pipeline, one));
  ASSIGN_OR_RETURN(const int seen, Recognise(*pipeline, many));
  if (seen_alone != 1 || seen < 2) {
    return MissingRow("second_face", "the made frames show " + std::to_string(seen_alone) +
                                         " and " + std::to_string(seen) +
                                         " faces instead of 1 and 4");
  }
  ASSIGN_OR_RETURN(RoundTimes times,
                   Interleave(context.rounds, 1, context.clock,
                              {[&](int32_t) { return Recognise(*pipeline, one).status(); },
                               [&](int32_t) { return Recognise(*pipeline, many).status(); }}));
  // What each further face added to its round.
  std::vector<double> further;
  for (size_t i = 0; i < times[0].size(); ++i) {
    further.push_back((times[1][i] - times[0][i]) / (seen - 1));
  }
  return MeasuredRow("second_face", RatioOf(further, times[0]),
                     "frames of 1280 x 720 with 1 and " + std::to_string(seen) +
                         " faces, decode to embed with liveness and eyes");
}

// The same scene a moment later: other noise, else alike.
absl::StatusOr<base::Bytes> MomentLater(const base::Bytes& jpeg, uint64_t seed) {
  constexpr double kNoise = 2;  // of 255, of a camera in ordinary light
  const cv::Mat frame = cv::imdecode(jpeg, cv::IMREAD_COLOR);
  if (frame.empty()) return absl::InternalError("a frame of the bench cannot be read");
  cv::RNG random(seed);
  cv::Mat noise(frame.size(), CV_16SC3);
  random.fill(noise, cv::RNG::NORMAL, 0, kNoise);
  cv::Mat sum;
  cv::add(frame, noise, sum, cv::noArray(), CV_8UC3);
  base::Bytes later;
  cv::imencode(".jpg", sum, later, {cv::IMWRITE_JPEG_QUALITY, 90});
  return later;
}

absl::StatusOr<Row> Tracked(SpeedContext& context) {
  constexpr uint64_t kMoments = 8;
  ASSIGN_OR_RETURN(const auto pipeline, recognition::MakeFacePipeline(context.pack, context.engine));
  const auto limits = recognition::DecodeLimits::ForFrames();
  recognition::Picture& picture = pipeline->frame();
  RETURN_IF_ERROR(recognition::DecodePicture(context.Frame(0), limits, picture));
  ASSIGN_OR_RETURN(const auto faces, pipeline->Analyse(picture, {}));
  if (faces.size() != 1) return MissingRow("tracked", "the first frame of the bench does not show one face");
  recognition::FrameWatch watch;
  std::vector<base::Bytes> moments;
  for (uint64_t i = 1; i <= kMoments; ++i) {
    ASSIGN_OR_RETURN(moments.emplace_back(), MomentLater(context.Frame(0), i));
  }
  const auto moment = [&moments](int32_t round) -> const base::Bytes& {
    return moments[static_cast<size_t>(std::max(0, round)) % moments.size()];
  };
  MadeGallery gallery(context);
  RETURN_IF_ERROR(gallery.GrowTo(kPeople));
  int32_t lost = 0;
  const recognition::Picture recognised = picture;
  ASSIGN_OR_RETURN(
      const RoundTimes times,
      Interleave(context.rounds, 1, context.clock,
                 {[&](int32_t round) -> absl::Status {
                    RETURN_IF_ERROR(recognition::DecodePicture(moment(round), limits, picture));
                    if (!watch.StillSameFace(picture, {})) {
                      ++lost;
                      watch.SawFace(recognised, faces.front().box, {});
                    }
                    return absl::OkStatus();
                  },
                  [&](int32_t round) -> absl::Status {
                    RETURN_IF_ERROR(recognition::DecodePicture(moment(round), limits, picture));
                    ASSIGN_OR_RETURN(const auto found, pipeline->Analyse(picture, {}));
                    if (found.size() != 1 || !found.front().embedding) {
                      return absl::InternalError("a moment of the bench does not show one face");
                    }
                    return gallery.Search(found.front().embedding->values).status();
                  }}));
  Row row = MeasuredRow("tracked", RatioOf(times[0], times[1]),
                        "decode and compare with the frame on which she was recognised, against decode, all nets, "
                        "embedding and search among " + Thousands(kPeople) + " people");
  // Every ninth frame and the first are looked at anew by design.
  const int32_t expected = context.rounds / (recognition::FrameWatch::kFramesBetween + 1) + 2;
  row.guard = Guard{"taken for the same person in " + std::to_string(context.rounds + 1 - lost) + " of " +
                        std::to_string(context.rounds + 1) + " frames",
                    static_cast<double>(lost), lost <= expected};
  return row;
}

}  // namespace

absl::StatusOr<std::vector<Row>> FaceRows(SpeedContext& context) {
  std::vector<Row> rows;
  if (context.wants("second_face")) {
    ASSIGN_OR_RETURN(rows.emplace_back(), SecondFace(context));
  }
  if (context.wants("tracked")) {
    ASSIGN_OR_RETURN(rows.emplace_back(), Tracked(context));
  }
  return rows;
}

}  // namespace rollcall::bench
