// Catching up and restarting, one replica at a time. Each test was first a failing seed of the
// simulator.
#include <gtest/gtest.h>

#include "tests/unit/node/straggler.h"

namespace peerpay::node::testing {
namespace {

TEST(Sync, GoesOnAfterABatchWithoutACertificateWithWhoSentIt) {
  Mesh mesh{4};
  const auto chain = three_blocks(mesh);
  Straggler straggler{mesh};
  (void)straggler.handle(CertificateReceived{kPeer, finalization_of(chain, 2)});
  (void)straggler.handle(BlockReceived{kPeer, chain[2].block, true});
  const auto effects = straggler.handle(SyncReceived{kPeer, batch_of(chain, 0, 2)});
  const auto requests = sent<SyncRequest>(mesh.genesis, effects);
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests[0].first, kPeer);
  EXPECT_EQ(requests[0].second.from, ledger::Height{3});
  SyncBatch last = batch_of(chain, 2, 1);
  last.certificate = finalization_of(chain, 2);
  EXPECT_EQ(straggler.handle(SyncReceived{kPeer, last}).commit.size(), 3U);
}

TEST(Sync, TakesOnlyAFinalizationOfTheLastBlock) {
  Mesh mesh{4};
  const auto chain = three_blocks(mesh);
  auto notarization = finalization_of(chain, 2);
  notarization.subject.kind = consensus::VoteKind::kNotarize;
  for (const auto& certificate : {notarization, finalization_of(chain, 1)}) {
    Straggler straggler{mesh};
    const auto asked =
        straggler.asked_for_a_range(CertificateReceived{kPeer, finalization_of(chain, 2)});
    SyncBatch all = batch_of(chain, 0, 3);
    all.certificate = certificate;
    const auto effects = straggler.handle(SyncReceived{asked, all});
    EXPECT_TRUE(effects.commit.empty());
    EXPECT_EQ(effects.faults.size(), 1U);
  }
}

TEST(Sync, SurvivesThatTheHeadMovedWhileBlocksWereStaged) {
  Mesh mesh{4};
  const auto chain = three_blocks(mesh);
  Straggler straggler{mesh};
  (void)straggler.handle(CertificateReceived{kPeer, finalization_of(chain, 0)});
  (void)straggler.handle(SyncReceived{kPeer, batch_of(chain, 0, 2)});
  EXPECT_EQ(straggler.handle(BlockReceived{kPeer, chain[0].block, true}).commit.size(), 1U);
  const auto asked =
      straggler.asked_for_a_range(CertificateReceived{kPeer, finalization_of(chain, 2)});
  SyncBatch last = batch_of(chain, 2, 1);
  last.certificate = finalization_of(chain, 2);
  const auto effects = straggler.handle(SyncReceived{asked, last});
  EXPECT_TRUE(effects.faults.empty());
  const auto requests = sent<SyncRequest>(mesh.genesis, effects);
  ASSERT_EQ(requests.size(), 1U);
  SyncBatch again = batch_of(chain, 1, 2);
  again.certificate = finalization_of(chain, 2);
  EXPECT_EQ(straggler.handle(SyncReceived{requests[0].first, again}).commit.size(), 2U);
}

// The head is durable before the later block whose certificate finalized it: a crash between keeps
// one and not the other.
TEST(Restart, TakesAnOldFinalizationForWhatItIs) {
  Mesh mesh{4};
  const auto chain = three_blocks(mesh);
  Bootstrap bootstrap = test_bootstrap(mesh.genesis);
  for (const std::size_t i : {0U, 1U}) bootstrap.state.apply(chain[i].changes);
  bootstrap.head = chain[1].block.header;
  Replica observer{mesh.network, std::nullopt, {}};
  (void)observer.start(std::move(bootstrap), mesh.now);
  (void)observer.handle(PeerConnected{kPeer}, mesh.now);
  const auto effects =
      observer.handle(CertificateReceived{kPeer, finalization_of(chain, 0)}, mesh.now);
  EXPECT_TRUE(effects.send.empty());
  EXPECT_FALSE(observer.handle(BlockReceived{kPeer, chain[0].block, true}, mesh.now).halt);
  EXPECT_FALSE(observer.status().syncing);
}

TEST(Restart, BuildsOnABlockThatItHadCertified) {
  Mesh mesh{4};
  const auto chain = three_blocks(mesh);
  const auto& block = chain[0].block;
  const auto proposal = proposal_of(block.header, 0);
  Bootstrap bootstrap = test_bootstrap(mesh.genesis);
  bootstrap.unfinalized = {block};
  bootstrap.journal = {
      consensus::HeldCertificate{certificate_of(consensus::Subject::notarize(proposal))},
      consensus::CertifyVerdict{proposal, true}};
  bootstrap.voting = consensus::Voting::kOpen;
  const auto leader = validator_set(mesh.genesis).leader(0, {block.header.view + 1});
  Replica replica{mesh.network, leader, {}};
  (void)replica.start(std::move(bootstrap), mesh.now);
  const auto effects = replica.handle(
      TransactionsSubmitted{{{0, test_pay(mesh.genesis, {.from = 103, .nonce = 1})}}}, mesh.now);
  const auto blocks = sent<BlockMessage>(mesh.genesis, effects);
  ASSERT_EQ(blocks.size(), 1U);
  EXPECT_EQ(blocks[0].second.block.header.parent, ledger::block_hash(block.header));
}

// A second process with the same key, or a log from a backup. Nobody answers.
TEST(Restart, DoesNotVoteAfterAnOwnVoteThatTheSignLogLacks) {
  Mesh mesh{4};
  Straggler straggler{mesh};
  auto nullified = certificate_of(consensus::Subject::nullify({1}));
  nullified.signers = {0b1110};  // validator 3 among them
  const auto effects = straggler.handle(CertificateReceived{kPeer, nullified});
  ASSERT_TRUE(effects.halt);
  EXPECT_NE(effects.halt->find("sign.log"), std::string::npos);

  Bootstrap bootstrap = test_bootstrap(mesh.genesis);
  bootstrap.journal = effects.persist;
  Replica again{mesh.network, kSelf, {}};
  Effects all = again.start(std::move(bootstrap), mesh.now);
  all.append(again.handle(PeerConnected{kPeer}, mesh.now));
  for (std::uint64_t view = 2; view < 10; ++view) {
    const auto next = certificate_of(consensus::Subject::nullify({view}));
    all.append(again.handle(CertificateReceived{kPeer, next}, mesh.now));
    all.append(again.handle(
        TransactionsSubmitted{{{view, test_pay(mesh.genesis, {.nonce = view})}}}, mesh.now));
  }
  EXPECT_EQ(again.status().view.value, 10U);
  EXPECT_TRUE(all.sign.empty());
  EXPECT_TRUE(sent<BlockMessage>(mesh.genesis, all).empty());
  EXPECT_NE(consensus::unknown_own_vote(again.journal()), nullptr);
}

}  // namespace
}  // namespace peerpay::node::testing
