#include "api/store/rocksdb_store.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <utility>

#include "api/store/schema.h"
#include "api/store/tables.h"
#include "base/bcs.h"
#include "base/big_endian.h"
#include "base/os/entropy.h"
#include "base/os/file.h"

namespace peerpay::api {
namespace {

using base::as_bytes;
using base::Bytes;
using base::ByteView;
using base::Unexpected;
using database::Database;
using database::DatabaseExpected;
using database::DatabaseFault;
using database::Durability;
namespace fs = std::filesystem;

constexpr std::array<database::TableSpec, kTables> kTableSpecs = {{
    {.name = "default"},
    {.name = "invoices", .is_filtered = true},
    {.name = "invoice_lists"},
    {.name = "references", .is_filtered = true},
    {.name = "payees"},
    {.name = "expiries"},
    {.name = "events"},
    {.name = "endpoints"},
    {.name = "deliveries"},
    {.name = "idempotency", .is_filtered = true},
    {.name = "idempotency_times"},
}};

constexpr database::DatabaseSettings kSettings = {
    .tables = kTableSpecs,
    .damage_advice =
        "Stop the gateway and restore the directory from a backup. The payments are "
        "in the ledger; invoices and webhook endpoints are only here.",
    .refusal_advice =
        "Nothing that was acknowledged is lost. Find out why the disk refuses (is it "
        "full, or failing?), then start the gateway again."};

Unexpected<StoreError> failure(std::string sentence, StoreFault fault = StoreFault::kRefused) {
  return Unexpected{StoreError{std::move(sentence), fault}};
}

Bytes u32_bytes(std::uint32_t value) {
  base::BcsWriter out;
  out.u32(value);
  return std::move(out).take();
}

// An empty database of this network, under a name that it does not keep.
StoreResult<void> fill(const std::string& path, const ledger::ChainId& chain) {
  std::array<std::uint8_t, kInstanceBytes> instance{};
  if (const auto drawn = os::fill_with_entropy(instance); !drawn) {
    return failure(drawn.error().sentence());
  }
  const auto database = Database::create(path, kSettings);
  if (!database) return said_on(database.error());
  auto batch = (*database)->batch();
  batch.put(Table::kMeta, as_bytes(kVersionName), u32_bytes(kMerchantStoreVersion));
  batch.put(Table::kMeta, as_bytes(kChainName), chain.view());
  batch.put(Table::kMeta, as_bytes(kInstanceName), instance);
  return said_on((*database)->write(std::move(batch), Durability::kSynced));
}

// Made under another name first, so that a crash leaves a whole one or none.
StoreResult<void> create(const std::string& path, const ledger::ChainId& chain) {
  const std::string unfinished = path + ".new";
  if (auto done = fill(unfinished, chain); !done) return done;
  std::error_code error;
  fs::rename(unfinished, path, error);
  if (error) return failure("Could not rename " + unfinished + ": " + error.message() + ".");
  const auto parent = fs::path{path}.parent_path().string();
  const auto synced = os::sync_directory(parent.empty() ? "." : parent);
  if (!synced) return failure(synced.error().sentence());
  return {};
}

DatabaseExpected<std::unique_ptr<Database>> open_database(const std::string& path) {
  return Database::open(path, kSettings);
}

StoreResult<std::unique_ptr<Database>> open_or_create(const std::string& path,
                                                      const ledger::ChainId& chain) {
  auto database = open_database(path);
  if (!database && database.error().fault == DatabaseFault::kMissing) {
    std::error_code error;
    if (fs::exists(path, error) && !fs::is_empty(path, error)) {
      return failure(path +
                         " holds no database (its file CURRENT is missing). Nothing was changed. " +
                         std::string{kSettings.damage_advice},
                     StoreFault::kDamaged);
    }
    if (const auto made = create(path, chain); !made) return Unexpected{made.error()};
    database = open_database(path);
  }
  if (!database) return said_on(database.error());
  return std::move(*database);
}

StoreResult<Bytes> get_meta(const Database& database, std::string_view name) {
  auto value = database.get(Table::kMeta, as_bytes(name));
  if (!value) return said_on(value.error());
  if (!*value) return said_on(database.corrupt("it has no " + std::string{name}).error);
  return std::move(**value);
}

StoreResult<void> check_version(const Database& database) {
  const auto value = get_meta(database, kVersionName);
  if (!value) return Unexpected{value.error()};
  if (*value == u32_bytes(kMerchantStoreVersion)) return {};
  return failure("Database " + database.path() +
                     " has another format than this program knows. Nothing was changed. Use the "
                     "version of the gateway that wrote it.",
                 StoreFault::kDamaged);
}

StoreResult<void> check_chain(const Database& database, const ledger::ChainId& chain) {
  const auto value = get_meta(database, kChainName);
  if (!value) return Unexpected{value.error()};
  if (ledger::ChainId::from(*value) == chain) return {};
  return failure("Database " + database.path() + " belongs to the network with chain id " +
                     base::to_hex(*value) + ", the node to that of " + base::to_hex(chain.view()) +
                     ". Nothing was changed. Use the data directory of this network.",
                 StoreFault::kDamaged);
}

// The earlier rows of one invoice, when it was there.
void erase_list_rows(Database::Batch& batch, const Invoice& before) {
  batch.erase(Table::kInvoiceLists, list_key(before.status, {before.created_at, before.id}));
  if (before.status == InvoiceStatus::kOpen) {
    batch.erase(Table::kExpiries, time_key(before.expires_at, before.id));
  }
}

}  // namespace

struct RocksDbStore::Writing {
  Database::Batch batch;
  // Rows added to the queues, for their fronts.
  std::vector<Bytes> expiries;
  std::vector<Delivery> deliveries;
  std::vector<Bytes> idempotency_times;
  std::vector<ledger::AccountId> payees;  // new ones
};

std::size_t RocksDbStore::AccountHash::operator()(const ledger::AccountId& account) const {
  return base::big_endian<std::uint64_t>(account.view());
}

RocksDbStore::RocksDbStore(std::unique_ptr<Database> database) : database_{std::move(database)} {}
RocksDbStore::~RocksDbStore() = default;

StoreResult<std::unique_ptr<RocksDbStore>> RocksDbStore::open(const std::string& path,
                                                              const ledger::ChainId& chain) {
  auto database = open_or_create(path, chain);
  if (!database) return Unexpected{database.error()};
  auto sound = check_version(**database);
  if (sound) sound = check_chain(**database, chain);
  if (!sound) return Unexpected{sound.error()};
  std::unique_ptr<RocksDbStore> store{new RocksDbStore{std::move(*database)}};
  if (const auto loaded = store->load(); !loaded) return Unexpected{loaded.error()};
  return store;
}

StoreResult<void> RocksDbStore::load() {
  auto instance = get_meta(*database_, kInstanceName);
  if (!instance) return Unexpected{instance.error()};
  instance_ = std::move(*instance);
  const auto follow = database_->get(Table::kMeta, as_bytes(kFollowName));
  if (!follow) return said_on(follow.error());
  if (*follow) {
    follow_ = decode_follow_point(**follow);
    if (!follow_) return corrupt("the follow point is not readable");
  }
  bool readable = true;
  auto scanned = database_->scan(Table::kPayees, {}, [&](ByteView key, ByteView) {
    const auto account = ledger::AccountId::from(key);
    readable = account.has_value();
    if (readable) payees_.insert(*account);
    return readable;
  });
  if (!scanned) return said_on(scanned);
  scanned = database_->scan(Table::kEndpoints, {}, [&](ByteView, ByteView value) {
    auto endpoint = decode_endpoint(value);
    readable = readable && endpoint.has_value();
    if (!readable) return false;
    deliveries_.emplace(endpoint->id, std::make_shared<QueueFront>());
    endpoints_.push_back(std::move(*endpoint));
    return true;
  });
  if (!scanned) return said_on(scanned);
  if (!readable) return corrupt("a payee or an endpoint is not readable");
  std::ranges::stable_sort(endpoints_, {}, &WebhookEndpoint::created_at);
  return {};
}

StoreResult<void> RocksDbStore::put_invoices(const Changes& changes, Writing& writing) const {
  auto& batch = writing.batch;
  for (const auto& now : changes.invoices) {
    const auto before = invoice(now.id);
    if (!before) return Unexpected{before.error()};
    batch.put(Table::kInvoices, now.id.view(), encode(now));
    if (*before && (*before)->status == now.status) continue;
    const ListPosition position{now.created_at, now.id};
    if (*before) {
      erase_list_rows(batch, **before);
    } else {
      batch.put(Table::kInvoiceLists, list_key({}, position), {});
      batch.put(Table::kReferences, reference_key(reference_of(now)), now.id.view());
      batch.put(Table::kPayees, now.payee.account.view(), {});
      writing.payees.push_back(now.payee.account);
    }
    batch.put(Table::kInvoiceLists, list_key(now.status, position), {});
    if (now.status != InvoiceStatus::kOpen) continue;
    writing.expiries.push_back(time_key(now.expires_at, now.id));
    batch.put(Table::kExpiries, writing.expiries.back(), {});
  }
  return {};
}

StoreResult<void> RocksDbStore::put_deliveries(const Changes& changes, Writing& writing) const {
  const auto put = [&writing](const Delivery& delivery) {
    writing.deliveries.push_back(delivery);
    writing.batch.put(Table::kDeliveries, delivery_key(delivery), delivery_value(delivery));
  };
  for (const auto& delivery : changes.deliveries) put(delivery);
  for (const auto& step : changes.delivery_steps) {
    const Bytes key = delivery_key(step.before);
    const auto present = database_->get(Table::kDeliveries, key);
    if (!present) return said_on(present.error());
    if (!*present) continue;
    writing.batch.erase(Table::kDeliveries, key);
    if (step.after) put(*step.after);
  }
  for (const auto& endpoint : changes.endpoints_erased) {
    if (auto done = erase_deliveries(endpoint, writing); !done) return done;
  }
  return {};
}

StoreResult<void> RocksDbStore::erase_deliveries(const EndpointId& endpoint,
                                                 Writing& writing) const {
  return said_on(
      database_->scan(Table::kDeliveries, endpoint.view(), [&](ByteView key, ByteView value) {
        const auto delivery = decode_delivery(key, value);
        if (!delivery || delivery->endpoint != endpoint) return false;
        writing.batch.erase(Table::kDeliveries, key);
        return true;
      }));
}

StoreResult<void> RocksDbStore::apply(const Changes& changes, Sync sync) {
  Writing writing{database_->batch(), {}, {}, {}, {}};
  auto& batch = writing.batch;
  if (auto done = put_invoices(changes, writing); !done) return done;
  if (auto done = put_deliveries(changes, writing); !done) return done;
  for (const auto& event : changes.events) {
    batch.put(Table::kEvents, event_key(event.cursor), encode(event));
  }
  for (const auto& endpoint : changes.endpoints) {
    batch.put(Table::kEndpoints, endpoint.id.view(), encode(endpoint));
  }
  for (const auto& id : changes.endpoints_erased) batch.erase(Table::kEndpoints, id.view());
  if (changes.follow) {
    batch.put(Table::kMeta, as_bytes(kFollowName), encode(*changes.follow));
  }
  if (const auto& record = changes.idempotency) {
    writing.idempotency_times.push_back(time_key(record->made_at, record->key));
    batch.put(Table::kIdempotency, record->key.view(), encode(*record));
    batch.put(Table::kIdempotencyTimes, writing.idempotency_times.back(), {});
  }
  const auto durability = sync == Sync::kSynced ? Durability::kSynced : Durability::kUnsynced;
  auto written = database_->write(std::move(batch), durability);
  if (!written) return said_on(written);
  adopt(changes, writing);
  return {};
}

// What is in memory follows what is on disk.
void RocksDbStore::adopt(const Changes& changes, const Writing& writing) {
  for (const auto& key : writing.expiries) expiries_.lower(key);
  for (const auto& key : writing.idempotency_times) idempotency_times_.lower(key);
  for (const auto& delivery : writing.deliveries) {
    const auto front = deliveries_front(delivery.endpoint);
    if (front) front->lower(delivery_key(delivery));
  }
  const std::unique_lock lock{mutex_};
  if (changes.follow) follow_ = changes.follow;
  payees_.insert(writing.payees.begin(), writing.payees.end());
  adopt_endpoints(changes);
}

// REQUIRES: mutex_ is held.
void RocksDbStore::adopt_endpoints(const Changes& changes) {
  for (const auto& endpoint : changes.endpoints) {
    if (deliveries_.try_emplace(endpoint.id, std::make_shared<QueueFront>()).second) {
      endpoints_.push_back(endpoint);
    } else {
      *std::ranges::find(endpoints_, endpoint.id, &WebhookEndpoint::id) = endpoint;
    }
  }
  for (const auto& id : changes.endpoints_erased) {
    deliveries_.erase(id);
    std::erase_if(endpoints_, [&id](const auto& endpoint) { return endpoint.id == id; });
  }
}

StoreResult<std::size_t> RocksDbStore::forget_idempotency_before(base::UnixMillis time,
                                                                 std::size_t limit) {
  const auto mark = idempotency_times_.mark();
  std::optional<Bytes> first;
  std::vector<Bytes> keys;
  const auto scanned =
      database_->scan(Table::kIdempotencyTimes, mark.from, [&](ByteView key, ByteView) {
        if (!first) first = Bytes{key.begin(), key.end()};
        const auto row = decode_time_key<IdempotencyKey>(key);
        if (!row || row->time >= time || keys.size() == limit) return false;
        keys.emplace_back(key.begin(), key.end());
        return true;
      });
  if (!scanned) return said_on(scanned.error());
  idempotency_times_.raise(mark, first);
  auto batch = database_->batch();
  for (const auto& key : keys) {
    const auto row = decode_time_key<IdempotencyKey>(key);
    const auto record = idempotency(row->id);
    if (!record) return Unexpected{record.error()};
    // A key that was used again is younger than this row.
    if (*record && (*record)->made_at == row->time) {
      batch.erase(Table::kIdempotency, row->id.view());
    }
    batch.erase(Table::kIdempotencyTimes, key);
  }
  if (const auto done = database_->write(std::move(batch), Durability::kUnsynced); !done) {
    return said_on(done.error());
  }
  return keys.size();
}

void RocksDbStore::on_failure(std::function<void(const StoreError&)> listener) {
  if (!listener) return database_->on_failure({});
  database_->on_failure([listener = std::move(listener)](const database::DatabaseError& error) {
    listener(store_error(error));
  });
}

StoreResult<void> RocksDbStore::flush() { return said_on(database_->flush()); }

StoreResult<void> RocksDbStore::verify() const { return said_on(database_->verify()); }

Unexpected<StoreError> RocksDbStore::corrupt(const std::string& what) const {
  return said_on(database_->corrupt(what).error);
}

}  // namespace peerpay::api
