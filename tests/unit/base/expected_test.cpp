#include "base/expected.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace peerpay::base {
namespace {

enum class Fault { kSmall, kLarge };

Expected<std::string, Fault> word(bool good) {
  if (!good) return Unexpected{Fault::kLarge};
  return std::string{"good"};
}

Expected<void, Fault> nothing(bool good) {
  if (!good) return Unexpected{Fault::kSmall};
  return {};
}

TEST(Expected, HoldsAValue) {
  auto result = word(true);
  ASSERT_TRUE(result.has_value());
  EXPECT_TRUE(static_cast<bool>(result));
  EXPECT_EQ(result.value(), "good");
  EXPECT_EQ(result->size(), 4U);
  *result += "!";
  const auto& same = result;
  EXPECT_EQ(*same, "good!");
  EXPECT_EQ(same.value(), "good!");
  EXPECT_EQ(same->back(), '!');
}

TEST(Expected, HoldsAnError) {
  const auto result = word(false);
  EXPECT_FALSE(result.has_value());
  EXPECT_FALSE(static_cast<bool>(result));
  EXPECT_EQ(result.error(), Fault::kLarge);
}

TEST(Expected, TellsEqualTypesOfValueAndErrorApart) {
  const Expected<int, int> value = 1;
  const Expected<int, int> error = Unexpected{1};
  EXPECT_TRUE(value);
  EXPECT_FALSE(error);
}

TEST(Expected, MovesItsValueOut) {
  using Box = Expected<std::unique_ptr<int>, Fault>;
  Box result = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);
  EXPECT_EQ(*Box{std::make_unique<int>(8)}.value(), 8);
}

TEST(Expected, ConvertsTheErrorToItsOwnType) {
  const Expected<int, std::string> result = Unexpected{"text"};
  EXPECT_EQ(result.error(), "text");
}

TEST(ExpectedVoid, HoldsSuccessOrAnError) {
  EXPECT_TRUE(nothing(true));
  EXPECT_TRUE(nothing(true).has_value());
  EXPECT_FALSE(nothing(false));
  EXPECT_EQ(nothing(false).error(), Fault::kSmall);
}

TEST(ExpectedDeathTest, ReadingTheMissingSideAborts) {
  EXPECT_DEATH((void)*word(false), "value of an Expected that holds an error");
  EXPECT_DEATH((void)word(false)->size(), "value of an Expected that holds an error");
  EXPECT_DEATH((void)word(true).error(), "error\\(\\) of an Expected that holds a value");
  EXPECT_DEATH((void)nothing(true).error(), "error\\(\\) of an Expected that holds a value");
}

struct DiskError {
  int code = 0;
};
struct AppError {
  explicit AppError(const DiskError& error) : text{"disk error " + std::to_string(error.code)} {}
  std::string text;
};

Expected<int, DiskError> read_disk(bool works) {
  if (works) return 7;
  return Unexpected{DiskError{5}};
}
Expected<void, DiskError> write_disk(bool works) {
  if (works) return {};
  return Unexpected{DiskError{6}};
}

TEST(Expected, IsPassedUpWithTheErrorOfTheLayerAbove) {
  const auto read = [](bool works) -> Expected<int, AppError> { return read_disk(works); };
  const auto write = [](bool works) -> Expected<void, AppError> { return write_disk(works); };
  EXPECT_EQ(*read(true), 7);
  EXPECT_EQ(read(false).error().text, "disk error 5");
  EXPECT_TRUE(write(true));
  EXPECT_EQ(write(false).error().text, "disk error 6");
}

}  // namespace
}  // namespace peerpay::base
