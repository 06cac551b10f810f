#ifndef ROLLCALL_APP_LOOK_H_
#define ROLLCALL_APP_LOOK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "app/call.h"
#include "app/roster_book.h"
#include "app/services.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/decision.h"
#include "domain/evidence.h"
#include "domain/ids.h"
#include "gallery/gallery.h"
#include "recognition/face_pipeline.h"
#include "recognition/track.h"

namespace rollcall::app {

// What a frame stream says about itself at its start.
struct LookConfig {
  domain::SessionKey session;  // may leave out what RosterBook::Resolve fills in
  domain::KioskId kiosk;       // empty: the caller's own
  domain::SourceKind source = domain::SourceKind::kCamera;
  recognition::Zone zone;      // 0 <= x1 < x2 <= 1, the same for y
};

struct Frame {
  int64_t frame_id = 0;       // above 0 and above that of the frame before
  base::Time capture_time;    // by the kiosk's clock
  base::Bytes content;        // JPEG or PNG
  bool starts_visit = false;  // what was seen before is forgotten
  bool ends_visit = false;    // decide on what there is
};

struct FrameDecision {
  int64_t frame_id = 0;
  domain::Decision decision = domain::Decision::kUnspecified;
  // With kRecognised and kSecondFactorNeeded: who, and a token (that alone does not suffice in the
  // second case). With kSuspectedPicture and all others nothing.
  domain::VolunteerId volunteer;
  std::string name;  // personal data
  base::Bytes token;
  base::Time token_expires;
  std::optional<recognition::Box> box;  // of the one face
  int32_t frames_dropped = 0;           // since the last answer, because a newer one had come
  bool visit_decided = false;
};

struct FrameError {
  int64_t frame_id = 0;
  absl::Status status;  // with a reason: PICTURE_..., CLOCK_OFF, FRAME_ORDER, FRAME_TOO_LARGE, BUSY
};

using FrameAnswer = std::variant<FrameDecision, FrameError>;

// OK when a stream may be opened so. InvalidArgument: BAD_ID (kiosk), BAD_ZONE, BAD_SOURCE (kNone).
absl::Status ValidateLookConfig(const LookConfig& config);

// OK when `frame` may follow one with `last_frame_id`. InvalidArgument, reasons FRAME_ORDER,
// FRAME_TOO_LARGE; FailedPrecondition, reason CLOCK_OFF, saying by how many seconds.
absl::Status ValidateFrame(const Frame& frame, int64_t last_frame_id, base::Time now,
                           const ServiceSettings& settings);

// Looks at the frames of one camera, one after the other, and comes to decisions. Reads only.
//
// A visit is one person in front of the camera. It starts with starts_visit, when nobody was seen
// for visit_gap, when the face jumped, or when somebody else stands in the place of a person who
// was named. Within a visit each attempt is decided on a fresh set of min_frames frames; after
// MatchPolicy::max_attempts undecided ones the other ways are offered. A face that only looks like
// another one from frame to frame does not get new attempts.
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
  };
  // A visit that has come to its end: repeated for every further frame of the same face.
  struct Decided {
    FrameDecision decision;
    base::Uuid subject;          // who she is; nil where nobody was found
    std::optional<Token> token;  // sealed in `decision`
  };

  absl::StatusOr<FrameDecision> Decide(recognition::FacePipeline& pipeline, const Frame& frame,
                                       const Call& call);
  absl::Status ReadRoster();
  domain::Decision Forbidden() const;
  void StartVisit();
  bool VisitGoesOn(const recognition::Face& face, base::Time captured) const;
  void Follow(const recognition::Face& face, base::Time captured);
  bool Enough(const Frame& frame) const;
  absl::StatusOr<FrameDecision> AfterFault(domain::Decision fault, const Frame& frame);
  absl::StatusOr<FrameDecision> DecideVisit(const Frame& frame);
  absl::StatusOr<Match> Compare() const;
  bool RepeatsPhoto(const base::Uuid& subject) const;
  absl::Status Name(const Match& match, const Frame& frame, FrameDecision& decision);
  FrameDecision Repeat(const Frame& frame);
  void Note(const Match& match, const Frame& frame, domain::Decision decision) const;

  const Services& services_;
  const LookConfig config_;
  const base::Uuid nonce_;

  // As of the current frame.
  std::shared_ptr<const Roster> roster_;
  std::optional<gallery::Snapshot> gallery_;
  std::vector<base::Uuid> enrolled_;  // subjects of roster_ with a template in gallery_

  // Of the current visit.
  recognition::FaceTrack track_;
  std::optional<recognition::Face> last_face_;
  base::Time last_seen_;
  int32_t attempts_ = 0;
  std::optional<base::Time> prompted_since_;
  std::optional<Decided> decided_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_LOOK_H_
