#pragma once
// QR codes (ISO/IEC 18004). libqrencode is behind this header.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peerpay::qr {

// The longest text at level M: version 40, byte mode.
inline constexpr std::size_t kTextBytesMax = 2331;
// Light modules that every reader needs around the code.
inline constexpr std::size_t kQuietZone = 4;

// Square, without the quiet zone.
struct QrCode {
  std::size_t side = 0;
  std::vector<bool> dark;  // row by row
  [[nodiscard]] bool is_dark(std::size_t row, std::size_t column) const;
};

// Error correction level M, the smallest version that holds the text; the same text always gives
// the same code. Nothing when the text is empty, longer than kTextBytesMax, or has a zero byte.
[[nodiscard]] std::optional<QrCode> encode(std::string_view text);

// Half blocks, two rows a line, with the quiet zone; dark on light, by explicit colours, so that
// it can be scanned from light and dark terminals. For terminals alone: holds escape sequences.
[[nodiscard]] std::string terminal_text(const QrCode& code);
// One path in a viewBox with the quiet zone, dark on white; no size, no style, no script.
[[nodiscard]] std::string svg(const QrCode& code);

}  // namespace peerpay::qr
