#include <charconv>
#include <cstdint>
#include <set>
#include <string>

#include "registry/rows.h"
#include "registry/sql_registry.h"

namespace rollcall::registry {
namespace {

using storage::Connection;
using storage::Rows;

constexpr size_t kMaxPosts = 100;

const std::string kSelectSession =
    "SELECT organisation, activity, id, starts, ends, presentation, challenge, site FROM session ";

const std::string kSelect =
    "SELECT organisation, id, title, place, practice, created, closed, content, person_in_charge"
    " FROM activity ";

domain::Activity ReadActivity(const Rows& rows) {
  domain::Activity activity;
  activity.organisation.value = rows.Text(0);
  activity.id.value = rows.Text(1);
  activity.title = rows.Text(2);
  activity.place = rows.Text(3);
  activity.practice = rows.Int64(4) != 0;
  activity.created = rows.Time(5);
  activity.closed = OptionalTime(rows, 6);
  activity.content = rows.Text(7);
  activity.person_in_charge = rows.Text(8);
  return activity;
}

domain::Session ReadSession(const Rows& rows) {
  domain::Session session;
  session.key.organisation.value = rows.Text(0);
  session.key.activity.value = rows.Text(1);
  session.key.session.value = rows.Text(2);
  session.starts = rows.Time(3);
  session.ends = rows.Time(4);
  session.presentation = static_cast<domain::PresentationPolicy>(rows.Int64(5));
  session.challenge = static_cast<domain::ChallengeKind>(rows.Int64(6));
  session.site.value = rows.Text(7);
  return session;
}

absl::Status ReadPosts(Connection& c, domain::Session& session) {
  ASSIGN_OR_RETURN(session.posts,
                   ReadAll(c.Query("SELECT id, title FROM post WHERE organisation = $1"
                                   " AND activity = $2 AND session = $3 ORDER BY number",
                                   {session.key.organisation.value, session.key.activity.value,
                                    session.key.session.value}),
                           [](const Rows& rows) {
                             return domain::Post{domain::PostId(rows.Text(0)), rows.Text(1)};
                           }));
  return absl::OkStatus();
}

absl::Status ReadBreaks(Connection& c, domain::Session& session) {
  ASSIGN_OR_RETURN(session.breaks,
                   ReadAll(c.Query("SELECT kind, starts, ends FROM session_break"
                                   " WHERE organisation = $1 AND activity = $2 AND session = $3"
                                   " ORDER BY number",
                                   {session.key.organisation.value, session.key.activity.value,
                                    session.key.session.value}),
                           [](const Rows& rows) {
                             return domain::SessionBreak{
                                 static_cast<domain::BreakKind>(rows.Int64(0)), rows.Time(1),
                                 rows.Time(2)};
                           }));
  return absl::OkStatus();
}

absl::Status AddPosts(Connection& c, const domain::Session& session) {
  const domain::SessionKey& key = session.key;
  int32_t number = 0;
  for (const domain::Post& post : session.posts) {
    RETURN_IF_ERROR(
        c.Execute("INSERT INTO post (organisation, activity, session, id, number, title)"
                  " VALUES ($1, $2, $3, $4, $5, $6)",
                  {key.organisation.value, key.activity.value, key.session.value, post.id.value,
                   ++number, post.title})
            .status());
  }
  return absl::OkStatus();
}

absl::Status AddBreaks(Connection& c, const domain::Session& session) {
  const domain::SessionKey& key = session.key;
  int32_t number = 0;
  for (const domain::SessionBreak& each : session.breaks) {
    RETURN_IF_ERROR(c.Execute("INSERT INTO session_break"
                              " (organisation, activity, session, number, kind, starts, ends)"
                              " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                              {key.organisation.value, key.activity.value, key.session.value,
                               ++number, static_cast<int32_t>(each.kind), each.starts, each.ends})
                        .status());
  }
  return absl::OkStatus();
}

absl::Status BadSession(std::string_view what) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_SESSION", what);
}

absl::Status ValidateNewSession(const domain::Session& session) {
  RETURN_IF_ERROR(base::ValidateId(session.key.session.value, "session id"));
  RETURN_IF_ERROR(domain::ValidateSession(session));
  if (session.posts.size() > kMaxPosts) return BadSession("a session has at most 100 posts");
  std::set<domain::PostId> posts;
  for (const domain::Post& post : session.posts) {
    RETURN_IF_ERROR(base::ValidateId(post.id.value, "post id"));
    RETURN_IF_ERROR(base::ValidateDisplayText(post.title, "post title", kMaxName));
    if (!posts.insert(post.id).second) return BadSession("two posts with one id");
  }
  return absl::OkStatus();
}

absl::Status ValidateDetails(const domain::Activity& activity) {
  constexpr size_t kMaxContent = 1024;
  RETURN_IF_ERROR(ValidateOptionalText(activity.place, "place"));
  RETURN_IF_ERROR(ValidateOptionalText(activity.person_in_charge, "person in charge"));
  return activity.content.empty()
             ? absl::OkStatus()
             : base::ValidateDisplayText(activity.content, "content", kMaxContent);
}

}  // namespace

absl::StatusOr<domain::Activity> NeedActivity(Connection& c,
                                              const domain::OrganisationId& organisation,
                                              const domain::ActivityId& id) {
  ASSIGN_OR_RETURN(auto found, ReadFirst(c.Query(kSelect + "WHERE organisation = $1 AND id = $2",
                                                 {organisation.value, id.value}),
                                         ReadActivity));
  if (found) return *std::move(found);
  return NoSuch("NO_SUCH_ACTIVITY", "activity in this organisation");
}

absl::Status NeedOpenActivity(Connection& c, const domain::OrganisationId& organisation,
                              const domain::ActivityId& id) {
  ASSIGN_OR_RETURN(const auto activity, NeedActivity(c, organisation, id));
  if (!activity.closed) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kFailedPrecondition, "ACTIVITY_CLOSED",
                         "this activity is closed");
}

absl::StatusOr<domain::Session> NeedSession(Connection& c, const domain::SessionKey& key) {
  ASSIGN_OR_RETURN(
      auto found,
      ReadFirst(c.Query(kSelectSession + "WHERE organisation = $1 AND activity = $2 AND id = $3",
                        {key.organisation.value, key.activity.value, key.session.value}),
                ReadSession));
  if (!found) {
    RETURN_IF_ERROR(NeedActivity(c, key.organisation, key.activity).status());
    return NoSuch("NO_SUCH_SESSION", "session in this activity");
  }
  RETURN_IF_ERROR(ReadPosts(c, *found));
  RETURN_IF_ERROR(ReadBreaks(c, *found));
  return *std::move(found);
}

absl::Status SqlRegistry::CreateActivity(const domain::Activity& activity) {
  RETURN_IF_ERROR(base::ValidateId(activity.id.value, "activity id"));
  RETURN_IF_ERROR(base::ValidateDisplayText(activity.title, "activity title", kMaxName));
  RETURN_IF_ERROR(ValidateDetails(activity));
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NeedOrganisation(c, activity.organisation));
    return Inserted(c.Execute("INSERT INTO activity"
                              " (organisation, id, title, place, practice, created, closed,"
                              " content, person_in_charge)"
                              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                              {activity.organisation.value, activity.id.value, activity.title,
                               activity.place, activity.practice, activity.created,
                               OrNull(activity.closed), activity.content,
                               activity.person_in_charge}),
                    "ACTIVITY_EXISTS", "there is an activity with this id already");
  });
}

absl::StatusOr<domain::Activity> SqlRegistry::GetActivity(
    const domain::OrganisationId& organisation, const domain::ActivityId& id) {
  return database_.Read([&](Connection& c) { return NeedActivity(c, organisation, id); });
}

absl::Status SqlRegistry::DescribeActivity(const domain::Activity& activity) {
  RETURN_IF_ERROR(ValidateDetails(activity));
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NeedActivity(c, activity.organisation, activity.id).status());
    return c
        .Execute("UPDATE activity SET place = $3, content = $4, person_in_charge = $5"
                 " WHERE organisation = $1 AND id = $2",
                 {activity.organisation.value, activity.id.value, activity.place, activity.content,
                  activity.person_in_charge})
        .status();
  });
}

absl::StatusOr<base::Page<domain::Activity>> SqlRegistry::ListActivities(
    const domain::OrganisationId& organisation, const base::PageRequest& page) {
  ASSIGN_OR_RETURN(const auto start, storage::ReadPage(page, 1));
  ASSIGN_OR_RETURN(
      auto found,
      database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<domain::Activity>> {
        RETURN_IF_ERROR(NeedOrganisation(c, organisation));
        return ReadAll(c.Query(kSelect + "WHERE organisation = $1 AND id > $2 ORDER BY id LIMIT $3",
                               {organisation.value, start.after[0], start.size + 1}),
                       ReadActivity);
      }));
  return MakePage(std::move(found), start.size,
                  [](const domain::Activity& a) { return std::vector{a.id.value}; });
}

absl::Status SqlRegistry::CloseActivity(const domain::OrganisationId& organisation,
                                        const domain::ActivityId& id, base::Time time) {
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NeedActivity(c, organisation, id).status());
    return c
        .Execute("UPDATE activity SET closed = $3 WHERE organisation = $1 AND id = $2"
                 " AND closed IS NULL",
                 {organisation.value, id.value, time})
        .status();
  });
}

absl::StatusOr<bool> SqlRegistry::HasNonPracticeActivity() {
  ASSIGN_OR_RETURN(const auto found, database_.Read([](Connection& c) {
    return ReadFirst(c.Query("SELECT 1 FROM activity WHERE practice = 0 LIMIT 1"),
                     [](const Rows&) { return true; });
  }));
  return found.has_value();
}

absl::Status SqlRegistry::AddSession(const domain::Session& session) {
  RETURN_IF_ERROR(ValidateNewSession(session));
  const domain::SessionKey& key = session.key;
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NeedOpenActivity(c, key.organisation, key.activity));
    RETURN_IF_ERROR(
        Inserted(c.Execute("INSERT INTO session"
                           " (organisation, activity, id, starts, ends, presentation, challenge,"
                           " site) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                           {key.organisation.value, key.activity.value, key.session.value,
                            session.starts, session.ends,
                            static_cast<int64_t>(session.presentation),
                            static_cast<int64_t>(session.challenge), session.site.value}),
                 "SESSION_EXISTS", "there is a session with this id already"));
    RETURN_IF_ERROR(AddPosts(c, session));
    return AddBreaks(c, session);
  });
}

absl::StatusOr<domain::Session> SqlRegistry::GetSession(const domain::SessionKey& key) {
  return database_.Read([&](Connection& c) { return NeedSession(c, key); });
}

absl::StatusOr<base::Page<domain::Session>> SqlRegistry::ListSessions(
    const domain::OrganisationId& organisation, const domain::ActivityId& activity,
    const base::PageRequest& page) {
  ASSIGN_OR_RETURN(const auto start, storage::ReadPage(page, 2));
  int64_t after = INT64_MIN;
  const std::string& text = start.after[0];
  std::from_chars(text.data(), text.data() + text.size(), after);
  ASSIGN_OR_RETURN(
      auto found,
      database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<domain::Session>> {
        RETURN_IF_ERROR(NeedActivity(c, organisation, activity).status());
        ASSIGN_OR_RETURN(
            auto sessions,
            ReadAll(c.Query(kSelectSession +
                                "WHERE organisation = $1 AND activity = $2"
                                " AND (starts, id) > ($3, $4) ORDER BY starts, id LIMIT $5",
                            {organisation.value, activity.value, after, start.after[1],
                             start.size + 1}),
                    ReadSession));
        for (domain::Session& session : sessions) {
          RETURN_IF_ERROR(ReadPosts(c, session));
          RETURN_IF_ERROR(ReadBreaks(c, session));
        }
        return sessions;
      }));
  return MakePage(std::move(found), start.size, [](const domain::Session& s) {
    return std::vector{std::to_string(base::ToUnixMicros(s.starts)), s.key.session.value};
  });
}

absl::StatusOr<base::Duration> SqlRegistry::ActivityLength(
    const domain::OrganisationId& organisation, const domain::ActivityId& activity) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<base::Duration> {
    RETURN_IF_ERROR(NeedActivity(c, organisation, activity).status());
    ASSIGN_OR_RETURN(const auto micros,
                     ReadFirst(c.Query("SELECT COALESCE(SUM(ends - starts), 0) FROM session"
                                       " WHERE organisation = $1 AND activity = $2",
                                       {organisation.value, activity.value}),
                               [](const Rows& rows) { return rows.Int64(0); }));
    return base::Duration(micros.value_or(0));
  });
}

}  // namespace rollcall::registry
