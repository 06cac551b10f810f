#include "ledger/feed.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/log.h"
#include "ledger/log_table.h"
#include "storage/database.h"

namespace rollcall::ledger {

absl::StatusOr<std::vector<FeedRow>> ReadFeed(storage::Database& database, int64_t after,
                                              int32_t limit) {
  ASSIGN_OR_RETURN(const auto stored, database.Read([&](storage::Connection& connection) {
    return ReadRows(connection, after, std::numeric_limits<int64_t>::max(), limit);
  }));
  std::vector<FeedRow> rows;
  rows.reserve(stored.size());
  for (const StoredRow& one : stored) {
    ASSIGN_OR_RETURN(Row row, Decode(one.body));
    rows.push_back({one.sequence, std::move(row)});
  }
  return rows;
}

FeedSignal::Listener::~Listener() {
  base::MutexLock lock(signal_.mutex_);
  signal_.listeners_.erase(this);
}

std::unique_ptr<FeedSignal::Listener> FeedSignal::Listen(std::function<void()> function) {
  std::unique_ptr<Listener> listener(new Listener(*this));
  base::MutexLock lock(mutex_);
  listeners_.emplace(listener.get(), std::move(function));
  return listener;
}

void FeedSignal::Committed(storage::Connection& connection) {
  const auto last = LastSequence(connection);
  if (!last.ok()) {
    // The next commit brings the word after all; whoever asks the database gets the error itself.
    return base::log::Warning("feed_signal_failed", {{"reason", base::ErrorReason(last.status())}});
  }
  if (*last <= last_.load()) return;
  last_ = *last;
  base::MutexLock lock(mutex_);
  for (const auto& [listener, function] : listeners_) function();
}

absl::Status FeedSignal::Start(storage::Database& database) {
  return database.Read([this](storage::Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(const int64_t last, LastSequence(connection));
    last_ = std::max(last, last_.load());
    return absl::OkStatus();
  });
}

}  // namespace rollcall::ledger
