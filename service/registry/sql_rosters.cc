#include <algorithm>

#include "registry/rows.h"
#include "registry/sql_registry.h"

namespace rollcall::registry {
namespace {

using storage::Connection;
using storage::Rows;

absl::Status ValidateEntries(const domain::SessionKey& session,
                             const std::vector<domain::RosterEntry>& entries) {
  for (const domain::RosterEntry& entry : entries) {
    if (entry.session != session) return BadValue("an entry of another session");
    RETURN_IF_ERROR(base::ValidateId(entry.volunteer.value, "volunteer id"));
    if (entry.kind != domain::RosterKind::kSignedUp && entry.kind != domain::RosterKind::kWalkIn) {
      return BadValue("unknown kind of roster entry");
    }
  }
  return absl::OkStatus();
}

absl::Status RosterFull() {
  return base::MakeError(
      absl::StatusCode::kResourceExhausted, "ROSTER_FULL",
      "a roster holds at most " + std::to_string(domain::kMaxRoster) + " volunteers");
}

absl::StatusOr<std::vector<domain::VolunteerId>> UnknownVolunteers(
    Connection& c, const std::vector<domain::RosterEntry>& entries) {
  std::vector<domain::VolunteerId> unknown;
  for (const domain::RosterEntry& entry : entries) {
    const absl::Status found = NeedVolunteer(c, entry.volunteer);
    if (base::ErrorReason(found) == "NO_SUCH_VOLUNTEER") {
      unknown.push_back(entry.volunteer);
    } else if (!found.ok()) {
      return found;
    }
  }
  return unknown;
}

// Returns whether it was new.
absl::StatusOr<bool> AddEntry(Connection& c, const domain::Session& session,
                              const domain::RosterEntry& entry, base::Time time) {
  const bool post_exists =
      entry.post.empty() ||
      std::any_of(session.posts.begin(), session.posts.end(),
                  [&entry](const domain::Post& post) { return post.id == entry.post; });
  if (!post_exists) return NoSuch("NO_SUCH_POST", "post in this session");
  ASSIGN_OR_RETURN(
      const int64_t added,
      c.Execute("INSERT INTO roster (organisation, activity, session, volunteer, post, kind,"
                " added) VALUES ($1, $2, $3, $4, $5, $6, $7)"
                " ON CONFLICT (organisation, activity, session, volunteer) DO NOTHING",
                {session.key.organisation.value, session.key.activity.value,
                 session.key.session.value, entry.volunteer.value, OrNull(entry.post.value),
                 static_cast<int32_t>(entry.kind), time}));
  if (added > 0) {
    RETURN_IF_ERROR(Join(c, session.key.organisation, entry.volunteer, time));
  }
  return added > 0;
}

absl::Status CheckSize(Connection& c, const domain::SessionKey& key) {
  ASSIGN_OR_RETURN(
      const auto count,
      ReadFirst(c.Query("SELECT COUNT(*) FROM roster WHERE organisation = $1 AND activity = $2"
                        " AND session = $3",
                        {key.organisation.value, key.activity.value, key.session.value}),
                [](const Rows& rows) { return rows.Int64(0); }));
  return count.value_or(0) > domain::kMaxRoster ? RosterFull() : absl::OkStatus();
}

RosterMember ReadMember(const Rows& rows, const domain::SessionKey& session) {
  RosterMember member;
  member.entry.session = session;
  member.entry.volunteer.value = rows.Text(0);
  member.entry.post.value = rows.Text(1);
  member.entry.kind = static_cast<domain::RosterKind>(rows.Int64(2));
  member.key = rows.Uuid(3);
  member.subject = rows.Uuid(4);
  return member;
}

}  // namespace

absl::StatusOr<RosterChange> SqlRegistry::AddRosterEntries(
    const domain::SessionKey& session, const std::vector<domain::RosterEntry>& entries,
    base::Time time) {
  if (entries.size() > static_cast<size_t>(domain::kMaxRoster)) return RosterFull();
  RETURN_IF_ERROR(ValidateEntries(session, entries));
  return database_.Write([&](Connection& c) -> absl::StatusOr<RosterChange> {
    RosterChange change;
    ASSIGN_OR_RETURN(const domain::Session stored, NeedSession(c, session));
    RETURN_IF_ERROR(NeedOpenActivity(c, session.organisation, session.activity));
    ASSIGN_OR_RETURN(change.unknown, UnknownVolunteers(c, entries));
    if (!change.unknown.empty()) return change;
    for (const domain::RosterEntry& entry : entries) {
      ASSIGN_OR_RETURN(const bool added, AddEntry(c, stored, entry, time));
      ++(added ? change.added : change.present);
    }
    RETURN_IF_ERROR(CheckSize(c, session));
    return change;
  });
}

absl::Status SqlRegistry::RemoveRosterEntry(const domain::SessionKey& session,
                                            const domain::VolunteerId& volunteer) {
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NeedSession(c, session).status());
    ASSIGN_OR_RETURN(const int64_t removed,
                     c.Execute("DELETE FROM roster WHERE organisation = $1 AND activity = $2"
                               " AND session = $3 AND volunteer = $4",
                               {session.organisation.value, session.activity.value,
                                session.session.value, volunteer.value}));
    return removed > 0 ? absl::OkStatus() : NoSuch("NOT_ON_ROSTER", "volunteer on this roster");
  });
}

absl::StatusOr<std::vector<RosterMember>> SqlRegistry::Roster(const domain::SessionKey& session) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<RosterMember>> {
    RETURN_IF_ERROR(NeedSession(c, session).status());
    return ReadAll(c.Query("SELECT r.volunteer, r.post, r.kind, v.ledger_key, v.subject"
                           " FROM roster r JOIN volunteer v ON v.id = r.volunteer"
                           " WHERE r.organisation = $1 AND r.activity = $2 AND r.session = $3"
                           " ORDER BY r.volunteer",
                           {session.organisation.value, session.activity.value,
                            session.session.value}),
                   [&session](const Rows& rows) { return ReadMember(rows, session); });
  });
}

absl::StatusOr<std::optional<domain::RosterEntry>> SqlRegistry::FindOnRoster(
    const domain::SessionKey& session, const domain::VolunteerId& volunteer) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<std::optional<domain::RosterEntry>> {
    RETURN_IF_ERROR(NeedSession(c, session).status());
    return ReadFirst(c.Query("SELECT post, kind FROM roster WHERE organisation = $1"
                             " AND activity = $2 AND session = $3 AND volunteer = $4",
                             {session.organisation.value, session.activity.value,
                              session.session.value, volunteer.value}),
                     [&](const Rows& rows) {
                       return domain::RosterEntry{session, volunteer,
                                                  domain::PostId(rows.Text(0)),
                                                  static_cast<domain::RosterKind>(rows.Int64(1))};
                     });
  });
}

absl::StatusOr<std::vector<std::pair<base::Uuid, base::Uuid>>> SqlRegistry::SiblingsOnRoster(
    const domain::SessionKey& session) {
  using Pairs = std::vector<std::pair<base::Uuid, base::Uuid>>;
  return database_.Read([&](Connection& c) -> absl::StatusOr<Pairs> {
    RETURN_IF_ERROR(NeedSession(c, session).status());
    return ReadAll(
        c.Query("SELECT va.subject, vb.subject FROM roster ra"
                " JOIN sibling s ON s.a = ra.volunteer"
                " JOIN roster rb ON rb.organisation = ra.organisation"
                " AND rb.activity = ra.activity AND rb.session = ra.session"
                " AND rb.volunteer = s.b"
                " JOIN volunteer va ON va.id = s.a JOIN volunteer vb ON vb.id = s.b"
                " WHERE ra.organisation = $1 AND ra.activity = $2 AND ra.session = $3"
                " ORDER BY s.a, s.b",
                {session.organisation.value, session.activity.value, session.session.value}),
        [](const Rows& rows) { return std::pair(rows.Uuid(0), rows.Uuid(1)); });
  });
}

}  // namespace rollcall::registry
