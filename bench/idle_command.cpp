#include "base/os/clock.h"
#include "bench/commands.h"
#include "bench/local_network.h"
#include "bench/progress.h"

namespace peerpay::bench {
namespace {

// Connections, first blocks and allocators come to rest.
constexpr base::Duration kSettleTime = base::seconds(3);

}  // namespace

Result<Report> measure_idle(const IdleOptions& options, Interruption& interruption) {
  progress("deriving {} accounts", options.accounts);
  const Accounts accounts{options.accounts};
  auto network = LocalNetwork::start({.validators = options.validators, .keep = options.keep},
                                     accounts, interruption);
  if (!network) return base::Unexpected{network.error()};
  if (!interruption.sleep_for(kSettleTime)) return fail("Interrupted.");
  progress("measuring for {} s", options.seconds);
  const auto begin = os::read_clock().monotonic;
  const auto cpu_begin = network->cpu_times();
  if (!interruption.sleep_for(base::seconds(options.seconds))) return fail("Interrupted.");
  const auto cpu_end = network->cpu_times();
  const auto spent = os::read_clock().monotonic - begin;

  Report::Figures percent;
  for (std::size_t i = 0; i < network->size(); ++i) {
    const auto cpu = cpu_end[i].microseconds - cpu_begin[i].microseconds;
    percent.emplace_back(network->name(i), 100.0 * static_cast<double>(cpu) /
                                               static_cast<double>(spent.microseconds));
  }
  Report report;
  report.add("validators", std::uint64_t{options.validators});
  report.add("accounts", std::uint64_t{options.accounts});
  report.add("seconds", static_cast<double>(spent.microseconds) / 1e6);
  report.add("cpu_percent_by_process", std::move(percent));
  report.add("rss_bytes_by_process", network->resident_bytes());
  if (auto stopped = network->stop(); !stopped) return base::Unexpected{stopped.error()};
  return report;
}

}  // namespace peerpay::bench
