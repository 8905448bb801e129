#include "crypto/bech32m.h"

#include <array>

#include "base/check.h"

namespace peerpay::crypto {
namespace {

constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::uint32_t kChecksumConstant = 0x2bc830a3;  // BIP-350, "Bech32m"
constexpr std::size_t kLengthMax = 90;
constexpr std::size_t kChecksumLength = 6;
constexpr std::size_t kLengthMin = kChecksumLength + 2;

std::uint32_t polymod_step(std::uint32_t checksum) {
  constexpr std::array<std::uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa,
                                                       0x3d4233dd, 0x2a1462b3};
  const std::uint32_t top = checksum >> 25;
  std::uint32_t out = (checksum & 0x1ffffff) << 5;
  for (std::size_t i = 0; i < kGenerator.size(); ++i) {
    if (((top >> i) & 1) != 0) out ^= kGenerator[i];
  }
  return out;
}

std::uint32_t polymod(std::string_view hrp, base::ByteView groups) {
  std::uint32_t checksum = 1;
  for (const char c : hrp) checksum = polymod_step(checksum) ^ (static_cast<std::uint8_t>(c) >> 5);
  checksum = polymod_step(checksum);
  for (const char c : hrp)
    checksum = polymod_step(checksum) ^ (static_cast<std::uint8_t>(c) & 0x1f);
  for (const auto group : groups) checksum = polymod_step(checksum) ^ group;
  return checksum;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

std::optional<Bech32Error> shape_error(std::string_view text) {
  if (text.size() < kLengthMin || text.size() > kLengthMax) return Bech32Error::kLength;
  bool any_lower = false;
  bool any_upper = false;
  for (const char c : text) {
    if (c < 33 || c > 126) return Bech32Error::kCharacter;
    any_lower |= is_lower(c);
    any_upper |= is_upper(c);
  }
  if (any_lower && any_upper) return Bech32Error::kMixedCase;
  return std::nullopt;
}

}  // namespace

std::string_view sentence(Bech32Error error) {
  switch (error) {
    case Bech32Error::kLength: return "The text is too short or too long.";
    case Bech32Error::kMixedCase: return "The text mixes upper and lower case.";
    case Bech32Error::kCharacter: return "The text has a character that can't be in it.";
    case Bech32Error::kSeparator: return "The text has no prefix before a '1'.";
    case Bech32Error::kChecksum:
      return "The checksum is wrong: a character was mistyped or left out.";
    case Bech32Error::kPadding: return "The text does not hold whole bytes.";
  }
  PEERPAY_UNREACHABLE("every Bech32Error has a sentence");
}

std::string bech32m_encode(std::string_view hrp, base::ByteView groups) {
  PEERPAY_CHECK(!hrp.empty() && hrp.size() + 1 + groups.size() + kChecksumLength <= kLengthMax,
                "bech32m text has at most 90 characters");
  base::Bytes padded{groups.begin(), groups.end()};
  padded.resize(groups.size() + kChecksumLength, 0);
  const std::uint32_t checksum = polymod(hrp, padded) ^ kChecksumConstant;
  for (std::size_t i = 0; i < kChecksumLength; ++i) {
    padded[groups.size() + i] = static_cast<std::uint8_t>((checksum >> (5 * (5 - i))) & 0x1f);
  }
  std::string out{hrp};
  out.push_back('1');
  for (const auto group : padded) {
    PEERPAY_CHECK(group < kAlphabet.size(), "a group has 5 bits");
    out.push_back(kAlphabet[group]);
  }
  return out;
}

base::Expected<Bech32Text, Bech32Error> bech32m_decode(std::string_view text) {
  if (const auto error = shape_error(text)) return base::Unexpected{*error};
  const auto separator = text.rfind('1');
  if (separator == std::string_view::npos || separator == 0) {
    return base::Unexpected{Bech32Error::kSeparator};
  }
  if (text.size() - separator - 1 < kChecksumLength) return base::Unexpected{Bech32Error::kLength};
  Bech32Text out;
  for (const char c : text.substr(0, separator)) out.hrp.push_back(lower(c));
  for (const char c : text.substr(separator + 1)) {
    const auto value = kAlphabet.find(lower(c));
    if (value == std::string_view::npos) return base::Unexpected{Bech32Error::kCharacter};
    out.groups.push_back(static_cast<std::uint8_t>(value));
  }
  if (polymod(out.hrp, out.groups) != kChecksumConstant)
    return base::Unexpected{Bech32Error::kChecksum};
  out.groups.resize(out.groups.size() - kChecksumLength);
  return out;
}

base::Bytes to_groups(base::ByteView bytes) {
  base::Bytes out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const auto byte : bytes) {
    buffer = (buffer << 8 | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5)
      out.push_back(static_cast<std::uint8_t>((buffer >> (bits - 5)) & 0x1f));
  }
  if (bits > 0) out.push_back(static_cast<std::uint8_t>((buffer << (5 - bits)) & 0x1f));
  return out;
}

std::optional<base::Bytes> from_groups(base::ByteView groups) {
  base::Bytes out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const auto group : groups) {
    buffer = (buffer << 5 | group) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(static_cast<std::uint8_t>((buffer >> bits) & 0xff));
  }
  const bool padding_is_zero = (buffer & ((1U << bits) - 1)) == 0;
  if (bits >= 5 || !padding_is_zero) return std::nullopt;
  return out;
}

}  // namespace peerpay::crypto
