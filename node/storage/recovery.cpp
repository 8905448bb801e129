#include "node/storage/recovery.h"

#include <utility>
#include <variant>

#include "base/os/parallel.h"
#include "ledger/apply.h"
#include "ledger/block.h"

namespace peerpay::storage {
namespace {

using base::Unexpected;
using ledger::Height;

Unexpected<StorageError> mismatch(const Store& store, Height height, std::string_view what) {
  return storage_failure(StorageFault::kStateMismatch,
                         "Database " + store.path() + ", height " + std::to_string(height.value) +
                             ": " + std::string{what} +
                             ". No block and no account was changed. Stop the node, move the "
                             "directory aside and start again: the "
                             "node fetches the chain from its peers.");
}

StorageExpected<ledger::Block> read_block(const Store& store, Height height) {
  const auto stored = store.block_at(height);
  if (!stored) return Unexpected{stored.error()};
  if (!*stored)
    return store.corrupt("the chain has a gap at height " + std::to_string(height.value));
  auto block = ledger::decode_block((*stored)->bytes);
  if (!block || ledger::block_hash(block->header) != (*stored)->hash) {
    return store.corrupt("the block at height " + std::to_string(height.value) +
                         " is not the one that its hash names");
  }
  return std::move(*block);
}

// Executes one more block on what was recovered so far.
StorageExpected<void> replay(Store& store, const ledger::Genesis& genesis,
                             const ledger::BlockHeader& parent, const ledger::Block& block,
                             Recovered& recovered) {
  ledger::Overlay overlay{recovered.state.accounts()};
  const auto executed = ledger::execute_block(genesis, parent, block, overlay);
  if (!executed) {
    return mismatch(store, block.header.height,
                    "the block does not apply to the stored accounts (" +
                        std::string{ledger::name(executed.error())} + ")");
  }
  recovered.state.apply(overlay.changes());
  if (recovered.state.root() != block.header.state_root) {
    return mismatch(store, block.header.height,
                    "the block leads to another state than it commits to");
  }
  store.adopt_replayed(block, overlay.changes());
  ++recovered.blocks_replayed;
  return {};
}

// The block that was durable before the record was made (S1); null when it shows none.
const consensus::Proposal* shown_durable(const consensus::SafetyRecord& record,
                                         consensus::ValidatorIndex self) {
  using consensus::VoteKind;
  if (const auto* vote = std::get_if<consensus::OwnVote>(&record))
    return vote->subject.kind == VoteKind::kFinalize ? &vote->subject.proposal : nullptr;
  if (const auto* verdict = std::get_if<consensus::CertifyVerdict>(&record))
    return verdict->certified ? &verdict->proposal : nullptr;
  const auto* held = std::get_if<consensus::HeldCertificate>(&record);
  if (held == nullptr || held->certificate.subject.kind != VoteKind::kFinalize) return nullptr;
  // Others can finalize a block that never came here.
  return consensus::is_signed_by(held->certificate, self) ? &held->certificate.subject.proposal
                                                          : nullptr;
}

}  // namespace

StorageExpected<Recovered> recover(Store& store, const ledger::Genesis& genesis,
                                   const base::ShouldStop& should_stop) {
  auto loaded = store.load_state(should_stop);
  if (!loaded) return Unexpected{loaded.error()};
  auto head = store.head();
  if (!head) return Unexpected{head.error()};
  const auto applied = read_block(store, loaded->applied);
  if (!applied) return Unexpected{applied.error()};

  Recovered recovered{ledger::CommittedState{std::move(loaded->accounts), os::for_each_parallel},
                      std::move(*head), 0};
  ledger::BlockHeader parent = applied->header;
  if (recovered.state.root() != parent.state_root) {
    return mismatch(store, parent.height,
                    "the stored accounts are not those that the chain commits to");
  }
  while (parent.height < recovered.head.header.height) {
    if (should_stop()) return stopped_early();
    const auto block = read_block(store, parent.height.next());
    if (!block) return Unexpected{block.error()};
    if (const auto done = replay(store, genesis, parent, *block, recovered); !done) {
      return Unexpected{done.error()};
    }
    parent = block->header;
  }
  return recovered;
}

// At or below the head's view the store may have dropped it for good: another block is final there.
StorageExpected<std::optional<consensus::Proposal>> newest_lost_block(
    const Store& store, std::span<const consensus::SafetyRecord> journal,
    consensus::ValidatorIndex self) {
  const auto head = store.head();
  if (!head) return Unexpected{head.error()};
  std::optional<consensus::Proposal> newest;
  consensus::View known{head->header.view};
  for (const auto& record : journal) {
    const auto* block = shown_durable(record, self);
    if (block == nullptr || block->view <= known) continue;
    const auto stored = store.block({block->digest.bytes});
    if (!stored) return Unexpected{stored.error()};
    if (*stored) continue;
    newest = *block;
    known = block->view;
  }
  return newest;
}

}  // namespace peerpay::storage
