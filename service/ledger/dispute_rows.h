#ifndef ROLLCALL_LEDGER_DISPUTE_ROWS_H_
#define ROLLCALL_LEDGER_DISPUTE_ROWS_H_

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "domain/dispute.h"
#include "domain/ids.h"

// The rows by which a volunteer disputes her hours and is answered (FORMAT.md, kinds 6 and 7).
namespace rollcall::ledger {

class FieldReader;

// Changes no hours by itself: it starts a clock.
struct DisputeRow {
  base::Uuid dispute_id;
  domain::SessionKey session;
  base::Uuid volunteer_key;
  domain::DisputeKind kind = domain::DisputeKind::kEntry;
  base::Uuid entry;         // kEntry: the entry that is wrong
  std::string reason_text;  // 1 to 200 bytes of display text
  domain::Actor opener;     // who took it down for her
  base::Time record_time;
  base::Time due;
  base::Uuid request_id;
  base::Sha256Digest payload_hash{};
};

struct AnswerRow {
  base::Uuid answer_id;
  domain::OrganisationId organisation;
  base::Uuid dispute;
  domain::Verdict verdict = domain::Verdict::kRejected;
  base::Uuid proposal;      // what was proposed upon it; nil: nothing
  std::string reason_text;  // 1 to 200 bytes of display text
  domain::Actor answerer;
  base::Time record_time;
  base::Uuid request_id;
  base::Sha256Digest payload_hash{};
};

// See Fault(const Row&) in row.h.
std::string_view FaultOf(const DisputeRow& row);
std::string_view FaultOf(const AnswerRow& row);
base::Bytes EncodeRow(const DisputeRow& row);
base::Bytes EncodeRow(const AnswerRow& row);
DisputeRow DecodeDispute(FieldReader& r);
AnswerRow DecodeAnswer(FieldReader& r);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_DISPUTE_ROWS_H_
