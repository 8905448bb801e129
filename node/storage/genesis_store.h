#pragma once
// Making a new database: the state of the genesis, complete or not there at all.

#include "ledger/genesis.h"
#include "node/storage/error.h"
#include "node/storage/store.h"

namespace peerpay::storage {

// A database at `path` that holds block 0. Made under another name first and renamed, so that a
// crash leaves none (docs/spec/storage.md, S26). REQUIRES: nothing at `path`.
[[nodiscard]] StorageExpected<void> create_database(const std::string& path,
                                                    const ledger::Network& network,
                                                    HistoryIndex history,
                                                    const base::ShouldStop& should_stop);

}  // namespace peerpay::storage
