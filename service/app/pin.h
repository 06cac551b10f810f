#ifndef ROLLCALL_APP_PIN_H_
#define ROLLCALL_APP_PIN_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "app/call.h"
#include "app/services.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "domain/decision.h"
#include "domain/ids.h"

namespace rollcall::app {

// Counts wrong PINs per (kiosk, typed number): guessing at one kiosk slows down that kiosk and that
// number and locks nobody out elsewhere. Bounded. Thread-safe.
class PinLimiter {
 public:
  PinLimiter(const PinSettings& settings, const base::Clock& clock)
      : settings_(settings), clock_(clock) {}

  // How long this kiosk must wait before it may try this number again; zero: now.
  base::Duration WaitFor(const std::string& kiosk, const std::string& number);
  // Returns the wait that follows from this failure; zero: none.
  base::Duration Failed(const std::string& kiosk, const std::string& number);
  void Succeeded(const std::string& kiosk, const std::string& number);

 private:
  using Key = std::pair<std::string, std::string>;
  struct State {
    int32_t failures = 0;
    base::Duration last{};         // monotonic
    base::Duration blocked_until{};  // monotonic
  };
  void Trim(base::Duration now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const PinSettings& settings_;
  const base::Clock& clock_;
  base::Mutex mutex_;
  std::map<Key, State> states_ ABSL_GUARDED_BY(mutex_);
};

// PINs: the same hours without a face. Argon2id takes 0.1 s and 64 MiB a call.
class Pin {
 public:
  explicit Pin(const Services& services)
      : services_(services), limiter_(services.settings.pin, services.clock) {}

  // Sets or replaces it; only the hash is kept. InvalidArgument, reason BAD_PIN.
  // NotFound, reason NO_SUCH_VOLUNTEER.
  absl::Status Set(const Call& call, const domain::VolunteerId& volunteer, const std::string& pin);

  struct Request {
    domain::SessionKey session;  // may leave out what RosterBook::Resolve fills in
    domain::KioskId kiosk;  // empty: the caller's own
    domain::VolunteerId volunteer;
    std::string pin;
  };
  struct Answer {
    // kRecognised, kWrongPin or kNotOnRoster.
    domain::Decision decision = domain::Decision::kUnspecified;
    base::Bytes token;          // with kRecognised
    base::Time token_expires;
    base::Duration retry_after{};  // with kWrongPin after too many failures
  };
  // Checks the PIN of the one volunteer whose number was typed. A wrong PIN, an unknown number and
  // a volunteer without a PIN are answered alike, after the same work. InvalidArgument, reasons
  // BAD_ID, BAD_PIN. Errors of SessionFor and KioskFor.
  absl::StatusOr<Answer> Verify(const Call& call, const Request& request);

 private:
  absl::StatusOr<bool> Matches(const domain::VolunteerId& volunteer, const std::string& pin);

  const Services& services_;
  PinLimiter limiter_;
  // The hash of nobody's PIN, so that an unknown number costs as much as a known one.
  base::Mutex mutex_;
  std::string nobody_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_PIN_H_
