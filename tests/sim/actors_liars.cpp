// Actors that lie about the chain, the pool, and what a quorum decided: B23 to B26.

#include <algorithm>
#include <utility>
#include <variant>

#include "tests/sim/actor.h"

namespace peerpay::sim {

namespace {

using consensus::Certificate;
using consensus::Subject;
using consensus::Vote;
using consensus::VoteKind;

// B23.
class LiesInSync final : public Actor {
  using Actor::Actor;
  static void raise(ledger::Block& block, std::uint64_t by) { block.header.height.value += by; }
  node::SyncBatch lie(const node::SyncBatch& truth) {
    node::SyncBatch out = truth;
    auto& blocks = out.blocks;
    const std::uint64_t first = blocks.size() == 1 ? 4 : 0;  // one block has no order to lie about
    switch (rng_.between(first, 7)) {
      case 0: blocks.pop_back(); break;                           // cut short of its certificate
      case 1: blocks.erase(blocks.begin()); break;                // begins too high
      case 2: std::reverse(blocks.begin(), blocks.end()); break;  // goes backwards
      case 3: std::swap(blocks.front(), blocks.back()); break;
      case 4: raise(blocks.front(), 1); break;          // not its height
      case 5: blocks.push_back(blocks.front()); break;  // back to where it began
      case 6:                                           // beyond the tip
        blocks.push_back(blocks.back());
        blocks.back().header.parent = ledger::block_hash(blocks[blocks.size() - 2].header);
        raise(blocks.back(), 1);
        out.certificate.reset();
        break;
      default:
        blocks.back().header.state_root.bytes[0] ^= 1;  // not what was finalized
        break;
    }
    return out;
  }
  Parcels anything_else(std::optional<NodeIndex> to, const node::PeerMessage& message) override {
    const auto* batch = std::get_if<node::SyncBatch>(&message);
    if (batch == nullptr || batch->blocks.empty()) return to_all(message, to);
    at_.oracle.acted();
    if (to) at_.oracle.lied({.liar = at_.place.self, .victim = *to}, batch->blocks);
    return to_all(lie(*batch), to);
  }
};

// B24. What its node never hears of, it never proposes; it votes for the blocks of others as it
// must. The actors are the last of the set, so their views follow each other.
class LeadersCensor final : public Actor {
  using Actor::Actor;
  bool hears(const node::PeerMessage& message) override {
    const auto* batch = std::get_if<node::TransactionBatch>(&message);
    if (batch == nullptr) return true;
    const ledger::AccountId censored = ledger::account_of(at_.keyring.accounts().front());
    const bool is_censored =
        std::any_of(batch->transactions.begin(), batch->transactions.end(),
                    [&](const auto& one) { return one.transaction.body.sender == censored; });
    if (is_censored) at_.oracle.acted();
    return !is_censored;
  }
};

// B25. A quorum of keys: they sign whatever certificate they like, beside the real one.
class TooManyByzantine final : public Actor {
  using Actor::Actor;
  Certificate conflicting(const Certificate& real) {
    Subject subject = real.subject;
    if (rng_.chance(1, 3) && subject.kind == VoteKind::kFinalize) {
      subject = Subject::nullify(subject.view());
    } else {
      subject = another(subject);
    }
    const std::uint32_t n = at_.place.validators;
    Certificate out{subject, std::vector<std::uint8_t>((n + 7) / 8), {}};
    for (std::uint32_t i = n - at_.byzantine; i < n; ++i) {
      AdversaryPlace accomplice = at_.place;
      accomplice.self = NodeIndex{i};
      out.signers[i / 8] |= static_cast<std::uint8_t>(1 << i % 8);
      out.signatures.push_back(vote_of(accomplice, at_.keyring, subject).signature);
    }
    return out;
  }
  Parcels certificate(std::optional<NodeIndex> to, const Certificate& real) override {
    Parcels out = to_all(real, to);
    if (real.subject.kind == VoteKind::kNullify || real.subject.view().value < 5 ||
        !rng_.chance(1, 4)) {
      return out;
    }
    at_.oracle.acted();
    const Certificate second = conflicting(real);
    for (const NodeIndex peer : others()) {
      if (peer.value + at_.byzantine < at_.place.validators) out.push_back({peer, second});
    }
    if (rng_.chance(1, 2)) std::reverse(out.begin(), out.end());
    return out;
  }
};

// B26.
class FloodsMempool final : public Actor {
  using Actor::Actor;
  std::uint64_t now_ms_ = 0;

  ledger::SealedTransaction payment(std::uint64_t nonce, std::uint64_t amount) {
    const auto& accounts = at_.keyring.accounts();
    ledger::Transaction body;
    body.sender = ledger::account_of(accounts[accounts.size() - 1 - rng_.below(2)]);
    body.nonce = {nonce};
    body.valid_until = {now_ms_ + rng_.between(5'000, 30'000)};
    body.fee = {{0}, ledger::Amount{rng_.between(1'000, 100'000)}};
    ledger::Pay leg;
    leg.payee = ledger::account_of(accounts.front());
    leg.tag = rng_.next();
    leg.asset = {static_cast<std::uint32_t>(rng_.below(2))};
    leg.amount = ledger::Amount{amount};
    body.operations = {leg};
    const ledger::ChainId chain{at_.place.context.network.bytes};
    const crypto::Hash message = ledger::signing_message(ledger::transaction_id(chain, body));
    ledger::SignedTransaction out{body, {at_.keyring.sign(ledger::key_of(body.sender), message)}};
    return ledger::seal(chain, std::move(out));
  }
  ledger::SealedTransaction trouble() {
    switch (rng_.below(3)) {
      case 0: return payment(rng_.between(1, 60'000), 1);              // gaps
      case 1: return payment(rng_.between(1, 4), rng_.between(1, 9));  // one nonce, many payloads
      default: return payment(rng_.between(1, 300), 90'000);  // alone, not after another one
    }
  }
  Parcels proposal(const ledger::Block& block) override {
    now_ms_ = block.header.timestamp.value;
    return to_all(node::BlockMessage{block});
  }
  Parcels vote(const Vote& own) override {
    constexpr std::size_t kBatch = 48;
    Parcels out = to_all(own);
    if (now_ms_ == 0) return out;
    at_.oracle.acted();
    for (const NodeIndex peer : others()) {  // to each another
      node::TransactionBatch batch;
      while (batch.transactions.size() < kBatch) batch.transactions.push_back(trouble());
      out.push_back({peer, std::move(batch)});
    }
    return out;
  }
};

}  // namespace

std::unique_ptr<Adversary> make_liar(Behaviour behaviour, const ActorPlace& place, base::Rng rng) {
  if (behaviour == Behaviour::kLiesInSync) return std::make_unique<LiesInSync>(place, rng);
  if (behaviour == Behaviour::kLeadersCensor) return std::make_unique<LeadersCensor>(place, rng);
  if (behaviour == Behaviour::kTooManyByzantine)
    return std::make_unique<TooManyByzantine>(place, rng);
  if (behaviour == Behaviour::kFloodsMempool) return std::make_unique<FloodsMempool>(place, rng);
  return nullptr;
}

}  // namespace peerpay::sim
