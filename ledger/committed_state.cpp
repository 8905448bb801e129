#include "ledger/committed_state.h"

#include <utility>

namespace peerpay::ledger {

CommittedState::CommittedState(MemoryState accounts, const base::ForEach& for_each)
    : accounts_{std::move(accounts)}, version_{tree_.build(accounts_.accounts(), for_each)} {}

void CommittedState::apply(const StateChanges& changes) {
  advance(changes, tree_.update(version_, changes));
}

void CommittedState::advance(const StateChanges& changes, StateTree::Version version) {
  accounts_.apply(changes);
  tree_.release(std::exchange(version_, version));
}

}  // namespace peerpay::ledger
