#pragma once
// Bytes: owned, borrowed and fixed-size byte strings, and their hexadecimal form.
//
// FixedBytes<Tag, N> is the shape of every identifier in peerpay: two of them with different tags
// never convert into each other, compare byte by byte, and order lexicographically.

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace peerpay::base {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

template <class Tag, std::size_t N>
struct FixedBytes {
  static constexpr std::size_t kSize = N;
  std::array<std::uint8_t, N> bytes{};

  // Ids and hashes are looked up, sorted and compared all day: word by word, without a call.
  friend constexpr bool operator==(const FixedBytes& a, const FixedBytes& b) {
    if (std::is_constant_evaluated() || N % kWord != 0) return a.bytes == b.bytes;
    std::uint64_t difference = 0;
    for (std::size_t at = 0; at < N; at += kWord) difference |= a.word(at) ^ b.word(at);
    return difference == 0;
  }
  friend constexpr std::strong_ordering operator<=>(const FixedBytes& a, const FixedBytes& b) {
    if (std::is_constant_evaluated() || N % kWord != 0) return a.bytes <=> b.bytes;
    for (std::size_t at = 0; at < N; at += kWord) {
      if (a.word(at) != b.word(at)) return a.word(at) <=> b.word(at);
    }
    return std::strong_ordering::equal;
  }

  constexpr ByteView view() const { return ByteView{bytes}; }

  constexpr bool is_zero() const {
    for (const auto byte : bytes) {
      if (byte != 0) return false;
    }
    return true;
  }

  // Empty unless `view` holds exactly N bytes.
  static constexpr std::optional<FixedBytes> from(ByteView view) {
    if (view.size() != N) return std::nullopt;
    FixedBytes out;
    for (std::size_t i = 0; i < N; ++i) out.bytes[i] = view[i];
    return out;
  }

 private:
  static constexpr std::size_t kWord = sizeof(std::uint64_t);

  // The eight bytes from `at` on, the first the most significant.
  std::uint64_t word(std::size_t at) const {
    std::uint64_t out = 0;
    std::memcpy(&out, bytes.data() + at, kWord);
    if constexpr (std::endian::native == std::endian::little) out = __builtin_bswap64(out);
    return out;
  }
};

// Lower-case hexadecimal, two digits a byte.
[[nodiscard]] std::string to_hex(ByteView bytes);

// Empty on an odd length or any character outside 0-9, a-f, A-F.
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view hex);

template <class Fixed>
[[nodiscard]] std::optional<Fixed> fixed_from_hex(std::string_view hex) {
  const auto bytes = from_hex(hex);
  if (!bytes) return std::nullopt;
  return Fixed::from(*bytes);
}

[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
  return ByteView{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

[[nodiscard]] inline std::string to_text(ByteView bytes) {
  return std::string{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace peerpay::base
