#pragma once
// ReadBuffer: bytes that came and are not read yet. Small while a connection is idle, bounded
// always.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace peerpay::http {

class ReadBuffer {
 public:
  static constexpr std::size_t kBytesMin = 1024;  // most requests without a body fit

  explicit ReadBuffer(std::size_t bytes_max) : bytes_max_{std::max(bytes_max, kBytesMin)} {}

  [[nodiscard]] std::string_view text() const { return {bytes_.get() + begin_, end_ - begin_}; }

  // Where to write more; empty when bytes_max are waiting to be read.
  [[nodiscard]] std::span<char> space() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ == capacity_) make_space();
    return {bytes_.get() + end_, capacity_ - end_};
  }
  // REQUIRES: count <= what space() had.
  void add(std::size_t count) { end_ += count; }
  // REQUIRES: count <= text().size().
  void consume(std::size_t count) { begin_ += count; }

  // Gives back what only a large request needed. REQUIRES: nothing is left to read.
  void shrink() {
    begin_ = end_ = 0;
    if (capacity_ > kBytesMin) resize(kBytesMin);
  }

 private:
  void make_space() {
    if (begin_ > 0) {
      end_ -= begin_;
      std::memmove(bytes_.get(), bytes_.get() + begin_, end_);
      begin_ = 0;
    } else if (capacity_ < bytes_max_) {
      resize(std::min(capacity_ * 2, bytes_max_));
    }
  }
  void resize(std::size_t capacity) {
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    std::memcpy(bytes.get(), bytes_.get(), end_);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }

  std::size_t bytes_max_;
  std::size_t capacity_ = kBytesMin;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::unique_ptr<char[]> bytes_ = std::make_unique_for_overwrite<char[]>(kBytesMin);
};

}  // namespace peerpay::http
