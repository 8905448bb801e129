#include <utility>

#include "bench/commands.h"
#include "bench/local_network.h"
#include "bench/network_run.h"
#include "bench/progress.h"
#include "bench/run_record.h"

namespace peerpay::bench {
namespace {

constexpr base::Duration kAgreementPatience = base::seconds(10);

Result<std::vector<Report>> measure_runs(const NetworkOptions& options, const Accounts& accounts,
                                         LocalNetwork& network, Interruption& interruption) {
  std::vector<Report> reports;
  ledger::Nonce nonce{1};
  for (std::uint32_t i = 1; i <= options.runs; ++i) {
    if (options.runs > 1) progress("run {} of {}", i, options.runs);
    const auto origin = read_origin(options.command_line);
    auto run = measure_run(options, accounts, nonce, network, interruption);
    if (!run) return base::Unexpected{run.error()};
    nonce = run->nonce_next;
    Report report;
    report.add("run", std::uint64_t{i});
    report.add("runs", std::uint64_t{options.runs});
    report.append(run->figures);
    reports.push_back(with_origin(origin, report));
    if (options.record_path.empty()) continue;
    if (auto kept = append_record(options.record_path, reports.back()); !kept) {
      return base::Unexpected{kept.error()};
    }
  }
  return reports;
}

}  // namespace

Result<Report> measure_network(const NetworkOptions& options, Interruption& interruption) {
  if (auto reason = options.shape.invalid_reason()) return fail(std::move(*reason));
  progress("deriving {} accounts", options.accounts);
  const Accounts accounts{options.accounts};
  progress("starting {} validators", options.validators);
  auto network = LocalNetwork::start({.validators = options.validators,
                                      .keep_history = options.keep_history,
                                      .keep = options.keep},
                                     accounts, interruption);
  if (!network) return base::Unexpected{network.error()};
  const auto reports = measure_runs(options, accounts, *network, interruption);
  if (!reports) return base::Unexpected{reports.error()};
  if (auto agreed = network->await_agreement(kAgreementPatience); !agreed) {
    return base::Unexpected{agreed.error()};
  }
  if (auto stopped = network->stop(); !stopped) return base::Unexpected{stopped.error()};
  return medians_of(*reports);
}

}  // namespace peerpay::bench
