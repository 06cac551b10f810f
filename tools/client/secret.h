#ifndef ROLLCALL_CLIENT_SECRET_H_
#define ROLLCALL_CLIENT_SECRET_H_

#include <string>

#include "base/status.h"

namespace rollcall::client {

// Reads one line from stdin, for a secret that must not stand in the arguments, where every user of
// the machine can read it. On a terminal `prompt` is shown on stderr and what is typed is not.
// FailedPrecondition, reason NO_SECRET: stdin ended before a line came.
absl::StatusOr<std::string> ReadSecret(const std::string& prompt);

}  // namespace rollcall::client

#endif  // ROLLCALL_CLIENT_SECRET_H_
