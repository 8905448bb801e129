// What a payment costs in the pure parts of a node: codec, signature, rules, state tree.
// Figures of items_per_second are payments, or signatures, or accounts touched.

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "bench/micro_chain.h"
#include "crypto/signature.h"
#include "ledger/transaction.h"

namespace peerpay::bench {
namespace {

constexpr std::size_t kBlockPayments = 1'000;
constexpr std::size_t kFewAccounts = 10'000;
constexpr std::size_t kManyAccounts = 100'000;

void count_items(benchmark::State& state, std::size_t per_iteration) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(per_iteration));
}

void encode_transaction(benchmark::State& state) {
  const auto payment = chain_of(kFewAccounts).payments(1).front();
  for (auto _ : state) benchmark::DoNotOptimize(ledger::encode(payment.transaction));
  count_items(state, 1);
}
BENCHMARK(encode_transaction);

void decode_transaction(benchmark::State& state) {
  const auto payment = chain_of(kFewAccounts).payments(1).front();
  for (auto _ : state) {
    benchmark::DoNotOptimize(ledger::decode_signed_transaction(payment.bytes));
  }
  count_items(state, 1);
}
BENCHMARK(decode_transaction);

// Decoding and both hashes: what a node does once with every transaction that reaches it.
void seal_transaction(benchmark::State& state) {
  const auto& chain = chain_of(kFewAccounts);
  const auto payment = chain.payments(1).front();
  for (auto _ : state) benchmark::DoNotOptimize(ledger::seal(chain.chain(), payment.bytes));
  count_items(state, 1);
}
BENCHMARK(seal_transaction);

void sign(benchmark::State& state) {
  const auto key = account_key(0);
  const auto message = crypto::sha256(base::as_bytes("message"));
  for (auto _ : state) benchmark::DoNotOptimize(crypto::sign(key, message));
  count_items(state, 1);
}
BENCHMARK(sign);

// Over different payers, as the cost of a key that is in the cache would be too low.
void verify_signatures(benchmark::State& state) {
  const auto payments = chain_of(kFewAccounts).payments(kBlockPayments);
  std::size_t i = 0;
  for (auto _ : state) {
    const auto result = ledger::verify_signatures(payments[i++ % payments.size()]);
    PEERPAY_CHECK(result == ledger::TransactionResult::kApplied, "the payments are signed");
  }
  count_items(state, 1);
}
BENCHMARK(verify_signatures);

void apply_transactions(benchmark::State& state) {
  const auto& chain = chain_of(static_cast<std::size_t>(state.range(0)));
  const auto payments = chain.payments(kBlockPayments);
  for (auto _ : state) {
    ledger::Overlay overlay{chain.state()};
    for (const auto& payment : payments) {
      benchmark::DoNotOptimize(
          ledger::apply_transaction(chain.genesis(), chain.context(), payment, overlay));
    }
  }
  count_items(state, payments.size());
}
BENCHMARK(apply_transactions)->Arg(kFewAccounts)->Arg(kManyAccounts);

void execute_block(benchmark::State& state) {
  const auto& chain = chain_of(static_cast<std::size_t>(state.range(0)));
  const auto block = chain.block(chain.payments(kBlockPayments));
  for (auto _ : state) {
    ledger::Overlay overlay{chain.state()};
    const auto executed = ledger::execute_block(chain.genesis(), chain.parent(), block, overlay);
    PEERPAY_CHECK(executed.has_value(), "the block is valid");
  }
  count_items(state, block.transactions.size());
}
BENCHMARK(execute_block)->Arg(kFewAccounts)->Arg(kManyAccounts);

void transactions_root(benchmark::State& state) {
  const auto payments = chain_of(kFewAccounts).payments(kBlockPayments);
  for (auto _ : state) benchmark::DoNotOptimize(ledger::transactions_root_of(payments));
  count_items(state, payments.size());
}
BENCHMARK(transactions_root);

void encode_block(benchmark::State& state) {
  const auto& chain = chain_of(kFewAccounts);
  const auto block = chain.block(chain.payments(kBlockPayments));
  for (auto _ : state) benchmark::DoNotOptimize(ledger::encode(block));
  count_items(state, block.transactions.size());
}
BENCHMARK(encode_block);

void decode_block(benchmark::State& state) {
  const auto& chain = chain_of(kFewAccounts);
  const auto block = chain.block(chain.payments(kBlockPayments));
  const auto bytes = ledger::encode(block);
  for (auto _ : state) benchmark::DoNotOptimize(ledger::decode_block(bytes));
  count_items(state, block.transactions.size());
}
BENCHMARK(decode_block);

// One block's changes on top of a full tree; items are accounts touched.
void update_state_tree(benchmark::State& state) {
  const auto& chain = chain_of(static_cast<std::size_t>(state.range(0)));
  const auto changes = chain.changes(chain.payments(kBlockPayments));
  ledger::StateTree tree;
  const auto full = tree.build(chain.state().accounts());
  for (auto _ : state) {
    const auto next = tree.update(full, changes);
    benchmark::DoNotOptimize(tree.root(next));
    tree.release(next);
  }
  count_items(state, changes.size());
}
BENCHMARK(update_state_tree)->Arg(kFewAccounts)->Arg(kManyAccounts);

// What a node does at its start; items are accounts.
void build_state_tree(benchmark::State& state) {
  const auto& chain = chain_of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    ledger::StateTree tree;
    benchmark::DoNotOptimize(tree.root(tree.build(chain.state().accounts())));
  }
  count_items(state, chain.state().accounts().size());
}
BENCHMARK(build_state_tree)->Arg(kManyAccounts)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace peerpay::bench
