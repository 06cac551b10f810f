#ifndef ROLLCALL_STORAGE_DATABASE_H_
#define ROLLCALL_STORAGE_DATABASE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/uuid.h"

// A thin SQL layer. No type of an engine appears here, so that PostgreSQL can stand beside SQLite:
// the statements of registry, vault and ledger keep to the subset that both understand ($1, $2, ...
// placeholders, ON CONFLICT, RETURNING, BLOB/BYTEA keys) and one conformance suite runs against
// both.
namespace rollcall::storage {

// One bound value. Text and bytes are views: they must live until the call that takes them returns.
class Value {
 public:
  Value(std::nullptr_t) {}  // NULL
  Value(int64_t v) : value_(v) {}
  Value(int32_t v) : value_(static_cast<int64_t>(v)) {}
  Value(bool v) : value_(static_cast<int64_t>(v)) {}
  Value(double v) : value_(v) {}
  Value(std::string_view v) : value_(v) {}
  Value(const std::string& v) : value_(std::string_view(v)) {}
  Value(const char* v) : value_(std::string_view(v)) {}
  Value(std::span<const uint8_t> v) : value_(v) {}
  Value(const base::Bytes& v) : value_(std::span<const uint8_t>(v)) {}
  Value(const base::Sha256Digest& v) : value_(std::span<const uint8_t>(v)) {}
  // Stored as 16 bytes.
  Value(const base::Uuid& v) : value_(std::span<const uint8_t>(v.bytes)) {}
  // Stored as Unix microseconds.
  Value(base::Time v) : value_(base::ToUnixMicros(v)) {}

  using Variant = std::variant<std::monostate, int64_t, double, std::string_view,
                               std::span<const uint8_t>>;
  const Variant& variant() const { return value_; }

 private:
  Variant value_;
};

// The rows that a query yields, one at a time. Belongs to the connection that made it and must be
// destroyed before the operation it was made in returns. Columns count from 0; asking for another
// type than the stored one yields that type's zero, never a conversion.
class Rows {
 public:
  virtual ~Rows() = default;
  // Moves to the next row. True: there is one; false: the end, and no further call is allowed.
  virtual absl::StatusOr<bool> Next() = 0;

  virtual bool IsNull(int column) const = 0;
  virtual int64_t Int64(int column) const = 0;
  virtual double Double(int column) const = 0;
  virtual std::string Text(int column) const = 0;
  // The bytes where they lie, until the next call of Next().
  virtual std::span<const uint8_t> BlobView(int column) const = 0;
  base::Bytes Blob(int column) const {
    const auto blob = BlobView(column);
    return {blob.begin(), blob.end()};
  }
  base::Time Time(int column) const { return base::FromUnixMicros(Int64(column)); }
  // The nil UUID where the stored value is not 16 bytes.
  base::Uuid Uuid(int column) const;
};

// What an operation works with. Used by one thread at a time, and only during the call of the
// operation it was handed to.
class Connection {
 public:
  virtual ~Connection() = default;

  // Runs a statement that yields no rows (those of a RETURNING clause are dropped). Returns how
  // many rows it inserted, changed or deleted.
  //
  // AlreadyExists, reason UNIQUE_VIOLATION: a unique or primary key is taken.
  // FailedPrecondition, reason CONSTRAINT: any other constraint or an append-only trigger.
  // ResourceExhausted, reason DISK_FULL: nothing is changed and the database goes on.
  // DataLoss, reason DATABASE_DAMAGED. Unavailable, reason IO_ERROR: the disk failed; nothing is
  // changed. Internal, reason SQL: everything else, a bug of ours included.
  virtual absl::StatusOr<int64_t> Execute(std::string_view sql,
                                          std::initializer_list<Value> values = {}) = 0;

  // Starts a query. Errors as Execute, there or from Rows::Next. Statements are compiled once and
  // kept; at most one Rows of the same text may be alive.
  virtual absl::StatusOr<std::unique_ptr<Rows>> Query(std::string_view sql,
                                                      std::initializer_list<Value> values = {}) = 0;
};

// One step of a schema, forward only. Never edited once released: its SHA-256 is stored and
// compared.
struct Migration {
  int32_t number = 0;  // 1, 2, 3, ... without gaps
  std::string sql;     // one or several statements
};

// The tables of one component ("registry", "ledger", "vault"). Several may share one database.
struct Schema {
  std::string component;
  std::vector<Migration> migrations;
};

struct DatabaseOptions {
  std::filesystem::path path;  // the file; its folder must exist
  std::vector<Schema> schemas;
  // Deleted content is overwritten, and the log file is emptied on Scrub() and at opening.
  bool secure_delete = false;
  size_t max_queue = 4096;  // operations waiting
  size_t max_batch = 256;   // writes in one commit
  // Called on the thread that met it when a sync or a commit met an I/O error. From then on nobody
  // knows what is on the disk (after a failed fsync the kernel marks the pages clean), so the
  // process must end and read the file afresh. Default: logs and aborts. A handler that returns
  // (tests) leaves a database that refuses everything with Unavailable, reason DATABASE_CLOSED.
  std::function<void(const absl::Status&)> on_fatal;
  // Called on the database thread after every commit, when its completions have been called, so that
  // no answer waits for it. May query; must be short and must not write.
  std::function<void(Connection&)> on_commit;
  std::string vfs;  // name of a registered SQLite VFS, for fault injection; empty: the default
};

// One database, one connection, one thread that owns it. Every operation runs on that thread in the
// order of the calls; save that a read is run on its caller's, in the thread's stead, where the thread
// has nothing to do: to wake it, and be woken by it, takes longer than most reads.
//
// Writes that wait together are committed together: each runs in a savepoint of one transaction,
// which is committed and synced once; only then are the completions called. A failed write takes
// back its own changes and nobody else's. Reads run between two commits and see every earlier
// write.
//
// Thread-safety: all methods may be called concurrently, but Write, Read, Scrub and CopyTo never from an
// operation or a completion: they would wait for themselves.
class Database {
 public:
  using Operation = std::function<absl::Status(Connection&)>;
  using Completion = std::function<void(absl::Status)>;

  // Runs what is queued, then closes.
  virtual ~Database() = default;

  // Queues a write and returns at once. `done` is called exactly once: on the database thread after
  // the commit (short work, no Write or Read), or on the calling thread before WriteAsync returns
  // when the write is refused:
  // ResourceExhausted, reason QUEUE_FULL: max_queue operations wait. Nothing was run.
  // Unavailable, reason DATABASE_CLOSED: after a fatal error or while closing.
  // Otherwise: the operation's own error, or the error that made the commit fail. OK means durable.
  virtual void WriteAsync(Operation operation, Completion done) = 0;

  // Runs `fn`, which takes a Connection& and returns absl::Status or absl::StatusOr<T>, as a write
  // and waits for the commit. Returns what `fn` returned, or the errors of WriteAsync.
  template <typename F>
  std::invoke_result_t<F&, Connection&> Write(F&& fn) {
    return Run(std::forward<F>(fn), [this](const Operation& op) { return BlockingWrite(op); });
  }

  // The same for reading. `fn` must not change anything.
  template <typename F>
  std::invoke_result_t<F&, Connection&> Read(F&& fn) {
    return Run(std::forward<F>(fn), [this](const Operation& op) { return BlockingRead(op); });
  }

  // Moves the write-ahead log into the file and empties it, so that what was deleted under
  // secure_delete can be read from neither. Waits. ResourceExhausted, reason DISK_FULL: call again
  // once there is room. Unavailable, reason DATABASE_CLOSED.
  virtual absl::Status Scrub() = 0;

  // Writes a consistent copy of the whole database to a new file at `path` (mode 0600), by SQLite's
  // online backup on this connection, some hundred pages at a time: other operations run in
  // between, and what they write is in the copy. Waits; the copy is on the disk when it returns.
  // `go_on` is asked before each step; its error ends the call. After an error there is no file.
  // AlreadyExists, reason COPY_EXISTS: something has this name. ResourceExhausted, reason DISK_FULL
  // or QUEUE_FULL. Unavailable, reason DATABASE_CLOSED or IO_ERROR.
  virtual absl::Status CopyTo(const std::filesystem::path& path,
                              const std::function<absl::Status()>& go_on = {}) = 0;

 protected:
  virtual absl::Status BlockingWrite(const Operation& operation) = 0;
  virtual absl::Status BlockingRead(const Operation& operation) = 0;

 private:
  static absl::Status StatusOf(const absl::Status& status) { return status; }
  template <typename T>
  static absl::Status StatusOf(const absl::StatusOr<T>& value) { return value.status(); }

  template <typename F, typename Runner>
  static std::invoke_result_t<F&, Connection&> Run(F&& fn, Runner runner) {
    std::optional<std::invoke_result_t<F&, Connection&>> result;
    const absl::Status status = runner([&](Connection& connection) {
      result.emplace(fn(connection));
      return StatusOf(*result);
    });
    if (!status.ok()) return status;
    return *std::move(result);
  }
};

// Opens (or makes) an SQLite database: write-ahead log, synchronous=FULL, exclusive locking,
// foreign keys, no memory mapping, checked with quick_check, migrated to the newest schema. A new
// one is made as `path`-new and renamed once it is on the disk. The folder is synced before this
// returns.
//
// FailedPrecondition:
//   DATA_IN_USE: another process, or this one, has it open.
//   DATA_READ_ONLY: the file or its folder cannot be written.
//   SCHEMA_NEWER: written by a newer version of the program; install that one.
//   SCHEMA_CHANGED: a migration that was applied differs from the one of this program.
// DataLoss, reason DATABASE_DAMAGED: not a database, or quick_check found damage; the message names
// the file and says to restore a backup.
// ResourceExhausted, reason DISK_FULL. Unavailable, reasons IO_ERROR: the disk failed; CANNOT_OPEN:
// anything else.
absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(DatabaseOptions options);

}  // namespace rollcall::storage

#endif  // ROLLCALL_STORAGE_DATABASE_H_
