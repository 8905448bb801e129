#pragma once
// Descriptor: owns one file descriptor and closes it once.

#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/os/io_error.h"

namespace peerpay::os {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_{number} {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : number_{std::exchange(other.number_, kNone)} {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  bool is_open() const { return number_ != kNone; }
  int number() const { return number_; }

 private:
  static constexpr int kNone = -1;
  int number_ = kNone;
};

// open(2) with O_CLOEXEC added and interruptions retried. `mode` matters only with O_CREAT.
[[nodiscard]] IoExpected<Descriptor> open_descriptor(const std::string& path, int flags,
                                                     unsigned mode = 0);

// Writes every byte, however many calls that takes. After an error the file holds some prefix.
[[nodiscard]] IoExpected<void> write_all(const Descriptor& file, base::ByteView bytes,
                                         const std::string& path);

}  // namespace peerpay::os
