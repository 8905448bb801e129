#pragma once
// What is under way between two simulated nodes.

#include <cstddef>
#include <memory>
#include <optional>

#include "node/core/messages.h"

namespace peerpay::sim {

// Read and checked when it is sent, once for all receivers of a broadcast: what bytes mean and
// whether a key has signed them does not depend on who reads them.
struct SentMessage {
  std::size_t bytes = 0;
  std::optional<node::PeerMessage> content;  // empty: the bytes don't decode
  bool verifies = false;                     // what a node checks before its replica gets it
};
using SentMessagePtr = std::shared_ptr<const SentMessage>;

}  // namespace peerpay::sim
