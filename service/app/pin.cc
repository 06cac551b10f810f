#include "app/pin.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "access/pin_hash.h"
#include "app/scope.h"
#include "app/token_maker.h"
#include "base/text.h"

namespace rollcall::app {

base::Duration PinLimiter::WaitFor(const std::string& kiosk, const std::string& number) {
  const base::Duration now = clock_.Monotonic();
  const base::MutexLock lock(mutex_);
  const auto found = states_.find({kiosk, number});
  if (found == states_.end()) return base::Duration::zero();
  return std::max(base::Duration::zero(), found->second.blocked_until - now);
}

base::Duration PinLimiter::Failed(const std::string& kiosk, const std::string& number) {
  const base::Duration now = clock_.Monotonic();
  const base::MutexLock lock(mutex_);
  const Key key{kiosk, number};
  if (!states_.contains(key)) Trim(now);
  State& state = states_[key];
  if (now - state.last > settings_.forget_after) state.failures = 0;
  ++state.failures;
  state.last = now;
  if (state.failures < settings_.failures_before_wait) return base::Duration::zero();
  state.blocked_until = now + settings_.wait;
  return settings_.wait;
}

void PinLimiter::Succeeded(const std::string& kiosk, const std::string& number) {
  const base::MutexLock lock(mutex_);
  states_.erase({kiosk, number});
}

void PinLimiter::Trim(base::Duration now) {
  if (states_.size() < settings_.remembered_max) return;
  std::erase_if(states_, [&](const auto& entry) {
    return now - entry.second.last > settings_.forget_after;
  });
  if (states_.size() < settings_.remembered_max) return;
  states_.erase(std::min_element(states_.begin(), states_.end(), [](const auto& a, const auto& b) {
    return a.second.last < b.second.last;
  }));
}

absl::Status Pin::Set(const Call& call, const domain::VolunteerId& volunteer,
                      const std::string& pin) {
  RETURN_IF_ERROR(access::ValidatePin(pin));
  RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, volunteer));
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const std::string hash, access::HashPin(pin));
  RETURN_IF_ERROR(call.StillWanted());
  return services_.registry.SetPinHash(volunteer, hash);
}

absl::StatusOr<bool> Pin::Matches(const domain::VolunteerId& volunteer, const std::string& pin) {
  auto stored = services_.registry.GetPinHash(volunteer);
  if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
  if (stored.ok() && stored->has_value()) return access::PinMatches(pin, **stored);

  std::string nobody;
  {
    const base::MutexLock lock(mutex_);
    nobody = nobody_;
  }
  if (nobody.empty()) {
    ASSIGN_OR_RETURN(nobody, access::HashPin("0000000000000"));
    const base::MutexLock lock(mutex_);
    nobody_ = nobody;
  }
  // 13 digits are no PIN that anybody could type, but the work is the same.
  (void)access::PinMatches(pin, nobody);
  return false;
}

absl::StatusOr<Pin::Answer> Pin::Verify(const Call& call, const Request& request) {
  ASSIGN_OR_RETURN(const domain::KioskId kiosk, KioskFor(call.caller, request.kiosk));
  RETURN_IF_ERROR(base::ValidateId(request.volunteer.value, "volunteer_id"));
  RETURN_IF_ERROR(access::ValidatePin(request.pin));
  ASSIGN_OR_RETURN(const domain::SessionKey session,
                   SessionFor(services_, call.caller, request.session));
  RETURN_IF_ERROR(call.StillWanted());

  auto& wrong = services_.metrics.GetCounter("rollcall_wrong_pins_total", "Wrong PINs typed");
  Answer answer;
  answer.decision = domain::Decision::kWrongPin;
  answer.retry_after = limiter_.WaitFor(kiosk.value, request.volunteer.value);
  if (answer.retry_after > base::Duration::zero()) return answer;
  ASSIGN_OR_RETURN(const bool right, Matches(request.volunteer, request.pin));
  if (!right) {
    wrong.Add();
    answer.retry_after = limiter_.Failed(kiosk.value, request.volunteer.value);
    return answer;
  }
  limiter_.Succeeded(kiosk.value, request.volunteer.value);

  ASSIGN_OR_RETURN(const auto entry,
                   services_.registry.FindOnRoster(session, request.volunteer));
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
