#pragma once
// Reads the accounts of a database on all cores.

#include "base/should_stop.h"
#include "ledger/state.h"
#include "node/storage/error.h"
#include "node/storage/tables.h"

namespace peerpay::storage {

// kStopped when told to stop, kCorrupt when one is not readable, or the database's own error.
// `should_stop` is asked from any of the threads, never from two at a time.
[[nodiscard]] StorageExpected<ledger::MemoryState> load_accounts(
    const Database& database, const base::ShouldStop& should_stop);

}  // namespace peerpay::storage
