// The tree against the published vectors and against RFC 6962's own definitions.
#include "proof/merkle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <string>

#include "cases.h"
#include "oracle.h"
#include "support/status_matchers.h"

namespace rollcall::proof {
namespace {

using support::HasReason;
using support::IsOk;

MemoryTree TreeOf(const std::vector<base::Bytes>& leaves) {
  MemoryTree tree;
  for (const base::Bytes& leaf : leaves) tree.Append(LeafHash(leaf));
  return tree;
}

// Counts what is read.
class CountingReader final : public NodeReader {
 public:
  explicit CountingReader(NodeReader& nodes) : nodes_(nodes) {}
  absl::StatusOr<Hash> Read(const NodeId& node) override {
    ++reads;
    return nodes_.Read(node);
  }
  int reads = 0;

 private:
  NodeReader& nodes_;
};

class BrokenReader final : public NodeReader {
 public:
  absl::StatusOr<Hash> Read(const NodeId&) override {
    return base::MakeError(absl::StatusCode::kDataLoss, "DISK", "cannot be read");
  }
};

// From certificate-transparency-go and its kin; also in RFC 6962 implementations elsewhere.
TEST(MerkleTest, RootsOfTheClassicVectors) {
  EXPECT_EQ(base::ToHex(EmptyRoot()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const std::string_view kRoots[] = {
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  Frontier frontier;
  MemoryTree tree;
  size_t size = 0;
  for (const base::Bytes& leaf : ClassicLeaves()) {
    frontier.Append(LeafHash(leaf));
    tree.Append(LeafHash(leaf));
    EXPECT_EQ(base::ToHex(frontier.Root()), kRoots[size]) << size;
    ++size;
    EXPECT_EQ(RootOf(size, tree).value(), frontier.Root());
  }
}

TEST(MerkleTest, ProofsOfTheClassicVectors) {
  const std::string a = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
  const std::string b = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
  const std::string c = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
  const std::string d = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
  const std::string e = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
  const std::string f = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7";
  const std::string g = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
  const std::string h = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
  const std::string i = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125";
  MemoryTree tree = TreeOf(ClassicLeaves());
  const auto hex = [](const absl::StatusOr<std::vector<Hash>>& proof) {
    std::vector<std::string> text;
    for (const Hash& hash : proof.value()) text.push_back(base::ToHex(hash));
    return text;
  };
  using Text = std::vector<std::string>;
  EXPECT_EQ(hex(ProveInclusion(0, 1, tree)), Text());
  EXPECT_EQ(hex(ProveInclusion(0, 8, tree)), (Text{a, b, c}));
  EXPECT_EQ(hex(ProveInclusion(5, 8, tree)), (Text{d, e, f}));
  EXPECT_EQ(hex(ProveInclusion(2, 3, tree)), (Text{i}));
  EXPECT_EQ(hex(ProveInclusion(1, 5, tree)), (Text{h, b, d}));
  EXPECT_EQ(hex(ProveConsistency(1, 1, tree)), Text());
  EXPECT_EQ(hex(ProveConsistency(1, 8, tree)), (Text{a, b, c}));
  EXPECT_EQ(hex(ProveConsistency(6, 8, tree)), (Text{g, e, f}));
  EXPECT_EQ(hex(ProveConsistency(2, 5, tree)), (Text{b, d}));
}

TEST(MerkleTest, EveryProofUpTo256IsTheOneOfTheDefinition) {
  constexpr uint64_t kLargest = 256;
  Oracle oracle(CountedLeaves(kLargest));
  MemoryTree tree = TreeOf(CountedLeaves(kLargest));
  for (uint64_t n = 0; n <= kLargest; ++n) {
    ASSERT_EQ(RootOf(n, tree).value(), oracle.Mth(0, n)) << n;
    for (uint64_t m = 0; m < n; ++m) {
      ASSERT_EQ(ProveInclusion(m, n, tree).value(), oracle.Path(m, 0, n)) << m << " in " << n;
    }
    for (uint64_t m = 1; m <= n; ++m) {
      ASSERT_EQ(ProveConsistency(m, n, tree).value(), oracle.Proof(m, n)) << m << " to " << n;
    }
    EXPECT_TRUE(ProveConsistency(0, n, tree).value().empty());
  }
}

TEST(MerkleTest, AnAppendNamesTheNodesThatAreCompleteWithIt) {
  constexpr uint64_t kLargest = 300;
  Oracle oracle(CountedLeaves(kLargest));
  Frontier frontier;
  for (uint64_t n = 0; n < kLargest; ++n) {
    const auto completed = frontier.Append(LeafHash(CountedLeaves(n + 1).back()));
    ASSERT_EQ(completed.size(), static_cast<size_t>(std::countr_one(n)) + 1);
    for (size_t level = 0; level < completed.size(); ++level) {
      const Node& node = completed[level];
      EXPECT_EQ(node.id, (NodeId{static_cast<int32_t>(level), n >> level}));
      EXPECT_EQ(node.hash, oracle.Mth(node.id.index << level, (node.id.index + 1) << level));
      EXPECT_EQ((node.id.index + 1) << level, n + 1) << "complete, and only now";
    }
    EXPECT_EQ(frontier.size(), n + 1);
    EXPECT_EQ(frontier.Root(), oracle.Mth(0, n + 1));
  }
}

TEST(MerkleTest, ALoadedFrontierGoesOnAsTheOldOne) {
  const auto leaves = CountedLeaves(200);
  for (uint64_t cut = 0; cut <= 130; ++cut) {
    MemoryTree tree = TreeOf({leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(cut)});
    CountingReader nodes(tree);
    Frontier frontier = Frontier::Load(cut, nodes).value();
    EXPECT_EQ(nodes.reads, std::popcount(cut));
    EXPECT_EQ(frontier.Root(), tree.Root());
    for (uint64_t i = cut; i < cut + 9; ++i) {
      frontier.Append(LeafHash(leaves[i]));
      tree.Append(LeafHash(leaves[i]));
      ASSERT_EQ(frontier.Root(), tree.Root()) << cut << ", " << i;
    }
  }
}

TEST(MerkleTest, ProofsReadFewNodes) {
  MemoryTree tree = TreeOf(CountedLeaves(5000));
  Random random(1);
  for (int i = 0; i < 2000; ++i) {
    const uint64_t size = 1 + random() % 5000;
    const uint64_t index = random() % size;
    CountingReader nodes(tree);
    ASSERT_THAT(ProveInclusion(index, size, nodes), IsOk());
    EXPECT_LE(nodes.reads, 2 * std::bit_width(size));
    nodes.reads = 0;
    ASSERT_THAT(ProveConsistency(index, size, nodes), IsOk());
    EXPECT_LE(nodes.reads, 2 * std::bit_width(size) + 1);
    nodes.reads = 0;
    ASSERT_THAT(RootOf(size, nodes), IsOk());
    EXPECT_EQ(nodes.reads, std::popcount(size));
  }
}

TEST(MerkleTest, WhatCannotBeProvenIsRefused) {
  MemoryTree tree = TreeOf(CountedLeaves(5));
  EXPECT_THAT(ProveInclusion(0, 0, tree), HasReason("LEAF_OUTSIDE_TREE"));
  EXPECT_THAT(ProveInclusion(5, 5, tree), HasReason("LEAF_OUTSIDE_TREE"));
  EXPECT_THAT(ProveConsistency(5, 4, tree), HasReason("SIZES_REVERSED"));
  EXPECT_THAT(ProveInclusion(0, 6, tree), HasReason("NODE_NOT_THERE"));
  EXPECT_THAT(RootOf(6, tree), HasReason("NODE_NOT_THERE"));
  EXPECT_THAT(Frontier::Load(8, tree), HasReason("NODE_NOT_THERE"));
  EXPECT_THAT(tree.Read({-1, 0}), HasReason("NODE_NOT_THERE"));
  EXPECT_THAT(tree.Read({40, 0}), HasReason("NODE_NOT_THERE"));
  const uint64_t above = kMaxTreeSize + 1;
  EXPECT_THAT(ProveInclusion(0, above, tree), HasReason("TREE_TOO_LARGE"));
  EXPECT_THAT(ProveConsistency(1, above, tree), HasReason("TREE_TOO_LARGE"));
  EXPECT_THAT(RootOf(~uint64_t{0}, tree), HasReason("TREE_TOO_LARGE"));
  EXPECT_THAT(Frontier::Load(above, tree), HasReason("TREE_TOO_LARGE"));
}

// A store whose every node is the same: the largest trees without their leaves.
class EndlessReader final : public NodeReader {
 public:
  absl::StatusOr<Hash> Read(const NodeId& node) override {
    EXPECT_LE(node.level, 62);
    EXPECT_LT(node.index, kMaxTreeSize >> node.level);
    return Hash{};
  }
};

TEST(MerkleTest, TheLargestTreesHaveAtMost63Hashes) {
  EndlessReader nodes;
  EXPECT_EQ(ProveInclusion(kMaxTreeSize - 1, kMaxTreeSize, nodes).value().size(), 62u);
  EXPECT_EQ(ProveInclusion(0, kMaxTreeSize - 1, nodes).value().size(), 62u);
  EXPECT_EQ(ProveConsistency(kMaxTreeSize - 1, kMaxTreeSize, nodes).value().size(),
            kMaxProofHashes);
  Frontier frontier = Frontier::Load(kMaxTreeSize - 1, nodes).value();
  EXPECT_EQ(frontier.Append(Hash{}).size(), 63u);
  EXPECT_EQ(frontier.size(), kMaxTreeSize);
}

TEST(MerkleTest, AnErrorOfTheStoreIsHandedOn) {
  BrokenReader nodes;
  EXPECT_THAT(ProveInclusion(1, 3, nodes), HasReason("DISK"));
  EXPECT_THAT(ProveConsistency(1, 3, nodes), HasReason("DISK"));
  EXPECT_THAT(RootOf(3, nodes), HasReason("DISK"));
  EXPECT_THAT(Frontier::Load(3, nodes), HasReason("DISK"));
}

}  // namespace
}  // namespace rollcall::proof
