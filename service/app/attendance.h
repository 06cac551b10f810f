#ifndef ROLLCALL_APP_ATTENDANCE_H_
#define ROLLCALL_APP_ATTENDANCE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/call.h"
#include "app/look.h"
#include "app/services.h"
#include "app/source_check.h"
#include "app/tokens.h"
#include "base/bytes.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/attendance.h"
#include "domain/decision.h"
#include "domain/ids.h"
#include "ledger/ledger.h"

namespace rollcall::app {

struct AttendanceAnswer {
  // kCheckedIn, kCheckedOut or kUndone with a receipt; else why not, and nothing was written.
  domain::Decision decision = domain::Decision::kUnspecified;
  std::optional<ledger::Receipt> receipt;
  domain::VolunteerId volunteer;  // empty where nobody was named
  std::string name;               // personal data
  base::Duration retry_after{};   // of CheckIn: as FrameDecision's
};

// Writes attendance. The calls block while they read and look; the commit itself is waited for by
// nobody: `done` is called exactly once, on the calling thread or on the ledger's after the commit.
// It must be short and must not call a blocking method of any store.
//
// All are idempotent by (organisation, request_id): the same content again gives the receipt of the
// first time, whatever has happened since (the token has expired, the activity is closed, consent
// was withdrawn); other content gives FailedPrecondition, reason REQUEST_ID_REUSED.
class Attendance {
 public:
  using Done = std::function<void(absl::StatusOr<AttendanceAnswer>)>;

  explicit Attendance(const Services& services) : services_(services) {}

  struct RecordRequest {
    base::Uuid request_id;
    base::Bytes token;
    domain::Action action = domain::Action::kUnspecified;
    base::Bytes second_token;  // empty: none. Its id is kept among the proofs
  };
  // Spends a token.
  //
  // Answers beside those of domain::ResolveAction: kActivityClosed (check-in only: whoever is in
  // may still leave), kNotOnRoster (taken off meanwhile), kUseOtherWay (face consent was withdrawn
  // or suspended between look and write), kSecondFactorNeeded (the token alone is not enough).
  // InvalidArgument: TOKEN_INVALID; BAD_REQUEST_ID (nil); BAD_ACTION; SECOND_TOKEN, not of another
  // kind for the same volunteer and session. FailedPrecondition: TOKEN_EXPIRED, TOKEN_USED.
  void Record(const Call& call, const RecordRequest& request, Done done);

  struct CheckInRequest {
    base::Uuid request_id;
    LookConfig look;
    domain::Action action = domain::Action::kUnspecified;
    // 1 to kMaxFrames of one visit, kMaxFramesBytes in all. Not looked at once CheckIn has returned.
    std::vector<Frame> frames;
    // Over `request_id` and look.session as it stands here; see NeedsSourceSignature.
    std::optional<SourceSignature> source_signature;
  };
  // Looks at the frames of one visit and, if a face is confirmed, records: for a simple client. A
  // decision that names nobody is the answer. InvalidArgument: BAD_FRAMES (count or size), and the
  // reasons of a frame that is none. FailedPrecondition, reason SOURCE_NOT_SIGNED. Errors of
  // IdentifySession::Open, CheckSourceSignature and RecognitionWorkers.
  void CheckIn(const Call& call, const CheckInRequest& request, Done done);

  struct UndoRequest {
    base::Uuid request_id;
    domain::OrganisationId organisation;  // empty: the default one
    base::Uuid event_id;
    domain::KioskId kiosk;                // empty: none
  };
  // Takes back an event. Errors of Ledger::UndoAsync.
  void Undo(const Call& call, const UndoRequest& request, Done done);

  static constexpr size_t kMaxFrames = 10;
  static constexpr size_t kMaxFramesBytes = 8u << 20;

 private:
  // A request that has been checked: either what to record, or why not.
  struct Plan {
    std::optional<domain::Decision> refusal;
    ledger::RecordRequest record;  // unless refused
    domain::VolunteerId volunteer;
    std::string name;
    base::Duration retry_after{};
    domain::PostId post;
    bool auto_in_closed = false;   // "auto" in a closed activity: only a check-out
  };
  // The digest of a request, made where it is compared or kept: reading the pictures of a frame that
  // names nobody would be for nothing.
  using Payload = std::function<base::Sha256Digest()>;
  struct Spent {
    const base::Bytes& token;
    const base::Bytes& second_token;
    domain::Action action;
    base::Uuid request_id;
    const Payload& payload;
  };

  absl::StatusOr<Plan> PlanRecord(const Call& call, const RecordRequest& request);
  absl::Status CheckMine(const Call& call, const Token& token) const;
  absl::StatusOr<Plan> PlanCheckIn(const Call& call, const CheckInRequest& request);
  void NoteMatches(const Token& token, const std::optional<Token>& second);
  absl::StatusOr<Plan> PlanSpending(const Call& call, const Spent& spent);
  absl::StatusOr<std::optional<Plan>> Earlier(const domain::OrganisationId& organisation,
                                              const base::Uuid& request_id,
                                              const Payload& payload);
  absl::StatusOr<std::optional<domain::Decision>> Refusal(const Token& token,
                                                          const std::optional<Token>& second,
                                                          domain::Action action, Plan& plan);
  absl::StatusOr<std::optional<domain::Decision>> RefusalWhenClosed(const Token& token,
                                                                    domain::Action action,
                                                                    Plan& plan);
  absl::Status CheckSource(const Call& call, const CheckInRequest& request, bool practice,
                           LookConfig& resolved);
  absl::StatusOr<FrameDecision> LookAt(const Call& call, const CheckInRequest& request,
                                       const LookConfig& config);
  void Commit(const Call& call, absl::StatusOr<Plan> plan, Done done);

  const Services& services_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_ATTENDANCE_H_
