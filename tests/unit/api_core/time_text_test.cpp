#include "api/core/time_text.h"

#include <gtest/gtest.h>

namespace peerpay::api {
namespace {

TEST(TimeText, WritesMillisecondsInUtc) {
  EXPECT_EQ(format_time({0}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_time({1'614'265'330'007}), "2021-02-25T15:02:10.007Z");
  EXPECT_EQ(format_time({UINT64_MAX}), "9999-12-31T23:59:59.999Z");
}

// Rows with offsets: RFC 3339 section 5.8.
TEST(TimeText, ReadsWhatRfc3339Allows) {
  const std::pair<const char*, const char*> rows[] = {
      {"1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520Z"},
      {"1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57.000Z"},
      {"2026-11-22t10:00:00z", "2026-11-22T10:00:00.000Z"},
      {"2026-11-22T10:00:00.123456789Z", "2026-11-22T10:00:00.123Z"},
      {"2026-11-22T10:00:00.9+00:00", "2026-11-22T10:00:00.900Z"},
      {"2026-11-22T10:00:00-00:00", "2026-11-22T10:00:00.000Z"},
      {"1970-01-01T23:59:00+23:59", "1970-01-01T00:00:00.000Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"}};
  for (const auto& [text, utc] : rows) {
    const auto time = parse_time(text);
    ASSERT_TRUE(time.has_value()) << text;
    EXPECT_EQ(format_time(*time), utc);
    EXPECT_EQ(parse_time(utc), time);
  }
}

TEST(TimeText, RefusesTheRest) {
  for (const auto* text : {"",
                           "2026-11-22",
                           "2026-11-22T10:00:00",
                           "2026-11-22 10:00:00Z",
                           "2026-11-22T10:00Z",
                           "2026-11-22T10:00:00.Z",
                           "2026-11-22T10:00:00.1234567890Z",
                           "2026-11-22T10:00:00,5Z",
                           "2026-11-22T10:00:60Z",
                           "2026-11-22T24:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2025-02-29T00:00:00Z",
                           "2026-11-22T10:00:00+24:00",
                           "2026-11-22T10:00:00+01:60",
                           "2026-11-22T10:00:00+0100",
                           "2026-11-22T10:00:00Z ",
                           "1969-12-31T23:59:59Z",
                           "1970-01-01T00:00:00+00:01",
                           "+2026-11-22T10:00:00Z",
                           "2026-1-22T10:00:00Z"}) {
    EXPECT_FALSE(parse_time(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace peerpay::api
