#include "base/base64.h"

namespace peerpay::base {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// `text` without its padding, if the padding is right.
std::optional<std::string_view> unpadded(std::string_view text, Base64Padding padding) {
  if (padding == Base64Padding::kNone) return text;
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string base64_encode(ByteView bytes, Base64Padding padding) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t pending = 0;
  int pending_bits = 0;
  for (const auto byte : bytes) {
    pending = (pending << 8 | byte) & 0xffff;
    for (pending_bits += 8; pending_bits >= 6; pending_bits -= 6) {
      out.push_back(kAlphabet[pending >> (pending_bits - 6) & 0x3f]);
    }
  }
  if (pending_bits > 0) out.push_back(kAlphabet[pending << (6 - pending_bits) & 0x3f]);
  if (padding == Base64Padding::kRequired) out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

std::optional<Bytes> base64_decode(std::string_view text, Base64Padding padding) {
  const auto digits = unpadded(text, padding);
  if (!digits || digits->size() % 4 == 1) return std::nullopt;
  Bytes out;
  out.reserve(digits->size() * 3 / 4);
  std::uint32_t pending = 0;
  int pending_bits = 0;
  for (const char c : *digits) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    pending = (pending << 6 | static_cast<std::uint32_t>(value)) & 0xffff;
    pending_bits += 6;
    if (pending_bits < 8) continue;
    pending_bits -= 8;
    out.push_back(static_cast<std::uint8_t>(pending >> pending_bits));
  }
  const auto unused = pending & ((1U << pending_bits) - 1);
  if (unused != 0) return std::nullopt;
  return out;
}

}  // namespace peerpay::base
