#pragma once
// Time as values. Pure code is handed the time; it never reads a clock.

#include <compare>
#include <cstdint>

namespace peerpay::base {

struct Duration {
  std::int64_t microseconds = 0;
  friend constexpr auto operator<=>(const Duration&, const Duration&) = default;
  constexpr std::int64_t milliseconds() const { return microseconds / 1000; }
};

constexpr Duration microseconds(std::int64_t count) { return Duration{count}; }
constexpr Duration milliseconds(std::int64_t count) { return Duration{count * 1000}; }
constexpr Duration seconds(std::int64_t count) { return Duration{count * 1'000'000}; }
constexpr Duration operator+(Duration a, Duration b) { return {a.microseconds + b.microseconds}; }
constexpr Duration operator*(Duration a, std::int64_t n) { return {a.microseconds * n}; }

// A point on a monotonic clock that starts anywhere; only differences mean something.
struct TimePoint {
  std::int64_t microseconds = 0;
  friend constexpr auto operator<=>(const TimePoint&, const TimePoint&) = default;
};

constexpr TimePoint operator+(TimePoint t, Duration d) { return {t.microseconds + d.microseconds}; }
constexpr TimePoint operator-(TimePoint t, Duration d) { return {t.microseconds - d.microseconds}; }
constexpr Duration operator-(TimePoint a, TimePoint b) { return {a.microseconds - b.microseconds}; }

// Wall-clock time in milliseconds since 1970-01-01T00:00:00Z: what transactions and blocks carry.
struct UnixMillis {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const UnixMillis&, const UnixMillis&) = default;
};

// What every event carries: both clocks, read once by the shell.
struct Now {
  TimePoint monotonic;
  UnixMillis wall;
};

}  // namespace peerpay::base
