// Actors that vote, repeat and withhold as they should not: B2 to B8, B12, B14.

#include <algorithm>
#include <deque>
#include <utility>
#include <variant>

#include "tests/sim/actor.h"

namespace peerpay::sim {

namespace {

using consensus::Subject;
using consensus::Vote;
using consensus::VoteKind;

// B2.
class VotesTwice final : public Actor {
  using Actor::Actor;
  Parcels vote(const Vote& own) override {
    if (own.subject.kind == VoteKind::kNullify || rng_.chance(1, 2)) return to_all(own);
    Parcels out;
    const Subject second = another(own.subject);
    const bool first = rng_.chance(1, 2);
    if (first) contradict(out, second);
    for (auto& parcel : to_all(own)) out.push_back(std::move(parcel));
    if (!first) contradict(out, second);
    return out;
  }
};

// B3.
class NullifiesAndFinalizes final : public Actor {
  using Actor::Actor;
  Parcels vote(const Vote& own) override {
    Parcels out = to_all(own);
    if (own.subject.kind == VoteKind::kFinalize)
      contradict(out, Subject::nullify(own.subject.view()));
    if (rng_.chance(1, 2)) std::reverse(out.begin(), out.end());
    return out;
  }
};

// B4.
class FinalizesAnother final : public Actor {
  using Actor::Actor;
  Parcels vote(const Vote& own) override {
    if (own.subject.kind != VoteKind::kFinalize) return to_all(own);
    Parcels out;
    contradict(out, another(own.subject));
    return out;
  }
};

// B5.
class OnlyNullifies final : public Actor {
  using Actor::Actor;
  Parcels vote(const Vote& own) override {
    Parcels out;
    act(out, signed_vote(Subject::nullify(own.subject.view())));
    return out;
  }
};

// B6. Each vote to as many as a quorum lacks one of; blocks and certificates to one.
class Withholds final : public Actor {
  using Actor::Actor;
  std::vector<NodeIndex> some(std::size_t count) {
    std::vector<NodeIndex> out = others();
    while (out.size() > count)
      out.erase(out.begin() + static_cast<std::ptrdiff_t>(rng_.below(out.size())));
    return out;
  }
  Parcels to_some(const node::PeerMessage& message, std::size_t count) {
    Parcels out;
    for (const NodeIndex peer : some(count)) out.push_back({peer, message});
    return out;
  }
  Parcels vote(const Vote& own) override {
    if (leads(own.subject.view())) return to_all(own);  // or its block would not matter
    const std::size_t quorum = at_.place.validators - (at_.place.validators - 1) / 3;
    return to_some(own, quorum - 2);  // with its own that makes a quorum less one
  }
  Parcels proposal(const ledger::Block& block) override {
    at_.oracle.acted();
    const std::vector<NodeIndex> chosen = some(rng_.below(3));
    Parcels out;
    for (const NodeIndex peer : others()) {
      const bool gets = std::find(chosen.begin(), chosen.end(), peer) != chosen.end();
      if (gets) out.push_back({peer, node::BlockMessage{block}});
      if (!gets) at_.oracle.withheld(digest_of(block), peer);
    }
    return out;
  }
  Parcels certificate(std::optional<NodeIndex> to, const consensus::Certificate& one) override {
    return to ? to_all(one, to) : to_some(one, 1);
  }
  // Whoever asks for the block gets it from the leader at times, and from whoever has it always.
  Parcels anything_else(std::optional<NodeIndex> to, const node::PeerMessage& message) override {
    const bool is_block = std::holds_alternative<node::BlockMessage>(message);
    return is_block && rng_.chance(1, 2) ? Parcels{} : to_all(message, to);
  }
};

// B7, with the network's help (scenario.h): notarizes for all to see, and nullifies too; but not as
// the leader, whom all would follow at once.
class SplitsViews final : public Actor {
  using Actor::Actor;
  Parcels vote(const Vote& own) override {
    Parcels out = to_all(own);
    if (own.subject.kind != VoteKind::kNotarize || leads(own.subject.view())) return out;
    for (auto& parcel : to_all(signed_vote(Subject::nullify(own.subject.view()))))
      out.push_back(std::move(parcel));
    return out;
  }
};

// B8.
class RepeatsStale final : public Actor {
  using Actor::Actor;
  static constexpr std::uint64_t kAge = 20;  // views
  static constexpr std::size_t kHeldMax = 200;
  struct Old {
    Subject subject;
    node::PeerMessage message;
  };
  std::deque<Old> old_;

  void keep(const Subject& subject, const node::PeerMessage& message) {
    if (old_.size() == kHeldMax) old_.pop_front();
    old_.push_back({subject, message});
  }
  Parcels vote(const Vote& own) override {
    Parcels out = to_all(own);
    for (int i = 0; i < 3 && !old_.empty(); ++i) {
      const Old& draw = old_[rng_.below(old_.size())];
      if (draw.subject.view().value + kAge >= own.subject.view().value) continue;
      at_.oracle.is_void(at_.place.self, draw.subject);
      act(out, draw.message);
    }
    keep(own.subject, own);
    return out;
  }
  Parcels certificate(std::optional<NodeIndex> to, const consensus::Certificate& one) override {
    keep(one.subject, one);
    return to_all(one, to);
  }
};

// B12.
class VotesFarAhead final : public Actor {
  using Actor::Actor;
  Parcels vote(const Vote& own) override {
    Parcels out = to_all(own);
    for (int i = 0; i < 3; ++i) {
      Subject far = own.subject;
      far.proposal.view.value += 10 + (std::uint64_t{1} << rng_.below(50));
      at_.oracle.is_void(at_.place.self, far);
      act(out, signed_vote(far));
    }
    return out;
  }
};

// B14.
class FloodsVotes final : public Actor {
  using Actor::Actor;
  Parcels vote(const Vote& own) override {
    constexpr int kMass = 40;
    Parcels out = to_all(own);
    for (int i = 0; i < kMass; ++i) {
      const std::uint64_t view = own.subject.view().value;
      Subject subject = another(Subject::notarize(own.subject.proposal));
      subject.kind = static_cast<VoteKind>(rng_.below(consensus::kVoteKinds));
      subject.proposal.view.value = rng_.between(view > 40 ? view - 40 : 1, view + 1);
      subject.proposal.parent.value = rng_.below(subject.proposal.view.value);
      if (subject.kind == VoteKind::kNullify) subject = Subject::nullify(subject.view());
      contradict(out, subject);
    }
    return out;
  }
};

}  // namespace

std::unique_ptr<Adversary> make_voter(Behaviour behaviour, const ActorPlace& place, base::Rng rng) {
  if (behaviour == Behaviour::kVotesTwice) return std::make_unique<VotesTwice>(place, rng);
  if (behaviour == Behaviour::kNullifiesAndFinalizes)
    return std::make_unique<NullifiesAndFinalizes>(place, rng);
  if (behaviour == Behaviour::kFinalizesAnother)
    return std::make_unique<FinalizesAnother>(place, rng);
  if (behaviour == Behaviour::kOnlyNullifies) return std::make_unique<OnlyNullifies>(place, rng);
  if (behaviour == Behaviour::kWithholds) return std::make_unique<Withholds>(place, rng);
  if (behaviour == Behaviour::kSplitsViews) return std::make_unique<SplitsViews>(place, rng);
  if (behaviour == Behaviour::kRepeatsStale) return std::make_unique<RepeatsStale>(place, rng);
  if (behaviour == Behaviour::kVotesFarAhead) return std::make_unique<VotesFarAhead>(place, rng);
  if (behaviour == Behaviour::kFloodsVotes) return std::make_unique<FloodsVotes>(place, rng);
  return nullptr;
}

}  // namespace peerpay::sim
