#pragma once
// LocalNetwork: a fresh network of real validator processes on this machine. Everything it made
// goes away with it: the processes are killed, their homes removed.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "bench/child_process.h"
#include "bench/failure.h"
#include "bench/interruption.h"
#include "bench/payments.h"
#include "bench/process_usage.h"
#include "bench/report.h"
#include "bench/temporary_home.h"
#include "ledger/ids.h"

namespace peerpay::bench {

struct LocalNetworkOptions {
  std::uint32_t validators = 4;
  bool keep_history = true;  // the index of each account's transactions
  bool keep = false;         // the homes and logs
};

class LocalNetwork {
 public:
  // Funds each of `accounts` with a billion units of asset 0 and starts every validator; ready on
  // return. `interruption` is borrowed. REQUIRES: called from the main thread (child_process.h).
  [[nodiscard]] static Result<LocalNetwork> start(const LocalNetworkOptions& options,
                                                  const Accounts& accounts,
                                                  Interruption& interruption);

  [[nodiscard]] const ledger::ChainId& chain() const { return chain_; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] const std::string& address(std::size_t index) const;  // of the client port
  [[nodiscard]] std::vector<std::string> addresses() const;

  void kill(std::size_t index);  // SIGKILL
  // Starts a killed validator again; returns at once.
  [[nodiscard]] Result<void> launch(std::size_t index);
  // Until every running validator answers, has caught up and is connected to all other running
  // ones.
  [[nodiscard]] Result<void> await_ready(base::Duration patience);
  // Until all running validators have the same head.
  [[nodiscard]] Result<void> await_agreement(base::Duration patience);
  // SIGTERM to all; a failure names the first one that did not end with exit code 0.
  [[nodiscard]] Result<void> stop();

  // How long all validators took for their first start: making their stores, and connecting.
  [[nodiscard]] base::Duration first_start() const { return first_start_; }
  // In microseconds of CPU since the start of each process, and in bytes.
  [[nodiscard]] std::vector<base::Duration> cpu_times() const;
  [[nodiscard]] Report::Figures resident_bytes() const;
  // Of all running validators together.
  [[nodiscard]] ThreadTimes thread_times() const;
  [[nodiscard]] std::vector<pid_t> processes() const;  // that run
  [[nodiscard]] const std::string& home(std::size_t index) const { return nodes_[index].home; }
  // Of all files there; those of a running validator come and go.
  [[nodiscard]] std::uint64_t home_bytes(std::size_t index) const;
  // Goes away with the homes.
  [[nodiscard]] std::string path_of(const std::string& file) const;
  [[nodiscard]] const std::string& name(std::size_t index) const { return nodes_[index].name; }

 private:
  struct Node {
    std::string name;
    std::string home;
    std::string address;
    std::optional<ChildProcess> process;
  };
  LocalNetwork(TemporaryHome home, std::string program, Interruption& interruption);
  [[nodiscard]] std::string log_path(const Node& node) const;
  [[nodiscard]] std::size_t running_count() const;
  [[nodiscard]] Result<bool> is_ready(Node& node) const;
  [[nodiscard]] base::Unexpected<Failure> ended_early(const Node& node) const;

  TemporaryHome home_;
  std::string program_;
  Interruption* interruption_;
  ledger::ChainId chain_;
  base::Duration first_start_;
  std::vector<Node> nodes_;
};

}  // namespace peerpay::bench
