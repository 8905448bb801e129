// For each attack a fresh network, so that no memory is counted twice; honest payments at a steady
// rate; a calm time; then the attack. Payments are charged from when they were due, and every one
// of them has to become final.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <thread>

#include "base/os/clock.h"
#include "base/os/descriptor.h"
#include "bench/attack.h"
#include "bench/attack_outcome.h"
#include "bench/child_process.h"
#include "bench/commands.h"
#include "bench/load.h"
#include "bench/local_network.h"
#include "bench/node_client.h"
#include "bench/process_usage.h"
#include "bench/progress.h"
#include "bench/units.h"

namespace peerpay::bench {
namespace {

// So many times the runs that are asked for, to have as many in which the disk did not stall: when
// it does in more than every other run, it may be the attack that makes it.
constexpr std::uint32_t kTriesPerRun = 2;

constexpr std::uint32_t kValidators = 4;
constexpr std::size_t kAttacked = 0;
constexpr std::size_t kByzantine = 3;
// Until the others pass over the turns of a validator that is gone (consensus, skip_timeout).
constexpr std::uint32_t kSkipSeconds = 6;
constexpr base::Duration kProbeInterval = base::milliseconds(100);
constexpr base::Duration kNewcomerInterval = base::milliseconds(500);
constexpr base::Duration kSettlePatience = base::seconds(20);
constexpr base::Duration kAgreementPatience = base::seconds(10);
constexpr base::Duration kAttackerGrace = base::seconds(5);
constexpr std::uint64_t kPaymentValidityMs = 15 * 60 * 1000;

// Of the validators that run, the first of which is the attacked one.
Result<Memory> peak_of(const LocalNetwork& network) {
  Memory out;
  for (const auto process : network.processes()) {
    const auto peak = peak_resident_bytes_of(process);
    if (!peak) return fail("A validator has ended.");
    out.others.push_back(*peak);
  }
  out.attacked = out.others.at(kAttacked);
  out.others.erase(out.others.begin() + kAttacked);
  return out;
}

struct Newcomers {
  std::atomic<std::uint64_t> tried = 0;
  std::atomic<std::uint64_t> served = 0;
};

// Writes and syncs a byte of its own, now and then. No metadata changes, so that it costs the disk
// little; on a thread of its own, so that a stall holds up nothing else.
void probe_disk(const std::stop_token& stop, const os::Descriptor& file, Interruption& interruption,
                base::Duration& slowest) {
  while (!stop.stop_requested() && interruption.sleep_for(kProbeInterval)) {
    const auto begin = os::read_clock().monotonic;
    const char byte = 'p';
    if (::pwrite(file.number(), &byte, 1, 0) != 1 || ::fdatasync(file.number()) != 0) return;
    slowest = std::max(slowest, os::read_clock().monotonic - begin);
  }
}

Result<Phase> pass_time(const LocalNetwork& network, std::uint32_t seconds,
                        Interruption& interruption) {
  const auto probed = os::open_descriptor(network.path_of("probe"), O_WRONLY | O_CREAT, 0600);
  if (!probed) return fail(probed.error().sentence());
  for (const auto process : network.processes()) {
    if (!forget_peak_of(process)) return fail("The kernel does not tell the peak of memory.");
  }
  Phase out;
  const auto begin = os::read_clock().monotonic;
  const auto cpu_before = network.cpu_times()[kAttacked];
  {
    const std::jthread prober{[&](const std::stop_token& stop) {
      probe_disk(stop, *probed, interruption, out.slowest_write);
    }};
    if (!interruption.sleep_for(base::seconds(seconds))) return fail("Interrupted.");
  }
  auto peak = peak_of(network);
  if (!peak) return base::Unexpected{peak.error()};
  out.memory_peak = std::move(*peak);
  out.window = {begin, os::read_clock().monotonic};
  out.attacked_cpu = {network.cpu_times()[kAttacked].microseconds - cpu_before.microseconds};
  return out;
}

// Somebody who has no connection yet asks the attacked node a question.
void send_newcomers(const std::stop_token& stop, const std::string& address, Newcomers& newcomers,
                    Interruption& interruption) {
  while (!stop.stop_requested() && interruption.sleep_for(kNewcomerInterval)) {
    ++newcomers.tried;
    if (NodeClient{address}.status()) ++newcomers.served;
  }
}

Result<AttackCounts> read_counts(const std::string& path) {
  AttackCounts out;
  std::ifstream file{path};
  std::string words;
  for (std::string line; std::getline(file, line); words += line + " ") {
    constexpr std::string_view kPrefix = "count ";
    if (line.rfind(kPrefix, 0) != 0) continue;
    const auto space = line.find(' ', kPrefix.size());
    out.emplace_back(line.substr(kPrefix.size(), space - kPrefix.size()),
                     std::stoull(line.substr(space)));
  }
  if (out.empty()) return fail("The attacker failed: " + words);
  return out;
}

Result<void> attack(const Attack& attack, const AttackOptions& options, const LocalNetwork& network,
                    Interruption& interruption, Outcome& out) {
  const auto log = network.path_of("attacker.log");
  auto attacker = ChildProcess::spawn(
      {"/proc/self/exe", "attacker", "--attack", std::string{attack.name}, "--client",
       network.address(kAttacked), "--home", network.home(kByzantine), "--accounts",
       std::to_string(options.accounts)},
      log);
  if (!attacker) return base::Unexpected{attacker.error()};
  Newcomers newcomers;
  {
    const std::jthread prober{[&](const std::stop_token& stop) {
      send_newcomers(stop, network.address(kAttacked), newcomers, interruption);
    }};
    auto phase = pass_time(network, options.seconds, interruption);
    if (!phase) return base::Unexpected{phase.error()};
    out.attacked = std::move(*phase);
  }
  out.newcomers = newcomers.tried;
  out.newcomers_served = newcomers.served;
  out.attacker_cpu = cpu_time_of(attacker->pid()).value_or(base::Duration{});
  attacker->terminate(kAttackerGrace);
  auto counts = read_counts(log);
  if (!counts) return base::Unexpected{counts.error()};
  out.counts = std::move(*counts);
  return {};
}

Result<Outcome> measure(const Attack& kind, const AttackOptions& options,
                        Interruption& interruption) {
  const Accounts all{options.accounts};
  const Accounts honest{options.accounts - kAttackerAccounts};
  auto network =
      LocalNetwork::start({.validators = kValidators, .keep = options.keep}, all, interruption);
  if (!network) return base::Unexpected{network.error()};
  auto addresses = network->addresses();
  std::uint32_t warm_up_seconds = options.warm_up_seconds;
  if (kind.is_byzantine) {
    network->kill(kByzantine);
    addresses.erase(addresses.begin() + kByzantine);
    if (warm_up_seconds > 0) warm_up_seconds += kSkipSeconds;
  }
  constexpr std::uint32_t kSpareSeconds = 10;
  const PaymentTerms terms{.chain = network->chain(),
                           .valid_until = {os::read_clock().wall.value + kPaymentValidityMs}};
  const auto payments = prepare_payments(
      honest, terms,
      std::size_t{options.rate_per_second} *
          (warm_up_seconds + options.calm_seconds + options.seconds + kSpareSeconds));
  Load load{{.nodes = addresses,
             .streams = addresses.size(),
             .rate_per_second = options.rate_per_second,
             .when_cut = WhenCut::kReconnect},
            payments};
  load.start();
  if (!interruption.sleep_for(base::seconds(warm_up_seconds))) return fail("Interrupted.");
  Outcome out;
  auto calm = pass_time(*network, options.calm_seconds, interruption);
  if (!calm) return base::Unexpected{calm.error()};
  out.calm = std::move(*calm);
  if (auto done = attack(kind, options, *network, interruption, out); !done) {
    return base::Unexpected{done.error()};
  }
  out.load = load.finish(kSettlePatience);
  if (auto agreed = network->await_agreement(kAgreementPatience); !agreed) {
    return base::Unexpected{agreed.error()};
  }
  if (auto stopped = network->stop(); !stopped) return base::Unexpected{stopped.error()};
  return out;
}

Result<std::vector<const Attack*>> chosen(const std::vector<std::string>& names) {
  std::vector<const Attack*> out;
  for (const auto& name : names) {
    out.push_back(find_attack(name));
    if (out.back() == nullptr) return fail(fmt::format("There is no attack {}.", name));
  }
  if (!names.empty()) return out;
  for (const auto& attack : attacks()) out.push_back(&attack);
  return out;
}

Result<Judged> measure_runs(const Attack& kind, const AttackOptions& options,
                            Interruption& interruption) {
  std::vector<Outcome> outcomes;
  std::string missed;
  std::uint32_t steady = 0;
  while (steady < options.runs && outcomes.size() < std::size_t{kTriesPerRun} * options.runs) {
    auto outcome = measure(kind, options, interruption);
    if (!outcome) return base::Unexpected{outcome.error()};
    fmt::print("{}", text_of(*outcome));
    if (outcome->disk_stalled())
      fmt::print("  The disk stalled, or something else did: this p99 is to be had again.\n");
    std::fflush(stdout);
    if (missed.empty()) missed = outcome->missed();
    if (!outcome->disk_stalled()) ++steady;
    outcomes.push_back(std::move(*outcome));
  }
  auto out = judge(std::move(outcomes), options.runs);
  if (!missed.empty()) out.missed = std::move(missed);
  return out;
}

}  // namespace

Result<AttackVerdict> measure_attacks(const AttackOptions& options, Interruption& interruption) {
  const auto kinds = chosen(options.names);
  if (!kinds) return base::Unexpected{kinds.error()};
  AttackVerdict verdict{.report = {}, .goals_met = true};
  for (const auto* kind : *kinds) {
    fmt::print("{}: {}\n", kind->name, kind->sentence);
    std::fflush(stdout);
    const auto judged = measure_runs(*kind, options, interruption);
    if (interruption.requested()) return fail("Interrupted.");
    const auto& missed = judged ? judged->missed : judged.error().sentence;
    fmt::print("  {}", missed.empty() ? "PASS" : "FAIL: " + missed);
    if (judged) {
      fmt::print(" (p99 at most doubled in {} of {} runs; the disk stalled in {})",
                 judged->runs_in_time, judged->runs, judged->runs_stalled);
    }
    fmt::print("\n");
    std::fflush(stdout);
    auto figures = judged ? figures_of(judged->outcome) : Report::Figures{};
    if (judged) {
      figures.emplace_back("runs", judged->runs);
      figures.emplace_back("runs_p99_met", judged->runs_in_time);
      figures.emplace_back("runs_disk_stalled", judged->runs_stalled);
    }
    figures.emplace_back("missed", missed);
    verdict.report.add(std::string{kind->name}, std::move(figures));
    verdict.goals_met &= missed.empty();
  }
  return verdict;
}

}  // namespace peerpay::bench
