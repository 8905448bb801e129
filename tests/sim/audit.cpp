#include "tests/sim/audit.h"

#include <algorithm>
#include <array>

namespace peerpay::sim {

namespace {

constexpr std::size_t kBufferBytesMax = 16 * 1024;  // stays in a core's first cache

std::uint8_t* put_u64(std::uint8_t* out, std::uint64_t value) {
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
  return std::copy(bytes.begin(), bytes.end(), out);
}

}  // namespace

void Audit::add(AuditKind kind, std::initializer_list<std::uint64_t> numbers,
                base::ByteView bytes) {
  const std::size_t begin = buffer_.size();
  buffer_.resize(begin + 1 + (numbers.size() + 1) * sizeof(std::uint64_t) + bytes.size());
  std::uint8_t* out = buffer_.data() + begin;
  *out++ = static_cast<std::uint8_t>(kind);
  for (const std::uint64_t number : numbers) out = put_u64(out, number);
  out = put_u64(out, bytes.size());
  std::copy(bytes.begin(), bytes.end(), out);
  if (buffer_.size() >= kBufferBytesMax) {
    const crypto::Hash running = digest();
    buffer_.assign(running.bytes.begin(), running.bytes.end());
  }
}

crypto::Hash Audit::digest() const { return crypto::sha256(buffer_); }

}  // namespace peerpay::sim
