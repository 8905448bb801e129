#pragma once
// Receipts: proof, with nothing but the genesis file, that a payment is final (promise P6).

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/bcs.h"
#include "crypto/hash.h"
#include "ledger/block.h"
#include "ledger/ids.h"
#include "ledger/result.h"
#include "ledger/transaction.h"

namespace peerpay::ledger {

// What applying one transaction did. Leaf of receipts_root: tagged_hash(kReceiptLeaf, encoding).
struct Outcome {
  TransactionId id;
  TransactionResult result = TransactionResult::kApplied;
  AssetId fee_asset;
  Amount fee_charged;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};
[[nodiscard]] base::Bytes encode(const Outcome& outcome);
[[nodiscard]] base::Expected<Outcome, base::DecodeError> decode_outcome(base::ByteView bytes);
[[nodiscard]] crypto::Hash outcome_leaf(const Outcome& outcome);
[[nodiscard]] MerkleRoot receipts_root_of(std::span<const Outcome> outcomes);

// The ledger's part of a receipt. `certificate` is consensus/'s canonical finalization certificate,
// opaque here: this layer does not know consensus. The certificate names the hash of the last
// header of `chain`; a block that was finalized by a descendant carries the headers in between.
struct Receipt {
  SignedTransaction transaction;
  Outcome outcome;
  std::uint32_t index = 0;         // position in its block
  std::vector<crypto::Hash> path;  // from the outcome's leaf to receipts_root
  std::vector<BlockHeader> chain;  // the payment's block first; each the parent of the next
  base::Bytes certificate;
  friend bool operator==(const Receipt&, const Receipt&) = default;
};
[[nodiscard]] base::Bytes encode(const Receipt& receipt);
[[nodiscard]] base::Expected<Receipt, base::DecodeError> decode_receipt(base::ByteView bytes);

// What a node holds of a finalized block. Borrowed: everything must outlive the call.
struct ReceiptSource {
  const Block& block;
  std::span<const Outcome> outcomes;         // of the block, in order
  std::span<const BlockHeader> descendants;  // after the block, up to the one the certificate names
  base::ByteView certificate;
};
// The receipt of transaction number `index`. Costs one hash per transaction of the block.
// REQUIRES: index < transactions; one outcome each; fewer than kReceiptChainMax descendants,
// linked.
[[nodiscard]] Receipt make_receipt(const ReceiptSource& source, std::uint32_t index);

enum class ReceiptError : std::uint8_t {
  kChainWrong = 1,       // made for another network
  kTransactionMismatch,  // the outcome is another transaction's
  kSignatureInvalid,
  kPathInvalid,
  kHeadersBroken,  // a header is not the parent of the next
  kCertificateMissing,
};
[[nodiscard]] std::string_view sentence(ReceiptError error);
// Everything but the certificate, the transaction's signatures included, in the order of
// ReceiptError (a receipt without headers is kHeadersBroken at once). On success the caller checks
// that the certificate verifies (consensus::verify_certificate with the genesis validators) and
// that it finalizes the returned hash.
[[nodiscard]] base::Expected<BlockHash, ReceiptError> check_receipt(const ChainId& chain,
                                                                    const Receipt& receipt);

}  // namespace peerpay::ledger
