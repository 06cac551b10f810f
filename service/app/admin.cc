#include "app/admin.h"

namespace rollcall::app {
namespace {
constexpr int32_t kMaxMinutes = 7 * 24 * 60;

// Takes `flag` for its lifetime, if nobody has.
class Taken {
 public:
  explicit Taken(std::atomic<bool>& flag) : flag_(flag), mine_(!flag.exchange(true)) {}
  ~Taken() {
    if (mine_) flag_ = false;
  }
  Taken(const Taken&) = delete;
  Taken& operator=(const Taken&) = delete;
  absl::Status status() const {
    return mine_ ? absl::OkStatus()
                 : base::MakeError(absl::StatusCode::kAborted, "KEYS_BUSY",
                                   "a rotation of the keys or a backup is under way; try again "
                                   "when it has ended");
  }

 private:
  std::atomic<bool>& flag_;
  const bool mine_;
};

}  // namespace

absl::StatusOr<Admin::Info> Admin::GetInfo(const Call& call) {
  RETURN_IF_ERROR(call.StillWanted());
  const gallery::Snapshot gallery = services_.gallery.snapshot();
  Info info;
  info.model_id = gallery.model_id();
  info.gallery_size = static_cast<int64_t>(gallery.size());
  info.gallery_revision = gallery.revision();
  ASSIGN_OR_RETURN(info.ledger_sequence, services_.ledger.LastSequence());
  info.server_time = services_.clock.Now();
  info.default_organisation = services_.settings.default_organisation;
  info.consent_text_version = services_.settings.consent_text_version;
  info.practice_clock = practice_clock_ != nullptr;
  const domain::FacePolicy& face = services_.settings.face;
  info.face_mode = face.mode;
  info.face_mode_reason = domain::FaceModeSentence(face);
  info.face_persons = services_.templates.held();
  info.face_persons_limit = face.persons_limit;
  info.face_filing_alarm = domain::FilingAlarm(info.face_persons, info.face_persons_limit);
  return info;
}

std::string Admin::MetricsText(const Call&) {
  services_.metrics.GetGauge("rollcall_gallery_size", "People with a template in memory")
      .Set(static_cast<double>(services_.gallery.snapshot().size()));
  return services_.metrics.Text();
}

absl::StatusOr<base::Time> Admin::AdvancePracticeClock(const Call&, int32_t minutes) {
  if (minutes < 1 || minutes > kMaxMinutes) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_MINUTES",
                           "the practice clock moves forward by 1 to 10080 minutes");
  }
  if (practice_clock_ == nullptr) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "NO_PRACTICE_CLOCK",
                           "the server was not started with --practice-clock");
  }
  practice_clock_->Advance(std::chrono::minutes(minutes));
  return practice_clock_->Now();
}

absl::StatusOr<vault::RotationReport> Admin::RotateKeys(const Call& call) {
  const Taken keys(keys_in_use_);
  RETURN_IF_ERROR(keys.status());
  return services_.vault.RotateKeys([&call] { return call.StillWanted(); });
}

absl::StatusOr<std::string> Admin::PrepareBackup(const Call& call, bool with_keys) {
  if (!call.caller.local_administrator) {
    return base::MakeError(absl::StatusCode::kPermissionDenied, "LOCAL_ONLY",
                           "backups are made on the server's own machine: rollcalld backup");
  }
  if (!snapshot_) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "NO_BACKUP",
                           "this server makes no backups");
  }
  const Taken keys(keys_in_use_);
  RETURN_IF_ERROR(keys.status());
  return services_.templates.WhileNothingChanges(
      [&] { return snapshot_(with_keys, [&call] { return call.StillWanted(); }); });
}

}  // namespace rollcall::app
