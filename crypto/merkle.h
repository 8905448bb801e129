#pragma once
// Merkle trees over an ordered list of leaf hashes, shaped as RFC 6962 section 2.1: the left
// subtree holds the largest power of two of leaves, no leaf is ever duplicated, so no two lists
// share a root. Leaves and nodes are hashed under different tags by the caller's choice of node
// tag.

#include <cstdint>
#include <span>
#include <vector>

#include "crypto/hash.h"

namespace peerpay::crypto {

// Root of the leaves; the all-zero hash for an empty list.
[[nodiscard]] Hash merkle_root(Tag node_tag, std::span<const Hash> leaves);

// Sibling hashes from the leaf upwards. REQUIRES: index < leaves.size().
[[nodiscard]] std::vector<Hash> merkle_path(Tag node_tag, std::span<const Hash> leaves,
                                            std::size_t index);

// True when `leaf` is number `index` of `count` leaves under `root`. Refuses paths that are too
// long or too short for the position. REQUIRES: `count` from where `root` is from, such as a block
// header; a path alone proves no count, and under a wrong one a leaf verifies at a wrong index.
struct MerklePosition {
  std::uint64_t index;
  std::uint64_t count;
};
[[nodiscard]] bool merkle_verify(Tag node_tag, const Hash& root, const Hash& leaf,
                                 MerklePosition position, std::span<const Hash> path);

}  // namespace peerpay::crypto
