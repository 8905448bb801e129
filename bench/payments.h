#pragma once
// The accounts and payments of a benchmark, all derived from their numbers: a load generator
// started again, or an audit after it, knows every key without having stored one.
//
// Only the first accounts pay, at most kPayersMax. Payment k is paid by account k mod p of these p
// payers, with the nonce first + k div p, so consecutive payments have different payers and each
// payer's nonces ascend. The payees are drawn from all accounts by the payment's number.

#include <cstdint>
#include <functional>
#include <optional>
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

// How many accounts have a key here. The ids are hashes, so that payers lie everywhere among them.
inline constexpr std::size_t kPayersMax = 100'000;

class Accounts {
 public:
  // Derives the payers' keys on all cores, about 25 us of CPU each. The others are points whose key
  // nobody has looked for, about 10 us each. REQUIRES: count >= 2.
  explicit Accounts(std::size_t count);

  [[nodiscard]] std::size_t size() const { return ids_.size(); }
  [[nodiscard]] std::size_t payers() const { return keys_.size(); }
  // REQUIRES: index < payers().
  [[nodiscard]] const crypto::SecretKey& key(std::size_t index) const { return keys_[index]; }
  [[nodiscard]] const ledger::AccountId& id(std::size_t index) const { return ids_[index]; }

 private:
  std::vector<crypto::SecretKey> keys_;
  std::vector<ledger::AccountId> ids_;
};

// What payments are like.
struct PaymentShape {
  std::size_t legs = 1;  // payees of one transaction
  std::size_t payload_bytes =
      0;                     // memo, of all legs together: the first ones take the most they can
  unsigned hot_percent = 0;  // legs in a hundred that go to one account, the last

  // One sentence when the ledger knows no such payments.
  [[nodiscard]] std::optional<std::string> invalid_reason() const;
};

struct PaymentTerms {
  ledger::ChainId chain;
  ledger::Nonce nonce_first{1};
  base::UnixMillis valid_until;
  PaymentShape shape = {};
};

// Payment `number`, one minor unit of asset 0 for each leg, signed. About 35 us.
[[nodiscard]] ledger::SealedTransaction make_payment(const Accounts& accounts,
                                                     const PaymentTerms& terms,
                                                     std::uint64_t number);

// As that, but of this payer and nonce, whatever the number.
// REQUIRES: payer < accounts.payers().
[[nodiscard]] ledger::SealedTransaction make_payment_of(const Accounts& accounts,
                                                        const PaymentTerms& terms,
                                                        std::size_t payer, ledger::Nonce nonce);

// BCS SignedTransaction, in the string that protobuf sends.
using PreparedPayment = std::string;
// Payments 0 to count - 1, signed on all cores.
[[nodiscard]] std::vector<PreparedPayment> prepare_payments(const Accounts& accounts,
                                                            const PaymentTerms& terms,
                                                            std::size_t count);

}  // namespace peerpay::bench
