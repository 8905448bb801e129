#pragma once
// Text from others, made fit for a terminal or for a format that must be UTF-8 (RFC 3629).

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace peerpay::base {

// What a terminal may show, and nothing else: control characters, direction marks and bytes that
// are no UTF-8 become "\x1b" and the like, and a backslash becomes "\\". So a memo can't repaint
// the screen, and two different texts never look the same.
[[nodiscard]] std::string printable(ByteView text);

// The same for a program's own lines, which may quote others: line feeds and backslashes stay.
[[nodiscard]] std::string printable_lines(std::string_view text);

// Well-formed UTF-8: each byte that belongs to no character becomes U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);

// Whether it is well-formed UTF-8 without control characters (C0, DEL, C1): what people may write
// where others read it, for example in a payment URI. The empty text is.
[[nodiscard]] bool is_plain_text(std::string_view text);

}  // namespace peerpay::base
