#include "storage/sqlite_connection.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <utility>
#include <vector>

#include "storage/database_file.h"

namespace rollcall::storage {
namespace {

using absl::StatusCode;

int PrimaryCode(int code) { return code & 0xff; }

}  // namespace

class SqliteRows final : public Rows {
 public:
  SqliteRows(SqliteConnection& connection, SqliteConnection::Statement& statement)
      : connection_(connection), statement_(statement) {}
  ~SqliteRows() override { connection_.Release(statement_); }

  absl::StatusOr<bool> Next() override {
    const int code = sqlite3_step(statement_.handle);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return connection_.Error(code);
  }
  bool IsNull(int column) const override { return Type(column) == SQLITE_NULL; }
  int64_t Int64(int column) const override {
    return Type(column) == SQLITE_INTEGER ? sqlite3_column_int64(statement_.handle, column) : 0;
  }
  double Double(int column) const override {
    return Type(column) == SQLITE_FLOAT ? sqlite3_column_double(statement_.handle, column) : 0;
  }
  std::string Text(int column) const override {
    if (Type(column) != SQLITE_TEXT) return {};
    const auto* text =
        reinterpret_cast<const char*>(sqlite3_column_text(statement_.handle, column));
    if (text == nullptr) return {};
    return {text, static_cast<size_t>(sqlite3_column_bytes(statement_.handle, column))};
  }
  std::span<const uint8_t> BlobView(int column) const override {
    if (Type(column) != SQLITE_BLOB) return {};
    const auto* blob = static_cast<const uint8_t*>(sqlite3_column_blob(statement_.handle, column));
    if (blob == nullptr) return {};
    return {blob, static_cast<size_t>(sqlite3_column_bytes(statement_.handle, column))};
  }

 private:
  int Type(int column) const { return sqlite3_column_type(statement_.handle, column); }

  SqliteConnection& connection_;
  SqliteConnection::Statement& statement_;
};

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteConnection::Connect(
    const DatabaseOptions& options, const std::string& file) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(
      file.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      options.vfs.empty() ? nullptr : options.vfs.c_str());
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(handle, file));
  if (code != SQLITE_OK) return connection->Error(code);
  RETURN_IF_ERROR(connection->Configure(options));
  return connection;
}

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(
    const DatabaseOptions& options) {
  RETURN_IF_ERROR(PrepareFile(options.path, [&options](const std::string& file) {
    return Connect(options, file).status();
  }));
  ASSIGN_OR_RETURN(auto connection, Connect(options, options.path.string()));
  RETURN_IF_ERROR(connection->QuickCheck());
  RETURN_IF_ERROR(connection->WriteLogAgain());
  // Empties what a crash has left in the log, and was made certain above.
  RETURN_IF_ERROR(connection->Checkpoint(/*empty_log=*/true));
  // The log is there now, and stays until the file is closed.
  RETURN_IF_ERROR(SyncFolderOf(options.path));
  return connection;
}

SqliteConnection::~SqliteConnection() {
  if (db_ == nullptr) return;  // there was not even memory for the handle
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement->handle);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_close(db_);
}

absl::Status SqliteConnection::Configure(const DatabaseOptions& options) {
  sqlite3_busy_timeout(db_, 200);  // only another process can be in the way, and then for long
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  // Before the first access, so that no shared-memory file is ever made.
  RETURN_IF_ERROR(SetAndReadBack("locking_mode", "EXCLUSIVE", "exclusive"));
  RETURN_IF_ERROR(SetAndReadBack("mmap_size", "0", "0"));
  // A new file is switched to WAL by a transaction with a rollback journal. FULL deletes that
  // journal without syncing the folder: had a power cut brought it back, it would have undone the
  // file to nothing, log and all. EXTRA syncs the folder.
  RETURN_IF_ERROR(SetAndReadBack("synchronous", "EXTRA", "3"));
  RETURN_IF_ERROR(SetAndReadBack("journal_mode", "WAL", "wal"));
  RETURN_IF_ERROR(SetAndReadBack("synchronous", "FULL", "2"));
  RETURN_IF_ERROR(SetAndReadBack("foreign_keys", "ON", "1"));
  // So that REPLACE, which deletes, sets off the triggers of append-only tables.
  RETURN_IF_ERROR(SetAndReadBack("recursive_triggers", "ON", "1"));
  RETURN_IF_ERROR(SetAndReadBack("cell_size_check", "ON", "1"));
  RETURN_IF_ERROR(SetAndReadBack("secure_delete", options.secure_delete ? "ON" : "OFF",
                                 options.secure_delete ? "1" : "0"));
  sqlite3_wal_autocheckpoint(db_, 0);
  sqlite3_wal_hook(
      db_,
      [](void* self, sqlite3*, const char*, int frames) {
        static_cast<SqliteConnection*>(self)->wal_frames_ = frames;
        return SQLITE_OK;
      },
      this);
  return absl::OkStatus();
}

absl::Status SqliteConnection::SetAndReadBack(const std::string& pragma, const std::string& value,
                                              const std::string& expected) {
  RETURN_IF_ERROR(Script("PRAGMA " + pragma + "=" + value));
  ASSIGN_OR_RETURN(const auto rows, Query("PRAGMA " + pragma, {}));
  ASSIGN_OR_RETURN(const bool any, rows->Next());
  // mmap_size answers nothing where memory mapping is compiled out.
  if (!any && expected == "0") return absl::OkStatus();
  const std::string got = !any              ? "nothing"
                          : rows->IsNull(0) ? "null"
                          : rows->Text(0).empty() ? std::to_string(rows->Int64(0))
                                                  : rows->Text(0);
  if (got == expected) return absl::OkStatus();
  return base::MakeError(StatusCode::kUnavailable, "CANNOT_OPEN",
                         file_ + ": setting " + pragma + " did not take: " + got);
}

absl::Status SqliteConnection::QuickCheck() {
  ASSIGN_OR_RETURN(const auto rows, Query("PRAGMA quick_check(1)", {}));
  ASSIGN_OR_RETURN(const bool any, rows->Next());
  if (any && rows->Text(0) == "ok") return absl::OkStatus();
  return DamagedError(file_, "quick_check failed");
}

absl::Status SqliteConnection::WriteLogAgain() {
  sqlite3_file* log = nullptr;
  int code = sqlite3_file_control(db_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (code != SQLITE_OK) return Error(code);
  if (log == nullptr || log->pMethods == nullptr) return absl::OkStatus();
  const sqlite3_io_methods& methods = *log->pMethods;
  sqlite3_int64 size = 0;
  code = methods.xFileSize(log, &size);
  std::vector<char> bytes(size_t{64} << 10);
  for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size;) {
    const int length = static_cast<int>(std::min<sqlite3_int64>(size - at, std::ssize(bytes)));
    code = methods.xRead(log, bytes.data(), length, at);
    if (code == SQLITE_OK) code = methods.xWrite(log, bytes.data(), length, at);
    at += length;
  }
  if (code == SQLITE_OK && size > 0) code = methods.xSync(log, SQLITE_SYNC_NORMAL);
  return code == SQLITE_OK ? absl::OkStatus() : Error(code);
}

absl::StatusOr<SqliteConnection::Statement*> SqliteConnection::Prepare(
    std::string_view sql, std::initializer_list<Value> values) {
  auto& slot = statements_[std::string(sql)];
  if (slot == nullptr) {
    auto fresh = std::make_unique<Statement>();
    const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &fresh->handle, nullptr);
    if (code != SQLITE_OK) {
      statements_.erase(std::string(sql));
      return Error(code);
    }
    slot = std::move(fresh);
  }
  ROLLCALL_CHECK(!slot->in_use);
  RETURN_IF_ERROR(Bind(*slot, values));
  slot->in_use = true;
  return slot.get();
}

absl::Status SqliteConnection::Bind(Statement& statement, std::initializer_list<Value> values) {
  sqlite3_stmt* s = statement.handle;
  ROLLCALL_CHECK(static_cast<size_t>(sqlite3_bind_parameter_count(s)) == values.size());
  int number = 0;
  for (const Value& value : values) {
    char name[16];
    std::snprintf(name, sizeof(name), "$%d", ++number);
    // Placeholders are numbered by first appearance, which need not be their order.
    const int at = sqlite3_bind_parameter_index(s, name);
    ROLLCALL_CHECK(at > 0);
    int code = SQLITE_OK;
    const Value::Variant& v = value.variant();
    if (const auto* integer = std::get_if<int64_t>(&v)) {
      code = sqlite3_bind_int64(s, at, *integer);
    } else if (const auto* real = std::get_if<double>(&v)) {
      code = sqlite3_bind_double(s, at, *real);
    } else if (const auto* text = std::get_if<std::string_view>(&v)) {
      code = sqlite3_bind_text64(s, at, text->empty() ? "" : text->data(), text->size(),
                                 SQLITE_TRANSIENT, SQLITE_UTF8);
    } else if (const auto* bytes = std::get_if<std::span<const uint8_t>>(&v)) {
      // A null pointer would be NULL, not an empty blob.
      code = bytes->empty() ? sqlite3_bind_zeroblob(s, at, 0)
                            : sqlite3_bind_blob64(s, at, bytes->data(), bytes->size(),
                                                  SQLITE_TRANSIENT);
    } else {
      code = sqlite3_bind_null(s, at);
    }
    if (code != SQLITE_OK) {
      sqlite3_clear_bindings(s);
      return Error(code);
    }
  }
  return absl::OkStatus();
}

void SqliteConnection::Release(Statement& statement) {
  sqlite3_reset(statement.handle);
  sqlite3_clear_bindings(statement.handle);
  statement.in_use = false;
}

absl::StatusOr<int64_t> SqliteConnection::Execute(std::string_view sql,
                                                  std::initializer_list<Value> values) {
  ASSIGN_OR_RETURN(Statement * statement, Prepare(sql, values));
  const int64_t before = sqlite3_total_changes64(db_);
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement->handle);
  const absl::Status status = code == SQLITE_DONE ? absl::OkStatus() : Error(code);
  Release(*statement);
  if (!status.ok()) return status;
  return sqlite3_total_changes64(db_) - before;
}

absl::StatusOr<std::unique_ptr<Rows>> SqliteConnection::Query(std::string_view sql,
                                                              std::initializer_list<Value> values) {
  ASSIGN_OR_RETURN(Statement * statement, Prepare(sql, values));
  return std::make_unique<SqliteRows>(*this, *statement);
}

absl::Status SqliteConnection::Script(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Error(code);
}

bool SqliteConnection::InTransaction() const { return sqlite3_get_autocommit(db_) == 0; }

absl::Status SqliteConnection::Checkpoint(bool empty_log) {
  const int mode = empty_log ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  const int code = sqlite3_wal_checkpoint_v2(db_, nullptr, mode, nullptr, nullptr);
  if (code != SQLITE_OK) return Error(code);
  wal_frames_ = 0;
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<SqliteConnection::Copy>> SqliteConnection::BeginCopy(
    const std::string& file) {
  std::unique_ptr<Copy> copy(new Copy(file));
  int code = sqlite3_open_v2(file.c_str(), &copy->target_,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                                 SQLITE_OPEN_EXRESCODE,
                             nullptr);
  if (code != SQLITE_OK) return copy->Failed(code);
  copy->backup_ = sqlite3_backup_init(copy->target_, "main", db_, "main");
  if (copy->backup_ == nullptr) return copy->Failed(sqlite3_errcode(copy->target_));
  return copy;
}

SqliteConnection::Copy::~Copy() {
  if (backup_ != nullptr) sqlite3_backup_finish(backup_);
  sqlite3_close(target_);
}

absl::StatusOr<bool> SqliteConnection::Copy::Step(int pages) {
  const int code = sqlite3_backup_step(backup_, pages);
  if (code == SQLITE_OK) return false;
  if (code != SQLITE_DONE) return Failed(code);
  const int finished = sqlite3_backup_finish(std::exchange(backup_, nullptr));
  if (finished != SQLITE_OK) return Failed(finished);
  return true;
}

absl::Status SqliteConnection::Copy::Failed(int code) const {
  if (PrimaryCode(code) == SQLITE_FULL) {
    return base::MakeError(StatusCode::kResourceExhausted, "DISK_FULL",
                           file_ + ": no space left for the copy");
  }
  return base::MakeError(StatusCode::kUnavailable, "IO_ERROR",
                         file_ + ": " + sqlite3_errstr(code) + ", SQLite code " +
                             std::to_string(code));
}

bool SqliteConnection::last_error_was_io() const {
  return PrimaryCode(last_error_) == SQLITE_IOERR;
}

bool SqliteConnection::last_error_was_sync() const {
  return last_error_ == SQLITE_IOERR_FSYNC || last_error_ == SQLITE_IOERR_DIR_FSYNC;
}

absl::Status SqliteConnection::Error(int code) {
  last_error_ = db_ == nullptr ? code : sqlite3_extended_errcode(db_);
  if (PrimaryCode(last_error_) != PrimaryCode(code)) last_error_ = code;
  // SQLite names tables and columns in its messages, never values.
  const std::string message = db_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db_);
  switch (PrimaryCode(last_error_)) {
    case SQLITE_CONSTRAINT:
      if (last_error_ == SQLITE_CONSTRAINT_UNIQUE || last_error_ == SQLITE_CONSTRAINT_PRIMARYKEY) {
        return base::MakeError(StatusCode::kAlreadyExists, "UNIQUE_VIOLATION", message);
      }
      return base::MakeError(StatusCode::kFailedPrecondition, "CONSTRAINT", message);
    case SQLITE_FULL:
      return base::MakeError(StatusCode::kResourceExhausted, "DISK_FULL",
                             file_ + ": no space left; nothing was changed");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return DamagedError(file_, message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return base::MakeError(StatusCode::kFailedPrecondition, "DATA_IN_USE",
                             file_ + " is open in another process; stop that one first");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return ReadOnlyError(file_, message);
    case SQLITE_IOERR:
      return base::MakeError(StatusCode::kUnavailable, "IO_ERROR",
                             file_ + ": " + message + ", SQLite code " +
                                 std::to_string(last_error_));
    default:
      return base::MakeError(StatusCode::kInternal, "SQL", message);
  }
}

}  // namespace rollcall::storage
