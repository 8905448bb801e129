#pragma once
// Why a question to a node has no answer, for every client of nodes.

#include <cstdint>
#include <string>

#include "base/expected.h"

namespace peerpay::proto {

enum class NodeFault : std::uint8_t {
  kUnreachable,  // no connection, or it broke: the request may have arrived
  kTimeout,      // no answer in time: likewise
  kBusy,         // the node asks to come back later
  kNotFound,
  kRefused,    // the node finds the request malformed
  kMalformed,  // the answer makes no sense to this version
};

struct NodeError {
  NodeFault fault = NodeFault::kUnreachable;
  std::string code;     // the node's own snake_case code, or empty
  std::string message;  // one sentence, printable
};

template <class T>
using Answer = base::Expected<T, NodeError>;

}  // namespace peerpay::proto
