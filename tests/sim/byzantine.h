#pragma once
// Byzantine behaviours. A Byzantine validator is a normal node whose messages pass through an
// Adversary on their way out: it follows the chain, holds its own key and no other, and lies where
// it likes.

#include <map>
#include <optional>
#include <vector>

#include "base/rng.h"
#include "node/core/messages.h"
#include "tests/sim/keyring.h"
#include "tests/sim/network.h"

namespace peerpay::sim {

class Adversary {
 public:
  virtual ~Adversary() = default;

  struct Parcel {
    NodeIndex to;
    node::PeerMessage message;
    bool is_forged = false;  // no honest node may take it in
  };
  // What leaves instead of `message`, which an honest node would send to `to`, or to all when that
  // is empty.
  [[nodiscard]] virtual std::vector<Parcel> instead_of(std::optional<NodeIndex> to,
                                                       const node::PeerMessage& message) = 0;
  // Whether its own node gets to see what arrives.
  [[nodiscard]] virtual bool hears(const node::PeerMessage&) { return true; }
};

struct AdversaryPlace {
  NodeIndex self;
  std::uint32_t validators = 0;
  consensus::Context context;
};
// `to`, or every other validator.
[[nodiscard]] std::vector<NodeIndex> receivers(const AdversaryPlace& place,
                                               std::optional<NodeIndex> to);
[[nodiscard]] consensus::Digest digest_of(const ledger::Block& block);
// A vote under its own key.
[[nodiscard]] consensus::Vote vote_of(const AdversaryPlace& place, const Keyring& keyring,
                                      const consensus::Subject& subject);
// `message` to `to`, or to every other validator.
[[nodiscard]] std::vector<Adversary::Parcel> to_all(const AdversaryPlace& place,
                                                    std::optional<NodeIndex> to,
                                                    const node::PeerMessage& message);

// Silent: never sends anything.
class Silent final : public Adversary {
 public:
  std::vector<Parcel> instead_of(std::optional<NodeIndex> to,
                                 const node::PeerMessage& message) override;
};

// Withholder: each message goes to some of the others only; its blocks, now and then, to nobody,
// its votes all the same.
class Withholder final : public Adversary {
 public:
  Withholder(const AdversaryPlace& place, base::Rng rng) : place_{place}, rng_{rng} {}
  std::vector<Parcel> instead_of(std::optional<NodeIndex> to,
                                 const node::PeerMessage& message) override;

 private:
  const AdversaryPlace place_;
  base::Rng rng_;
};

// Twin: says what an honest node would; that two processes do so with one key is what makes them
// Byzantine.
class Twin final : public Adversary {
 public:
  explicit Twin(const AdversaryPlace& place) : place_{place} {}
  std::vector<Parcel> instead_of(std::optional<NodeIndex> to,
                                 const node::PeerMessage& message) override;

 private:
  const AdversaryPlace place_;
};

// Equivocator: as a leader it proposes two blocks, each to some of the others, and votes for both.
// In every view it may vote nullify beside notarize and finalize. Now and then it answers a
// question with doctored blocks, or not at all.
class Equivocator final : public Adversary {
 public:
  // `keyring` must outlive the adversary.
  Equivocator(const AdversaryPlace& place, const Keyring& keyring, base::Rng rng);
  std::vector<Parcel> instead_of(std::optional<NodeIndex> to,
                                 const node::PeerMessage& message) override;

 private:
  // In one of its own views.
  struct Twins {
    ledger::Block second;
    std::vector<bool> gets_second;  // by validator; the others get the first
  };
  using Parcels = std::vector<Parcel>;
  [[nodiscard]] Parcels rewrite(std::optional<NodeIndex> to, const consensus::Vote& vote);
  [[nodiscard]] Parcels rewrite(std::optional<NodeIndex> to, const node::BlockMessage& message);
  [[nodiscard]] Parcels rewrite(std::optional<NodeIndex> to, const node::SyncBatch& batch);
  template <class Message>
  [[nodiscard]] Parcels rewrite(std::optional<NodeIndex> to, const Message& message) const {
    return to_all(place_, to, message);
  }
  [[nodiscard]] consensus::Vote vote_for(const consensus::Subject& subject) const;
  [[nodiscard]] ledger::Block second_of(const ledger::Block& first);

  const AdversaryPlace place_;
  const Keyring& keyring_;
  base::Rng rng_;
  std::map<std::uint64_t, Twins> twins_;  // by view
};

// Flooder: beside what an honest node says, now and then a mass of what nobody asked for: requests,
// sync answers that are empty or lead nowhere, blocks of absurd heights. As a leader it may propose
// a block on a parent that does not exist.
class Flooder final : public Adversary {
 public:
  // `keyring` must outlive the adversary.
  Flooder(const AdversaryPlace& place, const Keyring& keyring, base::Rng rng)
      : place_{place}, keyring_{keyring}, rng_{rng} {}
  std::vector<Parcel> instead_of(std::optional<NodeIndex> to,
                                 const node::PeerMessage& message) override;

 private:
  [[nodiscard]] ledger::Block junk(std::uint64_t view);
  [[nodiscard]] node::PeerMessage junk_message();

  const AdversaryPlace place_;
  const Keyring& keyring_;
  base::Rng rng_;
  std::uint64_t view_ = 1;  // about where the network is
};

}  // namespace peerpay::sim
