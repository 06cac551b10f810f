#ifndef ROLLCALL_WEBHOOKS_TRANSPORT_H_
#define ROLLCALL_WEBHOOKS_TRANSPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace rollcall::webhooks {

// One attempt: a POST of `body` as application/json.
struct Request {
  std::string url;
  std::string id;         // webhook-id
  int64_t seconds = 0;    // webhook-timestamp
  std::string signature;  // webhook-signature
  std::string body;
};

// How an attempt ended.
struct Outcome {
  int status = 0;  // HTTP; 0: there was no whole answer
  // Why there was none: CONNECT_FAILED, NAME_NOT_RESOLVED, ADDRESS_NOT_ALLOWED, TLS_FAILED,
  // TIMEOUT, ANSWER_TOO_LARGE, ANSWER_BROKEN, CANCELLED. Static.
  const char* fault = "";
  std::optional<base::Duration> retry_after;  // what the receiver asked for

  bool delivered() const { return status >= 200 && status <= 299; }
  // "HTTP 503" or the fault: for lists and logs.
  std::string Text() const {
    return status != 0 ? "HTTP " + std::to_string(status) : std::string(fault);
  }
};

// Sends requests side by side. All methods but Wake belong to one thread.
class Transport {
 public:
  virtual ~Transport() = default;
  // `ticket` is the caller's, and not in use.
  virtual void Start(int64_t ticket, Request request) = 0;
  // Waits until something ended, until Wake, or for `at_most`; returns what has ended.
  virtual std::vector<std::pair<int64_t, Outcome>> Wait(base::Duration at_most) = 0;
  // Ends a Wait, or the next one. Any thread.
  virtual void Wake() = 0;
};

}  // namespace rollcall::webhooks

#endif  // ROLLCALL_WEBHOOKS_TRANSPORT_H_
