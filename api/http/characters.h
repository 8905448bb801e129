#pragma once
// Which bytes HTTP and URIs allow where (RFC 9110 section 5.6.2, RFC 3986 appendix A). No locale.

#include <algorithm>
#include <array>
#include <string_view>

namespace peerpay::http {

class CharacterSet {
 public:
  constexpr explicit CharacterSet(std::string_view others) {
    for (char c = 'a'; c <= 'z'; ++c) add(c);
    for (char c = 'A'; c <= 'Z'; ++c) add(c);
    for (char c = '0'; c <= '9'; ++c) add(c);
    for (const char c : others) add(c);
  }
  [[nodiscard]] constexpr bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }
  [[nodiscard]] constexpr bool has_all(std::string_view text) const {
    return std::all_of(text.begin(), text.end(), [this](char c) { return has(c); });
  }

 private:
  constexpr void add(char c) { has_[static_cast<unsigned char>(c)] = true; }
  std::array<bool, 256> has_{};
};

// Each has the letters and digits of ASCII, and these.
inline constexpr CharacterSet kTokenCharacters{"!#$%&'*+-.^_`|~"};
inline constexpr CharacterSet kUnreserved{"-._~"};
inline constexpr CharacterSet kPathCharacters{"-._~!$&'()*+,;=:@/%"};
inline constexpr CharacterSet kQueryCharacters{"-._~!$&'()*+,;=:@/%?"};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// 0 to 15; -1: no hex digit.
constexpr int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
// As names of header fields are compared.
constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return to_lower(x) == to_lower(y);
         });
}

}  // namespace peerpay::http
