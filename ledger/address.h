#pragma once
// Addresses: what people exchange. Bech32m text of version and payload, human-readable part "peer"
// on the main network and "tpeer" on test networks.
//   version 0: account id (32 bytes)      version 1: account id || tag u64 big-endian (40 bytes)

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/expected.h"
#include "ledger/genesis.h"
#include "ledger/ids.h"

namespace peerpay::ledger {

struct Address {
  AccountId account;
  std::optional<std::uint64_t> tag;
  friend bool operator==(const Address&, const Address&) = default;
};

[[nodiscard]] std::string format_address(NetworkKind kind, const Address& address);
// On failure one sentence that says what is wrong: checksum, wrong network, unknown version,
// length.
[[nodiscard]] base::Expected<Address, std::string> parse_address(NetworkKind kind,
                                                                 std::string_view text);

}  // namespace peerpay::ledger
