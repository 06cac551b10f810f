#include "app/deadlines.h"

#include <algorithm>
#include <map>
#include <utility>

#include "app/scope.h"
#include "base/page.h"

namespace rollcall::app {
namespace {

// Visits without an end, by activity; practice left out.
using OpenVisits = std::map<domain::ActivityId, int32_t>;

absl::StatusOr<OpenVisits> OpenVisitsOf(const Services& services, const Call& call,
                                        const domain::OrganisationId& organisation,
                                        base::Duration pending_after) {
  ledger::HoursFilter filter;
  filter.events.organisation = organisation;
  filter.events.practice = false;
  filter.now = services.clock.Now();
  filter.pending_after = pending_after;
  OpenVisits open;
  base::PageRequest page{base::kMaxPageSize, ""};
  do {
    RETURN_IF_ERROR(call.StillWanted());
    ASSIGN_OR_RETURN(const auto part, services.ledger.HoursByVolunteer(filter, page));
    for (const ledger::VolunteerHours& hours : part.items) {
      for (const ledger::Visit& visit : hours.visits) {
        const bool ended = visit.status == ledger::VisitStatus::kConfirmed ||
                           visit.status == ledger::VisitStatus::kCorrected;
        if (!ended && !visit.practice) ++open[visit.session.activity];
      }
    }
    page.token = part.next_token;
  } while (!page.token.empty());
  return open;
}

// The end of the last session.
absl::StatusOr<base::Time> EndOf(const Services& services,
                                 const domain::OrganisationId& organisation,
                                 const domain::ActivityId& activity) {
  base::Time end;
  base::PageRequest page{base::kMaxPageSize, ""};
  do {
    ASSIGN_OR_RETURN(const auto part, services.registry.ListSessions(organisation, activity, page));
    for (const domain::Session& session : part.items) end = std::max(end, session.ends);
    page.token = part.next_token;
  } while (!page.token.empty());
  return end;
}

}  // namespace

absl::StatusOr<std::vector<Deadlines::OverdueActivity>> Deadlines::Overdue(
    const Call& call, const domain::OrganisationId& organisation) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  RETURN_IF_ERROR(services_.registry.GetOrganisation(own).status());
  ASSIGN_OR_RETURN(const PolicyPtr policy, services_.policies.For(own));
  ASSIGN_OR_RETURN(const OpenVisits open,
                   OpenVisitsOf(services_, call, own, policy->pending_after));
  std::vector<hours::ActivityEnd> ends;
  for (const auto& [activity, visits] : open) {
    RETURN_IF_ERROR(call.StillWanted());
    ASSIGN_OR_RETURN(const base::Time ended, EndOf(services_, own, activity));
    ends.push_back({own, activity, ended, std::nullopt});
  }
  ASSIGN_OR_RETURN(const auto late,
                   hours::Overdue(*policy, services_.policies.known().calendar(), ends,
                                  services_.clock.Now()));
  std::vector<OverdueActivity> list;
  for (const hours::RecordingDeadline& deadline : late) {
    ASSIGN_OR_RETURN(auto activity, services_.registry.GetActivity(own, deadline.activity));
    list.push_back({deadline, std::move(activity.title), open.at(deadline.activity)});
  }
  return list;
}

}  // namespace rollcall::app
