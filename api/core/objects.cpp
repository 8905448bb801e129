#include "api/core/objects.h"

#include "api/core/time_text.h"
#include "base/check.h"

namespace peerpay::api {
namespace {

using json::Json;

const ledger::Asset& asset_of(const ledger::Genesis& genesis, ledger::AssetId id) {
  const auto* asset = genesis.asset(id);
  PEERPAY_CHECK(asset != nullptr, "objects name assets of their network");
  return *asset;
}

Json time_json(const std::optional<base::UnixMillis>& time) {
  return time ? Json{format_time(*time)} : Json{};
}

Json account_json(const ObjectSettings& settings, const ledger::Address& address) {
  return ledger::format_address(settings.genesis.kind, address);
}

Json payment_json(const ObjectSettings& settings, const Invoice& invoice,
                  const InvoicePayment& payment) {
  return Json::Object{{"transaction", base::to_hex(payment.transaction.view())},
                      {"payer", account_json(settings, {payment.payer, {}})},
                      {"amount", amount_json(settings.genesis, payment.amount, invoice.asset)},
                      {"height", payment.height.value},
                      {"paid_at", format_time(payment.timestamp)}};
}

Json payments_json(const ObjectSettings& settings, const Invoice& invoice) {
  Json::Array out;
  for (const auto& payment : invoice.payments) {
    out.push_back(payment_json(settings, invoice, payment));
  }
  return out;
}

Json payment_uri_json(const ObjectSettings& settings, const Invoice& invoice) {
  if (invoice.status != InvoiceStatus::kOpen) return {};
  return settings.format_payment_uri(payment_request(settings, invoice));
}

Json links_json(const ObjectSettings& settings, const std::string& id) {
  return Json::Object{{"self", "/v1/invoices/" + id}, {"checkout", settings.base_url + "/c/" + id}};
}

}  // namespace

Json amount_json(const ledger::Genesis& genesis, ledger::Amount amount, ledger::AssetId id) {
  const auto& asset = asset_of(genesis, id);
  return Json::Object{{"value", ledger::format_amount(amount, asset.scale)}, {"asset", asset.code}};
}

Json metadata_json(const Metadata& metadata) {
  Json::Object out;
  for (const auto& [key, value] : metadata) out.emplace_back(key, value);
  return out;
}

wallet::PaymentRequest payment_request(const ObjectSettings& settings, const Invoice& invoice) {
  const auto& asset = asset_of(settings.genesis, invoice.asset);
  const auto rest = invoice.amount.checked_sub(invoice.received).value_or(ledger::Amount{});
  wallet::PaymentRequest request;
  request.payee = invoice.payee;
  request.amount = ledger::format_amount(rest, asset.scale);
  request.asset = asset.code;
  request.reference = invoice.reference;
  request.label = settings.label;
  request.message = invoice.description;
  request.expires_at = invoice.expires_at;
  return request;
}

Json invoice_json(const ObjectSettings& settings, const Invoice& invoice) {
  const auto id = format_id(invoice.id);
  const auto& genesis = settings.genesis;
  return Json::Object{{"object", "invoice"},
                      {"id", id},
                      {"livemode", genesis.kind == ledger::NetworkKind::kMain},
                      {"status", name(invoice.status)},
                      {"payee", account_json(settings, invoice.payee)},
                      {"amount", amount_json(genesis, invoice.amount, invoice.asset)},
                      {"received", amount_json(genesis, invoice.received, invoice.asset)},
                      {"reference", invoice.reference},
                      {"description", invoice.description},
                      {"metadata", metadata_json(invoice.metadata)},
                      {"created_at", format_time(invoice.created_at)},
                      {"expires_at", format_time(invoice.expires_at)},
                      {"ended_at", time_json(invoice.ended_at)},
                      {"payments", payments_json(settings, invoice)},
                      {"payment_uri", payment_uri_json(settings, invoice)},
                      {"links", links_json(settings, id)}};
}

Json checkout_json(const ObjectSettings& settings, const Invoice& invoice, Sight sight) {
  const auto& genesis = settings.genesis;
  const bool is_up_to_date = sight == Sight::kUpToDate;
  return Json::Object{{"object", "checkout"},
                      {"id", format_id(invoice.id)},
                      {"status", name(invoice.status)},
                      {"payee", account_json(settings, invoice.payee)},
                      {"amount", amount_json(genesis, invoice.amount, invoice.asset)},
                      {"received", amount_json(genesis, invoice.received, invoice.asset)},
                      {"reference", invoice.reference},
                      {"description", invoice.description},
                      {"expires_at", format_time(invoice.expires_at)},
                      {"payment_uri", is_up_to_date ? payment_uri_json(settings, invoice) : Json{}},
                      {"is_up_to_date", is_up_to_date},
                      {"label", settings.label}};
}

std::string webhook_payload(const ObjectSettings& settings, const Event& event,
                            const Invoice& invoice) {
  const Json payload = Json::Object{{"type", name(event.type)},
                                    {"timestamp", format_time(event.timestamp)},
                                    {"data", invoice_json(settings, invoice)},
                                    {"id", format_id(event.id)},
                                    {"cursor", format_cursor(event.cursor)}};
  return payload.serialized();
}

Json event_json(const Event& event) {
  const auto payload = Json::parsed(event.payload);
  PEERPAY_CHECK(payload && payload->object() != nullptr, "a payload is an object");
  Json::Object out = {{"object", "event"}};
  out.insert(out.end(), payload->object()->begin(), payload->object()->end());
  return out;
}

}  // namespace peerpay::api
