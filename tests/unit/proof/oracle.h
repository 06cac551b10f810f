#ifndef ROLLCALL_TESTS_UNIT_PROOF_ORACLE_H_
#define ROLLCALL_TESTS_UNIT_PROOF_ORACLE_H_

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "proof/merkle.h"

// The definitions of RFC 6962, section 2.1, word for word and as slow as they are (only roots are
// remembered). Made from the leaves' data; shares nothing with the library but SHA-256.
namespace rollcall::proof {

class Oracle {
 public:
  explicit Oracle(std::vector<base::Bytes> leaves) : d_(std::move(leaves)) {}

  // MTH(D[begin:end]).
  Hash Mth(uint64_t begin, uint64_t end) {
    if (begin == end) return base::Sha256({});
    const auto known = roots_.find({begin, end});
    if (known != roots_.end()) return known->second;
    base::Bytes data;
    if (end - begin == 1) {
      data.push_back(0x00);
      data.insert(data.end(), d_[begin].begin(), d_[begin].end());
    } else {
      const uint64_t k = K(end - begin);
      data.push_back(0x01);
      for (const Hash& half : {Mth(begin, begin + k), Mth(begin + k, end)}) {
        data.insert(data.end(), half.begin(), half.end());
      }
    }
    return roots_[{begin, end}] = base::Sha256(data);
  }

  // PATH(m, D[begin:end]).
  std::vector<Hash> Path(uint64_t m, uint64_t begin, uint64_t end) {
    if (end - begin == 1) return {};
    const uint64_t k = K(end - begin);
    std::vector<Hash> path;
    if (m < k) {
      path = Path(m, begin, begin + k);
      path.push_back(Mth(begin + k, end));
    } else {
      path = Path(m - k, begin + k, end);
      path.push_back(Mth(begin, begin + k));
    }
    return path;
  }

  // PROOF(m, D[0:n]).
  std::vector<Hash> Proof(uint64_t m, uint64_t n) { return SubProof(m, 0, n, true); }

  // On which side each hash of Path(m, 0, n) stands: true is left.
  static std::vector<bool> Sides(uint64_t m, uint64_t n) {
    if (n == 1) return {};
    const uint64_t k = K(n);
    std::vector<bool> sides = m < k ? Sides(m, k) : Sides(m - k, n - k);
    sides.push_back(m >= k);
    return sides;
  }
  // The same of Proof(m, n), for 0 < m < n; a first hash that is a part of the old tree counts as
  // left.
  static std::vector<bool> ProofSides(uint64_t m, uint64_t n) { return SubSides(m, n, true); }

 private:
  // The largest power of two smaller than n.
  static uint64_t K(uint64_t n) {
    uint64_t k = 1;
    while (k * 2 < n) k *= 2;
    return k;
  }

  std::vector<Hash> SubProof(uint64_t m, uint64_t begin, uint64_t end, bool b) {
    const uint64_t n = end - begin;
    if (m == n) return b ? std::vector<Hash>() : std::vector<Hash>{Mth(begin, end)};
    const uint64_t k = K(n);
    std::vector<Hash> proof;
    if (m <= k) {
      proof = SubProof(m, begin, begin + k, b);
      proof.push_back(Mth(begin + k, end));
    } else {
      proof = SubProof(m - k, begin + k, end, false);
      proof.push_back(Mth(begin, begin + k));
    }
    return proof;
  }

  static std::vector<bool> SubSides(uint64_t m, uint64_t n, bool b) {
    if (m == n) return b ? std::vector<bool>() : std::vector<bool>{true};
    const uint64_t k = K(n);
    std::vector<bool> sides = m <= k ? SubSides(m, k, b) : SubSides(m - k, n - k, false);
    sides.push_back(m > k);
    return sides;
  }

  std::vector<base::Bytes> d_;
  std::map<std::pair<uint64_t, uint64_t>, Hash> roots_;
};

}  // namespace rollcall::proof

#endif  // ROLLCALL_TESTS_UNIT_PROOF_ORACLE_H_
