#include "node/core/fetcher.h"

#include <gtest/gtest.h>

namespace peerpay::node {
namespace {

// There may be nobody else to turn to.
TEST(Fetcher, WhoIsGivenUpAndAskedAgainAtOnceGetsTwiceTheTime) {
  const ReplicaConfig config;
  Fetcher fetcher{config};
  base::TimePoint now{1'000'000};
  constexpr PeerIndex kOnly{1};
  const auto ask = [&] { return fetcher.due({{1}, {2}}, {kOnly}, now).size(); };
  const auto patience = [&] { return fetcher.deadline().value() - now; };
  fetcher.start_range(now);
  ASSERT_EQ(ask(), 1U);
  EXPECT_EQ(patience(), config.fetch_timeout);
  ASSERT_EQ(fetcher.take_range_answer(kOnly), Fetcher::RangeAsked::kLast);
  now = now + base::milliseconds(100);
  fetcher.range_answered(kOnly, Fetcher::RangeAnswer::kUncertified, now);
  ASSERT_EQ(ask(), 1U) << "it is to continue";
  ASSERT_TRUE(fetcher.continues());
  now = *fetcher.deadline();
  ASSERT_EQ(ask(), 1U);
  EXPECT_FALSE(fetcher.continues()) << "it did not";
  EXPECT_EQ(patience(), config.fetch_timeout * 2);
}

}  // namespace
}  // namespace peerpay::node
