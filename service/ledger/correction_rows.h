#ifndef ROLLCALL_LEDGER_CORRECTION_ROWS_H_
#define ROLLCALL_LEDGER_CORRECTION_ROWS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "domain/activity.h"
#include "domain/attendance.h"
#include "domain/correction.h"
#include "domain/evidence.h"
#include "domain/ids.h"

// The rows by which two people enter, change or take back hours (FORMAT.md, kinds 4 and 5).
namespace rollcall::ledger {

struct EntryRow;
class FieldReader;

constexpr size_t kMaxBatch = 200;  // people of one proposal
constexpr int32_t kMaxHeadcount = 1'000'000;

// What one person asks for. Changes nothing by itself.
struct ProposalRow {
  base::Uuid proposal_id;
  domain::SessionKey session;
  base::Time session_starts;  // as they stood at the record time
  base::Time session_ends;
  base::Duration activity_length{0};          // as of an event
  std::vector<domain::SessionBreak> breaks;
  bool practice = false;
  domain::ProposalKind kind = domain::ProposalKind::kBackEntry;
  base::Uuid volunteer_key;        // nil of a batch
  std::vector<base::Uuid> people;  // of a batch: volunteer keys, rising, each once
  int32_t headcount = 0;           // of a batch: how many were counted, at least people.size()
  base::Uuid in_event;             // kClose: the check-in that has no end
  base::Uuid corrects;             // kCorrection, kCancellation: the entry
  base::Time in;                   // within the session; of a cancellation the epoch, as `out`
  base::Time out;
  // To the credit of each person at most, as its times give them; other visits of that day may leave
  // less. 0 of a cancellation.
  int64_t minutes = 0;
  std::string policy_name;
  int32_t policy_version = 0;
  base::Sha256Digest policy_hash{};
  domain::EvidenceClass in_evidence = domain::EvidenceClass::kBackEntry;
  domain::EvidenceClass out_evidence = domain::EvidenceClass::kBackEntry;
  domain::ReasonCode reason = domain::ReasonCode::kOther;
  std::string reason_text;  // 1 to 200 bytes of display text
  domain::Actor proposer;
  base::Time record_time;
  base::Time expires;
  base::Uuid request_id;
  base::Sha256Digest payload_hash{};

  bool cancels() const { return kind == domain::ProposalKind::kCancellation; }
  bool batch() const { return kind == domain::ProposalKind::kBatch; }
  // Whose hours it is about.
  std::vector<base::Uuid> concerned() const {
    return batch() ? people : std::vector<base::Uuid>{volunteer_key};
  }
};

// What another person says to it; or the first one, who takes it back.
struct ResolutionRow {
  base::Uuid resolution_id;
  domain::OrganisationId organisation;
  base::Uuid proposal;
  domain::Outcome outcome = domain::Outcome::kRefused;
  std::string reason_text;  // of a refusal 1 to 200 bytes; otherwise may be empty
  domain::Actor decider;
  base::Time record_time;
  base::Uuid request_id;
  base::Sha256Digest payload_hash{};
  // Of a kClose that the volunteer herself agreed to: how she proved herself, the token of that,
  // and her key. Nil: somebody of another role decided.
  base::Uuid token_id;
  domain::EvidenceClass evidence = domain::EvidenceClass::kPin;  // kFace, kQr or kPin
  base::Uuid volunteer_key;
};

// Who recorded an event, as far as the event says: a kiosk or somebody at a desk.
domain::Actor RecorderOf(const std::string& identity);

// See Fault(const Row&) in row.h.
std::string_view FaultOf(const ProposalRow& row);
std::string_view FaultOf(const ResolutionRow& row);
base::Bytes EncodeRow(const ProposalRow& row);
base::Bytes EncodeRow(const ResolutionRow& row);
ProposalRow DecodeProposal(FieldReader& r);
ResolutionRow DecodeResolution(FieldReader& r);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_CORRECTION_ROWS_H_
