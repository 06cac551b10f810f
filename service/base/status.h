#ifndef ROLLCALL_BASE_STATUS_H_
#define ROLLCALL_BASE_STATUS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Errors are values: absl::Status everywhere, exceptions stop at the adapter that called the library
// which throws. A machine-readable reason (UPPER_SNAKE, at most 63 characters, AIP-193) travels as a
// payload so that the RPC layer never has to parse a message.
namespace rollcall::base {

// Makes a status with `code`, a sentence for an operator and a reason for a program.
// `message` must hold no personal data: no name, PIN, picture, template or score.
absl::Status MakeError(absl::StatusCode code, std::string_view reason, std::string_view message);

// Returns the reason given to MakeError, or "" where the status has none (OK included).
std::string ErrorReason(const absl::Status& status);

// Returns a copy whose message is "`context`: old message"; code and reason stay. OK stays OK.
absl::Status Annotate(const absl::Status& status, std::string_view context);

// The two conversions that Debian's abseil needs (its string_view is a type of its own).
inline absl::string_view ToAbsl(std::string_view s) { return {s.data(), s.size()}; }
inline std::string_view FromAbsl(absl::string_view s) { return {s.data(), s.size()}; }

// Returns the message of a status as a std::string.
inline std::string Message(const absl::Status& status) {
  return std::string(FromAbsl(status.message()));
}

// Prints `message` with its place to stderr and aborts. For broken invariants of our own only, never
// for input, model output or disk content. On in release builds too.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace rollcall::base

#define ROLLCALL_CHECK(condition)                                        \
  do {                                                                   \
    if (!(condition)) {                                                  \
      ::rollcall::base::CheckFailed(__FILE__, __LINE__, #condition);     \
    }                                                                    \
  } while (false)

#define ROLLCALL_CONCAT_INNER(a, b) a##b
#define ROLLCALL_CONCAT(a, b) ROLLCALL_CONCAT_INNER(a, b)

// Returns from the enclosing function when `expression` (an absl::Status) is not OK.
#define RETURN_IF_ERROR(expression)                       \
  do {                                                    \
    absl::Status rollcall_status = (expression);          \
    if (!rollcall_status.ok()) return rollcall_status;    \
  } while (false)

// ASSIGN_OR_RETURN(auto x, F()): assigns the value of an absl::StatusOr or returns its status.
#define ASSIGN_OR_RETURN(lhs, expression) \
  ASSIGN_OR_RETURN_IMPL(ROLLCALL_CONCAT(rollcall_or_, __LINE__), lhs, expression)
#define ASSIGN_OR_RETURN_IMPL(tmp, lhs, expression) \
  auto tmp = (expression);                          \
  if (!tmp.ok()) return tmp.status();               \
  lhs = std::move(tmp).value()

#endif  // ROLLCALL_BASE_STATUS_H_
