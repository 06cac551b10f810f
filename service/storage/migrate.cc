#include "storage/migrate.h"

#include <map>
#include <utility>

#include "base/bytes.h"

namespace rollcall::storage {
namespace {

using Applied = std::map<std::pair<std::string, int64_t>, base::Bytes>;

absl::StatusOr<Applied> ReadApplied(SqliteConnection& connection) {
  Applied applied;
  ASSIGN_OR_RETURN(const auto rows, connection.Query(
      "SELECT component, number, checksum FROM schema_version ORDER BY component, number", {}));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) return applied;
    applied[{rows->Text(0), rows->Int64(1)}] = rows->Blob(2);
  }
}

absl::Status Apply(SqliteConnection& connection, const std::string& component,
                   const Migration& step, const base::Sha256Digest& checksum) {
  RETURN_IF_ERROR(connection.Script(step.sql));
  return connection
      .Execute("INSERT INTO schema_version (component, number, checksum) VALUES ($1, $2, $3)",
               {component, step.number, checksum})
      .status();
}

absl::Status MigrateInTransaction(SqliteConnection& connection, const std::vector<Schema>& schemas,
                                  const std::string& file) {
  RETURN_IF_ERROR(connection.Script(
      "CREATE TABLE IF NOT EXISTS schema_version ("
      " component TEXT NOT NULL, number INTEGER NOT NULL, checksum BLOB NOT NULL,"
      " PRIMARY KEY (component, number)) STRICT"));
  ASSIGN_OR_RETURN(Applied applied, ReadApplied(connection));
  for (const Schema& schema : schemas) {
    int32_t expected = 0;
    for (const Migration& step : schema.migrations) {
      ROLLCALL_CHECK(step.number == ++expected);
      const base::Sha256Digest checksum = base::Sha256(base::AsBytes(step.sql));
      const auto found = applied.find({schema.component, step.number});
      if (found == applied.end()) {
        RETURN_IF_ERROR(Apply(connection, schema.component, step, checksum));
        continue;
      }
      if (found->second != base::Bytes(checksum.begin(), checksum.end())) {
        return base::MakeError(absl::StatusCode::kFailedPrecondition, "SCHEMA_CHANGED",
                               file + ": step " + std::to_string(step.number) + " of " +
                                   schema.component +
                                   " is not the one of this program; use the program that made "
                                   "this database");
      }
      applied.erase(found);
    }
  }
  // What is left was applied by somebody who knows more steps, or more components.
  if (!applied.empty()) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "SCHEMA_NEWER",
                           file + " was written by a newer version of the program; install that "
                                  "version, or restore a backup made by this one");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Migrate(SqliteConnection& connection, const std::vector<Schema>& schemas,
                     const std::string& file) {
  RETURN_IF_ERROR(connection.Script("BEGIN IMMEDIATE"));
  absl::Status status = MigrateInTransaction(connection, schemas, file);
  if (status.ok()) status = connection.Script("COMMIT");
  if (!status.ok() && connection.InTransaction()) {
    // The first error is the one to report.
    connection.Script("ROLLBACK").IgnoreError();
  }
  return status;
}

}  // namespace rollcall::storage
