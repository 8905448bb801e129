#pragma once
// What every gRPC server of a node refuses, whoever calls.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace grpc {
class ServerBuilder;
}

namespace peerpay::net {

struct ServerLimits {
  std::size_t message_bytes_max;
  std::size_t memory_bytes_max;  // of gRPC's buffers, all connections together
  int read_bytes_max;            // of one read from a connection; gRPC's own bound is 4 MiB
  int metadata_bytes_max;
  int streams_per_connection_max;
  std::optional<int> stream_unread_bytes_max;   // else gRPC follows the link's speed
  std::chrono::milliseconds handshake_timeout;  // to the end of TLS and HTTP/2 settings
  std::chrono::milliseconds keepalive_interval;
  std::chrono::milliseconds keepalive_timeout;
  std::chrono::milliseconds connection_idle_max;  // without a call, then the connection is closed
};

// What a connection may send until something comes of it: a message of the largest size and, as it
// is told only then, as much of one that is too large.
[[nodiscard]] constexpr std::uint64_t unused_bytes_max(std::size_t message_bytes_max) {
  return 2 * message_bytes_max + 64 * 1024;
}

// Compressed messages are refused too (a small one can unpack to a large one), and a port that
// another process listens on is an error instead of shared.
void limit_server(grpc::ServerBuilder& builder, const ServerLimits& limits);

// Server reflection and the standard health service. Reflection is the one service that holds a
// thread for each call: few are allowed.
void add_default_services(grpc::ServerBuilder& builder);
// Takes reflection and health checking, which gRPC adds to every server of a process that links
// them, from this one.
void remove_default_services(grpc::ServerBuilder& builder);

}  // namespace peerpay::net
