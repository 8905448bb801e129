#pragma once
// A handful of replicas joined by a perfect, instant network: enough to see the parts of node/core
// work together. Faults, delays and crashes are the simulator's business (tests/sim).

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "crypto/keys.h"
#include "crypto/signature.h"
#include "ledger/genesis.h"
#include "ledger/state_tree.h"
#include "node/core/replica.h"

namespace peerpay::node::testing {

crypto::SecretKey test_key(std::uint8_t number);
ledger::AccountId test_account(std::uint8_t number);

// `validators` validators; accounts 101 to 106 hold 1,000.00 USD each.
ledger::Genesis test_genesis(std::uint32_t validators);
Bootstrap test_bootstrap(const ledger::Genesis& genesis);

struct PayOptions {
  std::uint8_t from = 101;
  std::uint8_t to = 102;
  std::uint64_t units = 100;
  std::uint64_t nonce = 1;
  std::uint32_t legs = 1;  // of `units` each
  std::optional<std::uint8_t> sponsor = {};
  std::uint64_t valid_until_ms = 1'700'000'600'000;
};
ledger::SealedTransaction test_pay(const ledger::Genesis& genesis, const PayOptions& options);

class Mesh {
 public:
  explicit Mesh(std::uint32_t validators, const ReplicaConfig& config = {});

  // Everything that can happen without time passing.
  void settle();
  // Moves time on, a millisecond at a time, settling after each; stops early when `done`.
  bool run(std::int64_t milliseconds, const std::function<bool()>& done);
  void submit(std::uint32_t node, ledger::SealedTransaction transaction);
  void deliver(std::uint32_t node, Event event);
  // A new process with this journal and the genesis state, linked to everybody.
  void restart(std::uint32_t node, std::vector<consensus::SafetyRecord> journal);
  // What it has made durable so far, in all its lives.
  std::vector<std::vector<consensus::SafetyRecord>> journals;
  std::vector<std::vector<consensus::Subject>> votes;  // signed

  const ledger::Network network;
  const ledger::Genesis& genesis = network.genesis;
  std::vector<std::unique_ptr<Replica>> replicas;
  std::vector<std::vector<CommittedBlock>> chains;
  std::vector<std::vector<SubmissionReply>> replies;
  std::vector<std::vector<PeerFault>> faults;
  std::vector<bool> cut_off;  // sends nothing, hears nothing
  std::optional<std::string> halted;
  base::Now now{{0}, {1'700'000'001'000}};

 private:
  struct Delivery {
    std::uint32_t to;
    Event event;
  };
  void execute(std::uint32_t node, Effects effects);
  void post(std::uint32_t from, const Send& send);
  void receive(std::uint32_t from, std::uint32_t to, base::ByteView message);
  void serve(std::uint32_t node, const Serve& request);
  const ReplicaConfig config_;
  std::deque<Delivery> queue_;
  std::uint8_t restarts_ = 0;
};

}  // namespace peerpay::node::testing
