#pragma once
// HTTP/2 (RFC 9113) by hand: bytes that no well-behaved client library would send.

#include <cstdint>
#include <string>
#include <string_view>

namespace peerpay::bench {

enum class Http2Frame : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kContinuation = 9,
};

inline constexpr std::uint8_t kHttp2EndStream = 0x1;
inline constexpr std::uint8_t kHttp2EndHeaders = 0x4;

// How a connection begins: the preface, and SETTINGS with the window that each stream of the other
// side starts with, in bytes.
[[nodiscard]] std::string http2_opening(std::uint32_t initial_window);

// One frame. `announced` is its length field, which need not be the truth.
struct Http2FrameHeader {
  Http2Frame type = Http2Frame::kData;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
};
[[nodiscard]] std::string http2_frame(const Http2FrameHeader& header, std::string_view payload);
[[nodiscard]] std::string http2_frame(const Http2FrameHeader& header, std::string_view payload,
                                      std::size_t announced);

// HPACK (RFC 7541) without compression: one field, and those of a gRPC request.
[[nodiscard]] std::string hpack_field(std::string_view name, std::string_view value);
[[nodiscard]] std::string grpc_request_fields(std::string_view path);
// A call whose request is one message of these bytes, as HEADERS and DATA.
[[nodiscard]] std::string grpc_call(std::uint32_t stream, std::string_view path,
                                    std::string_view message);
// The five bytes in front of a gRPC message.
[[nodiscard]] std::string grpc_message_prefix(std::uint32_t bytes);

}  // namespace peerpay::bench
