#ifndef ROLLCALL_LEDGER_DISPUTES_H_
#define ROLLCALL_LEDGER_DISPUTES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/uuid.h"
#include "domain/dispute.h"
#include "domain/ids.h"
#include "ledger/dispute_rows.h"

// The values of Ledger::OpenDispute and Ledger::AnswerDispute.
namespace rollcall::ledger {

// A dispute and its answer.
struct Dispute {
  int64_t sequence = 0;
  DisputeRow row;
  std::optional<AnswerRow> answer;
  int64_t answer_sequence = 0;
  bool replayed = false;

  domain::DisputeState StateAt(base::Time now) const {
    return domain::StateOf(answer ? std::optional(answer->verdict) : std::nullopt, row.due, now);
  }
};

struct DisputeFilter {
  domain::OrganisationId organisation;
  std::optional<base::Uuid> volunteer_key;
  std::optional<domain::DisputeState> state;  // at `now`
  base::Time now;
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_DISPUTES_H_
