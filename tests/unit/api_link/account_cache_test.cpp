#include "api/link/account_cache.h"

#include <gtest/gtest.h>

#include "tests/unit/api_link/chain_fixture.h"

namespace peerpay::api {
namespace {

using ledger::test::test_account;
using test::PracticeChain;

class AccountCacheTest : public testing::Test {
 protected:
  proto::AccountSnapshot snapshot(const ledger::AccountId& account, std::uint64_t height) {
    proto::AccountSnapshot out;
    out.account = account;
    out.height = ledger::Height{height};
    return out;
  }
  void follow(const proto::FinalizedBlock& sent) { cache_.on_blocks(*verifier_.accept(sent)); }

  PracticeChain chain_;
  BlockVerifier verifier_ = chain_.verifier();
  AccountCache cache_{chain_.genesis(), 3};
};

TEST_F(AccountCacheTest, KeepsAnAccountUntilABlockTouchesIt) {
  for (const std::uint32_t account : {1U, 2U, 3U}) cache_.put(snapshot(test_account(account), 0));
  follow(chain_.pay(1, 2));
  EXPECT_EQ(cache_.find(test_account(1)), nullptr);
  EXPECT_EQ(cache_.find(test_account(2)), nullptr);
  ASSERT_NE(cache_.find(test_account(3)), nullptr);
}

TEST_F(AccountCacheTest, FeesTouchTheProposersAccount) {
  const auto earner = chain_.genesis().validators[0].fee_account;
  cache_.put(snapshot(earner, 0));
  follow(chain_.heartbeat());
  EXPECT_NE(cache_.find(earner), nullptr);
  follow(chain_.pay(1, 2));
  EXPECT_EQ(cache_.find(earner), nullptr);
}

TEST_F(AccountCacheTest, AnAnswerFromBeforeTheNewestBlockIsNotKept) {
  follow(chain_.pay(1, 2));
  follow(chain_.heartbeat());
  cache_.put(snapshot(test_account(1), 1));
  EXPECT_EQ(cache_.find(test_account(1)), nullptr);
  cache_.put(snapshot(test_account(1), 2));
  EXPECT_NE(cache_.find(test_account(1)), nullptr);
}

TEST_F(AccountCacheTest, NorOneFromBeforeFollowingBegan) {
  cache_.follow_from(ledger::Height{5});
  cache_.put(snapshot(test_account(1), 4));
  EXPECT_EQ(cache_.find(test_account(1)), nullptr);
}

TEST_F(AccountCacheTest, IsBoundedAndKeepsWhatIsAskedFor) {
  for (std::uint32_t account = 0; account < 50; ++account) {
    cache_.put(snapshot(test_account(account), 0));
    ASSERT_NE(cache_.find(test_account(0)), nullptr) << account;
  }
  std::size_t kept = 0;
  for (std::uint32_t account = 0; account < 50; ++account) {
    kept += cache_.find(test_account(account)) != nullptr;
  }
  EXPECT_LE(kept, 6U);
}

}  // namespace
}  // namespace peerpay::api
