#include "node/app/node.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/os/clock.h"
#include "base/os/entropy.h"
#include "base/os/lock_file.h"
#include "base/os/process.h"
#include "node/app/backend.h"
#include "node/app/core_thread.h"
#include "node/app/evidence_files.h"
#include "node/app/finality.h"
#include "node/app/held_certificates.h"
#include "node/app/ingress.h"
#include "node/app/promises.h"
#include "node/app/recovery.h"
#include "node/app/serving.h"
#include "node/app/signer.h"
#include "node/app/storage_failure.h"
#include "node/app/storage_thread.h"
#include "node/app/verdict_cache.h"
#include "node/app/version.h"
#include "node/app/voting.h"
#include "node/app/worker_pool.h"
#include "node/core/messages.h"
#include "node/net/client_service.h"
#include "node/net/peer_network.h"
#include "node/storage/store.h"

namespace peerpay::app {
namespace {

// 32 bytes each, twice: room for several blocks of the largest size.
constexpr std::size_t kVerdictsPerGeneration = 256 * 1024;
constexpr std::size_t kCertificatesPerGeneration = 4'096;
constexpr std::size_t kKeysRemembered = 65'536;
constexpr std::size_t kEndingsRemembered = 100'000;
// A certificate is often here a moment before its block: that is not being behind.
constexpr base::Duration kOutOfStepMax = base::seconds(1);
// However long there is plenty, payments of clients are held back so long of each period.
constexpr base::Duration kHoldMax = base::seconds(4);
constexpr base::Duration kHoldPeriod = base::seconds(5);

net::Priority net_priority(node::Priority priority) {
  switch (priority) {
    case node::Priority::kVote: return net::Priority::kVote;
    case node::Priority::kBlock: return net::Priority::kBlock;
    case node::Priority::kRepair: return net::Priority::kRepair;
    case node::Priority::kTransaction: return net::Priority::kTransaction;
  }
  PEERPAY_UNREACHABLE("every priority has its twin");
}

Failure failure_of(const net::ListenError& error) {
  switch (error.fault) {
    case net::ListenFault::kOptions: return {ExitCode::kUsage, error.sentence};
    case net::ListenFault::kAddress: return {ExitCode::kAddressInUse, error.sentence};
  }
  PEERPAY_UNREACHABLE("every fault has an exit code");
}

std::vector<net::Peer> peers_of(const ledger::Genesis& genesis, std::uint32_t self) {
  std::vector<net::Peer> out;
  for (std::uint32_t i = 0; i < genesis.validators.size(); ++i) {
    const auto& validator = genesis.validators[i];
    if (i != self) out.push_back({{i}, validator.name, validator.peer_address, validator.tls_pin});
  }
  return out;
}

}  // namespace

class Node::Impl final : public EffectSink, public net::PeerHandler {
 public:
  Impl(Home home, Failed failed, os::DirectoryLock lock, std::optional<Signer> signer,
       std::unique_ptr<storage::Store> store, std::uint64_t seed)
      : home_{std::move(home)},
        failed_{std::move(failed)},
        lock_{std::move(lock)},
        signer_{std::move(signer)},
        store_{std::move(store)},
        verdicts_{kVerdictsPerGeneration},
        keys_{kKeysRemembered, seed},
        certificates_{node::consensus_context(home_.network.chain), signing_as(),
                      kCertificatesPerGeneration},
        finality_{kEndingsRemembered},
        pool_{home_.config.verify_threads},
        evidence_files_{home_.paths.evidence, home_.network},
        core_{*this},
        storage_{*store_, storage_listener()},
        ingress_{home_.network, pool_, {verdicts_, keys_, certificates_}, ingress_sink()},
        serving_{*store_, pool_, home_.network.genesis.validators.size(),
                 [this](node::PeerIndex to, const node::PeerMessage& answer) {
                   send_to(to, net::Priority::kRepair, answer);
                 }},
        backend_{{home_.network, home_.paths.genesis, validator_name(), core_, pool_, *store_,
                  finality_, [this] { return peer_states(); }},
                 ingress_} {}

  base::Expected<void, Failure> listen(const ledger::BlockHeader& head);
  void run(node::Bootstrap bootstrap);
  void stop();

  // EffectSink
  base::Expected<void, Failure> persist(
      const std::vector<consensus::SafetyRecord>& records) override;
  consensus::Vote sign(const consensus::Subject& subject) override {
    return signer_->sign(subject);
  }
  void send(std::vector<node::Send> messages) override;
  void store(node::BlockToStore block) override { storage_.store(std::move(block)); }
  void commit(node::CommittedBlock block) override;
  void reply(const node::SubmissionReply& reply) override { backend_.replied(reply); }
  void dropped(const node::DroppedTransaction& transaction) override {
    finality_.dropped(transaction);
  }
  void serve(const node::Serve& request) override { serving_.serve(request); }
  void evidence(const consensus::Evidence& evidence) override;
  void contradiction(const consensus::Contradiction& contradiction) override {
    evidence_files_.keep_now(contradiction);
  }
  void fault(const node::PeerFault& fault) override;
  void turn_done(const node::Replica& replica) override;
  void fail(Failure failure) override;

  // PeerHandler
  void on_message(net::PeerIndex from, base::Bytes message, net::Credit credit) override;
  void on_connected(net::PeerIndex peer) override;
  void on_disconnected(net::PeerIndex peer) override;
  void on_replaced(net::PeerIndex peer) override;

 private:
  [[nodiscard]] StorageThread::Listener storage_listener();
  [[nodiscard]] Ingress::Sink ingress_sink();
  [[nodiscard]] std::string validator_name() const;
  [[nodiscard]] std::optional<consensus::ValidatorIndex> signing_as() const {
    if (!signer_) return std::nullopt;
    return consensus::ValidatorIndex{home_.validator_index};
  }
  [[nodiscard]] std::vector<proto::PeerState> peer_states() const;
  void hold_payments(bool has_plenty, base::TimePoint now);
  void log_voting(const node::ReplicaStatus& status);
  [[nodiscard]] base::Expected<std::optional<net::ServerCertificate>, Failure> client_certificate()
      const;
  void send_to(node::PeerIndex peer, net::Priority priority, const node::PeerMessage& message);

  Home home_;
  Failed failed_;
  std::atomic<bool> has_failed_{false};
  bool healthy_ = false;  // core thread only, as the next four: what health says
  std::optional<base::TimePoint> plenty_since_;
  bool holds_payments_ = false;
  std::optional<base::TimePoint> out_of_step_since_;  // it has known of blocks that it lacks
  std::optional<node::VotingStage> voting_stage_;     // that was logged
  os::DirectoryLock lock_;
  std::optional<Signer> signer_;  // core thread only; empty on an observer
  std::unique_ptr<storage::Store> store_;
  VerdictCache verdicts_;
  KeyCache keys_;
  HeldCertificates certificates_;
  Finality finality_;
  WorkerPool pool_;
  EvidenceFiles evidence_files_;
  CoreThread core_;
  StorageThread storage_;
  Ingress ingress_;
  Serving serving_;
  Backend backend_;
  std::unique_ptr<net::PeerNetwork> network_;
  std::unique_ptr<net::ClientService> service_;
};

StorageThread::Listener Node::Impl::storage_listener() {
  return {[this](const ledger::BlockHash& hash) { core_.post(node::BlockStored{hash}); },
          [this](const node::CommittedBlock& block) {
            finality_.committed(block);
            backend_.durable(block.block.header.height);
          },
          [this](Failure failure) { fail(std::move(failure)); }};
}

Ingress::Sink Node::Impl::ingress_sink() {
  return {[this](node::Event event, Ingress::Hold hold) {
            core_.post(std::move(event), std::move(hold));
          },
          [this](node::PeerIndex peer, std::string reason) {
            fault({peer, std::move(reason)});
          }};
}

std::string Node::Impl::validator_name() const {
  return signer_ ? home_.network.genesis.validators[home_.validator_index].name : std::string{};
}

std::vector<proto::PeerState> Node::Impl::peer_states() const {
  std::vector<proto::PeerState> out;
  for (const auto& link : network_->links()) out.push_back({link.name, link.connected});
  return out;
}

base::Expected<std::optional<net::ServerCertificate>, Failure> Node::Impl::client_certificate()
    const {
  const auto& config = home_.config;
  if (config.client_tls_certificate.empty()) return std::optional<net::ServerCertificate>{};
  constexpr std::size_t kPemBytesMax = 256 * 1024;
  auto chain = os::read_file(config.client_tls_certificate, kPemBytesMax);
  if (!chain) {
    const auto failure = failure_of(chain.error());
    return base::Unexpected{Failure{failure.code, "client.tls_certificate: " + failure.sentence}};
  }
  auto key = read_secret(config.client_tls_key, kPemBytesMax);
  if (!key)
    return base::Unexpected{Failure{key.error().code, "client.tls_key: " + key.error().sentence}};
  return std::optional{net::ServerCertificate{base::to_text(*chain), std::move(*key)}};
}

base::Expected<void, Failure> Node::Impl::listen(const ledger::BlockHeader& head) {
  finality_.start(head.height, head.timestamp);
  net::PeerNetworkOptions peers;
  const auto& configured = home_.config.peer_listen;
  peers.listen_address = configured.empty()
                             ? home_.network.genesis.validators[home_.validator_index].peer_address
                             : configured;
  peers.identity = std::move(home_.tls);
  peers.chain = home_.network.chain;
  peers.peers = peers_of(home_.network.genesis, home_.validator_index);
  if (const auto filled =
          os::fill_with_entropy({reinterpret_cast<std::uint8_t*>(&peers.seed), sizeof peers.seed});
      !filled) {
    return base::Unexpected{Failure{ExitCode::kError, filled.error().sentence()}};
  }
  auto network = net::PeerNetwork::start(std::move(peers), *this);
  if (!network) return base::Unexpected{failure_of(network.error())};
  network_ = std::move(*network);
  auto certificate = client_certificate();
  if (!certificate) return base::Unexpected{certificate.error()};
  auto service = net::ClientService::start(
      {home_.config.client_listen, std::move(*certificate), {}}, backend_);
  if (!service) return base::Unexpected{failure_of(service.error())};
  service_ = std::move(*service);
  return {};
}

void Node::Impl::run(node::Bootstrap bootstrap) {
  spdlog::info("[node] {} of network {}, chain {}, at height {}",
               signer_ ? validator_name() : "observer", home_.network.genesis.network,
               base::to_hex(home_.network.chain.view()), bootstrap.head.height.value);
  std::optional<node::PeerIndex> self;
  if (signer_) self = node::PeerIndex{home_.validator_index};
  // Also what a client's question finds damaged stops the node.
  store_->on_failure([this](const storage::StorageError& error) { fail(failure_of(error)); });
  storage_.start();
  core_.start(std::make_unique<node::Replica>(home_.network, self, home_.config.replica()),
              std::move(bootstrap));
  spdlog::info("[node] peers on port {}, clients on {}", network_->listen_port(),
               home_.config.client_listen);
}

void Node::Impl::stop() {
  if (service_) service_->stop();
  if (network_) network_->stop();
  core_.stop();
  evidence_files_.stop();
  pool_.stop();
  storage_.stop();
  store_->on_failure({});
}

base::Expected<void, Failure> Node::Impl::persist(
    const std::vector<consensus::SafetyRecord>& records) {
  for (const auto& record : records) {
    const auto* held = std::get_if<consensus::HeldCertificate>(&record);
    if (held != nullptr) certificates_.held(held->certificate);
  }
  if (!signer_) return {};  // an observer promises nothing
  return signer_->persist(records);
}

void Node::Impl::send(std::vector<node::Send> messages) {
  std::vector<net::PeerMessage> out;
  out.reserve(messages.size());
  for (auto& [to, priority, message] : messages) {
    out.push_back({std::nullopt, net_priority(priority),
                   std::make_shared<const base::Bytes>(std::move(message))});
    if (to) out.back().to = net::PeerIndex{to->value};
  }
  network_->send_together(out);
}

void Node::Impl::commit(node::CommittedBlock block) {
  spdlog::debug("[chain] height {} final, {} transactions", block.block.header.height.value,
                block.block.transactions.size());
  finality_.committing(block);
  std::optional<storage::SignLogMark> mark;
  if (signer_) mark = signer_->mark();
  storage_.commit(std::move(block), mark);
}

void Node::Impl::send_to(node::PeerIndex peer, net::Priority priority,
                         const node::PeerMessage& message) {
  network_->send({peer.value}, priority,
                 std::make_shared<const base::Bytes>(node::encode(message)));
}

void Node::Impl::evidence(const consensus::Evidence& evidence) {
  if (evidence_files_.keep(evidence)) return;
  spdlog::debug("[consensus] {} signed two votes that exclude each other in view {}, again",
                home_.network.genesis.validators[evidence.first.signer.value].name,
                evidence.first.subject.view().value);
}

// A peer can cause as many of these as it likes: never above debug.
void Node::Impl::fault(const node::PeerFault& fault) {
  spdlog::debug("[peer] {}: {}", home_.network.genesis.validators[fault.peer.value].name,
                fault.reason);
}

void Node::Impl::turn_done(const node::Replica& replica) {
  ingress_.at_view(replica.status().view);
  const auto now = os::read_clock().monotonic;
  if (!replica.status().syncing) {
    out_of_step_since_.reset();
  } else if (!out_of_step_since_) {
    out_of_step_since_ = now;
  }
  // The grace is for who was in step before: a start has none.
  const bool serves =
      !out_of_step_since_ || (healthy_ && now - *out_of_step_since_ < kOutOfStepMax);
  if (std::exchange(healthy_, serves) != serves) service_->set_serving(serves);
  if (has_failed_) service_->set_serving(false);  // on whichever thread that came first
  hold_payments(replica.has_plenty(now), now);
  log_voting(replica.status());
  if (!signer_ || !signer_->wants_compaction()) return;
  if (const auto compacted = signer_->compact(replica.journal()); !compacted)
    fail(compacted.error());
}

void Node::Impl::hold_payments(bool has_plenty, base::TimePoint now) {
  if (!has_plenty) plenty_since_.reset();
  if (has_plenty && !plenty_since_) plenty_since_ = now;
  const bool holds =
      plenty_since_ &&
      (now - *plenty_since_).microseconds % kHoldPeriod.microseconds < kHoldMax.microseconds;
  if (std::exchange(holds_payments_, holds) != holds) pool_.hold_payments(holds);
}

// Once for each thing that it waits for, however the numbers in it change.
void Node::Impl::log_voting(const node::ReplicaStatus& status) {
  if (!status.voting || voting_stage_ == status.voting->stage) return;
  voting_stage_ = status.voting->stage;
  spdlog::info("[node] {}", sentence(*status.voting, status.finalized_view));
}

void Node::Impl::fail(Failure failure) {
  if (has_failed_.exchange(true)) return;
  service_->set_serving(false);
  failed_(std::move(failure));
}

void Node::Impl::on_message(net::PeerIndex from, base::Bytes message, net::Credit credit) {
  ingress_.receive({from.value}, std::move(message),
                   std::make_shared<net::Credit>(std::move(credit)));
}

void Node::Impl::on_connected(net::PeerIndex peer) {
  spdlog::info("[peer] {} connected", home_.network.genesis.validators[peer.value].name);
  core_.post(node::PeerConnected{{peer.value}});
}

void Node::Impl::on_disconnected(net::PeerIndex peer) {
  spdlog::info("[peer] {} disconnected", home_.network.genesis.validators[peer.value].name);
  core_.post(node::PeerDisconnected{{peer.value}});
}

void Node::Impl::on_replaced(net::PeerIndex peer) { core_.post(node::LinkReplaced{{peer.value}}); }

Node::Node(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}

Node::~Node() { stop(); }

void Node::stop() { impl_->stop(); }

namespace {

base::Expected<void, Failure> fill_or_fail(std::span<std::uint8_t> out) {
  const auto filled = os::fill_with_entropy(out);
  if (!filled) return base::Unexpected{Failure{ExitCode::kError, filled.error().sentence()}};
  return {};
}

}  // namespace

base::Expected<std::unique_ptr<Node>, Failure> Node::start(Home home, Failed failed,
                                                           const base::ShouldStop& should_stop) {
  auto lock = os::DirectoryLock::acquire(home.paths.directory);
  if (!lock) return base::Unexpected{failure_of(lock.error())};
  if (const auto ready = EvidenceFiles::prepare(home.paths.evidence); !ready)
    return base::Unexpected{failure_of(ready.error())};
  auto promises = open_promises(home);
  if (!promises) return base::Unexpected{promises.error()};
  auto recovered = recover(home, should_stop);
  if (!recovered) return base::Unexpected{recovered.error()};
  if (const auto compared = compare_with_store(*promises, home, *recovered->store); !compared)
    return base::Unexpected{compared.error()};
  auto& bootstrap = recovered->bootstrap;
  bootstrap.journal = std::move(promises->journal);
  std::uint64_t seed = 0;
  auto filled = fill_or_fail(bootstrap.token.bytes);
  if (filled) filled = fill_or_fail({reinterpret_cast<std::uint8_t*>(&seed), sizeof seed});
  if (!filled) return base::Unexpected{filled.error()};
  if (should_stop()) return base::Unexpected{stopped_before_start()};
  auto impl =
      std::make_unique<Impl>(std::move(home), std::move(failed), std::move(*lock),
                             std::move(promises->signer), std::move(recovered->store), seed);
  if (const auto listening = impl->listen(bootstrap.head); !listening) {
    impl->stop();  // the listener that did start has callers
    return base::Unexpected{listening.error()};
  }
  impl->run(std::move(bootstrap));
  return std::unique_ptr<Node>{new Node{std::move(impl)}};
}

}  // namespace peerpay::app
