#pragma once
// One replica that is behind a mesh, and what others would send it.
#include <gtest/gtest.h>

#include <utility>
#include <variant>
#include <vector>

#include "node/core/messages.h"
#include "node/core/replica.h"
#include "tests/unit/node/harness.h"

namespace peerpay::node::testing {

inline constexpr PeerIndex kSelf{3};
inline constexpr PeerIndex kPeer{1};

// Signatures are checked before the core sees a certificate, so these are empty.
inline consensus::Certificate certificate_of(const consensus::Subject& subject) {
  return {subject, {0b0111}, std::vector<crypto::Signature>(3)};
}

inline consensus::Proposal proposal_of(const ledger::BlockHeader& header,
                                       std::uint64_t parent_view) {
  return {{header.view}, {parent_view}, {ledger::block_hash(header).bytes}};
}

inline consensus::Certificate finalization_of(const std::vector<CommittedBlock>& chain,
                                              std::size_t index) {
  const std::uint64_t parent_view = index == 0 ? 0 : chain[index - 1].block.header.view;
  return certificate_of(
      consensus::Subject::finalize(proposal_of(chain[index].block.header, parent_view)));
}

// Final blocks of one payment each.
inline std::vector<CommittedBlock> blocks_of(Mesh& mesh, std::uint64_t count) {
  for (std::uint64_t nonce = 1; nonce <= count; ++nonce) {
    mesh.submit(0, test_pay(mesh.genesis, {.nonce = nonce}));
    EXPECT_TRUE(mesh.run(10'000, [&] { return mesh.chains[0].size() >= nonce; }));
  }
  return mesh.chains[0];
}
inline std::vector<CommittedBlock> three_blocks(Mesh& mesh) { return blocks_of(mesh, 3); }

inline SyncBatch batch_of(const std::vector<CommittedBlock>& chain, std::size_t first,
                          std::size_t count) {
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

// A replica that is behind the mesh, and votes without having asked anybody.
struct Straggler {
  explicit Straggler(Mesh& mesh, const ReplicaConfig& config = {})
      : genesis{mesh.genesis}, now{mesh.now}, replica{mesh.network, kSelf, config} {
    Bootstrap bootstrap = test_bootstrap(genesis);
    bootstrap.voting = consensus::Voting::kOpen;
    (void)replica.start(std::move(bootstrap), now);
    for (const std::uint32_t peer : {0U, 1U, 2U}) (void)handle(PeerConnected{{peer}});
  }
  Effects handle(Event event) { return replica.handle(std::move(event), now); }
  // Handles what makes it ask for a range, and says whom it asks.
  PeerIndex asked_for_a_range(Event event) {
    const auto requests = sent<SyncRequest>(genesis, handle(std::move(event)));
    EXPECT_EQ(requests.size(), 1U);
    return requests.empty() ? kSelf : requests.front().first;
  }

  const ledger::Genesis& genesis;
  base::Now now;
  Replica replica;
};

}  // namespace peerpay::node::testing
