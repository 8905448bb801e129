#pragma once
// From the database to a state that is proved to be the chain's: what a node does before anything
// else.

#include <cstdint>

#include "ledger/committed_state.h"
#include "ledger/genesis.h"
#include "node/storage/error.h"
#include "node/storage/store.h"

namespace peerpay::storage {

struct Recovered {
  ledger::CommittedState state;  // after the head
  ChainEntry head;
  std::uint64_t blocks_replayed = 0;
};

// S31. Loads the accounts, compares their root with the header of the height they stand for,
// executes the final blocks above it and compares each root. kStateMismatch names the database, the
// height and what to do; nothing on disk is changed either way. REQUIRES: a store that was just
// opened.
[[nodiscard]] StorageExpected<Recovered> recover(Store& store, const ledger::Genesis& genesis);

}  // namespace peerpay::storage
