#include "ledger/proofs.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "ledger/log_table.h"
#include "ledger/log_tree.h"
#include "proof/checkpoint.h"
#include "proof/receipt.h"
#include "storage/database.h"
#include "storage/paging.h"

namespace rollcall::ledger {
namespace {

using storage::Connection;

class SqlProofs final : public Proofs {
 public:
  SqlProofs(storage::Database& database, proof::SigningKey key)
      : database_(database), key_(std::move(key)) {}

  const proof::VerifierKey& key() const override { return key_.verifier(); }

  absl::StatusOr<std::string> Checkpoint() override {
    return database_.Read([this](Connection& c) -> absl::StatusOr<std::string> {
      ASSIGN_OR_RETURN(const int64_t size, LastSequence(c));
      return SignAt(c, static_cast<uint64_t>(size));
    });
  }

  absl::StatusOr<proof::CheckpointUpdate> Since(uint64_t old_size) override {
    return database_.Read([&](Connection& c) -> absl::StatusOr<proof::CheckpointUpdate> {
      ASSIGN_OR_RETURN(const int64_t last, LastSequence(c));
      const auto size = static_cast<uint64_t>(last);
      proof::CheckpointUpdate update;
      update.old_size = old_size;
      if (old_size > proof::kMaxTreeSize) {
        return base::MakeError(absl::StatusCode::kInvalidArgument, "TREE_TOO_LARGE",
                               "no ledger has so many rows");
      }
      if (old_size <= size) {
        NodeTable nodes(c);
        ASSIGN_OR_RETURN(update.proof, proof::ProveConsistency(old_size, size, nodes));
      }
      ASSIGN_OR_RETURN(update.checkpoint, SignAt(c, size));
      return update;
    });
  }

  absl::StatusOr<base::Page<SignedReceipt>> Receipts(const EventFilter& filter,
                                                     const base::PageRequest& page) override;
  absl::Status CheckBeginsWith(std::string_view checkpoint) override;

 private:
  absl::StatusOr<std::string> SignAt(Connection& connection, uint64_t size) const {
    NodeTable nodes(connection);
    ASSIGN_OR_RETURN(const proof::Hash root, proof::RootOf(size, nodes));
    return proof::SignCheckpoint({key().name(), size, root, {}}, key_);
  }

  storage::Database& database_;
  const proof::SigningKey key_;
};

proof::Row ToProofRow(const StoredRow& stored) {
  proof::Row row;
  row.seq = static_cast<uint64_t>(stored.sequence);
  row.format = static_cast<uint32_t>(stored.format);
  std::copy_n(stored.salt.begin(), std::min(stored.salt.size(), row.salt.size()), row.salt.begin());
  row.body = stored.body;
  return row;
}

absl::StatusOr<base::Page<SignedReceipt>> SqlProofs::Receipts(const EventFilter& filter,
                                                              const base::PageRequest& page) {
  ASSIGN_OR_RETURN(const RowFilter rows, MakeRowFilter(filter));
  ASSIGN_OR_RETURN(const storage::PageStart start, storage::ReadPage(page, 1));
  int64_t after = 0;
  const std::string& token = start.after[0];
  std::from_chars(token.data(), token.data() + token.size(), after);
  return database_.Read([&](Connection& c) -> absl::StatusOr<base::Page<SignedReceipt>> {
    ASSIGN_OR_RETURN(auto found, ListRows(c, rows, after, start.size + 1));
    base::Page<SignedReceipt> result;
    if (found.empty()) return result;
    if (found.size() > static_cast<size_t>(start.size)) {
      found.pop_back();
      result.next_token = storage::MakePageToken({std::to_string(found.back().sequence)});
    }
    ASSIGN_OR_RETURN(const int64_t size, LastSequence(c));
    ASSIGN_OR_RETURN(const std::string checkpoint, SignAt(c, static_cast<uint64_t>(size)));
    NodeTable nodes(c);
    for (const StoredRow& row : found) {
      proof::Receipt receipt{.row = ToProofRow(row), .proof = {}, .checkpoint = checkpoint};
      ASSIGN_OR_RETURN(receipt.proof, proof::ProveInclusion(receipt.row.seq - 1,
                                                            static_cast<uint64_t>(size), nodes));
      auto text = proof::FormatReceipt(receipt);
      if (!text.ok()) {  // the row is not the one that was signed for
        return base::MakeError(absl::StatusCode::kDataLoss, "LEDGER_TREE_DAMAGED",
                               "row " + std::to_string(row.sequence) +
                                   " of the ledger is not the row that its tree holds; run "
                                   "rollcall verify ledger, restore a backup");
      }
      result.items.push_back({row.sequence, row.columns.kind == RowKind::kEntry, *std::move(text)});
    }
    return result;
  });
}

absl::Status SqlProofs::CheckBeginsWith(std::string_view checkpoint) {
  ASSIGN_OR_RETURN(const proof::Checkpoint signed_before, proof::OpenCheckpoint(checkpoint, key()));
  return database_.Read([&](Connection& c) -> absl::Status {
    ASSIGN_OR_RETURN(const int64_t last, LastSequence(c));
    if (signed_before.size > static_cast<uint64_t>(last)) {
      return base::MakeError(absl::StatusCode::kDataLoss, "LEDGER_ROLLED_BACK",
                             "the ledger has " + std::to_string(last) +
                                 " rows, and a checkpoint has been signed over " +
                                 std::to_string(signed_before.size));
    }
    NodeTable nodes(c);
    ASSIGN_OR_RETURN(const proof::Hash root, proof::RootOf(signed_before.size, nodes));
    if (root == signed_before.root) return absl::OkStatus();
    return base::MakeError(absl::StatusCode::kDataLoss, "LEDGER_REWRITTEN",
                           "the first " + std::to_string(signed_before.size) +
                               " rows of the ledger are not those over which a checkpoint has "
                               "been signed");
  });
}

}  // namespace

proof::SigningKey MakeLedgerKey(std::span<const uint8_t, proof::SigningKey::kSeedSize> seed) {
  // The name follows from the public key, and that from the seed under any name.
  const auto unnamed = proof::SigningKey::FromSeed("rollcall", seed);
  ROLLCALL_CHECK(unnamed.ok());
  const base::Sha256Digest hash = base::Sha256(unnamed->verifier().public_key());
  auto key = proof::SigningKey::FromSeed("rollcall/" + base::ToHex(std::span(hash).first(8)), seed);
  ROLLCALL_CHECK(key.ok());
  return *std::move(key);
}

std::unique_ptr<Proofs> MakeProofs(storage::Database& database, proof::SigningKey key) {
  return std::make_unique<SqlProofs>(database, std::move(key));
}

}  // namespace rollcall::ledger
