#include "node/net/connection_table.h"

#include <gtest/gtest.h>

namespace peerpay::net {
namespace {

TEST(ConnectionTable, TakesTheNewestOfWhoHoldsMost) {
  ConnectionTable table{4};
  for (const int descriptor : {1, 2}) table.add({descriptor, 0, "flooder"});
  table.add({3, 0, "friend"});
  EXPECT_FALSE(table.is_full());
  table.add({4, 0, "flooder"});
  EXPECT_TRUE(table.is_full());

  table.add({5, 0, "newcomer"});
  EXPECT_EQ(table.evict("newcomer").descriptor, 4);
  EXPECT_EQ(table.size(), 4U);
  table.add({6, 0, "flooder"});
  EXPECT_EQ(table.evict("flooder").descriptor, 6) << "what was there before stays";
}

TEST(ConnectionTable, AmongEqualsTheNewcomerGives) {
  ConnectionTable table{2};
  table.add({1, 0, "a"});
  table.add({2, 0, "c"});
  table.add({3, 0, "b"});
  EXPECT_EQ(table.evict("b").descriptor, 3);
}

TEST(ConnectionTable, ForgetsWhatIsClosed) {
  ConnectionTable table{3};
  for (const int descriptor : {1, 2}) table.add({descriptor, 0, "a"});
  table.add({3, 0, "b"});
  table.sweep([](const Connection& connection) { return connection.descriptor != 2; });
  EXPECT_EQ(table.size(), 1U);
  table.add({4, 0, "b"});
  EXPECT_EQ(table.evict("b").descriptor, 4);
  EXPECT_EQ(table.evict("a").descriptor, 2);
}

}  // namespace
}  // namespace peerpay::net
