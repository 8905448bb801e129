#include "tests/sim/trace.h"

#include <algorithm>

namespace peerpay::sim {

namespace {

template <class... Args>
std::string print(const char* pattern, Args... args) {
  char text[160];
  const int size = std::snprintf(text, sizeof text, pattern, args...);
  return size > 0 ? std::string{text, std::min(static_cast<std::size_t>(size), sizeof text - 1)}
                  : "";
}

}  // namespace

std::array<std::uint8_t, 4> short_id(base::ByteView bytes) {
  std::array<std::uint8_t, 4> out{};
  std::copy_n(bytes.begin(), std::min(out.size(), bytes.size()), out.begin());
  return out;
}

std::string format(const TraceLine& line) {
  const std::int64_t us = line.time.microseconds;
  std::string out = print("%5lld.%06lld ", static_cast<long long>(us / 1'000'000),
                          static_cast<long long>(us % 1'000'000));
  out += line.node >= 0 ? print("n%-2d ", line.node) : std::string{"--  "};
  out += print("%-8s %-14s ", line.verb, line.object);
  out += line.peer >= 0 ? print("n%-2d ", line.peer) : std::string{"    "};
  out += line.view > 0 ? print("v%-6llu ", static_cast<unsigned long long>(line.view))
                       : std::string(8, ' ');
  out += line.height > 0 ? print("h%-6llu ", static_cast<unsigned long long>(line.height))
                         : std::string(8, ' ');
  if (line.id != std::array<std::uint8_t, 4>{}) out += base::to_hex(line.id);
  out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

void Trace::add(const TraceLine& line) {
  if (stream_ != nullptr) std::fprintf(stream_, "%s\n", format(line).c_str());
  if (ring_.size() < lines_max_) {
    ring_.push_back(line);
    return;
  }
  ring_[next_] = line;
  next_ = (next_ + 1) % lines_max_;
}

std::vector<std::string> Trace::last() const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < ring_.size(); ++i)
    out.push_back(format(ring_[(next_ + i) % ring_.size()]));
  return out;
}

}  // namespace peerpay::sim
