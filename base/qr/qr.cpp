#include "base/qr/qr.h"

#include <qrencode.h>

#include <memory>

namespace peerpay::qr {
namespace {

// Black on white of the fixed part of the 256-colour palette: themes change the first 16 colours.
constexpr std::string_view kDarkOnLight = "\x1b[38;5;16;48;5;231m";
constexpr std::string_view kReset = "\x1b[0m";

struct Free {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

// With a quiet zone around it: rows and columns count from its corner.
bool is_dark_in_frame(const QrCode& code, std::size_t row, std::size_t column) {
  const auto is_inside = [&](std::size_t at) {
    return at >= kQuietZone && at < kQuietZone + code.side;
  };
  return is_inside(row) && is_inside(column) && code.is_dark(row - kQuietZone, column - kQuietZone);
}

std::string_view half_block(bool is_upper_dark, bool is_lower_dark) {
  if (is_upper_dark) return is_lower_dark ? "\u2588" : "\u2580";
  return is_lower_dark ? "\u2584" : " ";
}

// A bar of `length` dark modules, as a closed subpath.
void add_bar(std::string& path, std::size_t row, std::size_t column, std::size_t length) {
  const auto width = std::to_string(length);
  path += "M" + std::to_string(column + kQuietZone) + " " + std::to_string(row + kQuietZone) + "h" +
          width + "v1h-" + width + "z";
}

std::string path_of(const QrCode& code) {
  std::string path;
  for (std::size_t row = 0; row < code.side; ++row) {
    std::size_t length = 0;  // of the bar that ends here
    for (std::size_t column = 0; column <= code.side; ++column) {
      if (column < code.side && code.is_dark(row, column)) {
        ++length;
      } else if (length != 0) {
        add_bar(path, row, column - length, length);
        length = 0;
      }
    }
  }
  return path;
}

}  // namespace

bool QrCode::is_dark(std::size_t row, std::size_t column) const {
  return dark[row * side + column];
}

std::optional<QrCode> encode(std::string_view text) {
  if (text.empty() || text.size() > kTextBytesMax || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  constexpr int kSmallestVersion = 0;
  constexpr int kIsCaseSensitive = 1;
  const std::unique_ptr<QRcode, Free> found{QRcode_encodeString(
      std::string{text}.c_str(), kSmallestVersion, QR_ECLEVEL_M, QR_MODE_8, kIsCaseSensitive)};
  if (found == nullptr) return std::nullopt;
  const auto side = static_cast<std::size_t>(found->width);
  QrCode out{.side = side, .dark = std::vector<bool>(side * side)};
  for (std::size_t i = 0; i < out.dark.size(); ++i) out.dark[i] = (found->data[i] & 1U) != 0;
  return out;
}

std::string terminal_text(const QrCode& code) {
  const auto side = code.side + 2 * kQuietZone;
  std::string out;
  for (std::size_t row = 0; row < side; row += 2) {
    out += kDarkOnLight;
    for (std::size_t column = 0; column < side; ++column) {
      out +=
          half_block(is_dark_in_frame(code, row, column), is_dark_in_frame(code, row + 1, column));
    }
    out += kReset;
    out += '\n';
  }
  return out;
}

std::string svg(const QrCode& code) {
  const auto side = std::to_string(code.side + 2 * kQuietZone);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + side + " " + side +
         "\" shape-rendering=\"crispEdges\"><rect width=\"" + side + "\" height=\"" + side +
         "\" fill=\"#fff\"/><path d=\"" + path_of(code) + "\" fill=\"#000\"/></svg>";
}

}  // namespace peerpay::qr
