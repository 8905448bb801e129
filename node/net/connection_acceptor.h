#pragma once
// ConnectionAcceptor: accepts the connections of one gRPC server and bounds them. gRPC's own
// listener (1.51) takes all that come, and is deaf for good once the process has no descriptor
// left.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/expected.h"

namespace peerpay::net {

struct AcceptorOptions {
  std::string address;  // host:port, all addresses of the host; port 0: any free one
  std::size_t connections_max = 0;
};

class ConnectionAcceptor {
 public:
  // The sentence names the address and what the system says of it.
  [[nodiscard]] static base::Expected<std::unique_ptr<ConnectionAcceptor>, std::string> open(
      const AcceptorOptions& options);
  virtual ~ConnectionAcceptor() = default;

  // Hands each connection over, with the ownership of its descriptor, on a thread of its own. At
  // the bound the source with the most connections loses its newest (ConnectionTable).
  virtual void start(std::function<void(int descriptor)> hand_over) = 0;
  // No connection is handed over any more when it returns.
  virtual void stop() = 0;

  [[nodiscard]] virtual std::uint16_t port() const = 0;
};

}  // namespace peerpay::net
