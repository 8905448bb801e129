#include "node/storage/genesis_store.h"

#include "base/bcs.h"
#include "ledger/state_tree.h"
#include "node/storage/files.h"
#include "node/storage/schema.h"
#include "node/storage/tables.h"

namespace peerpay::storage {
namespace {

using base::Unexpected;

constexpr std::size_t kBatchBytesMax = std::size_t{4} << 20;

base::Bytes u32_bytes(std::uint32_t value) {
  base::BcsWriter out;
  out.u32(value);
  return std::move(out).take();
}

ledger::Block genesis_block(const ledger::Network& network, const ledger::StateChanges& accounts) {
  ledger::StateTree tree;
  const auto version = tree.update({}, accounts);
  return {ledger::genesis_header(network.chain, network.genesis.timestamp, tree.root(version)), {}};
}

StorageExpected<void> write_accounts(Database& database, const ledger::StateChanges& accounts,
                                     const base::ShouldStop& should_stop) {
  auto batch = database.batch();
  for (const auto& [id, account] : accounts) {
    batch.put(Table::kAccounts, id.view(), ledger::encode(account));
    if (batch.size_bytes() < kBatchBytesMax) continue;
    if (should_stop()) return stopped_early();
    if (auto done = database.write(std::move(batch), Durability::kUnsynced); !done) return done;
    batch = database.batch();
  }
  return database.write(std::move(batch), Durability::kUnsynced);
}

StorageExpected<void> write_genesis(Database& database, const ledger::Block& block,
                                    HistoryIndex history) {
  const ledger::BlockHash hash = ledger::block_hash(block.header);
  const base::Bytes height = height_key({});
  const base::Bytes kept{static_cast<std::uint8_t>(history)};
  auto batch = database.batch();
  batch.put(Table::kMeta, key_of(MetaKey::kVersion), u32_bytes(kStoreVersion));
  batch.put(Table::kMeta, key_of(MetaKey::kChain), block.header.chain.view());
  batch.put(Table::kMeta, key_of(MetaKey::kApplied), height);
  batch.put(Table::kMeta, key_of(MetaKey::kHistory), kept);
  batch.put(Table::kChain, height, encode(ChainEntry{hash, block.header, {}}));
  batch.put(Table::kBodies, body_key({}, hash), ledger::encode(block));
  batch.put(Table::kBodyHeights, hash.view(), height);
  batch.put(Table::kOutcomes, height, {});
  return database.write(std::move(batch), Durability::kSynced);
}

StorageExpected<void> fill(const std::string& path, const ledger::Network& network,
                           HistoryIndex history, const base::ShouldStop& should_stop) {
  const auto database = create_empty_database(path);
  if (!database) return Unexpected{database.error()};
  const ledger::StateChanges accounts = ledger::genesis_changes(network.genesis);
  auto done = write_accounts(**database, accounts, should_stop);
  if (done && should_stop()) return stopped_early();
  if (done) done = write_genesis(**database, genesis_block(network, accounts), history);
  if (done) done = (*database)->flush();
  return done;
}

}  // namespace

StorageExpected<void> create_database(const std::string& path, const ledger::Network& network,
                                      HistoryIndex history, const base::ShouldStop& should_stop) {
  const std::string unfinished = path + ".new";
  if (auto done = fill(unfinished, network, history, should_stop); !done) return done;
  auto named = posix_files().rename(unfinished, path, os::Existing::kRefuse);
  if (named) named = posix_files().sync_directory_of(path);
  if (!named) return storage_failure(named.error());
  return {};
}

}  // namespace peerpay::storage
