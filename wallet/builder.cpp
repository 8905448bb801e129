#include "wallet/builder.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "base/check.h"
#include "crypto/signature.h"
#include "ledger/apply.h"
#include "ledger/limits.h"

namespace peerpay::wallet {
namespace {

using ledger::TransactionResult;

// The ledger's checks see a transaction with all its signatures; before signing, empty ones stand
// in.
TransactionResult check_unsigned(const ledger::Genesis& genesis,
                                 const ledger::Transaction& transaction) {
  ledger::SealedTransaction draft;
  draft.transaction = {.body = transaction, .signatures = {crypto::Signature{}}};
  const auto result = ledger::check_static(draft);
  if (result != TransactionResult::kApplied) return result;
  return ledger::check_genesis(genesis, draft);
}

}  // namespace

std::optional<PaymentOrder> order_of(const ledger::Transaction& transaction) {
  if (transaction.operations.size() != 1 || transaction.sponsor) return std::nullopt;
  const auto* pay = std::get_if<ledger::Pay>(&transaction.operations.front());
  if (pay == nullptr) return std::nullopt;
  return PaymentOrder{.sender = transaction.sender,
                      .payee = {.account = pay->payee, .tag = pay->tag},
                      .asset = pay->asset,
                      .amount = pay->amount,
                      .reference = pay->reference,
                      .memo = pay->memo};
}

std::optional<ledger::Nonce> choose_nonce(const ledger::NonceWindow& window,
                                          const KnownNonces& known) {
  const std::set<ledger::Nonce> in_flight(known.in_flight.begin(), known.in_flight.end());
  const std::set<ledger::Nonce> reusable(known.reusable.begin(), known.reusable.end());
  const auto is_free = [&](ledger::Nonce nonce) {
    return window.check(nonce) == TransactionResult::kApplied && !in_flight.contains(nonce);
  };
  const auto again = std::find_if(reusable.begin(), reusable.end(), is_free);
  if (again != reusable.end()) return *again;
  auto last = window.highest + ledger::kNonceAheadMax;
  for (const auto& list : {in_flight, reusable}) {
    for (const auto nonce : list) {
      if (window.check(nonce) != TransactionResult::kApplied) continue;
      last = std::min(last, nonce.value + ledger::kNonceWindow);
    }
  }
  for (ledger::Nonce nonce{window.highest + 1}; nonce.value <= last; nonce = nonce.next()) {
    if (!in_flight.contains(nonce)) return nonce;
  }
  return std::nullopt;
}

base::UnixMillis valid_until_after(base::UnixMillis wall, base::UnixMillis ledger_time,
                                   base::Duration validity) {
  return {std::max(wall, ledger_time).value + static_cast<std::uint64_t>(validity.milliseconds())};
}

base::Expected<ledger::Transaction, TransactionResult> build_payment(const ledger::Genesis& genesis,
                                                                     const PaymentOrder& order,
                                                                     const PaymentTerms& terms) {
  ledger::Transaction out;
  out.sender = order.sender;
  out.nonce = terms.nonce;
  out.valid_until = terms.valid_until;
  out.fee.asset = order.asset;
  out.operations = {ledger::Pay{.payee = order.payee.account,
                                .tag = order.payee.tag,
                                .asset = order.asset,
                                .amount = order.amount,
                                .reference = order.reference,
                                .memo = order.memo}};
  out.fee.max = ledger::required_fee(genesis, out).value_or(ledger::Amount{});
  const auto result = check_unsigned(genesis, out);
  if (result != TransactionResult::kApplied) return base::Unexpected{result};
  if (!crypto::is_valid(ledger::key_of(order.payee.account))) {
    return base::Unexpected{TransactionResult::kPayeeInvalid};
  }
  return out;
}

bool is_covered(const ledger::Transaction& transaction, ledger::Amount balance) {
  const auto order = order_of(transaction);
  PEERPAY_CHECK(order.has_value(), "a transaction from build_payment is one payment");
  const auto total = order->amount.checked_add(transaction.fee.max);
  return total && *total <= balance;
}

ledger::SealedTransaction sign_payment(const ledger::ChainId& chain,
                                       const ledger::Transaction& transaction,
                                       const crypto::SecretKey& key, base::ByteView random32) {
  PEERPAY_CHECK(ledger::account_of(key.public_key()) == transaction.sender,
                "a payment is signed with its sender's key");
  const auto id = ledger::transaction_id(chain, transaction);
  const auto signature = crypto::sign(key, ledger::signing_message(id), random32);
  return ledger::seal(chain, {.body = transaction, .signatures = {signature}});
}

}  // namespace peerpay::wallet
