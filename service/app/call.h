#ifndef ROLLCALL_APP_CALL_H_
#define ROLLCALL_APP_CALL_H_

#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/caller.h"

// The use cases. Every class joins engines that do not know each other; none knows protobuf.
//
// Unless a comment says otherwise methods block (they read the databases, or wait for a recognition
// worker), so they are called on a thread of the caller's own, never on an RPC reactor, and are
// thread-safe. Errors of registry, vault and ledger pass through with their reasons.
namespace rollcall::app {

// Who calls, and whether the answer is still wanted.
struct Call {
  domain::Caller caller;
  // PEM of the client certificate of this connection, verified; empty: plain text.
  std::string certificate;
  // DeadlineExceeded or Cancelled once nobody waits any more; empty: always wanted. Asked before
  // each expensive step (decode, inference, commit), never after a commit. Must be thread-safe.
  std::function<absl::Status()> alive;
  // Its pictures came over a network that is not the site's own: only people with a live
  // NETWORK_TRANSFER consent may be compared.
  bool wider_network = false;

  absl::Status StillWanted() const { return alive ? alive() : absl::OkStatus(); }
};

// OK unless it is nil: InvalidArgument, reason BAD_REQUEST_ID.
absl::Status CheckRequestId(const base::Uuid& id);

// ResourceExhausted, reason BUSY: all workers have work and the queue is full. The status carries
// how long to wait before trying again.
absl::Status BusyError(base::Duration retry_after);

// What BusyError was given; nothing for any other status.
std::optional<base::Duration> RetryAfter(const absl::Status& status);

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_CALL_H_
