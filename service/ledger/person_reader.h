#ifndef ROLLCALL_LEDGER_PERSON_READER_H_
#define ROLLCALL_LEDGER_PERSON_READER_H_

#include <vector>

#include "base/status.h"
#include "base/uuid.h"
#include "ledger/derive.h"
#include "ledger/person.h"
#include "ledger/policy_book.h"
#include "ledger/row.h"
#include "storage/database.h"

// One volunteer out of the table ledger_log, and what follows from it. As log_table.h: inside an
// operation of the database. DataLoss: BAD_ROW, LEDGER_INCONSISTENT.
namespace rollcall::ledger {

// Everything. Cost: linear in her rows.
absl::StatusOr<Person> ReadPerson(storage::Connection& connection, const base::Uuid& volunteer_key);

// What EntriesAfter needs where something changed about the time `around` that `policy` (may be
// null) credits. Cost: linear in her rows of some weeks before; in all of them where a policy joins
// days.
absl::StatusOr<Person> ReadPersonAround(storage::Connection& connection, PolicyBook& book,
                                        const base::Uuid& volunteer_key, const Span& around,
                                        const hours::PolicyPtr& policy);

// PolicyBook::Find as EntriesAfter wants it. Both must outlive it.
PolicyOf PoliciesOf(storage::Connection& connection, PolicyBook& book);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_PERSON_READER_H_
