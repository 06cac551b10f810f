#ifndef ROLLCALL_TESTS_SUPPORT_DATABASES_H_
#define ROLLCALL_TESTS_SUPPORT_DATABASES_H_

#include <filesystem>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "storage/database.h"

namespace rollcall::support {

// A database engine that the conformance suites of storage, registry, vault and ledger run against.
struct DatabaseEngine {
  std::string name;
  // Opens (or makes) the database of this folder.
  std::function<absl::StatusOr<std::unique_ptr<storage::Database>>(
      const std::filesystem::path& folder, std::vector<storage::Schema> schemas)>
      open;
};

inline void PrintTo(const DatabaseEngine& engine, std::ostream* out) { *out << engine.name; }

// Another engine joins here, and every suite runs against it.
inline std::vector<DatabaseEngine> DatabaseEngines() {
  return {{"Sqlite", [](const std::filesystem::path& folder, std::vector<storage::Schema> schemas) {
             storage::DatabaseOptions options;
             options.path = folder / "test.db";
             options.schemas = std::move(schemas);
             options.secure_delete = true;
             return storage::OpenSqlite(std::move(options));
           }}};
}


}  // namespace rollcall::support

#endif  // ROLLCALL_TESTS_SUPPORT_DATABASES_H_
