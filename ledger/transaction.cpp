#include "ledger/transaction.h"

#include <type_traits>
#include <utility>

#include "crypto/signature.h"
#include "ledger/codec.h"
#include "ledger/limits.h"

namespace peerpay::ledger {
namespace {

using base::BcsReader;
using base::BcsWriter;

constexpr std::uint32_t kOperationVariants = std::variant_size_v<Operation>;

void write_pay(BcsWriter& out, const Pay& pay) {
  out.fixed(pay.payee);
  out.boolean(pay.tag.has_value());
  if (pay.tag) out.u64(*pay.tag);
  out.u32(pay.asset.value);
  out.u64(pay.amount.units());
  out.bytes(pay.reference);
  out.bytes(pay.memo);
}

Pay read_pay(BcsReader& in) {
  Pay pay;
  pay.payee = in.fixed<AccountId>();
  if (in.boolean()) pay.tag = in.u64();
  pay.asset.value = in.u32();
  pay.amount = Amount{in.u64()};
  const auto reference = in.bytes(kReferenceBytesMax);
  pay.reference.assign(reference.begin(), reference.end());
  const auto memo = in.bytes(kMemoBytesMax);
  pay.memo.assign(memo.begin(), memo.end());
  return pay;
}

void write_operation(BcsWriter& out, const Operation& operation) {
  out.uleb(static_cast<std::uint32_t>(operation.index()));
  std::visit([&out](const Pay& pay) { write_pay(out, pay); }, operation);
}

Operation read_operation(BcsReader& in) {
  static_assert(kOperationVariants == 1, "a new operation is read here");
  in.variant(kOperationVariants);
  return read_pay(in);
}

void write_body(BcsWriter& out, const Transaction& body) {
  out.u8(body.version);
  out.fixed(body.sender);
  out.boolean(body.sponsor.has_value());
  if (body.sponsor) out.fixed(*body.sponsor);
  out.u64(body.nonce.value);
  out.u64(body.valid_until.value);
  out.u32(body.fee.asset.value);
  out.u64(body.fee.max.units());
  out.uleb(static_cast<std::uint32_t>(body.operations.size()));
  for (const auto& operation : body.operations) write_operation(out, operation);
}

Transaction read_body(BcsReader& in) {
  Transaction body;
  body.version = in.u8();
  body.sender = in.fixed<AccountId>();
  if (in.boolean()) body.sponsor = in.fixed<AccountId>();
  body.nonce.value = in.u64();
  body.valid_until.value = in.u64();
  body.fee.asset.value = in.u32();
  body.fee.max = Amount{in.u64()};
  const std::size_t count = in.length(kOperationsMax, kOperationBytesMin);
  body.operations.reserve(count);
  for (std::size_t i = 0; i < count && in.ok(); ++i) body.operations.push_back(read_operation(in));
  return body;
}

// The signatures are the tail of the canonical bytes: one length byte (kSignaturesMax < 128) and 64
// bytes each.
std::size_t signatures_size(const SignedTransaction& transaction) {
  static_assert(kSignaturesMax < 128, "a longer list has a longer length prefix");
  return 1 + transaction.signatures.size() * crypto::Signature::kSize;
}

}  // namespace

base::Bytes encode(const Transaction& transaction) {
  BcsWriter out;
  write_body(out, transaction);
  return std::move(out).take();
}

void write(BcsWriter& out, const SignedTransaction& transaction) {
  write_body(out, transaction.body);
  out.uleb(static_cast<std::uint32_t>(transaction.signatures.size()));
  for (const auto& signature : transaction.signatures) out.fixed(signature);
}

SignedTransaction read_signed_transaction(BcsReader& in) {
  SignedTransaction transaction;
  transaction.body = read_body(in);
  const std::size_t count = in.length(kSignaturesMax, crypto::Signature::kSize);
  transaction.signatures.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    transaction.signatures.push_back(in.fixed<crypto::Signature>());
  }
  return transaction;
}

base::Bytes encode(const SignedTransaction& transaction) {
  BcsWriter out;
  write(out, transaction);
  return std::move(out).take();
}

base::Expected<Transaction, base::DecodeError> decode_transaction(base::ByteView bytes) {
  return decode_whole(bytes, read_body);
}

base::Expected<SignedTransaction, base::DecodeError> decode_signed_transaction(
    base::ByteView bytes) {
  return decode_whole(bytes, read_signed_transaction);
}

std::size_t signers_of(const Transaction& body) { return body.sponsor ? 2 : 1; }

TransactionId transaction_id(const ChainId& chain, const Transaction& body) {
  const base::Bytes bytes = encode(body);
  return crypto::tagged_hash_as<TransactionId>(crypto::Tag::kTransaction, chain.view(),
                                               base::ByteView{bytes});
}

crypto::Hash signing_message(const TransactionId& id) { return {id.bytes}; }

TransactionResult verify_signatures(const TransactionId& id, const SignedTransaction& transaction,
                                    const MakeVerifyKey& make_key) {
  const auto& [body, signatures] = transaction;
  if (signatures.size() != signers_of(body)) return TransactionResult::kSignatureMissing;
  const crypto::Hash message = signing_message(id);
  const auto is_signed = [&](const AccountId& signer, const crypto::Signature& signature) {
    const auto key = make_key(key_of(signer));
    return key && crypto::verify_with(*key, message, signature);
  };
  if (!is_signed(body.sender, signatures[0])) return TransactionResult::kSignatureInvalid;
  if (body.sponsor && !is_signed(*body.sponsor, signatures[1])) {
    return TransactionResult::kSignatureInvalid;
  }
  return TransactionResult::kApplied;
}

TransactionResult verify_signatures(const SealedTransaction& transaction,
                                    const MakeVerifyKey& make_key) {
  return verify_signatures(transaction.id, transaction.transaction, make_key);
}

SealedTransaction seal_decoded(const ChainId& chain, SignedTransaction transaction,
                               base::Bytes bytes) {
  const base::ByteView whole{bytes};
  const base::ByteView body = whole.first(whole.size() - signatures_size(transaction));
  const auto id =
      crypto::tagged_hash_as<TransactionId>(crypto::Tag::kTransaction, chain.view(), body);
  const auto leaf = crypto::tagged_hash(crypto::Tag::kTransactionLeaf, whole);
  return {std::move(transaction), std::move(bytes), id, leaf};
}

base::Expected<SealedTransaction, base::DecodeError> seal(const ChainId& chain, base::Bytes bytes) {
  auto transaction = decode_signed_transaction(bytes);
  if (!transaction) return base::Unexpected{transaction.error()};
  return seal_decoded(chain, std::move(*transaction), std::move(bytes));
}

SealedTransaction seal(const ChainId& chain, SignedTransaction transaction) {
  base::Bytes bytes = encode(transaction);
  return seal_decoded(chain, std::move(transaction), std::move(bytes));
}

}  // namespace peerpay::ledger
