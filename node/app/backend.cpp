#include "node/app/backend.h"

#include <span>
#include <utility>

#include "base/os/clock.h"
#include "base/os/file.h"
#include "ledger/receipt.h"
#include "node/app/home.h"
#include "node/app/version.h"
#include "node/app/voting.h"

namespace peerpay::app {
namespace {

base::Unexpected<net::QueryError> query_error(net::QueryFailure failure, std::string code,
                                              std::string sentence) {
  return base::Unexpected{net::QueryError{failure, std::move(code), std::move(sentence)}};
}

base::Unexpected<net::QueryError> storage_error(const storage::StorageError& error) {
  if (error.fault == storage::StorageFault::kCursorInvalid) {
    return query_error(net::QueryFailure::kInvalid, "cursor_invalid", error.message);
  }
  return query_error(net::QueryFailure::kNotReady, std::string{storage::name(error.fault)},
                     error.message);
}

std::vector<proto::AssetSummary> summaries(const ledger::Genesis& genesis) {
  std::vector<proto::AssetSummary> out;
  for (std::uint32_t i = 0; i < genesis.assets.size(); ++i) {
    const auto& asset = genesis.assets[i];
    out.push_back({{i}, asset.code, asset.scale, asset.issuer, asset.fee_per_operation});
  }
  return out;
}

Submissions::Ids pending_among(const node::Replica& replica, const Submissions::Ids& ids) {
  Submissions::Ids out;
  for (const auto& id : ids) {
    if (replica.is_pending(id)) out.insert(id);
  }
  return out;
}

}  // namespace

Backend::Backend(const BackendParts& parts, Ingress& ingress)
    : parts_{parts},
      submissions_{ingress,
                   parts.pool,
                   {[this](node::Event event) { parts_.core.post(std::move(event)); },
                    [this](Submissions::Ids ids, auto found) {
                      parts_.core.post([ids = std::move(ids),
                                        found = std::move(found)](const node::Replica& replica) {
                        found(pending_among(replica, ids));
                      });
                    },
                    [this](const proto::TransactionQuery& query) { return look_up(query); },
                    [] { return os::read_clock().monotonic; }}},
      started_{os::read_clock().monotonic} {}

net::Answer<const proto::GenesisFile*> Backend::genesis() const {
  const std::lock_guard lock{genesis_mutex_};
  if (!genesis_file_.genesis.empty()) return &genesis_file_;
  auto bytes = os::read_file(parts_.genesis_path, kGenesisBytesMax);
  if (!bytes || ledger::chain_id(base::ByteView{*bytes}) != parts_.network.chain) {
    return query_error(net::QueryFailure::kNotReady, "genesis_unreadable",
                       "This node can't read the genesis that it started with from its file.");
  }
  genesis_file_ = {std::move(*bytes), parts_.network.chain};
  return &genesis_file_;
}

void Backend::status(net::Done<proto::NodeStatus> done) {
  parts_.core.post([this, done = std::move(done)](const node::Replica& replica) {
    const auto now = replica.status();
    proto::NodeStatus out;
    out.version = version();
    out.network = parts_.network.genesis.network;
    out.chain = parts_.network.chain;
    out.validator = parts_.validator;
    out.height = parts_.finality.height();
    out.view = now.view.value;
    out.finalized_view = now.finalized_view.value;
    out.syncing = now.syncing;
    out.voting = now.voting ? sentence(*now.voting, now.finalized_view) : "not voting";
    out.peers = parts_.peers();
    out.mempool_transactions = now.mempool_transactions;
    out.mempool_bytes = now.mempool_bytes;
    out.uptime_ms =
        static_cast<std::uint64_t>((os::read_clock().monotonic - started_).milliseconds());
    out.assets = summaries(parts_.network.genesis);
    out.timestamp = parts_.finality.ledger_time();
    done(std::move(out));
  });
}

void Backend::head(net::Done<proto::Head> done) {
  parts_.pool.post(Urgency::kTransaction, [this, done = std::move(done)] {
    const auto entry = parts_.store.head();
    if (!entry) return done(storage_error(entry.error()));
    done(proto::Head{entry->header.height, entry->hash, ledger::encode(entry->header),
                     entry->header.timestamp});
  });
}

void Backend::submit(const net::Caller& caller, std::vector<proto::Submission> submissions,
                     net::Done<std::vector<proto::TransactionStatus>> done) {
  submissions_.submit(caller, std::move(submissions), std::move(done));
}

// May block: workers only.
net::Answer<proto::TransactionStatus> Backend::look_up(const proto::TransactionQuery& query) {
  // Read first: whatever this time includes is in the store or remembered by now.
  const auto ledger_time = parts_.finality.ledger_time();
  if (auto recent = parts_.finality.recent(query.id)) return *recent;
  proto::TransactionStatus out;
  out.id = query.id;
  out.state = proto::TransactionState::kPending;
  if (parts_.finality.is_committing(query.id)) return out;
  const auto found = parts_.store.find_transaction(query.id);
  if (!found) return storage_error(found.error());
  if (*found) return final_status((*found)->outcome, (*found)->position, (*found)->block_timestamp);
  // Every block to come is later than the ledger's time, those that are held already too.
  if (query.valid_until && *query.valid_until < ledger_time) {
    return refused_status(query.id, ledger::TransactionResult::kExpired);
  }
  out.state = proto::TransactionState::kUnknown;
  return out;
}

// One caller's watches; letting go of it ends them.
struct Backend::Follower {
  explicit Follower(Finality& finality_in) : finality{finality_in} {}
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;
  ~Follower() {
    for (const auto& [id, watch] : watches) finality.unwatch(id, watch);
  }
  void watch(const ledger::TransactionId& id, std::optional<base::UnixMillis> valid_until,
             const Settled& settled) {
    const auto placed = finality.watch(id, valid_until, settled);
    const std::lock_guard lock{mutex};
    if (placed) watches.emplace_back(id, *placed);
  }
  Finality& finality;
  std::mutex mutex;
  std::vector<std::pair<ledger::TransactionId, Finality::WatchId>> watches;  // guarded by mutex
};

// The core alone knows what waits in its pool, and it tells whoever watches of all that leaves it:
// so what it holds is watched before its next event. What has left the pool and is in an
// unfinalized block may become final, or lose its block and then expire, which nobody tells. What
// it holds no longer has been handed on, or has made room.
net::Waiting Backend::follow(std::vector<ledger::TransactionId> admitted, Settled settled) {
  auto follower = std::make_shared<Follower>(parts_.finality);
  parts_.core.post([this, weak = std::weak_ptr{follower}, admitted = std::move(admitted),
                    settled = std::move(settled)](const node::Replica& replica) {
    const auto strong = weak.lock();
    if (!strong) return;
    std::vector<proto::TransactionQuery> unpooled;  // with a time: in a block
    for (const auto& id : admitted) {
      if (replica.is_pooled(id)) {
        strong->watch(id, std::nullopt, settled);
      } else {
        unpooled.push_back({id, replica.held_until(id), 0});
      }
    }
    if (unpooled.empty()) return;
    parts_.pool.post(Urgency::kTransaction, [this, weak, unpooled = std::move(unpooled), settled] {
      for (const auto& query : unpooled) {
        const auto alive = weak.lock();
        if (!alive) return;
        const auto unknown = query.valid_until ? Unknown::kMayCome : Unknown::kEvicted;
        settle_or_watch(*alive, query, unknown, settled);
      }
    });
  });
  return follower;
}

net::Waiting Backend::await_end(const proto::TransactionQuery& query, Settled settled) {
  auto follower = std::make_shared<Follower>(parts_.finality);
  parts_.pool.post(Urgency::kTransaction,
                   [this, weak = std::weak_ptr{follower}, query, settled = std::move(settled)] {
                     if (const auto strong = weak.lock())
                       settle_or_watch(*strong, query, Unknown::kMayCome, settled);
                   });
  return follower;
}

void Backend::settle_or_watch(Follower& follower, const proto::TransactionQuery& query,
                              Unknown unknown, const Settled& settled) {
  const auto status = look_up(query);
  // What can't be read is not known: it may still settle.
  if (!status) return follower.watch(query.id, std::nullopt, settled);
  const bool is_unknown = status->state == proto::TransactionState::kUnknown;
  if (is_unknown && unknown == Unknown::kEvicted) return settled(evicted_status(query.id));
  if (is_unknown || status->state == proto::TransactionState::kPending)
    return follower.watch(query.id, query.valid_until, settled);
  settled(*status);
}

void Backend::transaction(const proto::TransactionQuery& query,
                          net::Done<proto::TransactionStatus> done) {
  parts_.core.post([this, query, done = std::move(done)](const node::Replica& replica) {
    if (replica.is_pending(query.id)) {
      proto::TransactionStatus out;
      out.id = query.id;
      out.state = proto::TransactionState::kPending;
      return done(std::move(out));
    }
    parts_.pool.post(Urgency::kTransaction, [this, query, done] { done(read_transaction(query)); });
  });
}

net::Answer<proto::TransactionStatus> Backend::read_transaction(
    const proto::TransactionQuery& query) {
  auto out = look_up(query);
  if (!out || out->state != proto::TransactionState::kFinal) return out;
  const auto stored = parts_.store.find_transaction(query.id);
  if (!stored) return storage_error(stored.error());
  if (*stored) out->transaction = (*stored)->bytes;
  return out;
}

void Backend::receipt(const ledger::TransactionId& id, net::Done<base::Bytes> done) {
  parts_.pool.post(Urgency::kTransaction,
                   [this, id, done = std::move(done)] { done(read_receipt(id)); });
}

net::Answer<base::Bytes> Backend::read_receipt(const ledger::TransactionId& id) {
  const auto found = parts_.store.find_transaction(id);
  if (!found) return storage_error(found.error());
  if (!*found) {
    return query_error(net::QueryFailure::kNotFound, "transaction_not_final",
                       "This transaction is not final, so it has no receipt.");
  }
  const auto position = (*found)->position;
  const auto stored = parts_.store.block_at(position.height);
  if (!stored) return storage_error(stored.error());
  const auto outcomes = parts_.store.outcomes(position.height);
  if (!outcomes) return storage_error(outcomes.error());
  const auto chain = parts_.store.certified_chain(position.height);
  if (!chain) return storage_error(chain.error());
  if (!*chain) {
    return query_error(net::QueryFailure::kNotFound, "receipt_not_ready",
                       "The certificate of this payment's block is not here yet: ask again.");
  }
  const auto block = ledger::decode_block((*stored)->bytes);
  if (!block) return storage_error(parts_.store.corrupt("a stored block does not decode").error);
  const auto certificate = consensus::encode((*chain)->certificate);
  const std::span headers{(*chain)->headers};
  return ledger::encode(
      ledger::make_receipt({*block, *outcomes, headers.subspan(1), certificate}, position.index));
}

proto::AccountSnapshot Backend::snapshot(const node::Replica& replica,
                                         const proto::AccountQuery& query) const {
  proto::AccountSnapshot out;
  out.account = query.account;
  out.height = replica.head().height;
  out.timestamp = replica.head().timestamp;
  if (const auto* account = replica.state().account(query.account)) {
    out.exists = true;
    out.nonces = account->nonces;
    for (const auto& balance : account->balances()) {
      const auto* asset = parts_.network.genesis.asset(balance.asset);
      out.balances.push_back({balance.asset, asset->code, balance.amount,
                              ledger::format_amount(balance.amount, asset->scale)});
    }
  }
  if (query.with_proof)
    out.proof = proto::AccountProof{ledger::encode(replica.prove(query.account)), {}, {}};
  return out;
}

net::Answer<proto::AccountProof> Backend::complete_proof(proto::AccountProof proof,
                                                         ledger::Height height) {
  if (height.value == 0) {
    const auto entry = parts_.store.chain_entry(height);
    if (!entry) return storage_error(entry.error());
    proof.headers.push_back(ledger::encode((*entry)->header));
    return proof;
  }
  const auto chain = parts_.store.certified_chain(height);
  if (!chain) return storage_error(chain.error());
  if (!*chain) {
    return query_error(net::QueryFailure::kNotReady, "proof_not_ready",
                       "The certificate of the newest block is not here yet: ask again.");
  }
  for (const auto& header : (*chain)->headers) proof.headers.push_back(ledger::encode(header));
  proof.certificate = consensus::encode((*chain)->certificate);
  return proof;
}

void Backend::account(const proto::AccountQuery& query, net::Done<proto::AccountSnapshot> done) {
  parts_.core.post([this, query, done = std::move(done)](const node::Replica& replica) {
    auto out = snapshot(replica, query);
    const auto height = out.height;
    when_durable(wait_key(height), [this, out = std::move(out), done]() mutable {
      if (out.proof) {
        auto proof = complete_proof(std::move(*out.proof), out.height);
        if (!proof) return done(base::Unexpected{proof.error()});
        out.proof = std::move(*proof);
      }
      done(std::move(out));
    });
  });
}

void Backend::history(const proto::HistoryQuery& query, net::Done<proto::HistoryPage> done) {
  parts_.pool.post(Urgency::kTransaction,
                   [this, query, done = std::move(done)] { done(read_history(query)); });
}

net::Answer<proto::HistoryPage> Backend::read_history(const proto::HistoryQuery& query) {
  const auto page = parts_.store.history(query.account, query.cursor, query.limit);
  if (!page) return storage_error(page.error());
  proto::HistoryPage out;
  for (const auto& row : page->transactions) {
    out.entries.push_back({row.outcome.id, row.position.height, row.position.index,
                           row.block_timestamp, row.bytes, row.outcome.fee_charged});
  }
  out.next_cursor = page->next_cursor;
  return out;
}

void Backend::block(const proto::BlockQuery& query, net::Done<proto::FinalizedBlock> done) {
  parts_.pool.post(Urgency::kTransaction,
                   [this, query, done = std::move(done)] { done(read_block(query)); });
}

net::Answer<proto::FinalizedBlock> Backend::read_block(const proto::BlockQuery& query) {
  const auto* height = std::get_if<ledger::Height>(&query);
  const auto stored = height != nullptr ? parts_.store.block_at(*height)
                                        : parts_.store.block(std::get<ledger::BlockHash>(query));
  if (!stored) return storage_error(stored.error());
  if (!*stored || (*stored)->height > parts_.finality.height()) {
    return query_error(net::QueryFailure::kNotFound, "block_not_found",
                       "This node has no finalized block of that name.");
  }
  proto::FinalizedBlock out;
  out.hash = (*stored)->hash;
  out.block = (*stored)->bytes;
  if ((*stored)->certificate) out.certificate = consensus::encode(*(*stored)->certificate);
  out.height = (*stored)->height;
  return out;
}

// Waits for one block; letting go of it takes the wait out of the queue.
struct Backend::BlockWaiter {
  BlockWaiter(Backend& backend_in, const WaitKey& key_in) : backend{backend_in}, key{key_in} {}
  BlockWaiter(const BlockWaiter&) = delete;
  BlockWaiter& operator=(const BlockWaiter&) = delete;
  ~BlockWaiter() { backend.forget(key); }
  Backend& backend;
  const WaitKey key;
};

net::Waiting Backend::await_block(ledger::Height height, net::Done<proto::FinalizedBlock> done) {
  const auto head = parts_.finality.height();
  if (height.value > head.value + kBlocksAheadMax) {
    done(query_error(net::QueryFailure::kNotReady, "height_too_far",
                     "This node is at height " + std::to_string(head.value) +
                         ", too far below: ask again when it is nearer, or ask another node."));
    return nullptr;
  }
  auto waiter = std::make_shared<BlockWaiter>(*this, wait_key(height));
  when_durable(waiter->key, [this, height, weak = std::weak_ptr{waiter}, done = std::move(done)] {
    if (!weak.expired()) done(read_block(height));
  });
  return waiter;
}

void Backend::when_durable(const WaitKey& key, std::function<void()> answer) {
  {
    const std::lock_guard lock{mutex_};
    if (key.first > parts_.finality.height()) {
      waiting_.emplace(key, std::move(answer));
      return;
    }
  }
  parts_.pool.post(Urgency::kTransaction, std::move(answer));
}

void Backend::forget(const WaitKey& key) {
  std::function<void()> answer;  // let go of outside the lock
  const std::lock_guard lock{mutex_};
  if (auto found = waiting_.extract(key)) answer = std::move(found.mapped());
}

void Backend::durable(ledger::Height height) {
  std::vector<std::function<void()>> ready;
  {
    const std::lock_guard lock{mutex_};
    while (!waiting_.empty() && waiting_.begin()->first.first <= height) {
      ready.push_back(std::move(waiting_.begin()->second));
      waiting_.erase(waiting_.begin());
    }
  }
  for (auto& answer : ready) parts_.pool.post(Urgency::kTransaction, std::move(answer));
}

}  // namespace peerpay::app
