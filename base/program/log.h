#pragma once
// The log of a program that runs as a service: lines on stderr, for a service manager to keep.

#include <string>

namespace peerpay::program {

// To be called once. `level` is "debug", "info", "warn" or "error"; quieter lines are dropped.
void set_up_log(const std::string& program, const std::string& level);

}  // namespace peerpay::program
