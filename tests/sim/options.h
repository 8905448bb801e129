#pragma once
// Options: everything that makes one run different from another, drawn from the seed. Swarm
// testing: most faults are switched off in most runs, because a run with every fault at once hardly
// gets anywhere and finds little.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "ledger/genesis.h"
#include "tests/sim/behaviour.h"

namespace peerpay::sim {

// A delay is `min` plus an about exponential part with mean `mean`, in whole microseconds.
struct DelayOptions {
  base::Duration min;
  base::Duration mean;
};
[[nodiscard]] base::Duration draw_delay(const DelayOptions& options, base::Rng& rng);
// About exponential, never zero. REQUIRES: mean of at least 2 us.
[[nodiscard]] base::Duration draw_interval(base::Duration mean, base::Rng& rng);

struct NetworkOptions {
  DelayOptions delay{base::microseconds(500), base::milliseconds(5)};
  base::Duration notice_delay_max =
      base::milliseconds(200);  // until a node knows that a link broke or came up
  std::uint32_t loss_permille = 0;
  std::uint32_t duplicate_permille = 0;
  std::uint32_t replay_permille = 0;  // of messages: one sent earlier comes again with it
  std::uint32_t clog_permille = 0;    // of messages: the link stops, then delivers all at once
  base::Duration clog_mean = base::milliseconds(300);
};

struct DiskOptions {
  DelayOptions sync{base::microseconds(100), base::microseconds(500)};  // of the sign log
  DelayOptions commit{base::microseconds(300), base::milliseconds(2)};  // of a batch of blocks
  base::Duration state_flush_interval = base::milliseconds(1'000);
  std::uint32_t sign_log_records_max = 2'000;  // then it is compacted
  std::uint32_t sync_blocks_max =
      40;  // in an answer of a node, which draws its own bound up to this
};

// An interval of zero switches a fault off.
struct FaultOptions {
  base::Duration crash_interval_mean;
  base::Duration down_mean = base::milliseconds(800);
  std::uint32_t crash_all_permille = 0;      // of crashes: every node at once
  std::uint32_t sign_log_loss_permille = 0;  // of crashes: the node may only follow from then on
  base::Duration partition_interval_mean;
  base::Duration partition_mean = base::milliseconds(1'000);
  std::uint32_t partition_one_way_permille = 0;  // of partitions
  base::Duration clock_jump_interval_mean;
  std::uint64_t clock_skew_ms_max = 0;  // each way, from the start
  std::uint64_t clock_jump_ms_max = 0;  // each way
  base::Duration pause_interval_mean;   // the process stands still, its machine does not
  base::Duration pause_mean = base::milliseconds(500);
  std::uint32_t pause_all_permille = 0;  // of pauses: every node at once
  // Of crashes, while a quorum can do without the node: it comes back with
  std::uint32_t disk_loss_permille = 0;        // an empty disk
  std::uint32_t disk_copy_permille = 0;        // an older copy of its disk
  std::uint32_t sign_log_damage_permille = 0;  // a sign log with a bad or misplaced record
  std::uint32_t store_damage_permille = 0;     // a store that does not read back
  base::Duration disk_error_interval_mean;     // one write or sync of some node fails
  // Of the moments between deciding and sending, of an honest node: its process ends there. 0: none
  std::uint32_t cut_off_one_in = 0;
};

enum class ByzantineKind : std::uint8_t {
  kSilent,       // never sends anything
  kEquivocator,  // two blocks in a view, contradicting votes, doctored answers
  kWithholder,   // each message to some of the others only; blocks at times to nobody
  kFlooder,      // what nobody asked for, in masses: requests, sync answers, blocks on no parent
  kTwins,        // two nodes run with one key (Twins, arXiv 2004.10617)
  kNamed,        // what Options::behaviour says
};
[[nodiscard]] std::string_view name(ByzantineKind kind);

struct WorkloadOptions {
  std::uint32_t accounts = 12;
  std::uint32_t transactions_max = 150;
  base::Duration interval_mean = base::milliseconds(40);
  base::Duration retry_interval = base::milliseconds(700);
  std::uint32_t pool_transactions_max = 200'000;  // of each node's mempool
};

// A defect planted on purpose: the checkers must find it.
enum class Canary : std::uint8_t {
  kNone,
  kSendBeforeSync,   // votes leave before their record is durable
  kLostSignLog,      // a crash loses synced vote records
  kLostCommit,       // a crash loses a committed block that was acknowledged
  kConflictingVote,  // an honest node's key signs a second notarize vote
  kLostMoney,        // a node's committed balances differ from what the block says
  kStall,            // the network never heals
  kAbort,            // the process dies
  kRealClock,        // a clock that is no part of the seed decides when the run begins
};
[[nodiscard]] std::string_view name(Canary canary);
inline constexpr Canary kAllCanaries[] = {
    Canary::kSendBeforeSync, Canary::kLostSignLog, Canary::kLostCommit, Canary::kConflictingVote,
    Canary::kLostMoney,      Canary::kStall,       Canary::kAbort,      Canary::kRealClock,
};

struct Options {
  std::uint64_t seed = 0;
  std::uint32_t validators = 4;
  std::uint32_t byzantine = 0;  // the last ones of the set; at most (n - 1) / 3, but for B25
  ByzantineKind byzantine_kind = ByzantineKind::kSilent;
  Behaviour behaviour = Behaviour::kNone;
  bool behaviour_alone = false;  // no other fault strikes
  NetworkOptions network;
  DiskOptions disk;
  FaultOptions faults;
  WorkloadOptions workload;
  ledger::ConsensusParameters consensus;
  std::uint64_t fee_per_operation = 0;
  base::Duration safety_phase = base::seconds(8);
  base::Duration liveness_bound = base::seconds(90);
  // Far above what any run needs: more means that nodes keep each other busy for nothing.
  std::uint64_t steps_max = 20'000'000;
  bool signatures_real = false;  // BIP-340 instead of the stand-in: slow
  Canary canary = Canary::kNone;
};

[[nodiscard]] Options draw_options(std::uint64_t seed);
// A short run of n validators in which the behaviour has its chance to act, and other faults only
// where they don't make its expected outcome uncertain.
[[nodiscard]] Options draw_options(Behaviour behaviour, std::uint32_t validators,
                                   std::uint64_t seed);

// Processes in the network: one for each validator, two for one with a twin.
[[nodiscard]] std::uint32_t processes(const Options& options);
// Sets the canary, and bends the options so that its defect has a chance to show.
void plant(Canary canary, Options& options);
// Leaves one kind of fault out, to shorten a failing run, or "all". False for any other word.
[[nodiscard]] bool switch_off(std::string_view fault, Options& options);
[[nodiscard]] std::vector<std::string_view> fault_names();

// One line.
[[nodiscard]] std::string describe(const Options& options);

}  // namespace peerpay::sim
