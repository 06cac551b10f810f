#include "registry/ban_cases.h"

#include <utility>

#include "registry/rows.h"
#include "registry/sql_registry.h"
#include "registry/sql_steps.h"

namespace rollcall::registry {
namespace {

using storage::Connection;
using storage::Rows;

const std::string kSelect =
    "SELECT b.id, b.organisation, b.volunteer, v.ledger_key, b.state, b.noticed, b.accusation,"
    " b.hearer, b.heard, b.appeared, b.statement, b.reason, b.decided, b.first_day, b.last_day"
    " FROM ban_case b JOIN volunteer v ON v.id = b.volunteer ";

StoredBanCase ReadCase(const Rows& rows) {
  StoredBanCase stored;
  stored.id = rows.Uuid(0);
  stored.organisation.value = rows.Text(1);
  stored.volunteer.value = rows.Text(2);
  hours::BanCase& ban = stored.ban;
  ban.accused = rows.Uuid(3);
  ban.state = static_cast<hours::BanState>(rows.Int64(4));
  ban.noticed = DayFrom(rows.Int64(5));
  ban.accusation = rows.Text(6);
  ban.hearer = rows.Uuid(7);
  ban.heard = DayFrom(rows.Int64(8));
  ban.appeared = rows.Int64(9) != 0;
  ban.statement = rows.Text(10);
  ban.reason = rows.Text(11);
  ban.decided = DayFrom(rows.Int64(12));
  ban.first_day = DayFrom(rows.Int64(13));
  ban.last_day = DayFrom(rows.Int64(14));
  return stored;
}

class SqlBanCases final : public BanCases {
 public:
  explicit SqlBanCases(storage::Database& database) : database_(database) {}

  absl::StatusOr<std::optional<StoredBanCase>> Answered(
      const domain::OrganisationId& organisation, const base::Uuid& request,
      const base::Sha256Digest& payload_hash) override {
    return database_.Read(
        [&](Connection& c) { return Earlier(c, organisation, request, payload_hash); });
  }

  absl::StatusOr<StoredBanCase> Open(const StoredBanCase& opened, ProcedureStep step) override {
    if (opened.id.IsNil()) return BadValue("a case has an id");
    return database_.Write([&](Connection& c) -> absl::StatusOr<StoredBanCase> {
      RETURN_IF_ERROR(NeedOrganisation(c, opened.organisation));
      ASSIGN_OR_RETURN(auto earlier,
                       Earlier(c, opened.organisation, step.request, step.payload_hash));
      if (earlier) return *std::move(earlier);
      RETURN_IF_ERROR(NeedVolunteer(c, opened.volunteer));
      const hours::BanCase& ban = opened.ban;
      RETURN_IF_ERROR(
          c.Execute("INSERT INTO ban_case (id, organisation, volunteer, state, noticed,"
                    " accusation, hearer, heard, appeared, statement, reason, decided, first_day,"
                    " last_day) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, '', '', 0, 0, 0)",
                    {opened.id, opened.organisation.value, opened.volunteer.value,
                     static_cast<int32_t>(ban.state), DayNumber(ban.noticed), ban.accusation,
                     base::Uuid()})
              .status());
      RETURN_IF_ERROR(InsertParts(c, opened.id, ban));
      step.state = static_cast<int32_t>(ban.state);
      RETURN_IF_ERROR(steps_.Append(c, opened.organisation, opened.id, step));
      return Need(c, opened.organisation, opened.id);
    });
  }

  absl::StatusOr<StoredBanCase> Step(const domain::OrganisationId& organisation,
                                     const base::Uuid& id, ProcedureStep step,
                                     const StepRule& rule) override {
    return database_.Write([&](Connection& c) -> absl::StatusOr<StoredBanCase> {
      ASSIGN_OR_RETURN(auto earlier, Earlier(c, organisation, step.request, step.payload_hash));
      if (earlier) return *std::move(earlier);
      ASSIGN_OR_RETURN(const StoredBanCase stored, Need(c, organisation, id));
      ASSIGN_OR_RETURN(const hours::BanCase next, rule(stored));
      RETURN_IF_ERROR(
          c.Execute("UPDATE ban_case SET state = $2, hearer = $3, heard = $4, appeared = $5,"
                    " statement = $6, reason = $7, decided = $8, first_day = $9, last_day = $10"
                    " WHERE id = $1",
                    {id, static_cast<int32_t>(next.state), next.hearer, DayNumber(next.heard),
                     next.appeared, next.statement, next.reason, DayNumber(next.decided),
                     DayNumber(next.first_day), DayNumber(next.last_day)})
              .status());
      step.state = static_cast<int32_t>(next.state);
      RETURN_IF_ERROR(steps_.Append(c, organisation, id, step));
      return Need(c, organisation, id);
    });
  }

  absl::StatusOr<StoredBanCase> Get(const domain::OrganisationId& organisation,
                                    const base::Uuid& id) override {
    return database_.Read([&](Connection& c) { return Need(c, organisation, id); });
  }

  absl::StatusOr<base::Page<StoredBanCase>> List(const domain::OrganisationId& organisation,
                                                 const domain::VolunteerId& volunteer,
                                                 const base::PageRequest& page) override {
    ASSIGN_OR_RETURN(const auto start, storage::ReadPage(page, 1));
    ASSIGN_OR_RETURN(const base::Uuid behind, PageStartsBehind(start));
    ASSIGN_OR_RETURN(
        auto found,
        database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<StoredBanCase>> {
          RETURN_IF_ERROR(NeedOrganisation(c, organisation));
          ASSIGN_OR_RETURN(
              auto list,
              ReadAll(c.Query(kSelect + "WHERE b.organisation = $1 AND b.id > $2"
                                        " AND ($3 = '' OR b.volunteer = $3)"
                                        " ORDER BY b.id LIMIT $4",
                              {organisation.value, behind, volunteer.value, start.size + 1}),
                      ReadCase));
          for (StoredBanCase& one : list) RETURN_IF_ERROR(AddParts(c, one));
          return list;
        }));
    return MakePage(std::move(found), start.size,
                    [](const StoredBanCase& one) { return std::vector{one.id.ToString()}; });
  }

  absl::StatusOr<std::vector<StoredBanCase>> Against(
      const domain::VolunteerId& volunteer) override {
    return database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<StoredBanCase>> {
      RETURN_IF_ERROR(NeedVolunteer(c, volunteer));
      ASSIGN_OR_RETURN(auto list, ReadAll(c.Query(kSelect + "WHERE b.volunteer = $1 ORDER BY b.id",
                                                  {volunteer.value}),
                                          ReadCase));
      for (StoredBanCase& one : list) RETURN_IF_ERROR(AddParts(c, one));
      return list;
    });
  }

 private:
  absl::StatusOr<std::optional<StoredBanCase>> Earlier(
      Connection& c, const domain::OrganisationId& organisation, const base::Uuid& request,
      const base::Sha256Digest& payload_hash) const {
    ASSIGN_OR_RETURN(const auto id, steps_.Answered(c, organisation, request, payload_hash));
    if (!id) return std::nullopt;
    ASSIGN_OR_RETURN(StoredBanCase stored, Need(c, organisation, *id));
    stored.replayed = true;
    return stored;
  }

  static absl::Status InsertParts(Connection& c, const base::Uuid& id, const hours::BanCase& ban) {
    int32_t number = 0;
    for (const std::string& reference : ban.evidence) {
      RETURN_IF_ERROR(c.Execute("INSERT INTO ban_evidence (ban, number, reference)"
                                " VALUES ($1, $2, $3)",
                                {id, ++number, reference})
                          .status());
    }
    for (const base::Uuid& person : ban.involved) {
      RETURN_IF_ERROR(
          c.Execute("INSERT INTO ban_involved (ban, person) VALUES ($1, $2)", {id, person})
              .status());
    }
    return absl::OkStatus();
  }

  // Evidence, who is involved, steps.
  absl::Status AddParts(Connection& c, StoredBanCase& stored) const {
    ASSIGN_OR_RETURN(
        stored.ban.evidence,
        ReadAll(c.Query("SELECT reference FROM ban_evidence WHERE ban = $1 ORDER BY number",
                        {stored.id}),
                [](const Rows& rows) { return rows.Text(0); }));
    ASSIGN_OR_RETURN(const auto involved,
                     ReadAll(c.Query("SELECT person FROM ban_involved WHERE ban = $1", {stored.id}),
                             [](const Rows& rows) { return rows.Uuid(0); }));
    stored.ban.involved = {involved.begin(), involved.end()};
    ASSIGN_OR_RETURN(stored.steps, steps_.Of(c, stored.id));
    return absl::OkStatus();
  }

  absl::StatusOr<StoredBanCase> Need(Connection& c, const domain::OrganisationId& organisation,
                                     const base::Uuid& id) const {
    ASSIGN_OR_RETURN(auto found,
                     ReadFirst(c.Query(kSelect + "WHERE b.id = $1 AND b.organisation = $2",
                                       {id, organisation.value}),
                               ReadCase));
    if (!found) return NoSuch("NO_SUCH_CASE", "ban case of this organisation");
    RETURN_IF_ERROR(AddParts(c, *found));
    return *std::move(found);
  }

  storage::Database& database_;
  const StepTable steps_{"ban_step"};
};

}  // namespace

std::unique_ptr<BanCases> MakeSqlBanCases(storage::Database& database) {
  return std::make_unique<SqlBanCases>(database);
}

}  // namespace rollcall::registry
