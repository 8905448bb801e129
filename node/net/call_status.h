#pragma once
// How calls of clients end that fail: gRPC's status with "code: sentence", as node.proto promises.

#include <string>
#include <string_view>

#include "node/net/node_backend.h"

namespace grpc {
class Status;
}

namespace peerpay::net {

[[nodiscard]] std::string error_text(std::string_view code, std::string_view sentence);
[[nodiscard]] grpc::Status to_status(const QueryError& error);
[[nodiscard]] grpc::Status malformed(std::string_view sentence);
[[nodiscard]] grpc::Status busy();

}  // namespace peerpay::net
