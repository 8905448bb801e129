#include "node/net/dial_schedule.h"

#include <gtest/gtest.h>

namespace peerpay::net {
namespace {

using namespace std::chrono_literals;
using Action = DialSchedule::Action;

constexpr DialSchedule::Time kStart{1h};

TEST(DialSchedule, DialsAtOnceAndOnce) {
  DialSchedule schedule{PeerLimits{}, 1, kStart};
  EXPECT_EQ(schedule.due(), kStart);
  EXPECT_EQ(schedule.next(kStart - 1us), Action::kNone);
  EXPECT_EQ(schedule.next(kStart), Action::kDial);
  EXPECT_EQ(schedule.next(kStart), Action::kNone);
}

TEST(DialSchedule, GivesUpADialThatTakesTooLongOnce) {
  const PeerLimits limits;
  DialSchedule schedule{limits, 1, kStart};
  ASSERT_EQ(schedule.next(kStart), Action::kDial);
  const auto deadline = kStart + limits.handshake_timeout;
  EXPECT_EQ(schedule.due(), deadline);
  EXPECT_EQ(schedule.next(deadline - 1us), Action::kNone);
  EXPECT_EQ(schedule.next(deadline), Action::kGiveUp);
  EXPECT_EQ(schedule.next(deadline + 1h), Action::kNone);
}

TEST(DialSchedule, HasNothingToDoWhileOpen) {
  DialSchedule schedule{PeerLimits{}, 1, kStart};
  ASSERT_EQ(schedule.next(kStart), Action::kDial);
  schedule.on_open(kStart);
  EXPECT_EQ(schedule.due(), DialSchedule::Time::max());
  EXPECT_EQ(schedule.next(kStart + 24h), Action::kNone);
}

// Fails `count` dials in a row and returns the last wait.
DialSchedule::Time::duration fail(DialSchedule& schedule, DialSchedule::Time& now, int count) {
  DialSchedule::Time::duration wait{};
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(schedule.next(now), Action::kDial);
    schedule.on_closed(now);
    wait = schedule.due() - now;
    now = schedule.due();
  }
  return wait;
}

TEST(DialSchedule, WaitsTwiceAsLongAfterEachFailureWithinHalfAndAll) {
  const PeerLimits limits;
  DialSchedule schedule{limits, 7, kStart};
  auto now = kStart;
  for (auto delay = limits.redial_delay_min; delay < limits.redial_delay_max; delay *= 2) {
    const auto wait = fail(schedule, now, 1);
    EXPECT_GE(wait, delay / 2);
    EXPECT_LE(wait, delay);
  }
  const auto longest = fail(schedule, now, 10);
  EXPECT_GE(longest, limits.redial_delay_max / 2);
  EXPECT_LE(longest, limits.redial_delay_max);
}

TEST(DialSchedule, StartsAfreshOnlyAfterALongLife) {
  const PeerLimits limits;
  DialSchedule schedule{limits, 7, kStart};
  auto now = kStart;
  (void)fail(schedule, now, 10);

  ASSERT_EQ(schedule.next(now), Action::kDial);
  schedule.on_open(now);
  schedule.on_closed(now + 1ms);
  EXPECT_GE(schedule.due() - now, limits.redial_delay_max / 2);

  now = schedule.due();
  ASSERT_EQ(schedule.next(now), Action::kDial);
  schedule.on_open(now);
  now += limits.redial_delay_max;
  schedule.on_closed(now);
  EXPECT_LE(schedule.due() - now, limits.redial_delay_min);
}

TEST(DialSchedule, APeerThatIsSeenIsDialledAtOnceButNotInARow) {
  const PeerLimits limits;
  DialSchedule schedule{limits, 7, kStart};
  auto now = kStart;
  (void)fail(schedule, now, 10);
  ASSERT_EQ(schedule.next(now), Action::kDial);
  schedule.on_closed(now);
  ASSERT_GE(schedule.due() - now, limits.redial_delay_max / 2);

  schedule.on_peer_seen(now + 1ms);
  EXPECT_EQ(schedule.due(), now + limits.redial_delay_min);
  const auto later = now + limits.redial_delay_min + 1ms;
  schedule.on_peer_seen(later);
  EXPECT_EQ(schedule.due(), now + limits.redial_delay_min) << "never later than it was";
  ASSERT_EQ(schedule.next(later), Action::kDial);
  schedule.on_peer_seen(later);
  EXPECT_EQ(schedule.due(), later + limits.handshake_timeout) << "a dial under way goes on";

  schedule.on_closed(later);
  EXPECT_GE(schedule.due() - later, limits.redial_delay_max / 2) << "the delay was not reset";
}

TEST(DialSchedule, JitterFollowsTheSeed) {
  auto a_now = kStart;
  auto b_now = kStart;
  auto c_now = kStart;
  DialSchedule a{PeerLimits{}, 3, kStart};
  DialSchedule b{PeerLimits{}, 3, kStart};
  DialSchedule c{PeerLimits{}, 4, kStart};
  (void)fail(a, a_now, 5);
  (void)fail(b, b_now, 5);
  (void)fail(c, c_now, 5);
  EXPECT_EQ(a_now, b_now);
  EXPECT_NE(a_now, c_now);
}

}  // namespace
}  // namespace peerpay::net
