#ifndef ROLLCALL_LEDGER_ROW_LOOKUP_H_
#define ROLLCALL_LEDGER_ROW_LOOKUP_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/ids.h"
#include "ledger/log_table.h"
#include "ledger/row.h"
#include "storage/database.h"

// Finding rows of any kind in the table ledger_log, for what people ask and others decide. As
// log_table.h: inside an operation of the database; DataLoss, reason BAD_ROW, where a row does not
// decode. Nothing: there is none. A row may be of another kind than its column says, which is for
// Verify to find: callers look with std::get_if.
namespace rollcall::ledger {

// The row of `kind` with this id. One index lookup, as the next two.
absl::StatusOr<std::optional<Sequenced<Row>>> FindRow(storage::Connection& connection,
                                                      const domain::OrganisationId& organisation,
                                                      RowKind kind, const base::Uuid& id);
// The row that decides what was asked in the row with this id.
absl::StatusOr<std::optional<Sequenced<Row>>> FindResolving(storage::Connection& connection,
                                                            const base::Uuid& id);
// What was written under this request_id.
absl::StatusOr<std::optional<Sequenced<Row>>> FindRequest(
    storage::Connection& connection, const domain::OrganisationId& organisation,
    const base::Uuid& request_id);

// The rows of `kind` with after < sequence, at most `limit`, in order.
absl::StatusOr<std::vector<Sequenced<Row>>> RowsOfKind(storage::Connection& connection,
                                                       const domain::OrganisationId& organisation,
                                                       RowKind kind, int64_t after, int32_t limit);

// Adds to `rows` the proposals that entries among them rest on and that are not there: those about
// several people. One index lookup each.
absl::Status AddProposals(storage::Connection& connection, std::vector<Row>& rows);

// FailedPrecondition, reason REQUEST_ID_REUSED.
absl::Status RequestIdReused();

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_ROW_LOOKUP_H_
