#pragma once
// Trace: the last things that happened, one fixed-size record each, so that it can always be on.
// Columns of a line are explained in docs/SIMULATION.md.

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace peerpay::sim {

struct TraceLine {
  base::TimePoint time{};
  std::int32_t node = -1;            // -1: no node in particular
  const char* verb = "";             // string literal
  const char* object = "";           // string literal
  std::int32_t peer = -1;            // -1: none
  std::uint64_t view = 0;            // 0: none
  std::uint64_t height = 0;          // 0: none
  std::array<std::uint8_t, 4> id{};  // first bytes of a digest or transaction id
};

[[nodiscard]] std::array<std::uint8_t, 4> short_id(base::ByteView bytes);
[[nodiscard]] std::string format(const TraceLine& line);

class Trace {
 public:
  explicit Trace(std::size_t lines_max = 400) : lines_max_{lines_max} {}

  // Prints every line as it happens, besides keeping the last ones.
  void print_to(std::FILE* stream) { stream_ = stream; }
  void add(const TraceLine& line);
  // Oldest first.
  [[nodiscard]] std::vector<std::string> last() const;

 private:
  std::size_t lines_max_;
  std::FILE* stream_ = nullptr;
  std::vector<TraceLine> ring_;
  std::size_t next_ = 0;
};

}  // namespace peerpay::sim
