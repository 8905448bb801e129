#pragma once
// The accounts and payments of a benchmark, all derived from their numbers: a load generator
// started again, or an audit after it, knows every key without having stored one.
//
// Payment k is paid by account k mod n with the nonce first + k div n, so consecutive payments have
// different payers and each payer's nonces ascend. The payee is drawn from the payment's number.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/keys.h"
#include "ledger/ids.h"
#include "ledger/transaction.h"

namespace peerpay::bench {

// The key of account `index`. Everybody can compute it: never fund one outside of a test network.
[[nodiscard]] crypto::SecretKey account_key(std::uint64_t index);

class Accounts {
 public:
  // Derives `count` keys on all cores, about 25 us of CPU each. REQUIRES: count >= 2.
  explicit Accounts(std::size_t count);

  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  [[nodiscard]] const crypto::SecretKey& key(std::size_t index) const { return keys_[index]; }
  [[nodiscard]] const ledger::AccountId& id(std::size_t index) const { return ids_[index]; }

 private:
  std::vector<crypto::SecretKey> keys_;
  std::vector<ledger::AccountId> ids_;
};

struct PaymentTerms {
  ledger::ChainId chain;
  ledger::Nonce nonce_first{1};
  base::UnixMillis valid_until;
};

// Payment `number` of one minor unit of asset 0, signed. About 35 us.
[[nodiscard]] ledger::SealedTransaction make_payment(const Accounts& accounts,
                                                     const PaymentTerms& terms,
                                                     std::uint64_t number);

// As that, but of this payer and nonce, whatever the number.
[[nodiscard]] ledger::SealedTransaction make_payment_of(const Accounts& accounts,
                                                        const PaymentTerms& terms,
                                                        std::size_t payer, ledger::Nonce nonce);

// BCS SignedTransaction, in the string that protobuf sends.
using PreparedPayment = std::string;
// Payments 0 to count - 1, signed on all cores.
[[nodiscard]] std::vector<PreparedPayment> prepare_payments(const Accounts& accounts,
                                                            const PaymentTerms& terms,
                                                            std::size_t count);

// Calls `work` once for each number below `count`, from as many threads as there are cores.
void for_each_parallel(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace peerpay::bench
