#include "bench/network_run.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <thread>
#include <tuple>
#include <utility>

#include "base/os/clock.h"
#include "bench/load.h"
#include "bench/node_client.h"
#include "bench/process_usage.h"
#include "bench/profiler.h"
#include "bench/progress.h"
#include "bench/units.h"
#include "bench/verify_cost.h"
#include "ledger/limits.h"

namespace peerpay::bench {
namespace {

constexpr base::Duration kSettlePatience = base::seconds(20);
constexpr std::uint64_t kPaymentValidityMs = 15 * 60 * 1000;

// All that is read off the machine and the network at one moment.
struct Sample {
  base::TimePoint at;
  std::vector<base::Duration> validator_cpu;
  ThreadTimes thread_cpu;  // of all validators
  base::Duration client_cpu;
  MachineTime machine;
  std::uint64_t height = 0;
  std::uint64_t view = 0;
};

Result<Sample> take_sample(const LocalNetwork& network) {
  const auto status = NodeClient{network.address(0)}.status();
  if (!status) return base::Unexpected{status.error()};
  return Sample{.at = os::read_clock().monotonic,
                .validator_cpu = network.cpu_times(),
                .thread_cpu = network.thread_times(),
                .client_cpu = cpu_time_of(::getpid()).value_or(base::Duration{}),
                .machine = machine_time(),
                .height = status->height.value,
                .view = status->finalized_view};
}

double seconds_between(base::Duration before, base::Duration after) {
  return seconds_of({after.microseconds - before.microseconds});
}

// False when the run can't go on as planned: every payment is sent.
Result<bool> watch(const Load& load, std::uint32_t seconds, Interruption& interruption) {
  for (std::uint32_t second = 0; second < seconds; ++second) {
    const auto before = load.final_count();
    if (!interruption.sleep_for(base::seconds(1))) return fail("Interrupted.");
    if (auto fault = load.fault()) return fail(std::move(*fault));
    progress("{} payments final in the last second", load.final_count() - before);
    if (load.exhausted()) return false;
  }
  return true;
}

// What a run was, as measured.
struct Observed {
  Bound bound;
  Sample begin;
  Sample end;
  LoadResult load;
  std::optional<StageSamples> stages;
};

void add_configuration(Report& report, const NetworkOptions& options) {
  report.add("validators", std::uint64_t{options.validators});
  report.add("accounts", std::uint64_t{options.accounts});
  report.add("payers", std::uint64_t{std::min(options.accounts, kPayersMax)});
  report.add("clients", std::uint64_t{options.clients});
  report.add("legs", std::uint64_t{options.shape.legs});
  report.add("payload_bytes", std::uint64_t{options.shape.payload_bytes});
  report.add("hot_percent", std::uint64_t{options.shape.hot_percent});
  report.add("history", options.keep_history ? "on" : "off");
  report.add("rate_per_second", std::uint64_t{options.rate_per_second});
  report.add("in_flight_max", std::uint64_t{options.in_flight_max});
  report.add("warm_up_seconds", std::uint64_t{options.warm_up_seconds});
  report.add("profiled", options.profile ? "yes" : "no");
}

void add_throughput(Report& report, const NetworkOptions& options, const Observed& run) {
  const Window window{run.begin.at, run.end.at};
  const double seconds = seconds_of(window.end - window.begin);
  const auto finals = finals_in(run.load.completions, window);
  const auto latencies = latencies_in(run.load, window);
  const double per_second = static_cast<double>(finals) / seconds;
  const auto blocks = static_cast<double>(run.end.height - run.begin.height);
  report.add("cores", std::uint64_t{run.bound.cores});
  report.add("seconds", seconds);
  report.add("transactions_per_second", per_second);
  report.add("payments_per_second", per_second * static_cast<double>(options.shape.legs));
  report.add("verify_us", run.bound.verify_us);
  report.add("bound_per_second", run.bound.per_second);
  report.add("ratio", per_second / run.bound.per_second);
  report.add("p50_ms", milliseconds_of(latencies.percentile(50)));
  report.add("p90_ms", milliseconds_of(latencies.percentile(90)));
  report.add("p99_ms", milliseconds_of(latencies.percentile(99)));
  report.add("max_ms", milliseconds_of(latencies.percentile(100)));
  report.add("blocks_per_second", blocks / seconds);
  report.add("transactions_per_block", static_cast<double>(finals) / blocks);
  // 1 when every leader's block became final; more when views timed out.
  report.add("views_per_block", static_cast<double>(run.end.view - run.begin.view) / blocks);
  report.add("transactions", finals);
  report.add("refused", run.load.refused);
  report.add("expired", run.load.expired);
  report.add("unsettled", run.load.unsettled);
  report.add("unsent", run.load.unsent);
}

// Of each name of threads that took anything. What threads took that ended meanwhile is "ended".
Report::Figures thread_costs(const Sample& begin, const Sample& end, double validators_us,
                             double per_transaction) {
  Report::Figures out;
  double named_us = 0;
  for (const auto& [name, time] : end.thread_cpu) {
    const auto before = begin.thread_cpu.find(name);
    const auto spent =
        static_cast<double>(time.microseconds) -
        (before == begin.thread_cpu.end() ? 0.0 : static_cast<double>(before->second.microseconds));
    if (spent <= 0) continue;
    out.emplace_back(name, spent * per_transaction);
    named_us += spent;
  }
  out.emplace_back("ended", std::max(0.0, validators_us - named_us) * per_transaction);
  return out;
}

Report::Figures stage_costs(const StageSamples& samples, double total_us) {
  const auto all = std::accumulate(samples.begin(), samples.end(), std::uint64_t{0});
  Report::Figures out;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double share = static_cast<double>(samples[i]) / static_cast<double>(all);
    out.emplace_back(std::string{kStages[i]}, share * total_us);
  }
  return out;
}

void add_costs(Report& report, const LocalNetwork& network, const Observed& run) {
  const auto& [begin, end] = std::tie(run.begin, run.end);
  Report::Figures cpu_seconds;
  double validators_seconds = 0;
  for (std::size_t i = 0; i < network.size(); ++i) {
    const double spent = seconds_between(begin.validator_cpu[i], end.validator_cpu[i]);
    cpu_seconds.emplace_back(network.name(i), spent);
    validators_seconds += spent;
  }
  const double client_seconds = seconds_between(begin.client_cpu, end.client_cpu);
  const auto finals =
      static_cast<double>(finals_in(run.load.completions, {begin.at, end.at}));  // 0: no number
  const double by_validator = 1 / (finals * static_cast<double>(network.size()));
  report.add("cpu_seconds_by_process", std::move(cpu_seconds));
  report.add("client_cpu_seconds", client_seconds);
  // A run counts when the others took next to nothing; idle time left is time that we wasted.
  const double busy_seconds = seconds_between(begin.machine.busy, end.machine.busy);
  report.add("other_cpu_seconds",
             std::max(0.0, busy_seconds - validators_seconds - client_seconds));
  report.add("idle_cpu_seconds", seconds_between(begin.machine.idle, end.machine.idle));
  const double validator_us = validators_seconds * 1e6 * by_validator;
  report.add("validator_cpu_us_per_transaction", validator_us);
  report.add("client_cpu_us_per_transaction", client_seconds * 1e6 / finals);
  report.add("thread_us_per_transaction",
             thread_costs(begin, end, validators_seconds * 1e6, by_validator));
  if (run.stages) report.add("stage_us_per_transaction", stage_costs(*run.stages, validator_us));
  report.add("rss_bytes_by_process", network.resident_bytes());
  report.add("first_start_seconds", seconds_of(network.first_start()));
}

Result<Observed> observe(const NetworkOptions& options, Load& load, const LocalNetwork& network,
                         Interruption& interruption) {
  Observed out;
  load.start();
  progress("warming up for {} s", options.warm_up_seconds);
  const auto warm = watch(load, options.warm_up_seconds, interruption);
  if (!warm) return base::Unexpected{warm.error()};
  std::optional<Profiler> profiler;
  if (options.profile) {
    auto started = Profiler::start(network.processes(), network.path_of(""));
    if (!started) return base::Unexpected{started.error()};
    profiler = std::move(*started);
  }
  auto begin = take_sample(network);
  if (!begin) return base::Unexpected{begin.error()};
  progress("measuring for {} s", options.seconds);
  const auto whole = watch(load, options.seconds, interruption);
  if (!whole) return base::Unexpected{whole.error()};
  auto end = take_sample(network);
  if (!end) return base::Unexpected{end.error()};
  out.load = load.finish(kSettlePatience);
  if (out.load.fault) return fail(*out.load.fault);
  if (!*whole) progress("every prepared payment was sent: the measured time is shorter");
  if (profiler) {
    const auto stages = profiler->finish(interruption);
    if (!stages) return base::Unexpected{stages.error()};
    out.stages = *stages;
  }
  out.begin = std::move(*begin);
  out.end = std::move(*end);
  return out;
}

}  // namespace

Bound measure_bound(const Accounts& accounts, std::uint32_t validators) {
  const unsigned cores = std::thread::hardware_concurrency();
  const double verify_us = measure_verify_us(accounts);
  return {cores, verify_us, verification_bound(cores, validators, verify_us)};
}

std::size_t payments_needed(const NetworkOptions& options, const Bound& bound) {
  const auto legs = static_cast<double>(options.shape.legs);
  const double fastest =
      verification_bound(bound.cores, options.validators, bound.verify_us + (legs - 1) * kLegUsMin);
  const double per_second = options.rate_per_second > 0 ? options.rate_per_second : fastest;
  const double seconds = options.warm_up_seconds + options.seconds + 1.0;
  const auto bytes_each = ledger::kSignedTransactionBytesMin + 64 + options.shape.payload_bytes +
                          options.shape.legs * ledger::kOperationBytesMin;
  return std::min(static_cast<std::size_t>(std::ceil(seconds * per_second)),
                  kPreparedBytesMax / bytes_each);
}

Result<RunResult> measure_run(const NetworkOptions& options, const Accounts& accounts,
                              ledger::Nonce nonce_first, LocalNetwork& network,
                              Interruption& interruption) {
  const auto bound = measure_bound(accounts, options.validators);
  progress("a signature takes {:.1f} us, the bound is {:.0f} a second", bound.verify_us,
           bound.per_second);
  const auto count = payments_needed(options, bound);
  progress("signing {} payments", count);
  const PaymentTerms terms{.chain = network.chain(),
                           .nonce_first = nonce_first,
                           .valid_until = {os::read_clock().wall.value + kPaymentValidityMs},
                           .shape = options.shape};
  const auto payments = prepare_payments(accounts, terms, count);
  Load load{{.nodes = network.addresses(),
             .streams = options.clients,
             .in_flight_max = options.in_flight_max,
             .rate_per_second = options.rate_per_second,
             .when_cut = WhenCut::kStop},
            payments};
  auto run = observe(options, load, network, interruption);
  if (!run) return base::Unexpected{run.error()};
  run->bound = bound;
  RunResult out;
  add_configuration(out.figures, options);
  add_throughput(out.figures, options, *run);
  add_costs(out.figures, network, *run);
  out.nonce_next = {nonce_first.value + load.numbers_used() / accounts.payers() + 1};
  return out;
}

}  // namespace peerpay::bench
