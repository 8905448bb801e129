#pragma once
// gRPC as the node sets it up, once for the test program, with its log kept.

#include <string>
#include <vector>

namespace peerpay::net {

// What gRPC has logged since the last call.
[[nodiscard]] std::vector<std::string> take_grpc_log();

}  // namespace peerpay::net
