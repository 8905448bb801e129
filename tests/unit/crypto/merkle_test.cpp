#include "crypto/merkle.h"

#include <gtest/gtest.h>

#include <set>

namespace peerpay::crypto {
namespace {

constexpr Tag kNode = Tag::kTransactionNode;
constexpr std::size_t kLeavesMax = 70;  // past 64, so that every shape of the right edge occurs

using Leaves = std::span<const Hash>;

std::vector<Hash> leaves_of(std::size_t count) {
  std::vector<Hash> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(sha256(base::Bytes{static_cast<std::uint8_t>(i)}));
  }
  return out;
}

std::size_t largest_power_of_two_below(std::size_t count) {
  std::size_t power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

Hash node_of(const Hash& left, const Hash& right) {
  return tagged_hash(kNode, left.view(), right.view());
}

// RFC 6962 section 2.1, word for word.
Hash naive_root(Leaves leaves) {
  if (leaves.size() == 1) return leaves[0];
  const auto k = largest_power_of_two_below(leaves.size());
  return node_of(naive_root(leaves.first(k)), naive_root(leaves.subspan(k)));
}

// RFC 6962 section 2.1.1, word for word.
std::vector<Hash> naive_path(std::size_t m, Leaves leaves) {
  if (leaves.size() == 1) return {};
  const auto k = largest_power_of_two_below(leaves.size());
  const bool in_left = m < k;
  auto path = in_left ? naive_path(m, leaves.first(k)) : naive_path(m - k, leaves.subspan(k));
  path.push_back(naive_root(in_left ? leaves.subspan(k) : leaves.first(k)));
  return path;
}

// Calls check(leaves, root, index, path) for every leaf of every tree up to kLeavesMax leaves.
template <class Check>
void for_every_leaf(Check check) {
  for (std::size_t count = 1; count <= kLeavesMax; ++count) {
    const auto leaves = leaves_of(count);
    const Hash root = merkle_root(kNode, leaves);
    for (std::size_t index = 0; index < count; ++index) {
      check(leaves, root, index, merkle_path(kNode, leaves, index));
    }
  }
}

TEST(Merkle, RootOfNothingIsZeroAndOfOneLeafThatLeaf) {
  EXPECT_EQ(merkle_root(kNode, {}), Hash{});
  const auto leaves = leaves_of(1);
  EXPECT_EQ(merkle_root(kNode, leaves), leaves[0]);
  EXPECT_TRUE(merkle_path(kNode, leaves, 0).empty());
}

TEST(Merkle, RootsFollowRfc6962) {
  for (std::size_t count = 1; count <= kLeavesMax; ++count) {
    const auto leaves = leaves_of(count);
    EXPECT_EQ(merkle_root(kNode, leaves), naive_root(leaves)) << count;
  }
}

TEST(Merkle, RootsDependOnTheNodeTag) {
  const auto leaves = leaves_of(2);
  EXPECT_NE(merkle_root(Tag::kTransactionNode, leaves), merkle_root(Tag::kReceiptNode, leaves));
}

// The duplicated last leaf of Bitcoin's tree let two lists share a root (CVE-2012-2459).
TEST(Merkle, RepeatedLastLeavesGiveAnotherRoot) {
  std::set<Hash> roots;
  for (std::size_t count = 1; count <= kLeavesMax; ++count) {
    auto leaves = leaves_of(count);
    EXPECT_TRUE(roots.insert(merkle_root(kNode, leaves)).second) << count;
    leaves.push_back(leaves.back());
    EXPECT_TRUE(roots.insert(merkle_root(kNode, leaves)).second) << count;
  }
}

TEST(Merkle, PathsFollowRfc6962AndVerify) {
  for_every_leaf([](Leaves leaves, const Hash& root, std::size_t index, Leaves path) {
    const std::vector<Hash> made{path.begin(), path.end()};
    EXPECT_EQ(made, naive_path(index, leaves)) << index << " of " << leaves.size();
    EXPECT_TRUE(merkle_verify(kNode, root, leaves[index], {index, leaves.size()}, path))
        << index << " of " << leaves.size();
  });
}

TEST(Merkle, VerifyRefusesAnotherLeafRootOrTag) {
  for_every_leaf([](Leaves leaves, const Hash& root, std::size_t index, Leaves path) {
    const MerklePosition position{index, leaves.size()};
    EXPECT_FALSE(merkle_verify(kNode, root, sha256({}), position, path));
    EXPECT_FALSE(merkle_verify(kNode, sha256({}), leaves[index], position, path));
    if (path.empty()) return;
    EXPECT_FALSE(merkle_verify(Tag::kReceiptNode, root, leaves[index], position, path));
  });
}

TEST(Merkle, VerifyRefusesAnyChangedSibling) {
  for_every_leaf([](Leaves leaves, const Hash& root, std::size_t index, Leaves path) {
    for (std::size_t i = 0; i < path.size(); ++i) {
      std::vector<Hash> altered{path.begin(), path.end()};
      altered[i].bytes[i] ^= 1;
      EXPECT_FALSE(merkle_verify(kNode, root, leaves[index], {index, leaves.size()}, altered));
    }
  });
}

TEST(Merkle, VerifyRefusesPathsOfAnotherLength) {
  for_every_leaf([](Leaves leaves, const Hash& root, std::size_t index, Leaves path) {
    const MerklePosition position{index, leaves.size()};
    std::vector<Hash> longer{path.begin(), path.end()};
    longer.push_back(root);
    EXPECT_FALSE(merkle_verify(kNode, root, leaves[index], position, longer));
    if (path.empty()) return;
    EXPECT_FALSE(merkle_verify(kNode, root, leaves[index], position, path.first(path.size() - 1)));
    // An inner node may not pass for a leaf below it.
    const Hash parent = naive_root(leaves);
    EXPECT_FALSE(merkle_verify(kNode, root, parent, position, {}));
  });
}

// In a tree of one leaf the root is the leaf: nothing may be put below it.
TEST(Merkle, VerifyRefusesAStepBelowASingleLeaf) {
  const auto leaves = leaves_of(2);
  const Hash root = merkle_root(kNode, leaves);
  EXPECT_FALSE(merkle_verify(kNode, root, leaves[1], {0, 1}, Leaves{leaves}.first(1)));
}

TEST(Merkle, VerifyRefusesEveryOtherIndex) {
  for_every_leaf([](Leaves leaves, const Hash& root, std::size_t index, Leaves path) {
    for (std::size_t other = 0; other <= leaves.size(); ++other) {
      EXPECT_EQ(merkle_verify(kNode, root, leaves[index], {other, leaves.size()}, path),
                other == index)
          << index << " as " << other << " of " << leaves.size();
    }
  });
}

TEST(Merkle, VerifyRefusesAnEmptyTreeAndHugePositions) {
  const Hash leaf = sha256({});
  EXPECT_FALSE(merkle_verify(kNode, leaf, leaf, {0, 0}, {}));
  EXPECT_FALSE(merkle_verify(kNode, leaf, leaf, {UINT64_MAX, UINT64_MAX}, {}));
  EXPECT_FALSE(merkle_verify(kNode, leaf, leaf, {UINT64_MAX - 1, UINT64_MAX}, {}));
}

TEST(MerkleDeathTest, PathOfAMissingLeafIsOurBug) {
  const auto leaves = leaves_of(3);
  EXPECT_DEATH((void)merkle_path(kNode, leaves, 3), "a path starts at a leaf of the tree");
}

}  // namespace
}  // namespace peerpay::crypto
