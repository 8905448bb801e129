#pragma once
// The way to a node's client port: one channel, and what its errors mean. gRPC is behind this
// header.
//
// Plain text goes to loopback addresses only; every other node is spoken to over TLS, checked
// against the system's certificate authorities or the given ones. HTTP proxies are not used.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/endpoint.h"
#include "proto/channel/node_error.h"

namespace grpc {
class Channel;
class Status;
}  // namespace grpc

namespace peerpay::proto {

// Does not connect yet. `ca_pem`: certificate authorities to trust instead of the system's; asks
// for TLS on loopback, too.
[[nodiscard]] std::shared_ptr<grpc::Channel> make_channel(const base::Endpoint& node,
                                                          const std::optional<std::string>& ca_pem);

// REQUIRES: `status` is not OK. `node`: how messages call it.
[[nodiscard]] NodeError error_of(const grpc::Status& status, std::string_view node);
[[nodiscard]] NodeError malformed_answer(std::string_view node, std::string_view what);

}  // namespace peerpay::proto
