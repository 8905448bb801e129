#pragma once
// From what is on disk to what the replica starts with: opens the store, rebuilds the state,
// replays the blocks above it, and compares every root with its header. Changes nothing when
// something does not fit.

#include <memory>

#include "base/should_stop.h"
#include "node/app/exit_code.h"
#include "node/app/home.h"
#include "node/core/replica.h"
#include "node/storage/store.h"

namespace peerpay::app {

[[nodiscard]] base::Expected<std::unique_ptr<storage::Store>, Failure> open_store(
    const Home& home, const base::ShouldStop& should_stop = base::never_stop);

struct Recovered {
  std::unique_ptr<storage::Store> store;
  node::Bootstrap bootstrap;  // without the journal
};
// The store has the accounts of the genesis then: `home` forgets them.
[[nodiscard]] base::Expected<Recovered, Failure> recover(Home& home,
                                                         const base::ShouldStop& should_stop);

}  // namespace peerpay::app
