#include "node/core/block_tree.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "ledger/limits.h"
#include "node/core/limits.h"

namespace peerpay::node {
namespace {

std::vector<ledger::TransactionId> sorted_ids(const ledger::Block& block) {
  std::vector<ledger::TransactionId> out;
  out.reserve(block.transactions.size());
  for (const auto& transaction : block.transactions) out.push_back(transaction.id);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::size_t encoded_size(const ledger::Block& block) {
  return ledger::kBlockHeaderBytes + ledger::body_size(block.transactions);
}

bool HeldBlock::contains(const ledger::TransactionId& id) const {
  return std::binary_search(ids.begin(), ids.end(), id);
}

void BlockTree::start(ledger::CommittedState state, const ledger::BlockHeader& head) {
  state_ = std::move(state);
  PEERPAY_CHECK(state_.root() == head.state_root, "the state given at start is the head's");
  head_ = head;
  head_hash_ = ledger::block_hash(head);
}

ledger::StateProof BlockTree::prove(const ledger::AccountId& id) const {
  return state_.tree().prove(state_.version(), id, state_.accounts());
}

HeldBlock* BlockTree::find(const ledger::BlockHash& hash) {
  const auto found = held_.find(hash);
  return found == held_.end() ? nullptr : found->second.get();
}

const HeldBlock* BlockTree::find(const ledger::BlockHash& hash) const {
  const auto found = held_.find(hash);
  return found == held_.end() ? nullptr : found->second.get();
}

const ledger::BlockHeader* BlockTree::header(const ledger::BlockHash& hash) const {
  if (hash == head_hash_) return &head_;
  const HeldBlock* held = find(hash);
  return held == nullptr ? nullptr : &held->block.header;
}

bool BlockTree::holds(const ledger::TransactionId& id) const {
  return std::any_of(held_.begin(), held_.end(),
                     [&id](const auto& held) { return held.second->contains(id); });
}

bool BlockTree::has_room(std::size_t bytes) const {
  return held_.size() < kBlocksHeldMax && bytes_ + bytes <= kBlocksHeldBytesMax;
}

void BlockTree::keep_only(const std::vector<ledger::BlockHash>& wanted) {
  std::set<ledger::BlockHash> kept;
  for (const auto& hash : wanted) {
    const HeldBlock* at = find(hash);
    while (at != nullptr && kept.insert(at->hash).second) at = find(at->block.header.parent);
  }
  std::vector<ledger::BlockHash> others;
  for (const auto& [hash, held] : held_) {
    if (!kept.contains(hash)) others.push_back(hash);
  }
  for (const auto& hash : others) drop(hash);
}

HeldBlock* BlockTree::insert(ledger::Block block, bool signatures_valid) {
  const auto hash = ledger::block_hash(block.header);
  if (auto* known = find(hash)) return known;
  if (block.header.height <= head_.height || block.header.view <= head_.view) return nullptr;
  const std::size_t size = encoded_size(block);
  auto held = std::make_unique<HeldBlock>();
  held->hash = hash;
  held->ids = sorted_ids(block);
  held->block = std::move(block);
  held->bytes = size;
  held->signatures_valid = signatures_valid;
  bytes_ += size;
  return held_.emplace(hash, std::move(held)).first->second.get();
}

std::optional<BlockTree::Parent> BlockTree::parent(const ledger::BlockHash& hash) const {
  if (hash == head_hash_) return Parent{head_, head_hash_, state_.accounts(), state_.version()};
  const HeldBlock* held = find(hash);
  if (held == nullptr || held->status != BlockStatus::kExecuted) return std::nullopt;
  return Parent{held->block.header, held->hash, *held->overlay, held->version};
}

ledger::StateTree::Version BlockTree::update(const Parent& parent,
                                             const ledger::StateChanges& changes) {
  return state_.tree().update(parent.version, changes);
}

std::optional<ledger::BlockHash> BlockTree::missing_ancestor(const HeldBlock& held) const {
  const HeldBlock* at = &held;
  while (at->status == BlockStatus::kHeld) {
    const auto& parent = at->block.header.parent;
    if (parent == head_hash_) return std::nullopt;
    at = find(parent);
    if (at == nullptr) return parent;
  }
  return std::nullopt;
}

BlockStatus BlockTree::execute(HeldBlock& held) {
  if (missing_ancestor(held)) return held.status;
  std::vector<HeldBlock*> waiting;
  for (HeldBlock* at = &held; at != nullptr && at->status == BlockStatus::kHeld;) {
    waiting.push_back(at);
    at = find(at->block.header.parent);
  }
  for (auto next = waiting.rbegin(); next != waiting.rend(); ++next) execute_on_parent(**next);
  return held.status;
}

void BlockTree::execute_on_parent(HeldBlock& held) {
  const HeldBlock* parent_block = find(held.block.header.parent);
  const bool parent_invalid =
      parent_block != nullptr && parent_block->status == BlockStatus::kInvalid;
  const auto refuse = [&held](std::string_view reason) {
    held.status = BlockStatus::kInvalid;
    held.invalid_reason = reason;
  };
  if (parent_invalid) return refuse("parent_invalid");
  const auto on = parent(held.block.header.parent);
  PEERPAY_CHECK(on.has_value(), "blocks are executed in order, from the head on");
  if (!held.signatures_valid) return refuse("signature_invalid");
  if (held.block.header.view <= on->header.view) return refuse("view_not_after_parent");
  auto overlay = std::make_unique<ledger::Overlay>(on->state);
  auto executed = ledger::execute_block(genesis_, on->header, held.block, *overlay);
  if (!executed) return refuse(ledger::name(executed.error()));
  auto& tree = state_.tree();
  const auto version = tree.update(on->version, overlay->changes());
  if (tree.root(version) != held.block.header.state_root) {
    tree.release(version);
    return refuse(ledger::name(ledger::BlockError::kStateRootWrong));
  }
  held.status = BlockStatus::kExecuted;
  held.outcomes = std::move(executed->outcomes);
  held.overlay = std::move(overlay);
  held.version = version;
}

HeldBlock* BlockTree::adopt(ledger::Block block, std::vector<ledger::Outcome> outcomes,
                            std::unique_ptr<ledger::Overlay> overlay,
                            ledger::StateTree::Version version) {
  HeldBlock* held = insert(std::move(block), true);
  if (held == nullptr || held->status != BlockStatus::kHeld) {
    release(version);
    return held;
  }
  held->status = BlockStatus::kExecuted;
  held->outcomes = std::move(outcomes);
  held->overlay = std::move(overlay);
  held->version = version;
  return held;
}

std::vector<HeldBlock*> BlockTree::path_to(const ledger::BlockHash& hash) {
  std::vector<HeldBlock*> path;
  for (auto at = hash; at != head_hash_;) {
    HeldBlock* held = find(at);
    if (held == nullptr) return {};
    path.push_back(held);
    at = held->block.header.parent;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

CommittedBlock BlockTree::commit(HeldBlock& next) {
  PEERPAY_CHECK(next.status == BlockStatus::kExecuted, "only an executed block becomes the head");
  PEERPAY_CHECK(next.block.header.parent == head_hash_, "blocks become final in order");
  CommittedBlock out;
  out.hash = next.hash;
  out.outcomes = std::move(next.outcomes);
  out.changes = next.overlay->take_changes();
  state_.advance(out.changes, std::exchange(next.version, {}));
  for (auto& [hash, held] : held_) {
    if (held->block.header.parent == next.hash && held->overlay)
      held->overlay->set_parent(state_.accounts());
  }
  head_ = next.block.header;
  head_hash_ = next.hash;
  out.block = std::move(next.block);
  bytes_ -= next.bytes;
  held_.erase(out.hash);
  drop_orphans();
  return out;
}

void BlockTree::drop(const ledger::BlockHash& hash) {
  const auto found = held_.find(hash);
  if (found->second->status == BlockStatus::kExecuted) release(found->second->version);
  bytes_ -= found->second->bytes;
  held_.erase(found);
}

// Gone: what is not above the new head, and what descends from a dropped block.
void BlockTree::drop_orphans() {
  std::vector<const HeldBlock*> by_height;
  for (const auto& [hash, held] : held_) by_height.push_back(held.get());
  std::sort(by_height.begin(), by_height.end(), [](const HeldBlock* a, const HeldBlock* b) {
    return a->block.header.height < b->block.header.height;
  });
  std::set<ledger::BlockHash> dropped;
  for (const HeldBlock* held : by_height) {
    const auto& header = held->block.header;
    const bool below = header.height <= head_.height || header.view <= head_.view;
    const bool beside = header.height == head_.height.next() && header.parent != head_hash_;
    if (!below && !beside && !dropped.contains(header.parent)) continue;
    dropped.insert(held->hash);
    drop(held->hash);
  }
}

}  // namespace peerpay::node
