#include "tests/unit/node/harness.h"

#include <algorithm>

#include "ledger/apply.h"

namespace peerpay::node::testing {

crypto::SecretKey test_key(std::uint8_t number) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.back() = number;
  return std::move(*crypto::SecretKey::from_bytes(bytes));
}

ledger::AccountId test_account(std::uint8_t number) {
  return ledger::account_of(test_key(number).public_key());
}

ledger::Genesis test_genesis(std::uint32_t validators) {
  ledger::Genesis out;
  out.network = "unit-test";
  out.timestamp = {1'700'000'000'000};
  out.assets = {{"USD", 2, test_account(200), ledger::Amount{1}}};
  for (std::uint32_t i = 0; i < validators; ++i) {
    const auto key = test_key(static_cast<std::uint8_t>(i + 1));
    ledger::Validator validator;
    validator.name = "v" + std::to_string(i);
    validator.key = key.public_key();
    validator.fee_account = ledger::account_of(validator.key);
    validator.tls_binding = crypto::sign(
        key, ledger::tls_binding_message(out.network, validator.key, validator.tls_pin));
    validator.peer_address = "127.0.0.1:" + std::to_string(20'000 + i);
    out.validators.push_back(validator);
  }
  for (std::uint8_t number = 101; number <= 106; ++number) {
    out.accounts.push_back({test_account(number), {{{0}, ledger::Amount{100'000}}}});
  }
  std::sort(out.accounts.begin(), out.accounts.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  return out;
}

Bootstrap test_bootstrap(const ledger::Genesis& genesis) {
  Bootstrap out;
  out.state.apply(ledger::genesis_changes(genesis));
  out.head = ledger::genesis_header(ledger::chain_id(genesis), genesis.timestamp, out.state.root());
  return out;
}

ledger::SealedTransaction test_pay(const ledger::Genesis& genesis, const PayOptions& options) {
  ledger::SignedTransaction transaction;
  auto& body = transaction.body;
  body.sender = test_account(options.from);
  body.nonce = {options.nonce};
  body.valid_until = {options.valid_until_ms};
  if (options.sponsor) body.sponsor = test_account(*options.sponsor);
  body.fee = {{0}, ledger::Amount{options.legs}};
  const ledger::Pay pay{test_account(options.to),      std::nullopt, {0},
                        ledger::Amount{options.units}, {},           {}};
  body.operations.assign(options.legs, pay);
  const auto message =
      ledger::signing_message(ledger::transaction_id(ledger::chain_id(genesis), body));
  transaction.signatures = {crypto::sign(test_key(options.from), message)};
  if (options.sponsor)
    transaction.signatures.push_back(crypto::sign(test_key(*options.sponsor), message));
  return ledger::seal(ledger::chain_id(genesis), std::move(transaction));
}

Mesh::Mesh(std::uint32_t validators, const ReplicaConfig& config)
    : journals(validators),
      votes(validators),
      network{ledger::network_of(test_genesis(validators))},
      chains(validators),
      replies(validators),
      faults(validators),
      cut_off(validators, false),
      config_{config} {
  for (std::uint32_t i = 0; i < validators; ++i) {
    replicas.push_back(std::make_unique<Replica>(network, PeerIndex{i}, config_));
  }
  for (std::uint32_t i = 0; i < validators; ++i)
    execute(i, replicas[i]->start(test_bootstrap(genesis), now));
  for (std::uint32_t i = 0; i < validators; ++i) {
    for (std::uint32_t peer = 0; peer < validators; ++peer) {
      if (peer != i) deliver(i, PeerConnected{{peer}});
    }
  }
  settle();
}

void Mesh::restart(std::uint32_t node, std::vector<consensus::SafetyRecord> journal) {
  chains[node].clear();
  std::erase_if(queue_, [node](const Delivery& delivery) { return delivery.to == node; });
  replicas[node] = std::make_unique<Replica>(network, PeerIndex{node}, config_);
  Bootstrap bootstrap = test_bootstrap(genesis);
  bootstrap.journal = std::move(journal);
  bootstrap.token.bytes.fill(++restarts_);
  execute(node, replicas[node]->start(std::move(bootstrap), now));
  for (std::uint32_t peer = 0; peer < replicas.size(); ++peer) {
    if (peer == node) continue;
    deliver(node, PeerConnected{{peer}});
    deliver(peer, PeerDisconnected{{node}});
    deliver(peer, PeerConnected{{node}});
  }
}

void Mesh::deliver(std::uint32_t node, Event event) { queue_.push_back({node, std::move(event)}); }

void Mesh::submit(std::uint32_t node, ledger::SealedTransaction transaction) {
  deliver(node, TransactionsSubmitted{{{0, std::move(transaction)}}});
}

void Mesh::settle() {
  while (!queue_.empty()) {
    auto next = std::move(queue_.front());
    queue_.pop_front();
    execute(next.to, replicas[next.to]->handle(std::move(next.event), now));
  }
}

bool Mesh::run(std::int64_t milliseconds, const std::function<bool()>& done) {
  for (std::int64_t i = 0; i < milliseconds; ++i) {
    settle();
    if (done()) return true;
    now.monotonic = now.monotonic + base::milliseconds(1);
    now.wall.value += 1;
    for (std::uint32_t node = 0; node < replicas.size(); ++node) {
      const auto deadline = replicas[node]->deadline();
      if (deadline && *deadline <= now.monotonic) deliver(node, TimerFired{});
    }
  }
  settle();
  return done();
}

void Mesh::execute(std::uint32_t node, Effects effects) {
  if (effects.halt) halted = effects.halt;
  journals[node].insert(journals[node].end(), effects.persist.begin(), effects.persist.end());
  votes[node].insert(votes[node].end(), effects.sign.begin(), effects.sign.end());
  for (const auto& subject : effects.sign) {
    const consensus::Vote vote{subject, {node}, {}};
    post(node, {std::nullopt, Priority::kVote, encode(PeerMessage{vote})});
    deliver(node, VoteSigned{vote});
  }
  for (const auto& send : effects.send) post(node, send);
  for (const auto& block : effects.store) deliver(node, BlockStored{block.hash});
  for (auto& block : effects.commit) chains[node].push_back(std::move(block));
  for (const auto& reply : effects.replies) replies[node].push_back(reply);
  for (const auto& fault : effects.faults) faults[node].push_back(fault);
  for (const auto& request : effects.serve) serve(node, request);
}

void Mesh::post(std::uint32_t from, const Send& send) {
  for (std::uint32_t to = 0; to < replicas.size(); ++to) {
    if (to == from || (send.to && send.to->value != to)) continue;
    if (!cut_off[from] && !cut_off[to]) receive(from, to, send.message);
  }
}

void Mesh::receive(std::uint32_t from, std::uint32_t to, base::ByteView message) {
  auto decoded = decode_peer_message(ledger::chain_id(genesis), message);
  const PeerIndex peer{from};
  struct Convert {
    PeerIndex peer;
    Event operator()(consensus::Vote& v) const { return VoteReceived{peer, v}; }
    Event operator()(consensus::Certificate& c) const { return CertificateReceived{peer, c}; }
    Event operator()(consensus::RepairRequest& r) const { return RepairRequested{peer, r}; }
    Event operator()(BlockMessage& m) const {
      return BlockReceived{peer, std::move(m.block), true};
    }
    Event operator()(BlockRequest& r) const { return BlockRequested{peer, r}; }
    Event operator()(SyncRequest& r) const { return SyncRequested{peer, r}; }
    Event operator()(SyncBatch& b) const { return SyncReceived{peer, std::move(b)}; }
    Event operator()(TransactionBatch& b) const {
      return TransactionsReceived{peer, std::move(b.transactions)};
    }
    Event operator()(StandingRequest& r) const { return StandingRequested{peer, r}; }
    Event operator()(Standing& s) const { return StandingReceived{peer, std::move(s)}; }
  };
  deliver(to, std::visit(Convert{peer}, *decoded));
}

// From the node's own chain, as storage would.
void Mesh::serve(std::uint32_t node, const Serve& request) {
  const auto& chain = chains[node];
  if (const auto* wanted = std::get_if<BlockRequest>(&request.request)) {
    for (const auto& block : chain) {
      if (block.hash == wanted->hash) {
        post(node, {request.to, Priority::kRepair, encode(PeerMessage{BlockMessage{block.block}})});
      }
    }
    return;
  }
  SyncBatch batch;
  for (const auto& block : chain) {
    if (block.block.header.height < std::get<SyncRequest>(request.request).from) continue;
    batch.blocks.push_back(block.block);
    batch.certificate = block.certificate;
  }
  post(node, {request.to, Priority::kRepair, encode(PeerMessage{batch})});
}

}  // namespace peerpay::node::testing
