// What durability costs: one sync of the sign log for each turn of the loop, and for each block one
// to keep it and one to make it final.

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "bench/micro_chain.h"
#include "bench/temporary_home.h"
#include "node/storage/sign_log.h"
#include "node/storage/store.h"

namespace peerpay::bench {
namespace {

consensus::SafetyRecord vote_of(std::uint64_t view) {
  consensus::Proposal proposal;
  proposal.view = {view};
  return consensus::OwnVote{consensus::Subject::notarize(proposal)};
}

void append_sign_log(benchmark::State& state) {
  const auto home = TemporaryHome::create();
  PEERPAY_CHECK(home.has_value(), "a benchmark of the disk needs a writable temporary directory");
  auto log = storage::SignLog::create(storage::posix_files(), home->path() + "/sign.log", {}, {});
  PEERPAY_CHECK(log.has_value(), "the directory is new");
  std::uint64_t view = 1;
  for (auto _ : state) {
    const consensus::SafetyRecord records[] = {vote_of(view++)};
    PEERPAY_CHECK(log->append(records).has_value(), "the disk takes a record");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(append_sign_log)->UseRealTime()->Unit(benchmark::kMicrosecond);

// One block after another, so that each is new to the store. Items are payments.
class BlockSource {
 public:
  static constexpr std::int64_t kPayments = 1'000;

  explicit BlockSource(const Chain& chain) {
    const auto payments = chain.payments(kPayments);
    changes_ = chain.changes(payments);
    block_ = chain.block(payments);
    ledger::Overlay overlay{chain.state()};
    auto executed = ledger::execute_block(chain.genesis(), chain.parent(), block_, overlay);
    PEERPAY_CHECK(executed.has_value(), "the block is valid");
    outcomes_ = std::move(executed->outcomes);
  }

  // The store looks at the header's place alone, so the same payments may come again.
  void make_child_of(const storage::ChainEntry& head) {
    block_.header.height = head.header.height.next();
    block_.header.parent = head.hash;
    hash_ = ledger::block_hash(block_.header);
    bytes_ = ledger::encode(block_);
  }
  [[nodiscard]] storage::StorageExpected<void> put_into(storage::Store& store) const {
    return store.put_block(block_.header, hash_, bytes_);
  }
  [[nodiscard]] storage::StorageExpected<void> commit_to(storage::Store& store) const {
    return store.commit(
        {.block = block_, .hash = hash_, .outcomes = outcomes_, .changes = changes_});
  }

 private:
  ledger::Block block_;
  ledger::StateChanges changes_;
  std::vector<ledger::Outcome> outcomes_;
  ledger::BlockHash hash_;
  base::Bytes bytes_;
};

std::unique_ptr<storage::Store> open_store(const TemporaryHome& home, const Chain& chain) {
  auto store =
      storage::Store::open(home.path() + "/store", chain.network(), storage::HistoryIndex::kKept);
  PEERPAY_CHECK(store.has_value(), "the directory is new");
  return std::move(*store);
}

// The block's bytes before the vote, then its finality: two syncs. Then what a node writes behind,
// once a second: here after each block, so that all of its work is counted.
void store_block(benchmark::State& state) {
  constexpr std::size_t kAccounts = 10'000;
  const auto& chain = chain_of(kAccounts);
  const auto home = TemporaryHome::create();
  PEERPAY_CHECK(home.has_value(), "a benchmark of the disk needs a writable temporary directory");
  const auto store = open_store(*home, chain);
  BlockSource source{chain};
  for (auto _ : state) {
    state.PauseTiming();
    source.make_child_of(*store->head());
    state.ResumeTiming();
    PEERPAY_CHECK(source.put_into(*store).has_value(), "the disk takes a block");
    PEERPAY_CHECK(source.commit_to(*store).has_value(), "the disk takes a block");
    PEERPAY_CHECK(store->flush_state().has_value(), "the disk takes accounts and indexes");
  }
  state.SetItemsProcessed(state.iterations() * BlockSource::kPayments);
}
BENCHMARK(store_block)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace peerpay::bench
