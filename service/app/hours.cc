#include "app/hours.h"

#include <algorithm>
#include <map>
#include <utility>

#include "app/scope.h"

namespace rollcall::app {
namespace {

// Who is behind a ledger key. Nobody, empty, once the registry has forgotten her: her hours stay.
absl::StatusOr<domain::Volunteer> Behind(registry::Registry& registry, const base::Uuid& key) {
  auto volunteer = registry.GetVolunteerByKey(key);
  if (absl::IsNotFound(volunteer.status())) return domain::Volunteer{};
  return volunteer;
}

}  // namespace

absl::StatusOr<ledger::EventFilter> LedgerFilter(const Services& services, const Call& call,
                                                 const Hours::Filter& filter) {
  ledger::EventFilter events;
  ASSIGN_OR_RETURN(events.organisation,
                   OrganisationFor(services, call.caller, filter.organisation));
  RETURN_IF_ERROR(services.registry.GetOrganisation(events.organisation).status());
  if (!filter.activity.empty()) {
    RETURN_IF_ERROR(services.registry.GetActivity(events.organisation, filter.activity).status());
    events.activity = filter.activity;
  }
  if (!filter.volunteer.empty()) {
    RETURN_IF_ERROR(CheckVolunteer(services, call.caller, filter.volunteer));
    ASSIGN_OR_RETURN(const auto volunteer, services.registry.GetVolunteer(filter.volunteer));
    events.volunteer_key = volunteer.key;
  }
  return events;
}

absl::StatusOr<Hours::Listing> Hours::ListHours(const Call& call, const Filter& filter) {
  RETURN_IF_ERROR(call.StillWanted());
  ledger::HoursFilter wanted;
  ASSIGN_OR_RETURN(wanted.events, LedgerFilter(services_, call, filter));
  wanted.now = services_.clock.Now();
  PolicyPtr policy = services_.policies.known().Default();
  if (!wanted.events.organisation.empty()) {
    ASSIGN_OR_RETURN(policy, services_.policies.For(wanted.events.organisation));
  }
  wanted.pending_after = policy->pending_after;

  Listing listing;
  ASSIGN_OR_RETURN(listing.ledger_sequence, services_.ledger.LastSequence());
  base::PageRequest page{base::kMaxPageSize, ""};
  do {
    RETURN_IF_ERROR(call.StillWanted());
    ASSIGN_OR_RETURN(auto part, services_.ledger.HoursByVolunteer(wanted, page));
    for (ledger::VolunteerHours& hours : part.items) {
      ASSIGN_OR_RETURN(auto volunteer, Behind(services_.registry, hours.volunteer_key));
      listing.volunteers.push_back(
          {std::move(volunteer.id), std::move(volunteer.name), std::move(hours)});
    }
    page.token = part.next_token;
  } while (!page.token.empty());
  std::sort(listing.volunteers.begin(), listing.volunteers.end(),
            [](const VolunteerHours& a, const VolunteerHours& b) {
              if (a.volunteer != b.volunteer) return a.volunteer < b.volunteer;
              return a.hours.volunteer_key < b.hours.volunteer_key;
            });
  return listing;
}

absl::StatusOr<base::Page<Hours::Event>> Hours::ListEvents(const Call& call, const Filter& filter,
                                                           const base::PageRequest& page) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const ledger::EventFilter events, LedgerFilter(services_, call, filter));
  ASSIGN_OR_RETURN(auto part, services_.ledger.ListEvents(events, page));
  base::Page<Event> listed;
  listed.next_token = std::move(part.next_token);
  std::map<base::Uuid, domain::VolunteerId> known;
  for (ledger::StoredEvent& stored : part.items) {
    const base::Uuid key = stored.event.volunteer_key;
    auto found = known.find(key);
    if (found == known.end()) {
      ASSIGN_OR_RETURN(auto volunteer, Behind(services_.registry, key));
      found = known.emplace(key, std::move(volunteer.id)).first;
    }
    listed.items.push_back({std::move(stored), found->second});
  }
  return listed;
}

absl::StatusOr<ledger::Receipt> Hours::GetReceipt(const Call& call,
                                                  const domain::OrganisationId& organisation,
                                                  const base::Uuid& request_id) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  return services_.ledger.GetByRequestId(own, request_id);
}

absl::StatusOr<ledger::VerifyReport> Hours::VerifyLedger(const Call& call) {
  RETURN_IF_ERROR(call.StillWanted());
  return services_.ledger.Verify();
}

}  // namespace rollcall::app
