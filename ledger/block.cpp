#include "ledger/block.h"

#include <algorithm>

#include "crypto/merkle.h"
#include "ledger/codec.h"
#include "ledger/limits.h"

namespace peerpay::ledger {
namespace {

using base::BcsReader;
using base::BcsWriter;

// Reads one transaction of `rest`, whose unread tail is what `in` has left.
SealedTransaction read_sealed(const ChainId& chain, base::ByteView whole, BcsReader& in) {
  const std::size_t begin = whole.size() - in.remaining();
  auto transaction = read_signed_transaction(in);
  if (!in.ok()) return {};
  const std::size_t end = whole.size() - in.remaining();
  const auto bytes = whole.subspan(begin, end - begin);
  return seal_decoded(chain, std::move(transaction), {bytes.begin(), bytes.end()});
}

bool commits_to_body(const Block& block) {
  return block.header.transaction_count == block.transactions.size() &&
         block.header.transactions_root == transactions_root_of(block.transactions);
}

}  // namespace

void write(BcsWriter& out, const BlockHeader& header) {
  out.u8(header.version);
  out.fixed(header.chain);
  out.u64(header.height.value);
  out.u64(header.view);
  out.u32(header.proposer);
  out.fixed(header.parent);
  out.u64(header.timestamp.value);
  out.u32(header.transaction_count);
  out.fixed(header.transactions_root);
  out.fixed(header.receipts_root);
  out.fixed(header.state_root);
}

BlockHeader read_block_header(BcsReader& in) {
  BlockHeader header;
  header.version = in.u8();
  header.chain = in.fixed<ChainId>();
  header.height.value = in.u64();
  header.view = in.u64();
  header.proposer = in.u32();
  header.parent = in.fixed<BlockHash>();
  header.timestamp.value = in.u64();
  header.transaction_count = in.u32();
  header.transactions_root = in.fixed<MerkleRoot>();
  header.receipts_root = in.fixed<MerkleRoot>();
  header.state_root = in.fixed<StateRoot>();
  return header;
}

base::Bytes encode(const BlockHeader& header) {
  BcsWriter out;
  write(out, header);
  return std::move(out).take();
}

base::Expected<BlockHeader, base::DecodeError> decode_block_header(base::ByteView bytes) {
  return decode_whole(bytes, read_block_header);
}

BlockHash block_hash(const BlockHeader& header) {
  const base::Bytes bytes = encode(header);
  return crypto::tagged_hash_as<BlockHash>(crypto::Tag::kBlock, base::ByteView{bytes});
}

MerkleRoot transactions_root_of(std::span<const SealedTransaction> transactions) {
  std::vector<crypto::Hash> leaves;
  leaves.reserve(transactions.size());
  for (const auto& transaction : transactions) leaves.push_back(transaction.leaf);
  return {crypto::merkle_root(crypto::Tag::kTransactionNode, leaves).bytes};
}

std::size_t body_size(std::span<const SealedTransaction> transactions) {
  std::size_t size = 0;
  for (const auto& transaction : transactions) size += transaction.bytes.size();
  return size;
}

base::Bytes encode(const Block& block) {
  BcsWriter out;
  write(out, block.header);
  out.uleb(static_cast<std::uint32_t>(block.transactions.size()));
  for (const auto& transaction : block.transactions) out.raw(transaction.bytes);
  return std::move(out).take();
}

base::Expected<Block, base::DecodeError> decode_block(base::ByteView bytes) {
  if (bytes.size() > kBlockBytesMax) {
    return base::Unexpected{base::DecodeError::kTooLong};
  }
  return decode_whole(bytes, [bytes](BcsReader& in) {
    Block block;
    block.header = read_block_header(in);
    const std::size_t count = in.length(kBlockTransactionsMax, kSignedTransactionBytesMin);
    block.transactions.reserve(count);
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
      block.transactions.push_back(read_sealed(block.header.chain, bytes, in));
    }
    if (in.ok() && !commits_to_body(block)) in.fail(base::DecodeError::kValueInvalid);
    return block;
  });
}

BlockHeader genesis_header(const ChainId& chain, base::UnixMillis genesis_timestamp,
                           const StateRoot& state_root) {
  BlockHeader header;
  header.chain = chain;
  header.timestamp = genesis_timestamp;
  header.state_root = state_root;
  return header;
}

}  // namespace peerpay::ledger
