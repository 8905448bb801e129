#include "ledger/state.h"

#include <utility>

namespace peerpay::ledger {
namespace {

const Account* find(const StateChanges& accounts, const AccountId& id) {
  const auto at = accounts.find(id);
  return at == accounts.end() ? nullptr : &at->second;
}

}  // namespace

StateChanges genesis_changes(const Genesis& genesis) {
  StateChanges changes;
  for (const auto& [id, balances] : genesis.accounts) {
    Account& account = changes.emplace_hint(changes.end(), id, Account{})->second;
    for (const auto& [asset, amount] : balances) account.set_balance(asset, amount);
  }
  return changes;
}

const Account* MemoryState::account(const AccountId& id) const { return find(accounts_, id); }

void MemoryState::put(const AccountId& id, Account account) {
  accounts_.insert_or_assign(id, std::move(account));
}

void MemoryState::apply(const StateChanges& changes) {
  for (const auto& [id, account] : changes) put(id, account);
}

const Account* Overlay::account(const AccountId& id) const {
  const Account* changed = find(changes_, id);
  return changed != nullptr ? changed : parent_->account(id);
}

void Overlay::put(const AccountId& id, Account account) {
  changes_.insert_or_assign(id, std::move(account));
}

}  // namespace peerpay::ledger
