#pragma once
// The wire form of answers (RFC 9112 section 4): a head and a body in one text, for one write.

#include <ctime>
#include <string>
#include <string_view>

#include "api/http/message.h"

namespace peerpay::http {

struct AnswerFraming {
  bool omits_body = false;  // the answer to HEAD: its header only
  bool is_last = false;     // the connection is closed after it
  bool is_chunked = false;  // an event stream: the body follows in chunks
  std::string_view date;    // IMF-fixdate
  std::string_view request_id;
};
// False for what must not be sent because it would break the framing: our bug.
[[nodiscard]] bool is_sendable(const Response& response);
// REQUIRES: is_sendable.
[[nodiscard]] std::string wire_form(const Response& response, const AnswerFraming& framing);

// One chunk of a chunked body. REQUIRES: `bytes` is not empty (an empty chunk ends the body).
[[nodiscard]] std::string chunk(std::string_view bytes);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7), whatever the locale.
[[nodiscard]] std::string http_date(std::time_t seconds);

}  // namespace peerpay::http
