#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/bounded_queue.h"
#include "base/log.h"
#include "storage/database.h"
#include "storage/migrate.h"
#include "storage/sqlite_connection.h"

namespace rollcall::storage {
namespace {

constexpr int kPagesPerStep = 512;  // of a copy: 2 MiB, some milliseconds
constexpr int kCheckpointFrames = 1000;  // about 4 MB of log, SQLite's own default

absl::Status Closed() {
  return base::MakeError(absl::StatusCode::kUnavailable, "DATABASE_CLOSED",
                         "the database is closed; whether the last write happened is known after "
                         "the service has been started again");
}

// A copy that shares nothing with `status`. Sharing would be correct, but Debian's abseil counts its
// references where TSan does not see it, and every error of a whole batch would be a false report.
absl::Status DeepCopy(const absl::Status& status) {
  return base::MakeError(status.code(), base::ErrorReason(status), base::Message(status));
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(DatabaseOptions options, std::unique_ptr<SqliteConnection> connection)
      : options_(std::move(options)),
        connection_(std::move(connection)),
        queue_(options_.max_queue),
        thread_([this] { Run(); }) {}

  ~SqliteDatabase() override {
    closing_ = true;
    queue_.Close();
    thread_.join();
  }

  void WriteAsync(Operation operation, Completion done) override {
    Enqueue({Kind::kWrite, std::move(operation), std::move(done)});
  }
  absl::Status Scrub() override { return Wait(Kind::kScrub, {}); }
  absl::Status CopyTo(const std::filesystem::path& path,
                      const std::function<absl::Status()>& go_on) override;

 protected:
  absl::Status BlockingWrite(const Operation& operation) override {
    return Wait(Kind::kWrite, operation);
  }
  absl::Status BlockingRead(const Operation& operation) override {
    if (auto status = ReadHere(operation)) return *std::move(status);
    return Wait(Kind::kRead, operation);
  }

 private:
  // kRaw: on the thread, outside of a transaction.
  enum class Kind { kWrite, kRead, kScrub, kRaw };
  struct Item {
    Kind kind = Kind::kWrite;
    Operation operation;
    Completion done;
  };

  void Enqueue(Item item) {
    if (closing_ || broken_) return item.done(Closed());
    ++unfinished_;
    if (queue_.TryPush(std::move(item))) return;
    --unfinished_;
    item.done(closing_ ? Closed()
                       : base::MakeError(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                                         "too many operations wait for the database; try again"));
  }

  absl::Status Wait(Kind kind, const Operation& operation) {
    CheckMayWait();
    std::promise<absl::Status> promise;
    std::future<absl::Status> result = promise.get_future();
    Enqueue({kind, operation, [&promise](absl::Status s) { promise.set_value(std::move(s)); }});
    return result.get();
  }

  // An operation or a completion that waited for another operation would wait for itself.
  void CheckMayWait() const { ROLLCALL_CHECK(std::this_thread::get_id() != owner_); }

  // The read on this thread, or nothing, where the connection is in use or anything waits for it:
  // what was called earlier comes first.
  std::optional<absl::Status> ReadHere(const Operation& operation) {
    CheckMayWait();
    if (unfinished_ > 0) return std::nullopt;
    const std::unique_lock lock(connection_mutex_, std::try_to_lock);
    if (!lock.owns_lock() || unfinished_ > 0) return std::nullopt;
    if (closing_ || broken_) return Closed();
    const Ownership ownership(*this);
    return RunRead(operation);
  }

  // While connection_mutex_ is held: says whose the connection is.
  class Ownership {
   public:
    explicit Ownership(SqliteDatabase& database) : database_(database) {
      database_.owner_ = std::this_thread::get_id();
    }
    ~Ownership() { database_.owner_ = std::thread::id(); }
    Ownership(const Ownership&) = delete;
    Ownership& operator=(const Ownership&) = delete;

   private:
    SqliteDatabase& database_;
  };

  void Run();
  void RunOther(Item& item);
  absl::Status RunRead(const Operation& operation);
  void RunBatch(std::vector<Item>& batch);
  // Fills `results`. Returns the error that took the whole batch down, if any.
  absl::Status RunWrites(std::vector<Item>& batch, std::vector<absl::Status>& results);
  absl::Status RunWrite(const Operation& operation);
  absl::Status Checkpoint(bool empty_log);
  void RollBack();
  void Fatal(const absl::Status& status);

  const DatabaseOptions options_;
  std::mutex connection_mutex_;
  const std::unique_ptr<SqliteConnection> connection_;  // with connection_mutex_
  std::atomic<std::thread::id> owner_{};                // who holds connection_mutex_; none: nobody
  std::atomic<int64_t> unfinished_{0};                  // items in queue_ or in work
  std::atomic<bool> closing_{false};
  std::atomic<bool> broken_{false};
  base::BoundedQueue<Item> queue_;
  std::thread thread_;  // last: it uses everything above
};

void SqliteDatabase::Run() {
  std::optional<Item> next = queue_.Pop();
  while (next) {
    int64_t finished = 1;
    {
      const std::lock_guard lock(connection_mutex_);
      const Ownership ownership(*this);
      if (next->kind == Kind::kWrite) {
        std::vector<Item> batch;
        while (next && next->kind == Kind::kWrite && batch.size() < options_.max_batch) {
          batch.push_back(*std::move(next));
          next = queue_.TryPop();
        }
        finished = std::ssize(batch);
        RunBatch(batch);
      } else {
        RunOther(*next);
        next = queue_.TryPop();
      }
    }
    unfinished_ -= finished;
    if (!next) next = queue_.Pop();
  }
  // A failure is logged, and the log is read again at the next opening.
  if (!broken_) Checkpoint(/*empty_log=*/true).IgnoreError();
}

void SqliteDatabase::RunOther(Item& item) {
  if (broken_) return item.done(Closed());
  if (item.kind == Kind::kScrub) return item.done(Checkpoint(/*empty_log=*/true));
  if (item.kind == Kind::kRaw) return item.done(item.operation(*connection_));
  item.done(RunRead(item.operation));
}

absl::Status SqliteDatabase::RunRead(const Operation& operation) {
  absl::Status status = connection_->Script("BEGIN");
  try {
    if (status.ok()) status = operation(*connection_);
  } catch (...) {  // on its caller's thread it may be caught, and the service go on
    RollBack();
    throw;
  }
  RollBack();
  return status;
}

absl::Status SqliteDatabase::CopyTo(const std::filesystem::path& path,
                                    const std::function<absl::Status()>& go_on) {
  const int made = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) {
    return errno == EEXIST
               ? base::MakeError(absl::StatusCode::kAlreadyExists, "COPY_EXISTS",
                                 path.string() + ": is there already")
               : base::MakeError(absl::StatusCode::kUnavailable, "IO_ERROR",
                                 path.string() + ": " + std::strerror(errno));
  }
  close(made);
  std::unique_ptr<SqliteConnection::Copy> copy;
  bool done = false;
  absl::Status status;
  while (status.ok() && !done) {
    if (go_on) status = go_on();
    if (!status.ok()) break;
    status = Wait(Kind::kRaw, [&](Connection&) -> absl::Status {
      if (copy == nullptr) {
        ASSIGN_OR_RETURN(copy, connection_->BeginCopy(path.string()));
      }
      ASSIGN_OR_RETURN(done, copy->Step(kPagesPerStep));
      return absl::OkStatus();
    });
  }
  // On the database's thread, unless that runs nothing any more.
  const absl::Status closed = Wait(Kind::kRaw, [&](Connection&) {
    copy.reset();
    return absl::OkStatus();
  });
  if (!closed.ok()) copy.reset();
  if (!status.ok()) unlink(path.c_str());
  return status;
}

void SqliteDatabase::RunBatch(std::vector<Item>& batch) {
  std::vector<absl::Status> results(batch.size(), absl::OkStatus());
  const absl::Status failed = broken_ ? Closed() : RunWrites(batch, results);
  bool any = false;
  for (size_t i = 0; i < batch.size(); ++i) {
    any = any || results[i].ok();
    batch[i].done(failed.ok() ? std::move(results[i]) : DeepCopy(failed));
  }
  if (failed.ok() && any && options_.on_commit) options_.on_commit(*connection_);
  // After the answers, so that nobody waits for it.
  if (!broken_ && connection_->wal_frames() >= kCheckpointFrames) {
    Checkpoint(/*empty_log=*/false).IgnoreError();
  }
}

absl::Status SqliteDatabase::RunWrites(std::vector<Item>& batch,
                                       std::vector<absl::Status>& results) {
  RETURN_IF_ERROR(connection_->Script("BEGIN IMMEDIATE"));
  bool any = false;
  for (size_t i = 0; i < batch.size(); ++i) {
    results[i] = RunWrite(batch[i].operation);
    if (!results[i].ok() && connection_->last_error_was_sync()) {
      Fatal(results[i]);
      return Closed();
    }
    // Some errors roll the whole transaction back; what the others wrote is gone with it.
    if (!connection_->InTransaction()) return results[i];
    any = any || results[i].ok();
  }
  if (!any) {
    RollBack();
    return absl::OkStatus();
  }
  const absl::Status committed = connection_->Script("COMMIT");
  if (committed.ok()) return committed;
  if (connection_->last_error_was_io()) {
    Fatal(committed);
    return Closed();
  }
  RollBack();
  return committed;
}

absl::Status SqliteDatabase::RunWrite(const Operation& operation) {
  RETURN_IF_ERROR(connection_->Script("SAVEPOINT operation"));
  absl::Status status = operation(*connection_);
  if (!connection_->InTransaction()) {
    return status.ok() ? base::MakeError(absl::StatusCode::kInternal, "SQL",
                                         "the operation ended its transaction")
                       : status;
  }
  if (!status.ok()) RETURN_IF_ERROR(connection_->Script("ROLLBACK TO operation"));
  RETURN_IF_ERROR(connection_->Script("RELEASE operation"));
  return status;
}

absl::Status SqliteDatabase::Checkpoint(bool empty_log) {
  const absl::Status status = connection_->Checkpoint(empty_log);
  if (status.ok()) return status;
  if (connection_->last_error_was_io()) {
    Fatal(status);
    return Closed();
  }
  // A full disk: everything is safe in the log, which is tried again after the next commit.
  base::log::Warning("checkpoint_failed", {{"reason", base::ErrorReason(status)}});
  return status;
}

void SqliteDatabase::RollBack() {
  if (!connection_->InTransaction()) return;
  const absl::Status status = connection_->Script("ROLLBACK");
  if (!status.ok()) Fatal(status);
}

void SqliteDatabase::Fatal(const absl::Status& status) {
  broken_ = true;
  base::log::Error("database_failed", {{"file", options_.path.string()},
                                       {"reason", base::ErrorReason(status)},
                                       {"message", base::Message(status)}});
  if (options_.on_fatal) return options_.on_fatal(status);
  std::abort();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenSqlite(DatabaseOptions options) {
  ROLLCALL_CHECK(options.max_queue > 0 && options.max_batch > 0);
  ASSIGN_OR_RETURN(auto connection, SqliteConnection::Open(options));
  RETURN_IF_ERROR(Migrate(*connection, options.schemas, options.path.string()));
  return std::make_unique<SqliteDatabase>(std::move(options), std::move(connection));
}

}  // namespace rollcall::storage
