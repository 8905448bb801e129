#pragma once
// Transactions as plain values, and their canonical bytes (spec: docs/spec/ledger.md).
//
//   Transaction       = version u8 (=1), sender, option<sponsor>, nonce u64, valid_until_ms u64,
//                       fee { asset u32, max u64 }, operations vector<Operation>
//   Operation         = variant 0: Pay { payee, tag option<u64>, asset u32, amount u64,
//                                        reference bytes<=32, memo bytes<=256 }
//   SignedTransaction = Transaction, signatures vector<64 bytes>   sender's, then the sponsor's

#include <cstdint>
#include <functional>
#include <optional>
#include <variant>
#include <vector>

#include "base/bcs.h"
#include "base/time.h"
#include "crypto/hash.h"
#include "crypto/signature.h"
#include "ledger/amount.h"
#include "ledger/ids.h"
#include "ledger/result.h"

namespace peerpay::ledger {

inline constexpr std::uint8_t kTransactionVersion = 1;

struct Pay {
  AccountId payee;
  std::optional<std::uint64_t> tag;  // from a tagged address: whom the payee credits
  AssetId asset;
  Amount amount;
  base::Bytes reference;  // the payee's, for example an invoice number
  base::Bytes memo;       // the payer's, for people
  friend bool operator==(const Pay&, const Pay&) = default;
};

using Operation = std::variant<Pay>;

struct FeeOffer {
  AssetId asset;
  Amount max;
  friend bool operator==(const FeeOffer&, const FeeOffer&) = default;
};

struct Transaction {
  std::uint8_t version = kTransactionVersion;
  AccountId sender;
  std::optional<AccountId> sponsor;  // pays the fee, and signs
  Nonce nonce;
  base::UnixMillis valid_until;  // in no block with a later timestamp
  FeeOffer fee;
  std::vector<Operation> operations;
  friend bool operator==(const Transaction&, const Transaction&) = default;
};

struct SignedTransaction {
  Transaction body;
  std::vector<crypto::Signature> signatures;
  friend bool operator==(const SignedTransaction&, const SignedTransaction&) = default;
};

[[nodiscard]] base::Bytes encode(const Transaction& transaction);
[[nodiscard]] base::Bytes encode(const SignedTransaction& transaction);
[[nodiscard]] base::Expected<Transaction, base::DecodeError> decode_transaction(
    base::ByteView bytes);
[[nodiscard]] base::Expected<SignedTransaction, base::DecodeError> decode_signed_transaction(
    base::ByteView bytes);

// One transaction inside a larger value; errors stay in the reader.
void write(base::BcsWriter& out, const SignedTransaction& transaction);
[[nodiscard]] SignedTransaction read_signed_transaction(base::BcsReader& in);

// The id, and at the same time the 32-byte message that sender and sponsor sign (BIP-340).
[[nodiscard]] TransactionId transaction_id(const ChainId& chain, const Transaction& body);
[[nodiscard]] crypto::Hash signing_message(const TransactionId& id);
// How many signatures the transaction needs.
[[nodiscard]] std::size_t signers_of(const Transaction& body);
// crypto::VerifyKey::from, or what remembers its results.
using MakeVerifyKey = std::function<std::optional<crypto::VerifyKey>(const crypto::PublicKey&)>;
// kApplied, kSignatureMissing or kSignatureInvalid: the sender's, then the sponsor's. The expensive
// check: about 35 us per signature. REQUIRES: `id` is the transaction's own.
[[nodiscard]] TransactionResult verify_signatures(
    const TransactionId& id, const SignedTransaction& transaction,
    const MakeVerifyKey& make_key = crypto::VerifyKey::from);

// A transaction that has been decoded once: the value, its bytes, and what was computed from them.
// From the edge of the node to the block store it is this value that moves; nothing is parsed
// twice.
struct SealedTransaction {
  SignedTransaction transaction;
  base::Bytes bytes;  // canonical encoding of `transaction`
  TransactionId id;
  crypto::Hash leaf;  // tagged hash of `bytes`: commits the signatures too
};
[[nodiscard]] TransactionResult verify_signatures(
    const SealedTransaction& transaction, const MakeVerifyKey& make_key = crypto::VerifyKey::from);
[[nodiscard]] base::Expected<SealedTransaction, base::DecodeError> seal(const ChainId& chain,
                                                                        base::Bytes bytes);
// For transactions made here. One that breaks a limit of limits.h is sealed all the same, and
// check_static refuses it (kMalformed).
[[nodiscard]] SealedTransaction seal(const ChainId& chain, SignedTransaction transaction);
// REQUIRES: `bytes` is the canonical encoding of `transaction`. For decoders of larger values.
[[nodiscard]] SealedTransaction seal_decoded(const ChainId& chain, SignedTransaction transaction,
                                             base::Bytes bytes);

}  // namespace peerpay::ledger
