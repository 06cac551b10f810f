#ifndef ROLLCALL_CLIENT_ERRORS_H_
#define ROLLCALL_CLIENT_ERRORS_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"

namespace grpc {
class Status;
}

namespace rollcall::client {

// The status of a finished call as a base status: same code and message; the reason
// (base::ErrorReason) and the wait (RetryDelay) from the details that errors.proto describes. A
// call that never reached a server has the reason SERVER_UNREACHABLE, one that took too long
// TIMED_OUT. Damaged details are ignored; then the reason is "".
absl::Status FromGrpc(const grpc::Status& status);

// How long the server asks to wait before the same call; nothing where it does not say.
std::optional<base::Duration> RetryDelay(const absl::Status& status);

// Whether it is unknown what became of the call, so that only asking again with the same request id
// tells: the answer did not come (in time).
bool IsUnanswered(const absl::Status& status);

// What the reader can do next, one sentence or more; "" where nothing better than the message is
// known. `server`: the address that was called.
std::string Advice(const absl::Status& status, std::string_view server);

// "PROGRAM: message", the advice and, in brackets, the reason: for stderr, with a newline at the
// end. Control characters of the message are made visible, so that nothing can steer the terminal.
std::string ErrorText(std::string_view program, const absl::Status& status,
                      std::string_view server);

}  // namespace rollcall::client

#endif  // ROLLCALL_CLIENT_ERRORS_H_
