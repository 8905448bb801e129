#include "node/core/id_table.h"

#include <gtest/gtest.h>

#include <map>

#include "base/rng.h"

namespace peerpay::node {
namespace {

// Few different starts, so that searches meet other ids on their way and wrap around.
ledger::TransactionId crowded_id(base::Rng& rng) {
  ledger::TransactionId id;
  id.bytes[7] = static_cast<std::uint8_t>(12 + rng.below(8));
  id.bytes[31] = static_cast<std::uint8_t>(rng.below(16));
  return id;
}

TEST(IdTable, HoldsWhatAMapHolds) {
  base::Rng rng{1};
  IdTable<std::uint64_t> table;
  std::map<ledger::TransactionId, std::uint64_t> model;
  for (std::uint64_t step = 0; step < 20'000; ++step) {
    const auto id = crowded_id(rng);
    ASSERT_EQ(table.contains(id), model.contains(id));
    if (!model.contains(id)) {
      table.emplace(id, step);
      model.emplace(id, step);
    } else if (rng.below(4) != 0) {
      table.erase(id);
      model.erase(id);
    }
    ASSERT_EQ(table.size(), model.size());
    for (const auto& [held, value] : model) ASSERT_EQ(*table.find(held), value);
  }
}

TEST(IdTable, AValueStaysWhereItIs) {
  base::Rng rng{2};
  IdTable<int> table;
  const ledger::TransactionId first{};
  const int* value = &table.emplace(first, 7);
  for (int i = 0; i < 1'000; ++i) {
    ledger::TransactionId id;
    for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(rng.below(256));
    table.emplace(id, i);
  }
  EXPECT_EQ(table.find(first), value);
  EXPECT_EQ(*value, 7);
}

}  // namespace
}  // namespace peerpay::node
