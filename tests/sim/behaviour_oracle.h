#pragma once
// BehaviourOracle: what the behaviour of a run did, and what came of it.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "consensus/effects.h"
#include "node/core/effects.h"
#include "node/core/event.h"
#include "tests/sim/behaviour.h"
#include "tests/sim/network.h"
#include "tests/sim/verdict.h"

namespace peerpay::sim {

// What the run's behaviour did, and what came of it. Two counts decide whether a run says anything:
// how often the behaviour acted, and how often an honest node was seen to do what is expected.
class BehaviourOracle {
 public:
  BehaviourOracle(Verdict& verdict, Behaviour behaviour)
      : verdict_{verdict}, behaviour_{behaviour} {}

  void acted() { ++acts_; }
  void witnessed() { ++witnesses_; }
  [[nodiscard]] std::uint64_t acts() const { return acts_; }
  [[nodiscard]] std::uint64_t witnesses() const { return witnesses_; }

  // These bytes must not get past the decoder and the signature checks of any honest node.
  void forbid(const MessageBytes& message) { forbidden_.insert(message); }
  void on_received(NodeIndex node, const MessageBytes& message, bool accepted);

  // No honest node may notarize it.
  void forbid(const consensus::Proposal& proposal);
  // Blocks that a leader kept from these nodes: whoever votes for one or certifies it has fetched.
  void withheld(const consensus::Digest& block, NodeIndex from);

  // An honest node is about to handle an event, and has handled it. What is of long ago or far
  // ahead must leave nothing behind.
  struct EngineFacts {
    consensus::View view;
    consensus::View finalized;
    std::size_t views_held = 0;
  };
  void before(const node::Event& event, const EngineFacts& facts);
  void after(NodeIndex node, const node::Effects& effects, const EngineFacts& facts);

  // A node that was lied to while it syncs must get on all the same.
  void lied_to(NodeIndex node) { lied_to_.insert(node); }
  // A node that must vote again, after a crash between deciding and sending.
  void expect_vote_of(NodeIndex node) { awaited_.insert(node); }

  void fail(std::string explanation);

 private:
  // A vote or certificate that must change nothing.
  struct Void {
    consensus::View view;
    EngineFacts facts;
  };
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
  std::set<MessageBytes> forbidden_;  // kept alive, so that no address comes twice
  std::set<consensus::Proposal> forbidden_proposals_;
  std::set<consensus::View> views_of_forbidden_;
  std::set<std::pair<consensus::Digest, NodeIndex>> withheld_;
  std::map<consensus::View, std::map<NodeIndex, End>> ends_;
  std::optional<consensus::View> split_;  // the first view that ended in two ways
  std::set<NodeIndex> awaited_;
  std::set<NodeIndex> lied_to_;
  std::optional<Void> void_;  // of the event at hand
};

}  // namespace peerpay::sim
