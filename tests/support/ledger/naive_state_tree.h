#pragma once
// The root of the state tree, computed from its definition (docs/spec/ledger.md, L32): recursively
// over the sorted list of all leaves, keeping nothing.

#include "ledger/ids.h"
#include "ledger/state.h"

namespace peerpay::ledger::test {

[[nodiscard]] StateRoot naive_state_root(const StateChanges& accounts);

}  // namespace peerpay::ledger::test
