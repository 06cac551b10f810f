#ifndef ROLLCALL_LEDGER_LOG_TREE_H_
#define ROLLCALL_LEDGER_LOG_TREE_H_

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "proof/merkle.h"
#include "storage/database.h"

// The Merkle tree over the rows, kept in the table ledger_node: leaf seq - 1 is row seq
// (proof/FORMAT.md). Nodes are numbered in the order in which an append completes them, so that the
// table only ever grows at its end: leaf n and the nodes that it completes have the positions from
// NodeCount(n) on, the leaf first.
namespace rollcall::ledger {

// How many nodes a tree of `leaves` has: 2 n less the number of one bits of n.
int64_t NodeCount(int64_t leaves);

// The position of a complete node.
int64_t PositionOf(const proof::NodeId& node);

// Reads nodes within an operation of the database. DataLoss, reason LEDGER_TREE_DAMAGED: there is
// no such node, or it is no hash.
class NodeTable final : public proof::NodeReader {
 public:
  explicit NodeTable(storage::Connection& connection) : connection_(connection) {}
  absl::StatusOr<proof::Hash> Read(const proof::NodeId& node) override;

 private:
  storage::Connection& connection_;
};

// The hashes with first <= position < last, in order; fewer where the table ends. A value of
// another size than a hash comes as zeros, which is no node's hash.
absl::StatusOr<std::vector<proof::Hash>> ReadNodes(storage::Connection& connection, int64_t first,
                                                   int64_t last);

// How many nodes are stored.
absl::StatusOr<int64_t> CountNodes(storage::Connection& connection);

// How many rows the stored tree covers. DataLoss, reason LEDGER_TREE_DAMAGED: no tree has as many
// nodes as the table.
absl::StatusOr<int64_t> TreeSize(storage::Connection& connection);

// The leaf of a row as it is stored. `salt` must have proof::kSaltSize bytes.
proof::Hash LeafOf(int64_t sequence, int64_t format, std::span<const uint8_t> salt,
                   std::span<const uint8_t> body);

// Appends to the tree, in the transaction that appends the row. It keeps the right edge in memory
// and sees by the sequence number when a rollback has made it stale. Used on the database's thread
// only, and the only one that writes to this table.
class LogTree {
 public:
  // `leaf` becomes the leaf of row `sequence`, right behind the last row. DataLoss, reason
  // LEDGER_TREE_DAMAGED: the table does not hold the tree of the rows before (CatchUp was not
  // called, or somebody edited it). Cost: two nodes on average.
  absl::Status Append(storage::Connection& connection, int64_t sequence, const proof::Hash& leaf);

 private:
  proof::Frontier edge_;
};

}  // namespace rollcall::ledger

#endif  // ROLLCALL_LEDGER_LOG_TREE_H_
