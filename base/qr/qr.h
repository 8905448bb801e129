#pragma once
// QR codes. libqrencode is behind this header.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peerpay::qr {

// Square, without the quiet zone of 4 modules that every reader needs around it.
struct QrCode {
  std::size_t side = 0;
  std::vector<bool> dark;  // row by row
  [[nodiscard]] bool is_dark(std::size_t row, std::size_t column) const;
};

// Error correction level M. Nothing when the text is longer than a QR code can hold (2,331 bytes).
[[nodiscard]] std::optional<QrCode> encode(std::string_view text);

// Half blocks, two rows a line, with the quiet zone; dark on light, by explicit colours, so that
// it can be scanned from light and dark terminals.
[[nodiscard]] std::string terminal_text(const QrCode& code);
// One path in a viewBox with the quiet zone, dark on white; no size, no style, no script.
[[nodiscard]] std::string svg(const QrCode& code);

}  // namespace peerpay::qr
