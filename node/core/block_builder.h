#pragma once
// Builds the next block: ready transactions, senders taking turns, those that apply, up to the
// block's limits.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/time.h"
#include "ledger/genesis.h"
#include "node/core/block_pace.h"
#include "node/core/block_tree.h"
#include "node/core/mempool.h"

namespace peerpay::node {

struct BuiltBlock {
  ledger::Block block;
  std::vector<ledger::Outcome> outcomes;
  std::unique_ptr<ledger::Overlay> overlay;
  ledger::StateTree::Version version;  // held by the caller, see BlockTree::update
  BlockExtent extent;
};

struct BuildContext {
  std::uint64_t view = 0;
  std::uint32_t proposer = 0;
  base::UnixMillis now;
  BlockExtent max;
};

// The timestamp is `now`, or just after the parent's when the clock is behind it. May hold no
// transaction.
[[nodiscard]] BuiltBlock build_block(const ledger::Genesis& genesis, BlockTree& tree,
                                     const BlockTree::Parent& parent, const Mempool& mempool,
                                     const BuildContext& context);

}  // namespace peerpay::node
