#include "ledger/person_reader.h"

#include <string>
#include <variant>

#include "ledger/log_table.h"
#include "ledger/row_lookup.h"

namespace rollcall::ledger {
namespace {

using storage::Connection;

absl::Status Inconsistent(std::string_view what) {
  return base::MakeError(absl::StatusCode::kDataLoss, "LEDGER_INCONSISTENT", what);
}

// The proposal that an entry follows, unless `person` has taken it in.
absl::Status AgreeFor(Connection& connection, const EntryRow& entry, Person& person) {
  const bool follows = !entry.proposal.IsNil() && entry.adjusted_by.IsNil();
  if (!follows || person.Agreed(entry.proposal)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto found, FindRow(connection, entry.session.organisation,
                                             RowKind::kProposal, entry.proposal));
  const auto* proposal = found ? std::get_if<ProposalRow>(&found->row) : nullptr;
  if (proposal == nullptr) return Inconsistent("an entry of a proposal that is not there");
  const auto fault = person.Agree(*proposal);
  return fault.empty() ? absl::OkStatus() : Inconsistent(fault);
}

absl::Status AddRow(Connection& connection, const Row& row, Person& person) {
  std::string_view fault;
  if (const auto* event = std::get_if<EventRow>(&row)) {
    fault = person.Add(*event);
  } else if (const auto* entry = std::get_if<EntryRow>(&row)) {
    RETURN_IF_ERROR(AgreeFor(connection, *entry, person));
    fault = person.Add(*entry);
  } else if (const auto* approval = std::get_if<TierApprovalRow>(&row)) {
    person.Add(*approval);
  }
  return fault.empty() ? absl::OkStatus() : Inconsistent(fault);
}

absl::StatusOr<Person> Fold(Connection& connection, const std::vector<Row>& rows, Person person) {
  for (const Row& row : rows) RETURN_IF_ERROR(AddRow(connection, row, person));
  return person;
}

}  // namespace

absl::StatusOr<Person> ReadPerson(Connection& connection, const base::Uuid& volunteer_key) {
  RowFilter filter;
  filter.volunteer_key = volunteer_key;
  ASSIGN_OR_RETURN(const auto rows, RowsOfVolunteer(connection, filter));
  return Fold(connection, rows, Person(volunteer_key));
}

absl::StatusOr<Person> ReadPersonAround(Connection& connection, PolicyBook& book,
                                        const base::Uuid& volunteer_key, const Span& around,
                                        const hours::PolicyPtr& policy) {
  // A visit that begins by kLongestVisit before the reach may end as long before that again.
  constexpr base::Duration kBefore = 2 * kLongestVisit;
  base::Time since = around.from - kBefore - std::chrono::days(2);
  while (true) {
    ASSIGN_OR_RETURN(const auto rows, RowsOfVolunteerSince(connection, volunteer_key, since));
    ASSIGN_OR_RETURN(Person person,
                     Fold(connection, rows, Person(volunteer_key, Person::Rows::kLenient)));
    ASSIGN_OR_RETURN(const Reach reach,
                     ReachOf(person, around, policy, PoliciesOf(connection, book)));
    if (reach.everything) return ReadPerson(connection, volunteer_key);
    if (reach.from - kBefore >= since) return person;
    since = reach.from - kBefore - std::chrono::days(2);
  }
}

PolicyOf PoliciesOf(Connection& connection, PolicyBook& book) {
  return [&connection, &book](const domain::OrganisationId& organisation,
                              const base::Sha256Digest& hash) {
    return book.Find(connection, organisation, hash);
  };
}

}  // namespace rollcall::ledger
