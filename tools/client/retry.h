#ifndef ROLLCALL_CLIENT_RETRY_H_
#define ROLLCALL_CLIENT_RETRY_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>

#include "base/clock.h"
#include "base/status.h"
#include "client/errors.h"

namespace rollcall::client {

// Waits for the given time. Injected, so that tests do not wait.
using Sleep = std::function<void(base::Duration)>;

// How long and by which clock a call without an answer is repeated. `clock` is not null.
struct Patience {
  const base::Clock* clock = nullptr;
  Sleep sleep;
  base::Duration give_up_after = std::chrono::seconds(30);
  const std::atomic<bool>* stop = nullptr;  // may be null; set: do not start another try
};

// Whether the same call may succeed later: no answer came, or the server asks to wait.
inline bool MayRepeat(const absl::Status& status) {
  return IsUnanswered(status) || RetryDelay(status).has_value();
}

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// Makes `call` (a Status or a StatusOr) until it succeeds or fails for a reason that waiting does
// not mend, and returns that result; after patience.give_up_after the last one. The pause doubles
// from 0.2 s to 2 s and is never shorter than the server asks for. Writes must carry the same
// request id each time.
template <typename MakeCall>
auto RepeatUntilAnswered(const Patience& patience, const MakeCall& call) {
  const base::Duration started = patience.clock->Monotonic();
  base::Duration pause = std::chrono::milliseconds(200);
  while (true) {
    auto result = call();
    const absl::Status& status = StatusOf(result);
    if (status.ok() || !MayRepeat(status)) return result;
    if (patience.stop != nullptr && patience.stop->load()) return result;
    const base::Duration wait = std::max(pause, RetryDelay(status).value_or(pause));
    if (patience.clock->Monotonic() - started + wait > patience.give_up_after) return result;
    patience.sleep(wait);
    pause = std::min<base::Duration>(pause * 2, std::chrono::seconds(2));
  }
}

}  // namespace rollcall::client

#endif  // ROLLCALL_CLIENT_RETRY_H_
