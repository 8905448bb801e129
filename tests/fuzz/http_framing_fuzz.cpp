// The framing gate against a reader nobody here wrote: whatever the gate takes, Boost.Beast reads
// as the same message of the same length, so that no proxy and no server ever disagree where a
// request ends. The input is a whole connection: requests are read until one is refused.

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>

#include "api/http/framing.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;
using namespace peerpay::http;
namespace beast = boost::beast;

constexpr std::size_t kRequestsMax = 16;

struct Reading {
  std::string method;
  std::string target;  // as sent
  std::string body;
  std::size_t fields = 0;
  std::size_t bytes = 0;  // of the request; what is behind belongs to the next
  bool is_percent_encoded = false;
  bool ends_connection = false;
};

std::optional<Reading> read_with_gate(std::string_view bytes) {
  const FramingLimits limits;
  const auto end = find_header_end(bytes, limits);
  if (!end || !*end) return std::nullopt;
  PEERPAY_CHECK(**end <= limits.header_bytes_max && **end <= bytes.size(), "the limit holds");
  const auto head = check_header_block(bytes.substr(0, **end), limits);
  if (!head) return std::nullopt;
  Reading reading{.method = std::string{name(head->method)},
                  .target = head->path + (head->query.empty() ? "" : "?" + head->query),
                  .body = {},
                  .fields = head->headers.size(),
                  .bytes = **end,
                  .is_percent_encoded = bytes.substr(0, **end).find('%') != std::string_view::npos,
                  .ends_connection = head->ends_connection};
  const std::string_view rest = bytes.substr(**end);
  if (head->framing == BodyFraming::kLength) {
    PEERPAY_CHECK(head->body_bytes >= 1 && head->body_bytes <= head->body_bytes_max, "a length");
    if (rest.size() < head->body_bytes) return std::nullopt;
    reading.body = rest.substr(0, head->body_bytes);
    reading.bytes += head->body_bytes;
  } else if (head->framing == BodyFraming::kChunked) {
    ChunkedReader reader{head->body_bytes_max, limits.chunk_line_bytes_max};
    const auto taken = reader.take(rest, reading.body);
    if (!taken || !reader.is_done()) return std::nullopt;
    PEERPAY_CHECK(reading.body.size() <= head->body_bytes_max, "the body is bounded");
    reading.bytes += *taken;
  }
  return reading;
}

std::optional<Reading> read_with_beast(std::string_view bytes) {
  beast::http::request_parser<beast::http::string_body> parser;
  parser.eager(true);
  beast::error_code error;
  Reading reading;
  while (reading.bytes < bytes.size() && !parser.is_done()) {
    const std::string_view rest = bytes.substr(reading.bytes);
    const std::size_t count = parser.put(boost::asio::buffer(rest.data(), rest.size()), error);
    if (error || count == 0) return std::nullopt;
    reading.bytes += count;
  }
  if (!parser.is_done()) return std::nullopt;
  reading.method = std::string{parser.get().method_string()};
  reading.target = std::string{parser.get().target()};
  reading.body = parser.get().body();
  for (const auto& field : parser.get()) reading.fields += field.name_string().empty() ? 0 : 1;
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view connection = fuzz::as_text({data, size});
  for (std::size_t i = 0; i < kRequestsMax && !connection.empty(); ++i) {
    const auto ours = read_with_gate(connection);
    if (!ours) return 0;
    const auto theirs = read_with_beast(connection);
    PEERPAY_CHECK(theirs, "the other reader takes it");
    PEERPAY_CHECK(ours->bytes == theirs->bytes, "it ends in the same place");
    PEERPAY_CHECK(ours->body == theirs->body, "it has the same body");
    PEERPAY_CHECK(ours->method == theirs->method, "it asks for the same");
    PEERPAY_CHECK(ours->is_percent_encoded || ours->target == theirs->target ||
                      ours->target + "?" == theirs->target,
                  "of the same target");
    if (ours->ends_connection) return 0;
    connection.remove_prefix(ours->bytes);
  }
  return 0;
}
