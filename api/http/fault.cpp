#include "api/http/fault.h"

#include <array>

namespace peerpay::http {
namespace {

constexpr std::string_view kMalformed = "request_malformed";

constexpr std::array<Refusal, kFaults> kRefusals{{
    {400, kMalformed, "The request line is not METHOD SP TARGET SP VERSION."},
    {501, "method_unknown", "This server does not know the method."},
    {505, "http_version_unsupported", "This server speaks HTTP/1.1 only."},
    {414, "target_too_long", "The target of the request is too long."},
    {400, kMalformed, "The target must be a path that begins with \"/\"."},
    {400, kMalformed, "The target has a character that must be percent-encoded."},
    {400, kMalformed, "The target has a malformed or forbidden percent-encoding."},
    {400, kMalformed, "The path has a segment that is not allowed."},
    {404, "not_found", "There is nothing here: the path has an empty segment."},
    {431, "header_too_large", "The header of the request is too large."},
    {400, kMalformed, "Lines of the header must end with CR LF."},
    {400, kMalformed, "A header field has a malformed name."},
    {400, kMalformed, "A header field has a control character in its value."},
    {400, kMalformed, "There must be one Host header field, with a valid host."},
    {400, kMalformed, "Content-Length must be there once, as digits."},
    {400, kMalformed,
     "Transfer-Encoding must be there once, as \"chunked\", without Content-Length."},
    {400, kMalformed, "A request in HTTP/1.0 may have no body here."},
    {417, "expectation_failed", "This server meets no expectation but 100-continue."},
    {400, kMalformed, "The chunked body is malformed."},
    {413, "body_too_large", "The body of the request is too large."},
    {408, "request_timeout", "The request did not come in time."},
    {503, "gateway_busy", "The server is busy; try again later."},
    {500, "internal_error", "The server failed to answer."},
}};
static_assert(static_cast<std::size_t>(Fault::kHandler) + 1 == kFaults);

}  // namespace

const Refusal& refusal(Fault fault) { return kRefusals.at(static_cast<std::size_t>(fault)); }

std::span<const Refusal> refusals() { return kRefusals; }

}  // namespace peerpay::http
