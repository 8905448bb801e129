#include "node/app/recovery.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "node/app/storage_failure.h"
#include "node/storage/recovery.h"

namespace peerpay::app {
namespace {

base::Unexpected<Failure> refuse(const storage::StorageError& error) {
  return base::Unexpected{failure_of(error)};
}

}  // namespace

base::Expected<std::unique_ptr<storage::Store>, Failure> open_store(
    const Home& home, const base::ShouldStop& should_stop) {
  const auto history =
      home.config.keep_history ? storage::HistoryIndex::kKept : storage::HistoryIndex::kNone;
  auto store = storage::Store::open(home.paths.store, home.network, history, should_stop);
  if (!store) return refuse(store.error());
  return *std::move(store);
}

base::Expected<Recovered, Failure> recover(Home& home, const base::ShouldStop& should_stop) {
  if (should_stop()) return base::Unexpected{stopped_before_start()};
  auto store = open_store(home, should_stop);
  if (!store) return base::Unexpected{store.error()};
  Recovered out;
  out.store = std::move(*store);
  ledger::forget_accounts(home.network);
  auto recovered = storage::recover(*out.store, home.network.genesis, should_stop);
  if (!recovered) return refuse(recovered.error());
  out.bootstrap.state = std::move(recovered->state);
  out.bootstrap.head = recovered->head.header;
  out.bootstrap.finalization = recovered->head.certificate;
  const auto unfinalized = out.store->unfinalized_blocks();
  if (!unfinalized) return refuse(unfinalized.error());
  for (const auto& stored : *unfinalized) {
    auto block = ledger::decode_block(stored.bytes);
    if (!block) return refuse(out.store->corrupt("a stored block does not decode").error);
    out.bootstrap.unfinalized.push_back(std::move(*block));
  }
  if (recovered->blocks_replayed > 0)
    spdlog::info("[store] replayed {} blocks", recovered->blocks_replayed);
  return out;
}

}  // namespace peerpay::app
