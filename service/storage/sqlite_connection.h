#ifndef ROLLCALL_STORAGE_SQLITE_CONNECTION_H_
#define ROLLCALL_STORAGE_SQLITE_CONNECTION_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/status.h"
#include "storage/database.h"

struct sqlite3;
struct sqlite3_stmt;
struct sqlite3_backup;

namespace rollcall::storage {

// The one connection to an SQLite file. Private to this folder.
//
// Thread-safety: none; one thread at a time.
class SqliteConnection final : public Connection {
 public:
  // Opens, configures and checks the file; see OpenSqlite for the errors. Does not migrate.
  static absl::StatusOr<std::unique_ptr<SqliteConnection>> Open(const DatabaseOptions& options);
  // Closes without a checkpoint: what is in the log stays there until the next opening.
  ~SqliteConnection() override;
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  absl::StatusOr<int64_t> Execute(std::string_view sql,
                                  std::initializer_list<Value> values) override;
  absl::StatusOr<std::unique_ptr<Rows>> Query(std::string_view sql,
                                              std::initializer_list<Value> values) override;

  // Runs several statements without values.
  absl::Status Script(const std::string& sql);

  // Whether a transaction is open. An error such as a full disk may have rolled it back already.
  bool InTransaction() const;

  // Frames that the last commit left in the write-ahead log.
  int wal_frames() const { return wal_frames_; }
  // Moves the log into the file; with `empty_log` also cuts the log to nothing, otherwise its space is
  // used again. Automatic checkpoints are off, because SQLite drops their errors, a failed fsync
  // included.
  absl::Status Checkpoint(bool empty_log);

  // A copy of this database under way, in steps. Belongs to the connection's thread and must be gone
  // before it.
  class Copy {
   public:
    ~Copy();
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;
    // Copies some more pages. True: all are there, and on the disk.
    absl::StatusOr<bool> Step(int pages);

   private:
    friend class SqliteConnection;
    explicit Copy(std::string file) : file_(std::move(file)) {}
    absl::Status Failed(int code) const;
    std::string file_;
    sqlite3* target_ = nullptr;
    sqlite3_backup* backup_ = nullptr;
  };
  // `file` must be empty or missing.
  absl::StatusOr<std::unique_ptr<Copy>> BeginCopy(const std::string& file);

  // Whether a sync failed in the last failed call, or anything at all was read or written in vain.
  // Decided by SQLite's extended code, which a status does not carry.
  bool last_error_was_io() const;
  bool last_error_was_sync() const;

 private:
  friend class SqliteRows;
  struct Statement {
    sqlite3_stmt* handle = nullptr;
    bool in_use = false;
  };

  SqliteConnection(sqlite3* handle, std::string file) : db_(handle), file_(std::move(file)) {}

  // Opens `file`, which must be there, and configures.
  static absl::StatusOr<std::unique_ptr<SqliteConnection>> Connect(const DatabaseOptions& options,
                                                                   const std::string& file);
  absl::Status Configure(const DatabaseOptions& options);
  // Runs a pragma and compares its answer, so that a setting that did not take is not overlooked.
  absl::Status SetAndReadBack(const std::string& pragma, const std::string& value,
                              const std::string& expected);
  absl::Status QuickCheck();
  // Writes the log over itself and syncs it, while nothing but what was read is in it. After a failed sync
  // Linux counts pages as written that are not: they read well until the power goes, and no later sync
  // writes them (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
  absl::Status WriteLogAgain();
  // Finds or compiles `sql` and binds.
  absl::StatusOr<Statement*> Prepare(std::string_view sql, std::initializer_list<Value> values);
  absl::Status Bind(Statement& statement, std::initializer_list<Value> values);
  void Release(Statement& statement);
  absl::Status Error(int code);

  sqlite3* db_;
  std::string file_;
  int wal_frames_ = 0;
  int last_error_ = 0;
  std::unordered_map<std::string, std::unique_ptr<Statement>> statements_;
};

}  // namespace rollcall::storage

#endif  // ROLLCALL_STORAGE_SQLITE_CONNECTION_H_
