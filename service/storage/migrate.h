#ifndef ROLLCALL_STORAGE_MIGRATE_H_
#define ROLLCALL_STORAGE_MIGRATE_H_

#include <string>
#include <vector>

#include "base/status.h"
#include "storage/sqlite_connection.h"

namespace rollcall::storage {

// Brings the database to the newest schema, in one transaction: all steps or none. `file` is named
// in messages. Errors: SCHEMA_NEWER and SCHEMA_CHANGED of OpenSqlite, or those of the statements.
absl::Status Migrate(SqliteConnection& connection, const std::vector<Schema>& schemas,
                     const std::string& file);

}  // namespace rollcall::storage

#endif  // ROLLCALL_STORAGE_MIGRATE_H_
