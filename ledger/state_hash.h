#pragma once
// How the state tree is hashed: what the tree (state_tree.cpp) and whoever checks a proof without
// one (state_proof.cpp) must agree on (spec: ledger L31, L32).

#include <cstdint>

#include "base/bytes.h"
#include "crypto/hash.h"
#include "ledger/ids.h"

namespace peerpay::ledger {

[[nodiscard]] crypto::Hash state_path(const AccountId& id);
[[nodiscard]] crypto::Hash state_leaf_hash(const crypto::Hash& path, base::ByteView record);
[[nodiscard]] crypto::Hash state_node_hash(std::uint16_t bit, const crypto::Hash& left,
                                           const crypto::Hash& right);
[[nodiscard]] crypto::Hash state_empty_hash();

// Bit number `bit` of a path, the most significant first. REQUIRES: bit < kStatePathBits.
[[nodiscard]] bool path_bit(const crypto::Hash& path, std::uint16_t bit);
// The first bit in which the paths differ; kStatePathBits when they are equal.
[[nodiscard]] std::uint16_t first_difference(const crypto::Hash& a, const crypto::Hash& b);

}  // namespace peerpay::ledger
