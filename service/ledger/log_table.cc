#include "ledger/log_table.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <utility>

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

// All rows of a query for (body).
absl::StatusOr<std::vector<Row>> Bodies(Rows& rows) {
  std::vector<Row> result;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Next());
    if (!more) return result;
    ASSIGN_OR_RETURN(Row row, Decode(rows.Blob(0)));
    result.push_back(std::move(row));
  }
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

// Reads the index columns and holds them to the form in which Append writes them: NULL for what does not
// apply, and nothing that merely reads like it. What is neither empty nor zero is not NULL.
class IndexReader {
 public:
  explicit IndexReader(const Rows& rows) : rows_(rows) {}

  bool regular() const { return regular_; }
  std::string Text(int column) {
    std::string text = rows_.Text(column);
    if (text.empty()) Expect(rows_.IsNull(column));
    return text;
  }
  base::Uuid Uuid(int column) {
    const base::Uuid id = rows_.Uuid(column);
    if (id.IsNil()) Expect(rows_.IsNull(column));
    return id;
  }
  base::Bytes Blob(int column) {
    base::Bytes blob = rows_.Blob(column);
    if (blob.empty()) Expect(rows_.IsNull(column));
    return blob;
  }
  int64_t Number(int column, int64_t least, int64_t most) {
    const int64_t number = rows_.Int64(column);
    Expect(number >= least && number <= most && (number != 0 || !rows_.IsNull(column)));
    return number;
  }

 private:
  void Expect(bool right) { regular_ = regular_ && right; }

  const Rows& rows_;
  bool regular_ = true;
};

const std::string kSelectStored =
    "SELECT seq, format, salt, body, organisation, kind, id, cause, activity, session,"
    " volunteer_key, practice, request_id, payload_hash, token_id, second_token_id, reverses,"
    " policy_hash, resolves, closes, record_time FROM ledger_log";

// All rows of a query that begins with kSelectStored; at most `limit` of them.
absl::StatusOr<std::vector<StoredRow>> StoredRows(Rows& rows, int32_t limit) {
  std::vector<StoredRow> result;
  result.reserve(static_cast<size_t>(std::clamp(limit, 0, 500)));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows.Next());
    if (!more) return result;
    StoredRow& row = result.emplace_back();
    row.sequence = rows.Int64(0);
    row.format = rows.Int64(1);
    row.salt = rows.Blob(2);
    row.body = rows.Blob(3);
    IndexReader index(rows);
    IndexColumns& c = row.columns;
    c.organisation = index.Text(4);
    c.kind = static_cast<RowKind>(index.Number(5, 1, std::numeric_limits<int32_t>::max()));
    c.id = index.Uuid(6);
    c.cause = index.Uuid(7);
    c.activity = index.Text(8);
    c.session = index.Text(9);
    c.volunteer_key = index.Uuid(10);
    c.practice = index.Number(11, 0, 1) != 0;
    c.request_id = index.Uuid(12);
    c.payload_hash = index.Blob(13);
    c.token_id = index.Uuid(14);
    c.second_token_id = index.Uuid(15);
    c.reverses = index.Uuid(16);
    c.policy_hash = index.Blob(17);
    c.resolves = index.Uuid(18);
    c.closes = index.Uuid(19);
    c.record_time = index.Number(20, 0, std::numeric_limits<int64_t>::max());
    row.regular = index.regular();
  }
}

}  // namespace

const char kVisitEventsSql[] =
    "SELECT body FROM ledger_log WHERE organisation = $1 AND activity = $2 AND session = $3"
    " AND volunteer_key = $4 AND (kind = 1 OR closes IS NOT NULL) ORDER BY seq";

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
  columns.record_time = base::ToUnixMicros(RecordTimeOf(row));
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
    columns.closes = entry->closes();
  } else if (const auto* policy = std::get_if<PolicyRow>(&row)) {
    columns.organisation = policy->organisation.value;
    columns.policy_hash.assign(policy->policy->hash.begin(), policy->policy->hash.end());
  } else if (const auto* proposal = std::get_if<ProposalRow>(&row)) {
    // Not whose hours they are about: nothing has happened to anybody's hours yet.
    columns.organisation = proposal->session.organisation.value;
    columns.id = proposal->proposal_id;
    columns.activity = proposal->session.activity.value;
    columns.session = proposal->session.session.value;
    columns.practice = proposal->practice;
    columns.request_id = proposal->request_id;
    columns.payload_hash.assign(proposal->payload_hash.begin(), proposal->payload_hash.end());
  } else if (const auto* resolution = std::get_if<ResolutionRow>(&row)) {
    columns.organisation = resolution->organisation.value;
    columns.id = resolution->resolution_id;
    columns.request_id = resolution->request_id;
    columns.payload_hash.assign(resolution->payload_hash.begin(), resolution->payload_hash.end());
    columns.token_id = resolution->token_id;
    columns.resolves = resolution->proposal;
  } else if (const auto* dispute = std::get_if<DisputeRow>(&row)) {
    columns.organisation = dispute->session.organisation.value;
    columns.id = dispute->dispute_id;
    columns.activity = dispute->session.activity.value;
    columns.session = dispute->session.session.value;
    columns.request_id = dispute->request_id;
    columns.payload_hash.assign(dispute->payload_hash.begin(), dispute->payload_hash.end());
  } else if (const auto* answer = std::get_if<AnswerRow>(&row)) {
    columns.organisation = answer->organisation.value;
    columns.id = answer->answer_id;
    columns.request_id = answer->request_id;
    columns.payload_hash.assign(answer->payload_hash.begin(), answer->payload_hash.end());
    columns.resolves = answer->dispute;
  } else if (const auto* approval = std::get_if<TierApprovalRow>(&row)) {
    columns.organisation = approval->organisation.value;
    columns.id = approval->approval_id;
    columns.volunteer_key = approval->volunteer_key;
    columns.practice = approval->practice;
    columns.request_id = approval->request_id;
    columns.payload_hash.assign(approval->payload_hash.begin(), approval->payload_hash.end());
  }
  return columns;
}

absl::StatusOr<StoredRow> Insert(Connection& connection, const Row& row,
                                 std::span<const uint8_t, kSaltSize> salt) {
  ASSIGN_OR_RETURN(const int64_t last, LastSequence(connection));
  StoredRow stored{
      last + 1, kFormat, base::Bytes(salt.begin(), salt.end()), Encode(row), ColumnsOf(row)};
  const IndexColumns& c = stored.columns;
  RETURN_IF_ERROR(
      connection
          .Execute("INSERT INTO ledger_log (organisation, seq, format, salt, body, kind, id, cause,"
                   " activity, session, volunteer_key, practice, request_id, payload_hash,"
                   " token_id, second_token_id, reverses, policy_hash, resolves, closes,"
                   " record_time)"
                   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,"
                   " $17, $18, $19, $20, $21)",
                   {c.organisation, stored.sequence, kFormat, stored.salt, stored.body,
                    static_cast<int32_t>(c.kind), OrNull(c.id), OrNull(c.cause),
                    OrNull(c.activity), OrNull(c.session), OrNull(c.volunteer_key), c.practice,
                    OrNull(c.request_id), OrNull(c.payload_hash), OrNull(c.token_id),
                    OrNull(c.second_token_id), OrNull(c.reverses), OrNull(c.policy_hash),
                    OrNull(c.resolves), OrNull(c.closes), c.record_time})
          .status());
  return stored;
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

absl::StatusOr<std::optional<Sequenced<EntryRow>>> FindEntry(Connection& connection,
                                                             const base::Uuid& cause) {
  ASSIGN_OR_RETURN(auto rows,
                   connection.Query("SELECT seq, body FROM ledger_log WHERE cause = $1", {cause}));
  return First<EntryRow>(std::move(rows));
}

absl::StatusOr<bool> TakenBack(Connection& connection, const base::Uuid& id) {
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query("SELECT 1 FROM ledger_log WHERE reverses = $1", {id}));
  return rows->Next();
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

absl::StatusOr<hours::PolicyPtr> FindPolicy(Connection& connection,
                                            const domain::OrganisationId& organisation,
                                            const base::Sha256Digest& hash) {
  ASSIGN_OR_RETURN(auto rows, connection.Query("SELECT seq, body FROM ledger_log"
                                               " WHERE organisation = $1 AND policy_hash = $2",
                                               {organisation.value, hash}));
  ASSIGN_OR_RETURN(auto found, First<PolicyRow>(std::move(rows)));
  return found ? found->row.policy : nullptr;
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
    ASSIGN_OR_RETURN(const Row row, Decode(rows->Blob(0)));
    const auto* event = std::get_if<EventRow>(&row);
    const auto* entry = std::get_if<EntryRow>(&row);
    const std::string_view fault = event != nullptr   ? visits.Add(*event)
                                   : entry != nullptr ? visits.Close(entry->closes())
                                                      : "an index column differs from the row";
    if (!fault.empty()) {
      return base::MakeError(absl::StatusCode::kDataLoss, "LEDGER_INCONSISTENT", fault);
    }
  }
}

absl::StatusOr<std::vector<StoredRow>> ReadRows(Connection& connection, int64_t after, int64_t last,
                                                int32_t limit) {
  ASSIGN_OR_RETURN(const auto rows, connection.Query(kSelectStored + " WHERE seq > $1 AND seq <= $2"
                                                                     " ORDER BY seq LIMIT $3",
                                                     {after, last, limit}));
  return StoredRows(*rows, limit);
}

absl::StatusOr<std::vector<StoredRow>> ListRows(Connection& connection, const RowFilter& filter,
                                                int64_t after, int32_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query(kSelectStored + " WHERE " + Where(filter) +
                                        " AND kind IN (1, 2) AND seq > $6 ORDER BY seq LIMIT $7",
                                    {filter.organisation, filter.activity, filter.session,
                                     filter.volunteer_key.value_or(base::Uuid{}),
                                     filter.practice.value_or(false), after, limit}));
  return StoredRows(*rows, limit);
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
  return Bodies(*rows);
}

absl::StatusOr<std::vector<Row>> RowsOfVolunteerSince(Connection& connection,
                                                      const base::Uuid& volunteer_key,
                                                      base::Time since) {
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query("SELECT body FROM ledger_log WHERE volunteer_key = $1"
                                    " AND record_time >= $2 ORDER BY seq",
                                    {volunteer_key, since}));
  return Bodies(*rows);
}

absl::StatusOr<Presence> PresenceOf(Connection& connection, const base::Uuid& volunteer_key) {
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query("SELECT COUNT(*), MIN(record_time), MAX(record_time)"
                                    " FROM ledger_log WHERE volunteer_key = $1 AND kind = 1",
                                    {volunteer_key}));
  ASSIGN_OR_RETURN(const bool found, rows->Next());
  Presence presence;
  if (found) presence.events = rows->Int64(0);
  if (presence.events == 0) return presence;
  presence.first = rows->Time(1);
  presence.last = rows->Time(2);
  return presence;
}

}  // namespace rollcall::ledger
