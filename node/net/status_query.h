#pragma once
// One question to a running node's client listener on this machine, for operators' tools.

#include <chrono>
#include <string>

#include "base/expected.h"
#include "proto/client/node_api.h"

namespace peerpay::net {

// Plaintext. On failure, one sentence.
[[nodiscard]] base::Expected<proto::NodeStatus, std::string> query_status(
    const std::string& address, std::chrono::milliseconds timeout);

}  // namespace peerpay::net
