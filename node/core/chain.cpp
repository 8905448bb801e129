// Blocks on their way to being final: proposing, verifying, certifying, finalizing, catching up.

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "ledger/invariants.h"
#include "node/core/block_builder.h"
#include "node/core/limits.h"
#include "node/core/messages.h"
#include "node/core/replica_state.h"

namespace peerpay::node {

namespace {

bool finalizes(const consensus::Certificate& certificate, const ledger::Block& block) {
  return certificate.subject.kind == consensus::VoteKind::kFinalize &&
         hash_of(certificate.subject.proposal.digest) == ledger::block_hash(block.header);
}

bool is_linked(const std::vector<ledger::Block>& blocks) {
  for (std::size_t i = 1; i < blocks.size(); ++i) {
    const auto& previous = blocks[i - 1].header;
    const auto& header = blocks[i].header;
    if (header.height != previous.height.next()) return false;
    if (header.parent != ledger::block_hash(previous)) return false;
  }
  return true;
}

// Whether the certificate finalizes a chain that has another block than `head` at its height. It
// does so for all blocks that the last one stands on.
bool contradicts(const SyncBatch& batch, const ledger::BlockHeader& head,
                 const ledger::BlockHash& head_hash) {
  const bool certified = batch.certificate && finalizes(*batch.certificate, batch.blocks.back());
  if (!certified || !is_linked(batch.blocks)) return false;
  return std::any_of(batch.blocks.begin(), batch.blocks.end(), [&](const ledger::Block& block) {
    return block.header.height == head.height.next() && block.header.parent != head_hash;
  });
}

}  // namespace

ledger::BlockHash Replica::State::parent_hash(const consensus::Proposal& parent) const {
  return parent.view.value == 0 ? genesis_hash : hash_of(parent.digest);
}

std::optional<consensus::Digest> Replica::State::propose(const consensus::ProposeRequest& request) {
  const auto hash = parent_hash(request.parent);
  if (!make_room(ledger::kBlockBytesMax, hash)) return std::nullopt;
  // Certified before a restart, it is held and not executed; certified by others while this node
  // still catches up, it may be missing.
  if (hash != tree.head_hash()) (void)executed_or_fetch(hash, request.parent.view, std::nullopt);
  const auto parent = tree.parent(hash);
  if (!parent) return std::nullopt;
  auto built = build_block(genesis, tree, *parent, mempool,
                           {request.view.value, self->value, now.wall, pace.max()});
  const auto& fee_account = genesis.validators[self->value].fee_account;
  const auto violation = ledger::check_invariants(
      {parent->state, built.overlay->changes(), built.block, built.outcomes, fee_account});
  if (violation) {
    tree.release(built.version);
    out.halt = "an own block breaks the invariant " + std::string{violation->name} + ": " +
               violation->explanation;
    return std::nullopt;
  }
  out.send.push_back({std::nullopt, Priority::kBlock, encode_block_message(built.block)});
  const auto extent = built.extent;
  HeldBlock* held = tree.adopt(std::move(built.block), std::move(built.outcomes),
                               std::move(built.overlay), built.version);
  PEERPAY_CHECK(held != nullptr, "a proposal stands above the head");
  count_ready(*held);
  request_store(*held);
  pace.proposed(request.view, extent, now.monotonic);
  return digest_of(held->hash);
}

// A block that holds what waits here is no reason for another block; what is parked does not wait
// for one.
void Replica::State::count_ready(HeldBlock& held) const {
  held.ready = static_cast<std::size_t>(
      std::count_if(held.ids.begin(), held.ids.end(),
                    [this](const ledger::TransactionId& id) { return mempool.is_ready(id); }));
}

void Replica::State::request_store(HeldBlock& held) {
  if (held.store_requested) return;
  held.store_requested = true;
  out.store.push_back({held.block.header, held.hash, ledger::encode(held.block)});
}

// Is it the block that the proposal means, proposed by the leader of its view?
bool Replica::State::fits(const HeldBlock& held, const consensus::Proposal& proposal) const {
  const auto& header = held.block.header;
  const auto leader = validators.leader(0, proposal.view);
  return header.view == proposal.view.value && header.proposer == leader.value;
}

// Can it stand on the parent that the proposal names? Told before anything is fetched: a leader
// could otherwise have us fetch ancestors without end. The parent is certified or final, so its
// ancestors are what a quorum has checked.
bool Replica::State::stands_on(const HeldBlock& held, const consensus::Proposal& parent) const {
  const auto& header = held.block.header;
  if (header.parent != parent_hash(parent)) return false;
  const auto* below = tree.header(header.parent);
  return below == nullptr || header.height == below->height.next();
}

// The block when it has been executed, valid or not. Otherwise null, and what is missing has been
// asked for.
HeldBlock* Replica::State::executed_or_fetch(const ledger::BlockHash& hash, consensus::View view,
                                             std::optional<PeerIndex> first) {
  HeldBlock* held = tree.find(hash);
  if (held == nullptr) {
    fetcher.want(hash, view, first, now.monotonic);
    return nullptr;
  }
  if (const auto missing = tree.missing_ancestor(*held)) {
    fetcher.want(*missing, view, first, now.monotonic);
    return nullptr;
  }
  tree.execute(*held);
  return held;
}

void Replica::State::try_verify(const ledger::BlockHash& hash) {
  const auto found = verify_pending.find(hash);
  if (found == verify_pending.end()) return;
  const auto request = found->second;
  HeldBlock* held = tree.find(hash);
  if (held != nullptr && !(fits(*held, request.proposal) && stands_on(*held, request.parent)))
    return answer_verify(hash, false);
  held =
      executed_or_fetch(hash, request.proposal.view, validators.leader(0, request.proposal.view));
  if (held == nullptr) return;
  const std::uint64_t latest = now.wall.value + genesis.consensus.timestamp_ahead_max_ms;
  const bool valid =
      held->status == BlockStatus::kExecuted && held->block.header.timestamp.value <= latest;
  // Written while the votes fly, so that certifying need not wait for the disk.
  if (valid) request_store(*held);
  answer_verify(hash, valid);
}

void Replica::State::answer_verify(const ledger::BlockHash& hash, bool valid) {
  const auto request = verify_pending.extract(hash).mapped();
  run(engine.on_verified(request.proposal, valid, now.monotonic));
}

void Replica::State::try_certify(const ledger::BlockHash& hash) {
  const auto found = certify_pending.find(hash);
  if (found == certify_pending.end()) return;
  const auto& proposal = found->second.proposal;
  HeldBlock* held = tree.find(hash);
  if (held != nullptr && !fits(*held, proposal)) return answer_certify(hash, false);
  held = executed_or_fetch(hash, proposal.view, std::nullopt);
  if (held == nullptr) return;
  if (held->status == BlockStatus::kInvalid) return answer_certify(hash, false);
  request_store(*held);
  if (held->stored) answer_certify(hash, true);
}

void Replica::State::answer_certify(const ledger::BlockHash& hash, bool certified) {
  const auto request = certify_pending.extract(hash).mapped();
  if (certified) pace.certified(request.proposal.view, now.monotonic);
  if (certified && request.proposal.view > tip_view) {
    tip = hash;
    tip_view = request.proposal.view;
    // Before the next leader may propose: what this block holds is no work any more.
    update_work();
  }
  run(engine.on_certified(request.proposal, certified, now.monotonic));
}

void Replica::State::retry_pending() {
  std::vector<ledger::BlockHash> hashes;
  for (const auto& [hash, request] : verify_pending) hashes.push_back(hash);
  for (const auto& hash : hashes) try_verify(hash);
  hashes.clear();
  for (const auto& [hash, request] : certify_pending) hashes.push_back(hash);
  for (const auto& hash : hashes) try_certify(hash);
  resolve_target();
}

void Replica::State::on(BlockStored event) {
  HeldBlock* held = tree.find(event.hash);
  if (held == nullptr) return;
  held->stored = true;
  try_certify(event.hash);
}

// Taken in unasked: only a leader's own proposal, from itself, for a view near ours, one for each
// view.
bool Replica::State::wanted(const BlockReceived& event) const {
  const auto& header = event.block.header;
  const consensus::View view{header.view};
  if (view.value == 0 || view <= engine.finalized()) return false;
  if (view.value > engine.view().value + kViewsAheadMax) return false;
  if (header.proposer != event.from.value || validators.leader(0, view) != event.from) return false;
  if (!tree.has_room(encoded_size(event.block))) return false;
  bool first = true;
  std::as_const(tree).for_each_held(
      [&](const HeldBlock& held) { first &= held.block.header.view != header.view; });
  return first;
}

// What nothing under way stands on gives way: it can be fetched again. `parent` is what the block
// that needs the room stands on.
bool Replica::State::make_room(std::size_t bytes, const ledger::BlockHash& parent) {
  if (tree.has_room(bytes)) return true;
  std::vector<ledger::BlockHash> needed{parent, tip};
  for (const auto& [hash, request] : verify_pending) needed.push_back(hash);
  for (const auto& [hash, request] : certify_pending) needed.push_back(hash);
  if (target) needed.push_back(hash_of(target->subject.proposal.digest));
  tree.keep_only(needed);
  drop_evicted();
  return tree.has_room(bytes);
}

void Replica::State::on(BlockReceived event) {
  const auto hash = ledger::block_hash(event.block.header);
  const auto asked = fetcher.wanted_for(hash);
  const bool named = target && hash_of(target->subject.proposal.digest) == hash;
  if (named && event.block.header.height <= tree.head().height) {
    return halt_contradicted(event.block.header.height, *target);
  }
  if (!asked && !wanted(event)) return;
  if (asked && event.block.header.view > asked->value) {
    fetcher.received(hash);
    if (verify_pending.contains(hash)) answer_verify(hash, false);
    return;
  }
  // Without room it stays wanted.
  if (!make_room(encoded_size(event.block), event.block.header.parent)) return;
  fetcher.received(hash);
  HeldBlock* held = tree.insert(std::move(event.block), event.signatures_valid);
  if (held == nullptr) return;
  count_ready(*held);
  retry_pending();
}

void Replica::State::finalize(const consensus::Certificate& finalization) {
  const auto view = finalization.subject.view();
  if (target && target->subject.view() >= view) return;
  target = finalization;
  pace.certified(view, now.monotonic);
  fetcher.finalized(consensus::View{view.value - 1});
  std::erase_if(verify_pending, [view](const auto& p) { return p.second.proposal.view <= view; });
  std::erase_if(certify_pending, [view](const auto& p) { return p.second.proposal.view <= view; });
  resolve_target();
}

void Replica::State::resolve_target() {
  if (!target) return;
  // Of the head, or of what is below it: after a crash the head may be newer than the newest
  // certificate that was kept.
  if (target->subject.view().value <= tree.head().view) {
    target.reset();
    return fetcher.stop_range();
  }
  const auto hash = hash_of(target->subject.proposal.digest);
  const auto path = tree.path_to(hash);
  if (path.empty()) {
    if (tree.find(hash) == nullptr)
      fetcher.want(hash, target->subject.view(), std::nullopt, now.monotonic);
    return fetcher.start_range(now.monotonic);
  }
  tree.execute(*path.back());
  for (const HeldBlock* held : path) {
    if (held->status != BlockStatus::kExecuted) return halt_invalid(*held);
  }
  for (HeldBlock* held : path) {
    const bool last = held == path.back();
    commit(*held, last ? std::exchange(target, std::nullopt) : std::nullopt);
  }
  drop_evicted();
  fetcher.stop_range();
}

void Replica::State::commit(HeldBlock& held, std::optional<consensus::Certificate> certificate) {
  if (tree.execute(held) != BlockStatus::kExecuted) return halt_invalid(held);
  // What is staged stood on the old head.
  drop_staged();
  auto committed = tree.commit(held);
  if (certificate) head_certificate = certificate;
  committed.certificate = std::move(certificate);
  const auto after = mempool.on_committed(committed, tree.state());
  backlog.committed(committed.outcomes.size(), now.monotonic);
  for (const auto& drop : after.dropped) out.dropped.push_back(drop);
  for (const auto& outcome : committed.outcomes) evicted_held.erase(outcome.id);
  for (const auto& id : after.evicted) evicted_held.insert(id);
  if (after.readiness_changed) tree.for_each_held([this](HeldBlock& other) { count_ready(other); });
  if (tree.path_to(tip).empty()) tip = tree.head_hash();
  out.commit.push_back(std::move(committed));
}

void Replica::State::on(SyncReceived event) {
  if (event.batch.certificate) notice_own_vote(*event.batch.certificate);
  const auto asked = fetcher.take_range_answer(event.from);
  if (asked == Fetcher::RangeAsked::kNo) return;
  // A late answer must not undo what came since, from the peer that was asked next or from itself.
  const bool is_late = asked == Fetcher::RangeAsked::kEarlier || !event.batch.blocks.empty();
  if (!staged.empty() && is_late && !continues_staged(event)) return;
  const auto height_before = tree.head().height;
  stage(event);
  if (event.batch.certificate && !staged.empty())
    commit_staged(event.from, *event.batch.certificate);
  if (out.halt) return;
  auto answer = Fetcher::RangeAnswer::kNothing;
  if (tree.head().height > height_before) answer = Fetcher::RangeAnswer::kFinalized;
  if (!staged.empty()) answer = Fetcher::RangeAnswer::kUncertified;
  fetcher.range_answered(event.from, answer, now.monotonic);
  retry_pending();
}

bool Replica::State::continues_staged(const SyncReceived& event) const {
  const auto& blocks = event.batch.blocks;
  return !staged.empty() && staged_from == event.from && !blocks.empty() &&
         blocks.front().header.height == staged.back().header.height.next();
}

// Appends the batch to what its sender sent before, or starts again from the head. A batch that
// begins above both continues something that was dropped meanwhile: nobody's fault.
void Replica::State::stage(const SyncReceived& event) {
  const auto& blocks = event.batch.blocks;
  const bool continues = continues_staged(event);
  if (!continues) drop_staged();
  if (blocks.empty() || (!continues && blocks.front().header.height > tree.head().height.next()))
    return;
  staged_from = event.from;
  auto parent = staged.empty() ? tree.head_hash() : ledger::block_hash(staged.back().header);
  for (const auto& block : blocks) {
    if (staged.empty() && block.header.height <= tree.head().height) continue;
    if (block.header.parent != parent) {
      drop_staged();
      if (contradicts(event.batch, tree.head(), tree.head_hash()))
        return halt_contradicted(tree.head().height, *event.batch.certificate);
      return blame(event.from, "sync blocks that do not follow our head");
    }
    parent = ledger::block_hash(block.header);
    staged_bytes += encoded_size(block);
    staged.push_back(block);
  }
  if (staged_bytes > kSyncStagedBytesMax || staged.size() > kSyncStagedBlocksMax) {
    drop_staged();
    blame(event.from, "too many sync blocks without a certificate");
  }
}

void Replica::State::commit_staged(PeerIndex from, const consensus::Certificate& certificate) {
  if (!finalizes(certificate, staged.back())) {
    drop_staged();
    return blame(from, "a sync certificate that does not finalize its last block");
  }
  auto blocks = std::exchange(staged, {});
  staged_bytes = 0;
  const auto last = blocks.back().header.height;
  for (auto& block : blocks) {
    const bool is_last = block.header.height == last;
    HeldBlock* held = tree.insert(std::move(block), true);
    if (held == nullptr) {
      out.halt = "a finalized block is not above the one that it stands on";
      return;
    }
    commit(*held, is_last ? std::optional{certificate} : std::nullopt);
    if (out.halt) return;
  }
  drop_evicted();
  run(engine.on_certificate(certificate, now.monotonic));
}

void Replica::State::drop_staged() {
  staged.clear();
  staged_bytes = 0;
  staged_from.reset();
}

void Replica::State::halt_invalid(const HeldBlock& held) {
  out.halt = "the finalized block at height " + std::to_string(held.block.header.height.value) +
             " does not execute here (" + held.invalid_reason + ")";
}

void Replica::State::halt_contradicted(ledger::Height height,
                                       const consensus::Certificate& certificate) {
  out.halt = "two finalizations contradict each other at height " + std::to_string(height.value) +
             ": more validators are faulty than the protocol bears. The proof is kept with the "
             "evidence";
  if (head_certificate)
    out.contradiction = consensus::Contradiction{*head_certificate, certificate};
}

void Replica::State::blame(PeerIndex peer, std::string reason) {
  out.faults.push_back({peer, std::move(reason)});
}

}  // namespace peerpay::node
