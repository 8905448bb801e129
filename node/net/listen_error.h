#pragma once
// Why a listener did not start, and whether the address is to blame.

#include <cstdint>
#include <string>

namespace peerpay::net {

enum class ListenFault : std::uint8_t {
  kOptions,  // what was asked for makes no sense: asking again changes nothing
  kAddress,  // in use, or not this machine's
};

struct ListenError {
  ListenFault fault = ListenFault::kOptions;
  std::string sentence;
};

}  // namespace peerpay::net
