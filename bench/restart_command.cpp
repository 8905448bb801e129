// Validator 3 stays dead, so three are left and every decision needs all of them. Validator 0 is
// killed and started again; a payment submitted elsewhere at that moment becomes final only with
// the vote of validator 0. Its finality is the end of the measured time: nothing that a node says
// about itself is believed.

#include <algorithm>

#include "base/os/clock.h"
#include "bench/commands.h"
#include "bench/load.h"
#include "bench/local_network.h"
#include "bench/node_client.h"
#include "bench/progress.h"

namespace peerpay::bench {
namespace {

constexpr std::uint32_t kValidators = 4;
constexpr std::size_t kRestarted = 0;
constexpr std::size_t kAsked = 1;
constexpr std::size_t kDead = 3;
constexpr base::Duration kPatience = base::seconds(60);
constexpr base::Duration kGoal = base::seconds(3);
constexpr std::uint64_t kPaymentValidityMs = 15 * 60 * 1000;

Result<base::Duration> restart_once(LocalNetwork& network, const PreparedPayment& payment) {
  const auto begin = os::read_clock().monotonic;
  network.kill(kRestarted);
  if (auto launched = network.launch(kRestarted); !launched) {
    return base::Unexpected{launched.error()};
  }
  const auto status = NodeClient{network.address(kAsked)}.submit(payment, kPatience);
  if (!status) return base::Unexpected{status.error()};
  if (status->state != proto::TransactionState::kFinal) {
    return fail("A payment that needs the restarted validator is not final after 60 s.");
  }
  return os::read_clock().monotonic - begin;
}

}  // namespace

Result<Report> measure_restart(const RestartOptions& options, Interruption& interruption) {
  progress("deriving {} accounts", options.accounts);
  const Accounts accounts{options.accounts};
  progress("starting {} validators", kValidators);
  auto network = LocalNetwork::start({.validators = kValidators, .keep = options.keep}, accounts,
                                     interruption);
  if (!network) return base::Unexpected{network.error()};
  const PaymentTerms terms{.chain = network->chain(),
                           .nonce_first = {1},
                           .valid_until = {os::read_clock().wall.value + kPaymentValidityMs}};
  auto payments = prepare_payments(accounts, terms, options.payments + options.times);
  const std::vector<PreparedPayment> probes{payments.end() - options.times, payments.end()};
  payments.resize(options.payments);
  progress("making {} payments", payments.size());
  if (auto made = make_all({.nodes = network->addresses()}, payments, interruption); !made) {
    return base::Unexpected{made.error()};
  }
  network->kill(kDead);

  Latencies times;
  std::uint64_t in_time = 0;
  for (const auto& probe : probes) {
    const auto time = restart_once(*network, probe);
    if (!time) return base::Unexpected{time.error()};
    progress("voting again after {} ms", time->milliseconds());
    times.add(*time);
    if (*time <= kGoal) ++in_time;
    if (auto ready = network->await_ready(kPatience); !ready) {
      return base::Unexpected{ready.error()};
    }
  }
  Report report;
  report.add("accounts", std::uint64_t{options.accounts});
  report.add("payments_before", std::uint64_t{options.payments});
  report.add("restarts", std::uint64_t{times.count()});
  report.add("voting_again_p50_ms", static_cast<double>(times.percentile(50).microseconds) / 1e3);
  report.add("voting_again_p99_ms", static_cast<double>(times.percentile(99).microseconds) / 1e3);
  report.add("voting_again_max_ms", static_cast<double>(times.percentile(100).microseconds) / 1e3);
  report.add("voting_again_within_3_s", in_time);
  report.add("rss_bytes_by_process", network->resident_bytes());
  if (auto stopped = network->stop(); !stopped) return base::Unexpected{stopped.error()};
  return report;
}

}  // namespace peerpay::bench
