// What MerchantStore promises, of every store that there is.

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "api/store/rocksdb_store.h"
#include "tests/support/api/memory_store.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/api_store/shop.h"

namespace peerpay::api {
namespace {

using base::UnixMillis;
using peerpay::test::TemporaryDirectory;
using test::endpoint_of;
using test::invoice_of;
using test::record_of;

enum class Kind { kMemory, kRocksDb };

class StoreContract : public testing::TestWithParam<Kind> {
 protected:
  StoreContract() {
    if (GetParam() == Kind::kMemory) {
      store_ = std::make_unique<test::MemoryStore>();
      return;
    }
    auto opened = RocksDbStore::open(directory_.file("db"), {});
    EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
    store_ = std::move(*opened);
  }

  void apply(const Changes& changes, Sync sync = Sync::kUnsynced) {
    const auto done = store_->apply(changes, sync);
    ASSERT_TRUE(done) << done.error().message;
  }
  void put(const Invoice& invoice) {
    Changes changes;
    changes.invoices = {invoice};
    apply(changes);
  }
  void put_endpoints() {
    Changes changes;
    changes.endpoints = {endpoint_of(1), endpoint_of(2)};
    apply(changes);
  }
  void put(const Delivery& delivery) {
    Changes changes;
    changes.deliveries = {delivery};
    apply(changes);
  }
  // References of all pages, a page a line.
  std::string listed(std::optional<InvoiceStatus> status, std::uint32_t limit) {
    std::string out;
    InvoiceQuery query{status, "", limit};
    for (int pages = 0; pages < 100; ++pages) {
      const auto page = store_->invoices(query);
      if (!page || !*page) return "failed";
      for (const auto& invoice : (*page)->invoices) out += invoice.reference + " ";
      if ((*page)->next_cursor.empty()) return out;
      out += "| ";
      query.cursor = (*page)->next_cursor;
    }
    return "endless";
  }
  // Ordinals of the deliveries to an endpoint.
  std::vector<std::uint32_t> to(std::uint64_t endpoint, std::size_t limit = 100) {
    std::vector<std::uint32_t> out;
    const auto deliveries = store_->deliveries_to(test::id_of<EndpointId>(endpoint), limit);
    for (const auto& delivery : *deliveries) out.push_back(delivery.event.ordinal);
    return out;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<MerchantStore> store_;
};

Delivery delivery(std::uint64_t endpoint, std::uint32_t ordinal, std::uint64_t due_ms) {
  return {test::id_of<EndpointId>(endpoint), {ledger::Height{1}, ordinal}, 0, {due_ms}};
}

Event event(std::uint64_t height, std::uint32_t ordinal) {
  Event out;
  out.cursor = {ledger::Height{height}, ordinal};
  out.payload = "{}";
  return out;
}

TEST_P(StoreContract, BeginsEmpty) {
  EXPECT_FALSE(store_->instance().empty());
  EXPECT_FALSE(store_->follow_point()->has_value());
  EXPECT_FALSE(store_->invoice(InvoiceId{})->has_value());
  EXPECT_EQ(listed({}, 10), "");
  EXPECT_TRUE(store_->events_from_start(10)->empty());
  EXPECT_TRUE(store_->endpoints().empty());
  EXPECT_FALSE(store_->is_payee({}));
}

TEST_P(StoreContract, FindsAnInvoiceByIdAndByReference) {
  auto tagged = invoice_of(1);
  tagged.id = test::id_of<InvoiceId>(2);
  tagged.payee.tag = 0;
  put(invoice_of(1));
  put(tagged);
  EXPECT_EQ(**store_->invoice(tagged.id), tagged);
  const InvoiceReference reference{invoice_of(1).payee, invoice_of(1).asset, "INV-1"};
  EXPECT_EQ(**store_->invoice(reference), invoice_of(1));
  EXPECT_EQ(**store_->invoice(InvoiceReference{tagged.payee, tagged.asset, "INV-1"}), tagged);
  auto other = reference;
  other.asset = ledger::test::kUsd;
  EXPECT_FALSE(store_->invoice(other)->has_value());
  other = reference;
  other.reference = "INV-";
  EXPECT_FALSE(store_->invoice(other)->has_value());
  EXPECT_TRUE(store_->is_payee(invoice_of(1).payee.account));
  EXPECT_FALSE(store_->is_payee(ledger::test::test_account(9)));
}

TEST_P(StoreContract, ListsInvoicesNewestFirstInPages) {
  for (const auto number : {2, 5, 1, 4, 3}) put(invoice_of(static_cast<std::uint64_t>(number)));
  EXPECT_EQ(listed({}, 2), "INV-5 INV-4 | INV-3 INV-2 | INV-1 ");
  EXPECT_EQ(listed({}, 5), "INV-5 INV-4 INV-3 INV-2 INV-1 ");
  EXPECT_EQ(listed(InvoiceStatus::kPaid, 5), "");
}

TEST_P(StoreContract, PagesDoNotShiftWhenInvoicesAreAdded) {
  for (std::uint64_t number = 1; number <= 3; ++number) put(invoice_of(number));
  const auto page = store_->invoices({{}, "", 2});
  put(invoice_of(9));
  const auto next = store_->invoices({{}, (*page)->next_cursor, 2});
  ASSERT_EQ((*next)->invoices.size(), 1U);
  EXPECT_EQ((*next)->invoices[0].reference, "INV-1");
}

TEST_P(StoreContract, AnInvoiceThatEndsMovesToAnotherList) {
  for (std::uint64_t number = 1; number <= 3; ++number) put(invoice_of(number));
  auto paid = invoice_of(2);
  paid.status = InvoiceStatus::kPaid;
  put(paid);
  EXPECT_EQ(listed(InvoiceStatus::kOpen, 5), "INV-3 INV-1 ");
  EXPECT_EQ(listed(InvoiceStatus::kPaid, 5), "INV-2 ");
  EXPECT_EQ(listed({}, 5), "INV-3 INV-2 INV-1 ");
  paid.received = ledger::Amount{5};
  put(paid);
  EXPECT_EQ(**store_->invoice(paid.id), paid);
  EXPECT_EQ(listed(InvoiceStatus::kPaid, 5), "INV-2 ");
}

TEST_P(StoreContract, RefusesCursorsOfOtherListsAndOfNone) {
  for (std::uint64_t number = 1; number <= 3; ++number) put(invoice_of(number));
  const auto cursor = (*store_->invoices({{}, "", 1}))->next_cursor;
  EXPECT_TRUE(store_->invoices({{}, cursor, 1})->has_value());
  EXPECT_FALSE(store_->invoices({InvoiceStatus::kOpen, cursor, 1})->has_value());
  EXPECT_FALSE(store_->invoices({{}, "x", 1})->has_value());
}

TEST_P(StoreContract, PagesAreBounded) {
  Changes changes;
  for (std::uint64_t number = 0; number < 150; ++number) {
    changes.invoices.push_back(invoice_of(number));
  }
  apply(changes);
  EXPECT_EQ((*store_->invoices({{}, "", 1000}))->invoices.size(), kInvoicePageMax);
  EXPECT_EQ((*store_->invoices({{}, "", 0}))->invoices.size(), 1U);
}

TEST_P(StoreContract, OpenInvoicesExpireSoonestFirst) {
  for (const auto number : {3, 1, 2}) put(invoice_of(static_cast<std::uint64_t>(number)));
  const auto before = [this](UnixMillis time, std::size_t limit) {
    std::string out;
    const auto invoices = store_->expiring_before(time, limit);
    for (const auto& invoice : *invoices) out += invoice.reference + " ";
    return out;
  };
  EXPECT_EQ(before(invoice_of(1).expires_at, 9), "");
  EXPECT_EQ(before(invoice_of(3).expires_at, 9), "INV-1 INV-2 ");
  EXPECT_EQ(before({UINT64_MAX}, 2), "INV-1 INV-2 ");
  auto ended = invoice_of(1);
  ended.status = InvoiceStatus::kVoid;
  put(ended);
  EXPECT_EQ(before({UINT64_MAX}, 9), "INV-2 INV-3 ");
  EXPECT_EQ(before({UINT64_MAX}, 1), "INV-2 ") << "what has ended is not in the way";
  put(invoice_of(0));
  EXPECT_EQ(before({UINT64_MAX}, 1), "INV-0 ") << "sooner than what was looked at before";
}

TEST_P(StoreContract, EventsAreReadInTheirOrder) {
  Changes changes;
  changes.events = {event(2, 0), event(1, 300), event(1, 2), event(256, 0)};
  apply(changes);
  const auto cursors = [](const std::vector<Event>& events) {
    std::string out;
    for (const auto& one : events) out += format_cursor(one.cursor) + " ";
    return out;
  };
  EXPECT_EQ(cursors(*store_->events_from_start(9)), "1-2 1-300 2-0 256-0 ");
  EXPECT_EQ(cursors(*store_->events_from_start(1)), "1-2 ");
  EXPECT_EQ(cursors(*store_->events_after({ledger::Height{1}, 2}, 2)), "1-300 2-0 ");
  EXPECT_EQ(cursors(*store_->events_after({ledger::Height{1}, 3}, 1)), "1-300 ");
  EXPECT_EQ(cursors(*store_->events_after({ledger::Height{256}, 0}, 9)), "");
  EXPECT_EQ(**store_->event({ledger::Height{2}, 0}), event(2, 0));
  EXPECT_FALSE(store_->event({ledger::Height{2}, 1})->has_value());
}

TEST_P(StoreContract, EndpointsAreKeptInTheOrderOfTheirMaking) {
  Changes changes;
  changes.endpoints = {endpoint_of(2)};
  apply(changes);
  changes.endpoints = {endpoint_of(3)};
  apply(changes);
  auto changed = endpoint_of(2);
  changed.status = EndpointStatus::kDisabled;
  changes.endpoints = {changed};
  apply(changes);
  EXPECT_EQ(store_->endpoints(), (std::vector{changed, endpoint_of(3)}));
  changes = {};
  changes.endpoints_erased = {changed.id};
  apply(changes);
  EXPECT_EQ(store_->endpoints(), std::vector{endpoint_of(3)});
}

using Ordinals = std::vector<std::uint32_t>;

TEST_P(StoreContract, DeliveriesToAnEndpointComeSoonestFirst) {
  put_endpoints();
  for (const auto& one : {delivery(1, 3, 300), delivery(1, 1, 100), delivery(2, 2, 200)}) put(one);
  EXPECT_EQ(to(1), (Ordinals{1, 3}));
  EXPECT_EQ(to(1, 1), Ordinals{1});
  EXPECT_EQ(to(2), Ordinals{2});
  EXPECT_EQ(to(3), Ordinals{});
  put(delivery(1, 9, 50));
  EXPECT_EQ(to(1), (Ordinals{9, 1, 3})) << "sooner than what was looked at before";
}

TEST_P(StoreContract, ADeliveryMovesOnOrEnds) {
  put_endpoints();
  put(delivery(1, 1, 100));
  put(delivery(1, 2, 100));
  auto later = delivery(1, 1, 500);
  later.attempts = 1;
  Changes changes;
  changes.delivery_steps = {{delivery(1, 1, 100), later}, {delivery(1, 2, 100), {}}};
  apply(changes);
  EXPECT_EQ(*store_->deliveries_to(later.endpoint, 9), std::vector{later});
  changes.delivery_steps = {{delivery(1, 2, 100), delivery(1, 2, 600)}};
  apply(changes);
  EXPECT_EQ(to(1), Ordinals{1}) << "what has ended stays so";
  changes.delivery_steps = {{later, {}}};
  apply(changes);
  EXPECT_EQ(to(1), Ordinals{});
  put(delivery(1, 7, 1));
  EXPECT_EQ(to(1), Ordinals{7});
}

TEST_P(StoreContract, AnErasedEndpointTakesItsDeliveriesAlong) {
  put_endpoints();
  for (const auto& one : {delivery(1, 1, 100), delivery(2, 2, 200), delivery(1, 3, 300)}) put(one);
  Changes changes;
  changes.endpoints_erased = {test::id_of<EndpointId>(1)};
  apply(changes);
  EXPECT_EQ(to(2), Ordinals{2});
  put_endpoints();
  EXPECT_EQ(to(1), Ordinals{});
}

TEST_P(StoreContract, IdempotencyRecordsAreForgottenOldestFirst) {
  for (std::uint64_t number = 1; number <= 4; ++number) {
    Changes changes;
    changes.idempotency = record_of(number, {100 * number});
    apply(changes);
  }
  EXPECT_EQ(**store_->idempotency(record_of(2, {}).key), record_of(2, {200}));
  EXPECT_EQ(*store_->forget_idempotency_before({400}, 2), 2U);
  EXPECT_FALSE(store_->idempotency(record_of(2, {}).key)->has_value());
  EXPECT_TRUE(store_->idempotency(record_of(3, {}).key)->has_value());
  EXPECT_EQ(*store_->forget_idempotency_before({400}, 9), 1U);
  EXPECT_EQ(*store_->forget_idempotency_before({400}, 9), 0U);
  EXPECT_TRUE(store_->idempotency(record_of(4, {}).key)->has_value());
}

TEST_P(StoreContract, AKeyThatIsUsedAgainIsAsYoungAsItsLastUse) {
  Changes changes;
  changes.idempotency = record_of(1, {100});
  apply(changes);
  changes.idempotency = record_of(1, {900});
  apply(changes);
  EXPECT_TRUE(store_->forget_idempotency_before({500}, 9));
  EXPECT_EQ(**store_->idempotency(record_of(1, {}).key), record_of(1, {900}));
}

TEST_P(StoreContract, EverythingOfAChangeIsThere) {
  Changes changes;
  changes.invoices = {invoice_of(1)};
  changes.events = {event(7, 0)};
  changes.endpoints = {endpoint_of(1)};
  changes.deliveries = {delivery(1, 0, 100)};
  changes.follow = FollowPoint{ledger::Height{7}, {}, {8}, 1};
  changes.idempotency = record_of(1, {1});
  apply(changes, Sync::kSynced);
  EXPECT_TRUE(store_->invoice(invoice_of(1).id)->has_value());
  EXPECT_EQ(store_->events_from_start(9)->size(), 1U);
  EXPECT_EQ(store_->endpoints().size(), 1U);
  EXPECT_EQ(to(1).size(), 1U);
  EXPECT_EQ(**store_->follow_point(), *changes.follow);
  EXPECT_TRUE(store_->idempotency(record_of(1, {}).key)->has_value());
}

INSTANTIATE_TEST_SUITE_P(All, StoreContract, testing::Values(Kind::kMemory, Kind::kRocksDb),
                         [](const auto& instance) {
                           return instance.param == Kind::kMemory ? "Memory" : "RocksDb";
                         });

}  // namespace
}  // namespace peerpay::api
