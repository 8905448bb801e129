#include "ledger/receipt.h"

#include "crypto/merkle.h"
#include "ledger/codec.h"
#include "ledger/limits.h"

namespace peerpay::ledger {
namespace {

using base::BcsReader;
using base::BcsWriter;

void write(BcsWriter& out, const Outcome& outcome) {
  out.fixed(outcome.id);
  out.u16(static_cast<std::uint16_t>(outcome.result));
  out.u32(outcome.fee_asset.value);
  out.u64(outcome.fee_charged.units());
}

Outcome read_outcome(BcsReader& in) {
  Outcome outcome;
  outcome.id = in.fixed<TransactionId>();
  const auto result = result_from(in.u16());
  if (!result) in.fail(base::DecodeError::kValueInvalid);
  outcome.result = result.value_or(TransactionResult::kMalformed);
  outcome.fee_asset.value = in.u32();
  outcome.fee_charged = Amount{in.u64()};
  return outcome;
}

Receipt read_receipt(BcsReader& in) {
  Receipt receipt;
  receipt.transaction = read_signed_transaction(in);
  receipt.outcome = read_outcome(in);
  receipt.index = in.u32();
  receipt.path.resize(in.length(kReceiptPathMax, crypto::Hash::kSize));
  for (auto& hash : receipt.path) hash = in.fixed<crypto::Hash>();
  receipt.chain.resize(in.length(kReceiptChainMax, kBlockHeaderBytes));
  for (auto& header : receipt.chain) header = read_block_header(in);
  const auto certificate = in.bytes(kCertificateBytesMax);
  receipt.certificate.assign(certificate.begin(), certificate.end());
  return receipt;
}

std::vector<crypto::Hash> leaves_of(std::span<const Outcome> outcomes) {
  std::vector<crypto::Hash> leaves;
  leaves.reserve(outcomes.size());
  for (const auto& outcome : outcomes) leaves.push_back(outcome_leaf(outcome));
  return leaves;
}

bool is_on_chain(const ChainId& chain, std::span<const BlockHeader> headers) {
  for (const auto& header : headers) {
    if (header.chain != chain) return false;
  }
  return true;
}

bool is_linked(std::span<const BlockHeader> headers) {
  for (std::size_t i = 1; i < headers.size(); ++i) {
    if (headers[i].parent != block_hash(headers[i - 1])) return false;
    if (headers[i].height != headers[i - 1].height.next()) return false;
  }
  return true;
}

bool is_outcome_committed(const Receipt& receipt) {
  const auto& header = receipt.chain.front();
  return crypto::merkle_verify(crypto::Tag::kReceiptNode, {header.receipts_root.bytes},
                               outcome_leaf(receipt.outcome),
                               {receipt.index, header.transaction_count}, receipt.path);
}

}  // namespace

base::Bytes encode(const Outcome& outcome) {
  BcsWriter out;
  write(out, outcome);
  return std::move(out).take();
}

base::Expected<Outcome, base::DecodeError> decode_outcome(base::ByteView bytes) {
  return decode_whole(bytes, read_outcome);
}

crypto::Hash outcome_leaf(const Outcome& outcome) {
  const base::Bytes bytes = encode(outcome);
  return crypto::tagged_hash(crypto::Tag::kReceiptLeaf, bytes);
}

MerkleRoot receipts_root_of(std::span<const Outcome> outcomes) {
  return {crypto::merkle_root(crypto::Tag::kReceiptNode, leaves_of(outcomes)).bytes};
}

base::Bytes encode(const Receipt& receipt) {
  BcsWriter out;
  write(out, receipt.transaction);
  write(out, receipt.outcome);
  out.u32(receipt.index);
  out.uleb(static_cast<std::uint32_t>(receipt.path.size()));
  for (const auto& hash : receipt.path) out.fixed(hash);
  out.uleb(static_cast<std::uint32_t>(receipt.chain.size()));
  for (const auto& header : receipt.chain) write(out, header);
  out.bytes(receipt.certificate);
  return std::move(out).take();
}

base::Expected<Receipt, base::DecodeError> decode_receipt(base::ByteView bytes) {
  return decode_whole(bytes, read_receipt);
}

Receipt make_receipt(const ReceiptSource& source, std::uint32_t index) {
  const Block& block = source.block;
  PEERPAY_CHECK(source.outcomes.size() == block.transactions.size(), "one outcome each");
  PEERPAY_CHECK(index < block.transactions.size(), "a receipt is of a transaction in the block");
  PEERPAY_CHECK(source.descendants.size() < kReceiptChainMax, "a receipt can be decoded");
  Receipt receipt;
  receipt.transaction = block.transactions[index].transaction;
  receipt.outcome = source.outcomes[index];
  receipt.index = index;
  receipt.path = crypto::merkle_path(crypto::Tag::kReceiptNode, leaves_of(source.outcomes), index);
  receipt.chain.push_back(block.header);
  receipt.chain.insert(receipt.chain.end(), source.descendants.begin(), source.descendants.end());
  receipt.certificate.assign(source.certificate.begin(), source.certificate.end());
  return receipt;
}

std::string_view sentence(ReceiptError error) {
  switch (error) {
    case ReceiptError::kChainWrong: return "The receipt was made for another network.";
    case ReceiptError::kTransactionMismatch:
      return "The receipt's outcome belongs to another transaction.";
    case ReceiptError::kSignatureInvalid:
      return "The transaction in the receipt is not signed by its sender and sponsor.";
    case ReceiptError::kPathInvalid:
      return "The outcome is not part of the block that the receipt names.";
    case ReceiptError::kHeadersBroken:
      return "The block headers in the receipt do not follow on one another.";
    case ReceiptError::kCertificateMissing: return "The receipt holds no finalization certificate.";
  }
  PEERPAY_UNREACHABLE("every ReceiptError has a sentence");
}

base::Expected<BlockHash, ReceiptError> check_receipt(const ChainId& chain,
                                                      const Receipt& receipt) {
  using base::Unexpected;
  if (receipt.chain.empty()) return Unexpected{ReceiptError::kHeadersBroken};
  if (!is_on_chain(chain, receipt.chain)) return Unexpected{ReceiptError::kChainWrong};
  const TransactionId id = transaction_id(chain, receipt.transaction.body);
  if (receipt.outcome.id != id) return Unexpected{ReceiptError::kTransactionMismatch};
  if (verify_signatures(id, receipt.transaction) != TransactionResult::kApplied) {
    return Unexpected{ReceiptError::kSignatureInvalid};
  }
  if (!is_outcome_committed(receipt)) return Unexpected{ReceiptError::kPathInvalid};
  if (!is_linked(receipt.chain)) return Unexpected{ReceiptError::kHeadersBroken};
  if (receipt.certificate.empty()) return Unexpected{ReceiptError::kCertificateMissing};
  return block_hash(receipt.chain.back());
}

}  // namespace peerpay::ledger
