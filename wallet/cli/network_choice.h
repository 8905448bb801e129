#pragma once
// How a wallet comes to its network: at init, or, when it was made before the network existed, with
// the first command that asks a node (spec: wallet W2).

#include <optional>
#include <string>

#include "base/bytes.h"
#include "wallet/cli/context.h"
#include "wallet/cli/failure.h"
#include "wallet/cli/home.h"

namespace peerpay::wallet::cli {

struct NetworkSource {
  std::optional<std::string> genesis_file;  // otherwise the node is asked
  std::optional<std::string> chain_id;      // refuse any other network
};

// A network as it was found, and the bytes to pin.
struct FoundNetwork {
  base::Bytes genesis_bytes;
  Network network;
};
// Changes nothing.
[[nodiscard]] Result<FoundNetwork> find_network(const Context& context,
                                                const NetworkSource& source);

// Keeps the genesis, and the node that was named with it. REQUIRES: the lock of the home.
[[nodiscard]] Result<void> keep_network(const Context& context, const FoundNetwork& found);

// Gives the wallet, which has none, its network; refuses one of another kind than the wallet's.
// REQUIRES: the lock of the home.
[[nodiscard]] Result<Network> join_network(const Context& context, const NetworkSource& source);

// The wallet's network, for commands that ask a node: joins the node's when there is none yet, and
// says so. REQUIRES: the lock of the home is free.
[[nodiscard]] Result<Network> pinned_network(const Context& context);

}  // namespace peerpay::wallet::cli
