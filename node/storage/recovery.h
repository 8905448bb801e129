#pragma once
// From the database to a state that is proved to be the chain's: what a node does before anything
// else.

#include <cstdint>
#include <optional>
#include <span>

#include "base/should_stop.h"
#include "consensus/effects.h"
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
// height and what to do, kStopped says that it was told to stop; nothing on disk is changed either
// way. REQUIRES: a store that was just opened.
[[nodiscard]] StorageExpected<Recovered> recover(
    Store& store, const ledger::Genesis& genesis,
    const base::ShouldStop& should_stop = base::never_stop);

// S32. The newest block above the head that was durable here, as the sign log of validator `self`
// shows, and is in the store no more; empty when there is none.
[[nodiscard]] StorageExpected<std::optional<consensus::Proposal>> newest_lost_block(
    const Store& store, std::span<const consensus::SafetyRecord> journal,
    consensus::ValidatorIndex self);

}  // namespace peerpay::storage
