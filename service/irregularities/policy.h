#ifndef ROLLCALL_IRREGULARITIES_POLICY_H_
#define ROLLCALL_IRREGULARITIES_POLICY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"

namespace rollcall::irregularities {

// From where on something is worth an auditor's time: data with a name, a version and a hash, so
// that a list of irregularities says under which thresholds it was made. What each value is for,
// and why it is what it is by default, stands in policies/default.toml beside its key.
struct Policy {
  std::string name;
  int32_t version = 0;
  base::Sha256Digest hash{};  // SHA-256 over the bytes of the file

  base::Duration visit_final_after{};  // above HoursPolicy::undo_window

  // HOURS_WITHOUT_KIOSK_EVENT
  int32_t unwitnessed_people = 0;
  int32_t unwitnessed_percent = 0;
  int32_t known_percent = 0;
  base::Duration unwitnessed_wait{};
  int32_t one_recorder_percent = 0;
  int32_t unwitnessed_people_shared = 0;  // where no one recorder has that share

  // MANY_ENTRIES_WITHIN_MINUTES
  base::Duration burst_window{};
  int32_t burst_attestations = 0;
  int32_t burst_proposals = 0;

  // ACTIVITY_CREATED_AFTER_ITS_END
  int32_t late_people = 0;
  int32_t late_sessions = 0;
  base::Duration late_sessions_window{};
  int32_t outbox_percent = 0;
  base::Duration late_wait{};
  // When people may come before the start and leave after the end: domain::SessionWindow.
  base::Duration early{};
  base::Duration late{};

  // ORGANISER_CREDITS_MANY_STRANGERS
  int32_t strangers = 0;
  int32_t strangers_per_session = 0;
  base::Duration stranger_wait{};

  // PERSON_IN_TWO_PLACES
  base::Duration overlap{};
  base::Duration overlap_by_kiosk_clock{};
  base::Duration overlap_history{};

  base::Duration delivered_late{};  // of a row, from its capture
};

using PolicyPtr = std::shared_ptr<const Policy>;

// Reads one policy file (TOML; policies/default.toml is an example). `name`: of the file, for what
// is said about it. InvalidArgument, reason BAD_POLICY: not TOML, more than 64 KiB, an unknown or
// missing key, a value of the wrong kind or out of its range, values that contradict each other.
// The message names file, line and key ("x.toml:7: visits.final_after_minutes: must be a whole
// number from 5 to 1440"); a missing key has no line.
absl::StatusOr<Policy> ParsePolicy(std::string_view text, const std::string& name);

// The bytes of policies/default.toml.
std::string_view DefaultPolicyText();

// What they say; the same object each time.
const PolicyPtr& DefaultPolicy();

}  // namespace rollcall::irregularities

#endif  // ROLLCALL_IRREGULARITIES_POLICY_H_
