#ifndef ROLLCALL_WEBHOOKS_DISPATCHER_H_
#define ROLLCALL_WEBHOOKS_DISPATCHER_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/status.h"
#include "vault/secret.h"
#include "webhooks/event.h"
#include "webhooks/signing.h"
#include "webhooks/store.h"
#include "webhooks/transport.h"

namespace rollcall::webhooks {

// How long to wait for the next attempt. The first pause is short, since one row that cannot be
// delivered holds up those behind it.
struct RetryPolicy {
  base::Duration first = std::chrono::seconds(5);
  base::Duration most = std::chrono::hours(1);
  // A receiver that has failed for so long is disabled ...
  base::Duration give_up_after = std::chrono::hours(24 * 5);
  // ... but not before so many attempts: a clock that jumps has not failed.
  int32_t attempts_at_least = 10;
};

// After the `failures`th failure in a row: `first` doubled each time up to `most`, and up to a
// fifth more by `random`, so that receivers that failed together do not come back together.
base::Duration PauseAfter(int32_t failures, const RetryPolicy& policy, base::RandomSource& random);

// Where events come from. Methods block and are called on the dispatcher's thread.
class EventSource {
 public:
  virtual ~EventSource() = default;
  struct Page {
    std::vector<Event> events;
    int64_t reached = 0;  // every row up to here has been looked at
  };
  // The rows behind `after`, some of them, in order; of all organisations. At the end: none,
  // reached = after.
  virtual absl::StatusOr<Page> Read(int64_t after) = 0;
  // Whether `organisation` is `top` or lies below it today.
  virtual absl::StatusOr<bool> IsWithin(const domain::OrganisationId& organisation,
                                        const domain::OrganisationId& top) = 0;
  // Her number; empty when no longer registered.
  virtual absl::StatusOr<domain::VolunteerId> VolunteerOf(const base::Uuid& key) = 0;
  // The last row that can be read. Does not block.
  virtual int64_t LastSequence() = 0;
};

// Delivers. For each webhook: its events exactly in the order of the ledger, one at a time, each
// again until a 2xx; only then the cursor moves. After a crash what was delivered but not yet
// written down is delivered again, under the same id. Webhooks do not wait for each other.
//
// Everything but Wake and Reload belongs to one thread. Memory: a page of events per webhook.
class Dispatcher {
 public:
  // References must outlive it, `clock` is the machine's own.
  struct Parts {
    Store& store;
    EventSource& source;
    Transport& transport;
    const vault::SecretKey& key;
    const base::Clock& clock;
    base::RandomSource& random;
    base::Metrics& metrics;
  };
  Dispatcher(const Parts& parts, RetryPolicy policy);
  // Writes the cursors once more.
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // Starts what is due, waits for at most `at_most` (or until something happens), and takes in what
  // has ended.
  void Step(base::Duration at_most);

  // There are new rows. Any thread; does not block.
  void Wake() { parts_.transport.Wake(); }
  // The webhooks in the store have changed. Any thread; does not block.
  void Reload();

 private:
  struct Endpoint {
    Webhook webhook;
    SigningKeys keys;
    std::deque<Event> waiting;
    int64_t read_to = 0;  // rows up to here are in `waiting` or done
    int64_t saved_cursor = 0;
    bool in_flight = false;
    bool dirty = false;           // to be written down
    base::Duration not_before{};  // Monotonic()
  };

  void LoadWebhooks();
  void Take(const Webhook& stored);
  void StartDue(Endpoint& endpoint);
  // OK and nothing in `waiting`: there is nothing yet.
  absl::Status Fill(Endpoint& endpoint);
  absl::StatusOr<bool> Wants(const Endpoint& endpoint, const Event& event);
  void Send(Endpoint& endpoint, const Event& event, const domain::VolunteerId& volunteer);
  void Ended(int64_t ticket, const Outcome& outcome);
  void Delivered(Endpoint& endpoint);
  void Failed(Endpoint& endpoint, const Outcome& outcome);
  void Disable(Endpoint& endpoint, const char* reason);
  void Save();
  base::Duration UntilNext(base::Duration at_most) const;
  void SetGauges();

  const Parts parts_;
  const RetryPolicy policy_;
  std::atomic<bool> reload_{true};
  std::atomic<bool> saving_{false};
  std::atomic<bool> save_failed_{false};
  base::Duration save_not_before_{};
  base::Duration saved_at_{};
  std::map<base::Uuid, Endpoint> endpoints_;
  int64_t next_ticket_ = 0;
  std::map<int64_t, base::Uuid> tickets_;  // of what is in flight; a removed webhook's stay
  // The page read last and the scopes asked of it: webhooks that are up to date share it.
  int64_t page_after_ = -1;
  EventSource::Page page_;
  std::map<std::pair<domain::OrganisationId, domain::OrganisationId>, bool> within_;
  base::Metrics::Counter& deliveries_;
  base::Metrics::Counter& failures_;
  base::Metrics::Gauge& lag_;
  base::Metrics::Gauge& disabled_;
};

// Runs a dispatcher on a thread of its own until its end.
class DispatcherThread {
 public:
  // `dispatcher` must outlive it.
  explicit DispatcherThread(Dispatcher& dispatcher);
  ~DispatcherThread();

 private:
  Dispatcher& dispatcher_;
  std::jthread thread_;
};

}  // namespace rollcall::webhooks

#endif  // ROLLCALL_WEBHOOKS_DISPATCHER_H_
