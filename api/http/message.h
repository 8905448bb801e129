#pragma once
// Requests and responses of HTTP/1.1 as plain values. The sockets are behind server.h.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http/task.h"

namespace peerpay::http {

// The last four have no resource; they are known so that the router can answer with what has.
enum class Method : std::uint8_t {
  kGet,
  kHead,
  kPost,
  kDelete,
  kOptions,
  kPut,
  kPatch,
  kTrace,
  kQuery,
};
inline constexpr std::array kMethods{Method::kGet,    Method::kHead,    Method::kPost,
                                     Method::kDelete, Method::kOptions, Method::kPut,
                                     Method::kPatch,  Method::kTrace,   Method::kQuery};
[[nodiscard]] std::string_view name(Method method);

// A resource that takes longer bodies than the others.
struct LongBodies {
  Method method = Method::kPost;
  std::string path;
  std::size_t bytes_max = 0;
};

struct Header {
  std::string name;
  std::string value;
};

// What passed the framing gate (framing.h): one Host, a bounded target, a whole body.
struct Request {
  Method method = Method::kGet;
  std::string path;   // percent-decoded, begins with "/", no empty, "." or ".." segment
  std::string query;  // as sent, without "?"
  std::vector<Header> headers;
  std::string body;
  bool is_body_unread = false;  // there is one, which was not wanted (ServerSettings::wants_body)
  std::string remote_address;   // of the connection: an IP address
  std::string id;               // unique to this request; also in the answer, header Request-Id

  // Case does not matter. Empty when there is none, or more than one.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
};

// The body of an answer that does not end by itself (Server-Sent Events).
class EventSource {
 public:
  virtual ~EventSource() = default;
  // The next piece of the body, already in its wire form; empty text: nothing to say, but the time
  // for a sign of life has come; nothing: the end. Must complete soon when it is cancelled (Asio's
  // terminal cancellation), which happens when the client goes away or the server stops; what it
  // then returns or throws is dropped.
  [[nodiscard]] virtual Task<std::optional<std::string>> next() = 0;
};

struct Response {
  unsigned status = 200;
  std::vector<Header> headers;  // the server adds Date, Content-Length, Connection, Request-Id
  std::string body;
  std::unique_ptr<EventSource> events;  // instead of `body`

  // In place of what the field said before. REQUIRES: neither has control characters.
  void set(std::string name, std::string value);
};

}  // namespace peerpay::http
