#ifndef ROLLCALL_APP_DECISION_AUDIT_H_
#define ROLLCALL_APP_DECISION_AUDIT_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/decision.h"
#include "domain/evidence.h"
#include "domain/ids.h"
#include "domain/presentation.h"
#include "recognition/types.h"

namespace rollcall::app {

// Why a face was decided upon as it was. The only place, beside the bench, where a score leaves the
// memory; never sent to a kiosk. No name, no picture, no template.
struct DecisionRecord {
  base::Time time;               // the server's
  domain::SessionKey session;
  domain::KioskId kiosk;         // empty at the desk
  base::Uuid stream;             // the stream's nonce; nil at the desk
  domain::SourceKind source = domain::SourceKind::kNone;
  int64_t frame_id = 0;          // the newest frame that it rests on
  std::optional<recognition::Face> face;  // its box, points and quality are written, no embedding
  domain::Decision decision = domain::Decision::kUnspecified;
  domain::VolunteerId volunteer;  // whom it names; empty: nobody
  std::optional<float> score;
  std::optional<float> second_score;
  std::optional<float> threshold;
  int32_t photos = 0;            // behind the best template
  int32_t frames = 0;            // behind the probe
  int64_t roster = 0;            // templates compared
  int32_t attempt = 0;           // of this visit, from 1
  bool still = false;            // the face never moved
  bool repeat_of_photo = false;  // almost exactly an enrolment photo
  bool frames_repeated = false;  // pixels that this kiosk had shown before
  bool too_many_attempts = false;  // the kiosk has used up its AttemptBudget; nothing was compared
  std::optional<float> live_mean;  // fr_liveness over the frames of the attempt
  bool held_up_picture = false;    // as that says
  // What the session makes of it; kDefault at the desk.
  domain::PresentationPolicy policy = domain::PresentationPolicy::kDefault;
  domain::ChallengeResult challenge = domain::ChallengeResult::kNotAsked;
};

// Thread-safe.
class DecisionAudit {
 public:
  virtual ~DecisionAudit() = default;
  // Takes down every decision that rests on an embedding. One that cannot be written is logged and
  // the decision stands: attendance does not stop because a side record is full.
  virtual void Note(const DecisionRecord& record) = 0;
};

// Appends one JSON line per decision to `folder`/decisions.jsonl (mode 0600; the folder 0700). At
// `max_bytes` the file becomes decisions.1.jsonl, an older one of that name is dropped.
//
// Keys: time (RFC 3339 with microseconds), organisation, activity, session, kiosk, stream,
// source, frame_id, box [x1, y1, x2, y2], points [[x, y] x 5], side_px, sharpness, brightness,
// contrast, yaw, pitch, roll, embedding_length, live, eyes_open, decision, volunteer_id, score,
// second_score, threshold, photos, frames, roster, attempt, still, repeat_of_photo,
// frames_repeated, too_many_attempts, live_mean, held_up_picture, presentation_policy,
// challenge_met. What is not known, or was not asked, is left out.
// FailedPrecondition, reason AUDIT_NOT_WRITABLE: cannot be made or opened.
absl::StatusOr<std::unique_ptr<DecisionAudit>> OpenFileDecisionAudit(
    const std::filesystem::path& folder, int64_t max_bytes = 64 << 20);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_DECISION_AUDIT_H_
