#include "tests/sim/behaviour_oracle.h"

#include <algorithm>
#include <variant>

namespace peerpay::sim {

void BehaviourOracle::fail(std::string explanation) {
  verdict_.fail(FailureClass::kSafety, "behaviour", std::move(explanation));
}

void BehaviourOracle::on_received(NodeIndex node, const SentMessagePtr& message, bool accepted) {
  if (!forbidden_.contains(message)) return;
  if (accepted) fail("n" + std::to_string(node.value) + " takes in a message that is forged");
  witnessed();
}

void BehaviourOracle::forbid(const consensus::Proposal& proposal) {
  forbidden_proposals_.insert(proposal);
  views_of_forbidden_.insert(proposal.view);
}

void BehaviourOracle::withheld(const consensus::Digest& block, NodeIndex from) {
  withheld_.insert({block, from});
}

void BehaviourOracle::lied(const Lie& lie, const std::vector<ledger::Block>& truth) {
  liars_.insert(lie.liar);
  for (const ledger::Block& block : truth)
    lies_[{lie.victim, lie.liar}].insert(ledger::block_hash(block.header));
}

void BehaviourOracle::before(NodeIndex node, const node::Event& event, const EngineFacts& facts) {
  void_ = void_of(event, facts);
  if (const auto* answer = std::get_if<node::SyncReceived>(&event)) on_sync(node, *answer);
  if (const auto* one = std::get_if<node::BlockReceived>(&event))
    on_block(node, one->from, one->block);
}

// Whoever sends it: an honest node's that comes late must change nothing either.
std::optional<BehaviourOracle::Void> BehaviourOracle::void_of(const node::Event& event,
                                                              const EngineFacts& facts) const {
  if (behaviour_ != Behaviour::kRepeatsStale && behaviour_ != Behaviour::kVotesFarAhead)
    return std::nullopt;
  if (const auto* one = std::get_if<node::VoteReceived>(&event)) {
    const consensus::View view = one->vote.subject.view();
    const bool is_stale = view.value + 16 <= facts.finalized.value;
    const bool is_far = view.value > facts.view.value + 1;
    if (!is_stale && !is_far) return std::nullopt;
    return Void{view, facts, voids_.contains({one->from, one->vote.subject})};
  }
  const auto* certified = std::get_if<node::CertificateReceived>(&event);
  if (certified == nullptr || certified->certificate.subject.view() > facts.finalized)
    return std::nullopt;
  const consensus::Subject& subject = certified->certificate.subject;
  return Void{subject.view(), facts, voids_.contains({certified->from, subject})};
}

void BehaviourOracle::on_sync(NodeIndex node, const node::SyncReceived& answer) {
  const auto lie = lies_.find({node, answer.from});
  if (lie != lies_.end()) {
    for (const ledger::BlockHash& block : lie->second) denied_.insert({node, block});
    return;
  }
  for (const ledger::Block& block : answer.batch.blocks) on_block(node, answer.from, block);
}

void BehaviourOracle::on_block(NodeIndex node, NodeIndex from, const ledger::Block& block) {
  if (denied_.empty() || liars_.contains(from)) return;
  const Wanted one{node, ledger::block_hash(block.header)};
  if (denied_.contains(one)) mended_.insert(one);
}

void BehaviourOracle::after(NodeIndex node, const node::Effects& effects,
                            const EngineFacts& facts) {
  for (const consensus::Evidence& evidence : effects.evidence) on_evidence(evidence);
  for (const consensus::SafetyRecord& record : effects.persist) on_record(node, record);
  for (const node::CommittedBlock& block : effects.commit) {
    if (mended_.erase({node, block.hash}) > 0) witnessed();
  }
  if (void_) check_void(node, effects, facts);
}

// Whatever else the node does at this moment, it does in its own view and above.
void BehaviourOracle::check_void(NodeIndex node, const node::Effects& effects,
                                 const EngineFacts& facts) {
  if (void_->is_of_actor) witnessed();
  const std::uint64_t grown = facts.view.value - void_->facts.view.value;
  bool is_kept = facts.views_held > void_->facts.views_held + grown;
  for (const consensus::SafetyRecord& record : effects.persist)
    is_kept |= consensus::view_of(record) == void_->view;
  if (is_kept) {
    fail("n" + std::to_string(node.value) + " keeps something of view " +
         std::to_string(void_->view.value) + " in view " + std::to_string(facts.view.value));
  }
}

void BehaviourOracle::on_evidence(const consensus::Evidence& evidence) {
  using consensus::VoteKind;
  const VoteKind first = evidence.first.subject.kind;
  const VoteKind second = evidence.second.subject.kind;
  const bool is_of_actor =
      contradicting_.contains({evidence.first.signer, evidence.first.subject}) ||
      contradicting_.contains({evidence.second.signer, evidence.second.subject});
  const auto has = [&](VoteKind kind) { return first == kind || second == kind; };
  const bool expected =
      (behaviour_ == Behaviour::kLeaderEquivocates && first == second) ||
      (behaviour_ == Behaviour::kVotesTwice && first == second) ||
      (behaviour_ == Behaviour::kNullifiesAndFinalizes && has(VoteKind::kNullify)) ||
      (behaviour_ == Behaviour::kFinalizesAnother && first != second && has(VoteKind::kNotarize)) ||
      behaviour_ == Behaviour::kFloodsVotes;
  if (expected && is_of_actor) witnessed();
}

void BehaviourOracle::on_record(NodeIndex node, const consensus::SafetyRecord& record) {
  if (const auto* own = std::get_if<consensus::OwnVote>(&record)) on_own_vote(node, own->subject);
  if (const auto* held = std::get_if<consensus::HeldCertificate>(&record))
    on_held(node, held->certificate.subject);
  const auto* verdict = std::get_if<consensus::CertifyVerdict>(&record);
  if (verdict == nullptr || !verdict->certified) return;
  if (behaviour_ == Behaviour::kSplitsViews) note_end(node, verdict->proposal.view, kCertified);
  if (withheld_.contains({verdict->proposal.digest, node})) witnessed();
}

void BehaviourOracle::on_held(NodeIndex node, const consensus::Subject& subject) {
  if (behaviour_ == Behaviour::kSplitsViews) {
    if (subject.kind == consensus::VoteKind::kNullify) note_end(node, subject.view(), kNullified);
    const bool is_healed =
        split_ && subject.kind == consensus::VoteKind::kFinalize && subject.view() > *split_;
    if (is_healed) witnessed();
  }
  const bool is_finalization = subject.kind == consensus::VoteKind::kFinalize;
  if (is_finalization && behaviour_ == Behaviour::kOnlyNullifies && acts_ > 0) witnessed();
}

// By the first of the two that a node knows, the view ends for it.
void BehaviourOracle::note_end(NodeIndex node, consensus::View view, End end) {
  auto& ends = ends_[view];
  if (!ends.emplace(node, end).second) return;
  const bool is_split = std::any_of(ends.begin(), ends.end(),
                                    [end](const auto& other) { return other.second != end; });
  if (!is_split) return;
  acted();
  split_ = std::min(split_.value_or(view), view);
}

void BehaviourOracle::on_own_vote(NodeIndex node, const consensus::Subject& subject) {
  if (awaited_.erase(node) > 0) witnessed();
  if (subject.kind == consensus::VoteKind::kNullify) {
    if (views_of_forbidden_.contains(subject.view())) witnessed();
    return;
  }
  if (withheld_.contains({subject.proposal.digest, node})) witnessed();
  if (!forbidden_proposals_.contains(subject.proposal)) return;
  fail("n" + std::to_string(node.value) + " votes for an invalid proposal of view " +
       std::to_string(subject.view().value));
}

}  // namespace peerpay::sim
