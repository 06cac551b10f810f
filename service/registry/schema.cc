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

// What was given to an identity stays on record for good: a row that could go or change would make
// an id, or a certificate, free for somebody else. Role 1 is domain::Role::kKiosk.
constexpr char kSchema2[] = R"(
CREATE TABLE identity (
  id           TEXT NOT NULL PRIMARY KEY,
  role         INTEGER NOT NULL,
  organisation TEXT NOT NULL REFERENCES organisation (id),
  site         TEXT,
  name         TEXT NOT NULL,
  created      INTEGER NOT NULL,
  recorder     TEXT NOT NULL,
  revoked      INTEGER,
  revoked_by   TEXT,
  FOREIGN KEY (organisation, site, id) REFERENCES kiosk (organisation, site, id),
  CHECK ((role = 1) = (site IS NOT NULL)),
  CHECK ((revoked IS NULL) = (revoked_by IS NULL))
) STRICT;
CREATE TABLE identity_certificate (
  fingerprint BLOB NOT NULL PRIMARY KEY,
  identity    TEXT NOT NULL REFERENCES identity (id),
  issued      INTEGER NOT NULL,
  expires     INTEGER NOT NULL,
  CHECK (length(fingerprint) = 32),
  CHECK (issued < expires)
) STRICT;
CREATE INDEX identity_certificate_by_identity
  ON identity_certificate (identity, issued, fingerprint);

CREATE TRIGGER identity_no_delete BEFORE DELETE ON identity
BEGIN SELECT RAISE(ABORT, 'identities are never deleted'); END;
CREATE TRIGGER identity_fixed
BEFORE UPDATE OF id, role, organisation, site, created, recorder ON identity
BEGIN SELECT RAISE(ABORT, 'an identity stays what it was made as'); END;
CREATE TRIGGER identity_revoked_for_ever BEFORE UPDATE OF revoked, revoked_by ON identity
WHEN OLD.revoked IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a revocation is for ever'); END;

CREATE TRIGGER identity_certificate_no_delete BEFORE DELETE ON identity_certificate
BEGIN SELECT RAISE(ABORT, 'certificates are never deleted'); END;
CREATE TRIGGER identity_certificate_no_update BEFORE UPDATE ON identity_certificate
BEGIN SELECT RAISE(ABORT, 'certificates never change'); END;
)";

// Wrong PINs in a row. `number` is what was typed: most of the time a volunteer's, never told apart.
constexpr char kPinFailures[] = R"(
CREATE TABLE pin_failure (
  kiosk    TEXT NOT NULL,
  number   TEXT NOT NULL,
  failures INTEGER NOT NULL,
  last     INTEGER NOT NULL,
  PRIMARY KEY (kiosk, number)
) STRICT;
CREATE INDEX pin_failure_by_number ON pin_failure (number);
)";

// What was done with somebody's face data, and what is known of the template that the vault holds.
// Lines go by age only, never change, and are never about anything but a registered person.
constexpr char kSchemaPrivacy[] = R"(
CREATE TABLE face_record (
  volunteer      TEXT NOT NULL PRIMARY KEY REFERENCES volunteer (id),
  enrolled       INTEGER NOT NULL,
  model_id       TEXT NOT NULL,
  photos         INTEGER NOT NULL,
  notice_version TEXT NOT NULL
) STRICT;
CREATE TABLE processing (
  number    INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  volunteer TEXT NOT NULL REFERENCES volunteer (id),
  time      INTEGER NOT NULL,
  kind      INTEGER NOT NULL,
  actor     TEXT NOT NULL,
  detail    TEXT NOT NULL
) STRICT;
CREATE INDEX processing_by_volunteer ON processing (volunteer, number);
CREATE INDEX processing_by_time ON processing (time);
CREATE TRIGGER processing_no_update BEFORE UPDATE ON processing
BEGIN SELECT RAISE(ABORT, 'the processing log never changes'); END;
)";

// domain::PresentationPolicy and domain::ChallengeKind; 0: as the server's configuration says.
constexpr char kSessionPresentation[] = R"(
ALTER TABLE session ADD COLUMN presentation INTEGER NOT NULL DEFAULT 0
  CHECK (presentation BETWEEN 0 AND 3);
ALTER TABLE session ADD COLUMN challenge INTEGER NOT NULL DEFAULT 0
  CHECK (challenge BETWEEN 0 AND 4);
)";

constexpr char kSessionSite[] = R"(
ALTER TABLE session ADD COLUMN site TEXT NOT NULL DEFAULT '';
)";

// One bit a counted match, the newest lowest; set: weak.
constexpr char kRecentMatches[] = R"(
ALTER TABLE face_record ADD COLUMN recent_matches INTEGER NOT NULL DEFAULT 0;
ALTER TABLE face_record ADD COLUMN last_match INTEGER NOT NULL DEFAULT 0;
)";

// Of Order 67, Art. 5 and 7.
constexpr char kActivityDetails[] = R"(
ALTER TABLE activity ADD COLUMN content TEXT NOT NULL DEFAULT '';
ALTER TABLE activity ADD COLUMN person_in_charge TEXT NOT NULL DEFAULT '';
)";

// Hour certificates as they were signed. A number that could go or change would vouch for something
// else; the counter stands apart so that a number which was taken and not used is not taken again.
constexpr char kHourCertificates[] = R"(
CREATE TABLE hour_certificate_counter (
  year INTEGER NOT NULL PRIMARY KEY,
  last INTEGER NOT NULL
) STRICT;
CREATE TABLE hour_certificate (
  number       TEXT NOT NULL PRIMARY KEY,
  organisation TEXT NOT NULL REFERENCES organisation (id),
  volunteer    TEXT NOT NULL REFERENCES volunteer (id),
  first_day    TEXT NOT NULL,
  last_day     TEXT NOT NULL,
  issued       INTEGER NOT NULL,
  recorder     TEXT NOT NULL,
  request      BLOB NOT NULL,
  payload_hash BLOB NOT NULL,
  statement    BLOB NOT NULL,
  signature    BLOB NOT NULL,
  vc_jwt       TEXT NOT NULL,
  revoked      INTEGER,
  reason       INTEGER,
  revoked_by   TEXT,
  UNIQUE (organisation, request),
  CHECK ((revoked IS NULL) = (reason IS NULL) AND (revoked IS NULL) = (revoked_by IS NULL))
) STRICT;
CREATE INDEX hour_certificate_by_organisation ON hour_certificate (organisation, number);
CREATE INDEX hour_certificate_revoked ON hour_certificate (number) WHERE revoked IS NOT NULL;
CREATE TABLE hour_revocation_list (
  one     INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL,
  issued  INTEGER NOT NULL,
  entries INTEGER NOT NULL
) STRICT;

CREATE TRIGGER hour_certificate_no_delete BEFORE DELETE ON hour_certificate
BEGIN SELECT RAISE(ABORT, 'certificates are never deleted'); END;
CREATE TRIGGER hour_certificate_fixed
BEFORE UPDATE OF number, organisation, volunteer, first_day, last_day, issued, recorder, request,
  payload_hash, statement, signature, vc_jwt ON hour_certificate
BEGIN SELECT RAISE(ABORT, 'a certificate stays what was signed'); END;
CREATE TRIGGER hour_certificate_revoked_for_ever
BEFORE UPDATE OF revoked, reason, revoked_by ON hour_certificate WHEN OLD.revoked IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a revocation is for ever'); END;
)";

// Who of the volunteers holds an identity: two accounts of one person are one person.
constexpr char kIdentityVolunteer[] = R"(
ALTER TABLE identity ADD COLUMN volunteer TEXT REFERENCES volunteer (id);
CREATE TRIGGER identity_volunteer_fixed BEFORE UPDATE OF volunteer ON identity
BEGIN SELECT RAISE(ABORT, 'an identity stays what it was made as'); END;
)";

// Star applications and ban cases. What was decided stays decided, and every step stays on record:
// who, when, under which rules. Days are days since 1970-01-01, 0 where there is none yet; a nil
// UUID likewise. States are hours::ApplicationState and hours::BanState.
constexpr char kStarApplications[] = R"(
CREATE TABLE star_application (
  id             BLOB NOT NULL PRIMARY KEY,
  organisation   TEXT NOT NULL REFERENCES organisation (id),
  volunteer      TEXT NOT NULL REFERENCES volunteer (id),
  star           INTEGER NOT NULL,
  state          INTEGER NOT NULL CHECK (state BETWEEN 1 AND 6),
  submitted      INTEGER NOT NULL,
  approver_level INTEGER NOT NULL CHECK (approver_level BETWEEN 1 AND 3),
  reviewer       BLOB NOT NULL,
  review_score   INTEGER NOT NULL,
  approver       BLOB NOT NULL,
  notice_until   INTEGER NOT NULL,
  decided        INTEGER NOT NULL,
  refusal        TEXT NOT NULL
) STRICT;
CREATE INDEX star_application_by_organisation ON star_application (organisation, id);
CREATE INDEX star_application_by_volunteer ON star_application (volunteer, state, star);
CREATE UNIQUE INDEX star_application_one_open ON star_application (volunteer)
  WHERE state IN (1, 2, 3);
CREATE TABLE star_step (
  subject      BLOB NOT NULL REFERENCES star_application (id),
  number       INTEGER NOT NULL,
  organisation TEXT NOT NULL,
  state        INTEGER NOT NULL,
  identity     TEXT NOT NULL,
  role         INTEGER NOT NULL,
  person       BLOB NOT NULL,
  key_hash     BLOB,
  policy       TEXT NOT NULL,
  time         INTEGER NOT NULL,
  request      BLOB NOT NULL,
  payload_hash BLOB NOT NULL,
  PRIMARY KEY (subject, number),
  UNIQUE (organisation, request)
) STRICT;
CREATE TABLE star_approver_level (
  organisation TEXT NOT NULL REFERENCES organisation (id),
  number       INTEGER NOT NULL,
  level        INTEGER NOT NULL CHECK (level BETWEEN 0 AND 3),
  time         INTEGER NOT NULL,
  recorder     TEXT NOT NULL,
  PRIMARY KEY (organisation, number)
) STRICT;

CREATE TRIGGER star_application_no_delete BEFORE DELETE ON star_application
BEGIN SELECT RAISE(ABORT, 'star applications are never deleted'); END;
CREATE TRIGGER star_application_fixed
BEFORE UPDATE OF id, organisation, volunteer, star, submitted, approver_level ON star_application
BEGIN SELECT RAISE(ABORT, 'an application stays what was asked for'); END;
CREATE TRIGGER star_application_decided BEFORE UPDATE ON star_application
WHEN OLD.state IN (4, 5, 6)
BEGIN SELECT RAISE(ABORT, 'a decided application stays decided'); END;
CREATE TRIGGER star_step_no_delete BEFORE DELETE ON star_step
BEGIN SELECT RAISE(ABORT, 'steps are never deleted'); END;
CREATE TRIGGER star_step_no_update BEFORE UPDATE ON star_step
BEGIN SELECT RAISE(ABORT, 'steps never change'); END;
CREATE TRIGGER star_approver_level_no_delete BEFORE DELETE ON star_approver_level
BEGIN SELECT RAISE(ABORT, 'levels are never deleted'); END;
CREATE TRIGGER star_approver_level_no_update BEFORE UPDATE ON star_approver_level
BEGIN SELECT RAISE(ABORT, 'levels never change'); END;
)";

constexpr char kBanCases[] = R"(
CREATE TABLE ban_case (
  id           BLOB NOT NULL PRIMARY KEY,
  organisation TEXT NOT NULL REFERENCES organisation (id),
  volunteer    TEXT NOT NULL REFERENCES volunteer (id),
  state        INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
  noticed      INTEGER NOT NULL,
  accusation   TEXT NOT NULL,
  hearer       BLOB NOT NULL,
  heard        INTEGER NOT NULL,
  appeared     INTEGER NOT NULL,
  statement    TEXT NOT NULL,
  reason       TEXT NOT NULL,
  decided      INTEGER NOT NULL,
  first_day    INTEGER NOT NULL,
  last_day     INTEGER NOT NULL
) STRICT;
CREATE INDEX ban_case_by_organisation ON ban_case (organisation, id);
CREATE INDEX ban_case_by_volunteer ON ban_case (volunteer, id);
CREATE TABLE ban_evidence (
  ban       BLOB NOT NULL REFERENCES ban_case (id),
  number    INTEGER NOT NULL,
  reference TEXT NOT NULL,
  PRIMARY KEY (ban, number)
) STRICT;
CREATE TABLE ban_involved (
  ban    BLOB NOT NULL REFERENCES ban_case (id),
  person BLOB NOT NULL,
  PRIMARY KEY (ban, person)
) STRICT;
CREATE TABLE ban_step (
  subject      BLOB NOT NULL REFERENCES ban_case (id),
  number       INTEGER NOT NULL,
  organisation TEXT NOT NULL,
  state        INTEGER NOT NULL,
  identity     TEXT NOT NULL,
  role         INTEGER NOT NULL,
  person       BLOB NOT NULL,
  key_hash     BLOB,
  policy       TEXT NOT NULL,
  time         INTEGER NOT NULL,
  request      BLOB NOT NULL,
  payload_hash BLOB NOT NULL,
  PRIMARY KEY (subject, number),
  UNIQUE (organisation, request)
) STRICT;

CREATE TRIGGER ban_case_no_delete BEFORE DELETE ON ban_case
BEGIN SELECT RAISE(ABORT, 'ban cases are never deleted'); END;
CREATE TRIGGER ban_case_fixed
BEFORE UPDATE OF id, organisation, volunteer, noticed, accusation ON ban_case
BEGIN SELECT RAISE(ABORT, 'a case stays what was opened'); END;
CREATE TRIGGER ban_case_decided BEFORE UPDATE ON ban_case WHEN OLD.state IN (3, 4)
BEGIN SELECT RAISE(ABORT, 'a decided case stays decided'); END;
CREATE TRIGGER ban_evidence_no_delete BEFORE DELETE ON ban_evidence
BEGIN SELECT RAISE(ABORT, 'evidence is never deleted'); END;
CREATE TRIGGER ban_evidence_no_update BEFORE UPDATE ON ban_evidence
BEGIN SELECT RAISE(ABORT, 'evidence never changes'); END;
CREATE TRIGGER ban_involved_no_delete BEFORE DELETE ON ban_involved
BEGIN SELECT RAISE(ABORT, 'who is involved stays involved'); END;
CREATE TRIGGER ban_involved_no_update BEFORE UPDATE ON ban_involved
BEGIN SELECT RAISE(ABORT, 'who is involved stays involved'); END;
CREATE TRIGGER ban_step_no_delete BEFORE DELETE ON ban_step
BEGIN SELECT RAISE(ABORT, 'steps are never deleted'); END;
CREATE TRIGGER ban_step_no_update BEFORE UPDATE ON ban_step
BEGIN SELECT RAISE(ABORT, 'steps never change'); END;
)";

// domain::SessionBreak, in the order of time.
constexpr char kSessionBreaks[] = R"(
CREATE TABLE session_break (
  organisation TEXT NOT NULL,
  activity     TEXT NOT NULL,
  session      TEXT NOT NULL,
  number       INTEGER NOT NULL,
  kind         INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 2),
  starts       INTEGER NOT NULL,
  ends         INTEGER NOT NULL,
  PRIMARY KEY (organisation, activity, session, number),
  FOREIGN KEY (organisation, activity, session) REFERENCES session (organisation, activity, id),
  CHECK (starts < ends)
) STRICT;
)";

// Which hours policy an organisation chose when, by label; the last one counts, and one without a
// label ends the choice. Minutes were computed by them, so they stay.
constexpr char kPolicyChoices[] = R"(
CREATE TABLE policy_choice (
  organisation TEXT NOT NULL REFERENCES organisation (id),
  number       INTEGER NOT NULL,
  previous     TEXT,
  label        TEXT,
  chosen       INTEGER NOT NULL,
  recorder     TEXT NOT NULL,
  PRIMARY KEY (organisation, number)
) STRICT;
CREATE TRIGGER policy_choice_no_delete BEFORE DELETE ON policy_choice
BEGIN SELECT RAISE(ABORT, 'choices of a policy are never deleted'); END;
CREATE TRIGGER policy_choice_no_update BEFORE UPDATE ON policy_choice
BEGIN SELECT RAISE(ABORT, 'choices of a policy never change'); END;
)";

// Whoever is erased leaves her number, which nobody else gets, and the rows that say so. What is kept
// for ever otherwise goes with her: the triggers let it, once the person is marked as erased.
constexpr char kErasure[] = R"(
ALTER TABLE volunteer ADD COLUMN erased INTEGER;
CREATE TRIGGER volunteer_no_delete BEFORE DELETE ON volunteer
BEGIN SELECT RAISE(ABORT, 'volunteers are never deleted'); END;
CREATE TRIGGER volunteer_erased_for_ever BEFORE UPDATE ON volunteer WHEN OLD.erased IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an erased volunteer stays erased'); END;

DROP TRIGGER star_application_no_delete;
CREATE TRIGGER star_application_no_delete BEFORE DELETE ON star_application
WHEN (SELECT erased FROM volunteer WHERE id = OLD.volunteer) IS NULL
BEGIN SELECT RAISE(ABORT, 'star applications are never deleted'); END;
DROP TRIGGER star_step_no_delete;
CREATE TRIGGER star_step_no_delete BEFORE DELETE ON star_step
WHEN (SELECT v.erased FROM star_application a JOIN volunteer v ON v.id = a.volunteer
      WHERE a.id = OLD.subject) IS NULL
BEGIN SELECT RAISE(ABORT, 'steps are never deleted'); END;

DROP TRIGGER ban_case_no_delete;
CREATE TRIGGER ban_case_no_delete BEFORE DELETE ON ban_case
WHEN (SELECT erased FROM volunteer WHERE id = OLD.volunteer) IS NULL
BEGIN SELECT RAISE(ABORT, 'ban cases are never deleted'); END;
DROP TRIGGER ban_evidence_no_delete;
CREATE TRIGGER ban_evidence_no_delete BEFORE DELETE ON ban_evidence
WHEN (SELECT v.erased FROM ban_case b JOIN volunteer v ON v.id = b.volunteer
      WHERE b.id = OLD.ban) IS NULL
BEGIN SELECT RAISE(ABORT, 'evidence is never deleted'); END;
DROP TRIGGER ban_involved_no_delete;
CREATE TRIGGER ban_involved_no_delete BEFORE DELETE ON ban_involved
WHEN (SELECT v.erased FROM ban_case b JOIN volunteer v ON v.id = b.volunteer
      WHERE b.id = OLD.ban) IS NULL
BEGIN SELECT RAISE(ABORT, 'who is involved stays involved'); END;
DROP TRIGGER ban_step_no_delete;
CREATE TRIGGER ban_step_no_delete BEFORE DELETE ON ban_step
WHEN (SELECT v.erased FROM ban_case b JOIN volunteer v ON v.id = b.volunteer
      WHERE b.id = OLD.subject) IS NULL
BEGIN SELECT RAISE(ABORT, 'steps are never deleted'); END;

-- What was signed may go, never change.
DROP TRIGGER hour_certificate_fixed;
CREATE TRIGGER hour_certificate_fixed
BEFORE UPDATE OF number, organisation, volunteer, first_day, last_day, issued, recorder, request,
  payload_hash ON hour_certificate
BEGIN SELECT RAISE(ABORT, 'a certificate stays what was signed'); END;
CREATE TRIGGER hour_certificate_signed
BEFORE UPDATE OF statement, signature, vc_jwt ON hour_certificate
WHEN (SELECT erased FROM volunteer WHERE id = OLD.volunteer) IS NULL
  OR NEW.statement <> x'' OR NEW.signature <> x'' OR NEW.vc_jwt <> ''
BEGIN SELECT RAISE(ABORT, 'a certificate stays what was signed'); END;
)";

}  // namespace

storage::Schema RegistrySchema() {
  return {"registry",
          {{1, kSchema1},
           {2, kSchema2},
           {3, kPinFailures},
           {4, kSchemaPrivacy},
           {5, kSessionPresentation},
           {6, kSessionSite},
           {7, kRecentMatches},
           {8, kActivityDetails},
           {9, kHourCertificates},
           {10, kIdentityVolunteer},
           {11, kStarApplications},
           {12, kBanCases},
           {13, kSessionBreaks},
           {14, kPolicyChoices},
           {15, kErasure}}};
}

std::unique_ptr<Registry> MakeSqlRegistry(storage::Database& database) {
  return std::make_unique<SqlRegistry>(database);
}

}  // namespace rollcall::registry
