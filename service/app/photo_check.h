#ifndef ROLLCALL_APP_PHOTO_CHECK_H_
#define ROLLCALL_APP_PHOTO_CHECK_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/call.h"
#include "app/services.h"
#include "base/bytes.h"
#include "base/status.h"
#include "recognition/types.h"

namespace rollcall::app {

struct Photo {
  std::span<const uint8_t> content;  // JPEG or PNG; must live until the call that takes it returns
  std::string label;                 // empty: its number, from 1
};

// What one enrolment photo came to.
struct PhotoVerdict {
  std::string label;
  bool accepted = false;
  // GOOD, NO_FACE, SEVERAL_FACES, TOO_SMALL, TOO_DARK, TOO_BRIGHT, BLURRED, TURNED_AWAY, TILTED,
  // FACE_COVERED, UNCLEAR, DOES_NOT_BELONG, or a PICTURE_ reason of recognition::DecodePicture.
  std::string reason;
  std::string message;  // "face 41 px, at least 80 needed"
};

constexpr size_t kMaxEnrolPhotos = 10;

// Looks at enrolment photos. Stores nothing.
class PhotoCheck {
 public:
  explicit PhotoCheck(const Services& services) : services_(services) {}

  struct Result {
    std::vector<PhotoVerdict> verdicts;             // one per photo, in order
    std::vector<recognition::Embedding> embeddings;  // of the accepted ones, in order
    // The good photos show more than one person; `verdicts` names those outside the largest group
    // (DOES_NOT_BELONG). With two good photos that disagree, both.
    bool disagree = false;
  };

  // A photo that is bad is a verdict, not an error. FailedPrecondition, reason
  // FACE_OFF. InvalidArgument, reason BAD_PHOTOS: none, or
  // more than kMaxEnrolPhotos; reason BAD_TEXT: a label. Errors of `call` and RecognitionWorkers.
  absl::StatusOr<Result> Look(const Call& call, const std::vector<Photo>& photos) const;

 private:
  struct Seen {
    PhotoVerdict verdict;
    std::optional<recognition::Embedding> embedding;
  };
  absl::StatusOr<Seen> LookAtOne(const Call& call, const Photo& photo) const;

  const Services& services_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_PHOTO_CHECK_H_
