#pragma once
// Server: HTTP/1.1 on one listening socket, coroutines over Boost.Asio.
//
// Every request passes the framing gate (framing.h; docs/spec/http.md, H1 to H9). Bounds hold from
// the first byte (H10 to H15): header, whole-request, write and idle deadlines, connections in all
// and from one address, requests per connection and under way, bytes of bodies.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/http/fault.h"
#include "api/http/message.h"
#include "base/expected.h"

namespace boost::asio {
class io_context;
}

namespace peerpay::http {

struct ServerLimits {
  std::size_t header_bytes_max = 8 * 1024;
  std::size_t body_bytes_max = 64 * 1024;
  std::size_t target_bytes_max = 2 * 1024;
  std::chrono::milliseconds header_deadline{5'000};    // from the first byte of a request
  std::chrono::milliseconds request_deadline{15'000};  // header and body
  std::chrono::milliseconds write_deadline{15'000};    // of an answer, and of each piece of events
  std::chrono::milliseconds idle_deadline{75'000};     // between requests
  std::size_t connections_max = 16'384;
  std::size_t connections_per_address_max = 4'096;  // of an IPv6 address: its /64
  std::size_t requests_per_connection_max = 100'000;
  std::size_t requests_under_way_max = 4'096;  // in handlers; above: 503 with Retry-After
  // Of bodies, from their first byte to their answer; above: the same for who has been sending for
  // longest.
  std::size_t body_bytes_held_max = 64 * 1024 * 1024;
};

struct ServerSettings {
  std::string host;        // an IP address
  std::uint16_t port = 0;  // 0: any free one
  ServerLimits limits;
  std::optional<LongBodies> long_bodies = std::nullopt;
  // Whether to wait for the rest of this request's body. Otherwise the handler gets the request
  // without it, and its answer ends the connection. Without this function: always.
  std::function<bool(const Request&)> wants_body = {};
  // A handler threw, or answered what can't be sent; the client got "internal_error".
  std::function<void(std::string_view request_id, std::string_view reason)> on_handler_failure;
};

// What the server tells about itself; read it any time on the loop.
struct ServerCounters {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t requests = 0;  // answered by a handler or by the server
  std::uint64_t requests_refused_by_gate = 0;
  std::uint64_t requests_timed_out = 0;
  std::uint64_t requests_overloaded = 0;  // answered 503 by the server itself
  std::uint64_t handler_failures = 0;
  std::uint64_t accept_pauses = 0;  // out of descriptors or memory
  std::size_t connections_open = 0;
  std::size_t requests_under_way = 0;
};

// The problem document for what the server itself refuses (fault.h lists all of it). The server
// adds the headers that a status asks for: Retry-After to 503.
using RefusalWriter = std::function<Response(const Refusal&, std::string_view request_id)>;

class Server {
 public:
  using Handle = std::function<Task<Response>(Request)>;

  // Binds; one sentence when it can't (port in use, no such address). REQUIRES: one thread runs the
  // loop, and the loop outlives the server.
  [[nodiscard]] static base::Expected<std::unique_ptr<Server>, std::string> listen(
      boost::asio::io_context& loop, const ServerSettings& settings, Handle handle,
      RefusalWriter refusal);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] const ServerCounters& counters() const;

  // Takes no new connections; requests under way are finished, idle connections and event streams
  // are closed. Done when nothing is open, or when `patience` is over and the rest was cut: its
  // handlers are cancelled. Destroying the server cuts without patience.
  [[nodiscard]] Task<void> stop(std::chrono::milliseconds patience);

 private:
  struct State;
  explicit Server(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace peerpay::http
