// Catching up and restarting, one replica at a time. Each test was first a failing seed of the
// simulator.
#include <gtest/gtest.h>

#include <variant>

#include "node/core/messages.h"
#include "node/core/replica.h"
#include "tests/unit/node/harness.h"

namespace peerpay::node::testing {
namespace {

constexpr PeerIndex kSelf{3};
constexpr PeerIndex kPeer{1};

// Signatures are checked before the core sees a certificate, so these are empty.
consensus::Certificate certificate_of(const consensus::Subject& subject) {
  return {subject, {0b0111}, std::vector<crypto::Signature>(3)};
}

consensus::Proposal proposal_of(const ledger::BlockHeader& header, std::uint64_t parent_view) {
  return {{header.view}, {parent_view}, {ledger::block_hash(header).bytes}};
}

consensus::Certificate finalization_of(const std::vector<CommittedBlock>& chain,
                                       std::size_t index) {
  const std::uint64_t parent_view = index == 0 ? 0 : chain[index - 1].block.header.view;
  return certificate_of(
      consensus::Subject::finalize(proposal_of(chain[index].block.header, parent_view)));
}

// Three final blocks of one payment each.
std::vector<CommittedBlock> three_blocks(Mesh& mesh) {
  for (std::uint64_t nonce = 1; nonce <= 3; ++nonce) {
    mesh.submit(0, test_pay(mesh.genesis, {.nonce = nonce}));
    EXPECT_TRUE(mesh.run(10'000, [&] { return mesh.chains[0].size() >= nonce; }));
  }
  return mesh.chains[0];
}

SyncBatch batch_of(const std::vector<CommittedBlock>& chain, std::size_t first, std::size_t count) {
  SyncBatch out;
  for (std::size_t i = first; i < first + count; ++i) out.blocks.push_back(chain[i].block);
  return out;
}

template <class Message>
std::vector<std::pair<PeerIndex, Message>> sent(const ledger::Genesis& genesis,
                                                const Effects& effects) {
  std::vector<std::pair<PeerIndex, Message>> out;
  for (const Send& send : effects.send) {
    const auto message = decode_peer_message(ledger::chain_id(genesis), send.message);
    const auto* wanted = std::get_if<Message>(&*message);
    if (wanted != nullptr) out.emplace_back(send.to.value_or(kSelf), *wanted);
  }
  return out;
}

// A replica that is behind the mesh.
struct Straggler {
  explicit Straggler(Mesh& mesh)
      : genesis{mesh.genesis}, now{mesh.now}, replica{mesh.genesis, kSelf, {}} {
    (void)replica.start(test_bootstrap(genesis), now);
    for (const std::uint32_t peer : {0U, 1U, 2U}) (void)handle(PeerConnected{{peer}});
  }
  Effects handle(Event event) { return replica.handle(std::move(event), now); }

  const ledger::Genesis& genesis;
  base::Now now;
  Replica replica;
};

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

TEST(Sync, SurvivesThatTheHeadMovedWhileBlocksWereStaged) {
  Mesh mesh{4};
  const auto chain = three_blocks(mesh);
  Straggler straggler{mesh};
  (void)straggler.handle(CertificateReceived{kPeer, finalization_of(chain, 0)});
  (void)straggler.handle(SyncReceived{kPeer, batch_of(chain, 0, 2)});
  EXPECT_EQ(straggler.handle(BlockReceived{kPeer, chain[0].block, true}).commit.size(), 1U);
  SyncBatch last = batch_of(chain, 2, 1);
  last.certificate = finalization_of(chain, 2);
  EXPECT_TRUE(straggler.handle(SyncReceived{kPeer, last}).faults.empty());
  SyncBatch again = batch_of(chain, 1, 2);
  again.certificate = finalization_of(chain, 2);
  EXPECT_EQ(straggler.handle(SyncReceived{kPeer, again}).commit.size(), 2U);
}

// The head is durable before the later block whose certificate finalized it: a crash between keeps
// one and not the other.
TEST(Restart, TakesAnOldFinalizationForWhatItIs) {
  Mesh mesh{4};
  const auto chain = three_blocks(mesh);
  Bootstrap bootstrap = test_bootstrap(mesh.genesis);
  for (const std::size_t i : {0U, 1U}) bootstrap.state.apply(chain[i].changes);
  bootstrap.head = chain[1].block.header;
  Replica observer{mesh.genesis, std::nullopt, {}};
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
  const auto leader = validator_set(mesh.genesis).leader(0, {block.header.view + 1});
  Replica replica{mesh.genesis, leader, {}};
  (void)replica.start(std::move(bootstrap), mesh.now);
  const auto effects = replica.handle(
      TransactionsSubmitted{{{0, test_pay(mesh.genesis, {.from = 103, .nonce = 1})}}}, mesh.now);
  const auto blocks = sent<BlockMessage>(mesh.genesis, effects);
  ASSERT_EQ(blocks.size(), 1U);
  EXPECT_EQ(blocks[0].second.block.header.parent, ledger::block_hash(block.header));
}

}  // namespace
}  // namespace peerpay::node::testing
