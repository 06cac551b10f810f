#include "registry/rows.h"
#include "registry/sql_registry.h"

namespace rollcall::registry {
namespace {

using storage::Connection;
using storage::Rows;

domain::Organisation ReadOrganisation(const Rows& rows) {
  domain::Organisation organisation;
  organisation.id.value = rows.Text(0);
  organisation.name = rows.Text(1);
  organisation.level = static_cast<domain::OrganisationLevel>(rows.Int64(2));
  organisation.parent.value = rows.Text(3);
  organisation.created = rows.Time(4);
  return organisation;
}

absl::StatusOr<domain::Organisation> FindOrganisation(Connection& c,
                                                      const domain::OrganisationId& id) {
  ASSIGN_OR_RETURN(auto found, ReadFirst(c.Query("SELECT id, name, level, parent, created"
                                                 " FROM organisation WHERE id = $1",
                                                 {id.value}),
                                         ReadOrganisation));
  if (found) return *std::move(found);
  return NoSuch("NO_SUCH_ORGANISATION", "organisation");
}

domain::PolicyChoice ReadChoice(const Rows& rows, const domain::OrganisationId& id) {
  return {id, rows.Text(0), rows.Text(1), rows.Time(2), rows.Text(3)};
}

// Walks up from `id`. The tree has no cycle: Move refuses them.
absl::StatusOr<bool> Within(Connection& c, domain::OrganisationId id,
                            const domain::OrganisationId& ancestor) {
  while (!id.empty()) {
    if (id == ancestor) return true;
    ASSIGN_OR_RETURN(const auto organisation, FindOrganisation(c, id));
    id = organisation.parent;
  }
  return false;
}

// What the organisation itself chose last.
absl::StatusOr<std::optional<domain::PolicyChoice>> LastChoice(Connection& c,
                                                               const domain::OrganisationId& id) {
  return ReadFirst(c.Query("SELECT previous, label, chosen, recorder FROM policy_choice"
                           " WHERE organisation = $1 ORDER BY number DESC LIMIT 1",
                           {id.value}),
                   [&id](const Rows& rows) { return ReadChoice(rows, id); });
}

absl::Status ValidateOrganisation(const domain::Organisation& organisation) {
  RETURN_IF_ERROR(base::ValidateId(organisation.id.value, "organisation id"));
  RETURN_IF_ERROR(base::ValidateDisplayText(organisation.name, "organisation name", kMaxName));
  if (organisation.level < domain::OrganisationLevel::kCountyCentre ||
      organisation.level > domain::OrganisationLevel::kAssociation) {
    return BadValue("unknown organisation level");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status NeedOrganisation(Connection& c, const domain::OrganisationId& id) {
  return FindOrganisation(c, id).status();
}

absl::Status NeedSite(Connection& c, const domain::OrganisationId& organisation,
                      const domain::SiteId& site) {
  ASSIGN_OR_RETURN(const auto found,
                   ReadFirst(c.Query("SELECT 1 FROM site WHERE organisation = $1 AND id = $2",
                                     {organisation.value, site.value}),
                             [](const Rows&) { return true; }));
  return found ? absl::OkStatus() : NoSuch("NO_SUCH_SITE", "site");
}

absl::Status SqlRegistry::CreateOrganisation(const domain::Organisation& organisation) {
  RETURN_IF_ERROR(ValidateOrganisation(organisation));
  return database_.Write([&](Connection& c) -> absl::Status {
    if (!organisation.parent.empty()) RETURN_IF_ERROR(NeedOrganisation(c, organisation.parent));
    return Inserted(
        c.Execute("INSERT INTO organisation (id, name, level, parent, created)"
                  " VALUES ($1, $2, $3, $4, $5)",
                  {organisation.id.value, organisation.name,
                   static_cast<int32_t>(organisation.level), OrNull(organisation.parent.value),
                   organisation.created}),
        "ORGANISATION_EXISTS", "there is an organisation with this id already");
  });
}

absl::StatusOr<domain::Organisation> SqlRegistry::GetOrganisation(
    const domain::OrganisationId& id) {
  return database_.Read([&](Connection& c) { return FindOrganisation(c, id); });
}

absl::StatusOr<base::Page<domain::Organisation>> SqlRegistry::ListOrganisations(
    const base::PageRequest& page) {
  ASSIGN_OR_RETURN(const auto start, storage::ReadPage(page, 1));
  ASSIGN_OR_RETURN(auto found, database_.Read([&](Connection& c) {
    return ReadAll(c.Query("SELECT id, name, level, parent, created FROM organisation"
                           " WHERE id > $1 ORDER BY id LIMIT $2",
                           {start.after[0], start.size + 1}),
                   ReadOrganisation);
  }));
  return MakePage(std::move(found), start.size, [](const domain::Organisation& organisation) {
    return std::vector{organisation.id.value};
  });
}

absl::Status SqlRegistry::MoveOrganisation(const domain::OrganisationMove& move) {
  RETURN_IF_ERROR(ValidateOptionalText(move.recorder, "recorder"));
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NeedOrganisation(c, move.organisation));
    ASSIGN_OR_RETURN(const bool cycle, Within(c, move.parent, move.organisation));
    if (cycle) {
      return base::MakeError(absl::StatusCode::kFailedPrecondition, "ORGANISATION_CYCLE",
                             "an organisation cannot be moved below itself");
    }
    RETURN_IF_ERROR(c.Execute("UPDATE organisation SET parent = $2 WHERE id = $1",
                              {move.organisation.value, OrNull(move.parent.value)})
                        .status());
    return c
        .Execute("INSERT INTO organisation_move (organisation, number, parent, moved, recorder)"
                 " SELECT $1, COUNT(*) + 1, $2, $3, $4 FROM organisation_move"
                 " WHERE organisation = $1",
                 {move.organisation.value, OrNull(move.parent.value), move.moved, move.recorder})
        .status();
  });
}

absl::StatusOr<std::vector<domain::OrganisationMove>> SqlRegistry::OrganisationMoves(
    const domain::OrganisationId& id) {
  return database_.Read([&](Connection& c)
                            -> absl::StatusOr<std::vector<domain::OrganisationMove>> {
    RETURN_IF_ERROR(NeedOrganisation(c, id));
    return ReadAll(c.Query("SELECT parent, moved, recorder FROM organisation_move"
                           " WHERE organisation = $1 ORDER BY number",
                           {id.value}),
                   [&id](const Rows& rows) {
                     return domain::OrganisationMove{id, domain::OrganisationId(rows.Text(0)),
                                                     rows.Time(1), rows.Text(2)};
                   });
  });
}

absl::StatusOr<bool> SqlRegistry::IsWithin(const domain::OrganisationId& organisation,
                                           const domain::OrganisationId& ancestor) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<bool> {
    RETURN_IF_ERROR(NeedOrganisation(c, organisation));
    RETURN_IF_ERROR(NeedOrganisation(c, ancestor));
    return Within(c, organisation, ancestor);
  });
}

absl::Status SqlRegistry::ChoosePolicy(const domain::PolicyChoice& choice) {
  RETURN_IF_ERROR(ValidateOptionalText(choice.recorder, "recorder"));
  if (!choice.label.empty()) RETURN_IF_ERROR(domain::ValidatePolicyLabel(choice.label));
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NeedOrganisation(c, choice.organisation));
    ASSIGN_OR_RETURN(const auto last, LastChoice(c, choice.organisation));
    const std::string previous = last ? last->label : "";
    if (previous == choice.label) return absl::OkStatus();
    return c
        .Execute("INSERT INTO policy_choice"
                 " (organisation, number, previous, label, chosen, recorder)"
                 " SELECT $1, COUNT(*) + 1, $2, $3, $4, $5 FROM policy_choice"
                 " WHERE organisation = $1",
                 {choice.organisation.value, OrNull(previous), OrNull(choice.label), choice.chosen,
                  choice.recorder})
        .status();
  });
}

absl::StatusOr<std::vector<domain::PolicyChoice>> SqlRegistry::PolicyChoices(
    const domain::OrganisationId& id) {
  return database_.Read(
      [&](Connection& c) -> absl::StatusOr<std::vector<domain::PolicyChoice>> {
        RETURN_IF_ERROR(NeedOrganisation(c, id));
        return ReadAll(c.Query("SELECT previous, label, chosen, recorder FROM policy_choice"
                               " WHERE organisation = $1 ORDER BY number",
                               {id.value}),
                       [&id](const Rows& rows) { return ReadChoice(rows, id); });
      });
}

absl::StatusOr<std::optional<domain::PolicyChoice>> SqlRegistry::PolicyChoiceFor(
    const domain::OrganisationId& id) {
  return database_.Read(
      [&](Connection& c) -> absl::StatusOr<std::optional<domain::PolicyChoice>> {
        domain::OrganisationId each = id;
        do {
          ASSIGN_OR_RETURN(const auto organisation, FindOrganisation(c, each));
          ASSIGN_OR_RETURN(auto choice, LastChoice(c, each));
          if (choice && !choice->label.empty()) return choice;
          each = organisation.parent;
        } while (!each.empty());
        return std::optional<domain::PolicyChoice>();
      });
}

absl::Status SqlRegistry::PutSite(const Site& site) {
  RETURN_IF_ERROR(base::ValidateId(site.id.value, "site id"));
  RETURN_IF_ERROR(base::ValidateDisplayText(site.name, "site name", kMaxName));
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NeedOrganisation(c, site.organisation));
    return c
        .Execute("INSERT INTO site (organisation, id, name, calibrated) VALUES ($1, $2, $3, $4)"
                 " ON CONFLICT (organisation, id) DO UPDATE SET name = excluded.name,"
                 " calibrated = excluded.calibrated",
                 {site.organisation.value, site.id.value, site.name, site.calibrated})
        .status();
  });
}

absl::StatusOr<Site> SqlRegistry::GetSite(const domain::OrganisationId& organisation,
                                          const domain::SiteId& id) {
  ASSIGN_OR_RETURN(auto found, database_.Read([&](Connection& c) {
    return ReadFirst(c.Query("SELECT name, calibrated FROM site"
                             " WHERE organisation = $1 AND id = $2",
                             {organisation.value, id.value}),
                     [&](const Rows& rows) {
                       return Site{organisation, id, rows.Text(0), rows.Int64(1) != 0};
                     });
  }));
  if (found) return *std::move(found);
  return NoSuch("NO_SUCH_SITE", "site");
}

absl::Status SqlRegistry::PutKiosk(const Kiosk& kiosk) {
  RETURN_IF_ERROR(base::ValidateId(kiosk.id.value, "kiosk id"));
  RETURN_IF_ERROR(base::ValidateDisplayText(kiosk.name, "kiosk name", kMaxName));
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NeedSite(c, kiosk.organisation, kiosk.site));
    return c
        .Execute("INSERT INTO kiosk (organisation, site, id, name) VALUES ($1, $2, $3, $4)"
                 " ON CONFLICT (organisation, site, id) DO UPDATE SET name = excluded.name",
                 {kiosk.organisation.value, kiosk.site.value, kiosk.id.value, kiosk.name})
        .status();
  });
}

absl::StatusOr<Kiosk> SqlRegistry::GetKiosk(const domain::OrganisationId& organisation,
                                            const domain::SiteId& site,
                                            const domain::KioskId& id) {
  ASSIGN_OR_RETURN(auto found, database_.Read([&](Connection& c) {
    return ReadFirst(
        c.Query("SELECT name FROM kiosk WHERE organisation = $1 AND site = $2 AND id = $3",
                {organisation.value, site.value, id.value}),
        [&](const Rows& rows) { return Kiosk{organisation, site, id, rows.Text(0)}; });
  }));
  if (found) return *std::move(found);
  return NoSuch("NO_SUCH_KIOSK", "kiosk");
}

}  // namespace rollcall::registry
