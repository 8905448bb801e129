#pragma once
// LedgerModel: the ledger again, naive and slow, from its specification and not from its code (docs/spec/ledger.md). It
// remembers every nonce ever used instead of a window, adds money up in signed 128-bit integers, and builds the state
// tree anew for every root.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "ledger/block.h"
#include "ledger/genesis.h"
#include "ledger/receipt.h"
#include "ledger/state.h"

namespace peerpay::sim {

class LedgerModel {
 public:
  // `genesis` must outlive the model.
  explicit LedgerModel(const ledger::Genesis& genesis);

  // Why the block can't stand on the state or does not do what `outcomes` say; empty when all is well. Then the state
  // is the one after the block.
  [[nodiscard]] std::optional<std::string> apply(const ledger::Block& block,
                                                 const std::vector<ledger::Outcome>& outcomes);
  // Where `changes` differ from what the last block did; empty when they are equal.
  [[nodiscard]] std::optional<std::string> difference(const ledger::StateChanges& changes) const;
  [[nodiscard]] ledger::StateRoot state_root() const;

  // Whether a block with this timestamp could hold the transaction next. REQUIRES: well-formed and signed.
  [[nodiscard]] bool applies(const ledger::Transaction& transaction, base::UnixMillis timestamp) const;
  // Whether no later block can ever hold it.
  [[nodiscard]] bool is_ruled_out(const ledger::Transaction& transaction, base::UnixMillis timestamp) const;

 private:
  __extension__ typedef __int128 Money;  // signed: what is owed shows
  struct Holder {
    std::set<std::uint64_t> nonces;
    std::map<std::uint32_t, Money> balances;  // by asset, none zero
  };
  using Debits = std::map<std::pair<ledger::AccountId, std::uint32_t>, Money>;

  [[nodiscard]] std::optional<std::string> refusal(const ledger::Transaction& transaction,
                                                   base::UnixMillis timestamp) const;
  [[nodiscard]] Money fee_of(const ledger::Transaction& transaction) const;
  [[nodiscard]] Debits debits_of(const ledger::Transaction& transaction) const;
  [[nodiscard]] bool nonce_is_free(const Holder& holder, std::uint64_t nonce) const;
  [[nodiscard]] std::optional<std::string> supply_error() const;
  void move(const ledger::AccountId& account, std::uint32_t asset, Money amount);
  void carry_out(const ledger::Transaction& transaction, const ledger::AccountId& fee_account);
  [[nodiscard]] static base::Bytes record(const Holder& holder);

  const ledger::Genesis& genesis_;
  std::map<ledger::AccountId, Holder> holders_;
  std::map<std::uint32_t, Money> supply_;  // of the genesis
  std::set<ledger::AccountId> touched_;    // by the last block
};

}  // namespace peerpay::sim
