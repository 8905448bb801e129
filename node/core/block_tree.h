#pragma once
// BlockTree: the finalized state and the blocks above it.
//
//   head (finalized; state in RAM, one tree version)
//     <- block <- block      each executed on its parent's overlay, each with its own tree version
//     <- block               a fork that a later finalization will prune
//
// Executing is lazy: a block is executed when its parent has been. The owner asks has_room() before
// it takes in a block. Whatever a held block claims about itself, it is gone when the head's view
// has passed its own. Not safe for threads.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/apply.h"
#include "ledger/block.h"
#include "ledger/committed_state.h"
#include "ledger/genesis.h"
#include "ledger/state.h"
#include "ledger/state_tree.h"
#include "node/core/effects.h"

namespace peerpay::node {

enum class BlockStatus : std::uint8_t {
  kHeld,      // its parent is missing or not executed
  kExecuted,  // valid, on a valid chain from the head
  kInvalid,   // breaks a rule: no honest node votes for it
};

struct HeldBlock {
  ledger::BlockHash hash;
  ledger::Block block;
  std::size_t bytes = 0;  // of its encoding
  bool signatures_valid = false;
  BlockStatus status = BlockStatus::kHeld;
  std::string invalid_reason;
  bool stored = false;  // durable
  bool store_requested = false;
  std::size_t ready = 0;  // of its transactions, in this node's pool; kept by the owner
  std::vector<ledger::TransactionId> ids;  // ascending
  std::vector<ledger::Outcome> outcomes;
  std::unique_ptr<ledger::Overlay> overlay;
  ledger::StateTree::Version version;

  [[nodiscard]] bool contains(const ledger::TransactionId& id) const;
};

// Of header and transactions; the lengths between them are left out.
[[nodiscard]] std::size_t encoded_size(const ledger::Block& block);

class BlockTree {
 public:
  explicit BlockTree(const ledger::Genesis& genesis) : genesis_{genesis} {}

  // REQUIRES: the root of `state` is the one in `head`.
  void start(ledger::CommittedState state, const ledger::BlockHeader& head);

  [[nodiscard]] const ledger::BlockHeader& head() const { return head_; }
  [[nodiscard]] const ledger::BlockHash& head_hash() const { return head_hash_; }
  [[nodiscard]] const ledger::StateView& state() const { return state_.accounts(); }
  [[nodiscard]] ledger::StateProof prove(const ledger::AccountId& id) const;

  [[nodiscard]] HeldBlock* find(const ledger::BlockHash& hash);
  [[nodiscard]] const HeldBlock* find(const ledger::BlockHash& hash) const;
  // Of the head or a held block; else null.
  [[nodiscard]] const ledger::BlockHeader* header(const ledger::BlockHash& hash) const;
  // Whether any held block contains it.
  [[nodiscard]] bool holds(const ledger::TransactionId& id) const;
  [[nodiscard]] std::size_t size() const { return held_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // For another block of this encoded_size: within kBlocksHeldMax and kBlocksHeldBytesMax.
  [[nodiscard]] bool has_room(std::size_t bytes) const;
  // Drops every block that is not one of these and that none of them stands on.
  void keep_only(const std::vector<ledger::BlockHash>& wanted);
  // Null when the block is not above the head in height and view.
  HeldBlock* insert(ledger::Block block, bool signatures_valid);

  // The nearest ancestor that is neither held nor the head; empty when the block can be executed.
  [[nodiscard]] std::optional<ledger::BlockHash> missing_ancestor(const HeldBlock& held) const;
  // Executes the block and, before it, the ancestors that are not executed yet; nothing while one
  // is missing.
  BlockStatus execute(HeldBlock& held);

  // What a proposer builds on. Null when the parent is not executed.
  struct Parent {
    const ledger::BlockHeader& header;
    ledger::BlockHash hash;
    const ledger::StateView& state;
    ledger::StateTree::Version version;
  };
  [[nodiscard]] std::optional<Parent> parent(const ledger::BlockHash& hash) const;
  // The tree version for a proposal; held by the caller until adopt() or release().
  [[nodiscard]] ledger::StateTree::Version update(const Parent& parent,
                                                  const ledger::StateChanges& changes);
  [[nodiscard]] ledger::StateRoot root(ledger::StateTree::Version version) const {
    return state_.tree().root(version);
  }
  void release(ledger::StateTree::Version version) { state_.tree().release(version); }
  // Takes in a block that this node built and therefore executed already. Null as in insert(); then
  // it releases.
  HeldBlock* adopt(ledger::Block block, std::vector<ledger::Outcome> outcomes,
                   std::unique_ptr<ledger::Overlay> overlay, ledger::StateTree::Version version);

  // Held blocks from the child of the head up to `hash`, or empty when one is missing.
  [[nodiscard]] std::vector<HeldBlock*> path_to(const ledger::BlockHash& hash);
  // Makes the executed child of the head the new head. What it rules out is dropped.
  CommittedBlock commit(HeldBlock& next);

  template <class Visit>
  void for_each_held(Visit&& visit) {
    for (auto& [hash, held] : held_) visit(*held);
  }
  template <class Visit>
  void for_each_held(Visit&& visit) const {
    for (const auto& [hash, held] : held_) visit(std::as_const(*held));
  }

 private:
  void drop(const ledger::BlockHash& hash);
  void drop_orphans();
  void execute_on_parent(HeldBlock& held);

  const ledger::Genesis& genesis_;
  ledger::CommittedState state_;
  ledger::BlockHeader head_;
  ledger::BlockHash head_hash_;
  std::map<ledger::BlockHash, std::unique_ptr<HeldBlock>> held_;
  std::size_t bytes_ = 0;
};

}  // namespace peerpay::node
