#pragma once
// What an operator chooses for one node: node.toml in its home. What the network agrees on is in
// genesis.bcs.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/expected.h"
#include "node/core/config.h"

namespace peerpay::app {

struct NodeConfig {
  std::string peer_listen;  // host:port for the other validators; empty: the address in the genesis
  std::string client_listen = "127.0.0.1:26700";
  std::string client_tls_certificate;  // PEM files; both or none. Without them the listener must be
                                       // on loopback
  std::string client_tls_key;
  std::uint32_t verify_threads = 2;
  std::size_t mempool_bytes_max = node::MempoolConfig{}.bytes_max;
  std::size_t mempool_transactions_max = node::MempoolConfig{}.transactions_max;
  std::size_t mempool_operations_per_account_max = 4'096;
  bool keep_history = true;        // account to transactions index; fixed when the store is made
  std::string log_level = "info";  // debug, info, warn, error

  // One sentence when a value makes no sense.
  [[nodiscard]] std::optional<std::string> invalid_reason() const;
  [[nodiscard]] node::ReplicaConfig replica() const;
};

// Unknown keys and values of the wrong type are errors that name the key and its line. `source`
// names the text.
[[nodiscard]] base::Expected<NodeConfig, std::string> parse_node_config(const std::string& text,
                                                                        const std::string& source);
// The same file, complete, with a comment for each key: what `run --print-config` shows.
[[nodiscard]] std::string format_node_config(const NodeConfig& config);

}  // namespace peerpay::app
