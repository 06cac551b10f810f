#include <bit>

#include "domain/face_policy.h"
#include "registry/rows.h"
#include "registry/sql_registry.h"

namespace rollcall::registry {

using storage::Connection;
using storage::Rows;

absl::Status AddLine(Connection& c, const ProcessingEntry& entry) {
  RETURN_IF_ERROR(NeedNumber(c, entry.volunteer).status());
  return c
      .Execute("INSERT INTO processing (volunteer, time, kind, actor, detail)"
               " VALUES ($1, $2, $3, $4, $5)",
               {entry.volunteer.value, entry.time, static_cast<int32_t>(entry.kind), entry.actor,
                entry.detail})
      .status();
}

absl::Status ValidateLine(const ProcessingEntry& entry) {
  if (entry.kind < ProcessingKind::kEnrolment || entry.kind > ProcessingKind::kPersonErased) {
    return BadValue("unknown kind of processing");
  }
  RETURN_IF_ERROR(base::ValidateDisplayText(entry.actor, "actor", kMaxName));
  return ValidateOptionalText(entry.detail, "detail");
}

absl::StatusOr<std::vector<Registry::RosterConsent>> SqlRegistry::RosterConsents(
    const domain::SessionKey& session, domain::ConsentItem item) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<RosterConsent>> {
    RETURN_IF_ERROR(NeedSession(c, session).status());
    return ReadAll(
        c.Query("SELECT v.subject, v.age_band, o.item, o.form, o.reference, o.text_version, o.given,"
                " o.recorder, o.guardian, o.guardian_evidence, o.withdrawn"
                " FROM roster r JOIN volunteer v ON v.id = r.volunteer"
                " JOIN consent o ON o.volunteer = r.volunteer"
                " WHERE r.organisation = $1 AND r.activity = $2 AND r.session = $3"
                " AND o.item = $4 AND o.withdrawn IS NULL ORDER BY r.volunteer, o.number",
                {session.organisation.value, session.activity.value, session.session.value,
                 static_cast<int32_t>(item)}),
        [](const Rows& rows) {
          return RosterConsent{rows.Uuid(0), static_cast<domain::AgeBand>(rows.Int64(1)),
                               ReadConsent(rows, 2)};
        });
  });
}

absl::Status SqlRegistry::AddProcessing(const std::vector<ProcessingEntry>& entries) {
  for (const ProcessingEntry& entry : entries) RETURN_IF_ERROR(ValidateLine(entry));
  return database_.Write([&](Connection& c) -> absl::Status {
    for (const ProcessingEntry& entry : entries) RETURN_IF_ERROR(AddLine(c, entry));
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<ProcessingEntry>> SqlRegistry::Processing(
    const domain::VolunteerId& volunteer) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<std::vector<ProcessingEntry>> {
    RETURN_IF_ERROR(NeedNumber(c, volunteer).status());
    return ReadAll(c.Query("SELECT time, kind, actor, detail FROM processing WHERE volunteer = $1"
                           " ORDER BY number",
                           {volunteer.value}),
                   [&volunteer](const Rows& rows) {
                     return ProcessingEntry{volunteer, rows.Time(0),
                                            static_cast<ProcessingKind>(rows.Int64(1)),
                                            rows.Text(2), rows.Text(3)};
                   });
  });
}

absl::StatusOr<int64_t> SqlRegistry::PruneProcessing(base::Time now) {
  return database_.Write([&](Connection& c) {
    return c.Execute("DELETE FROM processing WHERE time < $1", {now - kProcessingKept});
  });
}

absl::Status SqlRegistry::PutFaceRecord(const FaceRecord& record) {
  RETURN_IF_ERROR(ValidateOptionalText(record.model_id, "model id"));
  RETURN_IF_ERROR(ValidateOptionalText(record.notice_version, "notice version"));
  if (record.photos < 0) return BadValue("a number of photos is not negative");
  return database_.Write([&](Connection& c) -> absl::Status {
    RETURN_IF_ERROR(NeedVolunteer(c, record.volunteer));
    return c
        .Execute("INSERT INTO face_record (volunteer, enrolled, model_id, photos, notice_version)"
                 " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (volunteer) DO UPDATE SET"
                 " enrolled = $2, model_id = $3, photos = $4, notice_version = $5,"
                 " recent_matches = 0, last_match = 0",
                 {record.volunteer.value, record.enrolled, record.model_id, record.photos,
                  record.notice_version})
        .status();
  });
}

absl::StatusOr<std::optional<FaceRecord>> SqlRegistry::GetFaceRecord(
    const domain::VolunteerId& volunteer) {
  return database_.Read([&](Connection& c) -> absl::StatusOr<std::optional<FaceRecord>> {
    RETURN_IF_ERROR(NeedVolunteer(c, volunteer));
    return ReadFirst(c.Query("SELECT enrolled, model_id, photos, notice_version, recent_matches"
                             " FROM face_record WHERE volunteer = $1",
                             {volunteer.value}),
                     [&volunteer](const Rows& rows) {
                       return FaceRecord{volunteer, rows.Time(0), rows.Text(1),
                                         static_cast<int32_t>(rows.Int64(2)), rows.Text(3),
                                         std::popcount(static_cast<uint64_t>(rows.Int64(4)))};
                     });
  });
}

absl::Status SqlRegistry::NoteMatch(const domain::VolunteerId& volunteer, base::Time time,
                                    bool weak) {
  constexpr int64_t kAllKept = (int64_t{1} << domain::kMatchesKept) - 1;
  // Nothing: there is no record, one was counted lately, or what is kept would stay as it is.
  const auto next = [&](Connection& c) -> absl::StatusOr<std::optional<int64_t>> {
    ASSIGN_OR_RETURN(const auto found,
                     ReadFirst(c.Query("SELECT recent_matches FROM face_record WHERE volunteer = $1"
                                       " AND last_match <= $2",
                                       {volunteer.value, time - domain::kMatchCountedEvery}),
                               [](const Rows& rows) { return rows.Int64(0); }));
    if (!found) return std::optional<int64_t>();
    const int64_t bits = (*found << 1 | (weak ? 1 : 0)) & kAllKept;
    return bits == 0 && *found == 0 ? std::optional<int64_t>() : std::optional(bits);
  };
  ASSIGN_OR_RETURN(const auto wanted, database_.Read(next));
  if (!wanted) return absl::OkStatus();
  return database_.Write([&](Connection& c) -> absl::Status {
    ASSIGN_OR_RETURN(const auto bits, next(c));
    if (!bits) return absl::OkStatus();
    return c
        .Execute("UPDATE face_record SET recent_matches = $2, last_match = $3"
                 " WHERE volunteer = $1",
                 {volunteer.value, *bits, time})
        .status();
  });
}

absl::Status SqlRegistry::RemoveFaceRecord(const domain::VolunteerId& volunteer) {
  return database_.Write([&](Connection& c) {
    return c.Execute("DELETE FROM face_record WHERE volunteer = $1", {volunteer.value}).status();
  });
}

}  // namespace rollcall::registry
