#pragma once
// What an operator may choose for one node. What the network agrees on is in the genesis.

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace peerpay::node {

struct MempoolConfig {
  std::size_t bytes_max = 16 * 1024 * 1024;
  std::size_t transactions_max = 32'768;
  std::size_t operations_per_payer_max = 4'096;
  [[nodiscard]] std::optional<std::string_view> invalid_reason() const;
};

struct ReplicaConfig {
  MempoolConfig mempool;
  base::Duration gossip_delay_max = base::milliseconds(5);
  base::Duration reannounce_interval =
      base::milliseconds(2'000);  // of what still waits, to peers not known to have it
  base::Duration fetch_timeout = base::milliseconds(500);  // then another peer is asked
  [[nodiscard]] std::optional<std::string_view> invalid_reason() const;
};

}  // namespace peerpay::node
