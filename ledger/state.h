#pragma once
// The state that rules read and write: accounts by id, as a base and a stack of overlays.
//
//   MemoryState        every account, in RAM, as of the last finalized block
//     <- Overlay       what one unfinalized block changed; its parent is the state or another
//     overlay
//
// An overlay never writes to its parent. Finalizing a block applies its changes to the MemoryState
// and re-parents the overlays above it. Not safe for threads: one thread owns them.

#include <map>
#include <utility>

#include "ledger/account.h"
#include "ledger/account_table.h"
#include "ledger/genesis.h"
#include "ledger/ids.h"

namespace peerpay::ledger {

class StateView {
 public:
  virtual ~StateView() = default;
  // Null when the account has no record. The pointer is valid until the view changes.
  [[nodiscard]] virtual const Account* account(const AccountId& id) const = 0;
};

// Records touched, ascending by id. Accounts are never deleted.
using StateChanges = std::map<AccountId, Account>;

// The records of the genesis accounts: the step from nothing to the state of height 0.
// REQUIRES: genesis.invalid_reason() is empty.
[[nodiscard]] StateChanges genesis_changes(const Genesis& genesis);

class MemoryState final : public StateView {
 public:
  [[nodiscard]] const Account* account(const AccountId& id) const override;
  void put(const AccountId& id, Account account);
  void apply(const StateChanges& changes);
  [[nodiscard]] const AccountTable& accounts() const { return accounts_; }

 private:
  AccountTable accounts_;
};

class Overlay final : public StateView {
 public:
  // `parent` must outlive this overlay or be replaced by set_parent.
  explicit Overlay(const StateView& parent) : parent_{&parent} {}
  // No copies: Overlay{overlay} would read like a child and be a twin. A child of an overlay is
  // made from a const StateView&.
  Overlay(const Overlay&) = delete;
  Overlay& operator=(const Overlay&) = delete;
  void set_parent(const StateView& parent) { parent_ = &parent; }
  [[nodiscard]] const StateView& parent() const { return *parent_; }

  [[nodiscard]] const Account* account(const AccountId& id) const override;
  // Pointers to other accounts stay valid.
  void put(const AccountId& id, Account account);
  [[nodiscard]] const StateChanges& changes() const { return changes_; }
  // Leaves none behind.
  [[nodiscard]] StateChanges take_changes() { return std::exchange(changes_, {}); }
  void clear() { changes_.clear(); }

 private:
  const StateView* parent_;
  StateChanges changes_;
};

}  // namespace peerpay::ledger
