#ifndef ROLLCALL_APP_TIER_APPROVALS_H_
#define ROLLCALL_APP_TIER_APPROVALS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "app/call.h"
#include "app/services.h"
#include "base/page.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/correction.h"
#include "domain/ids.h"
#include "hours/facts.h"
#include "ledger/ledger.h"
#include "ledger/tier_approvals.h"

namespace rollcall::app {

// What a person served on one day above what stands at once: in nobody's total before the parent
// organisation, or the province, has approved it. Each approves its own part. Practice hours are
// never approved: they count nowhere.
class TierApprovals {
 public:
  explicit TierApprovals(const Services& services) : services_(services) {}

  struct Approval {
    base::Uuid request_id;
    domain::OrganisationId organisation;  // whose hours of that day; empty: the caller's own
    domain::VolunteerId volunteer;
    hours::Day day;  // in the time zone of the policy that the hours were credited under
    hours::Tier tier = hours::Tier::kParent;
    std::string reason;  // 1 to 200 bytes of display text; for ever in the ledger: no names
  };
  struct View {
    ledger::TierApproval approval;
    domain::VolunteerId volunteer;  // empty when no longer registered
  };
  // The caller is an approver or an administrator (access::Rules). An approver approves kParent for
  // an organisation that lies below her own, and kProvince where hers is the topmost above it; an
  // administrator both, which is the only way for an organisation with nobody above it. Idempotent
  // by (organisation, request_id), as Corrections is.
  //
  // FailedPrecondition: NOT_ABOVE, her organisation is the one whose hours these are; NOT_TOPMOST;
  // BENEFICIARY, they are her own hours; INVOLVED, by this or another account she recorded, entered
  // or approved one of the visits of that day. NotFound, reason NO_SUCH_VOLUNTEER: nobody of that
  // number has a visit at that organisation. InvalidArgument: BAD_REQUEST_ID, BAD_ID, BAD_TEXT.
  // Errors of OrganisationFor and Ledger::ApproveTier.
  absl::StatusOr<View> Approve(const Call& call, const Approval& wanted);

  // A visit of which something waits.
  struct Awaiting {
    domain::VolunteerId volunteer;  // empty when no longer registered
    std::string name;               // personal data; likewise
    ledger::Visit visit;
    std::vector<hours::Day> days;  // that it touches, as of Approval::day
  };
  // Of `organisation` (empty: the caller's own) and of what lies below it: by organisation, then by
  // volunteer, then by check-in. A page looks at so many people with hours, whether something of
  // theirs waits or not; so it may be empty and not the last one. InvalidArgument, reason BAD_PAGE.
  absl::StatusOr<base::Page<Awaiting>> ListAwaiting(const Call& call,
                                                    const domain::OrganisationId& organisation,
                                                    const base::PageRequest& page);

 private:
  absl::Status CheckPlace(const Call& call, const Approval& wanted) const;
  absl::Status CheckUninvolved(const domain::Actor& approver,
                               const ledger::TierApprovalRow& row) const;
  absl::Status AddAwaiting(const ledger::VolunteerHours& hours, std::vector<Awaiting>& out) const;
  absl::StatusOr<std::vector<hours::Day>> DaysOf(const ledger::Visit& visit) const;
  absl::StatusOr<View> ViewOf(ledger::TierApproval approval) const;

  const Services& services_;
};

}  // namespace rollcall::app

#endif  // ROLLCALL_APP_TIER_APPROVALS_H_
