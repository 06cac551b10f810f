#include "proof/merkle.h"

#include <sodium.h>

#include <algorithm>
#include <bit>
#include <string>

namespace rollcall::proof {
namespace {

constexpr uint8_t kLeafPrefix = 0x00;
constexpr uint8_t kNodePrefix = 0x01;

absl::Status CheckSize(uint64_t size) {
  if (size <= kMaxTreeSize) return absl::OkStatus();
  return base::MakeError(absl::StatusCode::kInvalidArgument, "TREE_TOO_LARGE",
                         "a tree has at most 2^62 leaves, not " + std::to_string(size));
}

// The largest power of two below `n`, which is at least 2: where RFC 6962 splits n leaves.
uint64_t SplitOf(uint64_t n) { return std::bit_floor(n - 1); }

// The hash of the leaves [begin, end), which begin at a multiple of the power of two at or above
// their number: a complete node, or the ragged right edge of a tree, folded from its complete
// nodes.
absl::StatusOr<Hash> RangeHash(uint64_t begin, uint64_t end, NodeReader& nodes) {
  std::vector<Hash> parts;  // from left to right, each smaller than the one before
  while (begin < end) {
    const uint64_t width = std::bit_floor(end - begin);
    const int32_t level = std::countr_zero(width);
    ASSIGN_OR_RETURN(parts.emplace_back(), nodes.Read({level, begin >> level}));
    begin += width;
  }
  Hash hash = parts.back();
  for (size_t i = parts.size() - 1; i-- > 0;) hash = NodeHash(parts[i], hash);
  return hash;
}

}  // namespace

Hash EmptyRoot() { return base::Sha256({}); }

Hash LeafHash(std::span<const uint8_t> data) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, &kLeafPrefix, 1);
  crypto_hash_sha256_update(&state, data.data(), data.size());
  Hash hash;
  crypto_hash_sha256_final(&state, hash.data());
  return hash;
}

Hash NodeHash(const Hash& left, const Hash& right) {
  std::array<uint8_t, 1 + 2 * sizeof(Hash)> data;
  data[0] = kNodePrefix;
  std::copy(left.begin(), left.end(), data.begin() + 1);
  std::copy(right.begin(), right.end(), data.begin() + 1 + sizeof(Hash));
  return base::Sha256(data);
}

absl::StatusOr<Frontier> Frontier::Load(uint64_t size, NodeReader& nodes) {
  RETURN_IF_ERROR(CheckSize(size));
  Frontier frontier;
  frontier.size_ = size;
  for (uint64_t rest = size; rest != 0; rest &= rest - 1) {
    const int32_t level = std::countr_zero(rest);
    const uint64_t index = (size >> level) - 1;
    ASSIGN_OR_RETURN(frontier.edge_[static_cast<size_t>(level)], nodes.Read({level, index}));
  }
  return frontier;
}

std::span<const Node> Frontier::Append(const Hash& leaf) {
  ROLLCALL_CHECK(size_ < kMaxTreeSize);
  Hash hash = leaf;
  size_t level = 0;
  completed_[0] = {{0, size_}, hash};
  for (; ((size_ >> level) & 1) != 0; ++level) {
    hash = NodeHash(edge_[level], hash);
    completed_[level + 1] = {{static_cast<int32_t>(level + 1), size_ >> (level + 1)}, hash};
  }
  edge_[level] = hash;
  ++size_;
  return {completed_.data(), level + 1};
}

Hash Frontier::Root() const {
  if (size_ == 0) return EmptyRoot();
  auto level = static_cast<size_t>(std::countr_zero(size_));
  Hash hash = edge_[level];
  for (++level; level < kLevels; ++level) {
    if (((size_ >> level) & 1) != 0) hash = NodeHash(edge_[level], hash);
  }
  return hash;
}

absl::StatusOr<Hash> RootOf(uint64_t size, NodeReader& nodes) {
  RETURN_IF_ERROR(CheckSize(size));
  if (size == 0) return EmptyRoot();
  return RangeHash(0, size, nodes);
}

absl::StatusOr<std::vector<Hash>> ProveInclusion(uint64_t index, uint64_t size, NodeReader& nodes) {
  RETURN_IF_ERROR(CheckSize(size));
  if (index >= size) {
    return base::MakeError(
        absl::StatusCode::kInvalidArgument, "LEAF_OUTSIDE_TREE",
        "leaf " + std::to_string(index) + " is not in a tree of " + std::to_string(size));
  }
  // From the root down to the leaf, each time into the half that holds it.
  std::vector<Hash> path;
  uint64_t begin = 0;
  uint64_t end = size;
  while (end - begin > 1) {
    const uint64_t middle = begin + SplitOf(end - begin);
    if (index < middle) {
      ASSIGN_OR_RETURN(path.emplace_back(), RangeHash(middle, end, nodes));
      end = middle;
    } else {
      ASSIGN_OR_RETURN(path.emplace_back(), RangeHash(begin, middle, nodes));
      begin = middle;
    }
  }
  std::reverse(path.begin(), path.end());
  return path;
}

absl::StatusOr<std::vector<Hash>> ProveConsistency(uint64_t first, uint64_t second,
                                                   NodeReader& nodes) {
  RETURN_IF_ERROR(CheckSize(second));
  if (first > second) {
    return base::MakeError(absl::StatusCode::kInvalidArgument, "SIZES_REVERSED",
                           "a tree of " + std::to_string(first) +
                               " is not the beginning of one of " + std::to_string(second));
  }
  std::vector<Hash> proof;
  if (first == 0 || first == second) return proof;
  // SUBPROOF from the root down, until the rest is wholly in the old tree.
  uint64_t begin = 0;
  uint64_t end = second;
  while (end != first) {
    const uint64_t middle = begin + SplitOf(end - begin);
    if (first <= middle) {
      ASSIGN_OR_RETURN(proof.emplace_back(), RangeHash(middle, end, nodes));
      end = middle;
    } else {
      ASSIGN_OR_RETURN(proof.emplace_back(), RangeHash(begin, middle, nodes));
      begin = middle;
    }
  }
  // What is left is the old tree itself, whose root the reader has, or a node that she needs.
  if (begin != 0) {
    ASSIGN_OR_RETURN(proof.emplace_back(), RangeHash(begin, end, nodes));
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

void MemoryTree::Append(const Hash& leaf) {
  for (const Node& node : frontier_.Append(leaf)) {
    const auto level = static_cast<size_t>(node.id.level);
    if (level == levels_.size()) levels_.emplace_back();
    levels_[level].push_back(node.hash);
  }
}

absl::StatusOr<Hash> MemoryTree::Read(const NodeId& node) {
  const auto level = static_cast<size_t>(node.level);
  if (node.level < 0 || level >= levels_.size() || node.index >= levels_[level].size()) {
    return base::MakeError(absl::StatusCode::kOutOfRange, "NODE_NOT_THERE",
                           "the tree has no complete node " + std::to_string(node.index) +
                               " of level " + std::to_string(node.level));
  }
  return levels_[level][node.index];
}

}  // namespace rollcall::proof
