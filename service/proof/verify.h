#ifndef ROLLCALL_PROOF_VERIFY_H_
#define ROLLCALL_PROOF_VERIFY_H_

#include <cstdint>
#include <span>

#include "base/status.h"
#include "proof/merkle.h"

// Verification of proofs that others made. Nothing is trusted: any size, any index, any number of
// hashes. A proof has exactly one right length for its sizes, which is asked first: a verifier that
// ignores spare hashes, or takes the sizes on the word of the proof, has been forged before.
//
// What no proof can show is that a root belongs to a size: the same hashes lead from leaf 0 to a
// root in a tree of 3 leaves and in one of 4. Take size and root from one signed checkpoint.
namespace rollcall::proof {

// Whether `leaf` (a leaf's hash) is leaf number `index` of the tree of `size` leaves with `root`.
// OK, or InvalidArgument, reason LEAF_OUTSIDE_TREE: index is not below size (so always where it is
// 0); PROOF_LENGTH: not as many hashes as these numbers need, or more than kMaxProofHashes;
// PROOF_WRONG: it leads to another root. One hash a step; no allocation when OK.
absl::Status VerifyInclusion(uint64_t index, uint64_t size, const Hash& leaf,
                             std::span<const Hash> proof, const Hash& root);

// Whether the tree of `first` leaves with `first_root` is the beginning of the tree of `second`
// leaves with `second_root`. Between equal sizes the roots must be equal and the proof empty. Every
// tree begins with the empty one: for `first` 0 the proof must be empty and `first_root`
// EmptyRoot(), and nothing is said about `second_root`. OK, or InvalidArgument, reason
// SIZES_REVERSED: first is above second; PROOF_LENGTH as above; PROOF_WRONG. Two hashes a step at
// most; no allocation when OK.
absl::Status VerifyConsistency(uint64_t first, uint64_t second, const Hash& first_root,
                               const Hash& second_root, std::span<const Hash> proof);

}  // namespace rollcall::proof

#endif  // ROLLCALL_PROOF_VERIFY_H_
