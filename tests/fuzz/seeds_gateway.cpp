// What the gateway stores.

#include "api/store/schema.h"
#include "tests/fuzz/seeds.h"

namespace peerpay::fuzz {
namespace {

api::Invoice rich_invoice() {
  api::Invoice invoice;
  invoice.id.bytes.fill(1);
  invoice.status = api::InvoiceStatus::kPaid;
  invoice.payee.tag = 42;
  invoice.amount = ledger::Amount{100};
  invoice.reference = "INV-1";
  invoice.description = "two coffees";
  invoice.metadata = {{"cart", "7"}, {"order", "12"}};
  invoice.created_at.value = 1'700'000'000'000;
  invoice.expires_at.value = 1'700'000'060'000;
  invoice.ended_at = base::UnixMillis{1'700'000'030'000};
  invoice.received = ledger::Amount{100};
  invoice.payments.push_back({{}, 1, {7}, {1'700'000'030'000}, {}, ledger::Amount{100}});
  return invoice;
}

api::WebhookEndpoint rich_endpoint() {
  api::WebhookEndpoint endpoint;
  endpoint.status = api::EndpointStatus::kDisabled;
  endpoint.status_reason = "gone";
  endpoint.url = "https://shop.example/hooks";
  endpoint.types = {api::EventType::kInvoicePaid};
  endpoint.secret.assign(api::kWebhookSecretBytes, 7);
  endpoint.failing_since = base::UnixMillis{9};
  return endpoint;
}

}  // namespace

Seeds gateway_seeds() {
  Seeds seeds;
  const auto add = [&seeds](base::Bytes row) {
    seeds.emplace_back("merchant_rows", std::move(row));
  };
  const auto invoice = rich_invoice();
  add(encode(invoice));
  add(encode(api::Invoice{}));
  add(encode(rich_endpoint()));
  add(encode(api::WebhookEndpoint{}));
  add(encode(api::Event{{}, {{7}, 3}, api::EventType::kInvoicePaid, {9}, invoice.id, "{}"}));
  add(encode(api::FollowPoint{{7}, {}, {9}, 3}));
  api::IdempotencyRecord record;
  record.status = 201;
  record.headers = {{"Location", "/v1/invoices/inv_1"}};
  record.body = "{}";
  add(encode(record));
  add(api::time_key({9}, invoice.id));
  const auto cursor = api::format_list_cursor({}, {{9}, invoice.id});
  add(base::Bytes{cursor.begin(), cursor.end()});
  return seeds;
}

}  // namespace peerpay::fuzz
