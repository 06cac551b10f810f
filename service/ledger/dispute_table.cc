#include "ledger/dispute_table.h"

#include <utility>

#include "ledger/row_lookup.h"

namespace rollcall::ledger {
namespace {

using storage::Connection;

absl::Status AddAnswer(Connection& connection, Dispute& dispute) {
  ASSIGN_OR_RETURN(auto found, FindResolving(connection, dispute.row.dispute_id));
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
                   FindRow(connection, organisation, RowKind::kDispute, dispute_id));
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
  ASSIGN_OR_RETURN(const auto found, FindRequest(connection, organisation, request_id));
  if (!found) return std::optional<Dispute>();
  const auto* opened = std::get_if<DisputeRow>(&found->row);
  const auto* answered = std::get_if<AnswerRow>(&found->row);
  const bool same = (opened != nullptr && opened->payload_hash == payload_hash) ||
                    (answered != nullptr && answered->payload_hash == payload_hash);
  if (!same) return RequestIdReused();
  ASSIGN_OR_RETURN(Dispute dispute,
                   NeedDispute(connection, organisation,
                               opened != nullptr ? opened->dispute_id : answered->dispute));
  dispute.replayed = true;
  return std::optional<Dispute>(std::move(dispute));
}

absl::StatusOr<std::vector<Dispute>> ReadDisputes(Connection& connection,
                                                  const domain::OrganisationId& organisation,
                                                  int64_t after, int32_t limit) {
  ASSIGN_OR_RETURN(auto rows,
                   RowsOfKind(connection, organisation, RowKind::kDispute, after, limit));
  std::vector<Dispute> disputes;
  for (Sequenced<Row>& one : rows) {
    auto* row = std::get_if<DisputeRow>(&one.row);
    if (row == nullptr) continue;
    Dispute& dispute = disputes.emplace_back();
    dispute.sequence = one.sequence;
    dispute.row = std::move(*row);
    RETURN_IF_ERROR(AddAnswer(connection, dispute));
  }
  return disputes;
}

bool Fits(const Dispute& dispute, const DisputeFilter& filter) {
  if (filter.state && dispute.StateAt(filter.now) != *filter.state) return false;
  return !filter.volunteer_key || dispute.row.volunteer_key == *filter.volunteer_key;
}

}  // namespace rollcall::ledger
