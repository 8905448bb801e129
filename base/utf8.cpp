#include "base/utf8.h"

#include <cstddef>
#include <optional>

namespace peerpay::base {
namespace {

struct CodePoint {
  char32_t value;
  std::size_t length;  // bytes
};

// The character at the front; empty unless it is well-formed UTF-8 (RFC 3629). REQUIRES: not empty.
std::optional<CodePoint> first_code_point(ByteView text) {
  const auto lead = text[0];
  if (lead < 0x80) return CodePoint{lead, 1};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return std::nullopt;
  char32_t value = lead & (0x7fU >> length);
  for (const auto byte : text.subspan(1, length - 1)) {
    if ((byte & 0xc0) != 0x80) return std::nullopt;
    value = value << 6 | (byte & 0x3fU);
  }
  const bool is_overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool is_surrogate = value >= 0xd800 && value <= 0xdfff;
  if (is_overlong || is_surrogate || value > 0x10ffff) return std::nullopt;
  return CodePoint{value, length};
}

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7f && c <= 0x9f); }

// Controls are obeyed by terminals; direction marks and invisible characters make text read as what
// it is not.
bool is_showable(char32_t c) {
  const auto is_within = [c](char32_t first, char32_t last) { return c >= first && c <= last; };
  return !(is_control(c) || is_within(0x200b, 0x200f) || is_within(0x2028, 0x202e) ||
           is_within(0x2060, 0x206f) || c == 0xfeff);
}

std::string escaped(ByteView bytes) {
  std::string out;
  for (const auto byte : bytes) out += "\\x" + to_hex({&byte, 1});
  return out;
}

// `written` gives the text of each character, or of one byte that belongs to none.
template <class Written>
std::string rewritten(ByteView text, const Written& written) {
  std::string out;
  while (!text.empty()) {
    const auto first = first_code_point(text);
    const auto length = first ? first->length : 1;
    out += written(first, text.first(length));
    text = text.subspan(length);
  }
  return out;
}

}  // namespace

std::string printable(ByteView text) {
  return rewritten(text, [](const std::optional<CodePoint>& character, ByteView bytes) {
    if (!character || !is_showable(character->value)) return escaped(bytes);
    return character->value == '\\' ? std::string{"\\\\"} : to_text(bytes);
  });
}

std::string printable_lines(std::string_view text) {
  return rewritten(as_bytes(text), [](const std::optional<CodePoint>& character, ByteView bytes) {
    const bool is_kept = character && (is_showable(character->value) || character->value == '\n');
    return is_kept ? to_text(bytes) : escaped(bytes);
  });
}

std::string valid_utf8(std::string_view text) {
  return rewritten(as_bytes(text), [](const std::optional<CodePoint>& character, ByteView bytes) {
    return character ? to_text(bytes) : std::string{"\xef\xbf\xbd"};
  });
}

bool is_plain_text(std::string_view text) {
  for (auto rest = as_bytes(text); !rest.empty();) {
    const auto first = first_code_point(rest);
    if (!first || is_control(first->value)) return false;
    rest = rest.subspan(first->length);
  }
  return true;
}

}  // namespace peerpay::base
