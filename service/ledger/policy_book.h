#ifndef ROLLCALL_LEDGER_POLICY_BOOK_H_
#define ROLLCALL_LEDGER_POLICY_BOOK_H_

#include <map>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/status.h"
#include "domain/ids.h"
#include "hours/policy.h"
#include "ledger/log_writer.h"
#include "storage/database.h"

namespace rollcall::ledger {

// The policies that stand in the ledger, read and parsed once. Thread-safety: as its connection.
class PolicyBook {
 public:
  // The policy of this hash in the ledger of the organisation; null: it is not there. Cost: a look
  // into a map, or one index lookup and a parse the first time.
  absl::StatusOr<hours::PolicyPtr> Find(storage::Connection& connection,
                                        const domain::OrganisationId& organisation,
                                        const base::Sha256Digest& hash);

  // Appends `policy`, not null, unless it stands there: before the first row that names it, so that
  // the log alone tells what minutes come from.
  absl::Status Keep(storage::Connection& connection, LogWriter& writer,
                    const domain::OrganisationId& organisation, const hours::PolicyPtr& policy,
                    base::Time now);

 private:
  // By the hash of their text, so that nothing here can be out of date.
  std::map<base::Sha256Digest, hours::PolicyPtr> parsed_;
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_POLICY_BOOK_H_
