#include "ledger/state.h"

#include <utility>

namespace peerpay::ledger {

StateChanges genesis_changes(const Genesis& genesis) {
  StateChanges changes;
  for (const auto& [id, balances] : genesis.accounts) {
    Account& account = changes.emplace_hint(changes.end(), id, Account{})->second;
    for (const auto& [asset, amount] : balances) account.set_balance(asset, amount);
  }
  return changes;
}

const Account* MemoryState::account(const AccountId& id) const { return accounts_.find(id); }

void MemoryState::put(const AccountId& id, Account account) {
  accounts_.put(id, std::move(account));
}

void MemoryState::apply(const StateChanges& changes) {
  for (const auto& [id, account] : changes) put(id, account);
}

const Account* Overlay::account(const AccountId& id) const {
  const auto changed = changes_.find(id);
  return changed != changes_.end() ? &changed->second : parent_->account(id);
}

void Overlay::put(const AccountId& id, Account account) {
  changes_.insert_or_assign(id, std::move(account));
}

}  // namespace peerpay::ledger
