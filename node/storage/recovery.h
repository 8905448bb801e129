#pragma once
// From the database to a state that is proved to be the chain's: what a node does before anything
// else.

#include <cstdint>

#include "ledger/genesis.h"
#include "ledger/state.h"
#include "ledger/state_tree.h"
#include "node/storage/error.h"
#include "node/storage/store.h"

namespace peerpay::storage {

struct Recovered {
  ledger::MemoryState accounts;        // after the head
  ledger::StateTree::Version version;  // of `tree`, held; the caller releases it
  ChainEntry head;
  std::uint64_t blocks_replayed = 0;
};

// S31. Loads the accounts, compares their root with the header of the height they stand for,
// executes the final blocks above it and compares each root. kStateMismatch names the database, the
// height and what to do; nothing on disk is changed either way. REQUIRES: a store that was just
// opened; a new tree.
[[nodiscard]] StorageExpected<Recovered> recover(Store& store, const ledger::Genesis& genesis,
                                                 ledger::StateTree& tree);

}  // namespace peerpay::storage
