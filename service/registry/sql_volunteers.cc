#include <algorithm>
#include <string>

#include "registry/rows.h"
#include "registry/sql_registry.h"

namespace rollcall::registry {
namespace {

using storage::Connection;
using storage::Rows;

constexpr size_t kMaxReason = 400;
constexpr size_t kMaxPinHash = 256;

const std::string kSelect =
    "SELECT v.id, v.ledger_key, v.subject, v.name, v.age_band, v.created FROM ";

domain::Volunteer ReadVolunteer(const Rows& rows) {
  domain::Volunteer volunteer;
  volunteer.id.value = rows.Text(0);
  volunteer.key = rows.Uuid(1);
  volunteer.subject = rows.Uuid(2);
  volunteer.name = rows.Text(3);
  volunteer.age_band = static_cast<domain::AgeBand>(rows.Int64(4));
  volunteer.created = rows.Time(5);
  return volunteer;
}

absl::StatusOr<domain::Volunteer> FindVolunteer(Connection& c, const char* where,
                                                const storage::Value& value) {
  ASSIGN_OR_RETURN(auto found,
                   ReadFirst(c.Query(kSelect + "volunteer v WHERE v.erased IS NULL AND " + where,
                                     {value}),
                             ReadVolunteer));
  if (found) return *std::move(found);
  return NoSuch("NO_SUCH_VOLUNTEER", "volunteer");
}

absl::Status ValidateVolunteer(const domain::Volunteer& volunteer) {
  RETURN_IF_ERROR(domain::ValidateVolunteerId(volunteer.id.value));
  RETURN_IF_ERROR(base::ValidateDisplayText(volunteer.name, "name", kMaxName));
  RETURN_IF_ERROR(ValidateIds(volunteer.key, volunteer.subject));
  if (volunteer.age_band < domain::AgeBand::kUnspecified ||
      volunteer.age_band > domain::AgeBand::kUnder14) {
    return BadValue("unknown age band");
  }
  return absl::OkStatus();
}

absl::Status ValidateConsentFields(const domain::Consent& consent) {
  if (consent.item < domain::ConsentItem::kRecognition ||
      consent.item > domain::ConsentItem::kNetworkTransfer) {
    return BadValue("unknown consent item");
  }
  if (consent.form != domain::ConsentForm::kSignedScreen &&
      consent.form != domain::ConsentForm::kPaper) {
    return BadValue("unknown form of consent");
  }
  RETURN_IF_ERROR(ValidateOptionalText(consent.recorder, "recorder"));
  RETURN_IF_ERROR(ValidateOptionalText(consent.guardian, "guardian"));
  return ValidateOptionalText(consent.guardian_evidence, "guardian evidence");
}

}  // namespace

absl::Status ValidateIds(const base::Uuid& key, const base::Uuid& subject) {
  if (!key.IsNil() && !subject.IsNil() && key != subject) return absl::OkStatus();
  return BadValue("key and subject must be random ids that differ");
}

domain::Consent ReadConsent(const Rows& rows, int first) {
  domain::Consent consent;
  consent.item = static_cast<domain::ConsentItem>(rows.Int64(first));
  consent.form = static_cast<domain::ConsentForm>(rows.Int64(first + 1));
  consent.reference = rows.Text(first + 2);
  consent.text_version = rows.Text(first + 3);
  consent.given = rows.Time(first + 4);
  consent.recorder = rows.Text(first + 5);
  consent.guardian = rows.Text(first + 6);
  consent.guardian_evidence = rows.Text(first + 7);
  consent.withdrawn = OptionalTime(rows, first + 8);
  return consent;
}

absl::Status NeedVolunteer(Connection& c, const domain::VolunteerId& id) {
  return FindVolunteer(c, "v.id = $1", id.value).status();
}

absl::Status Join(Connection& c, const domain::OrganisationId& organisation,
                  const domain::VolunteerId& volunteer, base::Time joined) {
  return c
      .Execute("INSERT INTO membership (organisation, volunteer, joined) VALUES ($1, $2, $3)"
               " ON CONFLICT (organisation, volunteer) DO NOTHING",
               {organisation.value, volunteer.value, joined})
      .status();
}

absl::Status SqlRegistry::CreateVolunteer(const domain::Volunteer& volunteer) {
  RETURN_IF_ERROR(ValidateVolunteer(volunteer));
  return database_.Write([&](Connection& c) {
    return Inserted(
        c.Execute("INSERT INTO volunteer (id, ledger_key, subject, name, age_band, created)"
                  " VALUES ($1, $2, $3, $4, $5, $6)",
                  {volunteer.id.value, volunteer.key, volunteer.subject, volunteer.name,
                   static_cast<int32_t>(volunteer.age_band), volunteer.created}),
        "VOLUNTEER_EXISTS", "there is a volunteer with this id already");
  });
}

absl::StatusOr<domain::Volunteer> SqlRegistry::GetVolunteer(const domain::VolunteerId& id) {
  return database_.Read([&](Connection& c) { return FindVolunteer(c, "v.id = $1", id.value); });
}

absl::StatusOr<domain::Volunteer> SqlRegistry::GetVolunteerByKey(const base::Uuid& key) {
  return database_.Read([&](Connection& c) { return FindVolunteer(c, "v.ledger_key = $1", key); });
}

absl::StatusOr<domain::Volunteer> SqlRegistry::GetVolunteerBySubject(const base::Uuid& subject) {
  return database_.Read([&](Connection& c) { return FindVolunteer(c, "v.subject = $1", subject); });
}

absl::StatusOr<base::Page<domain::Volunteer>> SqlRegistry::ListVolunteers(
    const domain::OrganisationId& organisation, const base::PageRequest& page) {
  ASSIGN_OR_RETURN(const auto start, storage::ReadPage(page, 1));
  ASSIGN_OR_RETURN(
      auto found,
      database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<domain::Volunteer>> {
        if (organisation.empty()) {
          return ReadAll(c.Query(kSelect + "volunteer v WHERE v.id > $1 AND v.erased IS NULL"
                                         " ORDER BY v.id LIMIT $2",
                                 {start.after[0], start.size + 1}),
                         ReadVolunteer);
        }
        RETURN_IF_ERROR(NeedOrganisation(c, organisation));
        return ReadAll(c.Query(kSelect + "membership m JOIN volunteer v ON v.id = m.volunteer"
                                         " WHERE m.organisation = $1 AND m.volunteer > $2"
                                         " AND v.erased IS NULL ORDER BY m.volunteer LIMIT $3",
                               {organisation.value, start.after[0], start.size + 1}),
                       ReadVolunteer);
      }));
  return MakePage(std::move(found), start.size,
                  [](const domain::Volunteer& v) { return std::vector{v.id.value}; });
}

absl::Status SqlRegistry::JoinOrganisation(const domain::VolunteerId& volunteer,
                                           const domain::OrganisationId& organisation,
                                           base::Time joined) {
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NeedVolunteer(c, volunteer));
    RETURN_IF_ERROR(NeedOrganisation(c, organisation));
    return Join(c, organisation, volunteer, joined);
  });
}

absl::StatusOr<std::vector<domain::OrganisationId>> SqlRegistry::Organisations(
    const domain::VolunteerId& volunteer) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<domain::OrganisationId>> {
    RETURN_IF_ERROR(NeedNumber(c, volunteer).status());
    return ReadAll(c.Query("SELECT organisation FROM membership WHERE volunteer = $1"
                           " ORDER BY organisation",
                           {volunteer.value}),
                   [](const Rows& rows) { return domain::OrganisationId(rows.Text(0)); });
  });
}

absl::Status SqlRegistry::AddConsent(const domain::VolunteerId& volunteer,
                                     const domain::Consent& consent) {
  RETURN_IF_ERROR(ValidateConsentFields(consent));
  return database_.Write([&](Connection& c) -> absl::Status {
    ASSIGN_OR_RETURN(const auto person, FindVolunteer(c, "v.id = $1", volunteer.value));
    RETURN_IF_ERROR(domain::ValidateConsent(consent, person.age_band));
    return c
        .Execute("INSERT INTO consent (volunteer, number, item, form, reference, text_version,"
                 " given, recorder, guardian, guardian_evidence, withdrawn)"
                 " SELECT $1, COUNT(*) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10"
                 " FROM consent WHERE volunteer = $1",
                 {volunteer.value, static_cast<int32_t>(consent.item),
                  static_cast<int32_t>(consent.form), consent.reference, consent.text_version,
                  consent.given, consent.recorder, consent.guardian, consent.guardian_evidence,
                  OrNull(consent.withdrawn)})
        .status();
  });
}

absl::StatusOr<int32_t> SqlRegistry::WithdrawConsent(const domain::VolunteerId& volunteer,
                                                     domain::ConsentItem item, base::Time time) {
  return database_.Write([&](Connection& c) -> absl::StatusOr<int32_t> {
    RETURN_IF_ERROR(NeedVolunteer(c, volunteer));
    ASSIGN_OR_RETURN(const int64_t changed,
                     c.Execute("UPDATE consent SET withdrawn = $3 WHERE volunteer = $1"
                               " AND item = $2 AND withdrawn IS NULL",
                               {volunteer.value, static_cast<int32_t>(item), time}));
    return static_cast<int32_t>(changed);
  });
}

absl::StatusOr<std::vector<domain::Consent>> SqlRegistry::Consents(
    const domain::VolunteerId& volunteer) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<domain::Consent>> {
    RETURN_IF_ERROR(NeedVolunteer(c, volunteer));
    return ReadAll(c.Query("SELECT item, form, reference, text_version, given, recorder, guardian,"
                           " guardian_evidence, withdrawn FROM consent WHERE volunteer = $1"
                           " ORDER BY number",
                           {volunteer.value}),
                   [](const Rows& rows) { return ReadConsent(rows, 0); });
  });
}

absl::Status SqlRegistry::SetPinHash(const domain::VolunteerId& volunteer,
                                     const std::string& hash) {
  if (hash.empty() || hash.size() > kMaxPinHash) return BadValue("not a PIN hash");
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NeedVolunteer(c, volunteer));
    return c
        .Execute("UPDATE volunteer SET pin_hash = $2 WHERE id = $1", {volunteer.value, hash})
        .status();
  });
}

absl::StatusOr<std::optional<std::string>> SqlRegistry::GetPinHash(
    const domain::VolunteerId& volunteer) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<std::optional<std::string>> {
    RETURN_IF_ERROR(NeedVolunteer(c, volunteer));
    return ReadFirst(c.Query("SELECT pin_hash FROM volunteer WHERE id = $1"
                             " AND pin_hash IS NOT NULL",
                             {volunteer.value}),
                     [](const Rows& rows) { return rows.Text(0); });
  });
}

absl::Status SqlRegistry::DeclareSiblings(const domain::VolunteerId& a,
                                          const domain::VolunteerId& b,
                                          const std::string& recorder, base::Time time) {
  if (a == b) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "SAME_VOLUNTEER",
                           "somebody cannot be her own sibling");
  }
  RETURN_IF_ERROR(ValidateOptionalText(recorder, "recorder"));
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NeedVolunteer(c, a));
    RETURN_IF_ERROR(NeedVolunteer(c, b));
    return c
        .Execute("INSERT INTO sibling (a, b, recorder, declared) VALUES ($1, $2, $3, $4)"
                 " ON CONFLICT (a, b) DO NOTHING",
                 {std::min(a, b).value, std::max(a, b).value, recorder, time})
        .status();
  });
}

absl::StatusOr<std::vector<domain::VolunteerId>> SqlRegistry::Siblings(
    const domain::VolunteerId& volunteer) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<domain::VolunteerId>> {
    RETURN_IF_ERROR(NeedVolunteer(c, volunteer));
    return ReadAll(c.Query("SELECT b FROM sibling WHERE a = $1 UNION"
                           " SELECT a FROM sibling WHERE b = $1 ORDER BY 1",
                           {volunteer.value}),
                   [](const Rows& rows) { return domain::VolunteerId(rows.Text(0)); });
  });
}

absl::Status SqlRegistry::AddDuplicateOverride(const DuplicateOverride& override_record) {
  RETURN_IF_ERROR(base::ValidateDisplayText(override_record.reason, "reason", kMaxReason));
  RETURN_IF_ERROR(ValidateOptionalText(override_record.recorder, "recorder"));
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NeedVolunteer(c, override_record.volunteer));
    RETURN_IF_ERROR(NeedVolunteer(c, override_record.resembles));
    return c
        .Execute("INSERT INTO duplicate_override"
                 " (volunteer, number, resembles, reason, recorder, recorded)"
                 " SELECT $1, COUNT(*) + 1, $2, $3, $4, $5 FROM duplicate_override"
                 " WHERE volunteer = $1",
                 {override_record.volunteer.value, override_record.resembles.value,
                  override_record.reason, override_record.recorder, override_record.time})
        .status();
  });
}

absl::StatusOr<std::vector<DuplicateOverride>> SqlRegistry::DuplicateOverrides(
    const domain::VolunteerId& volunteer) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<DuplicateOverride>> {
    RETURN_IF_ERROR(NeedVolunteer(c, volunteer));
    return ReadAll(c.Query("SELECT resembles, reason, recorder, recorded FROM duplicate_override"
                           " WHERE volunteer = $1 ORDER BY number",
                           {volunteer.value}),
                   [&volunteer](const Rows& rows) {
                     return DuplicateOverride{volunteer, domain::VolunteerId(rows.Text(0)),
                                              rows.Text(1), rows.Text(2), rows.Time(3)};
                   });
  });
}

}  // namespace rollcall::registry
