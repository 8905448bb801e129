#include "api/core/idempotency.h"

#include <algorithm>

#include "base/bcs.h"

namespace peerpay::api {
namespace {

bool is_printable(char c) { return c >= ' ' && c <= '~'; }

// The content of a structured-field string (RFC 8941 section 3.3.3).
std::optional<std::string> unquoted(std::string_view text) {
  if (text.size() < 2 || text.back() != '"') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return std::nullopt;
    if (text[i] == '\\' && (++i == text.size() || (text[i] != '"' && text[i] != '\\'))) {
      return std::nullopt;
    }
    out.push_back(text[i]);
  }
  return out;
}

std::optional<std::string> bare(std::string_view text) {
  if (text.find('"') != std::string_view::npos) return std::nullopt;
  if (text.starts_with(' ') || text.ends_with(' ')) return std::nullopt;
  return std::string{text};
}

// Members in the order of their names, so that two bodies that mean the same become one.
json::Json in_order(const json::Json& value) {
  if (const auto* array = value.array()) {
    json::Json::Array out;
    for (const auto& element : *array) out.push_back(in_order(element));
    return out;
  }
  if (const auto* object = value.object()) {
    json::Json::Object out;
    for (const auto& [name, member] : *object) out.emplace_back(name, in_order(member));
    std::ranges::sort(out, {}, [](const auto& member) { return member.first; });
    return out;
  }
  return value;
}

}  // namespace

std::optional<std::string> parse_idempotency_key(std::string_view header) {
  if (!std::ranges::all_of(header, is_printable)) return std::nullopt;
  auto key = header.starts_with('"') ? unquoted(header) : bare(header);
  if (!key || key->empty() || key->size() > kIdempotencyKeyBytesMax) return std::nullopt;
  return key;
}

IdempotencyKey idempotency_key(const ApiKeyId& caller, std::string_view method,
                               std::string_view path, std::string_view key) {
  base::BcsWriter out;
  out.fixed(caller);
  for (const auto part : {method, path, key}) out.bytes(base::as_bytes(part));
  return {crypto::sha256(out.view()).bytes};
}

crypto::Hash request_hash(const json::Json& body) {
  return crypto::sha256(base::as_bytes(in_order(body).serialized()));
}

}  // namespace peerpay::api
