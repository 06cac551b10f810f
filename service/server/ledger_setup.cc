#include "server/ledger_setup.h"

#include <array>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/durable_file.h"
#include "base/log.h"
#include "proof/note.h"
#include "storage/database.h"
#include "vault/key_file.h"

namespace rollcall::server {
namespace {

namespace fs = std::filesystem;

fs::path CheckpointPath(const fs::path& data) { return data / "ledger.checkpoint"; }

// Holds the rows against the checkpoint of the last run.
absl::Status CheckAgainstFile(const fs::path& path, ledger::Proofs& proofs) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return absl::OkStatus();
  std::ifstream file(path, std::ios::binary);
  std::string note(proof::kMaxNoteBytes + 1, '\0');
  file.read(note.data(), static_cast<std::streamsize>(note.size()));
  note.resize(static_cast<size_t>(file.gcount()));
  const absl::Status status = proofs.CheckBeginsWith(note);
  if (status.ok()) return status;
  const std::string next_step =
      "; the database was put back or replaced while the service was down. Put the right one in "
      "its place, or restore a backup into a new folder";
  if (absl::IsInvalidArgument(status)) {
    return base::MakeError(absl::StatusCode::kDataLoss, "BAD_CHECKPOINT_FILE",
                           path.string() + ": no checkpoint of the key keys/ledger.key: " +
                               base::Message(status) + next_step);
  }
  return base::Annotate(status, path.string() + next_step);
}

}  // namespace

absl::StatusOr<proof::SigningKey> ReadOrMakeLedgerKey(const fs::path& data,
                                                      base::RandomSource& random) {
  // Once something was signed, another key is not the same ledger any more.
  std::error_code ignored;
  const bool may_create = !fs::exists(CheckpointPath(data), ignored);
  ASSIGN_OR_RETURN(const vault::SecretKey seed,
                   vault::ReadOrMakeKeyFile(data / "keys/ledger.key", may_create, random));
  return ledger::MakeLedgerKey(seed.bytes());
}

absl::StatusOr<OpenedLedger> OpenLedger(const fs::path& data, storage::Database& database,
                                        base::IdGenerator& ids, base::RandomSource& random) {
  OpenedLedger opened;
  opened.ledger = ledger::MakeSqlLedger(database, ids, random);
  RETURN_IF_ERROR(opened.ledger->CatchUp());
  ASSIGN_OR_RETURN(proof::SigningKey key, ReadOrMakeLedgerKey(data, random));
  opened.signing_key = ledger::MakeLedgerKey(key.seed());
  opened.proofs = ledger::MakeProofs(database, std::move(key));
  RETURN_IF_ERROR(CheckAgainstFile(CheckpointPath(data), *opened.proofs));
  return opened;
}

CheckpointFile::CheckpointFile(const fs::path& data, ledger::Proofs& proofs)
    : path_(CheckpointPath(data)), proofs_(proofs) {}

void CheckpointFile::Keep() {
  // Signing is deterministic: the same rows give the same bytes.
  absl::StatusOr<std::string> checkpoint = proofs_.Checkpoint();
  absl::Status status = checkpoint.status();
  if (status.ok() && *checkpoint == written_) return;
  if (status.ok()) status = base::ReplaceFile(path_, *checkpoint);
  if (!status.ok()) {
    base::log::Error("checkpoint_not_kept", {{"error", base::Message(status)}});
    return;
  }
  written_ = *std::move(checkpoint);
}

}  // namespace rollcall::server
