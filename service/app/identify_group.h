#ifndef ROLLCALL_APP_IDENTIFY_GROUP_H_
#define ROLLCALL_APP_IDENTIFY_GROUP_H_

#include <span>
#include <string>
#include <vector>

#include "app/call.h"
#include "app/services.h"
#include "base/status.h"
#include "domain/decision.h"
#include "domain/ids.h"
#include "recognition/types.h"

namespace rollcall::app {

// Names the people of a session's roster in a group picture, for the desk. No attendance follows.
class IdentifyGroup {
 public:
  explicit IdentifyGroup(const Services& services) : services_(services) {}

  struct Found {
    recognition::Box box;  // pixels of the upright picture
    // kRecognised, kUnknown, kAmbiguous, kSecondFactorNeeded or a fault of the face.
    domain::Decision decision = domain::Decision::kUnspecified;
    domain::VolunteerId volunteer;  // with kRecognised and kSecondFactorNeeded
    std::string name;               // likewise; personal data
  };

  // From left to right; no face is an empty vector. Everybody of the roster is named at most once,
  // in the face that is most like her, and gets a line in her processing log. FailedPrecondition:
  // errors of domain::CheckFaceUsable. InvalidArgument: reasons of recognition::DecodePicture.
  // Errors of RosterBook::Resolve and RecognitionWorkers.
  absl::StatusOr<std::vector<Found>> Identify(const Call& call, const domain::SessionKey& session,
                                              std::span<const uint8_t> picture);

  static constexpr int32_t kMaxFaces = 100;

 private:
  struct Guess;  // one face with its match
  absl::StatusOr<Guess> GuessOne(recognition::FacePipeline& pipeline, const Roster& roster,
                                 const gallery::RowList& enrolled, recognition::Face face) const;
  absl::StatusOr<std::vector<Found>> NameEach(const Call& call, const Roster& roster,
                                              std::vector<Guess> guesses) const;
  void NoteOne(const domain::SessionKey& session, const Guess& guess, const Found& found) const;

  const Services& services_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_IDENTIFY_GROUP_H_
