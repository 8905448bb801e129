#pragma once
// NodeClient over gRPC. gRPC and protobuf are behind this header.
//
// Plain text goes to loopback addresses only; every other node is spoken to over TLS, checked
// against the system's certificate authorities or those in NodeAddress::tls_ca.

#include <memory>

#include "wallet/cli/failure.h"
#include "wallet/cli/node_client.h"
#include "wallet/cli/settings.h"

namespace peerpay::wallet::cli {

// Does not connect yet. Fails when tls_ca can't be read.
[[nodiscard]] Result<std::unique_ptr<NodeClient>> make_grpc_node_client(const NodeAddress& address);

}  // namespace peerpay::wallet::cli
