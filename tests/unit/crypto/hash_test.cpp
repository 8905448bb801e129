#include "crypto/hash.h"

#include <gtest/gtest.h>

#include <set>

namespace peerpay::crypto {
namespace {

TEST(TaggedHash, TagsAreDistinctAndNumberedInOrder) {
  std::set<std::string_view> texts;
  for (std::size_t i = 0; i < std::size(kAllTags); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kAllTags[i]), i);
    EXPECT_TRUE(texts.insert(tag_text(kAllTags[i])).second) << tag_text(kAllTags[i]);
  }
}

}  // namespace
}  // namespace peerpay::crypto
