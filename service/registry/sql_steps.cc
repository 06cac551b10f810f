#include "registry/sql_steps.h"

#include <algorithm>

#include "registry/rows.h"

namespace rollcall::registry {
namespace {

using storage::Connection;
using storage::Rows;

std::optional<base::Sha256Digest> DigestFrom(const Rows& rows, int column) {
  const base::Bytes bytes = rows.Blob(column);
  base::Sha256Digest digest{};
  if (bytes.size() != digest.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

ProcedureStep ReadStep(const Rows& rows) {
  ProcedureStep step;
  step.state = static_cast<int32_t>(rows.Int64(0));
  step.actor.identity = rows.Text(1);
  step.actor.role = static_cast<domain::Role>(rows.Int64(2));
  step.actor.person = rows.Uuid(3);
  step.actor.key = DigestFrom(rows, 4);
  step.policy = rows.Text(5);
  step.time = rows.Time(6);
  step.request = rows.Uuid(7);
  step.payload_hash = DigestFrom(rows, 8).value_or(base::Sha256Digest{});
  return step;
}

}  // namespace

absl::Status StepTable::Append(Connection& c, const domain::OrganisationId& organisation,
                               const base::Uuid& subject, const ProcedureStep& step) const {
  if (step.request.IsNil()) return BadValue("a step has a request id");
  if (step.actor.identity.empty()) return BadValue("a step has an identity");
  return Inserted(
      c.Execute("INSERT INTO " + name_ +
                    " (subject, number, organisation, state, identity, role, person, key_hash,"
                    " policy, time, request, payload_hash)"
                    " SELECT $1, COUNT(*) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM " +
                    name_ + " WHERE subject = $1",
                {subject, organisation.value, step.state, step.actor.identity,
                 static_cast<int32_t>(step.actor.role), step.actor.person,
                 step.actor.key ? storage::Value(*step.actor.key) : storage::Value(nullptr),
                 step.policy, step.time, step.request, step.payload_hash}),
      "REQUEST_ID_USED", "a step was taken under this request id");
}

absl::StatusOr<std::vector<ProcedureStep>> StepTable::Of(Connection& c,
                                                         const base::Uuid& subject) const {
  return ReadAll(c.Query("SELECT state, identity, role, person, key_hash, policy, time, request,"
                         " payload_hash FROM " +
                             name_ + " WHERE subject = $1 ORDER BY number",
                         {subject}),
                 ReadStep);
}

absl::StatusOr<std::optional<base::Uuid>> StepTable::Answered(
    Connection& c, const domain::OrganisationId& organisation, const base::Uuid& request,
    const base::Sha256Digest& payload_hash) const {
  bool same = false;
  ASSIGN_OR_RETURN(const auto subject,
                   ReadFirst(c.Query("SELECT subject, payload_hash FROM " + name_ +
                                         " WHERE organisation = $1 AND request = $2",
                                     {organisation.value, request}),
                             [&](const Rows& rows) {
                               same = DigestFrom(rows, 1) == payload_hash;
                               return rows.Uuid(0);
                             }));
  if (subject && !same) {
    return base::MakeError(absl::StatusCode::kFailedPrecondition, "REQUEST_ID_REUSED",
                           "this request_id was used for another request: take a new one");
  }
  return subject;
}

absl::StatusOr<base::Uuid> PageStartsBehind(const storage::PageStart& start) {
  if (start.after[0].empty()) return base::Uuid();
  auto id = base::Uuid::Parse(start.after[0]);
  if (id.ok()) return *id;
  return base::MakeError(absl::StatusCode::kInvalidArgument, "BAD_PAGE",
                         "page_token: not from an answer of this method");
}

}  // namespace rollcall::registry
