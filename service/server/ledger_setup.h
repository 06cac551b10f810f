#ifndef ROLLCALL_SERVER_LEDGER_SETUP_H_
#define ROLLCALL_SERVER_LEDGER_SETUP_H_

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/random.h"
#include "base/status.h"
#include "base/uuid.h"
#include "ledger/ledger.h"
#include "ledger/proofs.h"

namespace rollcall::storage {
class Database;
}

// The ledger of a data folder with its signing key, DIR/keys/ledger.key, and the last checkpoint
// that it signed, DIR/ledger.checkpoint.
namespace rollcall::server {

struct OpenedLedger {
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<ledger::Proofs> proofs;
  std::optional<proof::SigningKey> signing_key;  // that of `proofs`; always there
};

// Makes the key where there is none yet and no checkpoint that another one signed. Before anything
// is answered: tree and accounts are caught up, and the rows are held against
// DIR/ledger.checkpoint, so that a database that was put back or replaced under the service is not
// served. DataLoss: LEDGER_ROLLED_BACK, LEDGER_REWRITTEN, KEY_MISSING (there is a checkpoint and no
// key), BAD_CHECKPOINT_FILE (the file is not a checkpoint of this key); errors of Ledger::CatchUp
// and of reading the key. `ids` and `random` must outlive the result.
absl::StatusOr<OpenedLedger> OpenLedger(const std::filesystem::path& data,
                                        storage::Database& database, base::IdGenerator& ids,
                                        base::RandomSource& random);

// The signing key of a data folder; made where it is not there.
absl::StatusOr<proof::SigningKey> ReadOrMakeLedgerKey(const std::filesystem::path& data,
                                                      base::RandomSource& random);

// Keeps DIR/ledger.checkpoint. Not thread-safe.
class CheckpointFile {
 public:
  CheckpointFile(const std::filesystem::path& data, ledger::Proofs& proofs);

  // Signs and writes a checkpoint if there are other rows than last time. A failure is logged, and
  // tried again with the next call. Cost while nothing happens: a few reads and a signature.
  void Keep();

 private:
  const std::filesystem::path path_;
  ledger::Proofs& proofs_;
  std::string written_;
};

}  // namespace rollcall::server

#endif  // ROLLCALL_SERVER_LEDGER_SETUP_H_
