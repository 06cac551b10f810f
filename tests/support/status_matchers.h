#ifndef ROLLCALL_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define ROLLCALL_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <gmock/gmock.h>

#include <string>

#include "base/status.h"

namespace rollcall::support {

inline absl::Status GetStatus(const absl::Status& status) { return status; }
template <typename T>
absl::Status GetStatus(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

// EXPECT_THAT(x, IsOk()) for a Status or a StatusOr.
MATCHER(IsOk, negation ? "is an error" : "is OK") {
  const absl::Status status = GetStatus(arg);
  *result_listener << "whose status is " << status.ToString();
  return status.ok();
}

// EXPECT_THAT(x, StatusIs(absl::StatusCode::kNotFound)).
MATCHER_P(StatusIs, code, "") {
  const absl::Status status = GetStatus(arg);
  *result_listener << "whose status is " << status.ToString();
  return status.code() == code;
}

// EXPECT_THAT(x, HasReason("BAD_ID")): the machine-readable reason of base::MakeError.
MATCHER_P(HasReason, reason, "") {
  const absl::Status status = GetStatus(arg);
  *result_listener << "whose status is " << status.ToString() << ", reason '"
                   << base::ErrorReason(status) << "'";
  return !status.ok() && base::ErrorReason(status) == reason;
}

}  // namespace rollcall::support

#endif  // ROLLCALL_TESTS_SUPPORT_STATUS_MATCHERS_H_
