#pragma once
// What a node tells a client of the simulation, after the fact: see SimNode::submit.

#include <cstdint>
#include <variant>

#include "ledger/ids.h"
#include "ledger/result.h"
#include "tests/sim/network.h"

namespace peerpay::sim {

// The payment is in a block that is final, and durable at this node.
struct ToldFinal {
  ledger::Height height;
};
// No block can ever hold these bytes.
struct ToldNever {
  ledger::TransactionResult result;
};
// Waits at this node.
struct ToldPending {};
// Not taken in; the same bytes may be sent again.
struct ToldLater {
  ledger::TransactionResult result;
};
using Answer = std::variant<ToldFinal, ToldNever, ToldPending, ToldLater>;

class ClientListener {
 public:
  virtual ~ClientListener() = default;
  virtual void on_answer(NodeIndex node, const ledger::TransactionId& id, const Answer& answer) = 0;
};

}  // namespace peerpay::sim
