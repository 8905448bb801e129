// peerpay-instructions: the way of a thousand payments through the real modules of a node, on one
// thread, always the same. `./dev bench --check` runs it under callgrind, which counts the
// instructions of each stage (instructions.py); alone it only proves that the way can be gone.

#include <fmt/format.h>
#include <valgrind/callgrind.h>

#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.h"
#include "bench/micro_chain.h"
#include "bench/temporary_home.h"
#include "node/core/block_pace.h"
#include "node/core/messages.h"
#include "node/core/replica.h"
#include "node/storage/store.h"

namespace peerpay::bench {
namespace {

constexpr std::size_t kPayments = node::BlockPace::kAtStart.weight;
constexpr std::size_t kAccounts = 2'000;

// What `work` executes counts for the stage; callgrind writes it into a file of its own.
template <class Work>
auto measured(const char* stage, const Work& work) {
  CALLGRIND_ZERO_STATS;
  CALLGRIND_TOGGLE_COLLECT;
  auto result = work();
  CALLGRIND_TOGGLE_COLLECT;
  CALLGRIND_DUMP_STATS_AT(stage);
  return result;
}

using Payments = std::vector<ledger::SealedTransaction>;

// From the bytes of a client to what the core may see.
Payments receive(const Chain& chain, const std::vector<base::Bytes>& encoded) {
  auto received = measured("receive", [&] {
    Payments out;
    out.reserve(encoded.size());
    for (const auto& bytes : encoded) {
      auto payment = ledger::seal(chain.chain(), bytes);
      PEERPAY_CHECK(payment.has_value(), "the payments are canonical");
      PEERPAY_CHECK(ledger::check_static(*payment) == ledger::TransactionResult::kApplied &&
                        ledger::check_genesis(chain.genesis(), *payment) ==
                            ledger::TransactionResult::kApplied,
                    "the payments are valid");
      out.push_back(std::move(*payment));
    }
    return out;
  });
  const auto valid = measured("verify", [&] {
    std::size_t count = 0;
    for (const auto& payment : received) {
      count += ledger::verify_signatures(payment) == ledger::TransactionResult::kApplied;
    }
    return count;
  });
  PEERPAY_CHECK(valid == received.size(), "the payments are signed");
  return received;
}

// To another validator and there out of the message again.
void gossip(const Chain& chain, const Payments& payments) {
  const auto decoded = measured("gossip", [&] {
    const auto message = node::encode(node::TransactionBatch{payments});
    return node::decode_peer_message(chain.chain(), message);
  });
  PEERPAY_CHECK(decoded.has_value(), "what was encoded is canonical");
}

// The core of a network of one validator: what it is told, it is told at once.
class Core {
 public:
  explicit Core(const Chain& chain)
      : replica_{chain.network(), node::PeerIndex{0}, node::ReplicaConfig{}} {
    now_.wall = chain.context().timestamp;
    node::Bootstrap bootstrap;
    bootstrap.state.apply(ledger::genesis_changes(chain.genesis()));
    bootstrap.head = ledger::genesis_header(chain.network().chain, chain.genesis().timestamp,
                                            bootstrap.state.root());
    bootstrap.voting = consensus::Voting::kOpen;
    follow(replica_.start(std::move(bootstrap), now_), Counted::kNo);
  }

  // Gives the block that holds all of them.
  node::CommittedBlock order(Payments payments) {
    std::vector<node::Submission> submissions;
    for (auto& payment : payments) submissions.push_back({0, std::move(payment)});
    // Right after a block, the next one is not due yet.
    while (committed_.empty()) step(Counted::kNo);
    committed_.clear();
    auto admitted = measured("mempool", [&] {
      return replica_.handle(node::TransactionsSubmitted{std::move(submissions)}, now_);
    });
    PEERPAY_CHECK(admitted.store.empty() && replica_.status().mempool_transactions == kPayments,
                  "they wait for the next block");
    follow(std::move(admitted), Counted::kNo);
    while (committed_.empty() || committed_.back().block.transactions.empty()) step(Counted::kYes);
    PEERPAY_CHECK(committed_.back().block.transactions.size() == kPayments, "one block holds all");
    return std::move(committed_.back());
  }

 private:
  enum class Counted { kNo, kYes };

  node::Effects handle(const char* stage, node::Event event, Counted counted) {
    if (counted == Counted::kNo) return replica_.handle(std::move(event), now_);
    return measured(stage, [&] { return replica_.handle(std::move(event), now_); });
  }
  // On to the next thing that is due, and everything that follows from it.
  void step(Counted counted) {
    const auto due = replica_.deadline();
    PEERPAY_CHECK(due.has_value(), "a validator always waits for something");
    now_.wall.value += static_cast<std::uint64_t>((*due - now_.monotonic).milliseconds()) + 1;
    now_.monotonic = *due;
    follow(handle("build", node::TimerFired{}, counted), counted);
  }
  void follow(node::Effects effects, Counted counted) {
    for (auto& block : effects.commit) committed_.push_back(std::move(block));
    for (const auto& block : effects.store) {
      follow(handle("commit", node::BlockStored{block.hash}, counted), counted);
    }
    for (const auto& subject : effects.sign) {
      follow(handle("commit", node::VoteSigned{{subject, {0}, {}}}, counted), counted);
    }
  }

  node::Replica replica_;
  base::Now now_;
  std::vector<node::CommittedBlock> committed_;
};

// What every validator but the proposer does with the block.
void execute(const Chain& chain, const ledger::Block& block) {
  const auto bytes = measured("encode", [&] { return ledger::encode(block); });
  const auto decoded = measured("decode", [&] { return ledger::decode_block(bytes); });
  PEERPAY_CHECK(decoded.has_value(), "what was encoded is canonical");
  ledger::Overlay overlay{chain.state()};
  const auto executed = measured("execute", [&] {
    return ledger::execute_block(chain.genesis(), chain.parent(), *decoded, overlay);
  });
  PEERPAY_CHECK(executed.has_value(), "the block is valid");
  ledger::StateTree tree;
  const auto before = tree.build(chain.state().accounts());
  const auto after = measured("tree", [&] { return tree.update(before, overlay.changes()); });
  PEERPAY_CHECK(tree.root(after) != tree.root(before), "the payments change accounts");
}

// As the storage thread does, beside RocksDB's own threads, which are not counted.
void store(const Chain& chain, node::CommittedBlock committed) {
  const auto home = TemporaryHome::create();
  PEERPAY_CHECK(home.has_value(), "the temporary directory is writable");
  const auto database =
      storage::Store::open(home->path() + "/store", chain.network(), storage::HistoryIndex::kKept);
  PEERPAY_CHECK(database.has_value(), "the directory is new");
  // The store looks at the header's place alone.
  const auto head = (*database)->head();
  PEERPAY_CHECK(head.has_value(), "a new database has block 0");
  committed.block.header.height = head->header.height.next();
  committed.block.header.parent = head->hash;
  committed.hash = ledger::block_hash(committed.block.header);
  const auto bytes = ledger::encode(committed.block);
  const auto stored = measured("storage", [&] {
    return (*database)->put_block(committed.block.header, committed.hash, bytes).has_value() &&
           (*database)
               ->commit({.block = committed.block,
                         .hash = committed.hash,
                         .outcomes = committed.outcomes,
                         .changes = committed.changes})
               .has_value() &&
           (*database)->flush_state().has_value();
  });
  PEERPAY_CHECK(stored, "the disk takes a block");
}

int main() {
  const auto& chain = chain_of(kAccounts);
  std::vector<base::Bytes> encoded;
  for (const auto& payment : chain.payments(kPayments)) encoded.push_back(payment.bytes);
  auto payments = receive(chain, encoded);
  gossip(chain, payments);
  Core core{chain};
  auto committed = core.order(std::move(payments));
  execute(chain, chain.block(committed.block.transactions));
  store(chain, std::move(committed));
  fmt::print("compiler {}\npayments {}\n", __VERSION__, kPayments);
  return 0;
}

}  // namespace
}  // namespace peerpay::bench

int main() { return peerpay::bench::main(); }
