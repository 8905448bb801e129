#include "node/core/mempool.h"

#include <gtest/gtest.h>

#include "tests/unit/node/harness.h"

namespace peerpay::node::testing {
namespace {

class MempoolTest : public ::testing::Test {
 protected:
  ledger::Genesis genesis_ = test_genesis(1);
  ledger::MemoryState state_ = test_bootstrap(genesis_).state;
  base::Now now_{{0}, {1'700'000'001'000}};

  CommittedBlock block_at(std::uint64_t timestamp_ms) const {
    CommittedBlock out;
    out.block.header.timestamp = {timestamp_ms};
    return out;
  }
  std::vector<ledger::TransactionId> ready(const Mempool& pool) const {
    std::vector<ledger::TransactionId> out;
    pool.for_each_ready([&](const Mempool::Entry& entry) {
      out.push_back(entry.transaction.id);
      return true;
    });
    return out;
  }
};

TEST_F(MempoolTest, KeepsTheOrderOfArrival) {
  Mempool pool{{}, genesis_};
  const auto second = test_pay(genesis_, {.nonce = 2});
  const auto first = test_pay(genesis_, {.nonce = 1});
  EXPECT_EQ(pool.add(second, state_, now_).admission, Admission::kAdmitted);
  EXPECT_EQ(pool.add(first, state_, now_).admission, Admission::kAdmitted);
  EXPECT_EQ(ready(pool), (std::vector{second.id, first.id}));
  EXPECT_EQ(pool.bytes(), first.bytes.size() + second.bytes.size());
}

TEST_F(MempoolTest, KnowsTheSameBytesAgain) {
  Mempool pool{{}, genesis_};
  const auto pay = test_pay(genesis_, {});
  EXPECT_EQ(pool.add(pay, state_, now_).admission, Admission::kAdmitted);
  EXPECT_EQ(pool.add(pay, state_, now_).admission, Admission::kAlreadyPending);
  EXPECT_EQ(pool.size(), 1U);
}

TEST_F(MempoolTest, IsBoundedByCountBytesAndShare) {
  const auto one = test_pay(genesis_, {.nonce = 1});
  const auto two = test_pay(genesis_, {.nonce = 2});
  const auto other = test_pay(genesis_, {.from = 102, .to = 103});
  Mempool by_count{{.transactions_max = 1}, genesis_};
  EXPECT_EQ(by_count.add(one, state_, now_).admission, Admission::kAdmitted);
  EXPECT_EQ(by_count.add(other, state_, now_).admission, Admission::kPoolFull);
  Mempool by_bytes{{.bytes_max = one.bytes.size() + 1}, genesis_};
  EXPECT_EQ(by_bytes.add(one, state_, now_).admission, Admission::kAdmitted);
  EXPECT_EQ(by_bytes.add(other, state_, now_).admission, Admission::kPoolFull);
  Mempool by_share{{.transactions_per_sender_max = 1}, genesis_};
  EXPECT_EQ(by_share.add(one, state_, now_).admission, Admission::kAdmitted);
  EXPECT_EQ(by_share.add(two, state_, now_).admission, Admission::kSenderShareFull);
  EXPECT_EQ(by_share.add(other, state_, now_).admission, Admission::kAdmitted);
}

TEST_F(MempoolTest, ParksWhatCannotBePaidNowAndWakesItWhenItCan) {
  Mempool pool{{}, genesis_};
  const auto pay = test_pay(genesis_, {.units = 60'000});
  ASSERT_EQ(pool.add(pay, state_, now_).admission, Admission::kAdmitted);
  auto spent = block_at(1'700'000'002'000);
  ledger::Account poorer = *state_.account(test_account(101));
  poorer.set_balance({0}, ledger::Amount{50'000});
  spent.changes[test_account(101)] = poorer;
  state_.apply(spent.changes);
  EXPECT_TRUE(pool.on_committed(spent, state_).empty());
  EXPECT_EQ(pool.ready_count(), 0U);
  EXPECT_EQ(pool.size(), 1U);
  auto refilled = block_at(1'700'000'003'000);
  poorer.set_balance({0}, ledger::Amount{70'000});
  refilled.changes[test_account(101)] = poorer;
  state_.apply(refilled.changes);
  EXPECT_TRUE(pool.on_committed(refilled, state_).empty());
  EXPECT_EQ(pool.ready_count(), 1U);
}

TEST_F(MempoolTest, DropsWhatABlockRuledOutOrExpired) {
  Mempool pool{{}, genesis_};
  const auto ruled_out = test_pay(genesis_, {.nonce = 7});
  const auto expiring =
      test_pay(genesis_, {.from = 102, .to = 103, .valid_until_ms = 1'700'000'001'500});
  ASSERT_EQ(pool.add(ruled_out, state_, now_).admission, Admission::kAdmitted);
  ASSERT_EQ(pool.add(expiring, state_, now_).admission, Admission::kAdmitted);
  auto block = block_at(1'700'000'001'501);
  ledger::Account used = *state_.account(test_account(101));
  used.nonces.use({7});
  block.changes[test_account(101)] = used;
  state_.apply(block.changes);
  const auto dropped = pool.on_committed(block, state_);
  ASSERT_EQ(dropped.size(), 2U);
  EXPECT_EQ(dropped[0].id, ruled_out.id);
  EXPECT_EQ(dropped[0].result, ledger::TransactionResult::kNonceUsed);
  EXPECT_EQ(dropped[1].id, expiring.id);
  EXPECT_EQ(dropped[1].result, ledger::TransactionResult::kExpired);
  EXPECT_EQ(pool.size(), 0U);
  EXPECT_EQ(pool.bytes(), 0U);
}

TEST_F(MempoolTest, AnnouncesAgainWhatWaits) {
  Mempool pool{{}, genesis_};
  const auto pay = test_pay(genesis_, {});
  pool.add(pay, state_, now_);
  EXPECT_TRUE(pool.take_unannounced({0}, {5'000'000}, 10).empty());
  EXPECT_EQ(pool.take_unannounced({1}, {5'000'000}, 10), std::vector{pay.id});
  EXPECT_TRUE(pool.take_unannounced({5'000'000}, {6'000'000}, 10).empty());
}

}  // namespace
}  // namespace peerpay::node::testing
