#pragma once
// AnswerRoom: what all answers of a service share that are being written.

#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

#include "node/net/byte_budget.h"
#include "node/net/live_calls.h"

namespace peerpay::net {

struct AnswerRoom {
  ByteBudget& budget;
  LiveCalls& live;
  std::chrono::milliseconds unread_max;

  // For an answer of so many bytes; empty when the others leave no room for it.
  [[nodiscard]] std::optional<BudgetShare> take(std::size_t bytes) const {
    auto share = budget.try_take(bytes);
    return share ? std::move(share) : budget.try_take_part(bytes, 0, live.count());
  }
};

}  // namespace peerpay::net
