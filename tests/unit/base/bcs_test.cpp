#include "base/bcs.h"

#include <gtest/gtest.h>

namespace peerpay::base {
namespace {

// Examples of the BCS specification (github.com/diem/bcs, README, sections "ULEB128-Encoded Integers" and
// "Variable Length Sequences").
TEST(Bcs, Uleb128MatchesTheSpecification) {
  const std::pair<std::uint32_t, const char*> rows[] = {
      {1, "01"},           {128, "8001"},        {16384, "808001"},
      {2097152, "80808001"}, {268435456, "8080808001"}, {9487, "8f4a"},
  };
  for (const auto& [value, hex] : rows) {
    BcsWriter out;
    out.uleb(value);
    EXPECT_EQ(to_hex(out.view()), hex);
  }
}

}  // namespace
}  // namespace peerpay::base
