#pragma once
// The ledger once more, as naive as the rules allow: whole maps, whole sets of nonces, a copy of
// everything for each attempt. Written from docs/spec/ledger.md, and sharing no rule with ledger/,
// so that a mistake has to be made twice to go unnoticed.

#include <cstdint>
#include <map>
#include <set>

#include "base/time.h"
#include "ledger/genesis.h"
#include "ledger/ids.h"
#include "ledger/result.h"
#include "ledger/state.h"
#include "ledger/transaction.h"

namespace peerpay::ledger::test {

class NaiveLedger {
 public:
  struct Record {
    std::set<std::uint64_t> nonces;                // every one ever used
    std::map<std::uint32_t, std::uint64_t> money;  // by asset, zeros left out
  };

  NaiveLedger(const Genesis& genesis, std::map<AccountId, Record> accounts)
      : genesis_{genesis}, accounts_{std::move(accounts)} {}

  // Applies or refuses; signatures are counted, not checked.
  TransactionResult apply(const SignedTransaction& transaction, base::UnixMillis time,
                          const AccountId& fee_account);

  [[nodiscard]] const std::map<AccountId, Record>& accounts() const { return accounts_; }
  // The same content in the shape of the real one.
  [[nodiscard]] StateChanges as_changes() const;

 private:
  [[nodiscard]] TransactionResult shape_refusal(const SignedTransaction& transaction) const;
  [[nodiscard]] TransactionResult genesis_refusal(const Transaction& body) const;
  [[nodiscard]] TransactionResult nonce_refusal(const Transaction& body) const;
  [[nodiscard]] TransactionResult move_money(const Transaction& body, const AccountId& fee_account);

  const Genesis& genesis_;
  std::map<AccountId, Record> accounts_;
};

}  // namespace peerpay::ledger::test
