#pragma once
// Actor: what the named Byzantine behaviours have in common. By default it says what an honest node
// would; each behaviour changes what it sends of one kind.

#include <memory>
#include <optional>
#include <vector>

#include "base/rng.h"
#include "ledger/genesis.h"
#include "tests/sim/behaviour_oracle.h"
#include "tests/sim/byzantine.h"
#include "tests/sim/keyring.h"

namespace peerpay::sim {

struct ActorPlace {
  AdversaryPlace place;
  std::uint32_t byzantine = 0;  // the last ones of the set
  const Keyring& keyring;
  const ledger::Genesis& genesis;
  BehaviourOracle& oracle;
};

class Actor : public Adversary {
 public:
  using Parcels = std::vector<Parcel>;
  // What `place` refers to must outlive the actor.
  Actor(const ActorPlace& place, base::Rng rng) : at_{place}, rng_{rng} {}
  Parcels instead_of(std::optional<NodeIndex> to, const node::PeerMessage& message) override;

 protected:
  // A vote of its own, to all.
  [[nodiscard]] virtual Parcels vote(const consensus::Vote& own) { return to_all({own}); }
  // A proposal of its own, to all.
  [[nodiscard]] virtual Parcels proposal(const ledger::Block& block) {
    return to_all(node::BlockMessage{block});
  }
  [[nodiscard]] virtual Parcels certificate(std::optional<NodeIndex> to,
                                            const consensus::Certificate& certificate) {
    return to_all(certificate, to);
  }
  [[nodiscard]] virtual Parcels anything_else(std::optional<NodeIndex> to,
                                              const node::PeerMessage& message) {
    return to_all(message, to);
  }

  [[nodiscard]] Parcels to_all(const node::PeerMessage& message,
                               std::optional<NodeIndex> to = std::nullopt) const {
    return sim::to_all(at_.place, to, message);
  }
  // Adds what no honest node may take in.
  void forge(Parcels& out, const node::PeerMessage& message);
  void act(Parcels& out, const node::PeerMessage& message);
  // Adds a vote of its own that excludes another one of its own.
  void contradict(Parcels& out, const consensus::Subject& subject);
  [[nodiscard]] consensus::Vote signed_vote(const consensus::Subject& subject) const {
    return vote_of(at_.place, at_.keyring, subject);
  }
  [[nodiscard]] std::vector<NodeIndex> others() const { return receivers(at_.place, std::nullopt); }
  // The same vote for a digest that is nobody's; of nullify, for the next view.
  [[nodiscard]] consensus::Subject another(consensus::Subject subject);
  [[nodiscard]] bool leads(consensus::View view) const {
    return view.value % at_.place.validators == at_.place.self.value;
  }

  const ActorPlace at_;
  base::Rng rng_;
};

// REQUIRES: is_byzantine(behaviour).
[[nodiscard]] std::unique_ptr<Adversary> make_actor(Behaviour behaviour, const ActorPlace& place,
                                                    base::Rng rng);
// By what they change. Each is null for a behaviour of another group.
[[nodiscard]] std::unique_ptr<Adversary> make_voter(Behaviour behaviour, const ActorPlace& place,
                                                    base::Rng rng);
[[nodiscard]] std::unique_ptr<Adversary> make_forger(Behaviour behaviour, const ActorPlace& place,
                                                     base::Rng rng);
[[nodiscard]] std::unique_ptr<Adversary> make_proposer(Behaviour behaviour, const ActorPlace& place,
                                                       base::Rng rng);
[[nodiscard]] std::unique_ptr<Adversary> make_liar(Behaviour behaviour, const ActorPlace& place,
                                                   base::Rng rng);

}  // namespace peerpay::sim
