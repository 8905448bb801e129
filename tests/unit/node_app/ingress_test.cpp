#include "node/app/ingress.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <memory>

#include "consensus/limits.h"
#include "node/core/messages.h"
#include "node/core/replica.h"
#include "tests/support/eventually.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::app {
namespace {

constexpr node::PeerIndex kPeer{1};
constexpr std::chrono::seconds kPatience{30};

// What is looked at shows as a fault: nothing here is signed.
struct IngressTest : ::testing::Test {
  void receive(const node::PeerMessage& message) {
    ingress.receive(kPeer, node::encode(message), std::make_shared<int>());
  }
  void receive_vote(std::uint64_t view) {
    receive(consensus::Vote{consensus::Subject::nullify({view}), kPeer, {}});
  }
  // Until all that was received has been dealt with; then what was looked at.
  std::size_t looked_at() {
    std::atomic<bool> done = false;
    pool.post(Urgency::kBlock, [&] { done = true; });  // behind all votes; one thread
    EXPECT_TRUE(test::eventually(kPatience, [&] { return done.load(); }));
    return faults;
  }

  ledger::test::LedgerWorld world;
  VerdictCache verdicts{16};
  KeyCache keys{16, 1};
  HeldCertificates certificates{node::consensus_context(world.chain()), std::nullopt, 16};
  std::atomic<std::size_t> faults = 0;
  WorkerPool pool{1};
  Ingress ingress{world.network(),
                  pool,
                  {verdicts, keys, certificates},
                  {[](const node::Event&, const Ingress::Hold&) { ADD_FAILURE(); },
                   [this](node::PeerIndex, const std::string&) { ++faults; }}};
};

TEST_F(IngressTest, VotesForViewsFarAheadAreNotEvenVerified) {
  ingress.at_view({100});
  receive_vote(10'000);
  receive_vote(std::numeric_limits<std::uint64_t>::max() - 1);
  EXPECT_EQ(looked_at(), 0U);
  receive_vote(100 + consensus::kVotesAheadMax);
  EXPECT_EQ(looked_at(), 1U);
}

TEST_F(IngressTest, BeforeTheCoreHasSaidWhereItIsAnyViewIsPossible) {
  receive_vote(10'000);
  EXPECT_EQ(looked_at(), 1U);
}

TEST_F(IngressTest, ALaterViewOpensLaterVotes) {
  ingress.at_view({100});
  ingress.at_view({10'000});
  receive_vote(10'000);
  EXPECT_EQ(looked_at(), 1U);
}

TEST_F(IngressTest, OnePeersFloodOfVotesIsNotVerifiedInFull) {
  constexpr std::size_t kVotes = 20'000;
  ingress.at_view({100});
  for (std::size_t i = 0; i < kVotes; ++i) receive_vote(100);
  const auto checked = looked_at();
  EXPECT_GE(checked, 1'000U);
  EXPECT_LT(checked, kVotes / 2);
}

// Of nine signatures each, with four validators: no way around the bound on votes.
TEST_F(IngressTest, NeitherIsOneOfStandingsOrOfSyncBatches) {
  constexpr std::size_t kMessages = 5'000;
  consensus::Certificate certificate{consensus::Subject::nullify({7}), {0x07}, {}};
  certificate.signatures.resize(3);
  const consensus::Vote vote{consensus::Subject::nullify({7}), {0}, {}};
  for (std::size_t i = 0; i < kMessages; ++i) {
    receive(node::Standing{{}, {vote, vote, vote}, {certificate}});
    receive(node::SyncBatch{{}, certificate});
  }
  const auto checked = looked_at();
  EXPECT_GE(checked, 200U);
  EXPECT_LT(checked, kMessages / 2);
}

TEST_F(IngressTest, AFloodOfOnePeerLeavesTheOthersTheirs) {
  ingress.at_view({100});
  for (std::size_t i = 0; i < 20'000; ++i) receive_vote(100);
  const auto before = looked_at();
  const consensus::Vote vote{consensus::Subject::nullify({100}), {2}, {}};
  ingress.receive({2}, node::encode(node::PeerMessage{vote}), std::make_shared<int>());
  EXPECT_EQ(looked_at(), before + 1);
}

// Requests are not answered here: what reaches the core shows as an event.
TEST(IngressRequests, OfOnePeerBeyondWhatIsServedAreDropped) {
  constexpr std::size_t kRequests = 20'000;
  const ledger::test::LedgerWorld world;
  VerdictCache verdicts{16};
  KeyCache keys{16, 1};
  HeldCertificates certificates{node::consensus_context(world.chain()), std::nullopt, 16};
  std::atomic<std::size_t> events = 0;
  std::atomic<bool> done = false;
  WorkerPool pool{1};
  Ingress ingress{world.network(),
                  pool,
                  {verdicts, keys, certificates},
                  {[&](const node::Event&, const Ingress::Hold&) { ++events; },
                   [](node::PeerIndex, const std::string&) { ADD_FAILURE(); }}};
  const auto hold = std::make_shared<int>();
  for (std::size_t i = 0; i < kRequests; ++i) {
    ingress.receive(kPeer, node::encode(node::PeerMessage{node::SyncRequest{{1}}}), hold);
    ingress.receive(kPeer, node::encode(node::PeerMessage{node::StandingRequest{}}), hold);
  }
  pool.post(Urgency::kBlock, [&] { done = true; });
  ASSERT_TRUE(test::eventually(kPatience, [&] { return done.load(); }));
  EXPECT_GE(events, 100U);
  EXPECT_LT(events, kRequests / 2);
  EXPECT_EQ(hold.use_count(), 1) << "their credit is given back";
}

// So that others have their turns between them.
TEST(IngressTransactions, OfOneMessageAreCheckedInShortJobs) {
  constexpr std::size_t kCount = 2 * kJobChecksMax + 2;
  const ledger::test::LedgerWorld world;
  node::TransactionBatch batch;
  for (std::uint64_t i = 1; i <= kCount; ++i) {
    auto body = ledger::test::payment(world.genesis(), ledger::test::test_account(0),
                                      ledger::Nonce{i}, {{ledger::test::test_account(1), 1}});
    batch.transactions.push_back(ledger::test::signed_by(world.chain(), std::move(body), {0}));
  }
  VerdictCache verdicts{1024};
  KeyCache keys{16, 1};
  HeldCertificates certificates{node::consensus_context(world.chain()), std::nullopt, 16};
  std::vector<std::size_t> parts;  // by the one worker, as the next
  std::vector<std::uint64_t> nonces;
  std::atomic<std::size_t> received = 0;
  WorkerPool pool{1};
  Ingress ingress{world.network(),
                  pool,
                  {verdicts, keys, certificates},
                  {[&](const node::Event& event, const Ingress::Hold&) {
                     const auto& part = std::get<node::TransactionsReceived>(event).transactions;
                     parts.push_back(part.size());
                     for (const auto& each : part)
                       nonces.push_back(each.transaction.body.nonce.value);
                     received += part.size();
                   },
                   [](node::PeerIndex, const std::string&) { ADD_FAILURE(); }}};
  const auto hold = std::make_shared<int>();
  ingress.receive(kPeer, node::encode(node::PeerMessage{std::move(batch)}), hold);
  ASSERT_TRUE(test::eventually(kPatience, [&] { return received == kCount; }));
  EXPECT_EQ(parts, (std::vector<std::size_t>{kJobChecksMax, kJobChecksMax, 2}));
  EXPECT_TRUE(std::ranges::is_sorted(nonces)) << "in the order in which they were sent";
  EXPECT_TRUE(test::eventually(kPatience, [&] { return hold.use_count() == 1; }));
}

}  // namespace
}  // namespace peerpay::app
