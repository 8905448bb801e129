#pragma once
// Names of the gateway's objects: a prefix that says what it is, then 128 random bits in
// Crockford's base 32, lower case, 26 characters: "inv_0k3t…". Unguessable, so a link to an invoice
// is a secret.

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace peerpay::api {

using InvoiceId = base::FixedBytes<struct InvoiceIdTag, 16>;
using EndpointId = base::FixedBytes<struct EndpointIdTag, 16>;
// Not random: a hash of the gateway's own id and the event's cursor, so an event that is made again
// after a crash keeps its id.
using EventId = base::FixedBytes<struct EventIdTag, 16>;
using ApiKeyId = base::FixedBytes<struct ApiKeyIdTag, 16>;

[[nodiscard]] std::string format_id(const InvoiceId& id);   // "inv_…"
[[nodiscard]] std::string format_id(const EndpointId& id);  // "we_…"
[[nodiscard]] std::string format_id(const EventId& id);     // "evt_…"
[[nodiscard]] std::string format_id(const ApiKeyId& id);    // "key_…"
// Only the exact form that format_id writes.
[[nodiscard]] std::optional<InvoiceId> parse_invoice_id(std::string_view text);
[[nodiscard]] std::optional<EndpointId> parse_endpoint_id(std::string_view text);
[[nodiscard]] std::optional<EventId> parse_event_id(std::string_view text);
[[nodiscard]] std::optional<ApiKeyId> parse_api_key_id(std::string_view text);

}  // namespace peerpay::api
