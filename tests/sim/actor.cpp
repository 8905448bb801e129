#include "tests/sim/actor.h"

#include <utility>
#include <variant>

#include "base/check.h"

namespace peerpay::sim {

Actor::Parcels Actor::instead_of(std::optional<NodeIndex> to, const node::PeerMessage& message) {
  if (const auto* own = std::get_if<consensus::Vote>(&message); own != nullptr && !to) {
    return vote(*own);
  }
  if (const auto* block = std::get_if<node::BlockMessage>(&message); block != nullptr && !to) {
    return proposal(block->block);
  }
  if (const auto* one = std::get_if<consensus::Certificate>(&message)) return certificate(to, *one);
  return anything_else(to, message);
}

void Actor::forge(Parcels& out, const node::PeerMessage& message) {
  at_.oracle.acted();
  for (const NodeIndex peer : others()) out.push_back({peer, message, true});
}

void Actor::act(Parcels& out, const node::PeerMessage& message) {
  at_.oracle.acted();
  for (const NodeIndex peer : others()) out.push_back({peer, message});
}

void Actor::contradict(Parcels& out, const consensus::Subject& subject) {
  const consensus::Vote vote = signed_vote(subject);
  at_.oracle.contradicts(vote);
  act(out, vote);
}

consensus::Subject Actor::another(consensus::Subject subject) {
  if (subject.kind == consensus::VoteKind::kNullify)
    return consensus::Subject::nullify(subject.view().next());
  subject.proposal.digest.bytes[rng_.below(32)] ^= static_cast<std::uint8_t>(rng_.between(1, 255));
  return subject;
}

std::unique_ptr<Adversary> make_actor(Behaviour behaviour, const ActorPlace& place, base::Rng rng) {
  for (auto* make : {&make_voter, &make_forger, &make_proposer, &make_liar}) {
    if (auto out = make(behaviour, place, rng)) return out;
  }
  PEERPAY_UNREACHABLE("every Byzantine behaviour has an actor");
}

}  // namespace peerpay::sim
