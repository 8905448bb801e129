#pragma once
// Which network the gateway belongs to: DATA/genesis.bcs, taken once and never changed. A node of
// another network is refused for ever.

#include <string>

#include "api/app/exit_code.h"
#include "api/resources/services.h"
#include "base/bytes.h"

namespace peerpay::api {

// Reads the pinned genesis; kNodeUnreachable when there is none yet.
[[nodiscard]] Result<Network> read_pinned_network(const std::string& directory);
// Decodes and checks a genesis. `source`: where it is from, for messages.
[[nodiscard]] Result<Network> check_network(base::ByteView bytes, const std::string& source);
// Pins it for ever. REQUIRES: the bytes were checked.
[[nodiscard]] Result<void> pin_network(const std::string& directory, base::ByteView genesis);

}  // namespace peerpay::api
