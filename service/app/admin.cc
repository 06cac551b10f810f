#include "app/admin.h"

namespace rollcall::app {
namespace {
constexpr int32_t kMaxMinutes = 7 * 24 * 60;
}

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

}  // namespace rollcall::app
