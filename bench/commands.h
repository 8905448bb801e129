#pragma once
// The commands of peerpay-bench. Each prints its progress on standard error and gives the figures.

#include <cstdint>
#include <string>
#include <vector>

#include "bench/failure.h"
#include "bench/interruption.h"
#include "bench/payments.h"
#include "bench/report.h"

namespace peerpay::bench {

// Throughput, or with a rate the latency of a network that is not full.
struct NetworkOptions {
  std::uint32_t validators = 4;
  std::uint32_t seconds = 20;
  std::uint32_t warm_up_seconds = 3;  // before them, not counted
  std::uint32_t runs = 1;             // one after the other, on one network
  std::size_t accounts = 10'000;
  std::size_t clients = 4;  // connections
  std::size_t in_flight_max = 2'000;
  std::uint32_t rate_per_second = 0;  // of transactions; 0: as fast as the network takes them
  PaymentShape shape;
  bool keep_history = true;
  bool profile = false;      // tells the stages apart (stages.h); slows the network down
  std::string record_path;   // a line for each run (run_record.h); empty: none
  std::string command_line;  // for the record
  bool keep = false;
};
// The medians of all runs.
[[nodiscard]] Result<Report> measure_network(const NetworkOptions& options,
                                             Interruption& interruption);

// What a network costs that has nothing to do.
struct IdleOptions {
  std::uint32_t validators = 4;
  std::uint32_t seconds = 20;
  std::size_t accounts = 10'000;
  bool keep = false;
};
[[nodiscard]] Result<Report> measure_idle(const IdleOptions& options, Interruption& interruption);

// How long a killed validator takes until the network has used its vote again.
struct RestartOptions {
  std::size_t accounts = 100'000;
  std::size_t payments = 2'000;  // made before, so that the store is not that of a fresh network
  std::uint32_t times = 3;
  bool keep = false;
};
[[nodiscard]] Result<Report> measure_restart(const RestartOptions& options,
                                             Interruption& interruption);

// How fast a validator that was away gets what the others have ordered meanwhile.
struct CatchUpOptions {
  std::uint32_t validators = 4;
  std::size_t accounts = 10'000;
  std::size_t payments = 100'000;  // made while it is away
  bool keep = false;
};
[[nodiscard]] Result<Report> measure_catch_up(const CatchUpOptions& options,
                                              Interruption& interruption);

// What accounts and gigabytes of blocks cost: payments, memory, restarts.
struct GrowthOptions {
  std::uint32_t validators = 1;
  std::uint32_t seconds = 10;  // of the payments measured at each size
  std::size_t accounts = 10'000;
  std::vector<std::uint64_t> home_mib;  // that a home is filled to, one after the other
  bool keep = false;
};
[[nodiscard]] Result<Report> measure_growth(const GrowthOptions& options,
                                            Interruption& interruption);

// What attacks on one of four validators do to the payments of others, and to its memory.
struct AttackOptions {
  std::vector<std::string> names;  // of attack.h; none: all
  // More for attacks of validators, until the others have noticed that one is gone; 0: neither.
  std::uint32_t warm_up_seconds = 2;
  std::uint32_t calm_seconds = 10;
  std::uint32_t seconds = 10;
  std::uint32_t rate_per_second = 100;  // of honest payments
  std::size_t accounts = 2'000;
  // Of each attack. One must not miss a goal in any of them, but that for the p99, which chance
  // moves: there the run with the median ratio counts, and is the one that is reported. A run in
  // which the disk stalled is made again, up to once each.
  std::uint32_t runs = 1;
  bool keep = false;
};
struct AttackVerdict {
  Report report;
  bool goals_met = false;
};
// Prints each result on standard output as it comes.
[[nodiscard]] Result<AttackVerdict> measure_attacks(const AttackOptions& options,
                                                    Interruption& interruption);

// Load on a network that somebody else runs. Goes on while its nodes come and go.
struct LoadCommandOptions {
  std::vector<std::string> nodes;
  std::uint32_t seconds = 10;
  std::uint32_t rate_per_second = 200;
  std::size_t accounts = 200;         // the first ones of peerpay-bench accounts, funded
  std::uint64_t nonce_first = 1;      // above those of an earlier run
  std::uint32_t settle_seconds = 30;  // afterwards, for what has no end yet
  std::string acknowledged_path;      // one line for each payment that a node called final
};
[[nodiscard]] Result<Report> run_load(const LoadCommandOptions& options,
                                      Interruption& interruption);

// Whether each node has every acknowledged payment, whether their chains agree, and what all
// accounts hold together.
struct AuditOptions {
  std::vector<std::string> nodes;
  std::size_t accounts = 200;
  std::string acknowledged_path;
};
[[nodiscard]] Result<Report> audit(const AuditOptions& options);

// The newest finalized block of each node: height, hash, and the root of the state after it.
[[nodiscard]] Result<Report> show_heads(const std::vector<std::string>& nodes);

// The addresses of the first accounts, one a line: what to fund before run_load.
[[nodiscard]] std::string list_addresses(std::size_t count);

struct PaymentsOptions {
  std::vector<std::string> nodes;
  std::size_t accounts = 10'000;  // funded; see list_addresses
  std::size_t count = 1'000;
};
// Signed payments for somebody else to submit, one a line: base 64 of BCS SignedTransaction.
[[nodiscard]] Result<std::string> list_payments(const PaymentsOptions& options);

}  // namespace peerpay::bench
