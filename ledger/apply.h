#pragma once
// The rules: is a transaction valid, and what does a block do? Pure functions over a StateView.
//
// Three steps, in precedence order, each usable alone:
//   check_static        bytes and signatures-to-be: no state, no genesis     (once, at the edge)
//   check_genesis       against assets and fees                              (once, at the edge)
//   apply_transaction   both again, then the state and the block's time; writes on success only
// Signatures are checked apart (verify_signatures in transaction.h), in parallel, before the
// replica sees a transaction.
//
// Of several reasons, the one with the lowest number is given, whichever operation has it (spec:
// ledger L14 to L25).

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "base/time.h"
#include "ledger/block.h"
#include "ledger/genesis.h"
#include "ledger/receipt.h"
#include "ledger/result.h"
#include "ledger/state.h"
#include "ledger/transaction.h"

namespace peerpay::ledger {

[[nodiscard]] TransactionResult check_static(const SealedTransaction& transaction);
[[nodiscard]] TransactionResult check_genesis(const Genesis& genesis,
                                              const SealedTransaction& transaction);

// What the transaction will be charged: the flat fee of its fee asset for each operation. Empty
// when the asset is unknown or the fee is above any balance.
[[nodiscard]] std::optional<Amount> required_fee(const Genesis& genesis, const Transaction& body);

struct BlockContext {
  base::UnixMillis timestamp;
  AccountId fee_account;  // of the proposer
};

// What apply_transaction would give, without doing it. REQUIRES: check_static and check_genesis
// gave kApplied.
[[nodiscard]] TransactionResult check_state(const Genesis& genesis, const BlockContext& context,
                                            const SealedTransaction& transaction,
                                            const StateView& state);

struct Applied {
  TransactionResult result = TransactionResult::kApplied;
  Outcome outcome;  // meaningful when applied
};
// Debits are covered by what the account had before the transaction: its own credits do not count.
// The key of a payee is checked here, at its first credit only (kPayeeInvalid), because that costs
// about 5 us; it comes last, after the funds that bound how often it can be asked for.
// On any result but kApplied the overlay is unchanged. Costs O(n log n) of its operations. Safe for
// any transaction; that its signatures were verified is the business of the caller.
[[nodiscard]] Applied apply_transaction(const Genesis& genesis, const BlockContext& context,
                                        const SealedTransaction& transaction, Overlay& overlay);

// Where a new block stands, and what is not computed from its transactions.
struct BlockPlace {
  const BlockHeader& parent;
  std::uint64_t view = 0;
  std::uint32_t proposer = 0;  // index in the genesis validators
  base::UnixMillis timestamp;  // above the parent's
};
// The header over what a proposer has applied. Proposer and verifier compute the same roots.
// REQUIRES: outcomes are those of `transactions`, in order; state_root is that after them.
[[nodiscard]] BlockHeader make_header(const BlockPlace& place,
                                      std::span<const SealedTransaction> transactions,
                                      std::span<const Outcome> outcomes,
                                      const StateRoot& state_root);

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
  kProposerUnknown,
  kTimestampNotAfterParent,
  kTooLarge,
  kTransactionInvalid,  // one transaction does not apply
  kTransactionsRootWrong,
  kReceiptsRootWrong,
  kStateRootWrong,  // never given here: for the caller, after StateTree::update
  kInvariantBroken,
};
// Stable lower-case name, for example "height_wrong".
[[nodiscard]] std::string_view name(BlockError error);

// Executes a proposed block on `overlay` and compares every commitment of the header but the state
// root, which the caller compares after StateTree::update. Checks in the order of BlockError, and
// ends with check_invariants. On an error the overlay is left empty. That header.proposer is the
// leader of header.view is the business of the caller, as are signatures; all else is checked here,
// so that a Byzantine proposer can do nothing but fail. REQUIRES: `overlay` is empty and stands on
// the state after `parent`.
[[nodiscard]] base::Expected<ExecutedBlock, BlockError> execute_block(const Genesis& genesis,
                                                                      const BlockHeader& parent,
                                                                      const Block& block,
                                                                      Overlay& overlay);

}  // namespace peerpay::ledger
