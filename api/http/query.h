#pragma once
// The query of a URL, "a=1&b=x%20y" (WHATWG URL, application/x-www-form-urlencoded).

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace peerpay::http {

// Names and values, percent-decoded, in order. Nothing when it is malformed, is not UTF-8, has a
// NUL, names a parameter twice, or has more than kQueryParametersMax of them.
inline constexpr std::size_t kQueryParametersMax = 64;
using Query = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] std::optional<Query> parse_query(std::string_view text);

// Nothing when a "%" is not followed by two hex digits. "+" stays.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

// Escapes all but unreserved characters (RFC 3986).
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace peerpay::http
