#pragma once
// ConnectionAcceptor: accepts the connections of one gRPC server and bounds them. gRPC's own
// listener (1.51) takes all that come, and is deaf for good once the process has no descriptor
// left.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/expected.h"
#include "base/time.h"
#include "node/net/flood_watch.h"

namespace peerpay::net {

struct AcceptorOptions {
  std::string address;  // host:port, all addresses of the host; port 0: any free one
  std::size_t connections_max = 0;
  // Of one connection, without a message or an answer that comes of them: then it floods
  // (flood_watch.h), ends, and its source gets no other for a while (penalties.h).
  std::uint64_t unused_bytes_max = 1024 * 1024;
  // Calls of the connection from `peer`, when known. Called on the acceptor's thread, in rounds.
  std::function<std::optional<CallCounts>(const std::string& peer)> counts =
      [](const std::string&) { return std::nullopt; };
  std::function<void()> begin_round = [] {};
  // Then a connection that has said nothing ends. (One whose turn has not come: ConnectionTable.)
  base::Duration silent_max = base::seconds(5);
};

class ConnectionAcceptor {
 public:
  // The sentence names the address and what the system says of it.
  [[nodiscard]] static base::Expected<std::unique_ptr<ConnectionAcceptor>, std::string> open(
      const AcceptorOptions& options);
  virtual ~ConnectionAcceptor() = default;

  // Hands each connection over that has said something, in its turn, with the ownership of its
  // descriptor, one after the other, on a thread that does nothing else: floods are noticed while
  // `hand_over` runs. At the bound the source with the most connections loses its newest
  // (ConnectionTable).
  virtual void start(std::function<void(int descriptor)> hand_over) = 0;
  // Ends the connection from `peer`, as gRPC writes it, soon, and refuses its source others for a
  // while: to be called for what can't be seen from here. Callable from any thread; does
  // nothing when there is no such connection.
  virtual void cut_off(const std::string& peer) = 0;
  // No connection is handed over any more when it returns.
  virtual void stop() = 0;

  [[nodiscard]] virtual std::uint16_t port() const = 0;
};

}  // namespace peerpay::net
