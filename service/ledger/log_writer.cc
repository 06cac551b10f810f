#include "ledger/log_writer.h"

#include <array>
#include <variant>
#include <vector>

#include "ledger/accounts.h"

namespace rollcall::ledger {

absl::StatusOr<int64_t> LogWriter::Append(storage::Connection& connection, const Row& row) {
  std::array<uint8_t, kSaltSize> salt{};
  random_.Fill(salt);
  ASSIGN_OR_RETURN(const StoredRow stored, Insert(connection, row, salt));
  RETURN_IF_ERROR(Follow(connection, stored, row));
  return stored.sequence;
}

absl::Status LogWriter::Follow(storage::Connection& connection, const StoredRow& stored,
                               const Row& row) {
  RETURN_IF_ERROR(
      tree_.Append(connection, stored.sequence,
                   LeafOf(stored.sequence, stored.format, stored.salt, stored.body)));
  const auto* entry = std::get_if<EntryRow>(&row);
  return entry == nullptr ? absl::OkStatus() : Move(connection, stored.sequence, *entry);
}

absl::StatusOr<bool> LogWriter::CatchUp(storage::Connection& connection, int32_t limit) {
  ASSIGN_OR_RETURN(const int64_t covered, TreeSize(connection));
  ASSIGN_OR_RETURN(const std::vector<StoredRow> rows,
                   ReadRows(connection, covered, INT64_MAX, limit));
  for (const StoredRow& stored : rows) {
    ASSIGN_OR_RETURN(const Row row, Decode(stored.body));
    if (stored.salt.size() != kSaltSize) {
      return base::MakeError(absl::StatusCode::kDataLoss, "BAD_ROW",
                             "malformed ledger row: salt of the wrong size");
    }
    RETURN_IF_ERROR(Follow(connection, stored, row));
  }
  return rows.size() < static_cast<size_t>(limit);
}

}  // namespace rollcall::ledger
