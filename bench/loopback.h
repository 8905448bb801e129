#pragma once
// Connections to this machine that come from several of its addresses, as of several hosts.

#include <cstddef>
#include <cstdint>

#include "base/os/descriptor.h"

namespace peerpay::bench {

// 127.0.0.2 and following: never that of the honest clients, 127.0.0.1.
struct LoopbackHost {
  std::size_t index = 0;
};

// A socket that connects from there to 127.0.0.1:`port`, not blocking; empty when it can't.
[[nodiscard]] os::Descriptor connect_from(LoopbackHost host, std::uint16_t port);

}  // namespace peerpay::bench
