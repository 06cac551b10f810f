#ifndef ROLLCALL_DOMAIN_DISPUTE_H_
#define ROLLCALL_DOMAIN_DISPUTE_H_

#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/correction.h"

// A volunteer says that her hours are wrong, and somebody uninvolved answers.
namespace rollcall::domain {

// Numbers are stored in ledger rows: never renumber.
enum class DisputeKind {
  kEntry = 1,    // an entry is wrong
  kMissing = 2,  // a visit is missing
};
enum class Verdict { kUpheld = 1, kRejected = 2 };

// Overdue is open beyond its due time: it follows from the time alone, whenever somebody looks.
enum class DisputeState { kOpen = 1, kOverdue = 2, kUpheld = 3, kRejected = 4 };

// Whether `answerer` may answer a dispute of the volunteer `concerned` (key) that `opener` took
// down. `involved`: whoever brought the disputed entry about. FailedPrecondition, reason INVOLVED,
// with what makes her so: the same identity, person or key as one of them, or the volunteer
// herself. Pure.
absl::Status CheckAnswerer(const Actor& answerer, const Actor& opener, const base::Uuid& concerned,
                           const std::vector<Actor>& involved);

// At `now`; a dispute is overdue from `due` on, until it is answered.
DisputeState StateOf(std::optional<Verdict> verdict, base::Time due, base::Time now);

std::string_view ToString(DisputeKind kind);    // "entry", "missing"
std::string_view ToString(DisputeState state);  // "open", "overdue", "upheld", "rejected"

}  // namespace rollcall::domain

#endif  // ROLLCALL_DOMAIN_DISPUTE_H_
