#pragma once
// Identifiers of the ledger. Each is its own type: a block hash never stands where an account is
// meant.

#include <cstdint>

#include "base/bytes.h"
#include "base/strong.h"
#include "crypto/keys.h"

namespace peerpay::ledger {

// Tagged hash of the canonical genesis; part of every signed preimage.
using ChainId = base::FixedBytes<struct ChainIdTag, 32>;
// The x-only public key the account was first known by. Its policy may change later, its id never.
using AccountId = base::FixedBytes<struct AccountIdTag, 32>;
// Tagged hash of chain id and transaction body; signatures are not part of it.
using TransactionId = base::FixedBytes<struct TransactionIdTag, 32>;
// Tagged hash of the canonical header. Consensus orders these 32 bytes and nothing else.
using BlockHash = base::FixedBytes<struct BlockHashTag, 32>;
using StateRoot = base::FixedBytes<struct StateRootTag, 32>;
using MerkleRoot = base::FixedBytes<struct MerkleRootTag, 32>;

// Genesis is height 0.
using Height = base::Strong<struct HeightTag, std::uint64_t>;
// Position of an asset in the genesis table.
using AssetId = base::Strong<struct AssetIdTag, std::uint32_t>;
// Client-chosen, unique per sender (spec: ledger L23).
using Nonce = base::Strong<struct NonceTag, std::uint64_t>;

[[nodiscard]] inline crypto::PublicKey key_of(const AccountId& account) { return {account.bytes}; }
[[nodiscard]] inline AccountId account_of(const crypto::PublicKey& key) { return {key.bytes}; }

}  // namespace peerpay::ledger
