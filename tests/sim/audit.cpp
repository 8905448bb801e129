#include "tests/sim/audit.h"

#include <array>

namespace peerpay::sim {

namespace {

constexpr std::size_t kBufferBytesMax = 64 * 1024;

void append_u64(base::Bytes& out, std::uint64_t value) {
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

crypto::Hash chained(const crypto::Hash& running, const base::Bytes& buffer) {
  base::Bytes preimage{running.bytes.begin(), running.bytes.end()};
  preimage.insert(preimage.end(), buffer.begin(), buffer.end());
  return crypto::sha256(preimage);
}

}  // namespace

void Audit::add(AuditKind kind, std::initializer_list<std::uint64_t> numbers,
                base::ByteView bytes) {
  buffer_.push_back(static_cast<std::uint8_t>(kind));
  for (const std::uint64_t number : numbers) append_u64(buffer_, number);
  append_u64(buffer_, bytes.size());
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  if (buffer_.size() >= kBufferBytesMax) fold();
}

void Audit::fold() {
  running_ = chained(running_, buffer_);
  buffer_.clear();
}

crypto::Hash Audit::digest() const { return chained(running_, buffer_); }

}  // namespace peerpay::sim
