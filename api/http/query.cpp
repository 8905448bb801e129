#include "api/http/query.h"

#include <algorithm>

#include "api/http/characters.h"
#include "base/utf8.h"

namespace peerpay::http {
namespace {

// One name or value, as forms write it: "+" is a space.
std::optional<std::string> decode_part(std::string_view text) {
  std::string spaced{text};
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  std::optional<std::string> decoded = percent_decode(spaced);
  if (!decoded || decoded->find('\0') != std::string::npos) return std::nullopt;
  if (base::valid_utf8(*decoded) != *decoded) return std::nullopt;
  return decoded;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return decoded;
}

std::optional<Query> parse_query(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    if (query.size() == kQueryParametersMax) return std::nullopt;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    std::optional<std::string> name = decode_part(pair.substr(0, equals));
    std::optional<std::string> value = decode_part(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return std::nullopt;
    const auto is_same = [&](const auto& parameter) { return parameter.first == *name; };
    if (std::any_of(query.begin(), query.end(), is_same)) return std::nullopt;
    query.emplace_back(std::move(*name), std::move(*value));
  }
  return query;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (kUnreserved.has(c)) {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.push_back('%');
    encoded.push_back(kDigits[byte >> 4U]);
    encoded.push_back(kDigits[byte & 0x0fU]);
  }
  return encoded;
}

}  // namespace peerpay::http
