#include "tests/sim/options.h"

#include <bit>
#include <iterator>

#include "base/check.h"

namespace peerpay::sim {

namespace {

base::Duration between_us(base::Rng& rng, std::uint64_t low, std::uint64_t high) {
  return base::microseconds(static_cast<std::int64_t>(rng.between(low, high)));
}

base::Duration between_ms(base::Rng& rng, std::uint64_t low, std::uint64_t high) {
  return between_us(rng, low * 1'000, high * 1'000);
}

std::uint32_t permille_if(base::Rng& rng, std::uint64_t one_of, std::uint64_t max) {
  return rng.chance(1, one_of) ? static_cast<std::uint32_t>(rng.between(1, max)) : 0;
}

NetworkOptions draw_network(base::Rng& rng) {
  NetworkOptions out;
  out.delay.min = between_us(rng, 50, rng.chance(1, 3) ? 20'000 : 2'000);
  out.delay.mean = between_us(rng, 100, rng.chance(1, 3) ? 50'000 : 5'000);
  out.loss_permille = permille_if(rng, 3, 150);
  out.duplicate_permille = permille_if(rng, 3, 300);
  out.clog_permille = permille_if(rng, 4, 10);
  out.clog_mean = between_ms(rng, 50, 1'000);
  out.replay_permille = permille_if(rng, 8, 200);
  return out;
}

DiskOptions draw_disk(base::Rng& rng) {
  DiskOptions out;
  const std::uint64_t slow = rng.chance(1, 4) ? 40 : 1;
  out.sync.mean = between_us(rng, 50 * slow, 1'000 * slow);
  out.commit.mean = between_us(rng, 100 * slow, 3'000 * slow);
  out.state_flush_interval = between_ms(rng, 100, 3'000);
  out.sign_log_records_max = static_cast<std::uint32_t>(rng.between(20, 3'000));
  out.sync_blocks_max = static_cast<std::uint32_t>(rng.chance(1, 3) ? 2 : rng.between(1, 60));
  return out;
}

void draw_disk_faults(base::Rng& rng, FaultOptions& out) {
  out.disk_loss_permille = permille_if(rng, 4, 500);
  out.disk_copy_permille = permille_if(rng, 4, 500);
  out.sign_log_damage_permille = permille_if(rng, 4, 500);
  out.store_damage_permille = permille_if(rng, 4, 500);
  if (rng.chance(1, 5)) out.disk_error_interval_mean = between_ms(rng, 1'000, 6'000);
}

FaultOptions draw_faults(base::Rng& rng) {
  FaultOptions out;
  if (rng.chance(2, 3)) out.crash_interval_mean = between_ms(rng, 300, 4'000);
  out.down_mean = between_ms(rng, 1, 2'000);
  out.crash_all_permille = permille_if(rng, 2, 300);
  out.sign_log_loss_permille = permille_if(rng, 4, 300);
  if (rng.chance(1, 2)) out.partition_interval_mean = between_ms(rng, 300, 3'000);
  out.partition_mean = between_ms(rng, 50, 2'000);
  out.partition_one_way_permille = rng.chance(1, 2) ? 500 : 0;
  if (rng.chance(1, 4)) {
    out.clock_jump_interval_mean = between_ms(rng, 500, 4'000);
    out.clock_jump_ms_max = rng.between(10, 2'000);
  }
  if (rng.chance(1, 2)) out.clock_skew_ms_max = rng.between(1, 200);
  if (rng.chance(1, 4)) out.pause_interval_mean = between_ms(rng, 500, 4'000);
  out.pause_mean = between_ms(rng, 20, 2'000);
  out.pause_all_permille = permille_if(rng, 3, 300);
  draw_disk_faults(rng, out);
  return out;
}

WorkloadOptions draw_workload(base::Rng& rng) {
  WorkloadOptions out;
  out.accounts = static_cast<std::uint32_t>(rng.between(3, 24));
  out.transactions_max = static_cast<std::uint32_t>(rng.between(20, 700));
  out.interval_mean = between_us(rng, 2'000, 80'000);
  out.retry_interval = between_ms(rng, 200, 1'500);
  return out;
}

// The relations that Genesis demands: leader < certification < skip, retry < skip.
ledger::ConsensusParameters draw_consensus(base::Rng& rng) {
  ledger::ConsensusParameters out;
  out.block_interval_min_ms = static_cast<std::uint32_t>(rng.between(10, 120));
  out.heartbeat_interval_ms = static_cast<std::uint32_t>(rng.between(700, 3'000));
  out.leader_timeout_ms =
      out.block_interval_min_ms + static_cast<std::uint32_t>(rng.between(60, 400));
  out.certification_timeout_ms = out.leader_timeout_ms * 2;
  out.retry_interval_ms = static_cast<std::uint32_t>(rng.between(150, 1'000));
  out.skip_timeout_ms = static_cast<std::uint32_t>(rng.between(1'200, 3'000));
  out.timeout_max_ms = static_cast<std::uint32_t>(rng.between(3'000, 5'000));
  return out;
}

Behaviour draw_byzantine(base::Rng& rng) {
  for (;;) {
    const auto draw = static_cast<Behaviour>(rng.between(1, kBehaviours));
    if (is_byzantine(draw) && mixes_with_faults(draw)) return draw;
  }
}

// A share of the seeds. Apart from the stream of all else, so that nothing else of a seed moves.
std::uint32_t draw_cut_offs(std::uint64_t seed) {
  constexpr std::uint64_t kLabel = 0x637574'2d6f6666;  // "cut-off"
  base::Rng rng{seed ^ kLabel};
  return rng.chance(1, 6) ? static_cast<std::uint32_t>(rng.between(30, 300)) : 0;
}

void leave_out_disk_faults(Options& options) {
  FaultOptions& faults = options.faults;
  faults.disk_loss_permille = faults.disk_copy_permille = 0;
  faults.sign_log_damage_permille = faults.store_damage_permille = 0;
  faults.sign_log_loss_permille = 0;
  faults.disk_error_interval_mean = {};
}

void leave_out_byzantine(Options& options) {
  options.byzantine = 0;
  options.behaviour = Behaviour::kNone;  // or the network would go on helping B7
}

struct Fault {
  std::string_view name;
  void (*leave_out)(Options& options);
};
constexpr Fault kFaults[] = {
    {"crashes", [](Options& o) { o.faults.crash_interval_mean = {}; }},
    {"cut-offs", [](Options& o) { o.faults.cut_off_one_in = 0; }},
    {"partitions", [](Options& o) { o.faults.partition_interval_mean = {}; }},
    {"loss", [](Options& o) { o.network.loss_permille = 0; }},
    {"duplicates", [](Options& o) { o.network.duplicate_permille = 0; }},
    {"clogs", [](Options& o) { o.network.clog_permille = 0; }},
    {"clocks",
     [](Options& o) {
       o.faults.clock_jump_interval_mean = {};
       o.faults.clock_skew_ms_max = 0;
     }},
    {"pauses", [](Options& o) { o.faults.pause_interval_mean = {}; }},
    {"replays", [](Options& o) { o.network.replay_permille = 0; }},
    {"disks", leave_out_disk_faults},
    {"byzantine", leave_out_byzantine},
};

// What a behaviour needs of the run besides its actor.
void bend(Behaviour behaviour, base::Rng& rng, Options& options) {
  FaultOptions& faults = options.faults;
  if (behaviour == Behaviour::kReplaysPackets) {
    options.network.replay_permille = static_cast<std::uint32_t>(rng.between(1, 500));
  } else if (behaviour == Behaviour::kTimersTogether) {
    faults.pause_interval_mean = base::milliseconds(1'000);
    faults.pause_mean = between_ms(rng, 200, 1'500);
    faults.pause_all_permille = 800;
    faults.clock_skew_ms_max = rng.between(1, 200);
    faults.clock_jump_interval_mean = base::milliseconds(700);
    faults.clock_jump_ms_max = rng.between(10, 2'000);
  } else if (behaviour == Behaviour::kCrashesBetween) {
    faults.cut_off_one_in = 60;
  } else if (behaviour == Behaviour::kRepeatsStale) {  // what is said must have time to grow old
    options.workload.transactions_max = 250;
    options.safety_phase = base::milliseconds(10'000);
  } else if (behaviour == Behaviour::kLiesInSync) {  // somebody must miss much, and ask a liar
    faults.crash_interval_mean = base::milliseconds(250);
    faults.down_mean = base::milliseconds(2'500);
    options.disk.sync_blocks_max = 2;  // peers are asked in turn, the liars last, batch after batch
    options.workload.transactions_max = 500;
    options.safety_phase = base::milliseconds(20'000);
  } else if (behaviour == Behaviour::kSplitsViews) {
    options.network = {};
    options.faults = {};
    options.behaviour_alone = true;
    options.safety_phase = base::milliseconds(10'000);
  } else if (behaviour == Behaviour::kSilentNetwork) {
    options.consensus.timeout_max_ms = 3'000;
    options.safety_phase = base::milliseconds(16'000);
  } else if (behaviour == Behaviour::kLeadersCensor) {  // the account must pay again and again
    options.workload.accounts = 4;
    options.workload.transactions_max = 150;
    options.workload.interval_mean = base::milliseconds(25);
    options.safety_phase = base::milliseconds(5'000);
  } else if (behaviour == Behaviour::kFloodsMempool) {
    options.workload.pool_transactions_max = 200;
  } else if (behaviour == Behaviour::kOneWayPartition) {
    options.safety_phase = base::milliseconds(8'000);
  }
}

}  // namespace

// Geometric number of half-lives by counting zero bits, then uniform within the half-life.
base::Duration draw_interval(base::Duration mean, base::Rng& rng) {
  PEERPAY_CHECK(mean.microseconds >= 2, "an interval of nothing never ends");
  const auto half_life = static_cast<std::uint64_t>(mean.microseconds) * 693 / 1000;
  const auto halvings =
      static_cast<std::uint64_t>(std::countr_zero(rng.next() | (std::uint64_t{1} << 20)));
  return base::microseconds(
      static_cast<std::int64_t>(1 + half_life * halvings + rng.below(half_life)));
}

base::Duration draw_delay(const DelayOptions& options, base::Rng& rng) {
  return options.mean.microseconds < 2 ? options.min
                                       : options.min + draw_interval(options.mean, rng);
}

std::string_view name(ByzantineKind kind) {
  switch (kind) {
    case ByzantineKind::kSilent: return "silent";
    case ByzantineKind::kEquivocator: return "equivocator";
    case ByzantineKind::kWithholder: return "withholder";
    case ByzantineKind::kFlooder: return "flooder";
    case ByzantineKind::kTwins: return "twins";
    case ByzantineKind::kNamed: return "named";
  }
  PEERPAY_UNREACHABLE("every kind is named above");
}

std::uint32_t processes(const Options& options) {
  const bool twins = options.byzantine_kind == ByzantineKind::kTwins;
  return options.validators + (twins ? options.byzantine : 0);
}

std::string_view name(Canary canary) {
  switch (canary) {
    case Canary::kNone: return "none";
    case Canary::kSendBeforeSync: return "send-before-sync";
    case Canary::kLostSignLog: return "lost-sign-log";
    case Canary::kLostCommit: return "lost-commit";
    case Canary::kConflictingVote: return "conflicting-vote";
    case Canary::kLostMoney: return "lost-money";
    case Canary::kStall: return "stall";
    case Canary::kAbort: return "abort";
    case Canary::kRealClock: return "real-clock";
  }
  PEERPAY_UNREACHABLE("every canary is named above");
}

void plant(Canary canary, Options& options) {
  options.canary = canary;
  if (canary == Canary::kNone) return;
  options.validators = 4;
  options.byzantine = 0;
  // What makes the planted defect show: votes on the wire, syncs under way, crashes.
  options.disk.sync.mean = base::milliseconds(40);
  options.disk.state_flush_interval = base::seconds(2);
  options.faults.crash_interval_mean = base::milliseconds(300);
  options.faults.down_mean = base::milliseconds(20);
  options.faults.partition_interval_mean = {};
  options.faults.cut_off_one_in = 0;
  options.network.loss_permille = 0;
}

Options draw_options(std::uint64_t seed) {
  // Few large clusters: their messages grow with the square of n.
  constexpr std::uint32_t kSizes[] = {1, 2, 3, 4, 4, 4, 4, 4, 4, 5, 5, 7, 7, 7, 10, 13};
  base::Rng rng{seed};
  Options out;
  out.seed = seed;
  out.validators = kSizes[rng.below(std::size(kSizes))];
  const std::uint32_t faulty_max = (out.validators - 1) / 3;
  if (faulty_max > 0 && rng.chance(1, 2)) {
    out.byzantine = static_cast<std::uint32_t>(rng.between(1, faulty_max));
    constexpr ByzantineKind kKinds[] = {
        ByzantineKind::kSilent,     ByzantineKind::kEquivocator, ByzantineKind::kEquivocator,
        ByzantineKind::kWithholder, ByzantineKind::kFlooder,     ByzantineKind::kTwins,
        ByzantineKind::kTwins,      ByzantineKind::kNamed,       ByzantineKind::kNamed,
        ByzantineKind::kNamed,      ByzantineKind::kNamed};
    out.byzantine_kind = kKinds[rng.below(std::size(kKinds))];
    if (out.byzantine_kind == ByzantineKind::kNamed) out.behaviour = draw_byzantine(rng);
  }
  out.network = draw_network(rng);
  out.disk = draw_disk(rng);
  out.faults = draw_faults(rng);
  out.workload = draw_workload(rng);
  out.consensus = draw_consensus(rng);
  out.fee_per_operation = rng.chance(1, 2) ? rng.between(1, 20) : 0;
  out.safety_phase = between_ms(rng, 5'000, out.validators >= 7 ? 15'000 : 40'000);
  out.faults.cut_off_one_in = draw_cut_offs(seed);
  return out;
}

Options draw_options(Behaviour behaviour, std::uint32_t validators, std::uint64_t seed) {
  Options out = draw_options(seed);
  base::Rng rng{seed ^ (std::uint64_t{validators} << 32) ^ static_cast<std::uint64_t>(behaviour)};
  out.seed = seed;
  out.validators = validators;
  out.behaviour = behaviour;
  out.byzantine_kind = ByzantineKind::kNamed;
  const std::uint32_t faulty_max = (validators - 1) / 3;
  out.byzantine = is_byzantine(behaviour) ? faulty_max : 0;
  if (behaviour == Behaviour::kTooManyByzantine) out.byzantine = validators - faulty_max;
  out.safety_phase = base::milliseconds(static_cast<std::int64_t>(rng.between(2'500, 4'000)));
  out.workload.transactions_max = static_cast<std::uint32_t>(rng.between(40, 80));
  out.workload.interval_mean = base::milliseconds(40);
  out.behaviour_alone = !mixes_with_faults(behaviour) || rng.chance(2, 3);
  if (out.behaviour_alone) {
    out.network = {};
    out.faults = {};
  }
  out.faults.cut_off_one_in = 0;  // B18 has them for itself
  bend(behaviour, rng, out);
  return out;
}

bool switch_off(std::string_view fault, Options& options) {
  bool is_known = false;
  for (const Fault& one : kFaults) {
    if (fault != one.name && fault != "all") continue;
    one.leave_out(options);
    is_known = true;
  }
  return is_known;
}

std::vector<std::string_view> fault_names() {
  std::vector<std::string_view> out;
  for (const Fault& fault : kFaults) out.push_back(fault.name);
  return out;
}

std::string describe(const Options& o) {
  const auto ms = [](base::Duration d) { return std::to_string(d.milliseconds()) + "ms"; };
  std::string out = "n=" + std::to_string(o.validators);
  if (o.byzantine > 0) {
    out += " byzantine=" + std::to_string(o.byzantine) + "(" + std::string{name(o.byzantine_kind)} +
           ")";
  }
  if (o.behaviour != Behaviour::kNone) out += " behaviour=" + std::string{name(o.behaviour)};
  out += " delay=" + ms(o.network.delay.min) + "+" + ms(o.network.delay.mean);
  out += " loss=" + std::to_string(o.network.loss_permille);
  out += " duplicate=" + std::to_string(o.network.duplicate_permille);
  out += " clog=" + std::to_string(o.network.clog_permille);
  out += " replay=" + std::to_string(o.network.replay_permille);
  out += " crash_every=" + ms(o.faults.crash_interval_mean) + " down=" + ms(o.faults.down_mean);
  out += " crash_all=" + std::to_string(o.faults.crash_all_permille);
  out += " sign_log_loss=" + std::to_string(o.faults.sign_log_loss_permille);
  out += " partition_every=" + ms(o.faults.partition_interval_mean) +
         " for=" + ms(o.faults.partition_mean);
  out += " one_way=" + std::to_string(o.faults.partition_one_way_permille);
  out += " skew=" + std::to_string(o.faults.clock_skew_ms_max) + "ms";
  out += " jump=" + std::to_string(o.faults.clock_jump_ms_max) + "ms";
  out += " pause_every=" + ms(o.faults.pause_interval_mean) + " for=" + ms(o.faults.pause_mean);
  out += " disk_loss=" + std::to_string(o.faults.disk_loss_permille);
  out += " disk_copy=" + std::to_string(o.faults.disk_copy_permille);
  out += " log_damage=" + std::to_string(o.faults.sign_log_damage_permille);
  out += " store_damage=" + std::to_string(o.faults.store_damage_permille);
  out += " disk_error_every=" + ms(o.faults.disk_error_interval_mean);
  out += " cut_off_one_in=" + std::to_string(o.faults.cut_off_one_in);
  out += " sync_blocks=" + std::to_string(o.disk.sync_blocks_max);
  out += " accounts=" + std::to_string(o.workload.accounts);
  out += " block_interval=" + std::to_string(o.consensus.block_interval_min_ms) + "ms";
  out += " safety=" + ms(o.safety_phase);
  return out;
}

}  // namespace peerpay::sim
