#ifndef ROLLCALL_HOURS_BANS_H_
#define ROLLCALL_HOURS_BANS_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "base/uuid.h"
#include "hours/policy.h"

// Bans for cheating. A ban takes something away, so it has a procedure: a person opens a case, with
// notice and evidence; somebody uninvolved hears the accused; the one who heard decides. Never by a
// program, never without a hearing. Meanwhile she is suspended, but not for ever: a case that is
// not decided in time has lapsed. A case is a value; a step takes one and returns the next, or an
// error that changes nothing.
namespace rollcall::hours {

// Numbers are stored.
enum class BanState {
  kNoticed = 1,
  kHeard = 2,
  kImposed = 3,
  kDismissed = 4,
};

// Who does something. `person` is who stands behind the account.
struct BanActor {
  base::Uuid person;
  bool program = false;  // a job, a rule, an alarm
};

struct BanCase {
  base::Uuid accused;  // the person
  BanState state = BanState::kNoticed;
  Day noticed;
  std::string accusation;
  std::vector<std::string> evidence;  // references into the ledger, the audit trail or the files
  // Whoever has a part in it and so cannot hear or decide: the accused, who opened the case, who
  // credited the hours, witnesses.
  std::set<base::Uuid> involved;
  base::Uuid hearer;  // nil until heard
  Day heard;
  bool appeared = false;
  std::string statement;  // what the accused said; empty: nothing
  std::string reason;     // of the decision
  Day decided;
  Day first_day;  // of the ban, once imposed
  Day last_day;
};

enum class BanEffect { kNone, kSuspended, kBanned };

constexpr size_t kMaxEvidence = 50;
constexpr size_t kMaxBanText = 2000;  // bytes, of each text

// Every step: PermissionDenied, reason NOT_A_PERSON, for a program or a nil person.
// Every step after the first: FailedPrecondition: WRONG_STATE, the case is not where the step
// begins; CASE_LAPSED, more than decide_within_days have passed. PermissionDenied, reason INVOLVED.

// Opens a case: the accused is given notice today and is suspended from today on. `involved`:
// besides the accused and the opener. InvalidArgument: NO_EVIDENCE; BAD_CASE, texts that are blank,
// too long or too many, a nil accused, or somebody who accuses herself.
absl::StatusOr<BanCase> OpenBanCase(const BanActor& opener, const base::Uuid& accused,
                                    const std::string& accusation,
                                    const std::vector<std::string>& evidence,
                                    std::set<base::Uuid> involved, Day today);

// kNoticed -> kHeard. `appeared`: whether the accused came; `statement` may be empty.
// FailedPrecondition, reason NOTICE_TOO_SHORT: before the policy's notice_days have passed.
absl::StatusOr<BanCase> HoldHearing(const Policy& policy, BanCase ban, const BanActor& hearer,
                                    bool appeared, const std::string& statement, Day today);

// kHeard -> kImposed, for `days` from today on. PermissionDenied, reason NOT_THE_HEARER: whoever
// decides must have heard her. InvalidArgument: BAD_BAN_LENGTH, not what the policy allows;
// REASON_MISSING.
absl::StatusOr<BanCase> ImposeBan(const Policy& policy, BanCase ban, const BanActor& decider,
                                  int32_t days, const std::string& reason, Day today);

// kNoticed or kHeard -> kDismissed, by anybody uninvolved. InvalidArgument, reason REASON_MISSING.
absl::StatusOr<BanCase> DismissCase(const Policy& policy, BanCase ban, const BanActor& decider,
                                    const std::string& reason, Day today);

// What the case means on `day`.
BanEffect EffectOn(const Policy& policy, const BanCase& ban, Day day);

}  // namespace rollcall::hours

#endif  // ROLLCALL_HOURS_BANS_H_
