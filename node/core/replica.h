#pragma once
// Replica: one node as one deterministic object. Events in, effects out.
//
// It routes between four parts and holds no rule of its own:
//   ledger      what a block does (execute_block, StateTree)
//   consensus   which block is next (Engine), by digest alone
//   mempool     what waits
//   block tree, sync   blocks above the finalized head, and how missing ones are found
//
// The same object runs in peerpayd and in the simulator. It reads no clock: every event carries the
// time. It draws no random number. Not safe for threads: one thread owns it.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/time.h"
#include "consensus/effects.h"
#include "consensus/engine.h"
#include "ledger/committed_state.h"
#include "ledger/genesis.h"
#include "ledger/state.h"
#include "ledger/state_tree.h"
#include "node/core/config.h"
#include "node/core/effects.h"
#include "node/core/event.h"
#include "node/core/vote_guard.h"

namespace peerpay::node {

// What was durable when the node stopped; for a first start, only the genesis state and header.
struct Bootstrap {
  ledger::CommittedState state;  // after `head`
  ledger::BlockHeader head;      // newest finalized block
  // Of `head`. Empty at height 0, and when a later block's certificate, lost in a crash, finalized
  // it.
  std::optional<consensus::Certificate> finalization;
  std::vector<ledger::Block> unfinalized;        // stored blocks above `head`
  std::vector<consensus::SafetyRecord> journal;  // the sign log, in order
  StandingToken token;                           // of a validator: 16 random bytes
  // kOpen leaves out the questions of vote_guard.h: for what does not care how its votes are taken.
  consensus::Voting voting = consensus::Voting::kMuted;
};

struct ReplicaStatus {
  ledger::Height height;  // finalized
  ledger::BlockHash hash;
  base::UnixMillis timestamp;
  consensus::View view;
  consensus::View finalized_view;
  std::optional<VotingStatus> voting;  // of a validator
  bool syncing = false;                // a finalization is known whose blocks are not
  std::size_t blocks_held = 0;         // above the head
  std::size_t blocks_held_bytes = 0;
  std::size_t blocks_staged = 0;  // of a sync without its certificate yet
  std::size_t blocks_staged_bytes = 0;
  std::size_t peers_connected = 0;
  std::size_t mempool_transactions = 0;
  std::size_t mempool_bytes = 0;
};

class Replica {
 public:
  // The genesis must be valid; `network` outlives the replica. `self` is empty for an observer.
  Replica(const ledger::Network& network, std::optional<PeerIndex> self,
          const ReplicaConfig& config);
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  // Once, before any event. The state root of `bootstrap.state` must be the one in `bootstrap.head`
  // (checked by the caller on the way in; a difference here is our bug).
  [[nodiscard]] Effects start(Bootstrap bootstrap, base::Now now);
  [[nodiscard]] Effects handle(Event event, base::Now now);
  // When to send TimerFired, at the latest.
  [[nodiscard]] std::optional<base::TimePoint> deadline() const;

  [[nodiscard]] ReplicaStatus status() const;
  [[nodiscard]] const ledger::StateView& state() const;  // after the finalized head
  [[nodiscard]] const ledger::BlockHeader& head() const;
  // Ready to be ordered, so that checking more from clients can wait (backlog.h).
  [[nodiscard]] bool has_plenty(base::TimePoint now) const;
  [[nodiscard]] bool is_pooled(const ledger::TransactionId& id) const;
  [[nodiscard]] bool is_pending(
      const ledger::TransactionId& id) const;  // in the pool or an unfinalized block
  // The valid_until of a transaction that an unfinalized block holds.
  [[nodiscard]] std::optional<base::UnixMillis> held_until(const ledger::TransactionId& id) const;
  [[nodiscard]] ledger::StateProof prove(
      const ledger::AccountId& id) const;  // under head().state_root
  [[nodiscard]] const consensus::Engine& engine() const;
  // What a compacted sign log must still hold.
  [[nodiscard]] std::vector<consensus::SafetyRecord> journal() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The consensus part of the genesis parameters.
[[nodiscard]] consensus::Config engine_config(const ledger::ConsensusParameters& parameters);
[[nodiscard]] consensus::ValidatorSet validator_set(const ledger::Genesis& genesis);
[[nodiscard]] consensus::Context consensus_context(const ledger::ChainId& chain);

}  // namespace peerpay::node
