#pragma once
// Bech32m (BIP-350): text that survives being read aloud, with a checksum that finds typing errors.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/expected.h"

namespace peerpay::crypto {

enum class Bech32Error : std::uint8_t {
  kLength,  // shorter than 8 or longer than 90 characters
  kMixedCase,
  kCharacter,  // outside the alphabet, or the human-readable part out of range
  kSeparator,  // no "1", or an empty human-readable part
  kChecksum,
  kPadding,  // data that is no whole number of bytes, or non-zero padding bits
};
[[nodiscard]] std::string_view sentence(Bech32Error error);

struct Bech32Text {
  std::string hrp;     // lower case
  base::Bytes groups;  // 5-bit groups, checksum removed
};

// REQUIRES: a lower-case hrp of 1 to 83 printable characters and at most 90 characters in all.
[[nodiscard]] std::string bech32m_encode(std::string_view hrp, base::ByteView groups);
[[nodiscard]] base::Expected<Bech32Text, Bech32Error> bech32m_decode(std::string_view text);

// 8-bit bytes <-> 5-bit groups, padded with zero bits.
[[nodiscard]] base::Bytes to_groups(base::ByteView bytes);
[[nodiscard]] std::optional<base::Bytes> from_groups(base::ByteView groups);

}  // namespace peerpay::crypto
