#pragma once
// Blocks. The header commits everything; its tagged hash is what consensus orders.

#include <cstdint>
#include <span>
#include <vector>

#include "base/bcs.h"
#include "base/time.h"
#include "ledger/genesis.h"
#include "ledger/ids.h"
#include "ledger/transaction.h"

namespace peerpay::ledger {

inline constexpr std::uint8_t kBlockVersion = 1;

struct BlockHeader {
  std::uint8_t version = kBlockVersion;
  ChainId chain;
  Height height;
  std::uint64_t view = 0;      // consensus view it was proposed in
  std::uint32_t proposer = 0;  // index in the genesis validators; earns the fees
  BlockHash parent;
  base::UnixMillis timestamp;  // above the parent's
  std::uint32_t transaction_count = 0;
  MerkleRoot transactions_root;  // over SealedTransaction::leaf
  MerkleRoot receipts_root;      // over outcome leaves (receipt.h)
  StateRoot state_root;          // after this block
  friend bool operator==(const BlockHeader&, const BlockHeader&) = default;
};

struct Block {
  BlockHeader header;
  std::vector<SealedTransaction> transactions;
};

[[nodiscard]] base::Bytes encode(const BlockHeader& header);
[[nodiscard]] base::Expected<BlockHeader, base::DecodeError> decode_block_header(
    base::ByteView bytes);
[[nodiscard]] BlockHash block_hash(const BlockHeader& header);
// One header inside a larger value; errors stay in the reader.
void write(base::BcsWriter& out, const BlockHeader& header);
[[nodiscard]] BlockHeader read_block_header(base::BcsReader& in);

[[nodiscard]] MerkleRoot transactions_root_of(std::span<const SealedTransaction> transactions);
// The sum of their canonical bytes: what block_bytes_max of the genesis bounds.
[[nodiscard]] std::size_t body_size(std::span<const SealedTransaction> transactions);

// header, then vector<SignedTransaction>. Bounds: kBlockTransactionsMax, kBlockBodyBytesMax.
[[nodiscard]] base::Bytes encode(const Block& block);
// Also checks transaction_count and transactions_root against the body, so that a decoded block is
// the block that its hash names.
[[nodiscard]] base::Expected<Block, base::DecodeError> decode_block(base::ByteView bytes);

// Height 0: no parent, no transaction, the state of the genesis accounts (genesis_changes in
// state.h).
[[nodiscard]] BlockHeader genesis_header(const ChainId& chain, base::UnixMillis genesis_timestamp,
                                         const StateRoot& state_root);

}  // namespace peerpay::ledger
