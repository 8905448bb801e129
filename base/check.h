#pragma once
// PEERPAY_CHECK: an invariant of our own code. It never compiles out, prints one line and aborts.
// Never on input: what a peer, a user or a disk can cause is a result code or an IoError.

namespace peerpay::base {

[[noreturn]] void check_failed(const char* condition, const char* why, const char* file, int line);

}  // namespace peerpay::base

#define PEERPAY_CHECK(condition, why)                                     \
  do {                                                                    \
    if (!(condition)) [[unlikely]] {                                      \
      ::peerpay::base::check_failed(#condition, why, __FILE__, __LINE__); \
    }                                                                     \
  } while (false)

// A place that the code above proves unreachable (after a switch that names every enumerator).
#define PEERPAY_UNREACHABLE(why) \
  ::peerpay::base::check_failed("unreachable", why, __FILE__, __LINE__)
