#pragma once
// One HTTP request to a server that others name: a webhook of a merchant, a checkout link. Made for
// hostile ends: the address that is connected to is the one that was checked, redirects are not
// followed, everything is bounded.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/message.h"
#include "base/expected.h"

namespace boost::asio {
class io_context;
}

namespace peerpay::http {

struct Url {
  bool is_tls = true;    // https
  std::string host;      // lower case; an IPv6 address without brackets
  std::uint16_t port = 443;
  std::string target;    // path and query, begins with "/"
  [[nodiscard]] std::string origin() const;  // "https://host[:port]"
};
// Absolute http and https URLs without user info or fragment, at most 2,048 bytes; on failure one
// sentence.
[[nodiscard]] base::Expected<Url, std::string> parse_url(std::string_view text);

// Which addresses may be connected to. Applied to every address that a name resolves to, at the
// moment of connecting: one forbidden address forbids the name.
enum class Reach : std::uint8_t {
  kPublic,              // global unicast addresses only (docs/spec/http.md, egress table)
  kPublicAndLoopback,   // development
  kAny,                 // what the user typed: the wallet
};
// Whether an IP address may be reached. `address`: text, any form that inet_pton takes.
[[nodiscard]] bool is_reachable(Reach reach, std::string_view address);

struct ClientRequest {
  Method method = Method::kPost;
  Url url;
  std::vector<Header> headers;  // Host, Content-Length and Connection are added
  std::string body;
};

struct ClientLimits {
  Reach reach = Reach::kPublic;
  std::chrono::milliseconds deadline{20'000};  // everything, from resolving to the last byte
  std::size_t answer_bytes_max = 64 * 1024;
  std::optional<std::string> ca_file;  // instead of the system's certificate authorities
};

enum class ClientFault : std::uint8_t {
  kForbiddenAddress,  // Reach does not allow it; nothing was sent
  kUnresolved,
  kUnreachable,
  kTls,
  kTimeout,
  kMalformed,  // no HTTP answer, or too long
};
[[nodiscard]] std::string_view name(ClientFault fault);

struct ClientError {
  ClientFault fault = ClientFault::kUnreachable;
  std::string message;  // one sentence
};

struct ClientAnswer {
  unsigned status = 0;
  std::vector<Header> headers;
  std::string body;
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

// A connection of its own, closed after the answer.
[[nodiscard]] Task<base::Expected<ClientAnswer, ClientError>> fetch(ClientRequest request,
                                                                   ClientLimits limits);
// The same for programs without a loop: waits.
[[nodiscard]] base::Expected<ClientAnswer, ClientError> fetch_and_wait(
    const ClientRequest& request, const ClientLimits& limits);

}  // namespace peerpay::http
