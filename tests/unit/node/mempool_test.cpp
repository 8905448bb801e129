#include "node/core/mempool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "node/core/limits.h"
#include "tests/unit/node/harness.h"

namespace peerpay::node::testing {
namespace {

class MempoolTest : public ::testing::Test {
 protected:
  ledger::Genesis genesis_ = test_genesis(1);
  ledger::MemoryState state_ = test_bootstrap(genesis_).state.accounts();
  base::Now now_{{0}, {1'700'000'001'000}};

  Mempool::Admitted add(Mempool& pool, const ledger::SealedTransaction& transaction,
                        Mempool::Source source = {}) {
    return pool.add(transaction, source, state_, now_);
  }
  // The same but for the balance of account 101, as after a block that paid from or to it.
  Mempool::AfterBlock on_balance(Mempool& pool, std::uint64_t units) {
    auto block = block_at(now_.wall.value);
    ledger::Account changed = *state_.account(test_account(101));
    changed.set_balance({0}, ledger::Amount{units});
    block.changes[test_account(101)] = changed;
    state_.apply(block.changes);
    return pool.on_committed(block, state_);
  }
  CommittedBlock block_at(std::uint64_t timestamp_ms) const {
    CommittedBlock out;
    out.block.header.timestamp = {timestamp_ms};
    return out;
  }
  CommittedBlock block_of(const std::vector<ledger::TransactionId>& ids) const {
    auto out = block_at(now_.wall.value);
    for (const auto& id : ids)
      out.outcomes.push_back({id, ledger::TransactionResult::kApplied, {}, {}});
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
  EXPECT_EQ(add(pool, second).admission, Admission::kAdmitted);
  EXPECT_EQ(add(pool, first).admission, Admission::kAdmitted);
  EXPECT_EQ(ready(pool), (std::vector{second.id, first.id}));
  EXPECT_EQ(pool.bytes(), first.bytes.size() + second.bytes.size());
}

TEST_F(MempoolTest, SendersTakeTurns) {
  Mempool pool{{}, genesis_};
  std::vector<ledger::TransactionId> flood;
  for (std::uint64_t nonce = 1; nonce <= 6; ++nonce) {
    const auto pay = test_pay(genesis_, {.nonce = nonce});
    flood.push_back(pay.id);
    ASSERT_EQ(add(pool, pay).admission, Admission::kAdmitted);
  }
  const auto other = test_pay(genesis_, {.from = 103});
  ASSERT_EQ(add(pool, other).admission, Admission::kAdmitted);
  EXPECT_EQ(ready(pool),
            (std::vector{flood[0], other.id, flood[1], flood[2], flood[3], flood[4], flood[5]}));
  // Whatever a block took, in whatever order: who comes now is for the turn before the others'
  // next.
  (void)pool.on_committed(block_of({flood[0], other.id, flood[2], flood[5]}), state_);
  const auto late = test_pay(genesis_, {.from = 103, .nonce = 2});
  const auto latest = test_pay(genesis_, {.from = 103, .nonce = 3});
  add(pool, late);
  add(pool, latest);
  EXPECT_EQ(ready(pool), (std::vector{late.id, flood[1], latest.id, flood[3], flood[4]}));
}

// Who was served while nobody else wanted more is not behind who comes with a lot now.
TEST_F(MempoolTest, WhatASenderHadBeforeIsNotHeldAgainstIt) {
  Mempool pool{{}, genesis_};
  std::map<std::uint8_t, std::uint64_t> nonces;
  const auto send = [&](std::uint8_t from) {
    const auto pay = test_pay(genesis_, {.from = from,
                                         .to = from == 101 ? std::uint8_t{102} : std::uint8_t{101},
                                         .units = 1,
                                         .nonce = ++nonces[from]});
    EXPECT_EQ(add(pool, pay).admission, Admission::kAdmitted);
    return pay.id;
  };
  std::deque<ledger::TransactionId> steady{send(101), send(101)};
  // Two come in turn, each with nothing pooled, so that a newcomer waits at all times.
  auto newcomer = send(102);
  for (int block = 0; block < 200; ++block) {
    const auto next = send(block % 2 == 0 ? 103 : 102);
    (void)pool.on_committed(block_of({steady.front(), std::exchange(newcomer, next)}), state_);
    steady.pop_front();
    steady.push_back(send(101));
  }
  for (int i = 0; i < 50; ++i) (void)send(104);
  const auto order = ready(pool);
  const auto place = std::ranges::find(order, steady.front()) - order.begin();
  EXPECT_LE(place, 3) << "of " << order.size();
}

// Else whoever comes with one payment at a time keeps others' second ones waiting.
TEST_F(MempoolTest, NewcomersWithoutEndAreForLaterTurns) {
  Mempool pool{{}, genesis_};
  std::vector<ledger::TransactionId> waiting;
  for (std::uint64_t nonce = 1; nonce <= 3; ++nonce) {
    const auto pay = test_pay(genesis_, {.units = 1, .nonce = nonce});
    waiting.push_back(pay.id);
    add(pool, pay);
  }
  std::uint64_t nonce = 0;
  const auto newcomer = [&] {
    return test_pay(genesis_, {.from = 103, .units = 1, .nonce = ++nonce});
  };
  for (std::size_t i = 1; i < kNewcomersMax; ++i) {
    const auto pay = newcomer();
    add(pool, pay);
    ASSERT_EQ(ready(pool)[1], pay.id) << i;
    (void)pool.on_committed(block_of({pay.id}), state_);
  }
  const auto later = newcomer();
  add(pool, later);
  EXPECT_EQ(ready(pool), (std::vector{waiting[0], waiting[1], later.id, waiting[2]}));
}

// The turns that passed meanwhile are not owed to it.
TEST_F(MempoolTest, WhatWasParkedWaitsForTurnsAnew) {
  Mempool pool{{}, genesis_};
  std::vector<ledger::TransactionId> parked;
  for (std::uint64_t nonce = 1; nonce <= 2; ++nonce) {
    const auto pay = test_pay(genesis_, {.nonce = nonce});
    parked.push_back(pay.id);
    add(pool, pay);
  }
  (void)on_balance(pool, 0);
  std::vector<ledger::TransactionId> others;
  for (std::uint64_t nonce = 1; nonce <= 6; ++nonce) {
    const auto pay = test_pay(genesis_, {.from = 103, .nonce = nonce});
    others.push_back(pay.id);
    add(pool, pay);
  }
  (void)pool.on_committed(block_of({others[0], others[1], others[2], others[3]}), state_);
  (void)on_balance(pool, 1'000);
  EXPECT_EQ(ready(pool), (std::vector{parked[0], parked[1], others[4], others[5]}));
}

TEST_F(MempoolTest, KnowsTheSameBytesAgain) {
  Mempool pool{{}, genesis_};
  const auto pay = test_pay(genesis_, {});
  EXPECT_EQ(add(pool, pay).admission, Admission::kAdmitted);
  EXPECT_EQ(add(pool, pay).admission, Admission::kAlreadyPending);
  EXPECT_EQ(pool.size(), 1U);
}

TEST_F(MempoolTest, IsBoundedByCountBytesAndShare) {
  const auto one = test_pay(genesis_, {.nonce = 1});
  const auto two = test_pay(genesis_, {.nonce = 2});
  const auto other = test_pay(genesis_, {.from = 102, .to = 103});
  Mempool by_count{{.transactions_max = 1}, genesis_};
  EXPECT_EQ(add(by_count, one).admission, Admission::kAdmitted);
  EXPECT_EQ(add(by_count, other).admission, Admission::kPoolFull);
  Mempool by_bytes{{.bytes_max = one.bytes.size() + 1}, genesis_};
  EXPECT_EQ(add(by_bytes, one).admission, Admission::kAdmitted);
  EXPECT_EQ(add(by_bytes, other).admission, Admission::kPoolFull);
  Mempool by_share{{.operations_per_payer_max = 1}, genesis_};
  EXPECT_EQ(add(by_share, one).admission, Admission::kAdmitted);
  EXPECT_EQ(add(by_share, two).admission, Admission::kSenderShareFull);
  EXPECT_EQ(add(by_share, other).admission, Admission::kAdmitted);
}

TEST_F(MempoolTest, CountsTheOperationsOfAPayer) {
  Mempool pool{{.operations_per_payer_max = 3}, genesis_};
  EXPECT_EQ(add(pool, test_pay(genesis_, {.units = 5, .nonce = 1, .legs = 2})).admission,
            Admission::kAdmitted);
  EXPECT_EQ(add(pool, test_pay(genesis_, {.units = 5, .nonce = 2, .legs = 2})).admission,
            Admission::kSenderShareFull);
  EXPECT_EQ(add(pool, test_pay(genesis_, {.nonce = 3})).admission, Admission::kAdmitted);
}

// 100,000 units: each of these could be paid alone.
TEST_F(MempoolTest, HoldsNoMoreOfAnAccountThanItCanPay) {
  Mempool pool{{}, genesis_};
  const auto first = test_pay(genesis_, {.units = 59'999, .nonce = 1});
  EXPECT_EQ(add(pool, first).admission, Admission::kAdmitted);
  const auto refused = add(pool, test_pay(genesis_, {.units = 40'000, .nonce = 2}));
  EXPECT_EQ(refused.admission, Admission::kRefused) << "the fee is not covered";
  EXPECT_EQ(refused.result, ledger::TransactionResult::kFundsInsufficient);
  EXPECT_EQ(add(pool, test_pay(genesis_, {.units = 39'999, .nonce = 3})).admission,
            Admission::kAdmitted);
  auto applied = block_at(now_.wall.value);
  applied.outcomes = {{first.id, ledger::TransactionResult::kApplied, {0}, ledger::Amount{1}}};
  (void)pool.on_committed(applied, state_);
  EXPECT_EQ(add(pool, test_pay(genesis_, {.units = 59'000, .nonce = 4})).admission,
            Admission::kAdmitted)
      << "what left the pool is reserved no more";
}

TEST_F(MempoolTest, HoldsNoMoreFeesOfASponsorThanItCanPay) {
  Mempool pool{{}, genesis_};
  (void)on_balance(pool, 2);
  std::vector<Mempool::Admitted> admitted;
  for (std::uint64_t nonce = 1; nonce <= 3; ++nonce) {
    admitted.push_back(
        add(pool, test_pay(genesis_, {.from = 102, .to = 103, .nonce = nonce, .sponsor = 101})));
  }
  EXPECT_EQ(admitted[1].admission, Admission::kAdmitted);
  EXPECT_EQ(admitted[2].admission, Admission::kRefused);
  EXPECT_EQ(admitted[2].result, ledger::TransactionResult::kSponsorFundsInsufficient);
  EXPECT_TRUE(on_balance(pool, 1).readiness_changed);
  EXPECT_EQ(pool.ready_count(), 1U);
  EXPECT_TRUE(on_balance(pool, 2).readiness_changed);
  EXPECT_EQ(pool.ready_count(), 2U);
}

TEST_F(MempoolTest, ParksTheLatestAndWakesTheEarliestFirst) {
  Mempool pool{{}, genesis_};
  std::vector<ledger::TransactionId> ids;
  for (std::uint64_t nonce = 1; nonce <= 3; ++nonce) {
    const auto pay = test_pay(genesis_, {.units = 29'999, .nonce = nonce});
    ids.push_back(pay.id);
    ASSERT_EQ(add(pool, pay).admission, Admission::kAdmitted);
  }
  EXPECT_FALSE(on_balance(pool, 90'000).readiness_changed);
  EXPECT_TRUE(on_balance(pool, 40'000).readiness_changed);
  EXPECT_EQ(ready(pool), std::vector{ids[0]});
  EXPECT_EQ(pool.size(), 3U);
  EXPECT_TRUE(on_balance(pool, 60'000).readiness_changed);
  EXPECT_EQ(ready(pool), (std::vector{ids[0], ids[1]}));
  EXPECT_EQ(add(pool, test_pay(genesis_, {.nonce = 4})).admission, Admission::kRefused);
}

TEST_F(MempoolTest, EvictsWhatIsParkedWhenItIsFull) {
  Mempool pool{{.transactions_max = 3}, genesis_};
  const auto first = test_pay(genesis_, {.units = 29'999, .nonce = 1});
  const auto second = test_pay(genesis_, {.units = 29'999, .nonce = 2});
  for (const auto& pay : {first, second, test_pay(genesis_, {.from = 102, .to = 103})})
    ASSERT_EQ(add(pool, pay).admission, Admission::kAdmitted);
  (void)on_balance(pool, 30'000);
  const auto third = add(pool, test_pay(genesis_, {.from = 103, .to = 104}));
  EXPECT_EQ(third.admission, Admission::kAdmitted);
  ASSERT_EQ(third.evicted.size(), 1U);
  EXPECT_EQ(third.evicted[0].id, second.id);
  EXPECT_EQ(third.evicted[0].result, std::nullopt) << "no verdict: others may have it";
  EXPECT_EQ(add(pool, test_pay(genesis_, {.from = 104, .to = 103})).admission, Admission::kPoolFull)
      << "what is ready stays";
}

TEST_F(MempoolTest, EvictsNothingForWhatDoesNotFitAllTheSame) {
  const auto waiting = test_pay(genesis_, {.from = 102, .to = 103});
  const auto parked = test_pay(genesis_, {.units = 29'999});
  const auto large = test_pay(genesis_, {.from = 103, .to = 104, .units = 1, .legs = 8});
  ASSERT_GT(large.bytes.size(), parked.bytes.size());
  Mempool pool{{.bytes_max = waiting.bytes.size() + parked.bytes.size()}, genesis_};
  for (const auto& pay : {waiting, parked})
    ASSERT_EQ(add(pool, pay).admission, Admission::kAdmitted);
  (void)on_balance(pool, 0);
  const auto refused = add(pool, large);
  EXPECT_EQ(refused.admission, Admission::kPoolFull);
  EXPECT_TRUE(refused.evicted.empty());
  EXPECT_NE(pool.find(parked.id), nullptr);
}

TEST_F(MempoolTest, KeepsRoomForOtherPeersAndForItsOwnClients) {
  Mempool pool{{.transactions_max = 8}, genesis_};
  std::uint64_t nonce = 0;
  const auto fill = [&](Mempool::Source source) {
    std::size_t out = 0;
    while (add(pool, test_pay(genesis_, {.units = 1, .nonce = ++nonce}), source).admission ==
           Admission::kAdmitted)
      ++out;
    return out;
  };
  EXPECT_EQ(fill(PeerIndex{1}), 4U);
  EXPECT_EQ(fill(PeerIndex{2}), 2U);
  EXPECT_EQ(fill(PeerIndex{3}), 0U);
  EXPECT_EQ(fill(std::nullopt), 2U);
}

// Parked gossip of one peer stands in nobody's way.
TEST_F(MempoolTest, ParkedGossipGivesWayToOtherPeersAndToClients) {
  Mempool pool{{.transactions_max = 8}, genesis_};
  std::uint64_t nonce = 0;
  for (const std::uint32_t peer : {1U, 1U, 1U, 1U, 2U, 2U}) {
    ASSERT_EQ(
        add(pool, test_pay(genesis_, {.units = 1, .nonce = ++nonce}), PeerIndex{peer}).admission,
        Admission::kAdmitted);
  }
  (void)on_balance(pool, 0);
  ASSERT_EQ(pool.ready_count(), 0U);
  for (std::uint64_t i = 1; i <= 3; ++i) {
    const auto pay = test_pay(genesis_, {.from = 102, .to = 103, .nonce = i});
    const auto admitted = add(pool, pay, PeerIndex{3});
    EXPECT_EQ(admitted.admission, Admission::kAdmitted);
    EXPECT_EQ(admitted.evicted.size(), 1U);
  }
  EXPECT_EQ(pool.size(), 6U);
}

TEST_F(MempoolTest, KeepsNothingThatExpiresFarInTheFuture) {
  Mempool pool{{}, genesis_};
  const auto latest = now_.wall.value + static_cast<std::uint64_t>(kValidityMax.milliseconds());
  EXPECT_EQ(add(pool, test_pay(genesis_, {.nonce = 1, .valid_until_ms = latest})).admission,
            Admission::kAdmitted);
  EXPECT_EQ(add(pool, test_pay(genesis_, {.nonce = 2, .valid_until_ms = latest + 1})).admission,
            Admission::kExpiryTooFar);
}

TEST_F(MempoolTest, ParksWhatCannotBePaidNowAndWakesItWhenItCan) {
  Mempool pool{{}, genesis_};
  ASSERT_EQ(add(pool, test_pay(genesis_, {.units = 60'000})).admission, Admission::kAdmitted);
  EXPECT_TRUE(on_balance(pool, 50'000).dropped.empty());
  EXPECT_EQ(pool.ready_count(), 0U);
  EXPECT_EQ(pool.size(), 1U);
  EXPECT_TRUE(on_balance(pool, 70'000).dropped.empty());
  EXPECT_EQ(pool.ready_count(), 1U);
}

TEST_F(MempoolTest, DropsWhatABlockRuledOutOrExpired) {
  Mempool pool{{}, genesis_};
  const auto ruled_out = test_pay(genesis_, {.nonce = 7});
  const auto expiring =
      test_pay(genesis_, {.from = 102, .to = 103, .valid_until_ms = 1'700'000'001'500});
  ASSERT_EQ(add(pool, ruled_out).admission, Admission::kAdmitted);
  ASSERT_EQ(add(pool, expiring).admission, Admission::kAdmitted);
  auto block = block_at(1'700'000'001'501);
  ledger::Account used = *state_.account(test_account(101));
  used.nonces.use({7});
  block.changes[test_account(101)] = used;
  state_.apply(block.changes);
  const auto dropped = pool.on_committed(block, state_).dropped;
  ASSERT_EQ(dropped.size(), 2U);
  EXPECT_EQ(dropped[0].id, expiring.id);
  EXPECT_EQ(dropped[0].result, ledger::TransactionResult::kExpired);
  EXPECT_EQ(dropped[1].id, ruled_out.id);
  EXPECT_EQ(dropped[1].result, ledger::TransactionResult::kNonceUsed);
  EXPECT_EQ(pool.size(), 0U);
  EXPECT_EQ(pool.bytes(), 0U);
}

TEST_F(MempoolTest, WhatExpiresLeavesItsFundsToWhatIsParked) {
  Mempool pool{{}, genesis_};
  const auto expiring =
      test_pay(genesis_, {.units = 59'999, .nonce = 1, .valid_until_ms = 1'700'000'001'500});
  const auto parked = test_pay(genesis_, {.units = 29'999, .nonce = 2});
  for (const auto& pay : {expiring, parked})
    ASSERT_EQ(add(pool, pay).admission, Admission::kAdmitted);
  (void)on_balance(pool, 60'000);
  ASSERT_EQ(ready(pool), std::vector{expiring.id});
  const auto after = pool.on_committed(block_at(1'700'000'001'501), state_);
  EXPECT_TRUE(after.readiness_changed) << "no block has to touch the account";
  EXPECT_EQ(ready(pool), std::vector{parked.id});
}

TEST_F(MempoolTest, AnExpiredPaymentParksNobody) {
  Mempool pool{{}, genesis_};
  const auto expiring =
      test_pay(genesis_, {.units = 59'999, .nonce = 1, .valid_until_ms = 1'700'000'001'500});
  const auto later = test_pay(genesis_, {.units = 29'999, .nonce = 2});
  for (const auto& pay : {expiring, later})
    ASSERT_EQ(add(pool, pay).admission, Admission::kAdmitted);
  now_.wall.value = 1'700'000'001'501;
  EXPECT_EQ(on_balance(pool, 60'000).dropped.size(), 1U);
  EXPECT_EQ(ready(pool), std::vector{later.id});
}

// 101 sponsors one payment each of 102 and 103, and can pay for one.
TEST_F(MempoolTest, ASponsorsFundsThatAnotherPayerSetsFreeWakeWhatIsParked) {
  Mempool pool{{}, genesis_};
  const auto of_other = test_pay(genesis_, {.from = 102, .to = 104, .nonce = 7, .sponsor = 101});
  const auto parked = test_pay(genesis_, {.from = 103, .to = 104, .sponsor = 101});
  for (const auto& pay : {of_other, parked})
    ASSERT_EQ(add(pool, pay).admission, Admission::kAdmitted);
  (void)on_balance(pool, 1);
  ASSERT_EQ(ready(pool), std::vector{of_other.id});
  auto block = block_at(now_.wall.value);
  ledger::Account broke = *state_.account(test_account(102));
  broke.set_balance({0}, ledger::Amount{0});
  block.changes[test_account(102)] = broke;
  state_.apply(block.changes);
  EXPECT_TRUE(pool.on_committed(block, state_).readiness_changed);
  EXPECT_EQ(ready(pool), std::vector{parked.id});
}

TEST_F(MempoolTest, AnnouncesAgainWhatWaits) {
  Mempool pool{{}, genesis_};
  const auto pay = test_pay(genesis_, {});
  (void)add(pool, pay);
  EXPECT_TRUE(pool.take_unannounced({0}, {5'000'000}, 10).empty());
  EXPECT_EQ(pool.take_unannounced({1}, {5'000'000}, 10), std::vector{pay.id});
  EXPECT_TRUE(pool.take_unannounced({5'000'000}, {6'000'000}, 10).empty());
}

}  // namespace
}  // namespace peerpay::node::testing
