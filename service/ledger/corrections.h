#ifndef ROLLCALL_LEDGER_CORRECTIONS_H_
#define ROLLCALL_LEDGER_CORRECTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "domain/activity.h"
#include "domain/attendance.h"
#include "domain/correction.h"
#include "domain/evidence.h"
#include "domain/ids.h"
#include "hours/policy.h"
#include "ledger/correction_rows.h"
#include "ledger/row.h"

// The values of Ledger::Propose and Ledger::Resolve.
namespace rollcall::ledger {

struct ProposeRequest {
  domain::ProposalKind kind = domain::ProposalKind::kBackEntry;
  domain::Session session;         // as the registry has it now; of a correction: the entry's
  bool practice = false;           // of the session's activity
  base::Uuid volunteer_key;        // nil of a batch
  std::vector<base::Uuid> people;  // of a batch, in any order; each once
  int32_t headcount = 0;           // of a batch
  base::Uuid corrects;             // kCorrection, kCancellation
  base::Time in;                   // of kClose and kCancellation ignored
  base::Time out;                  // of kCancellation ignored
  hours::PolicyPtr policy = hours::DefaultPolicy();  // not null
  base::Duration activity_length{0};                 // as of ledger::RecordRequest
  domain::ReasonCode reason = domain::ReasonCode::kOther;
  std::string reason_text;  // 1 to 200 bytes of display text; no name
  domain::Actor proposer;
  base::Duration lifetime{};  // more than zero
  base::Uuid request_id;
  base::Sha256Digest payload_hash{};
  base::Time now;
};

// How the volunteer herself agreed to the end of her visit: wherever she proved that it is she.
struct Consent {
  base::Uuid token_id;
  base::Uuid volunteer_key;
  domain::EvidenceClass evidence = domain::EvidenceClass::kPin;
};

struct ResolveRequest {
  domain::OrganisationId organisation;
  base::Uuid proposal_id;
  domain::Outcome outcome = domain::Outcome::kRefused;
  std::string reason_text;  // of a refusal 1 to 200 bytes of display text
  domain::Actor decider;
  std::optional<Consent> consent;  // with kApproved of a kClose
  base::Uuid request_id;
  base::Sha256Digest payload_hash{};
  base::Time now;
};

// A proposal and what became of it.
struct Proposal {
  int64_t sequence = 0;
  ProposalRow row;
  std::optional<ResolutionRow> resolution;
  int64_t resolution_sequence = 0;  // its entries, where it approves, have the numbers after it
  bool replayed = false;

  domain::ProposalState StateAt(base::Time now) const {
    return domain::StateOf(resolution ? std::optional(resolution->outcome) : std::nullopt,
                           row.expires, now);
  }
};

struct ProposalFilter {
  domain::OrganisationId organisation;
  std::optional<base::Uuid> concerned;         // a volunteer's key
  std::optional<domain::ProposalState> state;  // at `now`
  base::Time now;
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_CORRECTIONS_H_
