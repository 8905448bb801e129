#include "node/core/block_builder.h"

#include <algorithm>
#include <utility>

#include "ledger/limits.h"

namespace peerpay::node {
namespace {

// Transactions looked at per block, as a multiple of what may go in: ready ones that an unfinalized
// parent already holds are passed over, and a pool full of those must not cost without bound.
constexpr std::size_t kLookedAtMax = 4 * ledger::kBlockTransactionsMax;

ledger::BlockHeader header_on(const BlockTree::Parent& parent, const BuildContext& context) {
  ledger::BlockHeader out;
  out.chain = parent.header.chain;
  out.height = parent.header.height.next();
  out.view = context.view;
  out.proposer = context.proposer;
  out.parent = parent.hash;
  out.timestamp = std::max(context.now, base::UnixMillis{parent.header.timestamp.value + 1});
  return out;
}

void fill(const ledger::Genesis& genesis, const Mempool& mempool, BuiltBlock& built) {
  const ledger::BlockContext context{built.block.header.timestamp,
                                     genesis.validators[built.block.header.proposer].fee_account};
  std::size_t room =
      std::min<std::size_t>(genesis.consensus.block_bytes_max, ledger::kBlockBodyBytesMax);
  std::size_t looked_at = 0;
  mempool.for_each_ready([&](const Mempool::Entry& entry) {
    if (++looked_at > kLookedAtMax) return false;
    const std::size_t size = entry.transaction.bytes.size();
    if (size > room) return false;
    const auto applied =
        ledger::apply_transaction(genesis, context, entry.transaction, *built.overlay);
    if (applied.result != ledger::TransactionResult::kApplied) return true;
    room -= size;
    built.outcomes.push_back(applied.outcome);
    built.block.transactions.push_back(entry.transaction);
    return built.block.transactions.size() < ledger::kBlockTransactionsMax;
  });
}

}  // namespace

BuiltBlock build_block(const ledger::Genesis& genesis, BlockTree& tree,
                       const BlockTree::Parent& parent, const Mempool& mempool,
                       const BuildContext& context) {
  BuiltBlock built;
  built.block.header = header_on(parent, context);
  built.overlay = std::make_unique<ledger::Overlay>(parent.state);
  fill(genesis, mempool, built);
  built.version = tree.update(parent, built.overlay->changes());
  auto& header = built.block.header;
  header.transaction_count = static_cast<std::uint32_t>(built.block.transactions.size());
  header.transactions_root = ledger::transactions_root_of(built.block.transactions);
  header.receipts_root = ledger::receipts_root_of(built.outcomes);
  header.state_root = tree.root(built.version);
  return built;
}

}  // namespace peerpay::node
