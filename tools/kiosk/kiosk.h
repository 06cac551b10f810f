#ifndef ROLLCALL_KIOSK_KIOSK_H_
#define ROLLCALL_KIOSK_KIOSK_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "base/uuid.h"
#include "client/retry.h"
#include "kiosk/doorway.h"
#include "kiosk/frame_source.h"
#include "kiosk/ledger_witness.h"
#include "kiosk/report.h"

namespace rollcall::kiosk {

struct KioskOptions {
  v1::SessionRef session;  // an empty session_id: the one that is open now
  std::string kiosk_id;
  v1::Action action = v1::AUTO;
  std::optional<v1::Zone> zone;
  // How long a call that got no answer is repeated.
  base::Duration give_up_after = std::chrono::seconds(30);
  int64_t max_frames = 0;    // per source; 0: no limit
  int64_t max_visits = 0;    // decided visits per source; 0: no limit
  bool every_frame = false;  // also report frames that decide nothing
};

// What a kiosk needs from its surroundings. Pointers are not null, unless said so, and outlive the
// kiosk.
struct KioskParts {
  Doorway* doorway = nullptr;
  const base::Clock* clock = nullptr;
  base::IdGenerator* ids = nullptr;
  client::Sleep sleep;
  std::function<void(const Report&)> report;
  // Asks for the PIN of a person who needs a second factor; an empty function: nobody is asked, and
  // the answer stays SECOND_FACTOR_NEEDED.
  std::function<absl::StatusOr<std::string>(const std::string& volunteer_id)> second_factor;
  // Follows the server's ledger; null: nobody does. Asked before each stream and behind each
  // receipt.
  LedgerWitness* witness = nullptr;
  const std::atomic<bool>* stop = nullptr;  // set by a signal handler: finish the frame and return
};

// The rules of a kiosk: which frame is sent when, what follows a decision, what is repeated after a
// failure, and what may be called confirmed. A frame is sent when the one before it has been
// answered.
//
// Attendance counts as confirmed only with a receipt. A RecordAttendance without an answer is
// repeated with the same request id until give_up_after, so that it is recorded once at most; after
// that the report says that it is not confirmed. Where the witness finds the ledger rolled back or
// rewritten, all methods return its error and nothing is recorded any more. Not thread-safe.
class Kiosk {
 public:
  Kiosk(KioskOptions options, KioskParts parts);

  // Shows the server what `source` sees and reports each decided visit. For one_visit() sources
  // frames are sent until the visit is decided; else to the end of the source, max_visits,
  // max_frames or stop. Returns whether every visit came to an answer (UNKNOWN is one). Errors: the
  // session is refused, the source failed, or the server stayed away or too busy for give_up_after
  // or many tries.
  absl::StatusOr<bool> Watch(FrameSource& source);

  // The other ways in, with the same records. Both report once and return whether there was an
  // answer.
  absl::StatusOr<bool> EnterByPin(const std::string& volunteer_id, const std::string& pin);
  absl::StatusOr<bool> EnterByStaff(const std::string& volunteer_id, const std::string& reason,
                                    bool walk_in);

 private:
  struct Visit;

  absl::Status EnsureOpen(const FrameSource& source);
  absl::Status OpenStream(const FrameSource& source);
  absl::StatusOr<v1::StreamIdentifyResponse> ShowFrame(FrameSource& source, SourceFrame frame,
                                                       Visit& visit);
  absl::Status WatchFrames(FrameSource& source, Visit& visit);
  void Take(const v1::StreamIdentifyResponse& response, Visit& visit);
  void Decide(Visit& visit);
  void TakeDecision(const v1::FrameDecision& decision, Report& report);
  void Record(const std::string& token, const std::string& second_token, Report& report);
  absl::Status LookAtLedger();
  absl::Status WitnessReceipts();
  void AskSecondFactor(const std::string& face_token, Report& report);
  void Send(const Report& report);
  // `stoppable`: a stop request ends the waiting. Not for a record under way, whose receipt is
  // owed.
  client::Patience Patience(bool stoppable) const;
  bool Stopped() const { return parts_.stop != nullptr && parts_.stop->load(); }
  base::Time ServerTime() const { return parts_.clock->Now() + clock_offset_; }

  const KioskOptions options_;
  const KioskParts parts_;
  v1::SourceKind open_kind_ = v1::SOURCE_KIND_UNSPECIFIED;  // unspecified: no stream is open
  std::string open_device_;  // with open_kind_
  v1::Opened opened_;
  base::Duration opened_at_{0};     // monotonic
  base::Duration clock_offset_{0};  // the server's clock minus ours
  int64_t last_frame_id_ = 0;
  bool all_answered_ = true;
  bool receipt_to_witness_ = false;
};

}  // namespace rollcall::kiosk

#endif  // ROLLCALL_KIOSK_KIOSK_H_
