// What the store on disk promises beyond its interface: who may open it, and what is still there.

#include "api/store/rocksdb_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "api/store/tables.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/api_store/shop.h"

namespace peerpay::api {
namespace {

namespace fs = std::filesystem;
using peerpay::test::TemporaryDirectory;

class RocksDbStoreTest : public testing::Test {
 protected:
  std::string path() const { return directory_.file("merchant"); }
  static ledger::ChainId chain() { return ledger::chain_id(test::genesis()); }
  std::unique_ptr<RocksDbStore> open() {
    auto opened = RocksDbStore::open(path(), chain());
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    return std::move(*opened);
  }
  std::string refusal(const ledger::ChainId& chain) {
    const auto opened = RocksDbStore::open(path(), chain);
    return opened ? "(opened)" : opened.error().message;
  }
  // Changes one row of the table of names, behind the store's back.
  void put_meta(std::string_view name, base::ByteView value) {
    static constexpr database::TableSpec kAll[] = {
        {.name = "default"},     {.name = "invoices"},         {.name = "invoice_lists"},
        {.name = "references"},  {.name = "payees"},           {.name = "expiries"},
        {.name = "events"},      {.name = "endpoints"},        {.name = "deliveries"},
        {.name = "idempotency"}, {.name = "idempotency_times"}};
    const auto database = database::Database::open(path(), {kAll, "", ""});
    ASSERT_TRUE(database);
    auto batch = (*database)->batch();
    batch.put(Table::kMeta, base::as_bytes(name), value);
    ASSERT_TRUE((*database)->write(std::move(batch), database::Durability::kSynced));
  }

  TemporaryDirectory directory_;
};

TEST_F(RocksDbStoreTest, EverythingIsThereAfterReopening) {
  base::Bytes instance;
  Changes changes;
  changes.invoices = {test::invoice_of(1)};
  changes.endpoints = {test::endpoint_of(2), test::endpoint_of(1)};
  changes.deliveries = {{test::id_of<EndpointId>(1), {ledger::Height{1}, 0}, 3, {77}}};
  changes.follow = FollowPoint{ledger::Height{7}, {}, {8}, 1};
  changes.idempotency = test::record_of(1, {1});
  {
    const auto store = open();
    instance = store->instance();
    ASSERT_TRUE(store->apply(changes, Sync::kUnsynced));
  }
  const auto store = open();
  EXPECT_EQ(store->instance(), instance);
  EXPECT_EQ(**store->invoice(test::invoice_of(1).id), test::invoice_of(1));
  EXPECT_TRUE(store->is_payee(test::invoice_of(1).payee.account));
  EXPECT_EQ(store->endpoints(), (std::vector{test::endpoint_of(1), test::endpoint_of(2)}));
  EXPECT_EQ(*store->deliveries_to(test::id_of<EndpointId>(1), 9), changes.deliveries);
  EXPECT_EQ(*store->follow_point(), changes.follow);
  EXPECT_EQ(*store->idempotency(test::record_of(1, {}).key), changes.idempotency);
  EXPECT_TRUE(store->verify());
}

TEST_F(RocksDbStoreTest, EachHasAnInstanceOfItsOwn) {
  const auto store = open();
  const auto other = RocksDbStore::open(directory_.file("other"), chain());
  ASSERT_TRUE(other);
  EXPECT_EQ(store->instance().size(), 16U);
  EXPECT_NE(store->instance(), (*other)->instance());
}

TEST_F(RocksDbStoreTest, BelongsToOneNetwork) {
  open().reset();
  const auto text = refusal({});
  EXPECT_NE(text.find(base::to_hex(chain().view())), std::string::npos) << text;
  EXPECT_NE(text.find("Use the data directory of this network."), std::string::npos) << text;
  EXPECT_EQ(refusal(chain()), "(opened)");
}

TEST_F(RocksDbStoreTest, IsOpenOnce) {
  const auto store = open();
  EXPECT_EQ(refusal(chain()), "Database " + path() + " is in use by another process. Stop it.");
}

TEST_F(RocksDbStoreTest, OfAnotherFormatIsLeftAlone) {
  open().reset();
  put_meta(kVersionName, base::Bytes{2, 0, 0, 0});
  const auto text = refusal(chain());
  EXPECT_NE(text.find("another format"), std::string::npos) << text;
  put_meta(kVersionName, base::Bytes{1, 0, 0, 0});
  EXPECT_EQ(refusal(chain()), "(opened)");
}

TEST_F(RocksDbStoreTest, WhatIsNoDatabaseIsLeftAlone) {
  fs::create_directory(path());
  EXPECT_EQ(refusal(chain()), "(opened)") << "an empty directory is as good as none";
  fs::remove(fs::path{path()} / "CURRENT");
  const auto text = refusal(chain());
  EXPECT_NE(text.find("holds no database"), std::string::npos) << text;
  EXPECT_FALSE(fs::exists(path() + ".new"));
}

TEST_F(RocksDbStoreTest, AnUnfinishedFirstStartIsBegunAgain) {
  const auto unfinished = path() + ".new";
  ASSERT_TRUE(RocksDbStore::open(unfinished, {}));
  EXPECT_TRUE(open());
  EXPECT_FALSE(fs::exists(unfinished));
}

TEST_F(RocksDbStoreTest, AValueThatIsNotReadableIsToldAndEndsEverything) {
  open().reset();
  put_meta(kFollowName, base::Bytes{1, 2, 3});
  const auto text = refusal(chain());
  EXPECT_NE(text.find("the follow point is not readable"), std::string::npos) << text;
  EXPECT_NE(text.find("restore the directory from a backup"), std::string::npos) << text;
}

}  // namespace
}  // namespace peerpay::api
