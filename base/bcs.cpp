#include "base/bcs.h"

namespace peerpay::base {
namespace {

constexpr int kUlebBits = 7;
constexpr std::uint8_t kUlebMore = 0x80;

template <class Int>
void append_little_endian(Int value, Bytes& out) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

}  // namespace

std::string_view name(DecodeError error) {
  switch (error) {
    case DecodeError::kTruncated: return "truncated";
    case DecodeError::kTrailingBytes: return "trailing_bytes";
    case DecodeError::kTooLong: return "too_long";
    case DecodeError::kNotCanonical: return "not_canonical";
    case DecodeError::kVariantUnknown: return "variant_unknown";
    case DecodeError::kValueInvalid: return "value_invalid";
  }
  PEERPAY_UNREACHABLE("every DecodeError has a name");
}

std::string_view sentence(DecodeError error) {
  switch (error) {
    case DecodeError::kTruncated: return "The bytes end before the value is complete.";
    case DecodeError::kTrailingBytes: return "There are bytes after the end of the value.";
    case DecodeError::kTooLong: return "A list or byte string is longer than its limit.";
    case DecodeError::kNotCanonical: return "A value is not in its one canonical encoding.";
    case DecodeError::kVariantUnknown: return "A variant number is not known to this version.";
    case DecodeError::kValueInvalid: return "A field holds a value that is not allowed there.";
  }
  PEERPAY_UNREACHABLE("every DecodeError has a sentence");
}

void BcsWriter::u8(std::uint8_t value) { out_.push_back(value); }
void BcsWriter::u16(std::uint16_t value) { append_little_endian(value, out_); }
void BcsWriter::u32(std::uint32_t value) { append_little_endian(value, out_); }
void BcsWriter::u64(std::uint64_t value) { append_little_endian(value, out_); }

void BcsWriter::boolean(bool value) { u8(value ? 1 : 0); }

void BcsWriter::uleb(std::uint32_t value) {
  while (value >= kUlebMore) {
    u8(static_cast<std::uint8_t>((value & 0x7f) | kUlebMore));
    value >>= kUlebBits;
  }
  u8(static_cast<std::uint8_t>(value));
}

void BcsWriter::bytes(ByteView value) {
  PEERPAY_CHECK(value.size() <= UINT32_MAX >> 1, "BCS lengths are below 2^31");
  uleb(static_cast<std::uint32_t>(value.size()));
  raw(value);
}

void BcsWriter::raw(ByteView value) { out_.insert(out_.end(), value.begin(), value.end()); }

void BcsReader::fail(DecodeError error) {
  if (failed_) return;
  failed_ = true;
  error_ = error;
}

ByteView BcsReader::raw(std::size_t size) {
  if (!failed_ && in_.size() < size) fail(DecodeError::kTruncated);
  if (failed_) return {};
  const ByteView out = in_.first(size);
  in_ = in_.subspan(size);
  return out;
}

template <class Int>
Int BcsReader::little_endian() {
  const ByteView view = raw(sizeof(Int));
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < view.size(); ++i) value |= std::uint64_t{view[i]} << (8 * i);
  return static_cast<Int>(value);
}

std::uint8_t BcsReader::u8() { return little_endian<std::uint8_t>(); }
std::uint16_t BcsReader::u16() { return little_endian<std::uint16_t>(); }
std::uint32_t BcsReader::u32() { return little_endian<std::uint32_t>(); }
std::uint64_t BcsReader::u64() { return little_endian<std::uint64_t>(); }

bool BcsReader::boolean() {
  const auto value = u8();
  if (value > 1) fail(DecodeError::kNotCanonical);
  return value == 1;
}

std::uint32_t BcsReader::variant(std::uint32_t count) {
  const auto index = length(UINT32_MAX, 0);
  if (ok() && index >= count) fail(DecodeError::kVariantUnknown);
  return ok() ? static_cast<std::uint32_t>(index) : 0;
}

std::size_t BcsReader::length(std::size_t max, std::size_t element_size_min) {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 32; shift += kUlebBits) {
    const auto byte = u8();
    if (!ok()) return 0;
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if ((byte & kUlebMore) != 0) continue;
    if (byte == 0 && shift > 0) fail(DecodeError::kNotCanonical);
    if (value > UINT32_MAX) fail(DecodeError::kNotCanonical);
    if (value > max) fail(DecodeError::kTooLong);
    if (ok() && element_size_min > 0 && value > in_.size() / element_size_min) {
      fail(DecodeError::kTruncated);
    }
    return ok() ? static_cast<std::size_t>(value) : 0;
  }
  fail(DecodeError::kNotCanonical);
  return 0;
}

ByteView BcsReader::bytes(std::size_t size_max) { return raw(length(size_max)); }

Expected<void, DecodeError> BcsReader::status() const {
  if (failed_) return Unexpected{error_};
  return {};
}

Expected<void, DecodeError> BcsReader::finish() {
  if (!failed_ && !in_.empty()) fail(DecodeError::kTrailingBytes);
  return status();
}

}  // namespace peerpay::base
