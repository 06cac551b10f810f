#ifndef ROLLCALL_REGISTRY_REGISTRY_H_
#define ROLLCALL_REGISTRY_REGISTRY_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/page.h"
#include "base/status.h"
#include "base/uuid.h"
#include "domain/activity.h"
#include "domain/caller.h"
#include "domain/ids.h"
#include "domain/policy_choice.h"
#include "domain/volunteer.h"

namespace rollcall::storage {
class Database;
struct Schema;
}  // namespace rollcall::storage

// Who and what: organisations, volunteers, consents, activities, sessions, rosters, sites, kiosks,
// and the identities that may connect. Holds names, never pictures or templates.
namespace rollcall::registry {

// A place with kiosks.
struct Site {
  domain::OrganisationId organisation;
  domain::SiteId id;  // unique within its organisation
  std::string name;
  // The match curve was measured with this site's own cameras and people.
  bool calibrated = false;
};

struct Kiosk {
  domain::OrganisationId organisation;
  domain::SiteId site;
  domain::KioskId id;  // unique within its site
  std::string name;
};

// Somebody or something that may connect: a kiosk or a member of staff.
struct Identity {
  std::string id;  // wire id, unique per operator; never given again, also after revocation
  domain::Role role = domain::Role::kUnspecified;  // one of the six
  domain::OrganisationId organisation;             // its own
  domain::SiteId site;                             // kiosks: required; others: empty
  std::string name;                                // 1 to 200 bytes of display text, for people
  domain::VolunteerId volunteer;                   // who holds it, where she is one too; of a kiosk empty
  base::Time created;
  std::string recorder;  // Caller::identity of who made it
  std::optional<base::Time> revoked;
  std::string revoked_by;  // Caller::identity; empty while it is not revoked
};

// A client certificate that was issued to an identity. Whether it may be used today is for the
// reader to decide: neither the end of its time nor the identity's revocation removes it.
struct IdentityCertificate {
  base::Sha256Digest fingerprint{};  // of the certificate's DER bytes; known once per operator
  std::string identity;              // Identity::id
  base::Time issued;
  base::Time expires;  // after `issued`
};

// Somebody was enrolled although the duplicate check had said "please compare".
struct DuplicateOverride {
  domain::VolunteerId volunteer;
  domain::VolunteerId resembles;
  std::string reason;    // 1 to 400 bytes of display text
  std::string recorder;  // Caller::identity
  base::Time time;
};

// How far wrong PINs are counted.
struct PinFailureLimits {
  int32_t most = 0;     // tries per (kiosk, number), at least 1
  int32_t numbers = 0;  // per kiosk, at least 1
  base::Time since;
};

// What was done with somebody's face data. Numbers are stored, and equal rollcall.v1.ProcessingKind.
enum class ProcessingKind {
  kEnrolment = 1,
  kErasure = 2,
  kConsentGiven = 3,
  kConsentWithdrawn = 4,
  kGroupPicture = 5,  // she was named in one
  kReport = 6,        // somebody read what is held about her
  kPersonErased = 7,  // she was forgotten; the last line but for reports
};

// A line of the processing log. Check-ins have none: they are in the ledger.
struct ProcessingEntry {
  domain::VolunteerId volunteer;
  base::Time time;
  ProcessingKind kind = ProcessingKind::kEnrolment;
  std::string actor;   // Caller::identity, or kRetention
  std::string detail;  // at most 200 bytes; no name, score or other personal data
};
// The actor of what the service does by itself.
constexpr char kRetention[] = "retention";

// The log is kept this long: at least three years, leap days included (field-notes: the Measures of
// 2025, Art. 9; PIPL Art. 56).
constexpr base::Duration kProcessingKept = std::chrono::hours(24 * (3 * 365 + 1));

// What is known of the template that the vault holds of somebody, but never the template. The vault
// says whether there is one.
struct FaceRecord {
  domain::VolunteerId volunteer;
  base::Time enrolled;         // when its photos were taken in
  std::string model_id;        // empty: not known
  int32_t photos = 0;          // 0: not known
  std::string notice_version;  // of the operator's notice then; empty: there was none, or not known
  // Output only: how many of the last domain::kMatchesKept counted matches were weak.
  int32_t weak_matches = 0;
};

struct RosterMember {
  domain::RosterEntry entry;
  base::Uuid key;      // Volunteer::key
  base::Uuid subject;  // Volunteer::subject
};

struct RosterChange {
  // Not empty: nothing was changed, and these are not volunteers of this operator.
  std::vector<domain::VolunteerId> unknown;
  int32_t added = 0;
  int32_t present = 0;  // were on the roster already; their entries stay as they were
};

// Every method blocks until the change is durable or the answer is read; call it on a worker
// thread, never on an RPC reactor. Thread-safe.
//
// Everywhere: ids and texts are checked before anything is changed (InvalidArgument, reasons
// BAD_ID, BAD_TEXT, BAD_VALUE, BAD_LABEL, PERSONAL_NUMBER, BAD_CONSENT, BAD_SESSION, BAD_PAGE); what
// is named must exist (NotFound, reasons NO_SUCH_ORGANISATION, NO_SUCH_VOLUNTEER, NO_SUCH_ACTIVITY,
// NO_SUCH_SESSION, NO_SUCH_SITE, NO_SUCH_KIOSK, NO_SUCH_POST, NO_SUCH_IDENTITY); the errors of
// storage::Database pass through. A method that fails has changed nothing.
class Registry {
 public:
  virtual ~Registry() = default;

  // --- Organisations ---
  // `parent` empty: a top. AlreadyExists, reason ORGANISATION_EXISTS.
  virtual absl::Status CreateOrganisation(const domain::Organisation& organisation) = 0;
  virtual absl::StatusOr<domain::Organisation> GetOrganisation(
      const domain::OrganisationId& id) = 0;
  // By id.
  virtual absl::StatusOr<base::Page<domain::Organisation>> ListOrganisations(
      const base::PageRequest& page) = 0;
  // Puts it below another parent and keeps the move. FailedPrecondition, reason ORGANISATION_CYCLE:
  // the new parent is the organisation itself or lies below it.
  virtual absl::Status MoveOrganisation(const domain::OrganisationMove& move) = 0;
  // Oldest first; creation is not a move.
  virtual absl::StatusOr<std::vector<domain::OrganisationMove>> OrganisationMoves(
      const domain::OrganisationId& id) = 0;
  // Whether `organisation` is `ancestor` or lies below it today.
  virtual absl::StatusOr<bool> IsWithin(const domain::OrganisationId& organisation,
                                        const domain::OrganisationId& ancestor) = 0;

  // --- Hours policies that organisations chose ---
  // Adds a choice; what `choice` says of the previous one does not matter. The same as now is OK and
  // adds nothing.
  virtual absl::Status ChoosePolicy(const domain::PolicyChoice& choice) = 0;
  // The organisation's own, oldest first. They never change and are never deleted.
  virtual absl::StatusOr<std::vector<domain::PolicyChoice>> PolicyChoices(
      const domain::OrganisationId& id) = 0;
  // What holds for it today: its own choice, else that of the nearest organisation above it that has
  // one. Nothing: none of them has.
  virtual absl::StatusOr<std::optional<domain::PolicyChoice>> PolicyChoiceFor(
      const domain::OrganisationId& id) = 0;

  // --- Volunteers ---
  // `key` and `subject`: own random ids, not nil, not equal. AlreadyExists, reason
  // VOLUNTEER_EXISTS: somebody has the number, or had it before she was erased.
  virtual absl::Status CreateVolunteer(const domain::Volunteer& volunteer) = 0;
  virtual absl::StatusOr<domain::Volunteer> GetVolunteer(const domain::VolunteerId& id) = 0;
  virtual absl::StatusOr<domain::Volunteer> GetVolunteerByKey(const base::Uuid& key) = 0;
  virtual absl::StatusOr<domain::Volunteer> GetVolunteerBySubject(const base::Uuid& subject) = 0;
  // By id. `organisation` empty: all of the operator; otherwise its members.
  virtual absl::StatusOr<base::Page<domain::Volunteer>> ListVolunteers(
      const domain::OrganisationId& organisation, const base::PageRequest& page) = 0;
  // Makes her a member; again is OK and keeps the first date.
  virtual absl::Status JoinOrganisation(const domain::VolunteerId& volunteer,
                                        const domain::OrganisationId& organisation,
                                        base::Time joined) = 0;
  virtual absl::StatusOr<std::vector<domain::OrganisationId>> Organisations(
      const domain::VolunteerId& volunteer) = 0;

  // --- Erasure of a person ---
  // Own random ids, which take the place of those that led to her hours and her template.
  struct ForgottenIds {
    base::Uuid key;
    base::Uuid subject;
  };
  // OK when she may be erased today. FailedPrecondition: HOLDS_IDENTITY, she has an account that is not
  // revoked; BAN_CASE_OPEN, a case against her is not decided.
  virtual absl::Status CheckErasable(const domain::VolunteerId& id) = 0;
  // Forgets who `line.volunteer` is, for ever: her name, age band, PIN, consents, siblings, places on
  // rosters, face record, overrides of the duplicate check, star applications, ban cases, the words of
  // her hour certificates, and which hours and which template are hers. What stays is her number,
  // which nobody else gets, her organisations, the processing log, to which `line` is added, and the
  // numbers, periods and revocations of her certificates. From then on every method but Processing,
  // AddProcessing, Organisations and ErasedAt answers NO_SUCH_VOLUNTEER for her. When it returns, what is
  // forgotten is overwritten in the files too (storage::DatabaseOptions::secure_delete).
  // Again: NO_SUCH_VOLUNTEER. Errors of CheckErasable, and BAD_VALUE as CreateVolunteer. An error of the
  // overwriting alone, DISK_FULL, leaves her forgotten: OverwriteForgotten, or the next start, does the rest.
  virtual absl::Status EraseVolunteer(const ProcessingEntry& line, const ForgottenIds& ids) = 0;
  // The overwriting again, where it failed. Cheap where there is nothing to do.
  virtual absl::Status OverwriteForgotten() = 0;
  // When she was erased; nothing: she was not. NotFound, NO_SUCH_VOLUNTEER: nobody ever had the number.
  virtual absl::StatusOr<std::optional<base::Time>> ErasedAt(const domain::VolunteerId& id) = 0;

  // --- Consents ---
  // Keeps earlier rows. Errors of domain::ValidateConsent for her age band.
  virtual absl::Status AddConsent(const domain::VolunteerId& volunteer,
                                  const domain::Consent& consent) = 0;
  // Marks every live consent to `item` as withdrawn; the rows stay. Returns how many there were.
  virtual absl::StatusOr<int32_t> WithdrawConsent(const domain::VolunteerId& volunteer,
                                                  domain::ConsentItem item, base::Time time) = 0;
  // Oldest first, withdrawn ones included.
  virtual absl::StatusOr<std::vector<domain::Consent>> Consents(
      const domain::VolunteerId& volunteer) = 0;

  // Live consents to `item` of everybody on the roster, whatever their wording.
  struct RosterConsent {
    base::Uuid subject;
    domain::AgeBand age_band = domain::AgeBand::kUnspecified;
    domain::Consent consent;
  };
  virtual absl::StatusOr<std::vector<RosterConsent>> RosterConsents(
      const domain::SessionKey& session, domain::ConsentItem item) = 0;

  // --- Processing of face data ---
  // Adds all lines or none. Write it before the action, and refuse the action where it fails.
  virtual absl::Status AddProcessing(const std::vector<ProcessingEntry>& entries) = 0;
  // Of one person, oldest first.
  virtual absl::StatusOr<std::vector<ProcessingEntry>> Processing(
      const domain::VolunteerId& volunteer) = 0;
  // Drops the lines older than kProcessingKept at `now`, and no other. Returns how many.
  virtual absl::StatusOr<int64_t> PruneProcessing(base::Time now) = 0;
  // Replaces.
  virtual absl::Status PutFaceRecord(const FaceRecord& record) = 0;
  virtual absl::StatusOr<std::optional<FaceRecord>> GetFaceRecord(
      const domain::VolunteerId& volunteer) = 0;
  // A match of hers at `time`, `weak` or not (domain::IsWeakMatch). Counts one in
  // domain::kMatchCountedEvery. No record: OK, nothing is noted. Writes only where it changes what is
  // kept: eight bits and a time.
  virtual absl::Status NoteMatch(const domain::VolunteerId& volunteer, base::Time time,
                                 bool weak) = 0;
  // OK also where there is none.
  virtual absl::Status RemoveFaceRecord(const domain::VolunteerId& volunteer) = 0;

  // --- PIN ---
  // `hash`: opaque text of at most 256 bytes (Argon2id, made in access); never the PIN. Replaces.
  virtual absl::Status SetPinHash(const domain::VolunteerId& volunteer,
                                  const std::string& hash) = 0;
  // Nothing: she has no PIN.
  virtual absl::StatusOr<std::optional<std::string>> GetPinHash(
      const domain::VolunteerId& volunteer) = 0;

  // Takes down that a PIN is about to be tried at `kiosk` for the number that was typed, whether or not
  // somebody has it, and returns the how manieth try that is since the last ForgetPinFailures. Above
  // limits.most it takes down nothing more and returns limits.most + 1. So it does, too, for a new
  // number at a kiosk that has limits.numbers of them, all with limits.most tries; otherwise the one
  // below limits.most that was longest untouched is dropped. Tries before limits.since are forgotten.
  virtual absl::StatusOr<int32_t> CountPinFailure(const domain::KioskId& kiosk,
                                                  const domain::VolunteerId& number,
                                                  base::Time time,
                                                  const PinFailureLimits& limits) = 0;
  // The number starts anew; `kiosk` empty: at every kiosk. OK when there was nothing.
  virtual absl::Status ForgetPinFailures(const domain::KioskId& kiosk,
                                         const domain::VolunteerId& number) = 0;

  // --- Siblings and duplicates ---
  // Declares that two people look alike (twins, siblings): a normal state. Order and repetition do
  // not matter. InvalidArgument, reason SAME_VOLUNTEER.
  virtual absl::Status DeclareSiblings(const domain::VolunteerId& a, const domain::VolunteerId& b,
                                       const std::string& recorder, base::Time time) = 0;
  virtual absl::StatusOr<std::vector<domain::VolunteerId>> Siblings(
      const domain::VolunteerId& volunteer) = 0;
  // The declared pairs of which both are on the roster, as subjects.
  virtual absl::StatusOr<std::vector<std::pair<base::Uuid, base::Uuid>>> SiblingsOnRoster(
      const domain::SessionKey& session) = 0;
  virtual absl::Status AddDuplicateOverride(const DuplicateOverride& override_record) = 0;
  virtual absl::StatusOr<std::vector<DuplicateOverride>> DuplicateOverrides(
      const domain::VolunteerId& volunteer) = 0;

  // --- Activities and sessions ---
  // AlreadyExists, reason ACTIVITY_EXISTS.
  virtual absl::Status CreateActivity(const domain::Activity& activity) = 0;
  virtual absl::StatusOr<domain::Activity> GetActivity(const domain::OrganisationId& organisation,
                                                       const domain::ActivityId& id) = 0;
  // Replaces place, content and person in charge by those of `activity`, closed or not. Whatever
  // else stands in `activity`, but its ids, does not matter.
  virtual absl::Status DescribeActivity(const domain::Activity& activity) = 0;
  // By id.
  virtual absl::StatusOr<base::Page<domain::Activity>> ListActivities(
      const domain::OrganisationId& organisation, const base::PageRequest& page) = 0;
  // Again is OK and keeps the first time.
  virtual absl::Status CloseActivity(const domain::OrganisationId& organisation,
                                     const domain::ActivityId& id, base::Time time) = 0;
  // Whether any activity of the operator is not practice.
  virtual absl::StatusOr<bool> HasNonPracticeActivity() = 0;

  // AlreadyExists, reason SESSION_EXISTS. FailedPrecondition, reason ACTIVITY_CLOSED. Posts: at
  // most 100, ids unique within the session (InvalidArgument, reason BAD_SESSION).
  virtual absl::Status AddSession(const domain::Session& session) = 0;
  virtual absl::StatusOr<domain::Session> GetSession(const domain::SessionKey& key) = 0;
  // By start, then id.
  virtual absl::StatusOr<base::Page<domain::Session>> ListSessions(
      const domain::OrganisationId& organisation, const domain::ActivityId& activity,
      const base::PageRequest& page) = 0;
  // The lengths of all its sessions as they are now, summed, breaks included; 0 without a session.
  virtual absl::StatusOr<base::Duration> ActivityLength(const domain::OrganisationId& organisation,
                                                        const domain::ActivityId& activity) = 0;

  // --- Rosters ---
  // Adds all or none; every entry's session must be `session`. Joins them to the organisation too.
  // ResourceExhausted, reason ROSTER_FULL: more than domain::kMaxRoster in all.
  // FailedPrecondition, reason ACTIVITY_CLOSED.
  virtual absl::StatusOr<RosterChange> AddRosterEntries(
      const domain::SessionKey& session, const std::vector<domain::RosterEntry>& entries,
      base::Time time) = 0;
  // Her hours and an open visit stay. NotFound, reason NOT_ON_ROSTER.
  virtual absl::Status RemoveRosterEntry(const domain::SessionKey& session,
                                         const domain::VolunteerId& volunteer) = 0;
  // By volunteer id; at most domain::kMaxRoster.
  virtual absl::StatusOr<std::vector<RosterMember>> Roster(const domain::SessionKey& session) = 0;
  // Her entry; nothing when she is not on the roster.
  virtual absl::StatusOr<std::optional<domain::RosterEntry>> FindOnRoster(
      const domain::SessionKey& session, const domain::VolunteerId& volunteer) = 0;

  // --- Sites and kiosks ---
  // Put: makes or changes it.
  virtual absl::Status PutSite(const Site& site) = 0;
  virtual absl::StatusOr<Site> GetSite(const domain::OrganisationId& organisation,
                                       const domain::SiteId& id) = 0;
  virtual absl::Status PutKiosk(const Kiosk& kiosk) = 0;
  virtual absl::StatusOr<Kiosk> GetKiosk(const domain::OrganisationId& organisation,
                                         const domain::SiteId& site,
                                         const domain::KioskId& id) = 0;

  // --- Identities ---
  // Makes an identity together with its first certificate, which must name it. A kiosk's row is
  // made too, with the identity's id and name; one that is there already stays as it is.
  // InvalidArgument, reason BAD_VALUE: no role, a kiosk without a site or with a volunteer, a site on
  // somebody else, an
  // identity that is revoked already, a certificate of another identity, without a fingerprint or
  // that expires before or when it is issued.
  // AlreadyExists: IDENTITY_EXISTS, the id was given before, be it to somebody revoked since;
  // CERTIFICATE_EXISTS, the fingerprint is known, whoever has it.
  virtual absl::Status AddIdentity(const Identity& identity,
                                   const IdentityCertificate& certificate) = 0;
  // Renewal: adds a certificate; the earlier ones stay. BAD_VALUE and CERTIFICATE_EXISTS as above.
  // FailedPrecondition, reason IDENTITY_REVOKED.
  virtual absl::Status AddCertificate(const IdentityCertificate& certificate) = 0;
  // For ever. Again is OK and keeps the first time and person.
  virtual absl::Status RevokeIdentity(const std::string& id, const std::string& by,
                                      base::Time time) = 0;
  virtual absl::StatusOr<Identity> GetIdentity(const std::string& id) = 0;
  // By id, revoked ones included.
  virtual absl::StatusOr<base::Page<Identity>> ListIdentities(const base::PageRequest& page) = 0;
  // Every certificate of every identity, expired ones and those of revoked identities included, by
  // identity, then oldest first. All at once: for filling memory at start.
  virtual absl::StatusOr<std::vector<IdentityCertificate>> ListCertificates() = 0;
  // Of one identity, oldest first.
  virtual absl::StatusOr<std::vector<IdentityCertificate>> Certificates(const std::string& id) = 0;
};

// The tables, for storage::DatabaseOptions::schemas. The ledger shares the database.
storage::Schema RegistrySchema();

// `database` must hold RegistrySchema() and outlive the registry.
std::unique_ptr<Registry> MakeSqlRegistry(storage::Database& database);

}  // namespace rollcall::registry

#endif  // ROLLCALL_REGISTRY_REGISTRY_H_
