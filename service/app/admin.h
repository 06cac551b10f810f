#ifndef ROLLCALL_APP_ADMIN_H_
#define ROLLCALL_APP_ADMIN_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "app/call.h"
#include "app/practice_clock.h"
#include "app/services.h"
#include "base/clock.h"
#include "base/status.h"
#include "domain/ids.h"
#include "vault/vault.h"

namespace rollcall::app {

// What is running. No hours are touched here.
class Admin {
 public:
  // Makes a consistent copy of the data folder beside it, the keys only if asked, and returns where.
  // The function is asked from time to time whether the answer is still wanted.
  using SnapshotMaker = std::function<absl::StatusOr<std::string>(
      bool with_keys, const std::function<absl::Status()>& go_on)>;

  // `practice_clock`: the clock in Services when it can be moved; else null. `snapshot` may be empty.
  Admin(const Services& services, PracticeClock* practice_clock, SnapshotMaker snapshot)
      : services_(services), practice_clock_(practice_clock), snapshot_(std::move(snapshot)) {}

  struct Info {
    std::string model_id;
    int64_t gallery_size = 0;
    int64_t gallery_revision = 0;
    int64_t ledger_sequence = 0;
    base::Time server_time;
    domain::OrganisationId default_organisation;
    std::string consent_text_version;
    bool practice_clock = false;
    domain::FaceMode face_mode = domain::FaceMode::kUnspecified;
    std::string face_mode_reason;    // domain::FaceModeSentence
    int64_t face_persons = 0;        // whose template is held on disk
    int64_t face_persons_limit = 0;
    int32_t face_filing_alarm = 0;   // domain::FilingAlarm
  };
  absl::StatusOr<Info> GetInfo(const Call& call);

  // Prometheus text. Does not block.
  std::string MetricsText(const Call& call);

  // Returns the time after the move. InvalidArgument, reason BAD_MINUTES: not 1 to 10080.
  // FailedPrecondition, reason NO_PRACTICE_CLOCK. Does not block.
  absl::StatusOr<base::Time> AdvancePracticeClock(const Call& call, int32_t minutes);

  // vault::Vault::RotateKeys. Aborted, reason KEYS_BUSY: a rotation or a backup is under way.
  absl::StatusOr<vault::RotationReport> RotateKeys(const Call& call);

  // The copy that `rollcalld backup` encrypts: the folder, for the local administrator alone
  // (PermissionDenied, reason LOCAL_ONLY: nobody else can read it). Removed again where nobody waits
  // for it any more. FailedPrecondition, reason NO_BACKUP: this server makes none. KEYS_BUSY as above.
  absl::StatusOr<std::string> PrepareBackup(const Call& call, bool with_keys);

 private:
  const Services& services_;
  PracticeClock* const practice_clock_;
  const SnapshotMaker snapshot_;
  // A backup with keys must not see half a rotation.
  std::atomic<bool> keys_in_use_ = false;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_ADMIN_H_
