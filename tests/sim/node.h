#pragma once
// SimNode: one node of the simulation: a real node::Replica, and around it what node/app does with
// threads, sockets and files, done with events instead. It keeps the contract of
// node/core/effects.h to the letter:
//
//   turn       handle everything that waits; append all safety records; one sync
//   after it   send and sign; pass blocks to storage; answer
//   crash      everything is gone but the disk: effects of a turn whose sync had not ended never
//   happened
//
// While a sync runs, the node does nothing else: events wait, as they do behind the node's one core
// thread.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "base/rng.h"
#include "node/core/replica.h"
#include "node/evidence/proof.h"
#include "tests/sim/byzantine.h"
#include "tests/sim/client.h"
#include "tests/sim/disk.h"
#include "tests/sim/world.h"

namespace peerpay::sim {

class SimNode {
 public:
  // `world` and `clients` must outlive the node. An `adversary` makes it Byzantine: no checker
  // looks at it.
  SimNode(World& world, NodeIndex process, ClientListener& clients,
          std::unique_ptr<Adversary> adversary);

  void start();
  void crash();
  // It starts on a new one, as after `peerpayd rejoin`: it must not vote before it has rejoined.
  // REQUIRES: not running.
  void lose_sign_log();
  // What happens to the disk of a node that does not run. REQUIRES for all: not running.
  void lose_disk();
  void keep_disk_copy() { copy_ = std::make_unique<SimDisk>(disk_); }  // running or not
  [[nodiscard]] bool has_disk_copy() const { return copy_ != nullptr; }
  void restore_disk_copy();
  // The highest view that the copy knows of. REQUIRES: has_disk_copy().
  [[nodiscard]] consensus::View newest_view_of_copy() const;
  void damage_sign_log();
  void damage_store();
  // While it runs: its next write or sync fails.
  void fail_disk(SimDisk::Failing what) { disk_.fail_next(what); }
  // Whether its votes still count on what it has said before.
  [[nodiscard]] bool is_trusted() const { return !lacks_votes_ && !is_amnesiac_; }
  // REQUIRES: is_running().
  [[nodiscard]] bool votes() const { return !replica_->engine().is_muted(); }
  // Stopped on proof that the protocol's assumption failed; never starts again.
  [[nodiscard]] bool has_halted() const { return has_halted_; }

  // The process stands still: nothing it has begun goes on, what arrives waits.
  void pause() { is_paused_ = true; }
  void go_on();
  [[nodiscard]] bool is_paused() const { return is_paused_; }
  [[nodiscard]] bool is_running() const { return replica_ != nullptr; }

  // A client's request. The answer comes by ClientListener, at once or later; none when the node is
  // down.
  void submit(const ledger::TransactionId& id, const base::Bytes& bytes);

  void jump_clock(std::int64_t by_ms) { skew_ms_ += by_ms; }
  void set_skew(std::int64_t ms) { skew_ms_ = ms; }

  [[nodiscard]] NodeIndex process() const { return process_; }
  [[nodiscard]] const SimDisk& disk() const { return disk_; }
  // REQUIRES: is_running().
  [[nodiscard]] node::ReplicaStatus status() const { return replica_->status(); }
  [[nodiscard]] const ledger::StateView& state() const { return replica_->state(); }
  [[nodiscard]] const consensus::EngineStats& engine_stats() const {
    return replica_->engine().stats();
  }
  [[nodiscard]] bool is_pooled(const ledger::TransactionId& id) const {
    return is_running() && replica_->is_pooled(id);
  }

 private:
  using StorageJob = std::variant<node::BlockToStore, node::CommittedBlock>;

  [[nodiscard]] bool is_checked() const { return adversary_ == nullptr; }
  [[nodiscard]] bool is_chain_checked() const { return is_checked() && world_.quorums_hold(); }
  [[nodiscard]] BehaviourOracle::EngineFacts engine_facts() const;
  // True when the process ended here.
  [[nodiscard]] bool ends_at(CrashPoint point);
  // The process ends, and the world hears of it.
  void stop(std::string_view why);
  void stop_halted();
  void look_at_disk();
  [[nodiscard]] base::Now now() const;
  void trace(const char* verb, TraceLine line = {});
  // Runs `action` after a delay unless the node crashed in between.
  template <class Action>
  void later(base::Duration delay, Action action) {
    world_.scheduler.after(delay, [this, life = life_, action = std::move(action)] {
      if (life_ != life) return;
      if (is_paused_) {
        deferred_.emplace_back(action);
      } else {
        action();
      }
    });
  }

  // In: what node/app's ingress does.
  void on_message(NodeIndex process, const SentMessagePtr& message);
  void on_link(NodeIndex process, bool up);
  // Empty when it is not taken.
  [[nodiscard]] static std::optional<node::Event> event_of(NodeIndex from,
                                                           const SentMessage& message);
  [[nodiscard]] ledger::TransactionResult check(const ledger::SealedTransaction& transaction) const;
  void post(node::Event event);

  // A turn: what its core thread does.
  void wake();
  void turn();
  void handle(node::Event event);
  void merge(node::Effects effects);
  void end_turn();
  void check_bounds();
  void carry_out();
  void compact_sign_log();
  void arm();

  // Out (node_effects.cpp): what its effect sink and storage thread do.
  void check_effects(const node::Effects& effects);
  void check_records(const std::vector<consensus::SafetyRecord>& records);
  void rejoined(consensus::View through);
  void check_halt(const node::Effects& effects);
  void check_export(const evidence::Proof& proof, consensus::View view);
  void send(std::optional<NodeIndex> to, const base::Bytes& message);
  [[nodiscard]] SentMessagePtr read(const base::Bytes& message) const;
  [[nodiscard]] bool verifies(const node::PeerMessage& message) const;
  void transmit(std::optional<NodeIndex> to, const SentMessagePtr& message);
  void sign(const consensus::Subject& subject);
  void sign_conflicting(consensus::Subject subject);
  void lose_money(node::Effects& effects) const;
  void serve(const node::Serve& request);
  void reply(const node::SubmissionReply& reply);
  void refuse(const ledger::TransactionId& id, ledger::TransactionResult result);
  [[nodiscard]] bool is_committing(const ledger::TransactionId& id) const;
  void tell(const ledger::TransactionId& id, const Answer& answer);
  void tell_refused(const ledger::TransactionId& id, ledger::TransactionResult result);
  void store_next();
  // False when the disk failed.
  bool write(const std::vector<StorageJob>& jobs);
  void announce(const std::vector<StorageJob>& jobs);
  void flush_state_later();

  World& world_;
  const NodeIndex process_;  // in the network
  const NodeIndex self_;     // in the validator set
  ClientListener& clients_;
  const std::unique_ptr<Adversary> adversary_;
  base::Rng rng_;
  SimDisk disk_;
  std::unique_ptr<SimDisk> copy_;
  const std::size_t sync_blocks_max_;  // in an answer of this node
  std::int64_t skew_ms_ = 0;
  bool lacks_votes_ = false;  // its sign log says so, or will
  bool is_amnesiac_ = false;  // it has forgotten, and need not know
  bool has_halted_ = false;
  std::uint64_t life_ = 0;  // of the process: what was scheduled in an earlier one is void

  std::size_t sign_log_compacted_ = 0;  // records after the last compaction

  // What a crash loses.
  std::unique_ptr<node::Replica> replica_;
  base::Duration clock_offset_;  // a monotonic clock starts anywhere
  std::vector<node::Event> inbox_;
  node::Effects turn_;
  std::vector<consensus::Vote> signed_;
  bool in_turn_ = false;
  bool is_paused_ = false;
  std::vector<Scheduler::Action> deferred_;  // by the pause
  bool wake_scheduled_ = false;
  std::optional<base::TimePoint> armed_at_;
  std::vector<StorageJob> storage_queue_;
  std::vector<StorageJob> storage_busy_with_;
  std::uint64_t token_next_ = 0;
  std::map<ledger::TransactionId, base::UnixMillis>
      submitted_;  // valid_until of what clients sent here
};

}  // namespace peerpay::sim
