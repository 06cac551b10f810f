#ifndef ROLLCALL_APP_LOOK_H_
#define ROLLCALL_APP_LOOK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/call.h"
#include "app/look_input.h"
#include "app/roster_book.h"
#include "app/services.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/decision.h"
#include "domain/evidence.h"
#include "domain/ids.h"
#include "domain/presentation.h"
#include "gallery/gallery.h"
#include "recognition/face_pipeline.h"
#include "recognition/frame_watch.h"
#include "recognition/track.h"

namespace rollcall::app {

struct FrameDecision {
  int64_t frame_id = 0;
  domain::Decision decision = domain::Decision::kUnspecified;
  // With kRecognised, kSecondFactorNeeded and kShowNumber: who, and a token (that alone does not
  // suffice in the latter two). With kSuspectedPicture and all others nothing.
  domain::VolunteerId volunteer;
  std::string name;  // personal data
  base::Bytes token;
  base::Time token_expires;
  std::optional<recognition::Box> box;  // of the one face
  int32_t frames_dropped = 0;           // since the last answer, because a newer one had come
  base::Duration retry_after{};         // with kUseOtherWay: the kiosk's AttemptBudget is used up
  bool visit_decided = false;
  std::optional<base::Time> challenge_expires;  // with kTurnLeft, kTurnRight, kCloseEyes
  std::string number;                           // with kShowNumber: four digits
};

struct FrameError {
  int64_t frame_id = 0;
  absl::Status status;  // with a reason: PICTURE_..., CLOCK_OFF, FRAME_ORDER, FRAME_TOO_LARGE, BUSY
};

using FrameAnswer = std::variant<FrameDecision, FrameError>;

// Looks at the frames of one camera, one after the other, and comes to decisions. Reads only.
//
// A visit is one person in front of the camera. It starts with starts_visit, when nobody was seen
// for visit_gap, when the face jumped, or when somebody else stands in the place of a person who
// was named. Within a visit each attempt is decided on a fresh set of min_frames frames; after
// MatchPolicy::max_attempts undecided ones the other ways are offered. A face that only looks like
// another one from frame to frame does not get new attempts. Where the session wants a challenge,
// whoever was recognised is asked to turn her head or close her eyes and is named only when she
// has, or when the time is over and the session's policy lets that pass; who it is stays unsaid
// until then.
//
// A frame that plainly shows what the last one did (nobody, or the person just named) is not looked
// at by the nets again: FrameWatch. Such a frame repeats an answer and does nothing else: it is no
// part of an attempt, no answer to a challenge, and no token is made from it. docs/tracking.md says
// what rests on what.
//
// Outside of practice a face that never moves, repeats an enrolment photo or comes in pixels that
// the kiosk has shown before is a suspected picture and raises an alarm, and a kiosk whose looks
// name nobody too often pauses (KioskWatch).
//
// Thread-safety: none; one call at a time.
class Looker {
 public:
  // `config` is valid and its session resolved. `services` must outlive it.
  Looker(const Services& services, LookConfig config, const base::Uuid& nonce);

  // Looks at one frame. Errors (the frame is none, the deadline has passed, a model failed) are
  // FrameErrors: the stream goes on.
  FrameAnswer Look(recognition::FacePipeline& pipeline, const Frame& frame, const Call& call);

 private:
  struct Match {
    domain::MatchResult result;
    const registry::RosterMember* member = nullptr;  // whom `result` names, in roster_
    int32_t photos = 0;                              // behind the best template
    int32_t frames = 0;                              // behind the probe
    bool still = false;
    bool repeat_of_photo = false;
    bool frames_repeated = false;
    std::optional<float> live;     // FaceTrack::live
    bool held_up_picture = false;  // as that says
    domain::ChallengeResult challenge = domain::ChallengeResult::kNotAsked;
    bool suspected() const { return still || repeat_of_photo || frames_repeated; }
  };
  // A person who was recognised and asked to do something; named once that is settled.
  struct Pending {
    Match match;
    domain::Challenge challenge;
  };
  // A visit that has come to its end: repeated for every further frame of the same face.
  struct Decided {
    FrameDecision decision;
    base::Uuid subject;          // who she is; nil where nobody was found
    std::optional<Token> token;  // sealed in `decision`
  };

  absl::StatusOr<FrameDecision> Decide(recognition::FacePipeline& pipeline, const Frame& frame,
                                       const Call& call);
  // The answer to a frame that shows nothing new; nothing where the nets have to look. Sets
  // `repeated` where it had to ask.
  absl::StatusOr<std::optional<FrameDecision>> NothingNew(const Frame& frame,
                                                          const recognition::Picture& picture,
                                                          std::optional<bool>& repeated);
  absl::StatusOr<FrameDecision> JudgeFace(const Frame& frame, const recognition::Picture& picture,
                                          const recognition::Face& face,
                                          std::optional<bool> repeated);
  absl::StatusOr<FrameDecision> Answer(const Frame& frame, const recognition::Face& face);
  bool MayRepeatName(const Frame& frame) const;
  void CountLook(const char* how) const;
  absl::Status ReadRoster(const Call& call);
  domain::Decision Forbidden() const;
  void StartVisit();
  bool VisitGoesOn(const recognition::Face& face, base::Time captured) const;
  void Follow(const recognition::Face& face, base::Time captured, bool repeated);
  bool Repeats(const recognition::Picture& picture);
  base::Duration MustPause() const;
  void CountUndecided(const Match& match, const Frame& frame);
  void RaiseSuspicions(const Match& match) const;
  bool Enough(const Frame& frame) const;
  absl::StatusOr<FrameDecision> AfterFault(domain::Decision fault, const Frame& frame);
  absl::StatusOr<FrameDecision> DecideVisit(const Frame& frame);
  absl::StatusOr<Match> Compare();
  static domain::HeadSample SampleOf(const recognition::Face& face);
  domain::PresentationRules Rules() const;
  FrameDecision Ask(Match match, const Frame& frame);
  FrameDecision Prompt(const Frame& frame) const;
  absl::StatusOr<FrameDecision> GoOnAsking(const Frame& frame,
                                           const std::optional<domain::HeadSample>& sample);
  absl::StatusOr<FrameDecision> Conclude(const Match& match, const Frame& frame);
  bool RepeatsPhoto(const base::Uuid& subject) const;
  absl::Status Name(const Match& match, const Frame& frame, FrameDecision& decision);
  FrameDecision Repeat(const Frame& frame);
  void Note(const Match& match, const Frame& frame, domain::Decision decision,
            bool too_many_attempts = false) const;

  const Services& services_;
  const LookConfig config_;
  const base::Uuid nonce_;

  // As of the current frame.
  recognition::FacePipeline* pipeline_ = nullptr;
  std::shared_ptr<const Roster> roster_;
  std::optional<gallery::Snapshot> gallery_;
  // Subjects of roster_ with a template in gallery_ that may be compared with what this call
  // brings.
  std::vector<base::Uuid> enrolled_;
  std::optional<gallery::RowList> rows_;  // of enrolled_

  // Of the current visit.
  recognition::FaceTrack track_;
  recognition::FrameWatch watch_;
  bool repeated_ = false;  // a frame of `track_` had been shown before
  std::optional<recognition::Face> last_face_;
  base::Time last_seen_;
  base::Time last_looked_;  // when the frame was taken that watch_ compares with
  int32_t attempts_ = 0;
  std::optional<base::Time> prompted_since_;
  std::optional<Pending> pending_;
  std::optional<Decided> decided_;

  std::vector<uint64_t> shown_;  // KioskWatch::HashOf every picture, of a CheckIn only
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_LOOK_H_
