#include "proof/verify.h"

#include <bit>
#include <cstddef>

namespace rollcall::proof {
namespace {

absl::Status Refused(std::string_view reason, std::string_view message) {
  return base::MakeError(absl::StatusCode::kInvalidArgument, reason, message);
}
absl::Status WrongLength() {
  return Refused("PROOF_LENGTH", "the proof has not the number of hashes that these sizes need");
}
absl::Status WrongProof() { return Refused("PROOF_WRONG", "the proof leads to another root"); }

// How the way from leaf `index` to the root of `size` leaves goes: first `inner` steps below the
// place where it meets the way of the last leaf, with siblings on either side as the bits of the
// index say; then `border` steps up the right edge, all with siblings on the left.
struct Way {
  size_t inner;
  size_t border;
};
Way WayOf(uint64_t index, uint64_t size) {
  const uint64_t inner = std::bit_width(index ^ (size - 1));  // at most 64
  const uint64_t above = inner == 64 ? 0 : index >> inner;
  return {inner, static_cast<size_t>(std::popcount(above))};
}

}  // namespace

absl::Status VerifyInclusion(uint64_t index, uint64_t size, const Hash& leaf,
                             std::span<const Hash> proof, const Hash& root) {
  if (index >= size) return Refused("LEAF_OUTSIDE_TREE", "the leaf's number is not in the tree");
  const Way way = WayOf(index, size);
  if (proof.size() > kMaxProofHashes || proof.size() != way.inner + way.border) {
    return WrongLength();
  }
  Hash hash = leaf;
  for (size_t step = 0; step < proof.size(); ++step) {
    const bool from_left = step >= way.inner || ((index >> step) & 1) != 0;
    hash = from_left ? NodeHash(proof[step], hash) : NodeHash(hash, proof[step]);
  }
  return hash == root ? absl::OkStatus() : WrongProof();
}

absl::Status VerifyConsistency(uint64_t first, uint64_t second, const Hash& first_root,
                               const Hash& second_root, std::span<const Hash> proof) {
  if (first > second) return Refused("SIZES_REVERSED", "the old tree is larger than the new one");
  if (first == 0 || first == second) {
    if (!proof.empty()) return WrongLength();
    const bool right = first == second
                           ? first_root == second_root && (first > 0 || first_root == EmptyRoot())
                           : first_root == EmptyRoot();
    return right ? absl::OkStatus() : WrongProof();
  }

  // The way of the old tree's last leaf, from the largest complete node that ends with it. That
  // node is the whole old tree where its size is a power of two; otherwise the proof begins with
  // it.
  const int shift = std::countr_zero(first);
  Way way = WayOf(first - 1, second);
  way.inner -= static_cast<size_t>(shift);  // at least one is left: second is above first
  const bool whole = std::has_single_bit(first);
  if (proof.size() > kMaxProofHashes || proof.size() != way.inner + way.border + (whole ? 0 : 1)) {
    return WrongLength();
  }
  Hash old_hash = whole ? first_root : proof.front();
  Hash new_hash = old_hash;
  const std::span<const Hash> steps = whole ? proof : proof.subspan(1);
  const uint64_t bits = (first - 1) >> shift;
  for (size_t step = 0; step < steps.size(); ++step) {
    const bool from_left = step >= way.inner || ((bits >> step) & 1) != 0;
    if (from_left) {  // both trees have it
      old_hash = NodeHash(steps[step], old_hash);
      new_hash = NodeHash(steps[step], new_hash);
    } else {
      new_hash = NodeHash(new_hash, steps[step]);
    }
  }
  return old_hash == first_root && new_hash == second_root ? absl::OkStatus() : WrongProof();
}

}  // namespace rollcall::proof
