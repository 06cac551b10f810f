#ifndef ROLLCALL_LEDGER_PROOFS_H_
#define ROLLCALL_LEDGER_PROOFS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/page.h"
#include "base/status.h"
#include "ledger/ledger.h"
#include "proof/keys.h"
#include "proof/witness.h"

// What the ledger signs: checkpoints over all of it and receipts of single rows, for people who do
// not trust whoever runs it. proof/FORMAT.md fixes the bytes.
namespace rollcall::ledger {

// The signing key of a ledger from its 32-byte seed. Its name, the origin of the checkpoints, is
// "rollcall/" and the first 16 hex digits of SHA-256(public key), so that no two ledgers share one.
proof::SigningKey MakeLedgerKey(std::span<const uint8_t, proof::SigningKey::kSeedSize> seed);

// A row with its proof, as the text of proof/receipt.h. It names the volunteer by her random key
// and says when she was where: it is for her, and for those to whom she shows it.
struct SignedReceipt {
  int64_t sequence = 0;
  bool entry = false;  // minutes; otherwise an event
  std::string text;
};

// Thread-safe. All methods block and belong on a worker thread; they see everything acknowledged
// before the call. The errors of storage::Database pass through; DataLoss, reason
// LEDGER_TREE_DAMAGED, everywhere.
class Proofs {
 public:
  virtual ~Proofs() = default;

  virtual const proof::VerifierKey& key() const = 0;

  // A signed checkpoint over all rows there are. O(log n) reads and one signature.
  virtual absl::StatusOr<std::string> Checkpoint() = 0;

  // The same with a proof that it goes on from the first `old_size` rows. Where the ledger is
  // shorter than `old_size` the proof is empty: no proof exists, and the witness that asked has to
  // see the shorter checkpoint, signed, to raise the alarm. O(log n) reads.
  // InvalidArgument, reason TREE_TOO_LARGE: no ledger has so many rows.
  virtual absl::StatusOr<proof::CheckpointUpdate> Since(uint64_t old_size) = 0;

  // Receipts of the events and entries that `filter` selects, all against one checkpoint, in the
  // order of the ledger. O(log n) reads for each.
  // InvalidArgument: BAD_FILTER, as Ledger::ListEvents; BAD_PAGE.
  virtual absl::StatusOr<base::Page<SignedReceipt>> Receipts(const EventFilter& filter,
                                                             const base::PageRequest& page) = 0;

  // OK: the ledger begins with what `checkpoint`, signed by key(), says.
  // DataLoss: LEDGER_ROLLED_BACK, it has fewer rows; LEDGER_REWRITTEN, it has others.
  // InvalidArgument, reasons of proof::OpenCheckpoint: not a checkpoint of this ledger.
  virtual absl::Status CheckBeginsWith(std::string_view checkpoint) = 0;
};

// `database` holds LedgerSchema(), caught up (Ledger::CatchUp), and must outlive the result.
std::unique_ptr<Proofs> MakeProofs(storage::Database& database, proof::SigningKey key);

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_PROOFS_H_
