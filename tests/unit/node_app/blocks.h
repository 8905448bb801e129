#pragma once
// Blocks as the core hands them over, for tests that look at no more than their transactions and
// times.

#include <vector>

#include "ledger/ids.h"
#include "node/core/effects.h"

namespace peerpay::app::test {

inline ledger::TransactionId transaction_id(std::uint16_t number) {
  ledger::TransactionId out;
  out.bytes[0] = static_cast<std::uint8_t>(number & 0xff);
  out.bytes[1] = static_cast<std::uint8_t>(number >> 8);
  return out;
}

inline node::CommittedBlock block_of(std::uint64_t height, base::UnixMillis timestamp,
                                     const std::vector<ledger::TransactionId>& ids) {
  node::CommittedBlock out;
  out.block.header.height = ledger::Height{height};
  out.block.header.timestamp = timestamp;
  for (const auto& id : ids) {
    ledger::Outcome outcome;
    outcome.id = id;
    outcome.result = ledger::TransactionResult::kApplied;
    out.outcomes.push_back(outcome);
  }
  return out;
}

}  // namespace peerpay::app::test
