// Blocks: how a proposer makes a header, and how everyone else checks one (apply.h).

#include "base/check.h"
#include "ledger/apply.h"
#include "ledger/invariants.h"
#include "ledger/limits.h"

namespace peerpay::ledger {
namespace {

// Everything that the header claims about its place. Order of the lines is order of precedence.
std::optional<BlockError> broken_place(const Genesis& genesis, const BlockHeader& parent,
                                       const BlockHeader& header) {
  if (header.chain != parent.chain) return BlockError::kChainWrong;
  if (header.version != kBlockVersion) return BlockError::kVersionUnsupported;
  if (header.height != parent.height.next()) return BlockError::kHeightWrong;
  if (header.parent != block_hash(parent)) return BlockError::kParentWrong;
  if (header.proposer >= genesis.validators.size()) return BlockError::kProposerUnknown;
  if (header.timestamp <= parent.timestamp) return BlockError::kTimestampNotAfterParent;
  return std::nullopt;
}

bool is_too_large(const Genesis& genesis, const Block& block) {
  return block.transactions.size() > kBlockTransactionsMax ||
         body_size(block.transactions) > genesis.consensus.block_bytes_max;
}

// Empty when one of the transactions does not apply.
std::optional<std::vector<Outcome>> apply_all(const Genesis& genesis, const BlockContext& context,
                                              const Block& block, Overlay& overlay) {
  std::vector<Outcome> outcomes;
  outcomes.reserve(block.transactions.size());
  for (const auto& transaction : block.transactions) {
    const Applied applied = apply_transaction(genesis, context, transaction, overlay);
    if (applied.result != TransactionResult::kApplied) return std::nullopt;
    outcomes.push_back(applied.outcome);
  }
  return outcomes;
}

base::Expected<ExecutedBlock, BlockError> execute(const Genesis& genesis, const BlockHeader& parent,
                                                  const Block& block, Overlay& overlay) {
  using base::Unexpected;
  const BlockHeader& header = block.header;
  if (const auto error = broken_place(genesis, parent, header)) return Unexpected{*error};
  if (is_too_large(genesis, block)) return Unexpected{BlockError::kTooLarge};

  const BlockContext context{header.timestamp, genesis.validators[header.proposer].fee_account};
  auto outcomes = apply_all(genesis, context, block, overlay);
  if (!outcomes) return Unexpected{BlockError::kTransactionInvalid};

  const MerkleRoot transactions_root = transactions_root_of(block.transactions);
  if (header.transaction_count != block.transactions.size() ||
      header.transactions_root != transactions_root) {
    return Unexpected{BlockError::kTransactionsRootWrong};
  }
  const MerkleRoot receipts_root = receipts_root_of(*outcomes);
  if (header.receipts_root != receipts_root) return Unexpected{BlockError::kReceiptsRootWrong};

  const InvariantInput input{overlay.parent(), overlay.changes(), block, *outcomes,
                             context.fee_account};
  if (check_invariants(input)) return Unexpected{BlockError::kInvariantBroken};
  return ExecutedBlock{std::move(*outcomes), transactions_root, receipts_root};
}

}  // namespace

BlockHeader make_header(const BlockPlace& place, std::span<const SealedTransaction> transactions,
                        std::span<const Outcome> outcomes, const StateRoot& state_root) {
  PEERPAY_CHECK(transactions.size() == outcomes.size(), "one outcome for each transaction");
  BlockHeader header;
  header.chain = place.parent.chain;
  header.height = place.parent.height.next();
  header.view = place.view;
  header.proposer = place.proposer;
  header.parent = block_hash(place.parent);
  header.timestamp = place.timestamp;
  header.transaction_count = static_cast<std::uint32_t>(transactions.size());
  header.transactions_root = transactions_root_of(transactions);
  header.receipts_root = receipts_root_of(outcomes);
  header.state_root = state_root;
  return header;
}

std::string_view name(BlockError error) {
  switch (error) {
    case BlockError::kChainWrong: return "chain_wrong";
    case BlockError::kVersionUnsupported: return "version_unsupported";
    case BlockError::kHeightWrong: return "height_wrong";
    case BlockError::kParentWrong: return "parent_wrong";
    case BlockError::kProposerUnknown: return "proposer_unknown";
    case BlockError::kTimestampNotAfterParent: return "timestamp_not_after_parent";
    case BlockError::kTooLarge: return "too_large";
    case BlockError::kTransactionInvalid: return "transaction_invalid";
    case BlockError::kTransactionsRootWrong: return "transactions_root_wrong";
    case BlockError::kReceiptsRootWrong: return "receipts_root_wrong";
    case BlockError::kStateRootWrong: return "state_root_wrong";
    case BlockError::kInvariantBroken: return "invariant_broken";
  }
  PEERPAY_UNREACHABLE("every BlockError has a name");
}

base::Expected<ExecutedBlock, BlockError> execute_block(const Genesis& genesis,
                                                        const BlockHeader& parent,
                                                        const Block& block, Overlay& overlay) {
  PEERPAY_CHECK(overlay.changes().empty(), "a block is executed on an overlay of its own");
  auto executed = execute(genesis, parent, block, overlay);
  if (!executed) overlay.clear();
  return executed;
}

}  // namespace peerpay::ledger
