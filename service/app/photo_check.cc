#include "app/photo_check.h"

#include <cmath>
#include <utility>

#include "app/faces.h"
#include "base/text.h"
#include "recognition/decode.h"
#include "recognition/face_pipeline.h"

namespace rollcall::app {
namespace {

constexpr size_t kMaxLabelBytes = 200;

std::string Whole(float value) { return std::to_string(std::lround(value)); }

// For the person at the desk: what was found and what to do about it.
PhotoVerdict Refused(std::string label, recognition::QualityFault fault,
                     const recognition::FaceQuality& found,
                     const recognition::QualityPolicy& policy) {
  using recognition::QualityFault;
  switch (fault) {
    case QualityFault::kTooSmall:
      return {std::move(label), false, "TOO_SMALL",
              "face " + Whole(std::floor(found.side_px)) + " px, at least " +
                  Whole(policy.min_side_px) + " needed"};
    case QualityFault::kTooDark:
      return {std::move(label), false, "TOO_DARK", "too dark: more light on the face is needed"};
    case QualityFault::kTooBright:
      return {std::move(label), false, "TOO_BRIGHT",
              "too bright: less light on the face is needed"};
    case QualityFault::kBlurred:
      return {std::move(label), false, "BLURRED", "blurred: hold camera and head still"};
    case QualityFault::kTurnedAway:
      return {std::move(label), false, "TURNED_AWAY",
              "head turned by " + Whole(std::abs(found.yaw_degrees)) + " and raised by " +
                  Whole(std::abs(found.pitch_degrees)) + " degrees, at most " +
                  Whole(policy.max_yaw_degrees) + " and " + Whole(policy.max_pitch_degrees) +
                  " are usable"};
    case QualityFault::kTilted:
      return {std::move(label), false, "TILTED",
              "head tilted by " + Whole(std::abs(found.roll_degrees)) + " degrees, at most " +
                  Whole(policy.max_roll_degrees) + " are usable"};
    case QualityFault::kFaceCovered:
      return {std::move(label), false, "FACE_COVERED",
              "the lower half of the face is covered or in deep shadow"};
    case QualityFault::kUnclear:
    case QualityFault::kGood:
      break;
  }
  return {std::move(label), false, "UNCLEAR", "the face is not clear enough in this photo"};
}

std::string Count(size_t faces) {
  constexpr const char* kWords[] = {"no",   "one", "two",   "three", "four",
                                    "five", "six", "seven", "eight", "nine"};
  return faces < std::size(kWords) ? kWords[faces] : std::to_string(faces);
}

}  // namespace

absl::StatusOr<PhotoCheck::Seen> PhotoCheck::LookAtOne(const Call& call,
                                                       const Photo& photo) const {
  Seen seen;
  std::string label = photo.label;
  const recognition::QualityPolicy& policy = services_.settings.enrolment_quality;
  const auto look = [&](recognition::FacePipeline& pipeline) -> absl::Status {
    const auto picture = recognition::DecodePicture(photo.content, services_.settings.decode_photo);
    if (!picture.ok()) {
      if (!absl::IsInvalidArgument(picture.status())) return picture.status();
      seen.verdict = {std::move(label), false, base::ErrorReason(picture.status()),
                      base::Message(picture.status())};
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(call.StillWanted());
    ASSIGN_OR_RETURN(CountedFaces faces,
                     AnalyseMainFace(pipeline, *picture, recognition::Zone{}, policy,
                                     /*liveness=*/false));
    if (faces.count != 1) {
      const bool none = faces.count == 0;
      seen.verdict = {std::move(label), false, none ? "NO_FACE" : "SEVERAL_FACES",
                      Count(faces.count) + (none ? " face" : " faces")};
      return absl::OkStatus();
    }
    const auto fault = recognition::JudgeQuality(faces.main->quality, policy);
    if (fault != recognition::QualityFault::kGood || !faces.main->embedding) {
      seen.verdict = Refused(std::move(label), fault, faces.main->quality, policy);
      return absl::OkStatus();
    }
    seen.verdict = {std::move(label), true, "GOOD", "good"};
    // A template is made once and compared for years.
    ASSIGN_OR_RETURN(seen.embedding, pipeline.EmbedExactly(*faces.main));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(services_.workers.Run(call, WorkLane::Desk(call.caller), look));
  return seen;
}

absl::StatusOr<PhotoCheck::Result> PhotoCheck::Look(const Call& call,
                                                    const std::vector<Photo>& photos) const {
  // A photo belongs to no activity, so that where practice is possible photos are.
  RETURN_IF_ERROR(domain::CheckFaceUsable(services_.settings.face, /*practice_activity=*/true));
  if (photos.empty() || photos.size() > kMaxEnrolPhotos) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PHOTOS",
                           "1 to " + std::to_string(kMaxEnrolPhotos) + " photos are needed, got " +
                               std::to_string(photos.size()));
  }
  for (const Photo& photo : photos) {
    if (photo.label.empty()) continue;
    RETURN_IF_ERROR(base::ValidateDisplayText(photo.label, "photo label", kMaxLabelBytes));
  }
  Result result;
  std::vector<size_t> good;  // indices into verdicts
  for (size_t i = 0; i < photos.size(); ++i) {
    ASSIGN_OR_RETURN(Seen seen, LookAtOne(call, photos[i]));
    if (seen.verdict.label.empty()) seen.verdict.label = std::to_string(i + 1);
    result.verdicts.push_back(std::move(seen.verdict));
    if (!seen.embedding) continue;
    good.push_back(i);
    result.embeddings.push_back(*std::move(seen.embedding));
  }
  if (result.embeddings.size() < 2) return result;
  const auto odd =
      recognition::OddOnesOut(result.embeddings, services_.settings.enrol.same_person);
  result.disagree = !odd.empty();
  for (const size_t index : odd) {
    PhotoVerdict& verdict = result.verdicts[good[index]];
    verdict.accepted = false;
    verdict.reason = "DOES_NOT_BELONG";
    verdict.message = "does not seem to show the same person as the others";
  }
  return result;
}

}  // namespace rollcall::app
