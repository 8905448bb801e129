#include "node/app/key_cache.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "tests/support/ledger/ledger_world.h"

namespace peerpay::app {
namespace {

const crypto::Hash kMessage{{7}};

// Whether what the cache gives for key number `number` verifies its signature, and no other's.
bool is_right(KeyCache& cache, std::uint32_t number) {
  const auto secret = ledger::test::test_key(number);
  const auto other = ledger::test::test_key(number + 1);
  const auto ready = cache.get(secret.public_key());
  return ready && crypto::verify_with(*ready, kMessage, crypto::sign(secret, kMessage)) &&
         !crypto::verify_with(*ready, kMessage, crypto::sign(other, kMessage));
}

TEST(KeyCache, GivesEachKeyItself) {
  KeyCache cache{64, 1};
  for (int round = 0; round < 2; ++round) {
    for (std::uint32_t number = 0; number < 8; ++number) EXPECT_TRUE(is_right(cache, number));
  }
}

TEST(KeyCache, KeysThatShareAPlaceAreNotMixedUp) {
  KeyCache cache{1, 1};
  for (const std::uint32_t number : {0U, 1U, 0U, 0U, 1U}) EXPECT_TRUE(is_right(cache, number));
}

// Nobody who does not know the seed can choose keys that share a place.
TEST(KeyCache, KeysThatShareAPlaceDoNotWithAnotherSeed) {
  constexpr std::uint32_t kKeys = 200;
  const KeyCache one{64, 1};
  const KeyCache other{64, 2};
  std::set<std::size_t> places;
  std::set<std::size_t> elsewhere;  // of the keys that share a place in the first
  const auto shared = one.place_of(ledger::test::test_key(0).public_key());
  for (std::uint32_t number = 0; number < kKeys; ++number) {
    const auto key = ledger::test::test_key(number).public_key();
    places.insert(one.place_of(key));
    if (one.place_of(key) == shared) elsewhere.insert(other.place_of(key));
  }
  EXPECT_GT(places.size(), 50U);
  EXPECT_GT(elsewhere.size(), 1U);
}

TEST(KeyCache, KnowsNoInvalidKey) {
  KeyCache cache{4, 1};
  const auto invalid = ledger::key_of(ledger::test::invalid_account(0));
  EXPECT_FALSE(cache.get(invalid));
  EXPECT_FALSE(cache.get(invalid));
  EXPECT_FALSE(cache.get(crypto::PublicKey{})) << "what an empty place looks like";
}

TEST(KeyCache, MayBeAskedByManyAtOnce) {
  KeyCache cache{2, 1};
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    threads.emplace_back([&cache, &count = wrong[i]] {
      for (std::uint32_t number = 0; number < 100; ++number) count += !is_right(cache, number % 5);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace peerpay::app
