#include "api/core/api_key.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/json/json.h"

namespace peerpay::api {
namespace {

using json::Json;

constexpr std::array<std::string_view, kScopes> kScopeNames = {
    "transactions:write", "invoices:read",  "invoices:write",
    "webhooks:read",      "webhooks:write", "events:read"};
constexpr std::uint64_t kFormat = 1;

// Does not stop at the first difference.
bool is_equal(const crypto::Hash& a, const crypto::Hash& b) {
  unsigned difference = 0;
  for (std::size_t i = 0; i < crypto::Hash::kSize; ++i) {
    difference |= static_cast<unsigned>(a.bytes[i] ^ b.bytes[i]);
  }
  return difference == 0;
}

Json json_of(const ApiKey& key) {
  Json::Array scopes;
  for (const auto scope : key.scopes) scopes.emplace_back(name(scope));
  return Json::Object{{"id", format_id(key.id)},
                      {"name", key.name},
                      {"scopes", std::move(scopes)},
                      {"sha256", base::to_hex(key.hash.view())},
                      {"created_at_ms", key.created_at.value}};
}

std::optional<std::vector<Scope>> scopes_from(const Json* json) {
  const auto* names = json == nullptr ? nullptr : json->array();
  if (names == nullptr) return std::nullopt;
  std::vector<Scope> out;
  for (const auto& entry : *names) {
    const auto scope = parse_scope(entry.text().value_or(""));
    if (!scope) return std::nullopt;
    out.push_back(*scope);
  }
  return out;
}

std::optional<ApiKey> key_from(const Json& json) {
  const auto id = parse_api_key_id(json.member_text("id").value_or(""));
  const auto hash = base::fixed_from_hex<crypto::Hash>(json.member_text("sha256").value_or(""));
  auto name = json.member_text("name");
  auto scopes = scopes_from(json.member("scopes"));
  const auto created_at = json.member_number("created_at_ms");
  if (!id || !hash || !name || !scopes || !created_at) return std::nullopt;
  return ApiKey{*id, *std::move(name), *std::move(scopes), *hash, base::UnixMillis{*created_at}};
}

}  // namespace

std::string_view name(Scope scope) { return kScopeNames[static_cast<std::size_t>(scope)]; }

std::optional<Scope> parse_scope(std::string_view text) {
  for (std::size_t i = 0; i < kScopes; ++i) {
    if (kScopeNames[i] == text) return static_cast<Scope>(i);
  }
  return std::nullopt;
}

bool ApiKey::allows(Scope scope) const {
  return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

std::string format_api_key(ledger::NetworkKind kind, const ApiKeySeed& seed) {
  return (kind == ledger::NetworkKind::kMain ? "sk_live_" : "sk_test_") + base::to_hex(seed.view());
}

crypto::Hash hash_api_key(std::string_view key) { return crypto::sha256(base::as_bytes(key)); }

const ApiKey* find_api_key(const std::vector<ApiKey>& keys, std::string_view key) {
  const auto hash = hash_api_key(key);
  const ApiKey* found = nullptr;
  for (const auto& candidate : keys) {
    if (is_equal(candidate.hash, hash)) found = &candidate;
  }
  return found;
}

std::string format_key_file(const std::vector<ApiKey>& keys) {
  Json::Array entries;
  for (const auto& key : keys) entries.push_back(json_of(key));
  return Json{Json::Object{{"format", kFormat}, {"keys", std::move(entries)}}}.serialized() + "\n";
}

base::Expected<std::vector<ApiKey>, std::string> parse_key_file(std::string_view text) {
  const auto damaged = base::Unexpected{std::string{"It is no list of API keys."}};
  const auto json = Json::parsed(text);
  if (!json || json->member_number("format") != kFormat) return damaged;
  const auto* entries = json->member("keys");
  if (entries == nullptr || entries->array() == nullptr) return damaged;
  std::vector<ApiKey> out;
  for (const auto& entry : *entries->array()) {
    auto key = key_from(entry);
    if (!key || out.size() == kApiKeysMax) return damaged;
    out.push_back(*std::move(key));
  }
  return out;
}

}  // namespace peerpay::api
