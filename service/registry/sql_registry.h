#ifndef ROLLCALL_REGISTRY_SQL_REGISTRY_H_
#define ROLLCALL_REGISTRY_SQL_REGISTRY_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "registry/registry.h"
#include "storage/database.h"

namespace rollcall::registry {

// The registry over SQL. Its methods stand in sql_organisations.cc, sql_volunteers.cc, sql_pins.cc,
// sql_activities.cc, sql_rosters.cc, sql_identities.cc, sql_privacy.cc and sql_erasure.cc.
class SqlRegistry final : public Registry {
 public:
  explicit SqlRegistry(storage::Database& database) : database_(database) {}

  absl::Status CreateOrganisation(const domain::Organisation& organisation) override;
  absl::StatusOr<domain::Organisation> GetOrganisation(const domain::OrganisationId& id) override;
  absl::StatusOr<base::Page<domain::Organisation>> ListOrganisations(
      const base::PageRequest& page) override;
  absl::Status MoveOrganisation(const domain::OrganisationMove& move) override;
  absl::StatusOr<std::vector<domain::OrganisationMove>> OrganisationMoves(
      const domain::OrganisationId& id) override;
  absl::StatusOr<bool> IsWithin(const domain::OrganisationId& organisation,
                                const domain::OrganisationId& ancestor) override;
  absl::Status ChoosePolicy(const domain::PolicyChoice& choice) override;
  absl::StatusOr<std::vector<domain::PolicyChoice>> PolicyChoices(
      const domain::OrganisationId& id) override;
  absl::StatusOr<std::optional<domain::PolicyChoice>> PolicyChoiceFor(
      const domain::OrganisationId& id) override;
  absl::Status PutSite(const Site& site) override;
  absl::StatusOr<Site> GetSite(const domain::OrganisationId& organisation,
                               const domain::SiteId& id) override;
  absl::Status PutKiosk(const Kiosk& kiosk) override;
  absl::StatusOr<Kiosk> GetKiosk(const domain::OrganisationId& organisation,
                                 const domain::SiteId& site, const domain::KioskId& id) override;

  absl::Status CreateVolunteer(const domain::Volunteer& volunteer) override;
  absl::StatusOr<domain::Volunteer> GetVolunteer(const domain::VolunteerId& id) override;
  absl::StatusOr<domain::Volunteer> GetVolunteerByKey(const base::Uuid& key) override;
  absl::StatusOr<domain::Volunteer> GetVolunteerBySubject(const base::Uuid& subject) override;
  absl::StatusOr<base::Page<domain::Volunteer>> ListVolunteers(
      const domain::OrganisationId& organisation, const base::PageRequest& page) override;
  absl::Status JoinOrganisation(const domain::VolunteerId& volunteer,
                                const domain::OrganisationId& organisation,
                                base::Time joined) override;
  absl::StatusOr<std::vector<domain::OrganisationId>> Organisations(
      const domain::VolunteerId& volunteer) override;
  absl::Status AddConsent(const domain::VolunteerId& volunteer,
                          const domain::Consent& consent) override;
  absl::StatusOr<int32_t> WithdrawConsent(const domain::VolunteerId& volunteer,
                                          domain::ConsentItem item, base::Time time) override;
  absl::StatusOr<std::vector<domain::Consent>> Consents(
      const domain::VolunteerId& volunteer) override;
  absl::StatusOr<std::vector<RosterConsent>> RosterConsents(const domain::SessionKey& session,
                                                            domain::ConsentItem item) override;
  absl::Status AddProcessing(const std::vector<ProcessingEntry>& entries) override;
  absl::StatusOr<std::vector<ProcessingEntry>> Processing(
      const domain::VolunteerId& volunteer) override;
  absl::StatusOr<int64_t> PruneProcessing(base::Time now) override;
  absl::Status PutFaceRecord(const FaceRecord& record) override;
  absl::StatusOr<std::optional<FaceRecord>> GetFaceRecord(
      const domain::VolunteerId& volunteer) override;
  absl::Status NoteMatch(const domain::VolunteerId& volunteer, base::Time time, bool weak) override;
  absl::Status RemoveFaceRecord(const domain::VolunteerId& volunteer) override;
  absl::Status SetPinHash(const domain::VolunteerId& volunteer, const std::string& hash) override;
  absl::StatusOr<std::optional<std::string>> GetPinHash(
      const domain::VolunteerId& volunteer) override;
  absl::Status CheckErasable(const domain::VolunteerId& id) override;
  absl::Status EraseVolunteer(const ProcessingEntry& line, const ForgottenIds& ids) override;
  absl::Status OverwriteForgotten() override { return database_.Scrub(); }
  absl::StatusOr<std::optional<base::Time>> ErasedAt(const domain::VolunteerId& id) override;
  absl::StatusOr<int32_t> CountPinFailure(const domain::KioskId& kiosk,
                                          const domain::VolunteerId& number, base::Time time,
                                          const PinFailureLimits& limits) override;
  absl::Status ForgetPinFailures(const domain::KioskId& kiosk,
                                 const domain::VolunteerId& number) override;
  absl::Status DeclareSiblings(const domain::VolunteerId& a, const domain::VolunteerId& b,
                               const std::string& recorder, base::Time time) override;
  absl::StatusOr<std::vector<domain::VolunteerId>> Siblings(
      const domain::VolunteerId& volunteer) override;
  absl::StatusOr<std::vector<std::pair<base::Uuid, base::Uuid>>> SiblingsOnRoster(
      const domain::SessionKey& session) override;
  absl::Status AddDuplicateOverride(const DuplicateOverride& override_record) override;
  absl::StatusOr<std::vector<DuplicateOverride>> DuplicateOverrides(
      const domain::VolunteerId& volunteer) override;

  absl::Status CreateActivity(const domain::Activity& activity) override;
  absl::StatusOr<domain::Activity> GetActivity(const domain::OrganisationId& organisation,
                                               const domain::ActivityId& id) override;
  absl::Status DescribeActivity(const domain::Activity& activity) override;
  absl::StatusOr<base::Page<domain::Activity>> ListActivities(
      const domain::OrganisationId& organisation, const base::PageRequest& page) override;
  absl::Status CloseActivity(const domain::OrganisationId& organisation,
                             const domain::ActivityId& id, base::Time time) override;
  absl::StatusOr<bool> HasNonPracticeActivity() override;
  absl::Status AddSession(const domain::Session& session) override;
  absl::StatusOr<domain::Session> GetSession(const domain::SessionKey& key) override;
  absl::StatusOr<base::Page<domain::Session>> ListSessions(
      const domain::OrganisationId& organisation, const domain::ActivityId& activity,
      const base::PageRequest& page) override;
  absl::StatusOr<base::Duration> ActivityLength(const domain::OrganisationId& organisation,
                                                const domain::ActivityId& activity) override;

  absl::StatusOr<RosterChange> AddRosterEntries(const domain::SessionKey& session,
                                                const std::vector<domain::RosterEntry>& entries,
                                                base::Time time) override;
  absl::Status RemoveRosterEntry(const domain::SessionKey& session,
                                 const domain::VolunteerId& volunteer) override;
  absl::StatusOr<std::vector<RosterMember>> Roster(const domain::SessionKey& session) override;
  absl::StatusOr<std::optional<domain::RosterEntry>> FindOnRoster(
      const domain::SessionKey& session, const domain::VolunteerId& volunteer) override;

  absl::Status AddIdentity(const Identity& identity,
                           const IdentityCertificate& certificate) override;
  absl::Status AddCertificate(const IdentityCertificate& certificate) override;
  absl::Status RevokeIdentity(const std::string& id, const std::string& by,
                              base::Time time) override;
  absl::StatusOr<Identity> GetIdentity(const std::string& id) override;
  absl::StatusOr<base::Page<Identity>> ListIdentities(const base::PageRequest& page) override;
  absl::StatusOr<std::vector<IdentityCertificate>> ListCertificates() override;
  absl::StatusOr<std::vector<IdentityCertificate>> Certificates(const std::string& id) override;

 private:
  storage::Database& database_;
};

// What several of the files need. All inside one operation.

// OK when it is there; else NotFound with the NO_SUCH_... reason.
absl::Status NeedOrganisation(storage::Connection& c, const domain::OrganisationId& id);
absl::Status NeedSite(storage::Connection& c, const domain::OrganisationId& organisation,
                      const domain::SiteId& site);
absl::Status NeedVolunteer(storage::Connection& c, const domain::VolunteerId& id);
// Volunteer::key and ::subject. InvalidArgument, reason BAD_VALUE.
absl::Status ValidateIds(const base::Uuid& key, const base::Uuid& subject);
// When whoever has, or had, the number was erased; nothing: she was not.
absl::StatusOr<std::optional<base::Time>> NeedNumber(storage::Connection& c,
                                                     const domain::VolunteerId& id);
// Of the processing log; of somebody erased, too.
absl::Status ValidateLine(const ProcessingEntry& entry);
absl::Status AddLine(storage::Connection& c, const ProcessingEntry& entry);
absl::StatusOr<domain::Activity> NeedActivity(storage::Connection& c,
                                              const domain::OrganisationId& organisation,
                                              const domain::ActivityId& id);
// FailedPrecondition, reason ACTIVITY_CLOSED, once it is closed.
absl::Status NeedOpenActivity(storage::Connection& c, const domain::OrganisationId& organisation,
                              const domain::ActivityId& id);
absl::StatusOr<domain::Session> NeedSession(storage::Connection& c, const domain::SessionKey& key);
// The columns item, form, reference, text_version, given, recorder, guardian, guardian_evidence and
// withdrawn, from `first` on.
domain::Consent ReadConsent(const storage::Rows& rows, int first);
// Her membership, or what is there already.
absl::Status Join(storage::Connection& c, const domain::OrganisationId& organisation,
                  const domain::VolunteerId& volunteer, base::Time joined);

}  // namespace rollcall::registry

#endif  // ROLLCALL_REGISTRY_SQL_REGISTRY_H_
