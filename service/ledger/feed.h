#ifndef ROLLCALL_LEDGER_FEED_H_
#define ROLLCALL_LEDGER_FEED_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"
#include "ledger/row.h"

namespace rollcall::storage {
class Connection;
class Database;
}  // namespace rollcall::storage

// The ledger as what it is, an ordered log: its rows from any sequence number on, and a word when
// there are new ones.
namespace rollcall::ledger {

struct FeedRow {
  int64_t sequence = 0;
  Row row;
};

// The rows behind `after`, at most `limit` (1 or more), in order, without gaps; empty at the end.
// What is returned is durable. Blocks; keeps the database for one short read and decodes outside of
// it. DataLoss, reason BAD_ROW. Errors of storage::Database.
absl::StatusOr<std::vector<FeedRow>> ReadFeed(storage::Database& database, int64_t after,
                                              int32_t limit);

// Says when the ledger has grown. Committed is the database's storage::DatabaseOptions::on_commit,
// so that no way of writing a row can be forgotten. Thread-safe.
class FeedSignal {
 public:
  // While it lives, its function is called after each commit that brought rows: on the database's
  // thread, so it must be short and must not block. Once its destructor has returned the function
  // is not running and is not called again; so it must not be destroyed under a lock that the
  // function takes, nor by the function.
  class Listener {
   public:
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

   private:
    friend class FeedSignal;
    explicit Listener(FeedSignal& signal) : signal_(signal) {}
    FeedSignal& signal_;
  };

  // The signal must outlive the listener.
  std::unique_ptr<Listener> Listen(std::function<void()> function);

  // Looks how far the ledger goes and tells the listeners if that is further than before. Cost: one
  // look-up in an index.
  void Committed(storage::Connection& connection);

  // The same, once, for what stands there at the start. Errors of storage::Database.
  absl::Status Start(storage::Database& database);

  // The last row that was committed, as far as Start and Committed have seen; 0: none.
  int64_t last_sequence() const { return last_.load(); }

 private:
  std::atomic<int64_t> last_ = 0;
  base::Mutex mutex_;
  std::map<const Listener*, std::function<void()>> listeners_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_FEED_H_
