#include "ledger/log_table.h"

#include <array>
#include <memory>
#include <utility>

#include "ledger/accounts.h"
#include "ledger/ledger.h"

namespace rollcall::ledger {
namespace {

using storage::Connection;
using storage::Rows;
using storage::Value;

Value OrNull(const base::Uuid& id) { return id.IsNil() ? Value(nullptr) : Value(id); }
Value OrNull(const std::string& text) { return text.empty() ? Value(nullptr) : Value(text); }
Value OrNull(const base::Bytes& bytes) { return bytes.empty() ? Value(nullptr) : Value(bytes); }

template <typename T>
absl::StatusOr<T> DecodeAs(const base::Bytes& body) {
  ASSIGN_OR_RETURN(Row row, Decode(body));
  if (T* typed = std::get_if<T>(&row)) return std::move(*typed);
  return base::MakeError(absl::StatusCode::kDataLoss, "BAD_ROW",
                         "malformed ledger row: not the kind that its column says");
}

// Reads the first row of a query for (seq, body).
template <typename T>
absl::StatusOr<std::optional<Sequenced<T>>> First(std::unique_ptr<Rows> rows) {
  ASSIGN_OR_RETURN(const bool found, rows->Next());
  if (!found) return std::optional<Sequenced<T>>();
  const int64_t sequence = rows->Int64(0);
  ASSIGN_OR_RETURN(T row, DecodeAs<T>(rows->Blob(1)));
  return std::optional<Sequenced<T>>(Sequenced<T>{sequence, std::move(row)});
}

// The restriction as SQL. Every placeholder $1..$5 is used whether it restricts or not, so that one
// list of values fits all.
std::string Where(const RowFilter& filter) {
  std::string where = filter.organisation.empty() ? "$1 = $1" : "organisation = $1";
  where += filter.activity.empty() ? " AND $2 = $2" : " AND activity = $2";
  where += filter.session.empty() ? " AND $3 = $3" : " AND session = $3";
  where += filter.volunteer_key ? " AND volunteer_key = $4" : " AND $4 = $4";
  where += filter.practice ? " AND practice = $5" : " AND $5 = $5";
  return where;
}

const std::string kSelectStored =
    "SELECT seq, format, salt, body, organisation, kind, id, cause, activity, session,"
    " volunteer_key, practice, request_id, payload_hash, token_id, second_token_id, reverses,"
    " policy_hash FROM ledger_log";

// All rows of a query that begins with kSelectStored.
absl::StatusOr<std::vector<StoredRow>> StoredRows(Rows& rows) {
  std::vector<StoredRow> result;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Next());
    if (!more) return result;
    StoredRow row{rows.Int64(0), rows.Int64(1), rows.Blob(2), rows.Blob(3), {}};
    IndexColumns& c = row.columns;
    c.organisation = rows.Text(4);
    c.kind = static_cast<RowKind>(static_cast<int32_t>(rows.Int64(5)));
    c.id = rows.Uuid(6);
    c.cause = rows.Uuid(7);
    c.activity = rows.Text(8);
    c.session = rows.Text(9);
    c.volunteer_key = rows.Uuid(10);
    c.practice = rows.Int64(11) != 0;
    c.request_id = rows.Uuid(12);
    c.payload_hash = rows.Blob(13);
    c.token_id = rows.Uuid(14);
    c.second_token_id = rows.Uuid(15);
    c.reverses = rows.Uuid(16);
    c.policy_hash = rows.Blob(17);
    result.push_back(std::move(row));
  }
}

}  // namespace

const char kVisitEventsSql[] =
    "SELECT body FROM ledger_log WHERE organisation = $1 AND activity = $2 AND session = $3"
    " AND volunteer_key = $4 AND kind = 1 ORDER BY seq";

absl::StatusOr<RowFilter> MakeRowFilter(const EventFilter& filter) {
  if ((!filter.session.empty() && filter.activity.empty()) ||
      (!filter.activity.empty() && filter.organisation.empty())) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_FILTER",
                           "a session needs its activity, an activity its organisation");
  }
  return RowFilter{filter.organisation.value, filter.activity.value, filter.session.value,
                   filter.volunteer_key, filter.practice};
}

IndexColumns ColumnsOf(const Row& row) {
  IndexColumns columns;
  columns.kind = KindOf(row);
  if (const auto* event = std::get_if<EventRow>(&row)) {
    const domain::AttendanceEvent& e = event->event;
    columns.organisation = e.session.organisation.value;
    columns.id = e.event_id;
    columns.activity = e.session.activity.value;
    columns.session = e.session.session.value;
    columns.volunteer_key = e.volunteer_key;
    columns.practice = e.practice;
    columns.request_id = e.request_id;
    columns.payload_hash.assign(event->payload_hash.begin(), event->payload_hash.end());
    columns.token_id = e.token_id;
    columns.second_token_id = e.second_token_id;
    columns.reverses = e.reverses;
  } else if (const auto* entry = std::get_if<EntryRow>(&row)) {
    columns.organisation = entry->session.organisation.value;
    columns.id = entry->entry_id;
    columns.cause = entry->cause();
    columns.activity = entry->session.activity.value;
    columns.session = entry->session.session.value;
    columns.volunteer_key = entry->volunteer_key;
    columns.practice = entry->practice;
    columns.reverses = entry->reverses;
  } else if (const auto* policy = std::get_if<PolicyRow>(&row)) {
    columns.organisation = policy->organisation.value;
    const base::Sha256Digest hash = policy->policy.Hash();
    columns.policy_hash.assign(hash.begin(), hash.end());
  }
  return columns;
}

absl::StatusOr<int64_t> Append(Connection& connection, const Row& row, base::RandomSource& random,
                               LogTree& tree) {
  ASSIGN_OR_RETURN(const int64_t last, LastSequence(connection));
  std::array<uint8_t, kSaltSize> salt{};
  random.Fill(salt);
  const base::Bytes body = Encode(row);
  const IndexColumns c = ColumnsOf(row);
  RETURN_IF_ERROR(
      connection
          .Execute("INSERT INTO ledger_log (organisation, seq, format, salt, body, kind, id, cause,"
                   " activity, session, volunteer_key, practice, request_id, payload_hash,"
                   " token_id, second_token_id, reverses, policy_hash) VALUES ($1, $2, $3, $4, $5,"
                   " $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
                   {c.organisation, last + 1, kFormat, std::span<const uint8_t>(salt), body,
                    static_cast<int32_t>(c.kind), OrNull(c.id), OrNull(c.cause),
                    OrNull(c.activity), OrNull(c.session), OrNull(c.volunteer_key), c.practice,
                    OrNull(c.request_id), OrNull(c.payload_hash), OrNull(c.token_id),
                    OrNull(c.second_token_id), OrNull(c.reverses), OrNull(c.policy_hash)})
          .status());
  RETURN_IF_ERROR(tree.Append(connection, last + 1, LeafOf(last + 1, kFormat, salt, body)));
  if (const auto* entry = std::get_if<EntryRow>(&row)) {
    RETURN_IF_ERROR(Move(connection, last + 1, *entry));
  }
  return last + 1;
}

absl::StatusOr<bool> CatchUp(Connection& connection, LogTree& tree, int32_t limit) {
  ASSIGN_OR_RETURN(const int64_t covered, TreeSize(connection));
  ASSIGN_OR_RETURN(const auto rows, ReadRows(connection, covered, INT64_MAX, limit));
  for (const StoredRow& row : rows) {
    ASSIGN_OR_RETURN(const Row decoded, Decode(row.body));
    if (row.salt.size() != kSaltSize) {
      return base::MakeError(absl::StatusCode::kDataLoss, "BAD_ROW",
                             "malformed ledger row: salt of the wrong size");
    }
    RETURN_IF_ERROR(tree.Append(connection, row.sequence,
                                LeafOf(row.sequence, row.format, row.salt, row.body)));
    if (const auto* entry = std::get_if<EntryRow>(&decoded)) {
      RETURN_IF_ERROR(Move(connection, row.sequence, *entry));
    }
  }
  return rows.size() < static_cast<size_t>(limit);
}

absl::StatusOr<int64_t> LastSequence(Connection& connection) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query("SELECT MAX(seq) FROM ledger_log"));
  ASSIGN_OR_RETURN(const bool found, rows->Next());
  return found ? rows->Int64(0) : 0;  // NULL in an empty table
}

absl::StatusOr<std::optional<Sequenced<EventRow>>> FindEvent(
    Connection& connection, const domain::OrganisationId& organisation,
    const base::Uuid& event_id) {
  ASSIGN_OR_RETURN(auto rows,
                   connection.Query("SELECT seq, body FROM ledger_log"
                                    " WHERE id = $1 AND organisation = $2 AND kind = 1",
                                    {event_id, organisation.value}));
  return First<EventRow>(std::move(rows));
}

absl::StatusOr<std::optional<Sequenced<EventRow>>> FindByRequest(
    Connection& connection, const domain::OrganisationId& organisation,
    const base::Uuid& request_id) {
  ASSIGN_OR_RETURN(auto rows, connection.Query("SELECT seq, body FROM ledger_log"
                                               " WHERE organisation = $1 AND request_id = $2",
                                               {organisation.value, request_id}));
  return First<EventRow>(std::move(rows));
}

absl::StatusOr<std::optional<Sequenced<EntryRow>>> FindEntry(Connection& connection,
                                                             const base::Uuid& cause) {
  ASSIGN_OR_RETURN(auto rows,
                   connection.Query("SELECT seq, body FROM ledger_log WHERE cause = $1", {cause}));
  return First<EntryRow>(std::move(rows));
}

absl::StatusOr<bool> TokenUsed(Connection& connection, const base::Uuid& token_id) {
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query("SELECT 1 FROM ledger_log"
                                    " WHERE token_id = $1 OR second_token_id = $1",
                                    {token_id}));
  return rows->Next();
}

absl::StatusOr<bool> HasPolicy(Connection& connection,
                               const domain::OrganisationId& organisation,
                               const base::Sha256Digest& hash) {
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query("SELECT 1 FROM ledger_log"
                                    " WHERE organisation = $1 AND policy_hash = $2",
                                    {organisation.value, hash}));
  return rows->Next();
}

absl::StatusOr<Visits> ReadVisits(Connection& connection, const domain::SessionKey& session,
                                  const base::Uuid& volunteer_key) {
  ASSIGN_OR_RETURN(
      const auto rows,
      connection.Query(kVisitEventsSql, {session.organisation.value, session.activity.value,
                                         session.session.value, volunteer_key}));
  Visits visits;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) return visits;
    ASSIGN_OR_RETURN(const EventRow event, DecodeAs<EventRow>(rows->Blob(0)));
    if (const auto fault = visits.Add(event); !fault.empty()) {
      return base::MakeError(absl::StatusCode::kDataLoss, "LEDGER_INCONSISTENT", fault);
    }
  }
}

absl::StatusOr<std::vector<StoredRow>> ReadRows(Connection& connection, int64_t after, int64_t last,
                                                int32_t limit) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kSelectStored + " WHERE seq > $1 AND seq <= $2"
                                                                     " ORDER BY seq LIMIT $3",
                                                     {after, last, limit}));
  return StoredRows(*rows);
}

absl::StatusOr<std::vector<StoredRow>> ListRows(Connection& connection, const RowFilter& filter,
                                                int64_t after, int32_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query(kSelectStored + " WHERE " + Where(filter) +
                                        " AND kind IN (1, 2) AND seq > $6 ORDER BY seq LIMIT $7",
                                    {filter.organisation, filter.activity, filter.session,
                                     filter.volunteer_key.value_or(base::Uuid{}),
                                     filter.practice.value_or(false), after, limit}));
  return StoredRows(*rows);
}

absl::StatusOr<std::vector<Sequenced<EventRow>>> ListEventRows(Connection& connection,
                                                               const RowFilter& filter,
                                                               int64_t after, int32_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query("SELECT seq, body FROM ledger_log WHERE " + Where(filter) +
                                        " AND kind = 1 AND seq > $6 ORDER BY seq LIMIT $7",
                                    {filter.organisation, filter.activity, filter.session,
                                     filter.volunteer_key.value_or(base::Uuid{}),
                                     filter.practice.value_or(false), after, limit}));
  std::vector<Sequenced<EventRow>> events;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) return events;
    const int64_t sequence = rows->Int64(0);
    ASSIGN_OR_RETURN(EventRow event, DecodeAs<EventRow>(rows->Blob(1)));
    events.push_back({sequence, std::move(event)});
  }
}

absl::StatusOr<std::vector<base::Uuid>> ListVolunteerKeys(Connection& connection,
                                                          const RowFilter& filter,
                                                          const base::Uuid& after, int32_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query("SELECT DISTINCT volunteer_key FROM ledger_log WHERE " +
                                        Where(filter) +
                                        " AND volunteer_key > $6 ORDER BY volunteer_key LIMIT $7",
                                    {filter.organisation, filter.activity, filter.session,
                                     filter.volunteer_key.value_or(base::Uuid{}),
                                     filter.practice.value_or(false), after, limit}));
  std::vector<base::Uuid> keys;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) return keys;
    keys.push_back(rows->Uuid(0));
  }
}

absl::StatusOr<std::vector<Row>> RowsOfVolunteer(Connection& connection, const RowFilter& filter) {
  ROLLCALL_CHECK(filter.volunteer_key.has_value());
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query("SELECT body FROM ledger_log WHERE " + Where(filter) +
                                        " ORDER BY seq",
                                    {filter.organisation, filter.activity, filter.session,
                                     *filter.volunteer_key, filter.practice.value_or(false)}));
  std::vector<Row> result;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows->Next());
    if (!more) return result;
    ASSIGN_OR_RETURN(Row row, Decode(rows->Blob(0)));
    result.push_back(std::move(row));
  }
}

absl::StatusOr<Presence> PresenceOf(Connection& connection, const base::Uuid& volunteer_key) {
  Presence presence;
  {
    ASSIGN_OR_RETURN(const auto rows,
                     connection.Query("SELECT COUNT(*) FROM ledger_log"
                                      " WHERE volunteer_key = $1 AND kind = 1",
                                      {volunteer_key}));
    ASSIGN_OR_RETURN(const bool found, rows->Next());
    if (found) presence.events = rows->Int64(0);
  }
  const auto time_of = [&](const char* sql) -> absl::StatusOr<std::optional<base::Time>> {
    ASSIGN_OR_RETURN(auto rows, connection.Query(sql, {volunteer_key}));
    ASSIGN_OR_RETURN(const auto event, First<EventRow>(std::move(rows)));
    return event ? std::optional(event->row.event.record_time) : std::nullopt;
  };
  ASSIGN_OR_RETURN(presence.first,
                   time_of("SELECT seq, body FROM ledger_log WHERE volunteer_key = $1 AND kind = 1"
                           " ORDER BY seq LIMIT 1"));
  ASSIGN_OR_RETURN(presence.last,
                   time_of("SELECT seq, body FROM ledger_log WHERE volunteer_key = $1 AND kind = 1"
                           " ORDER BY seq DESC LIMIT 1"));
  return presence;
}

}  // namespace rollcall::ledger
