#include "node/core/mempool.h"

#include <gtest/gtest.h>

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
  // The same but for the balance of one account, as after a block that paid from or to it.
  Mempool::AfterBlock on_balance(Mempool& pool, std::uint64_t units, std::uint8_t of = 101) {
    auto block = block_at(now_.wall.value);
    ledger::Account changed = *state_.account(test_account(of));
    changed.set_balance({0}, ledger::Amount{units});
    block.changes[test_account(of)] = changed;
    state_.apply(block.changes);
    return pool.on_committed(block, state_);
  }
  CommittedBlock block_at(std::uint64_t timestamp_ms) const {
    CommittedBlock out;
    out.block.header.timestamp = {timestamp_ms};
    return out;
  }
  CommittedBlock block_of(const std::vector<ledger::SealedTransaction>& transactions) const {
    auto out = block_at(now_.wall.value);
    for (const auto& transaction : transactions) {
      out.block.transactions.push_back(transaction);
      out.outcomes.push_back({transaction.id, ledger::TransactionResult::kApplied, {}, {}});
    }
    return out;
  }
  CommittedBlock block_of(const Mempool& pool,
                          const std::vector<ledger::TransactionId>& ids) const {
    std::vector<ledger::SealedTransaction> transactions;
    transactions.reserve(ids.size());
    for (const auto& id : ids) transactions.push_back(pool.find(id)->transaction);
    return block_of(transactions);
  }
  std::vector<ledger::TransactionId> ready(const Mempool& pool) const {
    std::vector<ledger::TransactionId> out;
    pool.for_each_ready([&](const Mempool::Entry& entry, std::size_t) {
      out.push_back(entry.transaction.id);
      return true;
    });
    return out;
  }
  // The next of a sender, which never runs out of money.
  ledger::TransactionId send(Mempool& pool, std::uint8_t from) {
    const auto pay = test_pay(genesis_, {.from = from,
                                         .to = from == 101 ? std::uint8_t{102} : std::uint8_t{101},
                                         .units = 1,
                                         .nonce = ++nonces_[from]});
    EXPECT_EQ(add(pool, pay).admission, Admission::kAdmitted);
    return pay.id;
  }
  std::map<std::uint8_t, std::uint64_t> nonces_;
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
  const std::vector flood{send(pool, 101), send(pool, 101), send(pool, 101)};
  const std::vector other{send(pool, 102), send(pool, 102)};
  const auto single = send(pool, 103);
  std::vector<std::pair<ledger::TransactionId, std::size_t>> order;
  pool.for_each_ready([&](const Mempool::Entry& entry, std::size_t turn) {
    order.emplace_back(entry.transaction.id, turn);
    return order.size() < 5;
  });
  EXPECT_EQ(order, (std::vector<std::pair<ledger::TransactionId, std::size_t>>{
                       {flood[0], 0}, {other[0], 0}, {single, 0}, {flood[1], 1}, {other[1], 1}}));
}

TEST_F(MempoolTest, WhoWasServedWaitsForTheOthers) {
  Mempool pool{{}, genesis_};
  const std::vector flood{send(pool, 101), send(pool, 101), send(pool, 101), send(pool, 101)};
  const std::vector other{send(pool, 102), send(pool, 102)};
  // Whichever of its own a block took.
  (void)pool.on_committed(block_of(pool, {flood[3]}), state_);
  const auto newcomer = send(pool, 103);
  EXPECT_EQ(ready(pool), (std::vector{other[0], flood[0], newcomer, other[1], flood[1], flood[2]}));
  (void)pool.on_committed(block_of(pool, {other[0], flood[0]}), state_);
  EXPECT_EQ(ready(pool), (std::vector{newcomer, other[1], flood[1], flood[2]}));
}

// Blocks of two, while each always has something waiting: how much it is gives nobody a claim.
TEST_F(MempoolTest, SendersOfEveryRateAreServedAlike) {
  Mempool pool{{}, genesis_};
  const std::map<std::uint8_t, int> wanted{{101, 20}, {102, 5}, {103, 2}};
  std::map<std::uint8_t, int> pooled;
  std::map<std::uint8_t, int> served;
  std::map<ledger::TransactionId, std::uint8_t> sender_of;
  for (int block = 0; block < 300; ++block) {
    for (const auto& [from, waiting] : wanted) {
      for (; pooled[from] < waiting; ++pooled[from]) sender_of[send(pool, from)] = from;
    }
    auto next = ready(pool);
    next.resize(2);
    for (const auto& id : next) {
      ++served[sender_of.at(id)];
      --pooled[sender_of.at(id)];
    }
    (void)pool.on_committed(block_of(pool, next), state_);
  }
  EXPECT_EQ(served, (std::map<std::uint8_t, int>{{101, 200}, {102, 200}, {103, 200}}));
}

TEST_F(MempoolTest, WhatWakesGoesBeforeItsSendersLaterOnes) {
  Mempool pool{{}, genesis_};
  const auto large = test_pay(genesis_, {.units = 60'000, .nonce = 1});
  const auto small = test_pay(genesis_, {.units = 20'000, .nonce = 2});
  for (const auto& pay : {large, small}) ASSERT_EQ(add(pool, pay).admission, Admission::kAdmitted);
  (void)on_balance(pool, 0);
  const auto other = send(pool, 103);
  (void)on_balance(pool, 30'000);
  EXPECT_EQ(ready(pool), (std::vector{other, small.id})) << "it came anew";
  (void)on_balance(pool, 90'000);
  EXPECT_EQ(ready(pool), (std::vector{other, large.id, small.id}));
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
  (void)pool.on_committed(block_of({first}), state_);
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

TEST_F(MempoolTest, CountsAFewTurnsOfASender) {
  constexpr std::size_t kFew = Mempool::kTurnsCounted;
  Mempool pool{{}, genesis_};
  std::vector<ledger::TransactionId> ids;
  for (std::size_t i = 0; i < kFew + 2; ++i) ids.push_back(send(pool, 101));
  ASSERT_EQ(add(pool, test_pay(genesis_, {.from = 102}), PeerIndex{1}).admission,
            Admission::kAdmitted);
  const auto expect_turns = [&](std::size_t all, std::size_t of_clients) {
    EXPECT_EQ(pool.ready_turns().all, all);
    EXPECT_EQ(pool.ready_turns().of_clients, of_clients);
  };
  expect_turns(kFew + 1, kFew);
  (void)pool.on_committed(block_of(pool, {ids[0], ids[1]}), state_);
  expect_turns(kFew + 1, kFew);
  (void)pool.on_committed(block_of(pool, {ids[2]}), state_);
  expect_turns(kFew, kFew - 1);
  for (std::uint64_t nonce = 1; nonce <= 3; ++nonce)
    (void)add(pool, test_pay(genesis_, {.from = 101, .units = 1, .nonce = 30 + nonce}), {{2}});
  expect_turns(kFew + 1, kFew - 1);
  (void)pool.on_committed(block_of(pool, {ids[3]}), state_);
  expect_turns(kFew + 1, kFew - 2);
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
  Mempool pool{{.transactions_max = 4}, genesis_};
  const auto first = test_pay(genesis_, {.units = 29'999, .nonce = 1});
  const auto second = test_pay(genesis_, {.units = 29'999, .nonce = 2});
  for (const auto& pay : {first, second, test_pay(genesis_, {.from = 102, .to = 103}),
                          test_pay(genesis_, {.from = 105, .to = 103})})
    ASSERT_EQ(add(pool, pay).admission, Admission::kAdmitted);
  (void)on_balance(pool, 30'000);
  const auto third = add(pool, test_pay(genesis_, {.from = 103, .to = 104}));
  EXPECT_EQ(third.admission, Admission::kAdmitted);
  ASSERT_EQ(third.evicted.size(), 1U);
  EXPECT_EQ(third.evicted[0], second.id);
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

// Whoever takes all that it can leaves as much as it holds.
TEST_F(MempoolTest, KeepsRoomForOtherPayers) {
  const auto size = test_pay(genesis_, {}).bytes.size();
  for (const MempoolConfig& config :
       {MempoolConfig{.transactions_max = 32}, MempoolConfig{.bytes_max = 32 * size}}) {
    Mempool pool{config, genesis_};
    const auto fill = [&](std::uint8_t from) {
      std::size_t out = 0;
      for (;; ++out) {
        const auto pay =
            test_pay(genesis_, {.from = from, .to = 106, .units = 1, .nonce = out + 1});
        const auto admission = add(pool, pay).admission;
        if (admission == Admission::kAdmitted) continue;
        EXPECT_EQ(admission, Admission::kSenderShareFull);
        return out;
      }
    };
    EXPECT_EQ(fill(101), 16U);
    EXPECT_EQ(fill(102), 8U);
    EXPECT_EQ(fill(103), 4U);
    EXPECT_EQ(fill(104), 2U);
  }
}

// Else eight accounts would fill the pool one after the other, parked in between.
TEST_F(MempoolTest, WhatWakesKeepsToItsPayersShare) {
  Mempool pool{{.transactions_max = 8}, genesis_};
  const std::vector parked{send(pool, 101), send(pool, 101), send(pool, 101), send(pool, 101)};
  (void)on_balance(pool, 0);
  for (int i = 0; i < 4; ++i) (void)send(pool, 102);
  for (int i = 0; i < 2; ++i) (void)send(pool, 103);  // two of the parked ones made room
  const auto after = on_balance(pool, 1'000);
  EXPECT_TRUE(pool.is_ready(parked[2]));
  ASSERT_EQ(after.evicted.size(), 1U);
  EXPECT_EQ(after.evicted[0], parked[3]);
  EXPECT_EQ(pool.size(), 7U);
}

// The latest are parked first, and the large one in front of them sets free what they need.
TEST_F(MempoolTest, WhatWasReadyBeforeABlockIsAfterItWhateverTheShares) {
  Mempool pool{{.transactions_max = 8}, genesis_};
  std::vector<ledger::TransactionId> own;
  for (const std::uint64_t units : {1U, 50'000U, 1U, 1U}) {
    const auto pay = test_pay(genesis_, {.units = units, .nonce = ++nonces_[101]});
    own.push_back(pay.id);
    ASSERT_EQ(add(pool, pay).admission, Admission::kAdmitted);
  }
  for (const int from : {102, 102, 103, 104}) (void)send(pool, static_cast<std::uint8_t>(from));
  EXPECT_TRUE(on_balance(pool, 100).evicted.empty());
  for (std::size_t i = 0; i < own.size(); ++i) EXPECT_EQ(pool.is_ready(own[i]), i != 1) << i;
}

// Whoever parks most loses them first, not whoever is of the wrong number.
TEST_F(MempoolTest, ThePeerThatParkedMostGivesWay) {
  Mempool pool{{.transactions_max = 16}, genesis_};
  std::vector<ledger::TransactionId> parked;
  for (const std::uint32_t peer : {1U, 2U, 2U, 2U, 3U}) {
    const auto pay = test_pay(genesis_, {.units = 1, .nonce = ++nonces_[101]});
    parked.push_back(pay.id);
    ASSERT_EQ(add(pool, pay, PeerIndex{peer}).admission, Admission::kAdmitted);
  }
  (void)on_balance(pool, 0);
  for (int i = 0; i < 8; ++i) (void)send(pool, 102);
  std::vector<ledger::TransactionId> evicted;
  for (const int from : {103, 103, 103, 104, 104}) {
    const auto pay = test_pay(genesis_, {.from = static_cast<std::uint8_t>(from),
                                         .to = 101,
                                         .units = 1,
                                         .nonce = ++nonces_[static_cast<std::uint8_t>(from)]});
    const auto added = add(pool, pay);
    ASSERT_EQ(added.admission, Admission::kAdmitted);
    evicted.insert(evicted.end(), added.evicted.begin(), added.evicted.end());
  }
  EXPECT_EQ(evicted, (std::vector{parked[1], parked[2]}));
}

// Else one peer would have all of the peers' part, parked in between.
TEST_F(MempoolTest, WhatWakesKeepsToItsPeersShare) {
  Mempool pool{{.transactions_max = 16}, genesis_};
  std::vector<ledger::TransactionId> parked;
  for (std::uint64_t nonce = 1; nonce <= 6; ++nonce) {
    const auto pay = test_pay(genesis_, {.units = 1, .nonce = nonce});
    parked.push_back(pay.id);
    ASSERT_EQ(add(pool, pay, PeerIndex{1}).admission, Admission::kAdmitted);
  }
  (void)on_balance(pool, 0);
  for (std::uint64_t nonce = 1; nonce <= 6; ++nonce) {
    const auto pay = test_pay(genesis_, {.from = 102, .to = 103, .units = 1, .nonce = nonce});
    ASSERT_EQ(add(pool, pay, PeerIndex{2}).admission, Admission::kAdmitted);
  }
  const auto after = on_balance(pool, 1'000);
  EXPECT_EQ(after.evicted.size(), 3U);
  for (std::size_t i = 0; i < parked.size(); ++i) EXPECT_EQ(pool.is_ready(parked[i]), i < 3) << i;
}

// Else a few accounts without money would make a node deaf to gossip.
TEST_F(MempoolTest, ParkedOnesOfClientsGiveWayToPeersBeyondTheirQuarter) {
  Mempool pool{{.transactions_max = 8}, genesis_};
  for (std::uint8_t from = 101; from <= 102; ++from) {
    for (int i = 0; i < 4; ++i) (void)send(pool, from);
    (void)on_balance(pool, 0, from);
  }
  const auto add_of = [&](std::uint32_t peer, std::uint64_t nonce) {
    const auto from = static_cast<std::uint8_t>(102 + peer);
    const auto pay = test_pay(genesis_, {.from = from, .to = 101, .units = 1, .nonce = nonce});
    return add(pool, pay, PeerIndex{peer});
  };
  std::uint64_t nonce = 0;
  for (const std::uint32_t peer : {1U, 1U, 1U, 2U, 2U, 3U}) {
    const auto added = add_of(peer, ++nonce);
    ASSERT_EQ(added.admission, Admission::kAdmitted) << peer;
    EXPECT_EQ(added.evicted.size(), 1U);
  }
  EXPECT_EQ(add_of(4, 1).admission, Admission::kPoolFull) << "the peers' part is full";
  EXPECT_EQ(pool.size(), 8U);
}

// A sponsor of many senders has its share too.
TEST_F(MempoolTest, KeepsRoomForOtherSponsors) {
  Mempool pool{{.transactions_max = 8}, genesis_};
  const auto sponsored = [&](std::uint8_t from, std::uint64_t nonce) {
    const auto pay =
        test_pay(genesis_, {.from = from, .to = 106, .units = 1, .nonce = nonce, .sponsor = 105});
    return add(pool, pay).admission;
  };
  for (std::uint8_t from = 101; from <= 104; ++from)
    EXPECT_EQ(sponsored(from, 1), Admission::kAdmitted);
  EXPECT_EQ(sponsored(106, 1), Admission::kSenderShareFull);
  (void)send(pool, 106);
}

TEST_F(MempoolTest, KeepsRoomForOtherPeersAndForItsOwnClients) {
  Mempool pool{{.transactions_max = 32}, genesis_};
  const auto fill = [&](Mempool::Source source, std::uint8_t from) {
    std::size_t out = 0;
    for (;; ++out) {
      const auto pay =
          test_pay(genesis_, {.from = from, .to = 106, .units = 1, .nonce = ++nonces_[from]});
      if (add(pool, pay, source).admission != Admission::kAdmitted) return out;
    }
  };
  EXPECT_EQ(fill(PeerIndex{1}, 101), 12U);
  EXPECT_EQ(fill(PeerIndex{2}, 102), 6U);
  EXPECT_EQ(fill(PeerIndex{3}, 103), 3U);
  EXPECT_EQ(fill(std::nullopt, 104), 6U);
}

// Parked gossip of one peer stands in nobody's way.
TEST_F(MempoolTest, ParkedGossipGivesWayToOtherPeersAndToClients) {
  Mempool pool{{.transactions_max = 16}, genesis_};
  for (const std::uint32_t peer : {1U, 1U, 1U, 1U, 1U, 2U, 2U, 2U}) {
    const auto pay = test_pay(genesis_, {.units = 1, .nonce = ++nonces_[101]});
    ASSERT_EQ(add(pool, pay, PeerIndex{peer}).admission, Admission::kAdmitted);
  }
  (void)on_balance(pool, 0);
  ASSERT_EQ(pool.ready_count(), 0U);
  const auto add_of_third = [&](std::uint64_t nonce) {
    const auto pay = test_pay(genesis_, {.from = 102, .to = 103, .nonce = nonce});
    const auto admitted = add(pool, pay, PeerIndex{3});
    EXPECT_EQ(admitted.admission, Admission::kAdmitted);
    return admitted.evicted.size();
  };
  for (std::uint64_t nonce = 1; nonce <= 4; ++nonce) EXPECT_EQ(add_of_third(nonce), 0U);
  for (std::uint64_t nonce = 5; nonce <= 6; ++nonce) EXPECT_EQ(add_of_third(nonce), 1U);
  EXPECT_EQ(pool.size(), 12U);
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
