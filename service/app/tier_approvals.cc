#include "app/tier_approvals.h"

#include <algorithm>
#include <utility>

#include "app/actor.h"
#include "app/payload_hash.h"
#include "app/scope.h"
#include "base/text.h"

namespace rollcall::app {
namespace {

constexpr size_t kMaxReasonBytes = 200;

absl::Status Refused(std::string_view reason, const std::string& message) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, reason, message);
}

absl::Status BadPage(std::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PAGE", what);
}

base::Sha256Digest PayloadOf(const TierApprovals::Approval& wanted) {
  return PayloadHash("tier-approval/1")
      .Text(wanted.volunteer.value)
      .Number(wanted.day.time_since_epoch().count())
      .Number(static_cast<int64_t>(wanted.tier))
      .Text(wanted.reason)
      .Digest();
}

absl::StatusOr<domain::OrganisationId> TopmostAbove(registry::Registry& registry,
                                                    const domain::OrganisationId& organisation) {
  domain::OrganisationId top = organisation;
  while (true) {
    ASSIGN_OR_RETURN(const auto found, registry.GetOrganisation(top));
    if (found.parent.empty()) return top;
    top = found.parent;
  }
}

// Whoever brought the visit about: by a proposal both people, otherwise who recorded its events.
absl::StatusOr<std::vector<domain::Actor>> InvolvedIn(const Services& services,
                                                      const ledger::Visit& visit) {
  const domain::OrganisationId& organisation = visit.session.organisation;
  std::vector<domain::Actor> involved;
  if (!visit.proposal.IsNil()) {
    ASSIGN_OR_RETURN(auto proposal, services.ledger.GetProposal(organisation, visit.proposal));
    involved.push_back(std::move(proposal.row.proposer));
    if (proposal.resolution) involved.push_back(std::move(proposal.resolution->decider));
  }
  for (const base::Uuid& id : {visit.in_event, visit.out_event}) {
    if (id.IsNil()) continue;
    ASSIGN_OR_RETURN(const auto stored, services.ledger.GetEvent(organisation, id));
    auto recorder = ActorOf(services, stored.event.recorder);
    if (!recorder.ok() && !absl::IsNotFound(recorder.status())) return recorder.status();
    // Without an identity: the machine's own administrator.
    involved.push_back(recorder.ok() ? *std::move(recorder)
                                     : ledger::RecorderOf(stored.event.recorder));
  }
  return involved;
}

// `organisation` and what lies below it, by id.
absl::StatusOr<std::vector<domain::OrganisationId>> Within(
    registry::Registry& registry, const domain::OrganisationId& organisation) {
  std::vector<domain::OrganisationId> within;
  base::PageRequest page{base::kMaxPageSize, ""};
  do {
    ASSIGN_OR_RETURN(const auto part, registry.ListOrganisations(page));
    for (const domain::Organisation& one : part.items) {
      ASSIGN_OR_RETURN(const bool below, registry.IsWithin(one.id, organisation));
      if (below) within.push_back(one.id);
    }
    page.token = part.next_token;
  } while (!page.token.empty());
  return within;
}

// "ORGANISATION/TOKEN": goes on there, with this token of the ledger's listing.
std::string MakePageToken(const domain::OrganisationId& organisation, const std::string& token) {
  return organisation.value + "/" + token;
}

struct Place {
  std::vector<domain::OrganisationId>::const_iterator at;
  std::string token;
};

absl::StatusOr<Place> PlaceOf(const std::string& page_token,
                              const std::vector<domain::OrganisationId>& organisations) {
  if (page_token.empty()) return Place{organisations.begin(), ""};
  const size_t slash = page_token.find('/');
  const auto at = std::find(organisations.begin(), organisations.end(),
                            domain::OrganisationId(page_token.substr(0, slash)));
  if (slash == std::string::npos || at == organisations.end()) {
    return BadPage("page_token: not a page token of this listing");
  }
  return Place{at, page_token.substr(slash + 1)};
}

}  // namespace

absl::Status TierApprovals::CheckPlace(const Call& call, const Approval& wanted) const {
  if (IsUnbound(call.caller)) return absl::OkStatus();
  if (call.caller.organisation == wanted.organisation) {
    return Refused("NOT_ABOVE",
                   "organisation_id: hours above a day's limit are approved by an "
                   "organisation above it, never by its own approvers");
  }
  // The caller's scope has shown that it lies below hers.
  if (wanted.tier != hours::Tier::kProvince) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto top, TopmostAbove(services_.registry, wanted.organisation));
  if (call.caller.organisation == top) return absl::OkStatus();
  return Refused("NOT_TOPMOST", "tier: this part is approved by an approver of " + top.value +
                                    ", the topmost organisation above");
}

absl::Status TierApprovals::CheckUninvolved(const domain::Actor& approver,
                                            const ledger::TierApprovalRow& row) const {
  if (approver.person == row.volunteer_key) {
    return Refused("BENEFICIARY", "these are your own hours; somebody else must approve them");
  }
  ledger::HoursFilter filter;
  filter.events.organisation = row.organisation;
  filter.events.volunteer_key = row.volunteer_key;
  filter.events.practice = false;
  filter.now = row.record_time;
  ASSIGN_OR_RETURN(const auto found, services_.ledger.HoursByVolunteer(filter, {1, ""}));
  if (found.items.empty()) return NoSuchVolunteer();
  for (const ledger::Visit& visit : found.items.front().visits) {
    if (visit.status != ledger::VisitStatus::kConfirmed) continue;
    ASSIGN_OR_RETURN(const auto days, DaysOf(visit));
    if (std::find(days.begin(), days.end(), row.day) == days.end()) continue;
    ASSIGN_OR_RETURN(const auto involved, InvolvedIn(services_, visit));
    for (const domain::Actor& actor : involved) {
      if (MayBeOnePerson(actor, approver)) {
        return Refused("INVOLVED",
                       "you recorded, entered or approved a visit of this day, by this or another "
                       "account; somebody else must approve what lies above its limit");
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<hours::Day>> TierApprovals::DaysOf(const ledger::Visit& visit) const {
  PolicyPtr policy;
  if (const auto own = services_.policies.known().Find(visit.policy); own.ok()) {
    policy = *own;
  } else {
    // Its file is not there any more.
    ASSIGN_OR_RETURN(policy, services_.policies.For(visit.session.organisation));
  }
  const base::Time out = visit.out.value_or(visit.in);
  std::vector<hours::Day> days;
  for (hours::Day day = policy->zone.DayOf(std::min(visit.in, out));
       day <= policy->zone.DayOf(std::max(visit.in, out)); day += std::chrono::days(1)) {
    days.push_back(day);
  }
  return days;
}

absl::StatusOr<TierApprovals::View> TierApprovals::Approve(const Call& call,
                                                           const Approval& asked) {
  RETURN_IF_ERROR(CheckRequestId(asked.request_id));
  RETURN_IF_ERROR(base::ValidateId(asked.volunteer.value, "volunteer_id"));
  RETURN_IF_ERROR(base::ValidateDisplayText(asked.reason, "reason_text", kMaxReasonBytes));
  RETURN_IF_ERROR(call.StillWanted());
  Approval wanted = asked;
  ASSIGN_OR_RETURN(wanted.organisation,
                   OrganisationFor(services_, call.caller, asked.organisation));
  ledger::TierApprovalRow row;
  row.organisation = wanted.organisation;
  row.request_id = wanted.request_id;
  row.payload_hash = PayloadOf(wanted);
  // Nothing that has happened since may change the answer.
  ASSIGN_OR_RETURN(auto earlier, services_.ledger.AnsweredApproval(row.organisation, row.request_id,
                                                                   row.payload_hash));
  if (earlier) return ViewOf(*std::move(earlier));
  RETURN_IF_ERROR(CheckPlace(call, wanted));
  ASSIGN_OR_RETURN(const auto volunteer, services_.registry.GetVolunteer(wanted.volunteer));
  ASSIGN_OR_RETURN(row.approver, ActorOf(services_, call));
  row.volunteer_key = volunteer.key;
  row.record_time = services_.clock.Now();
  row.day = wanted.day;
  row.tier = wanted.tier;
  row.approving = call.caller.organisation.empty() ? services_.settings.default_organisation
                                                   : call.caller.organisation;
  row.reason_text = wanted.reason;
  RETURN_IF_ERROR(CheckUninvolved(row.approver, row));
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(auto approval, services_.ledger.ApproveTier(row));
  return ViewOf(std::move(approval));
}

absl::StatusOr<base::Page<TierApprovals::Awaiting>> TierApprovals::ListAwaiting(
    const Call& call, const domain::OrganisationId& organisation, const base::PageRequest& page) {
  RETURN_IF_ERROR(call.StillWanted());
  if (page.size < 0) return BadPage("page_size: not negative");
  ASSIGN_OR_RETURN(const auto top, OrganisationFor(services_, call.caller, organisation));
  RETURN_IF_ERROR(services_.registry.GetOrganisation(top).status());
  ASSIGN_OR_RETURN(const auto organisations, Within(services_.registry, top));
  ASSIGN_OR_RETURN(Place place, PlaceOf(page.token, organisations));
  int32_t left = page.size == 0 ? base::kDefaultPageSize : std::min(page.size, base::kMaxPageSize);
  base::Page<Awaiting> listed;
  for (; place.at != organisations.end(); ++place.at) {
    if (left == 0) {
      listed.next_token = MakePageToken(*place.at, "");
      return listed;
    }
    RETURN_IF_ERROR(call.StillWanted());
    ledger::HoursFilter filter;
    filter.events.organisation = *place.at;
    filter.events.practice = false;
    filter.now = services_.clock.Now();
    ASSIGN_OR_RETURN(auto part, services_.ledger.HoursByVolunteer(filter, {left, place.token}));
    for (const ledger::VolunteerHours& hours : part.items) {
      RETURN_IF_ERROR(AddAwaiting(hours, listed.items));
    }
    if (!part.next_token.empty()) {
      listed.next_token = MakePageToken(*place.at, part.next_token);
      return listed;
    }
    left -= static_cast<int32_t>(part.items.size());
    place.token.clear();
  }
  return listed;
}

absl::Status TierApprovals::AddAwaiting(const ledger::VolunteerHours& hours,
                                        std::vector<Awaiting>& out) const {
  if (hours.awaiting_parent == 0 && hours.awaiting_province == 0) return absl::OkStatus();
  const auto volunteer = services_.registry.GetVolunteerByKey(hours.volunteer_key);
  if (!volunteer.ok() && !absl::IsNotFound(volunteer.status())) return volunteer.status();
  for (const ledger::Visit& visit : hours.visits) {
    if (visit.awaiting_parent == 0 && visit.awaiting_province == 0) continue;
    Awaiting& found = out.emplace_back();
    if (volunteer.ok()) {
      found.volunteer = volunteer->id;
      found.name = volunteer->name;
    }
    found.visit = visit;
    ASSIGN_OR_RETURN(found.days, DaysOf(visit));
  }
  return absl::OkStatus();
}

absl::StatusOr<TierApprovals::View> TierApprovals::ViewOf(ledger::TierApproval approval) const {
  View view;
  auto volunteer = services_.registry.GetVolunteerByKey(approval.row.volunteer_key);
  if (!volunteer.ok() && !absl::IsNotFound(volunteer.status())) return volunteer.status();
  if (volunteer.ok()) view.volunteer = std::move(volunteer->id);
  view.approval = std::move(approval);
  return view;
}

}  // namespace rollcall::app
