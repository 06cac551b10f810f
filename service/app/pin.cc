#include "app/pin.h"

#include <utility>

#include "access/pin_hash.h"
#include "app/alarm.h"
#include "app/scope.h"
#include "app/token_maker.h"
#include "base/text.h"

namespace rollcall::app {

Pin::Pin(const Services& services) : Pin(services, {access::HashPin, access::PinMatches}) {}

Pin::Pin(const Services& services, PinHasher hasher)
    : services_(services),
      hasher_(std::move(hasher)),
      limiter_(services.settings.pin, services.clock, services.registry) {}

absl::Status Pin::Set(const Call& call, const domain::VolunteerId& volunteer,
                      const std::string& pin) {
  RETURN_IF_ERROR(access::ValidatePin(pin));
  RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, volunteer));
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const std::string hash, hasher_.hash(pin));
  RETURN_IF_ERROR(call.StillWanted());
  RETURN_IF_ERROR(services_.registry.SetPinHash(volunteer, hash));
  return services_.registry.ForgetPinFailures({}, volunteer);
}

absl::StatusOr<bool> Pin::Matches(const domain::VolunteerId& volunteer, const std::string& pin) {
  auto stored = services_.registry.GetPinHash(volunteer);
  if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
  if (stored.ok() && stored->has_value()) return hasher_.matches(pin, **stored);

  std::string nobody;
  {
    const base::MutexLock lock(mutex_);
    nobody = nobody_;
  }
  if (nobody.empty()) {
    ASSIGN_OR_RETURN(nobody, hasher_.hash("0000000000000"));
    const base::MutexLock lock(mutex_);
    nobody_ = nobody;
  }
  // 13 digits are no PIN that anybody could type, but the work is the same.
  (void)hasher_.matches(pin, nobody);
  return false;
}

void Pin::NoteWrong(const domain::KioskId& kiosk, const PinLimiter::Verdict& verdict) const {
  services_.metrics.GetCounter("rollcall_wrong_pins_total", "Wrong PINs typed").Add();
  if (verdict.kiosk_paused) Raise(services_.metrics, Alarm::kPinAttempts, kiosk);
  if (verdict.locked) Raise(services_.metrics, Alarm::kPinLocked, kiosk);
}

absl::StatusOr<Pin::Answer> Pin::Verify(const Call& call, const Request& request) {
  ASSIGN_OR_RETURN(const domain::KioskId kiosk, KioskFor(call.caller, request.kiosk));
  RETURN_IF_ERROR(base::ValidateId(request.volunteer.value, "volunteer_id"));
  RETURN_IF_ERROR(access::ValidatePin(request.pin));
  ASSIGN_OR_RETURN(const domain::SessionKey session,
                   SessionFor(services_, call.caller, request.session));
  RETURN_IF_ERROR(call.StillWanted());

  ASSIGN_OR_RETURN(const PinLimiter::Verdict verdict, limiter_.Begin(kiosk, request.volunteer));
  bool right = false;
  if (verdict.look) {
    ASSIGN_OR_RETURN(right, Matches(request.volunteer, request.pin));
  }
  Answer answer;
  if (!right) {
    answer.decision = domain::Decision::kWrongPin;
    answer.retry_after = verdict.wait;
    answer.see_staff = verdict.locked;
    if (verdict.look) NoteWrong(kiosk, verdict);
    return answer;
  }
  RETURN_IF_ERROR(limiter_.Succeeded(kiosk, request.volunteer));

  ASSIGN_OR_RETURN(const auto entry, services_.registry.FindOnRoster(session, request.volunteer));
  if (!entry) {
    answer.decision = domain::Decision::kNotOnRoster;
    return answer;
  }
  ASSIGN_OR_RETURN(const auto volunteer, services_.registry.GetVolunteer(request.volunteer));
  ASSIGN_OR_RETURN(const auto roster, services_.rosters.Get(session));
  Token token = NewToken(services_, *roster, volunteer);
  token.kiosk = kiosk;
  token.evidence = domain::EvidenceClass::kPin;
  token.proofs = {{domain::EvidenceClass::kPin, "PIN"}};
  answer.decision = domain::Decision::kRecognised;
  answer.token = services_.tokens.Seal(token);
  answer.token_expires = token.expires;
  return answer;
}

}  // namespace rollcall::app
