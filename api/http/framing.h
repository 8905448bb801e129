#pragma once
// The framing gate: which bytes are a request (docs/spec/http.md, H1 to H9). Pure.
//
// It is stricter than RFC 9112 where two readers of the same bytes could disagree, since that is
// how a request is smuggled past a proxy: it never repairs, folds, merges or guesses. Whatever it
// refuses ends the connection, so that no byte after it is ever read as a request.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/fault.h"
#include "api/http/message.h"
#include "base/expected.h"

namespace peerpay::http {

struct FramingLimits {
  std::size_t header_bytes_max = 8 * 1024;  // from the first byte to the empty line, inclusive
  std::size_t target_bytes_max = 2 * 1024;
  std::size_t fields_max = 100;
  std::size_t body_bytes_max = 64 * 1024;
  std::size_t chunk_line_bytes_max = 256;  // size and extensions, or one trailer
  std::optional<LongBodies> long_bodies = std::nullopt;
};

enum class BodyFraming : std::uint8_t { kNone, kLength, kChunked };

struct RequestHead {
  Method method = Method::kGet;
  std::string path;   // as in Request
  std::string query;  // as in Request
  std::vector<Header> headers;
  BodyFraming framing = BodyFraming::kNone;
  std::size_t body_bytes_max = 0;  // of this method and path
  std::size_t body_bytes = 0;      // with kLength; 1 to body_bytes_max
  bool ends_connection = false;    // "Connection: close", or HTTP/1.0
  bool takes_chunks = true;        // not HTTP/1.0
  bool expects_continue = false;   // waits for "100 Continue" before it sends its body
};

// How long the header block at the front of `received` is, its empty line included. Nothing: not
// all of it has come. A fault as soon as no further byte could make it good.
[[nodiscard]] base::Expected<std::optional<std::size_t>, Fault> find_header_end(
    std::string_view received, const FramingLimits& limits);

// REQUIRES: `block` is what find_header_end found.
[[nodiscard]] base::Expected<RequestHead, Fault> check_header_block(std::string_view block,
                                                                    const FramingLimits& limits);

// Takes a chunked body apart, as it comes. Extensions and trailers are checked and dropped.
class ChunkedReader {
 public:
  ChunkedReader(std::size_t body_bytes_max, std::size_t line_bytes_max)
      : body_bytes_max_{body_bytes_max}, chunk_line_bytes_max_{line_bytes_max} {}

  // Appends to `body` what the front of `received` holds of it. How many bytes it took: the rest is
  // an unfinished line, to be given again with more behind it, or (once is_done) the next request.
  [[nodiscard]] base::Expected<std::size_t, Fault> take(std::string_view received,
                                                        std::string& body);
  [[nodiscard]] bool is_done() const { return state_ == State::kDone; }

 private:
  enum class State : std::uint8_t { kSize, kBytes, kBytesEnd, kTrailer, kDone };

  [[nodiscard]] base::Expected<void, Fault> take_line(std::string_view line,
                                                      std::size_t body_bytes);
  [[nodiscard]] base::Expected<void, Fault> take_size(std::string_view line,
                                                      std::size_t body_bytes);

  std::size_t body_bytes_max_;
  std::size_t chunk_line_bytes_max_;
  State state_ = State::kSize;
  std::size_t chunk_bytes_left_ = 0;
  std::size_t line_bytes_ = 0;  // of all lines: chunks of one byte must not cost us sixty-fold
};

}  // namespace peerpay::http
