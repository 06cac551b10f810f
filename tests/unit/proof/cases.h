#ifndef ROLLCALL_TESTS_UNIT_PROOF_CASES_H_
#define ROLLCALL_TESTS_UNIT_PROOF_CASES_H_

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "proof/checkpoint.h"
#include "proof/keys.h"
#include "proof/merkle.h"
#include "proof/row.h"

// What the tests of proofs share: the classic leaves, a small log with a key, and proofs made
// wrong.
namespace rollcall::proof {

using Random = std::mt19937_64;

// The eight leaves of the test vectors that Certificate Transparency's implementations share.
std::vector<base::Bytes> ClassicLeaves();
// Leaf i: four bytes, i big-endian.
std::vector<base::Bytes> CountedLeaves(uint64_t count);
Hash FromHex(std::string_view hex);

// A proof and what it is said to prove.
struct Case {
  bool inclusion = true;  // else consistency
  uint64_t index = 0;     // the leaf, or the old size
  uint64_t size = 0;      // or the new size
  Hash hash{};            // the leaf's, or the old root
  Hash root{};            // or the new root
  std::vector<Hash> proof;
  friend bool operator==(const Case&, const Case&) = default;
};
absl::Status Verify(const Case& c);
// For gtest's messages.
std::string Describe(const Case& c);

// Honest proofs over one tree, and wrong ones made of them. Every wrong one differs from the honest
// one in what it says, so that none of them may be accepted.
class CaseMaker {
 public:
  explicit CaseMaker(uint64_t largest_size);

  Case Inclusion(uint64_t index, uint64_t size);
  Case Consistency(uint64_t first, uint64_t second);
  // Of either kind, between sizes up to the largest; never an empty old tree.
  Case Honest(Random& random);
  // Flips a bit of a hash, drops, adds, swaps or doubles a hash, or changes an index or a size.
  Case Wrong(Random& random);

 private:
  Hash RootOf(uint64_t size) { return roots_[size]; }
  void Change(Case& c, Random& random);
  void ChangeHashes(Case& c, Random& random);
  void ChangeNumbers(Case& c, Random& random);

  MemoryTree tree_;
  std::vector<Hash> roots_;  // by size
};

// A log of made-up rows, all in memory, that signs checkpoints.
class TestLog {
 public:
  // `flavour` goes into the bodies: logs of different flavours have no row in common.
  explicit TestLog(uint64_t size, int flavour = 0, size_t body_bytes = 40);

  void Add();
  uint64_t size() const { return tree_.size(); }
  const Row& row(uint64_t seq) const { return rows_[seq - 1]; }
  MemoryTree& tree() { return tree_; }

  // Signed with Key().
  std::string Checkpoint(uint64_t size);
  std::vector<Hash> ConsistencyProof(uint64_t first, uint64_t second);
  // The text of the receipt for row `seq` in the checkpoint of `size`.
  std::string Receipt(uint64_t seq, uint64_t size);

  // rollcall.example/hall, of the seed 0, 1, ..., 31.
  static const SigningKey& Key();
  // The key of another log.
  static const SigningKey& OtherKey();

 private:
  int flavour_;
  size_t body_bytes_;
  std::vector<Row> rows_;
  MemoryTree tree_;
};

// How many random cases a test makes: `usual`, unless the environment variable `name` says
// otherwise (tests/run --all).
inline int CaseCount(const char* name, int usual) {
  const char* wanted = std::getenv(name);
  return wanted != nullptr ? std::atoi(wanted) : usual;
}

}  // namespace rollcall::proof

#endif  // ROLLCALL_TESTS_UNIT_PROOF_CASES_H_
