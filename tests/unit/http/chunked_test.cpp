// Chunked bodies, whole and byte by byte.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "api/http/framing.h"

namespace peerpay::http {
namespace {

struct Taken {
  std::string body;
  std::string rest;  // what was not taken
  bool is_done = false;
  std::optional<Fault> fault;
};

// Gives the bytes in pieces of `step`.
Taken take(std::string_view bytes, std::size_t step, const FramingLimits& limits = {}) {
  ChunkedReader reader{limits.body_bytes_max, limits.chunk_line_bytes_max};
  Taken result;
  for (std::size_t begin = 0; begin < bytes.size(); begin += step) {
    result.rest += bytes.substr(begin, step);
    const auto count = reader.take(result.rest, result.body);
    if (!count) {
      result.fault = count.error();
      return result;
    }
    result.rest.erase(0, *count);
  }
  result.is_done = reader.is_done();
  return result;
}

TEST(Chunked, ReadsChunksHoweverTheyArrive) {
  const std::string bytes =
      "5\r\nhello\r\n0006;a=b;c=\"d e\"\r\n\r\nbye!\r\nA\r\n0123456789\r\n0\r\nTrailer: "
      "x\r\n\r\nNEXT";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    const Taken taken = take(bytes, step);
    EXPECT_TRUE(taken.is_done);
    EXPECT_EQ(taken.body, "hello\r\nbye!0123456789");
    EXPECT_EQ(taken.rest, "NEXT") << step;
  }
}

TEST(Chunked, RefusesWhatIsMalformed) {
  const std::vector<std::string> rows{
      "0x5\r\nhello\r\n0\r\n\r\n",
      "\r\nhello",
      "+5\r\nhello\r\n0\r\n\r\n",
      "-1\r\n",
      " 5\r\nhello\r\n",
      "5 \r\nhello\r\n",
      "5 ;a\r\nhello\r\n",
      "5_\r\nhello\r\n",
      "5\nhello\r\n0\r\n\r\n",
      "5\r\nhello\n0\r\n\r\n",
      "5\r\nhelloX\r\n0\r\n\r\n",
      "5\r\nhelloXX0\r\n\r\n",
      "000000005\r\nhello\r\n",
      "5;a\rb\r\nhello\r\n",
      std::string{"5;a\0b\r\nhello\r\n", 14},
      "5;" + std::string(300, 'a'),
      "5;" + std::string(254, 'a') + "\r\n",
      "5;\r\nhello\r\n",
      "5;;a\r\nhello\r\n",
      "5;a=\r\nhello\r\n",
      "5;==b\r\nhello\r\n",
      "5;\"a\"\r\nhello\r\n",
      "5;a=\"b\r\nhello\r\n",
      "5;a=\"b\\\"\r\nhello\r\n",
      "5;a=b c\r\nhello\r\n",
      "0\r\nTrailer x\r\n\r\n",
      "0\r\n folded: x\r\n\r\n",
      "0\r\nTrailer : x\r\n\r\n",
      "0\r\nTrailer: x\n\r\n",
      // Found by fuzzing: readers that look at what these say refused what the gate took.
      "0\r\nConnection:: a\r\n\r\n",
      "0\r\nProxy-Connection: a b\r\n\r\n",
      "0\r\ncontent-length: 5\r\n\r\n",
      "0\r\nTransfer-Encoding: chunked\r\n\r\n",
      "0\r\nHost: b\r\n\r\n",
      "0\r\n\n",
  };
  for (const std::string& row : rows) {
    for (const std::size_t step : {std::size_t{1}, row.size()}) {
      EXPECT_EQ(take(row, step).fault, Fault::kChunk) << row;
    }
  }
}

TEST(Chunked, IsBounded) {
  const FramingLimits limits{.body_bytes_max = 16};
  EXPECT_EQ(take("11\r\n", 1, limits).fault, Fault::kBodyTooLarge);
  EXPECT_EQ(take("FFFFFFFF\r\n", 1, limits).fault, Fault::kBodyTooLarge);
  EXPECT_EQ(take("8\r\n12345678\r\n9\r\n", 1, limits).fault, Fault::kBodyTooLarge);
  EXPECT_TRUE(take("10\r\n0123456789abcdef\r\n0\r\n\r\n", 1, limits).is_done);
  // Sixteen bytes of lines have been enough; extensions and trailers can't go on for ever.
  EXPECT_EQ(take("1\r\na\r\n1\r\nb\r\n1\r\nc\r\n1\r\nd\r\n", 1, limits).fault,
            Fault::kBodyTooLarge);
  EXPECT_EQ(take("0\r\nA: b\r\nC: d\r\nE: f\r\n\r\n", 1, limits).fault, Fault::kBodyTooLarge);
}

}  // namespace
}  // namespace peerpay::http
