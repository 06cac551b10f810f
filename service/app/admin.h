#ifndef ROLLCALL_APP_ADMIN_H_
#define ROLLCALL_APP_ADMIN_H_

#include <cstdint>
#include <string>

#include "app/call.h"
#include "app/practice_clock.h"
#include "app/services.h"
#include "base/clock.h"
#include "base/status.h"
#include "domain/ids.h"

namespace rollcall::app {

// What is running. No hours are touched here.
class Admin {
 public:
  // `practice_clock`: the clock in Services when it can be moved; else null.
  Admin(const Services& services, PracticeClock* practice_clock)
      : services_(services), practice_clock_(practice_clock) {}

  struct Info {
    std::string model_id;
    int64_t gallery_size = 0;
    int64_t gallery_revision = 0;
    int64_t ledger_sequence = 0;
    base::Time server_time;
    domain::OrganisationId default_organisation;
    std::string consent_text_version;
    bool practice_clock = false;
  };
  absl::StatusOr<Info> GetInfo(const Call& call);

  // Prometheus text. Does not block.
  std::string MetricsText(const Call& call);

  // Returns the time after the move. InvalidArgument, reason BAD_MINUTES: not 1 to 10080.
  // FailedPrecondition, reason NO_PRACTICE_CLOCK. Does not block.
  absl::StatusOr<base::Time> AdvancePracticeClock(const Call& call, int32_t minutes);

 private:
  const Services& services_;
  PracticeClock* const practice_clock_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_ADMIN_H_
