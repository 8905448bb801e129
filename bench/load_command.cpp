#include <fmt/format.h>

#include <fstream>
#include <mutex>

#include "base/base64.h"
#include "base/os/clock.h"
#include "bench/commands.h"
#include "bench/load.h"
#include "bench/node_client.h"
#include "bench/progress.h"
#include "ledger/address.h"

namespace peerpay::bench {
namespace {

constexpr std::uint64_t kPaymentValidityMs = 5 * 60 * 1000;

// One line for each acknowledged payment, written through at once: the file is right whenever this
// process dies.
class Acknowledgements {
 public:
  explicit Acknowledgements(const std::string& path) : file_{path, std::ios::trunc} {}
  [[nodiscard]] bool is_open() const { return file_.is_open(); }

  void add(const proto::TransactionStatus& status) {
    const std::lock_guard lock{mutex_};
    file_ << base::to_hex(status.id.view()) << '\n' << std::flush;
  }

 private:
  std::mutex mutex_;
  std::ofstream file_;  // guarded by mutex_
};

// The first node that answers.
Result<ledger::ChainId> chain_of_network(const std::vector<std::string>& nodes) {
  Failure last{"No node was named."};
  for (const auto& node : nodes) {
    const auto genesis = NodeClient{node}.genesis();
    if (genesis) return genesis->chain;
    last = genesis.error();
  }
  return base::Unexpected{last};
}

}  // namespace

Result<Report> run_load(const LoadCommandOptions& options, Interruption& interruption) {
  const auto chain = chain_of_network(options.nodes);
  if (!chain) return base::Unexpected{chain.error()};
  Acknowledgements acknowledged{options.acknowledged_path};
  if (!acknowledged.is_open()) {
    return fail(fmt::format("{} can't be written.", options.acknowledged_path));
  }
  const Accounts accounts{options.accounts};
  const PaymentTerms terms{.chain = *chain,
                           .nonce_first = {options.nonce_first},
                           .valid_until = {os::read_clock().wall.value + kPaymentValidityMs}};
  const auto payments =
      prepare_payments(accounts, terms, std::size_t{options.rate_per_second} * options.seconds);
  Load load{{.nodes = options.nodes,
             .streams = options.nodes.size(),
             .rate_per_second = options.rate_per_second,
             .when_cut = WhenCut::kReconnect},
            payments,
            [&](const auto& status) { acknowledged.add(status); }};
  progress("submitting {} payments a second for {} s", options.rate_per_second, options.seconds);
  load.start();
  if (!interruption.sleep_for(base::seconds(options.seconds))) progress("stopping early");
  const auto result = load.finish(base::seconds(options.settle_seconds));

  Latencies latencies;
  for (const auto& completion : result.completions) {
    latencies.add(completion.final - completion.due);
  }
  Report report;
  report.add("submitted", std::uint64_t{payments.size()});
  report.add("final", std::uint64_t{result.completions.size()});
  report.add("refused", result.refused);
  report.add("expired", result.expired);
  report.add("unsettled", result.unsettled);
  report.add("reconnections", result.reconnections);
  report.add("p50_ms", static_cast<double>(latencies.percentile(50).microseconds) / 1e3);
  report.add("p99_ms", static_cast<double>(latencies.percentile(99).microseconds) / 1e3);
  return report;
}

std::string list_addresses(std::size_t count) {
  const Accounts accounts{count};
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += ledger::format_address(ledger::NetworkKind::kTest, {accounts.id(i), std::nullopt});
    out += '\n';
  }
  return out;
}

Result<std::string> list_payments(const PaymentsOptions& options) {
  const auto chain = chain_of_network(options.nodes);
  if (!chain) return base::Unexpected{chain.error()};
  const PaymentTerms terms{.chain = *chain,
                           .valid_until = {os::read_clock().wall.value + kPaymentValidityMs}};
  const Accounts accounts{options.accounts};
  std::string out;
  for (const auto& payment : prepare_payments(accounts, terms, options.count)) {
    out += base::base64_encode(base::as_bytes(payment), base::Base64Padding::kRequired);
    out += '\n';
  }
  return out;
}

}  // namespace peerpay::bench
