#pragma once
// The rules: is a transaction valid, and what does a block do? Pure functions over a StateView.
//
// Three steps, in precedence order, each usable alone:
//   check_static   bytes and signatures-to-be: no state, no genesis              (once, at the edge)
//   check_genesis  against assets and fees                                       (once, at the edge)
//   apply_transaction   against the state and the block's time; writes on success only
// Signatures are checked apart (verify_signatures), in parallel, before the replica sees a transaction.

#include <optional>
#include <vector>

#include "base/time.h"
#include "ledger/block.h"
#include "ledger/genesis.h"
#include "ledger/receipt.h"
#include "ledger/result.h"
#include "ledger/state.h"
#include "ledger/state_tree.h"
#include "ledger/transaction.h"

namespace peerpay::ledger {

[[nodiscard]] TransactionResult check_static(const SealedTransaction& transaction);
[[nodiscard]] TransactionResult check_genesis(const Genesis& genesis, const SealedTransaction& transaction);
// kApplied, kSignatureMissing, kSignatureInvalid or kPayeeInvalid. The expensive one: about 40 us per signature.
[[nodiscard]] TransactionResult verify_signatures(const SealedTransaction& transaction);

struct BlockContext {
  base::UnixMillis timestamp;
  AccountId fee_account;  // of the proposer
};

// REQUIRES: check_static and check_genesis gave kApplied, signatures verified.
// On any result but kApplied the overlay is unchanged.
struct Applied {
  TransactionResult result = TransactionResult::kApplied;
  Outcome outcome;  // meaningful when applied
};
[[nodiscard]] Applied apply_transaction(const Genesis& genesis, const BlockContext& context,
                                        const SealedTransaction& transaction, Overlay& overlay);

// What a block did: enough to vote on it, to commit it and to prove it.
struct ExecutedBlock {
  std::vector<Outcome> outcomes;  // one per transaction, all kApplied
  MerkleRoot transactions_root;
  MerkleRoot receipts_root;
};

enum class BlockError : std::uint8_t {
  kChainWrong = 1,
  kVersionUnsupported,
  kHeightWrong,
  kParentWrong,
  kTimestampNotAfterParent,
  kTooLarge,
  kTransactionInvalid,    // one transaction does not apply
  kTransactionsRootWrong,
  kReceiptsRootWrong,
  kStateRootWrong,
  kInvariantBroken,
};
[[nodiscard]] std::string_view name(BlockError error);

// Executes a proposed block on `overlay` (empty, on top of the parent's state) and compares every
// commitment of the header but the state root, which the caller compares after StateTree::update.
// Signatures are the caller's business.
[[nodiscard]] base::Expected<ExecutedBlock, BlockError> execute_block(const Genesis& genesis,
                                                                      const BlockHeader& parent,
                                                                      const Block& block, Overlay& overlay);

}  // namespace peerpay::ledger
