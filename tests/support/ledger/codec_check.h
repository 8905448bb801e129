#pragma once
// What every byte format promises: one encoding per value, nothing missing, nothing left over.

#include <string>

#include "base/bcs.h"
#include "base/bytes.h"

namespace peerpay::ledger::test {

// Empty when `decode` keeps the promises around the canonical `bytes`; else what it did wrong.
// Tries every truncation, one byte more, and every byte with each of its bits flipped.
template <class Decode>
[[nodiscard]] std::string codec_defect(const base::Bytes& bytes, Decode decode) {
  const auto value = decode(base::ByteView{bytes});
  if (!value) return "does not decode: " + std::string{base::name(value.error())};
  if (encode(*value) != bytes) return "does not encode to what it was decoded from";
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    if (decode(base::ByteView{bytes}.first(size)))
      return "accepts " + std::to_string(size) + " bytes";
  }
  base::Bytes longer = bytes;
  longer.push_back(0);
  const auto trailing = decode(base::ByteView{longer});
  if (trailing || trailing.error() != base::DecodeError::kTrailingBytes) {
    return "accepts a byte more";
  }
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    base::Bytes flipped = bytes;
    flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
    const auto other = decode(base::ByteView{flipped});
    if (other && encode(*other) != flipped) return "has two encodings, bit " + std::to_string(bit);
  }
  return "";
}

}  // namespace peerpay::ledger::test
