#include "api/store/merchant_book.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "api/core/invoice_rules.h"
#include "base/check.h"

namespace peerpay::api {
namespace {

using base::Unexpected;

Unexpected<BookError> refused(BookFault fault, std::string message) {
  return Unexpected{BookError{fault, std::move(message)}};
}

bool is_wanted(const WebhookEndpoint& endpoint, EventType type) {
  if (endpoint.status != EndpointStatus::kEnabled) return false;
  return endpoint.types.empty() || std::ranges::find(endpoint.types, type) != endpoint.types.end();
}

// Gives events their places after a follow point, their bodies and their deliveries.
class EventWriter {
 public:
  EventWriter(const MerchantStore& store, const ObjectSettings& objects, FollowPoint point,
              base::UnixMillis now)
      : objects_{objects},
        instance_{store.instance()},
        endpoints_{store.endpoints()},
        point_{point},
        now_{now} {}

  void add(EventType type, const Invoice& invoice, base::UnixMillis timestamp, Changes& changes) {
    Event event;
    event.cursor = {point_.height, point_.next_ordinal++};
    event.id = event_id(instance_, event.cursor);
    event.type = type;
    event.timestamp = timestamp;
    event.invoice = invoice.id;
    event.payload = webhook_payload(objects_, event, invoice);
    for (const auto& endpoint : endpoints_) {
      if (!is_wanted(endpoint, type)) continue;
      changes.deliveries.push_back({endpoint.id, event.cursor, 0, now_});
    }
    changes.events.push_back(std::move(event));
  }
  // With the place of the next event.
  const FollowPoint& point() const { return point_; }

 private:
  const ObjectSettings& objects_;
  const base::Bytes& instance_;
  const std::vector<WebhookEndpoint> endpoints_;
  FollowPoint point_;
  const base::UnixMillis now_;
};

// What one block does to invoices. Each has at most one event of each type in a block, which shows
// it as it is after the block: a block full of tiny payments makes a few events, not thousands.
class BlockReading {
 public:
  explicit BlockReading(const MerchantStore& store) : store_{store} {}

  StoreResult<void> expire(base::UnixMillis time) {
    auto over = store_.expiring_before(time, kExpiriesPerBlockMax);
    if (!over) return Unexpected{over.error()};
    for (auto& invoice : *over) {
      const auto type = follow_time(invoice, time);
      PEERPAY_CHECK(type.has_value(), "what expires before the block is open and over");
      note(invoice.id, *type);
      invoices_.emplace(invoice.id, std::move(invoice));
    }
    return {};
  }

  StoreResult<void> pay(const ledger::Pay& pay, const InvoicePayment& payment) {
    if (!store_.is_payee(pay.payee)) return {};
    auto found = store_.invoice(
        InvoiceReference{{pay.payee, pay.tag}, pay.asset, base::to_text(pay.reference)});
    if (!found) return Unexpected{found.error()};
    if (!*found) return {};
    const InvoiceId id = (*found)->id;
    auto& invoice = invoices_.try_emplace(id, std::move(**found)).first->second;
    for (const auto type : follow_payment(invoice, payment)) note(id, type);
    return {};
  }

  void write(EventWriter& events, base::UnixMillis timestamp, Changes& changes) {
    for (const auto& [id, type] : happened_) events.add(type, invoices_.at(id), timestamp, changes);
    for (auto& [id, invoice] : invoices_) changes.invoices.push_back(std::move(invoice));
  }

 private:
  void note(const InvoiceId& id, EventType type) {
    if (seen_.insert({id, type}).second) happened_.emplace_back(id, type);
  }

  const MerchantStore& store_;
  std::map<InvoiceId, Invoice> invoices_;  // touched by the block, as they are so far
  std::vector<std::pair<InvoiceId, EventType>> happened_;
  std::set<std::pair<InvoiceId, EventType>> seen_;
};

StoreResult<void> read_payments(const ledger::Block& block, BlockReading& reading) {
  for (const auto& sealed : block.transactions) {
    const ledger::Transaction& body = sealed.transaction.body;
    InvoicePayment payment;
    payment.transaction = sealed.id;
    payment.height = block.header.height;
    payment.timestamp = block.header.timestamp;
    payment.payer = body.sender;
    for (const auto& operation : body.operations) {
      const auto done = std::visit(
          [&](const ledger::Pay& pay) {
            payment.amount = pay.amount;
            return reading.pay(pay, payment);
          },
          operation);
      if (!done) return done;
      ++payment.leg;
    }
  }
  return {};
}

Happenings happenings_of(Changes&& changes) {
  return {std::move(changes.invoices), std::move(changes.events), !changes.deliveries.empty()};
}

}  // namespace

MerchantBook::MerchantBook(MerchantStore& store, const ObjectSettings& objects)
    : store_{store}, objects_{objects} {}

BookResult<FollowPoint> MerchantBook::follow_point() const {
  const auto point = store_.follow_point();
  if (!point) return Unexpected{point.error()};
  if (!*point) {
    return refused(BookFault::kNotFollowing, "The gateway has not reached the ledger yet.");
  }
  return **point;
}

BookResult<void> MerchantBook::begin(const FollowPoint& point) {
  const auto present = store_.follow_point();
  if (!present) return Unexpected{present.error()};
  if (*present) return {};
  Changes changes;
  changes.follow = point;
  return store_.apply(changes, Sync::kSynced);
}

BookResult<Happenings> MerchantBook::finish_request(Changes&& changes) {
  if (const auto done = store_.apply(changes, Sync::kSynced); !done) {
    return Unexpected{done.error()};
  }
  return happenings_of(std::move(changes));
}

BookResult<Happenings> MerchantBook::create_invoice(const Invoice& invoice,
                                                    const RecordMaker& record) {
  PEERPAY_CHECK(invoice.status == InvoiceStatus::kOpen && invoice.payments.empty(),
                "an invoice begins open and unpaid");
  const auto point = follow_point();
  if (!point) return Unexpected{point.error()};
  const auto other =
      store_.invoice(InvoiceReference{invoice.payee, invoice.asset, invoice.reference});
  if (!other) return Unexpected{other.error()};
  if (*other) {
    return refused(BookFault::kReferenceInUse,
                   "Invoice " + format_id((*other)->id) + " has this payee, asset and reference.");
  }
  Changes changes;
  EventWriter events{store_, objects_, *point, invoice.created_at};
  events.add(EventType::kInvoiceOpened, invoice, invoice.created_at, changes);
  changes.invoices = {invoice};
  changes.follow = events.point();
  if (record) changes.idempotency = record(invoice);
  return finish_request(std::move(changes));
}

BookResult<Happenings> MerchantBook::void_invoice(const InvoiceId& id, base::UnixMillis now,
                                                  const RecordMaker& record) {
  const auto point = follow_point();
  if (!point) return Unexpected{point.error()};
  auto found = store_.invoice(id);
  if (!found) return Unexpected{found.error()};
  if (!*found) return refused(BookFault::kNotFound, "There is no invoice " + format_id(id) + ".");
  Invoice& invoice = **found;
  const auto type = api::void_invoice(invoice, now);
  if (!type) {
    return refused(BookFault::kNotOpen,
                   "Invoice " + format_id(id) + " is " + std::string{name(invoice.status)} + ".");
  }
  Changes changes;
  EventWriter events{store_, objects_, *point, now};
  events.add(*type, invoice, now, changes);
  changes.follow = events.point();
  if (record) changes.idempotency = record(invoice);
  changes.invoices = {std::move(invoice)};
  return finish_request(std::move(changes));
}

BookResult<void> MerchantBook::create_endpoint(const WebhookEndpoint& endpoint,
                                               const std::optional<IdempotencyRecord>& record) {
  if (store_.endpoints().size() >= kEndpointsMax) {
    return refused(BookFault::kEndpointsTooMany,
                   "There are " + std::to_string(kEndpointsMax) + " webhook endpoints already.");
  }
  Changes changes;
  changes.endpoints = {endpoint};
  changes.idempotency = record;
  return store_.apply(changes, Sync::kSynced);
}

BookResult<void> MerchantBook::erase_endpoint(const EndpointId& id) {
  const auto endpoints = store_.endpoints();
  if (std::ranges::find(endpoints, id, &WebhookEndpoint::id) == endpoints.end()) {
    return refused(BookFault::kNotFound, "There is no webhook endpoint " + format_id(id) + ".");
  }
  Changes changes;
  changes.endpoints_erased = {id};
  return store_.apply(changes, Sync::kSynced);
}

BookResult<Happenings> MerchantBook::follow_block(const ledger::Block& block,
                                                  const ledger::BlockHash& hash,
                                                  base::UnixMillis now) {
  const auto point = follow_point();
  if (!point) return Unexpected{point.error()};
  const ledger::BlockHeader& header = block.header;
  if (header.height != point->height.next() || header.parent != point->block) {
    return refused(BookFault::kNotNext,
                   "Block " + std::to_string(header.height.value) + " does not follow block " +
                       std::to_string(point->height.value) + ", up to which the ledger was read.");
  }
  BlockReading reading{store_};
  auto done = reading.expire(header.timestamp);
  if (done) done = read_payments(block, reading);
  if (!done) return Unexpected{done.error()};
  Changes changes;
  EventWriter events{store_, objects_, {header.height, hash, header.timestamp, 0}, now};
  reading.write(events, header.timestamp, changes);
  changes.follow = events.point();
  const Sync sync = changes.invoices.empty() ? Sync::kUnsynced : Sync::kSynced;
  done = store_.apply(changes, sync);
  if (!done) return Unexpected{done.error()};
  return happenings_of(std::move(changes));
}

StoreResult<void> MerchantBook::settle_deliveries(
    const std::function<Changes(const MerchantStore&)>& make) {
  const Changes changes = make(store_);
  PEERPAY_CHECK(changes.invoices.empty() && changes.events.empty() && !changes.follow,
                "deliveries change no invoice");
  return store_.apply(changes, Sync::kUnsynced);
}

BookResult<void> MerchantBook::keep(const IdempotencyRecord& record, Sync sync) {
  Changes changes;
  changes.idempotency = record;
  return store_.apply(changes, sync);
}

BookResult<std::size_t> MerchantBook::forget_records_before(base::UnixMillis time,
                                                            std::size_t limit) {
  return store_.forget_idempotency_before(time, limit);
}

}  // namespace peerpay::api
