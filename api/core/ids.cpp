#include "api/core/ids.h"

#include <cstdint>

namespace peerpay::api {
namespace {

using base::ByteView;

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kDigits = 26;  // 130 bits: two zeros, then the 128 of the id

std::string format(std::string_view prefix, ByteView id) {
  std::string out{prefix};
  std::uint32_t pending = 0;
  int pending_bits = 2;
  for (const auto byte : id) {
    pending = (pending << 8 | byte) & 0xffff;
    for (pending_bits += 8; pending_bits >= 5; pending_bits -= 5) {
      out.push_back(kAlphabet[pending >> (pending_bits - 5) & 0x1f]);
    }
  }
  return out;
}

template <class Id>
std::optional<Id> parse(std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + kDigits || !text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  Id out;
  std::size_t filled = 0;
  std::uint32_t pending = 0;
  int pending_bits = -2;
  for (const char c : text) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    if (pending_bits < 0 && value > 7) return std::nullopt;  // the two zeros
    pending = (pending << 5 | static_cast<std::uint32_t>(value)) & 0xffff;
    pending_bits += 5;
    if (pending_bits < 8) continue;
    pending_bits -= 8;
    out.bytes[filled++] = static_cast<std::uint8_t>(pending >> pending_bits);
  }
  return out;
}

constexpr std::string_view kInvoice = "inv_";
constexpr std::string_view kEndpoint = "we_";
constexpr std::string_view kEvent = "evt_";
constexpr std::string_view kApiKey = "key_";

}  // namespace

std::string format_id(const InvoiceId& id) { return format(kInvoice, id.view()); }
std::string format_id(const EndpointId& id) { return format(kEndpoint, id.view()); }
std::string format_id(const EventId& id) { return format(kEvent, id.view()); }
std::string format_id(const ApiKeyId& id) { return format(kApiKey, id.view()); }

std::optional<InvoiceId> parse_invoice_id(std::string_view text) {
  return parse<InvoiceId>(kInvoice, text);
}
std::optional<EndpointId> parse_endpoint_id(std::string_view text) {
  return parse<EndpointId>(kEndpoint, text);
}
std::optional<EventId> parse_event_id(std::string_view text) {
  return parse<EventId>(kEvent, text);
}
std::optional<ApiKeyId> parse_api_key_id(std::string_view text) {
  return parse<ApiKeyId>(kApiKey, text);
}

}  // namespace peerpay::api
