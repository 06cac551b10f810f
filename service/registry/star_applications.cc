#include "registry/star_applications.h"

#include <utility>

#include "registry/rows.h"
#include "registry/sql_registry.h"
#include "registry/sql_steps.h"

namespace rollcall::registry {
namespace {

using hours::ApplicationState;
using storage::Connection;
using storage::Rows;

const std::string kSelect =
    "SELECT a.id, a.organisation, a.volunteer, v.ledger_key, a.star, a.state, a.submitted,"
    " a.approver_level, a.reviewer, a.review_score, a.approver, a.notice_until, a.decided,"
    " a.refusal FROM star_application a JOIN volunteer v ON v.id = a.volunteer ";

StoredStarApplication ReadApplication(const Rows& rows) {
  StoredStarApplication stored;
  stored.id = rows.Uuid(0);
  stored.organisation.value = rows.Text(1);
  stored.volunteer.value = rows.Text(2);
  hours::StarApplication& application = stored.application;
  application.volunteer = rows.Uuid(3);
  application.star = static_cast<int32_t>(rows.Int64(4));
  application.state = static_cast<ApplicationState>(rows.Int64(5));
  application.submitted = DayFrom(rows.Int64(6));
  application.approver_level = static_cast<hours::Level>(rows.Int64(7));
  application.reviewer = rows.Uuid(8);
  application.review_score = static_cast<int32_t>(rows.Int64(9));
  application.approver = rows.Uuid(10);
  application.notice_until = DayFrom(rows.Int64(11));
  application.decided = DayFrom(rows.Int64(12));
  application.refusal = rows.Text(13);
  return stored;
}

absl::StatusOr<StarRecord> ReadRecord(Connection& c, const domain::VolunteerId& volunteer) {
  RETURN_IF_ERROR(NeedVolunteer(c, volunteer));
  StarRecord record;
  ASSIGN_OR_RETURN(
      const auto held,
      ReadFirst(c.Query("SELECT MAX(star) FROM star_application WHERE volunteer = $1"
                        " AND state = $2",
                        {volunteer.value, static_cast<int32_t>(ApplicationState::kGranted)}),
                [](const Rows& rows) { return rows.Int64(0); }));
  record.held = static_cast<int32_t>(held.value_or(0));
  ASSIGN_OR_RETURN(const auto open,
                   ReadFirst(c.Query("SELECT id FROM star_application WHERE volunteer = $1"
                                     " AND state IN (1, 2, 3)",
                                     {volunteer.value}),
                             [](const Rows& rows) { return rows.Uuid(0); }));
  record.open = open.value_or(base::Uuid());
  return record;
}

class SqlStarApplications final : public StarApplications {
 public:
  explicit SqlStarApplications(storage::Database& database) : database_(database) {}

  absl::StatusOr<StarRecord> RecordOf(const domain::VolunteerId& volunteer) override {
    return database_.Read([&](Connection& c) { return ReadRecord(c, volunteer); });
  }

  absl::StatusOr<std::optional<StoredStarApplication>> Answered(
      const domain::OrganisationId& organisation, const base::Uuid& request,
      const base::Sha256Digest& payload_hash) override {
    return database_.Read(
        [&](Connection& c) { return Earlier(c, organisation, request, payload_hash); });
  }

  absl::StatusOr<StoredStarApplication> Submit(const StoredStarApplication& subject,
                                               ProcedureStep step,
                                               const SubmitRule& rule) override {
    if (subject.id.IsNil()) return BadValue("an application has an id");
    return database_.Write([&](Connection& c) -> absl::StatusOr<StoredStarApplication> {
      RETURN_IF_ERROR(NeedOrganisation(c, subject.organisation));
      ASSIGN_OR_RETURN(auto earlier,
                       Earlier(c, subject.organisation, step.request, step.payload_hash));
      if (earlier) return *std::move(earlier);
      ASSIGN_OR_RETURN(const StarRecord record, ReadRecord(c, subject.volunteer));
      ASSIGN_OR_RETURN(const hours::StarApplication next, rule(record));
      if (!record.open.IsNil()) {
        return base::MakeError(absl::StatusCode::kFailedPrecondition, "APPLICATION_OPEN",
                               "another application is still open");
      }
      RETURN_IF_ERROR(
          c.Execute("INSERT INTO star_application (id, organisation, volunteer, star,"
                    " state, submitted, approver_level, reviewer, review_score,"
                    " approver, notice_until, decided, refusal)"
                    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $8, 0, 0, '')",
                    {subject.id, subject.organisation.value, subject.volunteer.value, next.star,
                     static_cast<int32_t>(next.state), DayNumber(next.submitted),
                     static_cast<int32_t>(next.approver_level), base::Uuid()})
              .status());
      step.state = static_cast<int32_t>(next.state);
      RETURN_IF_ERROR(steps_.Append(c, subject.organisation, subject.id, step));
      return Need(c, subject.organisation, subject.id);
    });
  }

  absl::StatusOr<StoredStarApplication> Step(const domain::OrganisationId& organisation,
                                             const base::Uuid& id, ProcedureStep step,
                                             const StepRule& rule) override {
    return database_.Write([&](Connection& c) -> absl::StatusOr<StoredStarApplication> {
      ASSIGN_OR_RETURN(auto earlier, Earlier(c, organisation, step.request, step.payload_hash));
      if (earlier) return *std::move(earlier);
      ASSIGN_OR_RETURN(const StoredStarApplication stored, Need(c, organisation, id));
      ASSIGN_OR_RETURN(const StarRecord record, ReadRecord(c, stored.volunteer));
      ASSIGN_OR_RETURN(const hours::StarApplication next, rule(stored, record));
      RETURN_IF_ERROR(
          c.Execute(
               "UPDATE star_application SET state = $2, reviewer = $3, review_score = $4,"
               " approver = $5, notice_until = $6, decided = $7, refusal = $8 WHERE id = $1",
               {id, static_cast<int32_t>(next.state), next.reviewer, next.review_score,
                next.approver, DayNumber(next.notice_until), DayNumber(next.decided), next.refusal})
              .status());
      step.state = static_cast<int32_t>(next.state);
      RETURN_IF_ERROR(steps_.Append(c, organisation, id, step));
      return Need(c, organisation, id);
    });
  }

  absl::StatusOr<StoredStarApplication> Get(const domain::OrganisationId& organisation,
                                            const base::Uuid& id) override {
    return database_.Read([&](Connection& c) { return Need(c, organisation, id); });
  }

  absl::StatusOr<base::Page<StoredStarApplication>> List(const Filter& filter,
                                                         const base::PageRequest& page) override {
    ASSIGN_OR_RETURN(const auto start, storage::ReadPage(page, 1));
    ASSIGN_OR_RETURN(const base::Uuid behind, PageStartsBehind(start));
    ASSIGN_OR_RETURN(
        auto found,
        database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<StoredStarApplication>> {
          RETURN_IF_ERROR(NeedOrganisation(c, filter.organisation));
          ASSIGN_OR_RETURN(
              auto list,
              ReadAll(
                  c.Query(kSelect + "WHERE a.organisation = $1 AND a.id > $2"
                                    " AND ($3 = '' OR a.volunteer = $3)"
                                    " AND ($4 = 0 OR a.state = $4) ORDER BY a.id LIMIT $5",
                          {filter.organisation.value, behind, filter.volunteer.value,
                           filter.state ? static_cast<int32_t>(*filter.state) : 0, start.size + 1}),
                  ReadApplication));
          for (StoredStarApplication& one : list) {
            ASSIGN_OR_RETURN(one.steps, steps_.Of(c, one.id));
          }
          return list;
        }));
    return MakePage(std::move(found), start.size, [](const StoredStarApplication& one) {
      return std::vector{one.id.ToString()};
    });
  }

  absl::StatusOr<int64_t> CountOf(const domain::VolunteerId& volunteer) override {
    return database_.Read([&](Connection& c) -> absl::StatusOr<int64_t> {
      RETURN_IF_ERROR(NeedVolunteer(c, volunteer));
      ASSIGN_OR_RETURN(const auto count, ReadFirst(c.Query("SELECT COUNT(*) FROM star_application"
                                                           " WHERE volunteer = $1",
                                                           {volunteer.value}),
                                                   [](const Rows& rows) { return rows.Int64(0); }));
      return count.value_or(0);
    });
  }

  absl::StatusOr<std::optional<hours::Level>> ApproverLevel(
      const domain::OrganisationId& organisation) override {
    ASSIGN_OR_RETURN(const auto changes, ApproverLevels(organisation));
    return changes.empty() ? std::nullopt : changes.back().level;
  }

  absl::Status SetApproverLevel(const domain::OrganisationId& organisation,
                                const ApproverLevelChange& change) override {
    RETURN_IF_ERROR(ValidateOptionalText(change.recorder, "recorder"));
    return database_.Write([&](Connection& c) -> absl::Status {
      RETURN_IF_ERROR(NeedOrganisation(c, organisation));
      return c
          .Execute(
              "INSERT INTO star_approver_level (organisation, number, level, time, recorder)"
              " SELECT $1, COUNT(*) + 1, $2, $3, $4 FROM star_approver_level"
              " WHERE organisation = $1",
              {organisation.value, change.level ? static_cast<int32_t>(*change.level) : 0,
               change.time, change.recorder})
          .status();
    });
  }

  absl::StatusOr<std::vector<ApproverLevelChange>> ApproverLevels(
      const domain::OrganisationId& organisation) override {
    return database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<ApproverLevelChange>> {
      RETURN_IF_ERROR(NeedOrganisation(c, organisation));
      return ReadAll(c.Query("SELECT level, time, recorder FROM star_approver_level"
                             " WHERE organisation = $1 ORDER BY number",
                             {organisation.value}),
                     [](const Rows& rows) {
                       ApproverLevelChange change;
                       if (rows.Int64(0) != 0)
                         change.level = static_cast<hours::Level>(rows.Int64(0));
                       change.time = rows.Time(1);
                       change.recorder = rows.Text(2);
                       return change;
                     });
    });
  }

 private:
  absl::StatusOr<std::optional<StoredStarApplication>> Earlier(
      Connection& c, const domain::OrganisationId& organisation, const base::Uuid& request,
      const base::Sha256Digest& payload_hash) const {
    ASSIGN_OR_RETURN(const auto id, steps_.Answered(c, organisation, request, payload_hash));
    if (!id) return std::nullopt;
    ASSIGN_OR_RETURN(StoredStarApplication stored, Need(c, organisation, *id));
    stored.replayed = true;
    return stored;
  }

  absl::StatusOr<StoredStarApplication> Need(Connection& c,
                                             const domain::OrganisationId& organisation,
                                             const base::Uuid& id) const {
    ASSIGN_OR_RETURN(auto found,
                     ReadFirst(c.Query(kSelect + "WHERE a.id = $1 AND a.organisation = $2",
                                       {id, organisation.value}),
                               ReadApplication));
    if (!found) return NoSuch("NO_SUCH_APPLICATION", "star application of this organisation");
    ASSIGN_OR_RETURN(found->steps, steps_.Of(c, id));
    return *std::move(found);
  }

  storage::Database& database_;
  const StepTable steps_{"star_step"};
};

}  // namespace

std::unique_ptr<StarApplications> MakeSqlStarApplications(storage::Database& database) {
  return std::make_unique<SqlStarApplications>(database);
}

}  // namespace rollcall::registry
