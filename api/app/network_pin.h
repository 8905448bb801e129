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
// Checks and pins a genesis, in canonical bytes. `source`: where it is from, for messages.
[[nodiscard]] Result<Network> pin_network(const std::string& directory, base::ByteView genesis,
                                          const std::string& source);

}  // namespace peerpay::api
