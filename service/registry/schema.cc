#include "registry/sql_registry.h"

namespace rollcall::registry {
namespace {

constexpr char kSchema1[] = R"(
CREATE TABLE organisation (
  id      TEXT NOT NULL PRIMARY KEY,
  name    TEXT NOT NULL,
  level   INTEGER NOT NULL,
  parent  TEXT REFERENCES organisation (id),
  created INTEGER NOT NULL
) STRICT;
CREATE TABLE organisation_move (
  organisation TEXT NOT NULL REFERENCES organisation (id),
  number       INTEGER NOT NULL,
  parent       TEXT REFERENCES organisation (id),
  moved        INTEGER NOT NULL,
  recorder     TEXT NOT NULL,
  PRIMARY KEY (organisation, number)
) STRICT;
CREATE TABLE site (
  organisation TEXT NOT NULL REFERENCES organisation (id),
  id           TEXT NOT NULL,
  name         TEXT NOT NULL,
  calibrated   INTEGER NOT NULL,
  PRIMARY KEY (organisation, id)
) STRICT;
CREATE TABLE kiosk (
  organisation TEXT NOT NULL,
  site         TEXT NOT NULL,
  id           TEXT NOT NULL,
  name         TEXT NOT NULL,
  PRIMARY KEY (organisation, site, id),
  FOREIGN KEY (organisation, site) REFERENCES site (organisation, id)
) STRICT;

CREATE TABLE volunteer (
  id         TEXT NOT NULL PRIMARY KEY,
  ledger_key BLOB NOT NULL UNIQUE,
  subject    BLOB NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  age_band   INTEGER NOT NULL,
  created    INTEGER NOT NULL,
  pin_hash   TEXT
) STRICT;
CREATE TABLE membership (
  organisation TEXT NOT NULL REFERENCES organisation (id),
  volunteer    TEXT NOT NULL REFERENCES volunteer (id),
  joined       INTEGER NOT NULL,
  PRIMARY KEY (organisation, volunteer)
) STRICT;
CREATE INDEX membership_by_volunteer ON membership (volunteer, organisation);
CREATE TABLE consent (
  volunteer         TEXT NOT NULL REFERENCES volunteer (id),
  number            INTEGER NOT NULL,
  item              INTEGER NOT NULL,
  form              INTEGER NOT NULL,
  reference         TEXT NOT NULL,
  text_version      TEXT NOT NULL,
  given             INTEGER NOT NULL,
  recorder          TEXT NOT NULL,
  guardian          TEXT NOT NULL,
  guardian_evidence TEXT NOT NULL,
  withdrawn         INTEGER,
  PRIMARY KEY (volunteer, number)
) STRICT;
CREATE TABLE sibling (
  a        TEXT NOT NULL REFERENCES volunteer (id),
  b        TEXT NOT NULL REFERENCES volunteer (id),
  recorder TEXT NOT NULL,
  declared INTEGER NOT NULL,
  PRIMARY KEY (a, b),
  CHECK (a < b)
) STRICT;
CREATE INDEX sibling_by_b ON sibling (b, a);
CREATE TABLE duplicate_override (
  volunteer TEXT NOT NULL REFERENCES volunteer (id),
  number    INTEGER NOT NULL,
  resembles TEXT NOT NULL REFERENCES volunteer (id),
  reason    TEXT NOT NULL,
  recorder  TEXT NOT NULL,
  recorded  INTEGER NOT NULL,
  PRIMARY KEY (volunteer, number)
) STRICT;

CREATE TABLE activity (
  organisation TEXT NOT NULL REFERENCES organisation (id),
  id           TEXT NOT NULL,
  title        TEXT NOT NULL,
  place        TEXT NOT NULL,
  practice     INTEGER NOT NULL,
  created      INTEGER NOT NULL,
  closed       INTEGER,
  PRIMARY KEY (organisation, id)
) STRICT;
CREATE TABLE session (
  organisation TEXT NOT NULL,
  activity     TEXT NOT NULL,
  id           TEXT NOT NULL,
  starts       INTEGER NOT NULL,
  ends         INTEGER NOT NULL,
  PRIMARY KEY (organisation, activity, id),
  FOREIGN KEY (organisation, activity) REFERENCES activity (organisation, id)
) STRICT;
CREATE TABLE post (
  organisation TEXT NOT NULL,
  activity     TEXT NOT NULL,
  session      TEXT NOT NULL,
  id           TEXT NOT NULL,
  number       INTEGER NOT NULL,
  title        TEXT NOT NULL,
  PRIMARY KEY (organisation, activity, session, id),
  FOREIGN KEY (organisation, activity, session) REFERENCES session (organisation, activity, id)
) STRICT;
CREATE TABLE roster (
  organisation TEXT NOT NULL,
  activity     TEXT NOT NULL,
  session      TEXT NOT NULL,
  volunteer    TEXT NOT NULL REFERENCES volunteer (id),
  post         TEXT,
  kind         INTEGER NOT NULL,
  added        INTEGER NOT NULL,
  PRIMARY KEY (organisation, activity, session, volunteer),
  FOREIGN KEY (organisation, activity, session) REFERENCES session (organisation, activity, id),
  FOREIGN KEY (organisation, activity, session, post)
    REFERENCES post (organisation, activity, session, id)
) STRICT;
)";

}  // namespace

storage::Schema RegistrySchema() { return {"registry", {{1, kSchema1}}}; }

std::unique_ptr<Registry> MakeSqlRegistry(storage::Database& database) {
  return std::make_unique<SqlRegistry>(database);
}

}  // namespace rollcall::registry
