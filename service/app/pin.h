#ifndef ROLLCALL_APP_PIN_H_
#define ROLLCALL_APP_PIN_H_

#include <functional>
#include <string>
#include <string_view>

#include "app/call.h"
#include "app/pin_limiter.h"
#include "app/services.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/status.h"
#include "domain/decision.h"
#include "domain/ids.h"

namespace rollcall::app {

// How PINs are kept: Argon2id (access/pin_hash.h), which takes 0.1 s and 64 MiB a call.
struct PinHasher {
  std::function<absl::StatusOr<std::string>(std::string_view pin)> hash;
  std::function<bool(std::string_view pin, const std::string& hash)> matches;
};

// PINs: the same hours without a face.
class Pin {
 public:
  explicit Pin(const Services& services);
  // With another hasher, for tests that try a million PINs.
  Pin(const Services& services, PinHasher hasher);

  // Sets or replaces it; only the hash is kept. Wrong PINs that locked the number are forgotten.
  // InvalidArgument, reason BAD_PIN. NotFound, reason
  // NO_SUCH_VOLUNTEER.
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
    // With kWrongPin after too many failures; see PinLimiter. The PIN was not looked at, or will not
    // be before then.
    base::Duration retry_after{};
    bool see_staff = false;
  };
  // Checks the PIN of the one volunteer whose number was typed. A wrong PIN, an unknown number and
  // a volunteer without a PIN are answered alike, after the same work. InvalidArgument, reasons
  // BAD_ID, BAD_PIN. Errors of SessionFor and KioskFor.
  absl::StatusOr<Answer> Verify(const Call& call, const Request& request);

 private:
  void NoteWrong(const domain::KioskId& kiosk, const PinLimiter::Verdict& verdict) const;
  absl::StatusOr<bool> Matches(const domain::VolunteerId& volunteer, const std::string& pin);

  const Services& services_;
  const PinHasher hasher_;
  PinLimiter limiter_;
  // The hash of nobody's PIN, so that an unknown number costs as much as a known one.
  base::Mutex mutex_;
  std::string nobody_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_PIN_H_
