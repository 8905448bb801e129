#pragma once
// The JSON of invoices and events, as docs/spec/http.md and the OpenAPI document show it.

#include <cstdint>
#include <functional>
#include <string>

#include "api/core/event.h"
#include "api/core/invoice.h"
#include "base/json/json.h"
#include "ledger/genesis.h"
#include "wallet/payment_uri.h"

namespace peerpay::api {

// What objects say beyond what is stored; the same while a gateway runs.
struct ObjectSettings {
  const ledger::Genesis& genesis;
  std::string base_url;  // "https://pay.example", without a slash at its end
  std::string label;     // who asks, in the words of the gateway's operator; may be empty
  // Text of a payment URI: wallet::format_payment_uri of the genesis's network.
  std::function<std::string(const wallet::PaymentRequest&)> format_payment_uri;
};

// {"value": "12.50", "asset": "USD"}. REQUIRES: the genesis has the asset.
[[nodiscard]] json::Json amount_json(const ledger::Genesis& genesis, ledger::Amount amount,
                                     ledger::AssetId id);
[[nodiscard]] json::Json metadata_json(const Metadata& metadata);

// What a payer is asked for: the rest, when a part was paid already.
[[nodiscard]] wallet::PaymentRequest payment_request(const ObjectSettings& settings,
                                                     const Invoice& invoice);

// The merchant's view. "payment_uri" is null unless the invoice is open: nobody shall be invited to
// pay twice.
[[nodiscard]] json::Json invoice_json(const ObjectSettings& settings, const Invoice& invoice);
// Whether the gateway would see a payment now. If not, nobody is invited to pay.
enum class Sight : std::uint8_t { kUpToDate, kBlind };
// The payer's view: without metadata, payments and payers. "payment_uri" is null unless the invoice
// is open and a payment would be seen.
[[nodiscard]] json::Json checkout_json(const ObjectSettings& settings, const Invoice& invoice,
                                       Sight sight);

// The body of the webhook: {"type", "timestamp", "data": the invoice, "id", "cursor"}.
[[nodiscard]] std::string webhook_payload(const ObjectSettings& settings, const Event& event,
                                          const Invoice& invoice);
// The payload as an object of the API: {"object": "event", ...}. REQUIRES: webhook_payload made it.
[[nodiscard]] json::Json event_json(const Event& event);

}  // namespace peerpay::api
