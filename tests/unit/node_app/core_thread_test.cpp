#include "node/app/core_thread.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>

#include "tests/support/ledger/ledger_world.h"
#include "tests/unit/node_app/recording_sink.h"

namespace peerpay::app {
namespace {

constexpr std::chrono::seconds kPatience{30};

struct CoreThreadTest : ::testing::Test {
  std::unique_ptr<node::Replica> observer() {
    return std::make_unique<node::Replica>(world.network(), std::nullopt, node::ReplicaConfig{});
  }
  node::Bootstrap bootstrap() {
    node::Bootstrap out;
    out.state = ledger::CommittedState{world.state()};
    out.head = world.tip();
    return out;
  }
  node::Event submission() {
    node::TransactionsSubmitted out;
    out.submissions.push_back(
        {1, ledger::test::signed_by(
                world.chain(),
                ledger::test::payment(world.genesis(), ledger::test::test_account(0),
                                      ledger::Nonce{1}, {{ledger::test::test_account(1), 1}}),
                {0})});
    return out;
  }

  void post_contradiction() {
    consensus::Certificate first{consensus::Subject::finalize({{1}, {0}, {}}), {0x07}, {}};
    first.signatures.resize(3);
    auto second = first;
    second.subject.proposal.digest.bytes[0] = 1;
    core.post(node::CertificateReceived{{0}, first});
    core.post(node::CertificateReceived{{0}, second});
  }

  ledger::test::LedgerWorld world;
  test::RecordingSink sink;
  CoreThread core{sink};
};

// Otherwise a payment that becomes final in that very turn is neither held by the core nor known to
// those that it was handed to.
TEST_F(CoreThreadTest, AQueryRunsAfterTheEffectsOfItsTurn) {
  std::promise<void> asked;
  core.post(CoreThread::Query{[&](const node::Replica&) {
    sink.note("query");
    asked.set_value();
  }});
  core.post(submission());
  core.start(observer(), bootstrap());
  ASSERT_EQ(asked.get_future().wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(sink.notes(), (std::vector<std::string>{"reply", "query"}));
}

TEST_F(CoreThreadTest, WhatIsPromptPassesWhatIsPatient) {
  for (std::size_t i = 0; i < 2 * kPatientPerTurn; ++i) {
    core.post(CoreThread::Query{[&](const node::Replica&) { sink.note("query"); }});
  }
  post_contradiction();
  core.start(observer(), bootstrap());
  ASSERT_EQ(sink.failed().wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(sink.notes(), (std::vector<std::string>{"contradiction", "fail 12"}));
}

// What came by a peer's last link must not be taken for what it still has.
TEST_F(CoreThreadTest, ANewLinkDoesNotPassWhatTheLastOneBrought) {
  std::size_t connected = 1;
  std::promise<void> asked;
  for (std::size_t i = 0; i <= kPatientPerTurn; ++i) {
    core.post(CoreThread::Query{[&, i](const node::Replica& replica) {
      if (i == 0) connected = replica.status().peers_connected;
    }});
  }
  core.post(node::PeerConnected{{1}});
  core.post(CoreThread::Query{[&](const node::Replica& replica) {
    EXPECT_EQ(replica.status().peers_connected, 1U);
    asked.set_value();
  }});
  core.start(observer(), bootstrap());
  ASSERT_EQ(asked.get_future().wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(connected, 0U);
}

TEST_F(CoreThreadTest, WhatIsPatientIsTakenAFewInEachTurn) {
  constexpr std::size_t kQueries = 2 * kPatientPerTurn + 1;
  std::size_t ran = 0;  // by the core alone
  for (std::size_t i = 0; i < kQueries; ++i) {
    core.post(CoreThread::Query{[&, i](const node::Replica&) {
      if (i == 0) post_contradiction();
      ++ran;
    }});
  }
  core.start(observer(), bootstrap());
  ASSERT_EQ(sink.failed().wait_for(kPatience), std::future_status::ready);
  core.stop();
  EXPECT_EQ(ran, kPatientPerTurn);
}

// Another process votes with the key: service managers must not start this one again (exit code).
TEST_F(CoreThreadTest, AKeyThatIsInUseElsewhereHasItsOwnExitCode) {
  const node::PeerIndex self{3};
  auto start = bootstrap();
  start.journal = {consensus::HistoryLost{}};
  const consensus::Vote live{consensus::Subject::nullify({30}), self, {}};
  for (const std::uint32_t peer : {0U, 1U, 2U})
    core.post(node::StandingReceived{{peer}, node::Standing{start.token, {live}, {}}});
  core.start(std::make_unique<node::Replica>(world.network(), self, node::ReplicaConfig{}),
             std::move(start));
  while (sink.notes().empty()) std::this_thread::yield();
  core.stop();
  EXPECT_EQ(sink.notes(), std::vector<std::string>{"fail 13"});
}

// Whoever is to believe that the network has failed needs the proof, and a node that has ended
// gives none.
TEST_F(CoreThreadTest, AContradictionIsHandedOverBeforeTheNodeFails) {
  post_contradiction();
  core.start(observer(), bootstrap());
  ASSERT_EQ(sink.failed().wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(sink.notes(), (std::vector<std::string>{"contradiction", "fail 12"}));
}

TEST_F(CoreThreadTest, ADiskThatFailsInThatTurnTakesNoProofAway) {
  sink.persist_fails = true;
  post_contradiction();
  core.start(observer(), bootstrap());
  ASSERT_EQ(sink.failed().wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(sink.notes(), (std::vector<std::string>{"contradiction", "fail 11"}));
}

TEST_F(CoreThreadTest, WhatWaitsWhenItStopsIsLetGoOf) {
  auto hold = std::make_shared<int>(0);
  core.post(submission(), hold);
  EXPECT_EQ(hold.use_count(), 2);
  core.stop();
  EXPECT_EQ(hold.use_count(), 1);
  core.post(submission(), hold);
  EXPECT_EQ(hold.use_count(), 1);
}

}  // namespace
}  // namespace peerpay::app
