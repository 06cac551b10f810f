#include "app/attest.h"

#include "app/scope.h"
#include "app/token_maker.h"
#include "base/text.h"

namespace rollcall::app {
namespace {
constexpr size_t kMaxReasonBytes = 200;
}

absl::StatusOr<Attest::Answer> Attest::AttestPresence(const Call& call, const Request& request) {
  RETURN_IF_ERROR(base::ValidateId(request.volunteer.value, "volunteer_id"));
  RETURN_IF_ERROR(base::ValidateDisplayText(request.reason, "reason", kMaxReasonBytes));
  ASSIGN_OR_RETURN(const domain::SessionKey session,
                   SessionFor(services_, call.caller, request.session));
  ASSIGN_OR_RETURN(const auto volunteer, services_.registry.GetVolunteer(request.volunteer));
  RETURN_IF_ERROR(call.StillWanted());

  if (request.walk_in) {
    RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, request.volunteer));
    domain::RosterEntry entry{session, request.volunteer, {}, domain::RosterKind::kWalkIn};
    RETURN_IF_ERROR(
        services_.registry.AddRosterEntries(session, {entry}, services_.clock.Now()).status());
    services_.rosters.Forget();
  }
  ASSIGN_OR_RETURN(const auto entry,
                   services_.registry.FindOnRoster(session, request.volunteer));
  Answer answer;
  if (!entry) {
    // Who is not on her roster is nobody to a member of staff of another organisation.
    RETURN_IF_ERROR(CheckVolunteer(services_, call.caller, request.volunteer));
    answer.decision = domain::Decision::kNotOnRoster;
    return answer;
  }
  // Staff has seen her: whoever locked her PIN has not kept her out.
  RETURN_IF_ERROR(services_.registry.ForgetPinFailures({}, request.volunteer));
  ASSIGN_OR_RETURN(const auto roster, services_.rosters.Get(session));
  Token token = NewToken(services_, *roster, volunteer);
  token.evidence = domain::EvidenceClass::kStaff;
  token.proofs = {{domain::EvidenceClass::kStaff,
                   "seen by staff " + base::Printable(call.caller.identity, 100)},
                  {domain::EvidenceClass::kStaff, request.reason}};
  answer.decision = domain::Decision::kRecognised;
  answer.token = services_.tokens.Seal(token);
  answer.token_expires = token.expires;
  return answer;
}

}  // namespace rollcall::app
