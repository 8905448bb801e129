#include "wallet/payment_uri.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <set>
#include <utility>

#include "base/civil_time.h"
#include "base/utf8.h"
#include "ledger/limits.h"

namespace peerpay::wallet {
namespace {

using base::Unexpected;

constexpr std::string_view kScheme = "peerpay";
constexpr std::string_view kBrowserScheme = "web+peerpay";  // what a web page may register for
constexpr std::string_view kRequiredPrefix = "req-";
constexpr std::size_t kAmountLengthMax = 40;  // 20 digits on each side are more than any asset has
constexpr std::uint64_t kMsPerSecond = 1000;
constexpr std::uint64_t kLastSecond = base::kCivilTimeMax.value / 1000;

using Checked = base::Expected<void, std::string>;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

// The unreserved characters of RFC 3986, 2.3.
bool is_unreserved(char c) {
  return is_digit(c) || is_lower(c) || is_upper(c) ||
         std::string_view{"-._~"}.find(c) != std::string_view::npos;
}

// What else may stand in a query as it is (RFC 3986, 3.4); "&" and "=" divide it.
bool is_query_character(char c) {
  return is_unreserved(c) || std::string_view{"!$'()*+,;:@/?="}.find(c) != std::string_view::npos;
}

std::string lower(std::string_view text) {
  std::string out{text};
  for (auto& c : out) c = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string upper(std::string_view text) {
  std::string out{text};
  for (auto& c : out) c = is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

// Up to `end`, which is dropped from `rest` with what stood before it.
std::string_view take_until(std::string_view& rest, char end) {
  const auto at = rest.find(end);
  const auto taken = rest.substr(0, at);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return taken;
}

std::string quoted(std::string_view text) {
  return "\"" + base::printable(base::as_bytes(text)) + "\"";
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text[0] != '%') {
      if (!is_query_character(text[0])) return std::nullopt;
      out += text[0];
      text.remove_prefix(1);
      continue;
    }
    const auto byte = base::from_hex(text.substr(1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    out += static_cast<char>((*byte)[0]);
    text.remove_prefix(3);
  }
  return out;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const auto& c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      out += "%" + upper(base::to_hex({&byte, 1}));
    }
  }
  return out;
}

bool is_amount(std::string_view text) {
  const auto point = text.find('.');
  const auto is_number = [](std::string_view digits) {
    return !digits.empty() && std::all_of(digits.begin(), digits.end(), is_digit);
  };
  if (text.size() > kAmountLengthMax) return false;
  if (point == std::string_view::npos) return is_number(text);
  return is_number(text.substr(0, point)) && is_number(text.substr(point + 1));
}

bool is_asset_code(std::string_view text) {
  return !text.empty() && text.size() <= ledger::kAssetCodeLengthMax && is_upper(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_upper(c) || is_digit(c); });
}

std::optional<base::UnixMillis> parse_seconds(std::string_view text) {
  std::uint64_t seconds = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, seconds);
  if (parsed.ec != std::errc{} || parsed.ptr != end || seconds > kLastSecond) return std::nullopt;
  return base::UnixMillis{seconds * kMsPerSecond};
}

Checked take_amount(PaymentRequest& request, const std::string& value) {
  if (!is_amount(value)) {
    return Unexpected{"Its amount " + quoted(value) + " is not digits with at most one period."};
  }
  request.amount = value;
  return {};
}

Checked take_asset(PaymentRequest& request, const std::string& value) {
  auto code = upper(value);
  if (!is_asset_code(code)) {
    return Unexpected{"Its asset " + quoted(value) +
                      " is not a code of 1 to 12 letters and digits."};
  }
  request.asset = std::move(code);
  return {};
}

Checked take_reference(PaymentRequest& request, const std::string& value) {
  if (value.size() > ledger::kReferenceBytesMax) {
    return Unexpected{"Its reference has " + std::to_string(value.size()) + " bytes; at most " +
                      std::to_string(ledger::kReferenceBytesMax) + " are allowed."};
  }
  request.reference = value;
  return {};
}

Checked take_label(PaymentRequest& request, const std::string& value) {
  request.label = value;
  return {};
}

Checked take_message(PaymentRequest& request, const std::string& value) {
  request.message = value;
  return {};
}

Checked take_expiry(PaymentRequest& request, const std::string& value) {
  request.expires_at = parse_seconds(value);
  if (request.expires_at) return {};
  return Unexpected{"Its exp " + quoted(value) + " is not a time in seconds since 1970."};
}

struct Key {
  std::string_view name;
  Checked (*take)(PaymentRequest&, const std::string& value);
};
constexpr Key kKeys[] = {{"amount", take_amount},   {"asset", take_asset},
                         {"ref", take_reference},   {"label", take_label},
                         {"message", take_message}, {"exp", take_expiry}};

Checked take_pair(PaymentRequest& request, std::string_view pair, std::set<std::string>& seen) {
  auto value = pair;
  const auto key = lower(take_until(value, '='));
  if (key.empty() || !std::all_of(key.begin(), key.end(), is_unreserved)) {
    return Unexpected{"It has the malformed key " + quoted(key) + "."};
  }
  if (!seen.insert(key).second) return Unexpected{"It has the key " + quoted(key) + " twice."};
  if (key.starts_with(kRequiredPrefix)) {
    return Unexpected{"It asks for " + quoted(key) + ", which this program does not know."};
  }
  const auto* known = std::find_if(std::begin(kKeys), std::end(kKeys),
                                   [&](const Key& one) { return one.name == key; });
  const auto text = percent_decoded(value);
  if (!text) {
    return Unexpected{"The value of " + quoted(key) +
                      " has a character that must be percent-encoded."};
  }
  if (known == std::end(kKeys)) return {};
  if (!base::is_plain_text(*text)) {
    return Unexpected{"The value of " + quoted(key) + " is not UTF-8 text without controls."};
  }
  return known->take(request, *text);
}

void add_pair(std::string& uri, std::string_view key, std::string_view value) {
  uri += uri.find('?') == std::string::npos ? '?' : '&';
  uri += key;
  uri += '=';
  uri += percent_encoded(value);
}

}  // namespace

std::string format_payment_uri(ledger::NetworkKind kind, const PaymentRequest& request) {
  auto out = std::string{kScheme} + ":" + ledger::format_address(kind, request.payee);
  if (request.amount) add_pair(out, "amount", *request.amount);
  if (request.asset) add_pair(out, "asset", *request.asset);
  if (!request.reference.empty()) add_pair(out, "ref", request.reference);
  if (!request.label.empty()) add_pair(out, "label", request.label);
  if (!request.message.empty()) add_pair(out, "message", request.message);
  if (request.expires_at) {
    add_pair(out, "exp", std::to_string(request.expires_at->value / kMsPerSecond));
  }
  return out;
}

base::Expected<PaymentRequest, std::string> parse_payment_uri(ledger::NetworkKind kind,
                                                              std::string_view text) {
  if (text.size() > kPaymentUriBytesMax) {
    return Unexpected{"It has more than " + std::to_string(kPaymentUriBytesMax) + " bytes."};
  }
  auto rest = text;
  const auto scheme = lower(take_until(rest, ':'));
  if (scheme != kScheme && scheme != kBrowserScheme) {
    return Unexpected{"It does not begin with \"peerpay:\"."};
  }
  const auto payee = ledger::parse_address(kind, take_until(rest, '?'));
  if (!payee) return Unexpected{"Its address is wrong: " + payee.error()};
  PaymentRequest out{.payee = *payee,
                     .amount = {},
                     .asset = {},
                     .reference = {},
                     .label = {},
                     .message = {},
                     .expires_at = {}};
  std::set<std::string> seen;
  while (!rest.empty()) {
    if (const auto taken = take_pair(out, take_until(rest, '&'), seen); !taken) {
      return Unexpected{taken.error()};
    }
  }
  // Whoever asks for it anew, as a QR code or a link, writes it in the one way.
  if (format_payment_uri(kind, out).size() > kPaymentUriBytesMax) {
    return Unexpected{"With all that this program percent-encodes it has more than " +
                      std::to_string(kPaymentUriBytesMax) + " bytes."};
  }
  return out;
}

std::string payment_uri_for_qr(std::string_view uri) {
  const auto address_end = std::min(uri.find('?'), uri.size());
  return upper(uri.substr(0, address_end)) + std::string{uri.substr(address_end)};
}

}  // namespace peerpay::wallet
