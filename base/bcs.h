#pragma once
// BCS, Binary Canonical Serialization (github.com/diem/bcs, README "Binary Canonical
// Serialization"): little-endian fixed integers, ULEB128 lengths and variant tags, no field names,
// one encoding per value.
//
// The Reader refuses, with a named error and before it allocates: truncated input, a length above
// the caller's limit, a non-minimal ULEB128, a bool or option tag other than 0 and 1, an unknown
// variant, and (finish) bytes left over. After the first error every further read fails with that
// error, so a decoder may read all fields and check once.

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/expected.h"

namespace peerpay::base {

enum class DecodeError : std::uint8_t {
  kTruncated = 1,
  kTrailingBytes = 2,
  kTooLong = 3,
  kNotCanonical = 4,
  kVariantUnknown = 5,
  kValueInvalid = 6,
};
// Stable lower-case name, for example "truncated".
[[nodiscard]] std::string_view name(DecodeError error);
// One clear sentence.
[[nodiscard]] std::string_view sentence(DecodeError error);

class BcsWriter {
 public:
  BcsWriter() = default;
  // Makes room for `size_expected` bytes at once.
  explicit BcsWriter(std::size_t size_expected) { out_.reserve(size_expected); }

  void u8(std::uint8_t value);
  void u16(std::uint16_t value);
  void u32(std::uint32_t value);
  void u64(std::uint64_t value);
  void boolean(bool value);
  // ULEB128 of a length or a variant index.
  void uleb(std::uint32_t value);
  // Length prefix, then the bytes.
  void bytes(ByteView value);
  // The bytes alone: for fixed-size fields.
  void raw(ByteView value);
  template <class Tag, std::size_t N>
  void fixed(const FixedBytes<Tag, N>& value) {
    raw(value.view());
  }

  [[nodiscard]] Bytes take() && { return std::move(out_); }
  [[nodiscard]] ByteView view() const { return out_; }

 private:
  Bytes out_;
};

class BcsReader {
 public:
  // Borrows: `in` must outlive the reader and every view it returns.
  explicit BcsReader(ByteView in) : in_{in} {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  bool boolean();
  // Variant index; fails with kVariantUnknown at `count` or above.
  std::uint32_t variant(std::uint32_t count);
  // Element count of a sequence; fails with kTooLong above `max`, and with kTruncated when fewer
  // than `count * element_size_min` bytes are left, so a caller may reserve `count` elements
  // safely.
  std::size_t length(std::size_t max, std::size_t element_size_min = 1);
  // Length-prefixed bytes, at most `size_max`.
  ByteView bytes(std::size_t size_max);
  ByteView raw(std::size_t size);
  template <class Fixed>
  Fixed fixed() {
    const auto out = Fixed::from(raw(Fixed::kSize));
    return out ? *out : Fixed{};
  }
  void fail(DecodeError error);

  bool ok() const { return !failed_; }
  std::size_t remaining() const { return in_.size(); }
  // Success only when nothing failed and nothing is left.
  Expected<void, DecodeError> finish();
  // Success when nothing failed so far; bytes may follow.
  Expected<void, DecodeError> status() const;

 private:
  template <class Int>
  Int little_endian();
  ByteView in_;
  bool failed_ = false;
  DecodeError error_ = DecodeError::kTruncated;
};

}  // namespace peerpay::base
