#include "ledger/dispute_table.h"

#include <utility>

#include "ledger/log_table.h"
#include "ledger/proposal_table.h"

namespace rollcall::ledger {
namespace {

using storage::Connection;

absl::Status AddAnswer(Connection& connection, Dispute& dispute) {
  ASSIGN_OR_RETURN(auto found,
                   FirstRow(connection.Query("SELECT seq, body FROM ledger_log WHERE resolves = $1",
                                             {dispute.row.dispute_id})));
  if (!found) return absl::OkStatus();
  if (auto* answer = std::get_if<AnswerRow>(&found->row)) {
    dispute.answer = std::move(*answer);
    dispute.answer_sequence = found->sequence;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Dispute> NeedDispute(Connection& connection,
                                    const domain::OrganisationId& organisation,
                                    const base::Uuid& dispute_id) {
  ASSIGN_OR_RETURN(auto found,
                   FirstRow(connection.Query("SELECT seq, body FROM ledger_log WHERE id = $1"
                                             " AND organisation = $2 AND kind = 6",
                                             {dispute_id, organisation.value})));
  auto* row = found ? std::get_if<DisputeRow>(&found->row) : nullptr;
  if (row == nullptr) {
    return base::MakeError(absl::StatusCode::kNotFound, "NO_SUCH_DISPUTE",
                           "the ledger of this organisation has no dispute with this id");
  }
  Dispute dispute;
  dispute.sequence = found->sequence;
  dispute.row = std::move(*row);
  RETURN_IF_ERROR(AddAnswer(connection, dispute));
  return dispute;
}

absl::StatusOr<std::optional<Dispute>> AnsweredDispute(Connection& connection,
                                                       const domain::OrganisationId& organisation,
                                                       const base::Uuid& request_id,
                                                       const base::Sha256Digest& payload_hash) {
  ASSIGN_OR_RETURN(const auto found,
                   FirstRow(connection.Query("SELECT seq, body FROM ledger_log"
                                             " WHERE organisation = $1 AND request_id = $2",
                                             {organisation.value, request_id})));
  if (!found) return std::optional<Dispute>();
  const auto* opened = std::get_if<DisputeRow>(&found->row);
  const auto* answered = std::get_if<AnswerRow>(&found->row);
  const bool same = (opened != nullptr && opened->payload_hash == payload_hash) ||
                    (answered != nullptr && answered->payload_hash == payload_hash);
  if (!same) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "REQUEST_ID_REUSED",
                           "this request_id was used for another request; make a new one");
  }
  ASSIGN_OR_RETURN(Dispute dispute,
                   NeedDispute(connection, organisation,
                               opened != nullptr ? opened->dispute_id : answered->dispute));
  dispute.replayed = true;
  return std::optional<Dispute>(std::move(dispute));
}

absl::StatusOr<std::vector<Dispute>> ReadDisputes(Connection& connection,
                                                  const domain::OrganisationId& organisation,
                                                  int64_t after, int32_t limit) {
  std::vector<Dispute> disputes;
  {
    ASSIGN_OR_RETURN(const auto rows,
                     connection.Query("SELECT seq, body FROM ledger_log WHERE organisation = $1"
                                      " AND kind = 6 AND seq > $2 ORDER BY seq LIMIT $3",
                                      {organisation.value, after, limit}));
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) break;
      ASSIGN_OR_RETURN(Row row, Decode(rows->Blob(1)));
      auto* typed = std::get_if<DisputeRow>(&row);
      if (typed == nullptr) continue;  // the column says otherwise: for Verify to find
      Dispute dispute;
      dispute.sequence = rows->Int64(0);
      dispute.row = std::move(*typed);
      disputes.push_back(std::move(dispute));
    }
  }
  for (Dispute& dispute : disputes) RETURN_IF_ERROR(AddAnswer(connection, dispute));
  return disputes;
}

bool Fits(const Dispute& dispute, const DisputeFilter& filter) {
  if (filter.state && dispute.StateAt(filter.now) != *filter.state) return false;
  return !filter.volunteer_key || dispute.row.volunteer_key == *filter.volunteer_key;
}

}  // namespace rollcall::ledger
