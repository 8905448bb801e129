#include "node/app/backend.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "base/os/clock.h"
#include "base/os/file.h"
#include "tests/support/ledger/ledger_world.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/node_app/blocks.h"
#include "tests/unit/node_app/recording_sink.h"

namespace peerpay::app {
namespace {

constexpr std::chrono::seconds kPatience{30};

// A backend over an empty chain. The core runs when a test starts it.
struct BackendTest : ::testing::Test {
  BackendTest() {
    auto opened = storage::Store::open(directory.file("store"), world.network(),
                                       storage::HistoryIndex::kKept);
    EXPECT_TRUE(opened) << opened.error().message;
    store = std::move(*opened);
    finality.start(ledger::Height{0}, base::UnixMillis{1'000});
    backend = std::make_unique<Backend>(
        BackendParts{world.network(), directory.file("genesis"), "", core, pool, *store, finality,
                     [] { return std::vector<proto::PeerState>{}; }},
        ingress);
  }
  ~BackendTest() override {
    core.stop();
    pool.stop();
  }

  void start_core() {
    node::Bootstrap bootstrap;
    bootstrap.state = ledger::CommittedState{world.state()};
    bootstrap.head = world.tip();
    core.start(
        std::make_unique<node::Replica>(world.network(), std::nullopt, node::ReplicaConfig{}),
        std::move(bootstrap));
  }
  // When it returns, the core and the workers have done what was asked of them before.
  void let_all_catch_up() {
    std::promise<void> reached;
    core.post(CoreThread::Query{[&](const node::Replica&) {
      pool.post(Urgency::kTransaction, [&] { reached.set_value(); });
    }});
    ASSERT_EQ(reached.get_future().wait_for(kPatience), std::future_status::ready);
  }
  ledger::SealedTransaction payment() const {
    auto body = ledger::test::payment(world.genesis(), ledger::test::test_account(0),
                                      ledger::Nonce{1}, {{ledger::test::test_account(1), 1}});
    body.valid_until.value = os::read_clock().wall.value + 60'000;
    return ledger::test::signed_by(world.chain(), body, {0});
  }
  // The core admits a payment, and keeps it: it is no validator's.
  ledger::TransactionId admitted() {
    auto sealed = payment();
    const auto id = sealed.id;
    node::TransactionsSubmitted event;
    event.submissions.push_back({1, std::move(sealed)});
    core.post(std::move(event));
    return id;
  }
  // The core has it in a block that is not final, and not in its pool.
  void hold_in_block(const ledger::SealedTransaction& sealed) {
    // One of them is the leader, and only its block is taken.
    for (std::uint32_t proposer = 0; proposer < world.genesis().validators.size(); ++proposer) {
      core.post(node::BlockReceived{{proposer}, world.propose({sealed}, proposer), true});
    }
  }

  using BlockAnswer = net::Answer<proto::FinalizedBlock>;

  peerpay::test::TemporaryDirectory directory;
  ledger::test::LedgerWorld world;
  std::unique_ptr<storage::Store> store;
  test::RecordingSink sink;
  CoreThread core{sink};
  VerdictCache verdicts{16};
  KeyCache keys{16, 1};
  HeldCertificates certificates{node::consensus_context(world.chain()), std::nullopt, 16};
  WorkerPool pool{1};
  Ingress ingress{world.network(), pool, {verdicts, keys, certificates}, {}};
  Finality finality{100};
  std::unique_ptr<Backend> backend;
};

TEST_F(BackendTest, TheGenesisIsReadWhenSomebodyAsksAndIsTheOneThatItStartedWith) {
  const auto file = directory.file("genesis");
  const auto ask = [&] {
    const auto answer = backend->genesis();
    return answer ? std::string{"given"} : answer.error().code;
  };
  EXPECT_EQ(ask(), "genesis_unreadable");
  const auto bytes = ledger::encode(world.genesis());
  auto other = bytes;
  other.back() ^= 1;
  ASSERT_TRUE(os::write_file_atomically(file, other, {}));
  EXPECT_EQ(ask(), "genesis_unreadable");
  ASSERT_TRUE(os::write_file_atomically(file, bytes, {}));
  ASSERT_EQ(ask(), "given");
  EXPECT_EQ(**backend->genesis(), (proto::GenesisFile{bytes, world.chain()}));
}

TEST_F(BackendTest, ABlockFarAboveTheHeadIsNotWaitedFor) {
  std::optional<BlockAnswer> answer;
  const auto remember = [&answer](BlockAnswer told) { answer = std::move(told); };
  const auto near = backend->await_block(ledger::Height{kBlocksAheadMax}, remember);
  EXPECT_FALSE(answer);
  for (const std::uint64_t height : {kBlocksAheadMax + 1, std::uint64_t{1} << 63, UINT64_MAX}) {
    answer.reset();
    const auto far = backend->await_block(ledger::Height{height}, remember);
    ASSERT_TRUE(answer) << height;
    EXPECT_EQ(answer->error().code, "height_too_far");
  }
}

TEST_F(BackendTest, ACancelledWaitLeavesNothingBehind) {
  auto held = std::make_shared<int>(0);
  auto waiting = backend->await_block(ledger::Height{5}, [held](const BlockAnswer&) {});
  EXPECT_EQ(held.use_count(), 2);
  waiting.reset();
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(BackendTest, AWaitIsAnsweredWhenTheBlockIsDurable) {
  std::promise<BlockAnswer> told;
  const auto waiting = backend->await_block(
      ledger::Height{1}, [&told](BlockAnswer answer) { told.set_value(std::move(answer)); });
  finality.committed(test::block_of(1, base::UnixMillis{2'000}, {}));
  backend->durable(ledger::Height{1});
  auto answer = told.get_future();
  ASSERT_EQ(answer.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(answer.get().error().code, "block_not_found") << "this test's store holds none";
}

TEST_F(BackendTest, AFollowersWordAboutItsTimeIsNobodyElses) {
  const auto id = test::transaction_id(1);
  std::promise<proto::TransactionState> stranger;
  const auto following = backend->await_end(
      {id, base::UnixMillis{999}, 0},
      [&stranger](const proto::TransactionStatus& status) { stranger.set_value(status.state); });
  auto told = stranger.get_future();
  ASSERT_EQ(told.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(told.get(), proto::TransactionState::kExpired);
  EXPECT_FALSE(finality.recent(id));
}

// A client that was told "evicted" sends the same bytes again, which are admitted and then final.
TEST_F(BackendTest, AnEvictionIsNoAnswerToWhoComesAfterIt) {
  const auto id = test::transaction_id(1);
  finality.dropped({id, std::nullopt});
  std::promise<proto::TransactionState> resubmitted;
  const auto following = backend->await_end({id, base::UnixMillis{9'000}, 0},
                                            [&resubmitted](const proto::TransactionStatus& status) {
                                              resubmitted.set_value(status.state);
                                            });
  finality.committed(test::block_of(1, base::UnixMillis{2'000}, {id}));
  auto told = resubmitted.get_future();
  ASSERT_EQ(told.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(told.get(), proto::TransactionState::kFinal);
}

// How one followed payment ends.
struct Ending {
  std::function<void(const proto::TransactionStatus&)> settled() {
    return [this](const proto::TransactionStatus& status) { told.set_value(status); };
  }
  bool is_told() { return future.wait_for(std::chrono::seconds{0}) == std::future_status::ready; }
  proto::TransactionStatus get() {
    EXPECT_EQ(future.wait_for(kPatience), std::future_status::ready);
    return is_told() ? future.get() : proto::TransactionStatus{};
  }
  std::promise<proto::TransactionStatus> told;
  std::future<proto::TransactionStatus> future = told.get_future();
};

// Else whoever streams payments waits for ever, and soon is not read any more.
TEST_F(BackendTest, WhatMadeRoomBeforeItIsFollowedIsEvicted) {
  start_core();
  const auto id = test::transaction_id(1);
  finality.dropped({id, std::nullopt});
  Ending ending;
  const auto following = backend->follow({id}, ending.settled());
  const auto told = ending.get();
  EXPECT_EQ(told.state, proto::TransactionState::kRejected);
  EXPECT_EQ(told.code, "evicted");
  EXPECT_EQ(told.retry, proto::Retry::kSameBytes);
}

TEST_F(BackendTest, WhatWaitsInThePoolIsWatched) {
  start_core();
  const auto id = admitted();
  Ending ending;
  const auto following = backend->follow({id}, ending.settled());
  let_all_catch_up();
  EXPECT_FALSE(ending.is_told());
  finality.dropped({id, std::nullopt});
  EXPECT_EQ(ending.get().code, "evicted");
}

TEST_F(BackendTest, WhatIsFinalAndNotYetDurableIsWaitedFor) {
  start_core();
  const auto id = test::transaction_id(1);
  const auto block = test::block_of(1, base::UnixMillis{2'000}, {id});
  finality.committing(block);
  Ending ending;
  const auto following = backend->follow({id}, ending.settled());
  let_all_catch_up();
  EXPECT_FALSE(ending.is_told());
  finality.committed(block);
  EXPECT_EQ(ending.get().state, proto::TransactionState::kFinal);
}

TEST_F(BackendTest, WhatIsInABlockThatIsNotFinalIsWaitedFor) {
  start_core();
  const auto sealed = payment();
  hold_in_block(sealed);
  Ending ending;
  const auto following = backend->follow({sealed.id}, ending.settled());
  let_all_catch_up();
  EXPECT_FALSE(ending.is_told());
  finality.committed(test::block_of(1, base::UnixMillis{2'000}, {sealed.id}));
  EXPECT_EQ(ending.get().state, proto::TransactionState::kFinal);
}

TEST_F(BackendTest, WhatLosesItsBlockEndsWhenItExpires) {
  start_core();
  const auto sealed = payment();
  hold_in_block(sealed);
  Ending ending;
  const auto following = backend->follow({sealed.id}, ending.settled());
  let_all_catch_up();
  const auto valid_until = sealed.transaction.body.valid_until;
  finality.committed(test::block_of(1, valid_until, {}));
  EXPECT_FALSE(ending.is_told());
  finality.committed(test::block_of(2, base::UnixMillis{valid_until.value + 1}, {}));
  EXPECT_EQ(ending.get().state, proto::TransactionState::kExpired);
}

TEST_F(BackendTest, WhatIsNoLongerFollowedIsNotTold) {
  start_core();
  const auto id = admitted();
  Ending ending;
  auto following = backend->follow({id}, ending.settled());
  let_all_catch_up();
  following.reset();
  finality.dropped({id, std::nullopt});
  EXPECT_FALSE(ending.is_told());
}

}  // namespace
}  // namespace peerpay::app
