#pragma once
// BehaviourOracle: what the behaviour of a run did, and what came of it.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "consensus/effects.h"
#include "ledger/block.h"
#include "node/core/effects.h"
#include "node/core/event.h"
#include "tests/sim/behaviour.h"
#include "tests/sim/network.h"
#include "tests/sim/verdict.h"

namespace peerpay::sim {

// What the run's behaviour did, and what came of it. Two counts decide whether a run says anything:
// how often the behaviour acted, and how often an honest node was seen to do what is expected.
// Expected is what comes of the very things that the actor did and told of here: what honest nodes
// do anyway says nothing.
class BehaviourOracle {
 public:
  BehaviourOracle(Verdict& verdict, Behaviour behaviour)
      : verdict_{verdict}, behaviour_{behaviour} {}

  void acted() { ++acts_; }
  // What was there before the behaviour acted did not come of it.
  void witnessed() {
    if (acts_ > 0) ++witnesses_;
  }
  [[nodiscard]] std::uint64_t acts() const { return acts_; }
  [[nodiscard]] std::uint64_t witnesses() const { return witnesses_; }

  // These bytes must not get past the decoder and the signature checks of any honest node.
  void forbid(const SentMessagePtr& message) { forbidden_.insert(message); }
  void on_received(NodeIndex node, const SentMessagePtr& message, bool accepted);

  // No honest node may notarize it.
  void forbid(const consensus::Proposal& proposal);
  // A vote that excludes another of its signer: expected is evidence that has it.
  void contradicts(const consensus::Vote& vote) {
    contradicting_.insert({vote.signer, vote.subject});
  }
  // A vote or certificate from `sender`: where it is of long ago or far ahead, expected is nothing.
  void is_void(NodeIndex sender, const consensus::Subject& subject) {
    voids_.insert({sender, subject});
  }
  // Blocks that a leader kept from these nodes: whoever votes for one or certifies it has fetched.
  void withheld(const consensus::Digest& block, NodeIndex from);

  // An honest node is about to handle an event, and has handled it. What is of long ago or far
  // ahead must leave nothing behind.
  struct EngineFacts {
    consensus::View view;
    consensus::View finalized;
    std::size_t views_held = 0;
  };
  void before(NodeIndex node, const node::Event& event, const EngineFacts& facts);
  void after(NodeIndex node, const node::Effects& effects, const EngineFacts& facts);

  // `liar` answers `victim` something else than these blocks: expected is that the victim, when it
  // has heard the lie, gets and commits one of them from somebody who never lied.
  struct Lie {
    NodeIndex liar;
    NodeIndex victim;
  };
  void lied(const Lie& lie, const std::vector<ledger::Block>& truth);
  // A node that must vote again, after a crash between deciding and sending.
  void expect_vote_of(NodeIndex node) { awaited_.insert(node); }

  void fail(std::string explanation);

 private:
  // A vote or certificate that must change nothing.
  struct Void {
    consensus::View view;
    EngineFacts facts;
    bool is_of_actor = false;
  };
  using SentBy = std::pair<NodeIndex, consensus::Subject>;
  using Wanted = std::pair<NodeIndex, ledger::BlockHash>;  // a block, by whom

  [[nodiscard]] std::optional<Void> void_of(const node::Event& event,
                                            const EngineFacts& facts) const;
  void check_void(NodeIndex node, const node::Effects& effects, const EngineFacts& facts);
  void on_sync(NodeIndex node, const node::SyncReceived& answer);
  void on_block(NodeIndex node, NodeIndex from, const ledger::Block& block);
  void on_evidence(const consensus::Evidence& evidence);
  void on_record(NodeIndex node, const consensus::SafetyRecord& record);
  enum End : std::uint8_t { kNullified, kCertified };
  void note_end(NodeIndex node, consensus::View view, End end);
  void on_held(NodeIndex node, const consensus::Subject& subject);
  void on_own_vote(NodeIndex node, const consensus::Subject& subject);

  Verdict& verdict_;
  const Behaviour behaviour_;
  std::uint64_t acts_ = 0;
  std::uint64_t witnesses_ = 0;
  std::set<SentMessagePtr> forbidden_;  // kept alive, so that no address comes twice
  std::set<consensus::Proposal> forbidden_proposals_;
  std::set<consensus::View> views_of_forbidden_;
  std::set<std::pair<consensus::Digest, NodeIndex>> withheld_;
  std::map<consensus::View, std::map<NodeIndex, End>> ends_;
  std::optional<consensus::View> split_;  // the first view that ended in two ways
  std::set<NodeIndex> awaited_;
  std::set<SentBy> contradicting_;
  std::set<SentBy> voids_;
  std::map<std::pair<NodeIndex, NodeIndex>, std::set<ledger::BlockHash>> lies_;  // by victim, liar
  std::set<NodeIndex> liars_;
  std::set<Wanted> denied_;   // the victim has heard the lie
  std::set<Wanted> mended_;   // and got the block from somebody else
  std::optional<Void> void_;  // of the event at hand
};

}  // namespace peerpay::sim
