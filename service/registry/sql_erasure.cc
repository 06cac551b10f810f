#include <optional>

#include "hours/bans.h"
#include "registry/rows.h"
#include "registry/sql_registry.h"

namespace rollcall::registry {
namespace {

using storage::Connection;
using storage::Rows;

absl::Status Refuse(std::string_view reason, std::string_view message) {
  return base::MakeError(absl::StatusCode::kFailedPrecondition, reason, message);
}

bool IsRow(const Rows&) { return true; }

absl::Status CheckNothingStands(Connection& c, const domain::VolunteerId& id) {
  RETURN_IF_ERROR(NeedVolunteer(c, id));
  ASSIGN_OR_RETURN(const auto holds,
                   ReadFirst(c.Query("SELECT 1 FROM identity WHERE volunteer = $1"
                                     " AND revoked IS NULL",
                                     {id.value}),
                             IsRow));
  if (holds) {
    return Refuse("HOLDS_IDENTITY",
                  "she holds an account that may connect: revoke that first (staff revoke)");
  }
  ASSIGN_OR_RETURN(const auto accused,
                   ReadFirst(c.Query("SELECT 1 FROM ban_case WHERE volunteer = $1"
                                     " AND state NOT IN ($2, $3)",
                                     {id.value, static_cast<int32_t>(hours::BanState::kImposed),
                                      static_cast<int32_t>(hours::BanState::kDismissed)}),
                             IsRow));
  if (accused) {
    return Refuse("BAN_CASE_OPEN", "a case against her is not decided: decide or dismiss it first");
  }
  return absl::OkStatus();
}

// What hangs on her number, in an order that no reference forbids. The triggers ask whether she is
// marked as erased.
constexpr const char* kForget[] = {
    "DELETE FROM consent WHERE volunteer = $1",
    "DELETE FROM sibling WHERE a = $1 OR b = $1",
    "DELETE FROM duplicate_override WHERE volunteer = $1 OR resembles = $1",
    "DELETE FROM roster WHERE volunteer = $1",
    "DELETE FROM face_record WHERE volunteer = $1",
    "DELETE FROM pin_failure WHERE number = $1",
    "DELETE FROM star_step WHERE subject IN (SELECT id FROM star_application WHERE volunteer = $1)",
    "DELETE FROM star_application WHERE volunteer = $1",
    "DELETE FROM ban_step WHERE subject IN (SELECT id FROM ban_case WHERE volunteer = $1)",
    "DELETE FROM ban_involved WHERE ban IN (SELECT id FROM ban_case WHERE volunteer = $1)",
    "DELETE FROM ban_evidence WHERE ban IN (SELECT id FROM ban_case WHERE volunteer = $1)",
    "DELETE FROM ban_case WHERE volunteer = $1",
    "UPDATE hour_certificate SET statement = x'', signature = x'', vc_jwt = ''"
    " WHERE volunteer = $1",
};

}  // namespace

absl::StatusOr<std::optional<base::Time>> NeedNumber(Connection& c, const domain::VolunteerId& id) {
  ASSIGN_OR_RETURN(const auto found,
                   ReadFirst(c.Query("SELECT erased FROM volunteer WHERE id = $1", {id.value}),
                             [](const Rows& rows) { return OptionalTime(rows, 0); }));
  if (found) return *found;
  return NoSuch("NO_SUCH_VOLUNTEER", "volunteer");
}

absl::StatusOr<std::optional<base::Time>> SqlRegistry::ErasedAt(const domain::VolunteerId& id) {
  return database_.Read([&](Connection& c) { return NeedNumber(c, id); });
}

absl::Status SqlRegistry::CheckErasable(const domain::VolunteerId& id) {
  return database_.Read([&](Connection& c) { return CheckNothingStands(c, id); });
}

absl::Status SqlRegistry::EraseVolunteer(const ProcessingEntry& line, const ForgottenIds& ids) {
  RETURN_IF_ERROR(ValidateLine(line));
  RETURN_IF_ERROR(ValidateIds(ids.key, ids.subject));
  const auto forget = [&](Connection& c) -> absl::Status {
    const std::string& id = line.volunteer.value;
    RETURN_IF_ERROR(CheckNothingStands(c, line.volunteer));
    RETURN_IF_ERROR(AddLine(c, line));
    RETURN_IF_ERROR(c.Execute("UPDATE volunteer SET ledger_key = $2, subject = $3, name = '',"
                              " age_band = 0, created = $4, pin_hash = NULL, erased = $4"
                              " WHERE id = $1",
                              {id, ids.key, ids.subject, line.time})
                        .status());
    for (const char* sql : kForget) RETURN_IF_ERROR(c.Execute(sql, {id}).status());
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(database_.Write(forget));
  return OverwriteForgotten();
}

}  // namespace rollcall::registry
