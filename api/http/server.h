#pragma once
// Server: HTTP/1.1 on one listening socket, with Boost.Beast behind it.
//
// Every request passes the framing gate (docs/spec/http.md, rules H1 ff.): Beast 1.81 accepts
// framings that a proxy in front may read otherwise, which is how requests are smuggled. Bounds hold
// from the first byte: header, body and whole-request deadlines, connections in all and from one
// address, requests per connection and under way.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

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
  std::size_t connections_per_address_max = 16'384;
  std::size_t requests_per_connection_max = 100'000;
  std::size_t requests_under_way_max = 4'096;  // above: 503 with Retry-After
};

struct ServerSettings {
  std::string host;  // an IP address
  std::uint16_t port = 0;  // 0: any free one
  ServerLimits limits;
};

// What the server tells about itself; read it any time on the loop.
struct ServerCounters {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t requests = 0;
  std::uint64_t requests_refused_by_gate = 0;
  std::uint64_t requests_timed_out = 0;
  std::size_t connections_open = 0;
  std::size_t requests_under_way = 0;
};

// The problem document for what the server itself refuses: status, stable code, one sentence.
using RefusalWriter =
    std::function<Response(unsigned status, std::string_view code, std::string_view sentence)>;

class Server {
 public:
  using Handle = std::function<Task<Response>(Request)>;

  // Binds; one sentence when it can't (port in use, no such address).
  [[nodiscard]] static base::Expected<std::unique_ptr<Server>, std::string> listen(
      boost::asio::io_context& loop, const ServerSettings& settings, Handle handle,
      RefusalWriter refusal);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] const ServerCounters& counters() const;

  // Takes no new connections; requests under way are finished, idle connections and event streams
  // are closed. Done when nothing is open, or when `patience` is over and the rest was cut.
  [[nodiscard]] Task<void> stop(std::chrono::milliseconds patience);

 private:
  struct State;
  explicit Server(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace peerpay::http
