#pragma once
// NodeLink over gRPC. gRPC and protobuf are behind this header.

#include <memory>
#include <optional>
#include <string>

#include "api/link/node_link.h"
#include "base/endpoint.h"

namespace boost::asio {
class io_context;
}

namespace peerpay::api {

// Does not connect yet. `ca_pem`: see proto/channel/channel.h.
[[nodiscard]] std::unique_ptr<NodeLink> make_grpc_node_link(
    boost::asio::io_context& loop, const base::Endpoint& node,
    const std::optional<std::string>& ca_pem);

}  // namespace peerpay::api
