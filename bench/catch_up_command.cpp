// The last validator is killed, the others order payments as fast as they can, and when they are
// done it is started again, with nothing else to do on the machine: how long until it has their
// last block. That is from the start of its process, so it counts what a start takes.

#include <algorithm>

#include "base/os/clock.h"
#include "bench/commands.h"
#include "bench/load.h"
#include "bench/local_network.h"
#include "bench/node_client.h"
#include "bench/progress.h"
#include "bench/units.h"

namespace peerpay::bench {
namespace {

constexpr base::Duration kPatience = base::seconds(60);
constexpr base::Duration kCatchUpPatience = base::seconds(600);
constexpr base::Duration kPollInterval = base::milliseconds(5);
constexpr std::uint64_t kPaymentValidityMs = 60 * 60 * 1000;

// From the first that was sent to the last that was final.
Result<base::Duration> make_payments(const std::vector<std::string>& nodes,
                                     const std::vector<PreparedPayment>& payments,
                                     Interruption& interruption) {
  const auto result = make_all({.nodes = nodes}, payments, interruption);
  if (!result) return base::Unexpected{result.error()};
  const auto first = std::ranges::min(result->completions, {}, &Completion::due).due;
  const auto last = std::ranges::max(result->completions, {}, &Completion::final).final;
  return last - first;
}

struct CatchUp {
  base::Duration until_answer;  // of the client port
  std::uint64_t height_at_answer = 0;
  base::Duration taken;
};

// A client each time: one that could not connect goes on trying only while somebody waits for it.
Result<CatchUp> await_height(const std::string& address, std::uint64_t height,
                             Interruption& interruption) {
  const auto begin = os::read_clock().monotonic;
  std::optional<CatchUp> out;
  for (;;) {
    const auto status = NodeClient{address}.status();
    const auto spent = os::read_clock().monotonic - begin;
    if (status && !out) out = CatchUp{spent, status->height.value, {}};
    if (status && status->height.value >= height) {
      out->taken = spent;
      return *out;
    }
    if (spent > kCatchUpPatience) return fail("The validator did not catch up within 600 s.");
    if (!interruption.sleep_for(kPollInterval)) return fail("Interrupted.");
  }
}

}  // namespace

Result<Report> measure_catch_up(const CatchUpOptions& options, Interruption& interruption) {
  progress("deriving {} accounts", options.accounts);
  const Accounts accounts{options.accounts};
  progress("starting {} validators", options.validators);
  auto network = LocalNetwork::start({.validators = options.validators, .keep = options.keep},
                                     accounts, interruption);
  if (!network) return base::Unexpected{network.error()};
  const std::size_t late = options.validators - 1;
  const auto status = NodeClient{network->address(late)}.status();
  if (!status) return base::Unexpected{status.error()};
  const auto height_before = status->height.value;
  network->kill(late);
  const PaymentTerms terms{.chain = network->chain(),
                           .nonce_first = {1},
                           .valid_until = {os::read_clock().wall.value + kPaymentValidityMs}};
  progress("signing {} payments", options.payments);
  const auto payments = prepare_payments(accounts, terms, options.payments);
  auto nodes = network->addresses();
  nodes.pop_back();
  const auto live = make_payments(nodes, payments, interruption);
  if (!live) return base::Unexpected{live.error()};
  const auto head = NodeClient{nodes.front()}.status();
  if (!head) return base::Unexpected{head.error()};
  const auto bytes = network->home_bytes(0);
  progress("starting the last one again, {} blocks behind", head->height.value - height_before);
  if (auto launched = network->launch(late); !launched) return base::Unexpected{launched.error()};
  const auto done = await_height(network->address(late), head->height.value, interruption);
  if (!done) return base::Unexpected{done.error()};

  const auto transactions = static_cast<double>(options.payments);
  const double live_per_second = transactions / seconds_of(*live);
  const double per_second = transactions / seconds_of(done->taken);
  Report report;
  report.add("validators", std::uint64_t{options.validators});
  report.add("accounts", std::uint64_t{options.accounts});
  report.add("transactions", std::uint64_t{options.payments});
  report.add("blocks", head->height.value - height_before);
  report.add("live_transactions_per_second", live_per_second);
  report.add("answers_after_seconds", seconds_of(done->until_answer));
  report.add("blocks_missing_then",
             head->height.value - std::min(head->height.value, done->height_at_answer));
  report.add("caught_up_after_seconds", seconds_of(done->taken));
  report.add("catch_up_transactions_per_second", per_second);
  report.add("times_live", per_second / live_per_second);
  report.add("home_bytes", bytes);
  report.add("rss_bytes_by_process", network->resident_bytes());
  if (auto agreed = network->await_agreement(kPatience); !agreed) {
    return base::Unexpected{agreed.error()};
  }
  if (auto stopped = network->stop(); !stopped) return base::Unexpected{stopped.error()};
  return report;
}

}  // namespace peerpay::bench
