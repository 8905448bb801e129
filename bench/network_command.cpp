#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

#include "base/os/clock.h"
#include "bench/commands.h"
#include "bench/load.h"
#include "bench/local_network.h"
#include "bench/node_client.h"
#include "bench/process_usage.h"
#include "bench/progress.h"
#include "bench/verify_cost.h"

namespace peerpay::bench {
namespace {

constexpr base::Duration kSettlePatience = base::seconds(20);
constexpr base::Duration kAgreementPatience = base::seconds(10);
constexpr std::uint64_t kPaymentValidityMs = 15 * 60 * 1000;

// All that is read off the machine and the network at one moment.
struct Sample {
  base::TimePoint at;
  std::vector<base::Duration> validator_cpu;
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
                .client_cpu = cpu_time_of(::getpid()).value_or(base::Duration{}),
                .machine = machine_time(),
                .height = status->height.value,
                .view = status->finalized_view};
}

double seconds_of(base::Duration time) { return static_cast<double>(time.microseconds) / 1e6; }
double seconds_between(base::Duration before, base::Duration after) {
  return seconds_of({after.microseconds - before.microseconds});
}
double milliseconds_of(base::Duration time) { return static_cast<double>(time.microseconds) / 1e3; }

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

struct Bound {
  unsigned cores;
  double verify_us;
  double per_second;
};

void add_costs(Report& report, const LocalNetwork& network, const Sample& begin, const Sample& end,
               std::uint64_t finals) {
  Report::ByProcess cpu_seconds;
  double validators_seconds = 0;
  for (std::size_t i = 0; i < network.size(); ++i) {
    const double spent = seconds_between(begin.validator_cpu[i], end.validator_cpu[i]);
    cpu_seconds.emplace_back(network.name(i), spent);
    validators_seconds += spent;
  }
  const double client_seconds = seconds_between(begin.client_cpu, end.client_cpu);
  const auto per_payment = [finals](double seconds) {
    return finals == 0 ? std::nan("") : seconds * 1e6 / static_cast<double>(finals);
  };
  report.add("cpu_seconds_by_process", std::move(cpu_seconds));
  report.add("client_cpu_seconds", client_seconds);
  // A run counts when the others took next to nothing; idle time left is time that we wasted.
  const double busy_seconds = seconds_between(begin.machine.busy, end.machine.busy);
  report.add("other_cpu_seconds",
             std::max(0.0, busy_seconds - validators_seconds - client_seconds));
  report.add("idle_cpu_seconds", seconds_between(begin.machine.idle, end.machine.idle));
  report.add("validator_cpu_us_per_transaction",
             per_payment(validators_seconds / static_cast<double>(network.size())));
  report.add("client_cpu_us_per_transaction", per_payment(client_seconds));
  report.add("rss_bytes_by_process", network.resident_bytes());
}

Report summarize(const NetworkOptions& options, const Bound& bound, const LoadResult& result,
                 const Sample& begin, const Sample& end) {
  const Window window{begin.at, end.at};
  const double seconds = seconds_of(window.end - window.begin);
  const auto finals = finals_in(result.completions, window);
  const auto latencies = latencies_in(result.completions, window);
  const double per_second = static_cast<double>(finals) / seconds;
  const auto blocks = static_cast<double>(end.height - begin.height);
  Report report;
  report.add("validators", std::uint64_t{options.validators});
  report.add("accounts", std::uint64_t{options.accounts});
  report.add("cores", std::uint64_t{bound.cores});
  report.add("seconds", seconds);
  report.add("rate_per_second", std::uint64_t{options.rate_per_second});
  report.add("in_flight_max", std::uint64_t{options.in_flight_max});
  report.add("transactions_per_second", per_second);
  report.add("verify_us", bound.verify_us);
  report.add("bound_per_second", bound.per_second);
  report.add("ratio", per_second / bound.per_second);
  report.add("p50_ms", milliseconds_of(latencies.percentile(50)));
  report.add("p90_ms", milliseconds_of(latencies.percentile(90)));
  report.add("p99_ms", milliseconds_of(latencies.percentile(99)));
  report.add("max_ms", milliseconds_of(latencies.percentile(100)));
  report.add("blocks_per_second", blocks / seconds);
  report.add("transactions_per_block", static_cast<double>(finals) / blocks);
  // 1 when every leader's block became final; more when views timed out.
  report.add("views_per_block", static_cast<double>(end.view - begin.view) / blocks);
  report.add("transactions", finals);
  report.add("refused", result.refused);
  report.add("expired", result.expired);
  report.add("unsettled", result.unsettled);
  return report;
}

std::size_t payments_needed(const NetworkOptions& options, const Bound& bound) {
  const double seconds = options.warm_up_seconds + options.seconds + 1.0;
  const double per_second =
      options.rate_per_second > 0 ? options.rate_per_second : bound.per_second;
  return static_cast<std::size_t>(std::ceil(seconds * per_second));
}

Result<Report> measure(const NetworkOptions& options, const Bound& bound, const Accounts& accounts,
                       LocalNetwork& network, Interruption& interruption) {
  const auto count = payments_needed(options, bound);
  progress("signing {} payments", count);
  const PaymentTerms terms{.chain = network.chain(),
                           .nonce_first = {1},
                           .valid_until = {os::read_clock().wall.value + kPaymentValidityMs}};
  const auto payments = prepare_payments(accounts, terms, count);

  Load load{{.nodes = network.addresses(),
             .streams = options.streams,
             .in_flight_max = options.in_flight_max,
             .rate_per_second = options.rate_per_second,
             .when_cut = WhenCut::kStop},
            payments};
  load.start();
  progress("warming up for {} s", options.warm_up_seconds);
  const auto warm = watch(load, options.warm_up_seconds, interruption);
  if (!warm) return base::Unexpected{warm.error()};
  const auto begin = take_sample(network);
  if (!begin) return base::Unexpected{begin.error()};
  progress("measuring for {} s", options.seconds);
  const auto whole = watch(load, options.seconds, interruption);
  if (!whole) return base::Unexpected{whole.error()};
  const auto end = take_sample(network);
  if (!end) return base::Unexpected{end.error()};
  const auto result = load.finish(kSettlePatience);
  if (result.fault) return fail(*result.fault);
  if (!*whole) progress("every prepared payment was sent: the measured time is shorter");

  auto report = summarize(options, bound, result, *begin, *end);
  add_costs(report, network, *begin, *end, finals_in(result.completions, {begin->at, end->at}));
  return report;
}

}  // namespace

Result<Report> measure_network(const NetworkOptions& options, Interruption& interruption) {
  progress("deriving {} accounts", options.accounts);
  const Accounts accounts{options.accounts};
  const unsigned cores = std::thread::hardware_concurrency();
  const double verify_us = measure_verify_us(accounts);
  const Bound bound{cores, verify_us, verification_bound(cores, options.validators, verify_us)};
  progress("a signature takes {:.1f} us, the bound is {:.0f} a second", verify_us,
           bound.per_second);
  auto network = LocalNetwork::start({.validators = options.validators, .keep = options.keep},
                                     accounts, interruption);
  if (!network) return base::Unexpected{network.error()};
  auto report = measure(options, bound, accounts, *network, interruption);
  if (!report) return report;
  if (auto agreed = network->await_agreement(kAgreementPatience); !agreed) {
    return base::Unexpected{agreed.error()};
  }
  if (auto stopped = network->stop(); !stopped) return base::Unexpected{stopped.error()};
  return report;
}

}  // namespace peerpay::bench
