#pragma once
// What the kernel counts of a TCP connection.

#include <cstdint>
#include <optional>

namespace peerpay::net {

// Bytes received, and acknowledged, since it was opened. Empty when the descriptor is no TCP
// socket.
[[nodiscard]] std::optional<std::uint64_t> received_bytes(int descriptor);
// Those of them that its owner has not read yet.
[[nodiscard]] std::uint64_t unread_bytes(int descriptor);

}  // namespace peerpay::net
