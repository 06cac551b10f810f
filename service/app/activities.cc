#include "app/activities.h"

#include <algorithm>
#include <utility>

#include "app/scope.h"
#include "base/text.h"

namespace rollcall::app {
namespace {

constexpr size_t kMaxNamed = 20;

absl::Status UnknownVolunteers(const std::vector<domain::VolunteerId>& unknown) {
  std::string message = std::to_string(unknown.size()) + " of these volunteers are not registered:";
  for (size_t i = 0; i < unknown.size() && i < kMaxNamed; ++i) message += " " + unknown[i].value;
  if (unknown.size() > kMaxNamed) message += " ...";
  return base::MakeError(absl::StatusCode::kNotFound, "NO_SUCH_VOLUNTEER", message);
}

}  // namespace

absl::Status Activities::EnsureDefaultOrganisation() {
  const domain::OrganisationId& id = services_.settings.default_organisation;
  const auto found = services_.registry.GetOrganisation(id);
  if (found.ok() || !absl::IsNotFound(found.status())) return found.status();
  return services_.registry.CreateOrganisation(
      {id, id.value, domain::OrganisationLevel::kAssociation, {}, services_.clock.Now()});
}

absl::StatusOr<domain::Organisation> Activities::CreateOrganisation(
    const Call& call, domain::Organisation organisation) {
  RETURN_IF_ERROR(call.StillWanted());
  organisation.created = services_.clock.Now();
  RETURN_IF_ERROR(services_.registry.CreateOrganisation(organisation));
  return services_.registry.GetOrganisation(organisation.id);
}

absl::StatusOr<base::Page<domain::Organisation>> Activities::ListOrganisations(
    const Call& call, const base::PageRequest& page) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(auto found, services_.registry.ListOrganisations(page));
  base::Page<domain::Organisation> within;
  within.next_token = found.next_token;
  for (domain::Organisation& organisation : found.items) {
    const auto id = OrganisationFor(services_, call.caller, organisation.id);
    if (absl::IsPermissionDenied(id.status())) continue;
    RETURN_IF_ERROR(id.status());
    within.items.push_back(std::move(organisation));
  }
  return within;
}

absl::StatusOr<domain::Organisation> Activities::MoveOrganisation(
    const Call& call, const domain::OrganisationId& id, const domain::OrganisationId& parent) {
  RETURN_IF_ERROR(call.StillWanted());
  RETURN_IF_ERROR(services_.registry.MoveOrganisation(
      {id, parent, services_.clock.Now(), call.caller.identity}));
  services_.policies.Forget();
  return services_.registry.GetOrganisation(id);
}

absl::StatusOr<domain::Activity> Activities::CreateActivity(const Call& call,
                                                            domain::Activity activity) {
  RETURN_IF_ERROR(call.StillWanted());
  if (services_.settings.practice_only && !activity.practice) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "PRACTICE_ONLY",
                           "this server's clock can be moved, so it holds practice activities "
                           "only: create it with practice set");
  }
  ASSIGN_OR_RETURN(activity.organisation,
                   OrganisationFor(services_, call.caller, activity.organisation));
  activity.created = services_.clock.Now();
  activity.closed.reset();
  if (activity.title.empty()) activity.title = activity.id.value;
  RETURN_IF_ERROR(services_.registry.CreateActivity(activity));
  return services_.registry.GetActivity(activity.organisation, activity.id);
}

absl::StatusOr<domain::Activity> Activities::DescribeActivity(const Call& call,
                                                              domain::Activity activity) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(activity.organisation,
                   OrganisationFor(services_, call.caller, activity.organisation));
  ASSIGN_OR_RETURN(const auto now,
                   services_.registry.GetActivity(activity.organisation, activity.id));
  if (activity.place.empty()) activity.place = now.place;
  if (activity.content.empty()) activity.content = now.content;
  if (activity.person_in_charge.empty()) activity.person_in_charge = now.person_in_charge;
  RETURN_IF_ERROR(services_.registry.DescribeActivity(activity));
  return services_.registry.GetActivity(activity.organisation, activity.id);
}

absl::StatusOr<base::Page<domain::Activity>> Activities::ListActivities(
    const Call& call, const domain::OrganisationId& organisation, const base::PageRequest& page) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  return services_.registry.ListActivities(own, page);
}

absl::StatusOr<domain::Activity> Activities::CloseActivity(
    const Call& call, const domain::OrganisationId& organisation, const domain::ActivityId& id) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  RETURN_IF_ERROR(services_.registry.CloseActivity(own, id, services_.clock.Now()));
  services_.rosters.Forget();
  return services_.registry.GetActivity(own, id);
}

absl::StatusOr<domain::Session> Activities::AddSession(const Call& call, domain::Session session) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(session.key.organisation,
                   OrganisationFor(services_, call.caller, session.key.organisation));
  RETURN_IF_ERROR(base::ValidateId(session.key.session.value, "session_id"));
  RETURN_IF_ERROR(services_.registry.AddSession(session));
  services_.rosters.Forget();  // the activity is longer now
  return services_.registry.GetSession(session.key);
}

absl::StatusOr<std::vector<domain::Session>> Activities::ListSessions(
    const Call& call, const domain::OrganisationId& organisation,
    const domain::ActivityId& activity) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const auto own, OrganisationFor(services_, call.caller, organisation));
  RETURN_IF_ERROR(services_.registry.GetActivity(own, activity).status());
  ASSIGN_OR_RETURN(auto page, services_.registry.ListSessions(own, activity,
                                                              {base::kMaxPageSize, ""}));
  return std::move(page.items);
}

absl::StatusOr<std::vector<domain::SessionKey>> Activities::SessionsMeant(
    const Call& call, const domain::SessionKey& session) {
  domain::SessionKey key = session;
  ASSIGN_OR_RETURN(key.organisation, OrganisationFor(services_, call.caller, key.organisation));
  if (!key.session.empty()) {
    RETURN_IF_ERROR(services_.registry.GetSession(key).status());
    return std::vector{key};
  }
  RETURN_IF_ERROR(services_.registry.GetActivity(key.organisation, key.activity).status());
  ASSIGN_OR_RETURN(const auto page, services_.registry.ListSessions(
                                        key.organisation, key.activity, {base::kMaxPageSize, ""}));
  if (page.items.empty()) {
    return base::MakeError(absl::StatusCode::kNotFound, "NO_SUCH_SESSION",
                           "the activity has no session yet: add one first");
  }
  std::vector<domain::SessionKey> keys;
  for (const domain::Session& item : page.items) keys.push_back(item.key);
  return keys;
}

absl::StatusOr<Activities::RosterChange> Activities::AddRosterEntries(
    const Call& call, const domain::SessionKey& session,
    std::vector<domain::RosterEntry> entries) {
  RETURN_IF_ERROR(call.StillWanted());
  if (entries.empty() || entries.size() > static_cast<size_t>(domain::kMaxRoster)) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_ROSTER",
                           "1 to 10000 roster entries are needed, got " +
                               std::to_string(entries.size()));
  }
  ASSIGN_OR_RETURN(const auto sessions, SessionsMeant(call, session));
  // A roster shows names: nobody gets to those of another organisation by way of its own rosters.
  std::vector<domain::VolunteerId> unknown;
  for (const domain::RosterEntry& entry : entries) {
    const absl::Status within = CheckVolunteer(services_, call.caller, entry.volunteer);
    if (absl::IsNotFound(within)) {
      unknown.push_back(entry.volunteer);
    } else {
      RETURN_IF_ERROR(within);
    }
  }
  if (!unknown.empty()) return UnknownVolunteers(unknown);
  RosterChange change;
  for (const domain::SessionKey& key : sessions) {
    for (domain::RosterEntry& entry : entries) entry.session = key;
    // Volunteers belong to the operator: whoever is unknown is so in the first session already,
    // before anything was written.
    ASSIGN_OR_RETURN(const auto done, services_.registry.AddRosterEntries(
                                          key, entries, services_.clock.Now()));
    if (!done.unknown.empty()) return UnknownVolunteers(done.unknown);
    services_.rosters.Forget();
    ASSIGN_OR_RETURN(const auto roster, services_.rosters.Get(key));
    change.added += done.added;
    change.roster_size =
        std::max(change.roster_size, static_cast<int32_t>(roster->members.size()));
  }
  return change;
}

absl::Status Activities::RemoveRosterEntry(const Call& call, const domain::SessionKey& session,
                                           const domain::VolunteerId& volunteer) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const domain::SessionKey key, SessionFor(services_, call.caller, session));
  RETURN_IF_ERROR(services_.registry.RemoveRosterEntry(key, volunteer));
  services_.rosters.Forget();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RosterView>> Activities::ListRoster(const Call& call,
                                                               const domain::SessionKey& session) {
  RETURN_IF_ERROR(call.StillWanted());
  ASSIGN_OR_RETURN(const domain::SessionKey key, SessionFor(services_, call.caller, session));
  ASSIGN_OR_RETURN(const auto roster, services_.rosters.Get(key));
  const gallery::Snapshot gallery = services_.gallery.snapshot();
  const auto templates = static_cast<size_t>(
      std::count_if(roster->subjects.begin(), roster->subjects.end(),
                    [&](const base::Uuid& subject) { return gallery.Contains(subject); }));
  std::vector<RosterView> views;
  views.reserve(roster->members.size());
  for (const registry::RosterMember& member : roster->members) {
    RETURN_IF_ERROR(call.StillWanted());
    RosterView view;
    view.entry = member.entry;
    ASSIGN_OR_RETURN(const auto volunteer, services_.registry.GetVolunteer(member.entry.volunteer));
    view.name = volunteer.name;
    view.face_enrolled = gallery.Contains(member.subject);
    view.needs_second_factor =
        roster->siblings.contains(member.subject) ||
        (view.face_enrolled && templates <= kLookAlikesListed &&
         HasLookAlike(*roster, gallery, member.subject, services_.settings.match.look_alike));
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace rollcall::app
