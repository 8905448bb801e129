#pragma once
// API keys: who may do what. A key is shown once; what is kept is its hash.
//
//   sk_test_<64 hex digits>    of a gateway on a test network
//   sk_live_<64 hex digits>    of one on the main network

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/ids.h"
#include "base/bytes.h"
#include "base/expected.h"
#include "base/time.h"
#include "crypto/hash.h"
#include "ledger/genesis.h"

namespace peerpay::api {

// Stored by name.
enum class Scope : std::uint8_t {
  kTransactionsWrite = 0,  // "transactions:write"
  kInvoicesRead,
  kInvoicesWrite,
  kWebhooksRead,
  kWebhooksWrite,
  kEventsRead,
};
inline constexpr std::size_t kScopes = 6;
[[nodiscard]] std::string_view name(Scope scope);
[[nodiscard]] std::optional<Scope> parse_scope(std::string_view text);

struct ApiKey {
  ApiKeyId id;
  std::string name;  // for people: 1 to 64 printable characters
  std::vector<Scope> scopes;
  crypto::Hash hash;  // SHA-256 of the whole key; it is random enough to need no salt
  base::UnixMillis created_at;
  [[nodiscard]] bool allows(Scope scope) const;
  friend bool operator==(const ApiKey&, const ApiKey&) = default;
};

inline constexpr std::size_t kApiKeysMax = 1'024;
using ApiKeySeed = base::FixedBytes<struct ApiKeySeedTag, 32>;

// The key that `seed` makes; `seed` must come from the system's entropy.
[[nodiscard]] std::string format_api_key(ledger::NetworkKind kind, const ApiKeySeed& seed);
[[nodiscard]] crypto::Hash hash_api_key(std::string_view key);
// Constant time in what the keys hold. Null: none of them.
[[nodiscard]] const ApiKey* find_api_key(const std::vector<ApiKey>& keys, std::string_view key);

// The key file: JSON, format 1.
[[nodiscard]] std::string format_key_file(const std::vector<ApiKey>& keys);
[[nodiscard]] base::Expected<std::vector<ApiKey>, std::string> parse_key_file(
    std::string_view text);

}  // namespace peerpay::api
