#include "bench/http2_bytes.h"

#include "base/check.h"

namespace peerpay::bench {
namespace {

std::string big_endian(std::size_t value, unsigned bytes) {
  std::string out;
  for (unsigned i = bytes; i-- > 0;) out += static_cast<char>((value >> (8 * i)) & 0xff);
  return out;
}

// RFC 7541 section 5.1, prefix of seven bits: below 127 an integer is its own byte.
std::string hpack_string(std::string_view text) {
  PEERPAY_CHECK(text.size() < 127, "only short strings are written");
  return static_cast<char>(text.size()) + std::string{text};
}

}  // namespace

std::string http2_opening(std::uint32_t initial_window) {
  constexpr std::size_t kInitialWindowSize = 4;  // RFC 9113 section 6.5.2
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" +
         http2_frame({Http2Frame::kSettings},
                     big_endian(kInitialWindowSize, 2) + big_endian(initial_window, 4));
}

std::string http2_frame(const Http2FrameHeader& header, std::string_view payload) {
  return http2_frame(header, payload, payload.size());
}

std::string http2_frame(const Http2FrameHeader& header, std::string_view payload,
                        std::size_t announced) {
  return big_endian(announced, 3) + static_cast<char>(header.type) +
         static_cast<char>(header.flags) + big_endian(header.stream, 4) + std::string{payload};
}

std::string hpack_field(std::string_view name, std::string_view value) {
  constexpr char kLiteralNeverInATable = 0x10;  // RFC 7541 section 6.2.3
  return kLiteralNeverInATable + hpack_string(name) + hpack_string(value);
}

std::string grpc_request_fields(std::string_view path) {
  return hpack_field(":method", "POST") + hpack_field(":scheme", "http") +
         hpack_field(":path", path) + hpack_field(":authority", "node") +
         hpack_field("content-type", "application/grpc") + hpack_field("te", "trailers");
}

std::string grpc_call(std::uint32_t stream, std::string_view path, std::string_view message) {
  return http2_frame({Http2Frame::kHeaders, kHttp2EndHeaders, stream}, grpc_request_fields(path)) +
         http2_frame({Http2Frame::kData, kHttp2EndStream, stream},
                     grpc_message_prefix(static_cast<std::uint32_t>(message.size())) +
                         std::string{message});
}

std::string grpc_message_prefix(std::uint32_t bytes) {
  constexpr char kUncompressed = 0;
  return kUncompressed + big_endian(bytes, 4);
}

}  // namespace peerpay::bench
