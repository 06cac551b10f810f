#include "ledger/log_tree.h"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "base/status.h"
#include "proof/row.h"

namespace rollcall::ledger {
namespace {

absl::Status Damaged(std::string_view what) {
  return base::MakeError(absl::StatusCode::kDataLoss, "LEDGER_TREE_DAMAGED",
                         std::string(what) + "; restore a backup");
}

}  // namespace

int64_t NodeCount(int64_t leaves) {
  return 2 * leaves - std::popcount(static_cast<uint64_t>(leaves));
}

int64_t PositionOf(const proof::NodeId& node) {
  // Of the nodes that the last leaf below completes, it is the one `level` steps up.
  const auto last_leaf = static_cast<int64_t>(((node.index + 1) << node.level) - 1);
  return NodeCount(last_leaf) + node.level;
}

absl::StatusOr<proof::Hash> NodeTable::Read(const proof::NodeId& node) {
  ASSIGN_OR_RETURN(
      const auto rows,
      connection_.Query("SELECT hash FROM ledger_node WHERE position = $1", {PositionOf(node)}));
  ASSIGN_OR_RETURN(const bool found, rows->Next());
  proof::Hash hash{};
  const base::Bytes stored = found ? rows->Blob(0) : base::Bytes();
  if (stored.size() != hash.size()) return Damaged("a node of the ledger's tree is missing");
  std::copy(stored.begin(), stored.end(), hash.begin());
  return hash;
}

absl::StatusOr<std::vector<proof::Hash>> ReadNodes(storage::Connection& connection, int64_t first,
                                                   int64_t last) {
  std::vector<proof::Hash> hashes;
  ASSIGN_OR_RETURN(const auto rows,
                   connection.Query("SELECT position, hash FROM ledger_node"
                                    " WHERE position >= $1 AND position < $2 ORDER BY position",
                                    {first, last}));
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows->Next());
    // A gap ends the answer: what stands behind it is not where it should be.
    if (!more || rows->Int64(0) != first + static_cast<int64_t>(hashes.size())) return hashes;
    const auto stored = rows->BlobView(1);
    proof::Hash& hash = hashes.emplace_back();
    if (stored.size() == hash.size()) std::copy(stored.begin(), stored.end(), hash.begin());
  }
}

absl::StatusOr<int64_t> CountNodes(storage::Connection& connection) {
  // The positions have no gaps, or ReadNodes finds them.
  ASSIGN_OR_RETURN(const auto rows, connection.Query("SELECT MAX(position) FROM ledger_node"));
  ASSIGN_OR_RETURN(const bool found, rows->Next());
  return !found || rows->IsNull(0) ? 0 : rows->Int64(0) + 1;
}

absl::StatusOr<int64_t> TreeSize(storage::Connection& connection) {
  ASSIGN_OR_RETURN(const int64_t nodes, CountNodes(connection));
  // NodeCount(n) lies between 2 n - 64 and 2 n, and grows with n.
  for (int64_t leaves = nodes / 2; leaves <= nodes / 2 + 64; ++leaves) {
    if (NodeCount(leaves) == nodes) return leaves;
  }
  return Damaged("the ledger's tree has a number of nodes that no tree has");
}

proof::Hash LeafOf(int64_t sequence, int64_t format, std::span<const uint8_t> salt,
                   std::span<const uint8_t> body) {
  proof::Salt fixed{};
  ROLLCALL_CHECK(salt.size() == fixed.size());
  std::copy(salt.begin(), salt.end(), fixed.begin());
  return proof::RowLeafHash(static_cast<uint64_t>(sequence), static_cast<uint32_t>(format),
                            proof::RowCommitment(fixed, body));
}

absl::Status LogTree::Append(storage::Connection& connection, int64_t sequence,
                             const proof::Hash& leaf) {
  const auto size = static_cast<uint64_t>(sequence - 1);
  if (edge_.size() != size) {
    // The first append, or the last ones were rolled back: then the edge is ahead of the rows until
    // somebody appends, which is here.
    ASSIGN_OR_RETURN(const int64_t stored, TreeSize(connection));
    if (stored != sequence - 1) return Damaged("the ledger's tree does not cover its rows");
    NodeTable nodes(connection);
    ASSIGN_OR_RETURN(edge_, proof::Frontier::Load(size, nodes));
  }
  int64_t position = NodeCount(sequence - 1);
  for (const proof::Node& node : edge_.Append(leaf)) {
    RETURN_IF_ERROR(connection
                        .Execute("INSERT INTO ledger_node (position, hash) VALUES ($1, $2)",
                                 {position++, node.hash})
                        .status());
  }
  return absl::OkStatus();
}

}  // namespace rollcall::ledger
