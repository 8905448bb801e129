#include "api/store/merchant_book.h"

#include <gtest/gtest.h>

#include "tests/support/api/memory_store.h"
#include "tests/unit/api_store/shop.h"

namespace peerpay::api {
namespace {

using test::BlockMaker;
using test::endpoint_of;
using test::invoice_of;
using test::kStart;
using test::pay;
using test::record_of;
using Legs = std::vector<ledger::Pay>;

base::UnixMillis at(std::uint64_t ms) { return {kStart.value + ms}; }

class MerchantBookTest : public testing::Test {
 protected:
  MerchantBookTest() { EXPECT_TRUE(book_.begin(blocks_.genesis_point())); }

  Happenings create(const Invoice& invoice) {
    auto made = book_.create_invoice(invoice, {});
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return made ? std::move(*made) : Happenings{};
  }
  Happenings follow(std::uint64_t ms, const std::vector<Legs>& transactions) {
    const auto made = blocks_.next(at(ms), transactions);
    auto followed = book_.follow_block(made.block, made.hash, at(ms + 1));
    EXPECT_TRUE(followed) << (followed ? "" : followed.error().message);
    return followed ? std::move(*followed) : Happenings{};
  }
  Invoice stored(std::uint64_t number) const {
    return **store_.invoice(test::id_of<InvoiceId>(number));
  }
  // "TYPE CURSOR" of each.
  static std::string shown(const std::vector<Event>& events) {
    std::string out;
    for (const auto& event : events) {
      out += std::string{name(event.type)} + " " + format_cursor(event.cursor) + "; ";
    }
    return out;
  }

  test::MemoryStore store_;
  MerchantBook book_{store_, test::objects()};
  BlockMaker blocks_;
};

TEST_F(MerchantBookTest, AnInvoiceIsPaidByABlock) {
  EXPECT_EQ(shown(create(invoice_of(1)).events), "invoice.opened 0-0; ");
  const auto happened = follow(10, {{pay(invoice_of(1), 100)}});
  EXPECT_EQ(shown(happened.events), "invoice.paid 1-0; ");
  ASSERT_EQ(happened.invoices.size(), 1U);
  EXPECT_EQ(happened.invoices[0], stored(1));
  const auto invoice = stored(1);
  EXPECT_EQ(invoice.status, InvoiceStatus::kPaid);
  EXPECT_EQ(invoice.ended_at, at(10));
  ASSERT_EQ(invoice.payments.size(), 1U);
  EXPECT_EQ(invoice.payments[0].height, ledger::Height{1});
  EXPECT_EQ(invoice.payments[0].timestamp, at(10));
  EXPECT_EQ(invoice.payments[0].payer, ledger::test::test_account(2));
}

TEST_F(MerchantBookTest, EventsHaveIdsOfTheirCursorAndTheirPayload) {
  create(invoice_of(1));
  const auto happened = follow(10, {{pay(invoice_of(1), 100)}});
  const Event& event = happened.events.at(0);
  EXPECT_EQ(event.id, event_id(store_.instance(), event.cursor));
  EXPECT_EQ(event.timestamp, at(10));
  EXPECT_EQ(event.invoice, invoice_of(1).id);
  EXPECT_EQ(event.payload, webhook_payload(test::objects(), event, stored(1)));
  EXPECT_EQ(**store_.event(event.cursor), event);
}

TEST_F(MerchantBookTest, PayeeTagAssetAndReferenceMustAllMatch) {
  auto invoice = invoice_of(1);
  invoice.payee.tag = 7;
  create(invoice);
  auto wrong_tag = pay(invoice, 100);
  wrong_tag.tag = 8;
  auto no_tag = pay(invoice, 100);
  no_tag.tag.reset();
  auto wrong_asset = pay(invoice, 100);
  wrong_asset.asset = ledger::test::kUsd;
  auto wrong_payee = pay(invoice, 100);
  wrong_payee.payee = ledger::test::test_account(5);
  auto wrong_reference = pay(invoice, 100);
  wrong_reference.reference.push_back('x');
  const auto happened =
      follow(10, {{wrong_tag, no_tag}, {wrong_asset}, {wrong_payee}, {wrong_reference}});
  EXPECT_TRUE(happened.events.empty());
  EXPECT_EQ(stored(1), invoice);
}

TEST_F(MerchantBookTest, LegsOfOneBlockAddUpInOneEvent) {
  create(invoice_of(1));
  const auto happened = follow(10, {{pay(invoice_of(1), 30), pay(invoice_of(1), 30)},
                                    {pay(invoice_of(1), 40)},
                                    {pay(invoice_of(1), 5), pay(invoice_of(1), 5)}});
  EXPECT_EQ(shown(happened.events),
            "invoice.payment_received 1-0; invoice.paid 1-1; invoice.payment_unexpected 1-2; ");
  EXPECT_EQ(stored(1).received, ledger::Amount{110});
  ASSERT_EQ(stored(1).payments.size(), 5U);
  EXPECT_EQ(stored(1).payments[1].leg, 1U);
  EXPECT_EQ(stored(1).payments[2].leg, 0U);
}

TEST_F(MerchantBookTest, ABlockLaterThanItsTimeEndsAnInvoice) {
  create(invoice_of(1));
  create(invoice_of(2));
  EXPECT_EQ(shown(follow(60'001, {}).events), "") << "at its last moment";
  EXPECT_EQ(shown(follow(60'002, {}).events), "invoice.expired 2-0; ");
  EXPECT_EQ(stored(1).status, InvoiceStatus::kExpired);
  EXPECT_EQ(stored(2).status, InvoiceStatus::kOpen);
  EXPECT_EQ(shown(follow(70'000, {{pay(invoice_of(1), 100)}, {pay(invoice_of(2), 100)}}).events),
            "invoice.expired 3-0; invoice.payment_unexpected 3-1; "
            "invoice.payment_unexpected 3-2; ");
}

TEST_F(MerchantBookTest, EventsOfRequestsStandAfterTheBlockBefore) {
  create(invoice_of(1));
  EXPECT_EQ(shown(create(invoice_of(2)).events), "invoice.opened 0-1; ");
  follow(10, {{pay(invoice_of(1), 100)}});
  EXPECT_EQ(shown(create(invoice_of(3)).events), "invoice.opened 1-1; ");
  const auto voided = book_.void_invoice(invoice_of(2).id, at(20), {});
  ASSERT_TRUE(voided);
  EXPECT_EQ(shown(voided->events), "invoice.voided 1-2; ");
  EXPECT_EQ(stored(2).ended_at, at(20));
  EXPECT_EQ(shown(*store_.events_from_start(9)),
            "invoice.opened 0-0; invoice.opened 0-1; invoice.paid 1-0; invoice.opened 1-1; "
            "invoice.voided 1-2; ");
}

TEST_F(MerchantBookTest, OnlyAnOpenInvoiceIsVoided) {
  create(invoice_of(1));
  follow(10, {{pay(invoice_of(1), 100)}});
  const auto paid = book_.void_invoice(invoice_of(1).id, at(20), {});
  ASSERT_FALSE(paid);
  EXPECT_EQ(paid.error().fault, BookFault::kNotOpen);
  const auto unknown = book_.void_invoice(invoice_of(9).id, at(20), {});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().fault, BookFault::kNotFound);
}

TEST_F(MerchantBookTest, AReferenceIsUsedOnce) {
  create(invoice_of(1));
  auto again = invoice_of(2);
  again.reference = "INV-1";
  const auto refused = book_.create_invoice(again, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, BookFault::kReferenceInUse);
  EXPECT_TRUE(book_.void_invoice(invoice_of(1).id, at(1), {}));
  EXPECT_FALSE(book_.create_invoice(again, {})) << "not free again after the end";
  again.payee.tag = 1;
  EXPECT_TRUE(book_.create_invoice(again, {}));
}

TEST_F(MerchantBookTest, TheAnswerIsKeptWithTheChange) {
  const auto record = [](const Invoice& invoice) {
    auto out = record_of(1, kStart);
    out.body = name(invoice.status);
    return out;
  };
  ASSERT_TRUE(book_.create_invoice(invoice_of(1), record));
  EXPECT_EQ((*store_.idempotency(record_of(1, {}).key))->body, "open");
  ASSERT_TRUE(book_.void_invoice(invoice_of(1).id, at(1), record));
  EXPECT_EQ((*store_.idempotency(record_of(1, {}).key))->body, "void");
  ASSERT_TRUE(book_.keep(record_of(2, kStart), Sync::kUnsynced));
  EXPECT_TRUE(store_.idempotency(record_of(2, {}).key)->has_value());
  EXPECT_EQ(*book_.forget_records_before(at(1), 9), 2U);
}

TEST_F(MerchantBookTest, WhatIsToldIsOnDiskBefore) {
  create(invoice_of(1));
  EXPECT_EQ(store_.last_sync(), Sync::kSynced);
  follow(10, {});
  EXPECT_EQ(store_.last_sync(), Sync::kUnsynced) << "nothing to tell";
  follow(20, {{pay(invoice_of(1), 1)}});
  EXPECT_EQ(store_.last_sync(), Sync::kSynced);
  follow(30, {{pay(invoice_of(2), 1)}});
  EXPECT_EQ(store_.last_sync(), Sync::kUnsynced);
  follow(90'000, {});
  EXPECT_EQ(store_.last_sync(), Sync::kSynced) << "it expired";
}

TEST_F(MerchantBookTest, RefusesBlocksThatAreNotNext) {
  const auto first = blocks_.next(at(1), {});
  const auto second = blocks_.next(at(2), {});
  const auto fault = [this](const BlockMaker::Made& made) {
    const auto followed = book_.follow_block(made.block, made.hash, at(3));
    return followed ? std::string{"followed"} : followed.error().message;
  };
  EXPECT_EQ(fault(second), "Block 2 does not follow block 0, up to which the ledger was read.");
  EXPECT_EQ(fault(first), "followed");
  EXPECT_NE(fault(first), "followed") << "twice";
  auto other = second;
  other.block.header.parent = {};
  EXPECT_NE(fault(other), "followed");
  EXPECT_EQ(fault(second), "followed");
  EXPECT_EQ((*store_.follow_point())->block, second.hash);
}

TEST_F(MerchantBookTest, NothingIsDoneBeforeTheLedgerWasReached) {
  test::MemoryStore store;
  MerchantBook book{store, test::objects()};
  const auto refused = book.create_invoice(invoice_of(1), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, BookFault::kNotFollowing);
  EXPECT_TRUE(book.begin(blocks_.genesis_point()));
  auto later = blocks_.genesis_point();
  later.height = ledger::Height{9};
  EXPECT_TRUE(book.begin(later));
  EXPECT_EQ((*store.follow_point())->height, ledger::Height{0}) << "begins once";
}

TEST_F(MerchantBookTest, EnabledEndpointsGetTheEventsTheyAskedFor) {
  auto paid_only = endpoint_of(1);
  paid_only.types = {EventType::kInvoicePaid};
  auto disabled = endpoint_of(2);
  disabled.status = EndpointStatus::kDisabled;
  for (const auto& endpoint : {paid_only, disabled, endpoint_of(3)}) {
    ASSERT_TRUE(book_.create_endpoint(endpoint, {}));
  }
  EXPECT_TRUE(create(invoice_of(1)).has_deliveries);
  EXPECT_TRUE(follow(10, {{pay(invoice_of(1), 100)}}).has_deliveries);
  EXPECT_FALSE(follow(20, {}).has_deliveries);
  const EventCursor opened{ledger::Height{0}, 0};
  const EventCursor paid{ledger::Height{1}, 0};
  EXPECT_EQ(*store_.deliveries_to(endpoint_of(3).id, 9),
            (std::vector<Delivery>{{endpoint_of(3).id, opened, 0, invoice_of(1).created_at},
                                   {endpoint_of(3).id, paid, 0, at(11)}}));
  EXPECT_EQ(*store_.deliveries_to(paid_only.id, 9),
            (std::vector<Delivery>{{paid_only.id, paid, 0, at(11)}}));
  EXPECT_TRUE(store_.deliveries_to(disabled.id, 9)->empty());
}

TEST_F(MerchantBookTest, DeliveriesAreSettledFromWhatTheStoreHoldsThen) {
  const auto id = endpoint_of(1).id;
  ASSERT_TRUE(book_.create_endpoint(endpoint_of(1), {}));
  create(invoice_of(1));
  const auto delivery = store_.deliveries_to(id, 9)->at(0);
  const auto end_it = [&delivery](const MerchantStore& store) {
    Changes changes;
    EXPECT_EQ(store.endpoints().size(), 1U);
    changes.delivery_steps = {{delivery, {}}};
    return changes;
  };
  EXPECT_TRUE(book_.settle_deliveries(end_it));
  EXPECT_TRUE(store_.deliveries_to(id, 9)->empty());
  EXPECT_EQ(store_.last_sync(), Sync::kUnsynced);
}

TEST_F(MerchantBookTest, EndpointsAreErasedOnce) {
  ASSERT_TRUE(book_.create_endpoint(endpoint_of(1), {}));
  ASSERT_TRUE(book_.erase_endpoint(endpoint_of(1).id));
  EXPECT_TRUE(store_.endpoints().empty());
  const auto again = book_.erase_endpoint(endpoint_of(1).id);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().fault, BookFault::kNotFound);
}

TEST_F(MerchantBookTest, EndpointsAreBounded) {
  for (std::uint64_t number = 0; number < kEndpointsMax; ++number) {
    ASSERT_TRUE(book_.create_endpoint(endpoint_of(number), {}));
  }
  const auto refused = book_.create_endpoint(endpoint_of(99), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, BookFault::kEndpointsTooMany);
}

TEST_F(MerchantBookTest, AStoreThatFailsChangesNothing) {
  create(invoice_of(1));
  store_.fail_changes("The disk is full.");
  const auto made = blocks_.next(at(10), {{pay(invoice_of(1), 100)}});
  const auto followed = book_.follow_block(made.block, made.hash, at(11));
  ASSERT_FALSE(followed);
  EXPECT_EQ(followed.error().fault, BookFault::kStore);
  EXPECT_EQ(followed.error().message, "The disk is full.");
  EXPECT_EQ(stored(1).status, InvoiceStatus::kOpen);
}

TEST_F(MerchantBookTest, ManyExpiriesAreSpreadOverBlocksAndPaymentsDoNotSlipIn) {
  for (std::uint64_t number = 0; number <= kExpiriesPerBlockMax; ++number) {
    Changes changes;
    changes.invoices = {invoice_of(number)};
    ASSERT_TRUE(store_.apply(changes, Sync::kUnsynced));
  }
  const auto last = invoice_of(kExpiriesPerBlockMax);
  const auto happened = follow(9'000'000, {{pay(last, 100)}});
  EXPECT_EQ(happened.events.size(), kExpiriesPerBlockMax + 2) << "the last one by its payment";
  EXPECT_EQ(stored(kExpiriesPerBlockMax).status, InvoiceStatus::kExpired);
  EXPECT_TRUE(follow(9'000'001, {}).events.empty());
}

}  // namespace
}  // namespace peerpay::api
