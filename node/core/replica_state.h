#pragma once
// The inside of Replica, shared by replica.cpp (routing) and chain.cpp (blocks, finalization,
// sync).

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "node/core/backlog.h"
#include "node/core/block_pace.h"
#include "node/core/block_tree.h"
#include "node/core/fetcher.h"
#include "node/core/gossip.h"
#include "node/core/mempool.h"
#include "node/core/peer_budget.h"
#include "node/core/replica.h"
#include "node/core/vote_guard.h"

namespace peerpay::node {

[[nodiscard]] inline ledger::BlockHash hash_of(const consensus::Digest& digest) {
  return {digest.bytes};
}
[[nodiscard]] inline consensus::Digest digest_of(const ledger::BlockHash& hash) {
  return {hash.bytes};
}

struct Replica::State {
  State(const ledger::Network& network, std::optional<PeerIndex> self_in,
        const ReplicaConfig& config_in);

  const ledger::Genesis& genesis;
  const ReplicaConfig config;
  const std::optional<PeerIndex> self;
  const consensus::ValidatorSet validators;

  consensus::Engine engine;
  BlockTree tree;
  Mempool mempool;
  Backlog backlog;
  Gossip gossip;
  BlockPace pace;
  Fetcher fetcher;
  PeerBudget blocks_served;
  PeerBudget ranges_served;
  PeerBudget greetings;
  PeerBudget standings_served;
  std::optional<VoteGuard> guard;  // of a validator
  VoteWitness witness;

  std::set<PeerIndex> connected;
  std::set<PeerIndex> to_greet;  // connected again too soon
  ledger::BlockHash genesis_hash;
  // Requests of the engine that wait for a block, its ancestors or its storing. At most one per
  // view each.
  std::map<ledger::BlockHash, consensus::VerifyRequest> verify_pending;
  std::map<ledger::BlockHash, consensus::CertifyRequest> certify_pending;
  // Of the head. Empty where a crash lost it.
  std::optional<consensus::Certificate> head_certificate;
  // Newest finalization whose block, or whose ancestors, are not here yet.
  std::optional<consensus::Certificate> target;
  std::vector<ledger::Block> staged;  // of a sync without its certificate yet
  std::size_t staged_bytes = 0;
  std::optional<PeerIndex> staged_from;
  // Evicted while a held block holds them: how they end is open. None is pooled.
  std::set<ledger::TransactionId> evicted_held;
  // The block that the next proposal would stand on, as far as this node has certified.
  ledger::BlockHash tip;
  consensus::View tip_view;
  std::size_t ready_in_blocks = 0;  // on the way to the tip
  bool work_pending = false;

  // The event being handled.
  base::Now now;
  Effects out;
  std::deque<consensus::Effects> engine_effects;

  // replica.cpp
  void start(Bootstrap bootstrap);
  void on(PeerConnected event);
  void on(PeerDisconnected event);
  void on(LinkReplaced event);
  void on(VoteReceived event);
  void on(const CertificateReceived& event);
  void on(RepairRequested event);
  void on(BlockReceived event);
  void on(BlockRequested event);
  void on(SyncRequested event);
  void on(SyncReceived event);
  void on(TransactionsReceived event);
  void on(TransactionsSubmitted event);
  void on(StandingRequested event);
  void on(const StandingReceived& event);
  void on(VoteSigned event);
  void on(BlockStored event);
  void on(TimerFired event);
  void settle();  // runs the engine's effects until none is left, then what is due
  void guard_votes();
  void notice_own_vote(const consensus::Certificate& certificate);
  void on_unknown_own_vote(const consensus::Subject& subject);
  void run(consensus::Effects effects);
  void run(const consensus::ProposeRequest& request);
  void run(const consensus::VerifyRequest& request);
  void run(const consensus::CertifyRequest& request);
  void greet();
  [[nodiscard]] std::optional<base::TimePoint> greet_at() const;
  Mempool::Admitted admit(ledger::SealedTransaction transaction, Mempool::Source source);
  void drop_evicted();
  void update_work();
  [[nodiscard]] bool heartbeat_due() const;
  [[nodiscard]] std::optional<base::TimePoint> heartbeat_at() const;

  // chain.cpp
  [[nodiscard]] std::optional<consensus::Digest> propose(const consensus::ProposeRequest& request);
  void count_ready(HeldBlock& held) const;
  void request_store(HeldBlock& held);
  void retry_pending();
  void try_verify(const ledger::BlockHash& hash);
  void try_certify(const ledger::BlockHash& hash);
  void answer_verify(const ledger::BlockHash& hash, bool valid);
  void answer_certify(const ledger::BlockHash& hash, bool certified);
  [[nodiscard]] HeldBlock* executed_or_fetch(const ledger::BlockHash& hash, consensus::View view,
                                             std::optional<PeerIndex> first);
  [[nodiscard]] bool fits(const HeldBlock& held, const consensus::Proposal& proposal) const;
  [[nodiscard]] bool stands_on(const HeldBlock& held, const consensus::Proposal& parent) const;
  [[nodiscard]] bool make_room(std::size_t bytes, const ledger::BlockHash& parent);
  [[nodiscard]] ledger::BlockHash parent_hash(const consensus::Proposal& parent) const;
  [[nodiscard]] bool wanted(const BlockReceived& event) const;
  void finalize(const consensus::Certificate& finalization);
  void resolve_target();
  void commit(HeldBlock& held, std::optional<consensus::Certificate> certificate);
  void stage(const SyncReceived& event);
  [[nodiscard]] bool continues_staged(const SyncReceived& event) const;
  void commit_staged(PeerIndex from, const consensus::Certificate& certificate);
  void drop_staged();
  void halt_invalid(const HeldBlock& held);  // although it is final
  // `certificate` finalizes another block at `height`, which is final here.
  void halt_contradicted(ledger::Height height, const consensus::Certificate& certificate);
  void blame(PeerIndex peer, std::string reason);
};

}  // namespace peerpay::node
