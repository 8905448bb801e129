// Actors whose messages must never become an event: B9, B10, B11, B13.

#include <utility>
#include <variant>

#include "tests/sim/actor.h"

namespace peerpay::sim {

namespace {

using consensus::Certificate;
using consensus::Subject;
using consensus::Vote;
using consensus::VoteKind;

// B9.
class VotesElsewhere final : public Actor {
  using Actor::Actor;
  Parcels vote(const Vote& own) override {
    Parcels out = to_all(own);
    AdversaryPlace elsewhere = at_.place;
    if (rng_.chance(1, 2)) {
      elsewhere.context.network.bytes[rng_.below(32)] ^= 1;
    } else {
      elsewhere.context.epoch += rng_.between(1, 3);
    }
    forge(out, vote_of(elsewhere, at_.keyring, own.subject));
    return out;
  }
  Parcels proposal(const ledger::Block& block) override {
    Parcels out = to_all(node::BlockMessage{block});
    ledger::Block foreign = block;
    foreign.header.chain.bytes[rng_.below(32)] ^= 1;
    forge(out, node::BlockMessage{foreign});
    return out;
  }
};

// B10. Beside forgeries, it passes on votes of others, whose signatures are good: for that only
// itself is blamed.
class ForgesVotes final : public Actor {
  using Actor::Actor;
  std::optional<Vote> heard_;

  bool hears(const node::PeerMessage& message) override {
    const auto* vote = std::get_if<Vote>(&message);
    if (vote != nullptr) heard_ = *vote;
    return true;
  }
  Vote forged(const Vote& own) {
    Vote out = own;
    const std::uint32_t n = at_.place.validators;
    switch (rng_.below(5)) {
      case 0: out.signer.value = (out.signer.value + 1) % n; break;
      case 1:
        out.signature.bytes[rng_.below(64)] ^= static_cast<std::uint8_t>(1 << rng_.below(8));
        break;
      case 2:  // of another kind
        out.subject.kind =
            out.subject.kind == VoteKind::kFinalize ? VoteKind::kNotarize : VoteKind::kFinalize;
        if (own.subject.kind == VoteKind::kNullify) out.subject.proposal.digest.bytes[0] = 1;
        break;
      case 3: out.signer.value = n + static_cast<std::uint32_t>(rng_.below(200)); break;
      default: out.signer.value = static_cast<std::uint32_t>(rng_.next() | 0x8000'0000); break;
    }
    return out;
  }
  Parcels vote(const Vote& own) override {
    Parcels out = to_all(own);
    forge(out, forged(own));
    if (heard_ && heard_->signer != at_.place.self && rng_.chance(1, 8)) act(out, *heard_);
    return out;
  }
};

std::uint32_t signers_of(const Certificate& certificate) {
  std::uint32_t count = 0;
  for (const std::uint8_t byte : certificate.signers) {
    for (int bit = 0; bit < 8; ++bit) count += byte >> bit & 1;
  }
  return count;
}

// B11.
class ForgesCertificates final : public Actor {
  using Actor::Actor;
  void flip(Certificate& certificate, std::uint32_t signer) const {
    certificate.signers[signer / 8] ^= static_cast<std::uint8_t>(1 << signer % 8);
  }
  // The place of the first signer, and its number.
  static std::uint32_t first_signer(const Certificate& certificate) {
    std::uint32_t signer = 0;
    while ((certificate.signers[signer / 8] >> (signer % 8) & 1) == 0) ++signer;
    return signer;
  }
  Certificate forged(const Certificate& real) {
    Certificate out = real;
    switch (rng_.below(7)) {
      case 0:  // short of a quorum
        while (signers_of(out) > 1 && (signers_of(out) == signers_of(real) || rng_.chance(1, 2))) {
          flip(out, first_signer(out));
          out.signatures.erase(out.signatures.begin());
        }
        break;
      case 1: out.signatures.front() = out.signatures.back(); break;  // one signer twice
      case 2:                                                         // a signer that is no member
        flip(out, at_.place.validators);
        out.signatures.push_back(out.signatures.back());
        break;
      case 3: out.signers.push_back(0); break;
      case 4: out.signers.pop_back(); break;
      case 5: out.signatures.push_back(out.signatures.front()); break;
      default: out.subject = another(out.subject); break;
    }
    return out;
  }
  Parcels certificate(std::optional<NodeIndex> to, const Certificate& real) override {
    Parcels out = to_all(real, to);
    if (real.subject.kind != VoteKind::kNullify || rng_.chance(1, 2)) forge(out, forged(real));
    return out;
  }
};

// B13. All that it can sign is its own vote, however often.
class CertifiesFarAhead final : public Actor {
  using Actor::Actor;
  Parcels vote(const Vote& own) override {
    Parcels out = to_all(own);
    Subject far = own.subject;
    far.proposal.view.value += std::uint64_t{1} << rng_.between(1, 60);
    const std::uint32_t n = at_.place.validators;
    Certificate certificate{far, std::vector<std::uint8_t>((n + 7) / 8), {}};
    for (std::uint32_t i = 0; i < n; ++i) {
      certificate.signers[i / 8] |= static_cast<std::uint8_t>(1 << i % 8);
      certificate.signatures.push_back(signed_vote(far).signature);
    }
    forge(out, certificate);
    return out;
  }
};

}  // namespace

std::unique_ptr<Adversary> make_forger(Behaviour behaviour, const ActorPlace& place,
                                       base::Rng rng) {
  if (behaviour == Behaviour::kVotesElsewhere) return std::make_unique<VotesElsewhere>(place, rng);
  if (behaviour == Behaviour::kForgesVotes) return std::make_unique<ForgesVotes>(place, rng);
  if (behaviour == Behaviour::kForgesCertificates)
    return std::make_unique<ForgesCertificates>(place, rng);
  if (behaviour == Behaviour::kCertifiesFarAhead)
    return std::make_unique<CertifiesFarAhead>(place, rng);
  return nullptr;
}

}  // namespace peerpay::sim
