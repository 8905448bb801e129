#include "crypto/merkle.h"

#include <bit>

#include "base/check.h"

namespace peerpay::crypto {
namespace {

// Largest power of two strictly below `count`. REQUIRES: count > 1.
std::size_t split_of(std::size_t count) { return std::bit_floor(count - 1); }

Hash node(Tag tag, const Hash& left, const Hash& right) {
  return tagged_hash(tag, left.view(), right.view());
}

}  // namespace

Hash merkle_root(Tag node_tag, std::span<const Hash> leaves) {
  if (leaves.empty()) return Hash{};
  // Pairing neighbours level by level, an odd last one moving up unchanged, gives the RFC 6962
  // shape.
  std::vector<Hash> level{leaves.begin(), leaves.end()};
  while (level.size() > 1) {
    std::size_t filled = 0;
    for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
      level[filled++] = node(node_tag, level[i], level[i + 1]);
    }
    if (level.size() % 2 == 1) level[filled++] = level.back();
    level.resize(filled);
  }
  return level.front();
}

std::vector<Hash> merkle_path(Tag node_tag, std::span<const Hash> leaves, std::size_t index) {
  PEERPAY_CHECK(index < leaves.size(), "a path starts at a leaf of the tree");
  std::vector<Hash> downwards;
  while (leaves.size() > 1) {
    const std::size_t split = split_of(leaves.size());
    const auto left = leaves.first(split);
    const auto right = leaves.subspan(split);
    if (index < split) {
      downwards.push_back(merkle_root(node_tag, right));
      leaves = left;
    } else {
      downwards.push_back(merkle_root(node_tag, left));
      leaves = right;
      index -= split;
    }
  }
  return {downwards.rbegin(), downwards.rend()};
}

bool merkle_verify(Tag node_tag, const Hash& root, const Hash& leaf, MerklePosition position,
                   std::span<const Hash> path) {
  if (position.index >= position.count) return false;
  // Climb as RFC 9162 section 2.1.3.2: `last` tells where the right edge of the tree is.
  std::uint64_t index = position.index;
  std::uint64_t last = position.count - 1;
  Hash hash = leaf;
  for (const auto& sibling : path) {
    if (last == 0) return false;
    if (index % 2 == 1 || index == last) {
      hash = node(node_tag, sibling, hash);
      while (index % 2 == 0 && index != 0) {
        index >>= 1;
        last >>= 1;
      }
    } else {
      hash = node(node_tag, hash, sibling);
    }
    index >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

}  // namespace peerpay::crypto
