#pragma once
// From "pay this much to them" to a signed transaction. Time, nonces and randomness are arguments;
// the same arguments always give the same bytes.

#include <cstdint>
#include <optional>
#include <span>

#include "base/expected.h"
#include "base/time.h"
#include "crypto/keys.h"
#include "ledger/account.h"
#include "ledger/address.h"
#include "ledger/amount.h"
#include "ledger/genesis.h"
#include "ledger/ids.h"
#include "ledger/result.h"
#include "ledger/transaction.h"

namespace peerpay::wallet {

// What the person wants. Two orders are the same payment when they are equal.
struct PaymentOrder {
  ledger::AccountId sender;
  ledger::Address payee;
  ledger::AssetId asset;
  ledger::Amount amount;
  base::Bytes reference;  // at most ledger::kReferenceBytesMax
  base::Bytes memo;       // at most ledger::kMemoBytesMax
  friend bool operator==(const PaymentOrder&, const PaymentOrder&) = default;
};

// How it is paid.
struct PaymentTerms {
  ledger::Nonce nonce;
  base::UnixMillis valid_until;
  friend bool operator==(const PaymentTerms&, const PaymentTerms&) = default;
};

// The order that a transaction carries out; empty unless it is exactly one Pay without a sponsor.
[[nodiscard]] std::optional<PaymentOrder> order_of(const ledger::Transaction& transaction);

// Nonces of this wallet's own payments that have no known end yet.
struct KnownNonces {
  std::span<const ledger::Nonce> in_flight;  // may still be applied: never use again
  // Of payments that a node refused for now: taking one again makes sure that at most one of the
  // two can ever be applied.
  std::span<const ledger::Nonce> reusable;
};
// The lowest reusable nonce that the ledger would take and that is not in flight, else the lowest
// one above the window that is not in flight. Empty when that would push one of `known` out of the
// window (ledger::kNonceWindow): nobody could prove any more that it was never used.
[[nodiscard]] std::optional<ledger::Nonce> choose_nonce(const ledger::NonceWindow& window,
                                                        const KnownNonces& known);

// Long enough to survive a restart of a node or a change of network, short enough that "never
// applied" becomes certain while the payer still looks at the screen.
inline constexpr base::Duration kValidityDefault = base::seconds(120);

// Counted from the later of the two clocks: a wallet whose clock is behind must not sign
// transactions that are born expired.
[[nodiscard]] base::UnixMillis valid_until_after(base::UnixMillis wall,
                                                 base::UnixMillis ledger_time,
                                                 base::Duration validity);

// The transaction, with the fee that the genesis asks for, in the asset that is paid. Refuses with
// the ledger's own result what no block could hold.
[[nodiscard]] base::Expected<ledger::Transaction, ledger::TransactionResult> build_payment(
    const ledger::Genesis& genesis, const PaymentOrder& order, const PaymentTerms& terms);

// Whether `balance` of the paid asset covers amount and fee. REQUIRES: `transaction` from
// build_payment.
[[nodiscard]] bool is_covered(const ledger::Transaction& transaction, ledger::Amount balance);

// REQUIRES: `key` is the sender's; 32 bytes of fresh randomness (BIP-340, against fault attacks).
[[nodiscard]] ledger::SealedTransaction sign_payment(const ledger::ChainId& chain,
                                                     const ledger::Transaction& transaction,
                                                     const crypto::SecretKey& key,
                                                     base::ByteView random32);

}  // namespace peerpay::wallet
