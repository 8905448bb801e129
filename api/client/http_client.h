#pragma once
// One HTTP request to a server that others name: a webhook of a merchant, a checkout link. Made for
// hostile ends: the address that is connected to is the one that was checked, redirects are not
// followed, everything is bounded.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/message.h"
#include "base/expected.h"

namespace peerpay::http {

struct Url {
  bool is_tls = true;  // https
  std::string host;    // lower case; an IPv6 address without brackets
  std::uint16_t port = 443;
  std::string target;                           // path and query, begins with "/"
  [[nodiscard]] std::string authority() const;  // "host[:port]", as header Host has it
  [[nodiscard]] std::string origin() const;     // "https://host[:port]"
};
inline constexpr std::size_t kUrlBytesMax = 2048;
// Absolute http and https URLs without user info or fragment, at most kUrlBytesMax bytes; on
// failure one sentence. Only what every reader of URLs takes the same way: ASCII, a host that is a
// name of letters, digits and hyphens or an address as inet_pton takes it (no octal, no
// hexadecimal, no zone), everything else percent-encoded.
[[nodiscard]] base::Expected<Url, std::string> parse_url(std::string_view text);

// Which addresses may be connected to. Applied to every address that a name resolves to, at the
// moment of connecting: one forbidden address forbids the name.
enum class Reach : std::uint8_t {
  kPublic,             // global unicast addresses only (docs/spec/webhooks.md, W-H2)
  kPublicAndLoopback,  // development
  kAny,                // what the user typed: the wallet
};
// Whether an IP address may be reached. `address`: text, any form that inet_pton takes; false for
// everything else.
[[nodiscard]] bool is_reachable(Reach reach, std::string_view address);

// REQUIRES: header names and values without control characters.
struct ClientRequest {
  Method method = Method::kPost;
  Url url;
  std::vector<Header> headers;  // Host, Content-Length and Connection are added
  std::string body;
};

struct ClientLimits {
  Reach reach = Reach::kPublic;
  std::chrono::milliseconds deadline{20'000};  // everything, from resolving to the last byte
  std::size_t header_bytes_max = 16 * 1024;
  std::size_t answer_bytes_max = 64 * 1024;  // of the body; the rest is not read
  std::optional<std::string> ca_file = {};   // instead of the system's certificate authorities
};

enum class ClientFault : std::uint8_t {
  kForbiddenAddress,  // Reach does not allow it; nothing was sent
  kUnresolved,
  kUnreachable,
  kTls,
  kTimeout,
  kMalformed,  // no HTTP answer, or a header that is too long
};
[[nodiscard]] std::string_view name(ClientFault fault);

struct ClientError {
  ClientFault fault = ClientFault::kUnreachable;
  std::string message;  // one sentence
};

// Once the header is there, the server has answered: nothing that happens to the body is a fault.
struct ClientAnswer {
  unsigned status = 0;  // 200 to 599; interim answers (1xx) are passed over
  std::vector<Header> headers;
  std::string body;           // at most answer_bytes_max bytes
  bool is_body_whole = true;  // false: longer, cut off by the server, or not there by the deadline
  // Case does not matter. Empty when there is none, or more than one.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

// A connection of its own, closed after the answer. Redirects are answers. Names are looked up
// once; the addresses that were checked are the ones that are tried, in order. TLS is 1.2 or newer,
// with a certificate for the host. Cancellation of the coroutine ends it with kTimeout.
[[nodiscard]] Task<base::Expected<ClientAnswer, ClientError>> fetch(ClientRequest request,
                                                                    ClientLimits limits);
using Fetch =
    std::function<Task<base::Expected<ClientAnswer, ClientError>>(ClientRequest, ClientLimits)>;
// The same for programs without a loop: waits.
[[nodiscard]] base::Expected<ClientAnswer, ClientError> fetch_and_wait(const ClientRequest& request,
                                                                       const ClientLimits& limits);

}  // namespace peerpay::http
