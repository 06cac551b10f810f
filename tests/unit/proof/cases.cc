#include "cases.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "oracle.h"
#include "proof/receipt.h"
#include "proof/verify.h"

namespace rollcall::proof {
namespace {

uint64_t Below(uint64_t bound, Random& random) { return random() % bound; }

Hash RandomHash(Random& random) {
  Hash hash;
  for (uint8_t& byte : hash) byte = static_cast<uint8_t>(random());
  return hash;
}

void FlipBit(Hash& hash, Random& random) {
  hash[Below(hash.size(), random)] ^= static_cast<uint8_t>(1u << Below(8, random));
}

SigningKey MakeKey(std::string_view name, uint8_t first) {
  std::array<uint8_t, SigningKey::kSeedSize> seed;
  std::iota(seed.begin(), seed.end(), first);
  return SigningKey::FromSeed(name, seed).value();
}

// Whether the numbers (index or old size, size) let a proof take another way than `c` took.
bool OtherWay(const Case& c, uint64_t index, uint64_t size) {
  if (c.inclusion) {
    return index >= size || Oracle::Sides(c.index, c.size) != Oracle::Sides(index, size);
  }
  if (index == 0 || index >= size || c.index >= c.size) return true;
  return Oracle::ProofSides(c.index, c.size) != Oracle::ProofSides(index, size);
}

}  // namespace

std::vector<base::Bytes> ClassicLeaves() {
  std::vector<base::Bytes> leaves;
  for (const char* hex : {"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                          "606162636465666768696a6b6c6d6e6f"}) {
    leaves.push_back(base::FromHex(hex).value());
  }
  return leaves;
}

std::vector<base::Bytes> CountedLeaves(uint64_t count) {
  std::vector<base::Bytes> leaves;
  for (uint64_t i = 0; i < count; ++i) {
    leaves.push_back({static_cast<uint8_t>(i >> 24), static_cast<uint8_t>(i >> 16),
                      static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)});
  }
  return leaves;
}

Hash FromHex(std::string_view hex) {
  const base::Bytes bytes = base::FromHex(hex).value();
  Hash hash;
  std::copy_n(bytes.begin(), hash.size(), hash.begin());
  return hash;
}

absl::Status Verify(const Case& c) {
  return c.inclusion ? VerifyInclusion(c.index, c.size, c.hash, c.proof, c.root)
                     : VerifyConsistency(c.index, c.size, c.hash, c.root, c.proof);
}

std::string Describe(const Case& c) {
  return std::string(c.inclusion ? "inclusion of " : "consistency of ") + std::to_string(c.index) +
         " in " + std::to_string(c.size) + " by " + std::to_string(c.proof.size()) + " hashes";
}

CaseMaker::CaseMaker(uint64_t largest_size) : roots_{EmptyRoot()} {
  for (const base::Bytes& leaf : CountedLeaves(largest_size)) {
    tree_.Append(LeafHash(leaf));
    roots_.push_back(tree_.Root());
  }
}

Case CaseMaker::Inclusion(uint64_t index, uint64_t size) {
  return {true,         index,
          size,         tree_.Read({0, index}).value(),
          RootOf(size), ProveInclusion(index, size, tree_).value()};
}

Case CaseMaker::Consistency(uint64_t first, uint64_t second) {
  return {false,         first,          second,
          RootOf(first), RootOf(second), ProveConsistency(first, second, tree_).value()};
}

Case CaseMaker::Honest(Random& random) {
  const uint64_t size = 1 + Below(roots_.size() - 1, random);
  const uint64_t index = Below(size, random);
  return Below(2, random) == 0 ? Inclusion(index, size) : Consistency(index + 1, size);
}

Case CaseMaker::Wrong(Random& random) {
  const Case honest = Honest(random);
  Case wrong = honest;
  while (wrong == honest) Change(wrong, random);
  return wrong;
}

void CaseMaker::Change(Case& c, Random& random) {
  switch (Below(4, random)) {
    case 0:
      FlipBit(Below(2, random) == 0 ? c.hash : c.root, random);
      break;
    case 1:
      ChangeNumbers(c, random);
      break;
    default:
      ChangeHashes(c, random);
  }
}

void CaseMaker::ChangeHashes(Case& c, Random& random) {
  const uint64_t count = c.proof.size();
  const auto at = [&] {
    return c.proof.begin() + static_cast<std::ptrdiff_t>(Below(count, random));
  };
  const uint64_t kind = count == 0 ? 0 : Below(6, random);
  switch (kind) {
    case 0:
      c.proof.insert(c.proof.begin() + static_cast<std::ptrdiff_t>(Below(count + 1, random)),
                     RandomHash(random));
      break;
    case 1:
      c.proof.erase(at());
      break;
    case 2:
      std::iter_swap(at(), at());
      break;
    case 3: {
      const Hash copy = *at();
      c.proof.insert(at(), copy);
      break;
    }
    case 4:
      *at() = Below(2, random) == 0 ? c.hash : c.root;
      break;
    default:
      FlipBit(*at(), random);
  }
}

void CaseMaker::ChangeNumbers(Case& c, Random& random) {
  const uint64_t largest = roots_.size() - 1;
  const uint64_t other = Below(2, random) == 0 ? Below(largest + 1, random)
                                               : (Below(2, random) == 0 ? c.size + 1 : c.size - 1);
  switch (Below(3, random)) {
    case 0:  // another leaf or old size
      if (OtherWay(c, other, c.size)) c.index = other;
      break;
    case 1:  // another size under the same root, where that can be told at all (verify.h)
      if (OtherWay(c, c.index, other)) c.size = other;
      break;
    default:  // the checkpoint of another size
      if (other <= largest && other > 0 && other != c.size) {
        c.size = other;
        c.root = RootOf(other);
      }
  }
}

TestLog::TestLog(uint64_t size, int flavour, size_t body_bytes)
    : flavour_(flavour), body_bytes_(body_bytes) {
  while (tree_.size() < size) Add();
}

void TestLog::Add() {
  Row row;
  row.seq = tree_.size() + 1;
  row.format = 1;
  for (size_t i = 0; i < row.salt.size(); ++i) {
    row.salt[i] = static_cast<uint8_t>(row.seq * 7 + i);
  }
  const std::string text = "row " + std::to_string(row.seq) + "/" + std::to_string(flavour_) + " ";
  while (row.body.size() < body_bytes_) row.body.insert(row.body.end(), text.begin(), text.end());
  row.body.resize(body_bytes_);
  tree_.Append(RowLeafHash(row));
  rows_.push_back(std::move(row));
}

std::string TestLog::Checkpoint(uint64_t size) {
  const proof::Checkpoint checkpoint{
      Key().verifier().name(), size, RootOf(size, tree_).value(), {}};
  return SignCheckpoint(checkpoint, Key()).value();
}

std::vector<Hash> TestLog::ConsistencyProof(uint64_t first, uint64_t second) {
  return ProveConsistency(first, second, tree_).value();
}

std::string TestLog::Receipt(uint64_t seq, uint64_t size) {
  return FormatReceipt({row(seq), ProveInclusion(seq - 1, size, tree_).value(), Checkpoint(size)})
      .value();
}

const SigningKey& TestLog::Key() {
  static const SigningKey key = MakeKey("rollcall.example/hall", 0);
  return key;
}

const SigningKey& TestLog::OtherKey() {
  static const SigningKey key = MakeKey("rollcall.example/other", 100);
  return key;
}

}  // namespace rollcall::proof
