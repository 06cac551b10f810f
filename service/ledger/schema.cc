#include "ledger/ledger.h"
#include "storage/database.h"

namespace rollcall::ledger {
namespace {

constexpr char kSchema1[] = R"(
CREATE TABLE ledger_log (
  organisation  TEXT NOT NULL,
  seq           INTEGER NOT NULL,
  format        INTEGER NOT NULL,
  salt          BLOB NOT NULL,
  body          BLOB NOT NULL,
  -- Everything below is derived from body and only there to find rows.
  kind          INTEGER NOT NULL,
  id            BLOB,
  cause         BLOB,
  activity      TEXT,
  session       TEXT,
  volunteer_key BLOB,
  practice      INTEGER NOT NULL,
  request_id    BLOB,
  payload_hash  BLOB,
  token_id      BLOB,
  second_token_id BLOB,
  reverses      BLOB,
  policy_hash   BLOB,
  PRIMARY KEY (organisation, seq),
  UNIQUE (seq),
  UNIQUE (organisation, request_id),
  UNIQUE (organisation, policy_hash),
  UNIQUE (token_id),
  UNIQUE (second_token_id),
  UNIQUE (id),
  UNIQUE (cause),
  UNIQUE (reverses)
) STRICT;
-- seq last, so that the engine need not choose between finding the rows and having them in order.
CREATE INDEX ledger_by_session ON ledger_log (organisation, activity, session, volunteer_key, seq);
CREATE INDEX ledger_by_volunteer ON ledger_log (volunteer_key, seq);

CREATE TRIGGER ledger_log_no_update BEFORE UPDATE ON ledger_log
BEGIN SELECT RAISE(ABORT, 'ledger_log is append-only'); END;
CREATE TRIGGER ledger_log_no_delete BEFORE DELETE ON ledger_log
BEGIN SELECT RAISE(ABORT, 'ledger_log is append-only'); END;
CREATE TRIGGER ledger_log_at_the_end BEFORE INSERT ON ledger_log
WHEN NEW.seq IS NOT (SELECT COALESCE(MAX(seq), 0) + 1 FROM ledger_log)
BEGIN SELECT RAISE(ABORT, 'ledger_log is append-only'); END;
)";

// What follows from the rows, kept so that a proof and a sum need not read them all. Whoever edits
// these gains nothing: `verify` derives them anew.
constexpr char kSchema2[] = R"(
-- The complete nodes of the Merkle tree (log_tree.h), in the order in which they are completed.
CREATE TABLE ledger_node (
  position INTEGER PRIMARY KEY,
  hash     BLOB NOT NULL
) STRICT;
CREATE TRIGGER ledger_node_no_update BEFORE UPDATE ON ledger_node
BEGIN SELECT RAISE(ABORT, 'ledger_node is append-only'); END;
CREATE TRIGGER ledger_node_no_delete BEFORE DELETE ON ledger_node
BEGIN SELECT RAISE(ABORT, 'ledger_node is append-only'); END;
CREATE TRIGGER ledger_node_at_the_end BEFORE INSERT ON ledger_node
WHEN NEW.position IS NOT (SELECT COALESCE(MAX(position), -1) + 1 FROM ledger_node)
BEGIN SELECT RAISE(ABORT, 'ledger_node is append-only'); END;
-- Double entry (accounts.h).
CREATE TABLE ledger_account (
  book    INTEGER NOT NULL,
  account TEXT NOT NULL,
  minutes INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  PRIMARY KEY (book, account)
) STRICT;
)";

// What two people agree on. Derived from body, as all of these columns.
constexpr char kSchema3[] = R"(
ALTER TABLE ledger_log ADD COLUMN resolves BLOB;  -- resolutions and answers: the proposal, the dispute
ALTER TABLE ledger_log ADD COLUMN closes BLOB;    -- entries: the check-in that they give an end to
CREATE UNIQUE INDEX ledger_resolves ON ledger_log (resolves) WHERE resolves IS NOT NULL;
CREATE UNIQUE INDEX ledger_closes ON ledger_log (closes) WHERE closes IS NOT NULL;
CREATE INDEX ledger_proposals ON ledger_log (organisation, seq) WHERE kind = 4;
CREATE INDEX ledger_disputes ON ledger_log (organisation, seq) WHERE kind = 6;
)";

// When a row was recorded, to find what may touch a day without reading everything of a person.
constexpr char kSchema4[] = R"(
ALTER TABLE ledger_log ADD COLUMN record_time INTEGER NOT NULL DEFAULT 0;
DROP INDEX ledger_by_volunteer;
CREATE INDEX ledger_by_volunteer ON ledger_log (volunteer_key, record_time)
  WHERE volunteer_key IS NOT NULL;
)";

}  // namespace

storage::Schema LedgerSchema() { return {"ledger", {{1, kSchema1}, {2, kSchema2}, {3, kSchema3}, {4, kSchema4}}}; }

}  // namespace rollcall::ledger
