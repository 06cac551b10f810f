#include "webhooks/store.h"

#include <memory>
#include <sstream>
#include <utility>

#include "storage/database.h"

namespace rollcall::webhooks {
namespace {

using storage::Connection;
using storage::Value;

constexpr char kSchema1[] = R"(
CREATE TABLE webhook (
  id            BLOB NOT NULL PRIMARY KEY,
  organisation  TEXT NOT NULL,
  url           TEXT NOT NULL,
  types         TEXT NOT NULL,
  public_key    TEXT NOT NULL,
  created       INTEGER NOT NULL,
  recorder      TEXT NOT NULL,
  cursor        INTEGER NOT NULL,
  state         INTEGER NOT NULL,
  reason        TEXT NOT NULL,
  failures      INTEGER NOT NULL,
  failing_since INTEGER,
  last_failure  TEXT NOT NULL,
  last_delivery INTEGER,
  CHECK (length(id) = 16),
  CHECK (cursor >= 0),
  CHECK (state IN (1, 2)),
  CHECK ((state = 2) = (reason <> ''))
) STRICT;
CREATE TRIGGER webhook_fixed
BEFORE UPDATE OF id, organisation, url, types, public_key, created, recorder ON webhook
BEGIN SELECT RAISE(ABORT, 'a webhook stays what it was made as'); END;
CREATE TRIGGER webhook_cursor_forward BEFORE UPDATE OF cursor ON webhook
WHEN NEW.cursor < OLD.cursor
BEGIN SELECT RAISE(ABORT, 'a cursor never goes back'); END;
)";

constexpr char kColumns[] =
    "SELECT id, organisation, url, types, public_key, created, recorder, cursor, state, reason,"
    " failures, failing_since, last_failure, last_delivery FROM webhook";

absl::Status NoSuchWebhook() {
  return base::MakeError(
      absl::StatusCode::kNotFound, "NO_SUCH_WEBHOOK",
      "webhook_id: there is no such webhook; ListWebhooks shows those there are");
}

Value OrNull(const std::optional<base::Time>& time) { return time ? Value(*time) : Value(nullptr); }

std::string JoinTypes(const std::vector<EventType>& types) {
  std::string text;
  for (const EventType type : types) {
    if (!text.empty()) text += ' ';
    text += NameOf(type);
  }
  return text;
}

absl::StatusOr<Webhook> Read(const storage::Rows& rows) {
  Webhook webhook;
  webhook.id = rows.Uuid(0);
  webhook.organisation = domain::OrganisationId(rows.Text(1));
  webhook.url = rows.Text(2);
  std::istringstream types(rows.Text(3));
  for (std::string name; types >> name;) {
    ASSIGN_OR_RETURN(const EventType type, EventTypeFrom(name));
    webhook.types.push_back(type);
  }
  webhook.public_key = rows.Text(4);
  webhook.created = rows.Time(5);
  webhook.recorder = rows.Text(6);
  Progress& p = webhook.progress;
  p.cursor = rows.Int64(7);
  p.state = static_cast<State>(rows.Int64(8));
  p.reason = rows.Text(9);
  p.failures = static_cast<int32_t>(rows.Int64(10));
  if (!rows.IsNull(11)) p.failing_since = rows.Time(11);
  p.last_failure = rows.Text(12);
  if (!rows.IsNull(13)) p.last_delivery = rows.Time(13);
  return webhook;
}

absl::StatusOr<int64_t> Count(Connection& connection, std::string_view sql,
                              const std::string& organisation) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(sql, {organisation}));
  ASSIGN_OR_RETURN(const bool found, rows->Next());
  return found ? rows->Int64(0) : 0;
}

absl::Status Insert(Connection& connection, const Webhook& w) {
  const Progress& p = w.progress;
  return connection
      .Execute(
          "INSERT INTO webhook (id, organisation, url, types, public_key, created, recorder,"
          " cursor, state, reason, failures, failing_since, last_failure, last_delivery)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
          {w.id, w.organisation.value, w.url, JoinTypes(w.types), w.public_key, w.created,
           w.recorder, p.cursor, static_cast<int32_t>(p.state), p.reason, p.failures,
           OrNull(p.failing_since), p.last_failure, OrNull(p.last_delivery)})
      .status();
}

}  // namespace

storage::Schema WebhookSchema() { return {"webhooks", {{1, kSchema1}}}; }

absl::Status Store::Create(const Webhook& webhook) {
  return database_.Write([&](Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(const int64_t own,
                     Count(connection, "SELECT COUNT(*) FROM webhook WHERE organisation = $1",
                           webhook.organisation.value));
    ASSIGN_OR_RETURN(const int64_t all,
                     Count(connection, "SELECT COUNT(*) FROM webhook WHERE $1 = $1", ""));
    if (own >= kMaxWebhooksPerOrganisation || all >= kMaxWebhooks) {
      return base::MakeError(absl::StatusCode::kResourceExhausted, "TOO_MANY_WEBHOOKS",
                             "as many webhooks are there as may be; remove one first");
    }
    return Insert(connection, webhook);
  });
}

absl::StatusOr<Webhook> Store::Get(const base::Uuid& id) {
  return database_.Read([&](Connection& connection) -> absl::StatusOr<Webhook> {
    ASSIGN_OR_RETURN(const auto rows,
                     connection.Query(std::string(kColumns) + " WHERE id = $1", {id}));
    ASSIGN_OR_RETURN(const bool found, rows->Next());
    if (!found) return NoSuchWebhook();
    return webhooks::Read(*rows);
  });
}

absl::Status Store::Remove(const base::Uuid& id) {
  return database_.Write([&](Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(const int64_t removed,
                     connection.Execute("DELETE FROM webhook WHERE id = $1", {id}));
    return removed == 1 ? absl::OkStatus() : NoSuchWebhook();
  });
}

absl::Status Store::Enable(const base::Uuid& id) {
  return database_.Write([&](Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(const int64_t changed,
                     connection.Execute("UPDATE webhook SET state = 1, reason = '', failures = 0,"
                                        " failing_since = NULL WHERE id = $1",
                                        {id}));
    return changed == 1 ? absl::OkStatus() : NoSuchWebhook();
  });
}

absl::StatusOr<std::vector<Webhook>> Store::List() {
  return database_.Read([&](Connection& connection) -> absl::StatusOr<std::vector<Webhook>> {
    ASSIGN_OR_RETURN(const auto rows,
                     connection.Query(std::string(kColumns) + " ORDER BY created, id"));
    std::vector<Webhook> webhooks;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, rows->Next());
      if (!more) return webhooks;
      ASSIGN_OR_RETURN(Webhook webhook, webhooks::Read(*rows));
      webhooks.push_back(std::move(webhook));
    }
  });
}

void Store::SaveProgress(std::vector<std::pair<base::Uuid, Progress>> progress,
                         std::function<void(absl::Status)> done) {
  const auto all =
      std::make_shared<std::vector<std::pair<base::Uuid, Progress>>>(std::move(progress));
  database_.WriteAsync(
      [all](Connection& connection) -> absl::Status {
        for (const auto& [id, p] : *all) {
          RETURN_IF_ERROR(
              connection
                  .Execute("UPDATE webhook SET cursor = $2, state = $3, reason = $4, failures = $5,"
                           " failing_since = $6, last_failure = $7, last_delivery = $8"
                           " WHERE id = $1",
                           {id, p.cursor, static_cast<int32_t>(p.state), p.reason, p.failures,
                            OrNull(p.failing_since), p.last_failure, OrNull(p.last_delivery)})
                  .status());
        }
        return absl::OkStatus();
      },
      std::move(done));
}

void Store::Settle() {
  // Operations run in the order of the calls.
  database_.Read([](Connection&) { return absl::OkStatus(); }).IgnoreError();
}

}  // namespace rollcall::webhooks
