#include "node/core/block_builder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "ledger/limits.h"

namespace peerpay::node {
namespace {

// Transactions looked at per block, as a multiple of what may go in: ready ones that an unfinalized
// parent already holds are passed over, and a pool full of those must not cost without bound.
constexpr std::size_t kLookedAtMax = 4 * ledger::kBlockTransactionsMax;

void fill(const ledger::Genesis& genesis, const Mempool& mempool, const ledger::BlockPlace& place,
          BlockExtent max, BuiltBlock& built) {
  const ledger::BlockContext context{place.timestamp,
                                     genesis.validators[place.proposer].fee_account};
  std::size_t room =
      std::min<std::size_t>(genesis.consensus.block_bytes_max, ledger::kBlockBodyBytesMax);
  std::size_t looked_at = 0;
  std::optional<std::size_t> turn_taken;
  BlockExtent& extent = built.extent;
  mempool.for_each_ready([&](const Mempool::Entry& entry, std::size_t turn) {
    if (++looked_at > kLookedAtMax) return false;
    const std::size_t size = entry.transaction.bytes.size();
    const bool is_new_turn = turn != turn_taken;
    const bool has_its_turns =
        extent.turns >= max.turns && built.block.transactions.size() >= BlockPace::kOfAnyTurns;
    if (size > room || (is_new_turn && has_its_turns)) return false;
    const auto applied =
        ledger::apply_transaction(genesis, context, entry.transaction, *built.overlay);
    if (applied.result != ledger::TransactionResult::kApplied) return true;
    room -= size;
    turn_taken = turn;
    if (is_new_turn) ++extent.turns;
    extent.weight += weight_of(entry.transaction.transaction.body.operations.size());
    built.outcomes.push_back(applied.outcome);
    built.block.transactions.push_back(entry.transaction);
    return extent.weight < max.weight &&
           built.block.transactions.size() < ledger::kBlockTransactionsMax;
  });
}

}  // namespace

BuiltBlock build_block(const ledger::Genesis& genesis, BlockTree& tree,
                       const BlockTree::Parent& parent, const Mempool& mempool,
                       const BuildContext& context) {
  const ledger::BlockPlace place{
      .parent = parent.header,
      .view = context.view,
      .proposer = context.proposer,
      .timestamp = std::max(context.now, base::UnixMillis{parent.header.timestamp.value + 1}),
  };
  BuiltBlock built;
  built.overlay = std::make_unique<ledger::Overlay>(parent.state);
  fill(genesis, mempool, place, context.max, built);
  built.version = tree.update(parent, built.overlay->changes());
  built.block.header = ledger::make_header(place, built.block.transactions, built.outcomes,
                                           tree.root(built.version));
  return built;
}

}  // namespace peerpay::node
