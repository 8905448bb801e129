// Chunked bodies: however the network cuts them, they read the same, and stay below the limit.

#include <string>

#include "api/http/framing.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;
using namespace peerpay::http;

struct Reading {
  bool is_done = false;
  bool is_refused = false;
  std::string body;
  std::size_t bytes = 0;
  friend bool operator==(const Reading&, const Reading&) = default;
};

constexpr FramingLimits kLimits{.body_bytes_max = 200, .chunk_line_bytes_max = 40};

// In pieces whose sizes `draw` says; a draw that is empty gives everything at once.
Reading read(std::string_view text, fuzz::Draw draw) {
  ChunkedReader reader{kLimits.body_bytes_max, kLimits.chunk_line_bytes_max};
  Reading out;
  std::size_t arrived = 0;
  while (!reader.is_done() && arrived < text.size()) {
    const auto piece = draw.empty() ? text.size() : std::size_t{1} + draw.byte() % 16;
    arrived = std::min(text.size(), arrived + piece);
    const auto taken = reader.take(text.substr(out.bytes, arrived - out.bytes), out.body);
    if (!taken) {
      out.is_refused = true;
      break;
    }
    out.bytes += *taken;
    PEERPAY_CHECK(out.bytes <= arrived, "it takes what is there");
  }
  out.is_done = reader.is_done();
  PEERPAY_CHECK(out.body.size() <= kLimits.body_bytes_max, "the body is bounded");
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Draw draw{{data, size}};
  const auto cuts = draw.bytes(30);
  const auto text = fuzz::as_text(draw.rest());
  const auto whole = read(text, fuzz::Draw{{}});
  const auto pieces = read(text, fuzz::Draw{cuts});
  PEERPAY_CHECK(whole.is_done == pieces.is_done && whole.is_refused == pieces.is_refused,
                "the same verdict");
  PEERPAY_CHECK(!whole.is_done || whole == pieces, "the same body and the same end");
  return 0;
}
