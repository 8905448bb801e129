// Homes are filled with the largest payments that pay a hundred accounts, and at each size the same
// small ones are measured, then a kill and a start. So what differs between two sizes is what lies
// in the store.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/os/clock.h"
#include "bench/commands.h"
#include "bench/load.h"
#include "bench/local_network.h"
#include "bench/network_run.h"
#include "bench/process_usage.h"
#include "bench/progress.h"
#include "bench/units.h"
#include "ledger/limits.h"

namespace peerpay::bench {
namespace {

constexpr std::size_t kGrown = 0;  // the validator that is looked at
constexpr std::size_t kFillLegs = 100;
constexpr std::size_t kFillPayments = 4'000;  // signed at once: some 120 MB
constexpr std::size_t kFillInFlight = 200;
constexpr std::uint64_t kPaymentValidityMs = 15 * 60 * 1000;
constexpr base::Duration kRestartPatience = base::seconds(600);
constexpr base::Duration kRestPatience = base::seconds(300);
constexpr base::Duration kAtRest = base::milliseconds(50);  // of CPU in a second
constexpr std::uint32_t kWarmUpSeconds = 3;

// Of the figures of measure_run, those that growth may change.
constexpr std::array kRunFigures{"transactions_per_second", "ratio",
                                 "validator_cpu_us_per_transaction", "p50_ms", "p99_ms"};

class Growth {
 public:
  Growth(const GrowthOptions& options, const Accounts& accounts, LocalNetwork& network,
         Interruption& interruption)
      : options_{options}, accounts_{accounts}, network_{network}, interruption_{interruption} {}

  Result<void> fill_to(std::uint64_t bytes) {
    if (network_.home_bytes(kGrown) >= bytes) {
      return fail(fmt::format("The home has {:.0f} MiB already: --mib {:.0f} is too little.",
                              mebibytes_of(network_.home_bytes(kGrown)), mebibytes_of(bytes)));
    }
    while (network_.home_bytes(kGrown) < bytes) {
      while (network_.home_bytes(kGrown) < bytes) {
        if (auto made = make_large_payments(); !made) return made;
        progress("{:.0f} of {:.0f} MiB", mebibytes_of(network_.home_bytes(kGrown)),
                 mebibytes_of(bytes));
      }
      // At rest the store has merged and dropped what it holds twice.
      if (auto at_rest = await_rest(); !at_rest) return at_rest;
    }
    return {};
  }

  Result<void> measure(const std::string& size) {
    NetworkOptions run;
    run.validators = options_.validators;
    run.seconds = options_.seconds;
    run.warm_up_seconds = kWarmUpSeconds;
    run.accounts = options_.accounts;
    const auto result = measure_run(run, accounts_, nonce_, network_, interruption_);
    if (!result) return base::Unexpected{result.error()};
    nonce_ = result->nonce_next;
    for (std::size_t i = 0; i < kRunFigures.size(); ++i) {
      run_figures_[i].emplace_back(size, result->figures.number(kRunFigures[i]));
    }
    home_bytes_.emplace_back(size, network_.home_bytes(kGrown));
    rss_bytes_.emplace_back(size, resident_bytes());
    return restart(size);
  }

  [[nodiscard]] Report report() const {
    Report out;
    out.add("validators", std::uint64_t{options_.validators});
    out.add("accounts", std::uint64_t{options_.accounts});
    out.add("first_start_seconds", seconds_of(network_.first_start()));
    out.add("home_bytes", home_bytes_);
    for (std::size_t i = 0; i < kRunFigures.size(); ++i) out.add(kRunFigures[i], run_figures_[i]);
    out.add("rss_bytes", rss_bytes_);
    out.add("restart_seconds", restart_seconds_);
    out.add("rss_after_restart_bytes", rss_after_restart_bytes_);
    return out;
  }

 private:
  std::uint64_t resident_bytes() const {
    return resident_bytes_of(network_.processes()[kGrown]).value_or(0);
  }

  Result<void> make_large_payments() {
    const PaymentTerms terms{
        .chain = network_.chain(),
        .nonce_first = nonce_,
        .valid_until = {os::read_clock().wall.value + kPaymentValidityMs},
        .shape = {.legs = kFillLegs, .payload_bytes = kFillLegs * ledger::kMemoBytesMax}};
    const auto payments = prepare_payments(accounts_, terms, kFillPayments);
    nonce_ = {nonce_.value + payments.size() / accounts_.payers() + 1};
    const auto made = make_all({.nodes = network_.addresses(), .in_flight_max = kFillInFlight},
                               payments, interruption_);
    if (!made) return base::Unexpected{made.error()};
    return {};
  }

  // What the store does behind the payments is not to be measured with the next ones.
  Result<void> await_rest() {
    const auto deadline = os::read_clock().monotonic + kRestPatience;
    progress("waiting until {} is at rest", network_.name(kGrown));
    while (os::read_clock().monotonic < deadline) {
      const auto before = network_.cpu_times()[kGrown];
      if (!interruption_.sleep_for(base::seconds(1))) return fail("Interrupted.");
      if (network_.cpu_times()[kGrown].microseconds - before.microseconds < kAtRest.microseconds)
        return {};
    }
    return fail("A validator without payments was busy for 300 s.");
  }

  Result<void> restart(const std::string& size) {
    const auto begin = os::read_clock().monotonic;
    network_.kill(kGrown);
    if (auto launched = network_.launch(kGrown); !launched) return launched;
    if (auto ready = network_.await_ready(kRestartPatience); !ready) return ready;
    const auto taken = os::read_clock().monotonic - begin;
    progress("answering again {:.2f} s after a kill", seconds_of(taken));
    restart_seconds_.emplace_back(size, seconds_of(taken));
    rss_after_restart_bytes_.emplace_back(size, resident_bytes());
    return {};
  }

  const GrowthOptions& options_;
  const Accounts& accounts_;
  LocalNetwork& network_;
  Interruption& interruption_;
  ledger::Nonce nonce_{1};
  Report::Figures home_bytes_;  // by size, as all below
  std::array<Report::Figures, kRunFigures.size()> run_figures_;
  Report::Figures rss_bytes_;
  Report::Figures restart_seconds_;
  Report::Figures rss_after_restart_bytes_;
};

}  // namespace

Result<Report> measure_growth(const GrowthOptions& options, Interruption& interruption) {
  if (std::ranges::adjacent_find(options.home_mib, std::greater_equal{}) != options.home_mib.end())
    return fail("--mib has to ascend.");
  progress("deriving {} accounts", options.accounts);
  const Accounts accounts{options.accounts};
  progress("starting {} validators", options.validators);
  auto network = LocalNetwork::start({.validators = options.validators, .keep = options.keep},
                                     accounts, interruption);
  if (!network) return base::Unexpected{network.error()};
  Growth growth{options, accounts, *network, interruption};
  if (auto measured = growth.measure("start"); !measured) return base::Unexpected{measured.error()};
  for (const auto mib : options.home_mib) {
    if (auto filled = growth.fill_to(mib << 20U); !filled) return base::Unexpected{filled.error()};
    if (auto measured = growth.measure(fmt::format("{} MiB", mib)); !measured) {
      return base::Unexpected{measured.error()};
    }
  }
  if (auto stopped = network->stop(); !stopped) return base::Unexpected{stopped.error()};
  return growth.report();
}

}  // namespace peerpay::bench
