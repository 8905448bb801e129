#include "node/storage/store.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "base/bcs.h"
#include "base/check.h"
#include "node/storage/account_loader.h"
#include "node/storage/genesis_store.h"
#include "node/storage/tables.h"

namespace peerpay::storage {
namespace {

using base::Bytes;
using base::ByteView;
using base::Unexpected;
using ledger::Height;

StorageExpected<Bytes> get_meta(const Database& database, MetaKey key) {
  auto value = database.get(Table::kMeta, key_of(key));
  if (!value) return Unexpected{value.error()};
  if (!*value) return database.corrupt("no " + base::to_text(key_of(key)) + " in the table meta");
  return std::move(**value);
}

StorageExpected<void> check_version(const Database& database) {
  const auto value = get_meta(database, MetaKey::kVersion);
  if (!value) return Unexpected{value.error()};
  base::BcsReader in{*value};
  const std::uint32_t version = in.u32();
  if (in.finish() && version == kStoreVersion) return {};
  return storage_failure(
      StorageFault::kFormatUnknown,
      "Database " + database.path() + " has format " + std::to_string(version) +
          ", this program knows " + std::to_string(kStoreVersion) +
          ". No block and no account was changed. Use the version of the node that wrote it.");
}

StorageExpected<void> check_chain(const Database& database, const ledger::Network& network) {
  const auto value = get_meta(database, MetaKey::kChain);
  if (!value) return Unexpected{value.error()};
  if (ledger::ChainId::from(*value) == network.chain) return {};
  return storage_failure(
      StorageFault::kIdentityMismatch,
      "Database " + database.path() + " belongs to the network with chain id " +
          base::to_hex(*value) + ", the genesis is that of " + base::to_hex(network.chain.view()) +
          ". No block and no account was changed. Use the data directory of this network.");
}

StorageExpected<void> check_history(const Database& database, HistoryIndex wanted) {
  const auto value = get_meta(database, MetaKey::kHistory);
  if (!value) return Unexpected{value.error()};
  if (*value == Bytes{static_cast<std::uint8_t>(wanted)}) return {};
  return storage_failure(StorageFault::kSettingMismatch,
                         "Database " + database.path() + " was made " +
                             (wanted == HistoryIndex::kKept ? "without" : "with") +
                             " the history index, which can't be changed. Set it back, or move "
                             "the directory aside: the node fetches the chain from its peers.");
}

StorageExpected<void> check_meta(const Database& database, const ledger::Network& network,
                                 HistoryIndex history) {
  auto sound = check_version(database);
  if (sound) sound = check_chain(database, network);
  if (sound) sound = check_history(database, history);
  return sound;
}

StorageExpected<Height> read_applied(const Database& database) {
  const auto value = get_meta(database, MetaKey::kApplied);
  if (!value) return Unexpected{value.error()};
  const auto height = decode_height_key(*value);
  if (!height) return database.corrupt("the applied height is not readable");
  return *height;
}

StorageExpected<ChainEntry> read_head(const Database& database) {
  const auto row = database.last(Table::kChain);
  if (!row) return Unexpected{row.error()};
  if (!*row) return database.corrupt("the chain is empty");
  auto entry = decode_chain_entry((*row)->value);
  if (!entry || height_key(entry->header.height) != (*row)->key) {
    return database.corrupt("the head of the chain is not readable");
  }
  return std::move(*entry);
}

StorageExpected<std::unique_ptr<Database>> open_or_create(const std::string& path,
                                                          const ledger::Network& network,
                                                          HistoryIndex history,
                                                          const base::ShouldStop& should_stop) {
  auto database = open_database(path);
  if (database || database.error().fault != StorageFault::kMissing) return database;
  std::error_code error;
  if (std::filesystem::is_empty(path, error)) {
    std::filesystem::remove(path, error);  // an empty directory is as good as none
  } else if (!error || std::filesystem::exists(path)) {
    return storage_failure(StorageFault::kCorrupt,
                           path +
                               " holds no database (its file CURRENT is missing). Nothing was "
                               "changed. Move it aside and start again: the node fetches the "
                               "chain from its peers.");
  }
  if (const auto made = create_database(path, network, history, should_stop); !made) {
    return Unexpected{made.error()};
  }
  return open_database(path);
}

void put_body(Database::Batch& batch, const ledger::BlockHeader& header,
              const ledger::BlockHash& hash, ByteView bytes) {
  batch.put(Table::kBodies, body_key(header.height, hash), bytes);
  batch.put(Table::kBodyHeights, hash.view(), height_key(header.height));
}

void put_chain(Database::Batch& batch, const FinalizedBlock& finalized) {
  const ledger::Block& block = finalized.block;
  const Bytes height = height_key(block.header.height);
  ChainEntry entry{finalized.hash, block.header, {}};
  if (finalized.certificate != nullptr) entry.certificate = *finalized.certificate;
  batch.put(Table::kChain, height, encode(entry));
  batch.put(Table::kOutcomes, height, encode_rows(block, finalized.outcomes));
}

// Blocks of the height that lost; true in the result when the winner's body is there.
StorageExpected<bool> drop_siblings(const Database& database, Database::Batch& batch, Height height,
                                    const ledger::BlockHash& winner) {
  bool found = false;
  const auto scanned =
      database.scan(Table::kBodies, height_key(height), [&](ByteView key, ByteView) {
        const auto body = decode_body_key(key);
        if (!body || body->height != height) return false;
        if (body->hash == winner) {
          found = true;
        } else {
          batch.erase(Table::kBodies, key);
          batch.erase(Table::kBodyHeights, body->hash.view());
        }
        return true;
      });
  if (!scanned) return Unexpected{scanned.error()};
  return found;
}

}  // namespace

Store::Store(std::unique_ptr<Database> database, const ChainEntry& head, Height applied,
             HistoryIndex history)
    : database_{std::move(database)},
      head_{head},
      state_height_{applied},
      recent_{applied, history} {}

Store::~Store() = default;

StorageExpected<std::unique_ptr<Store>> Store::open(const std::string& path,
                                                    const ledger::Network& network,
                                                    HistoryIndex history,
                                                    const base::ShouldStop& should_stop) {
  auto database = open_or_create(path, network, history, should_stop);
  if (!database) return Unexpected{database.error()};
  if (const auto sound = check_meta(**database, network, history); !sound) {
    return Unexpected{sound.error()};
  }
  const auto head = read_head(**database);
  if (!head) return Unexpected{head.error()};
  const auto applied = read_applied(**database);
  if (!applied) return Unexpected{applied.error()};
  if (*applied > head->header.height) {
    return (*database)->corrupt("the accounts are ahead of the chain");
  }
  return std::unique_ptr<Store>{new Store{std::move(*database), *head, *applied, history}};
}

StorageExpected<void> Store::put_block(const ledger::BlockHeader& header,
                                       const ledger::BlockHash& hash, ByteView bytes) {
  if (header.height <= head_.header.height) return {};
  const auto present = database_->get(Table::kBodyHeights, hash.view());
  if (!present) return Unexpected{present.error()};
  if (*present) return {};
  auto batch = database_->batch();
  put_body(batch, header, hash, bytes);
  return database_->write(std::move(batch), Durability::kSynced);
}

StorageExpected<void> Store::commit(const FinalizedBlock& finalized) {
  const ledger::BlockHeader& header = finalized.block.header;
  PEERPAY_CHECK(header.height == head_.header.height.next() && header.parent == head_.hash,
                "blocks are committed in the order of the chain");
  PEERPAY_CHECK(state_height_ == head_.header.height, "recovery comes before the first commit");

  auto batch = database_->batch();
  const auto present = drop_siblings(*database_, batch, header.height, finalized.hash);
  if (!present) return Unexpected{present.error()};
  if (!*present) put_body(batch, header, finalized.hash, ledger::encode(finalized.block));
  put_chain(batch, finalized);
  if (sign_log_mark_) {
    batch.put(Table::kMeta, key_of(MetaKey::kSignLog), encode(*sign_log_mark_));
  }
  // Before the block can be seen: who sees it finds its transactions.
  recent_.add(finalized.block);
  if (auto done = database_->write(std::move(batch), Durability::kSynced); !done) return done;

  head_ = {finalized.hash, header, {}};
  add_changes(finalized.changes);
  state_height_ = header.height;
  return {};
}

StorageExpected<void> Store::flush_state() {
  PEERPAY_CHECK(state_height_ == head_.header.height, "recovery comes before the first flush");
  auto batch = database_->batch();
  for (const auto& [id, account] : dirty_) {
    batch.put(Table::kAccounts, id.view(), ledger::encode(account));
  }
  recent_.write_to(batch);
  batch.put(Table::kMeta, key_of(MetaKey::kApplied), height_key(state_height_));
  if (auto done = database_->write(std::move(batch), Durability::kUnsynced); !done) return done;
  dirty_.clear();
  recent_.clear(state_height_);
  return {};
}

StorageExpected<Store::LoadedState> Store::load_state(const base::ShouldStop& should_stop) const {
  const auto applied = read_applied(*database_);
  if (!applied) return Unexpected{applied.error()};
  auto accounts = load_accounts(*database_, should_stop);
  if (!accounts) return Unexpected{accounts.error()};
  return LoadedState{std::move(*accounts), *applied};
}

void Store::adopt_replayed(const ledger::Block& block, const ledger::StateChanges& changes) {
  PEERPAY_CHECK(block.header.height == state_height_.next(),
                "blocks are replayed in the order of the chain");
  recent_.add(block);
  add_changes(changes);
  state_height_ = block.header.height;
}

void Store::add_changes(const ledger::StateChanges& changes) {
  for (const auto& [id, account] : changes) dirty_.insert_or_assign(id, account);
}

StorageExpected<ChainEntry> Store::head() const { return read_head(*database_); }

StorageExpected<void> Store::check_sign_log(const SignLog& log) const {
  const auto value = database_->get(Table::kMeta, key_of(MetaKey::kSignLog));
  if (!value) return Unexpected{value.error()};
  if (!*value) return {};
  const auto mark = decode_sign_log_mark(**value);
  if (!mark) return corrupt("the mark of the sign log is not readable");
  const bool same = mark->instance == log.header().instance;
  if (same && log.view_highest() >= mark->view_highest) return {};
  return storage_failure(
      StorageFault::kOutdated,
      std::string{"The sign log is "} +
          (same ? "older than the votes that database " : "not the one that database ") + path() +
          (same ? " has seen" : " was used with") +
          ". Voting could contradict votes that it does not hold.");
}

StorageExpected<void> Store::adopt_sign_log(const SignLogMark& mark) {
  auto batch = database_->batch();
  batch.put(Table::kMeta, key_of(MetaKey::kSignLog), encode(mark));
  note_sign_log(mark);
  return database_->write(std::move(batch), Durability::kSynced);
}

const std::string& Store::path() const { return database_->path(); }

StorageExpected<void> Store::verify() const { return database_->verify(); }

void Store::on_failure(std::function<void(const StorageError&)> listener) {
  if (!listener) return database_->on_failure({});
  database_->on_failure([listener = std::move(listener)](const database::DatabaseError& error) {
    listener(StorageError{error});
  });
}
std::optional<StorageError> Store::failure() const {
  const auto failed = database_->failure();
  return failed ? std::optional<StorageError>{*failed} : std::nullopt;
}

Unexpected<StorageError> Store::corrupt(const std::string& what) const {
  return Unexpected{StorageError{database_->corrupt(what).error}};
}

}  // namespace peerpay::storage
