#pragma once
// Outbox: every payment that was signed, from before it is sent until its end is known.
//
//   outbox/<id>.bcs   the signed transaction: its being there is what makes the payment pending
//   outbox/<id>.json  notes: when it was made, whether a node refused it
//   sent/<id>.*       the same once the end is known, with the end in the notes
//   payees/<account>  empty; a payment to this account has become final
//   references/<hash> the id of the final payment with this payee, asset and reference
//
// A payment is added, durably, before the first byte leaves; so a crash at any moment loses
// nothing, and the next command finds the very bytes to send again (promise P3). REQUIRES for all
// changes: the lock of the wallet's directory.

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "ledger/ids.h"
#include "ledger/transaction.h"
#include "wallet/builder.h"
#include "wallet/cli/failure.h"
#include "wallet/cli/home.h"

namespace peerpay::wallet::cli {

struct OutboxEntry {
  ledger::SealedTransaction transaction;
  PaymentOrder order;
  base::UnixMillis created;
  // The node's code when it refused the payment ("funds_insufficient"). Its nonce is taken again by
  // the next payment of the account, so that at most one of the two can ever be applied.
  std::optional<std::string> refused_code;
};

// How a payment ended.
enum class PaymentEnd { kFinal, kRefused, kExpired, kReplaced };
[[nodiscard]] std::string_view name(PaymentEnd end);

struct EndNote {
  PaymentEnd end = PaymentEnd::kFinal;
  std::string code;                      // when refused
  std::optional<ledger::Height> height;  // when final
};

class Outbox {
 public:
  // Borrows both.
  Outbox(const WalletHome& home, const ledger::ChainId& chain) : home_{home}, chain_{chain} {}

  // Oldest first. Fails when a file can't be read: paying on would risk paying twice.
  [[nodiscard]] Result<std::vector<OutboxEntry>> entries() const;
  [[nodiscard]] Result<void> add(const OutboxEntry& entry) const;
  [[nodiscard]] Result<void> mark_refused(const OutboxEntry& entry, std::string_view code) const;
  [[nodiscard]] Result<void> settle(const OutboxEntry& entry, const EndNote& note) const;

  // What this wallet knows of a payment.
  struct Record {
    ledger::SealedTransaction transaction;
    std::string state;  // "pending", "refused_for_now", or the name of its end
    std::string code;
  };
  [[nodiscard]] Result<std::optional<Record>> find(const ledger::TransactionId& id) const;
  // The payment of the sender that became final with this nonce, as far as can be read. Looks
  // through everything that was ever sent.
  [[nodiscard]] std::optional<ledger::TransactionId> final_with_nonce(
      const ledger::AccountId& sender, ledger::Nonce nonce) const;
  // A payment to this account has become final before.
  [[nodiscard]] bool has_paid(const ledger::AccountId& payee) const;
  // The final payment that has the same payee, asset and reference, whatever its amount and sender;
  // none when the reference is empty. Fails when a note of it can't be read.
  [[nodiscard]] Result<std::optional<ledger::TransactionId>> paid_reference(
      const PaymentOrder& order) const;

 private:
  const WalletHome& home_;
  const ledger::ChainId& chain_;
};

// Takes away what a crash left in the outbox and no payment needs: files that were not finished,
// and notes without a transaction. REQUIRES: as above.
void remove_leftovers(const WalletHome& home);

}  // namespace peerpay::wallet::cli
