#pragma once
// Faults: what the server itself refuses, before or instead of a handler (docs/spec/http.md, H18).

#include <cstdint>
#include <span>
#include <string_view>

namespace peerpay::http {

enum class Fault : std::uint8_t {
  kRequestLine,       // not METHOD SP TARGET SP VERSION CRLF
  kMethodUnknown,     // a token, but no method of ours
  kVersion,           // neither HTTP/1.1 nor HTTP/1.0
  kTargetTooLong,     //
  kTargetForm,        // absolute, authority or asterisk form
  kTargetCharacter,   // a byte that RFC 3986 does not allow, or a fragment
  kPercentEncoding,   // "%" without two hex digits, %00, or a control character
  kPathSegment,       // "." or "..", an escaped "/", or no UTF-8
  kPathEmptySegment,  // "//" or a "/" at the end: no such resource
  kHeaderTooLarge,    // in bytes or in fields
  kLineEnding,        // LF without CR before it
  kFieldName,         // empty, or a byte that no token has: also "Name :" and obs-fold
  kFieldValue,        // a control byte
  kHost,              // none, several, or no host
  kContentLength,     // several, or not digits alone
  kTransferEncoding,  // anything but one "chunked"; also beside Content-Length
  kBodyInHttp10,      //
  kExpectation,       // anything but 100-continue
  kChunk,             // size, extension or end of a chunk; trailers
  kBodyTooLarge,      //
  kTimeout,           // header or body came too slowly
  kOverloaded,        // a cap of the server is reached: later
  kHandler,           // our bug
};
inline constexpr std::size_t kFaults = 23;

struct Refusal {
  unsigned status = 0;
  std::string_view code;      // of a problem; stable
  std::string_view sentence;  // for a person
};
[[nodiscard]] const Refusal& refusal(Fault fault);
// Every refusal there is, in the order of Fault: for documents and tests.
[[nodiscard]] std::span<const Refusal> refusals();

}  // namespace peerpay::http
