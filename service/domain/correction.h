#ifndef ROLLCALL_DOMAIN_CORRECTION_H_
#define ROLLCALL_DOMAIN_CORRECTION_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/caller.h"

// Hours that no machine saw, and changes of hours: one person proposes, another decides.
namespace rollcall::domain {

// Numbers are stored in ledger rows: never renumber.
enum class ProposalKind {
  kClose = 1,         // gives a forgotten check-out its time
  kBackEntry = 2,     // a visit that no kiosk saw
  kCorrection = 3,    // other times for an entry that stands
  kCancellation = 4,  // an entry that stands is taken back
  kBatch = 5,         // the same visit of a named crowd
};

// Why. Stored: never renumber.
enum class ReasonCode {
  kForgottenCheckOut = 1,
  kNoKiosk = 2,      // there was none at the place
  kKioskFailed = 3,  // it was there and did not work
  kWrongTime = 4,    // the entry has another time than the service had
  kNotServed = 5,    // the volunteer was not there, or did not serve
  kCrowd = 6,        // too many at once for the kiosks
  kOther = 7,
};

// Stored: never renumber. Lapsing is not among them: it follows from the time alone, so that it
// comes out the same whenever somebody looks, after a year of downtime too.
enum class Outcome { kApproved = 1, kRefused = 2, kWithdrawn = 3 };

enum class ProposalState {
  kStanding = 1,
  kApproved = 2,
  kRefused = 3,
  kWithdrawn = 4,
  kLapsed = 5
};

// Who proposes or decides, by everything that could show one person behind two accounts.
struct Actor {
  std::string identity;  // Caller::identity
  Role role = Role::kUnspecified;
  base::Uuid person;  // Volunteer::key of who holds the identity; nil: not known
  std::optional<base::Sha256Digest>
      key;  // of the certificate's public key; none without certificate
};

// How long something may wait for a second person.
struct CorrectionTimes {
  base::Duration proposal_lifetime = std::chrono::hours(24 * 14);
  base::Duration dispute_answered_within = std::chrono::hours(24 * 15);
};

// Whether `decider` may approve or refuse what `proposer` asks for to the credit (or, of a
// cancellation, to the debit) of `concerned` volunteers (keys). Pure.
//
// FailedPrecondition, naming the rule that was broken: PROPOSER_CANNOT_DECIDE, the same identity;
// SAME_PERSON, two identities of one person; SAME_KEY, two certificates for one key; SAME_ROLE;
// BENEFICIARY, the decider is one of those concerned.
absl::Status CheckDecider(const Actor& proposer, const Actor& decider,
                          const std::vector<base::Uuid>& concerned);

// Whether `recorder` may write down that the volunteer herself agreed. As CheckDecider, without the
// rule about roles and without BENEFICIARY: the volunteer is the second person, whoever holds the
// device.
absl::Status CheckWitness(const Actor& proposer, const Actor& recorder);

// Whether `proposer` may propose. FailedPrecondition, reason BENEFICIARY: for herself.
absl::Status CheckProposer(const Actor& proposer, const std::vector<base::Uuid>& concerned);

// At `now`; a proposal is good before `expires`, not at it.
ProposalState StateOf(std::optional<Outcome> outcome, base::Time expires, base::Time now);

std::string_view ToString(ProposalKind kind);    // "close", "back entry", ...
std::string_view ToString(ReasonCode reason);    // "forgotten check-out", ...
std::string_view ToString(ProposalState state);  // "standing", "approved", ...

}  // namespace rollcall::domain

#endif  // ROLLCALL_DOMAIN_CORRECTION_H_
