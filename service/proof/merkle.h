#ifndef ROLLCALL_PROOF_MERKLE_H_
#define ROLLCALL_PROOF_MERKLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

// The Merkle tree of RFC 6962, section 2.1: hashes, an append that needs O(log n) memory, and
// proofs from stored nodes. Leaves are numbered from 0. Nothing here knows where nodes are kept.
namespace rollcall::proof {

using Hash = base::Sha256Digest;

// The root of the empty tree: SHA-256 of nothing.
Hash EmptyRoot();
// SHA-256(0x00 || data). The prefix keeps a leaf from passing for a node, and the other way round.
Hash LeafHash(std::span<const uint8_t> data);
// SHA-256(0x01 || left || right).
Hash NodeHash(const Hash& left, const Hash& right);

// The largest tree that is grown or proven here. Its proofs have at most kMaxProofHashes.
constexpr uint64_t kMaxTreeSize = uint64_t{1} << 62;
// Of an inclusion or consistency proof (the limit of C2SP tlog-witness).
constexpr size_t kMaxProofHashes = 63;

// A complete subtree: the leaves from index << level up to (index + 1) << level. Level 0 is a leaf.
struct NodeId {
  int32_t level = 0;  // 0..62
  uint64_t index = 0;
  friend bool operator==(const NodeId&, const NodeId&) = default;
};
struct Node {
  NodeId id;
  Hash hash{};
};

// Where complete nodes are read from: a table, a file, memory.
class NodeReader {
 public:
  virtual ~NodeReader() = default;
  // The hash of a complete node of the tree; of level 0: the leaf's hash. Only nodes are asked for
  // that lie wholly inside of the size that the caller named. An error ends what was asked for and
  // is handed on as it is.
  virtual absl::StatusOr<Hash> Read(const NodeId& node) = 0;
};

// The right edge of a growing tree: the hashes of its largest complete subtrees, one for each bit
// of the size. All that an append and the root need. A plain value of 2 KiB; thread-safe as such.
class Frontier {
 public:
  Frontier() = default;  // of the empty tree

  // The edge of a tree of `size` leaves. Reads one node for each bit set in `size`.
  // InvalidArgument, reason TREE_TOO_LARGE: above kMaxTreeSize.
  static absl::StatusOr<Frontier> Load(uint64_t size, NodeReader& nodes);

  // Appends a leaf. Returns the nodes that are complete with it, from the leaf itself (level 0)
  // upwards: as many as 1 + the number of trailing one bits of the old size, 2 on average. The span
  // lives until the next call. Below kMaxTreeSize, which the caller sees to (checked). No
  // allocation.
  std::span<const Node> Append(const Hash& leaf);

  // O(log size) hashes.
  Hash Root() const;
  uint64_t size() const { return size_; }

 private:
  static constexpr size_t kLevels = 63;

  uint64_t size_ = 0;
  std::array<Hash, kLevels> edge_{};     // edge_[l] counts where bit l of size_ is set
  std::array<Node, kLevels> completed_;  // what the last append returned
};

// The root of the first `size` leaves of the tree that `nodes` holds. O(log size) reads.
// InvalidArgument, reason TREE_TOO_LARGE.
absl::StatusOr<Hash> RootOf(uint64_t size, NodeReader& nodes);

// PATH of RFC 6962, 2.1.1: the hashes from the leaf's sibling up to the root's child, as
// VerifyInclusion takes them. O(log size) reads.
// InvalidArgument, reason LEAF_OUTSIDE_TREE: `index` is not below `size`; TREE_TOO_LARGE.
absl::StatusOr<std::vector<Hash>> ProveInclusion(uint64_t index, uint64_t size, NodeReader& nodes);

// PROOF of RFC 6962, 2.1.2: that the tree of `first` leaves is the beginning of that of `second`.
// Empty where `first` is 0 or `second`. O(log second) reads.
// InvalidArgument, reason SIZES_REVERSED: `first` is above `second`; TREE_TOO_LARGE.
absl::StatusOr<std::vector<Hash>> ProveConsistency(uint64_t first, uint64_t second,
                                                   NodeReader& nodes);

// All nodes of a tree in memory, 64 bytes a leaf: for tests, and for a kiosk's own short logs.
// Not thread-safe while it grows.
class MemoryTree final : public NodeReader {
 public:
  void Append(const Hash& leaf);
  // OutOfRange, reason NODE_NOT_THERE: not complete yet, or no such level.
  absl::StatusOr<Hash> Read(const NodeId& node) override;
  uint64_t size() const { return frontier_.size(); }
  Hash Root() const { return frontier_.Root(); }

 private:
  Frontier frontier_;
  std::vector<std::vector<Hash>> levels_;
};

}  // namespace rollcall::proof

#endif  // ROLLCALL_PROOF_MERKLE_H_
