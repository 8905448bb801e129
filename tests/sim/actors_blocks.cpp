// Actors whose proposals are not what they should be: B1, B15, B16.

#include <map>
#include <utility>
#include <variant>

#include "ledger/limits.h"
#include "tests/sim/actor.h"

namespace peerpay::sim {

namespace {

using consensus::Proposal;
using consensus::Subject;
using consensus::Vote;
using consensus::VoteKind;

constexpr std::size_t kProposalsHeldMax = 64;

// B1.
class LeaderEquivocates final : public Actor {
  using Actor::Actor;
  struct Second {
    consensus::Digest digest;
    std::vector<bool> gets_second;  // by validator; the others get the first
  };
  std::map<std::uint64_t, Second> seconds_;  // by view

  Parcels proposal(const ledger::Block& block) override {
    ledger::Block other = block;
    other.header.timestamp.value += 1;
    Second second{digest_of(other), {}};
    for (std::uint32_t i = 0; i < at_.place.validators; ++i)
      second.gets_second.push_back(rng_.chance(1, 2));
    Parcels out;
    at_.oracle.acted();
    for (const NodeIndex peer : others()) {
      const bool gets_second = second.gets_second[peer.value];
      const bool gets_both = rng_.chance(1, 3);
      if (!gets_second || gets_both) out.push_back({peer, node::BlockMessage{block}});
      if (gets_second || gets_both) out.push_back({peer, node::BlockMessage{other}});
    }
    if (seconds_.size() == kProposalsHeldMax) seconds_.erase(seconds_.begin());
    seconds_.insert_or_assign(block.header.view, std::move(second));
    return out;
  }
  Parcels vote(const Vote& own) override {
    const auto found = seconds_.find(own.subject.view().value);
    if (found == seconds_.end() || own.subject.kind == VoteKind::kNullify) return to_all(own);
    Subject subject = own.subject;
    subject.proposal.digest = found->second.digest;
    const Vote other = signed_vote(subject);
    at_.oracle.contradicts(other);
    Parcels out;
    for (const NodeIndex peer : others()) {
      const bool gets_second = found->second.gets_second[peer.value];
      out.push_back({peer, gets_second ? other : own});
      if (rng_.chance(1, 3)) out.push_back({peer, gets_second ? own : other});
    }
    return out;
  }
};

// B15 and B16: its vote goes with the block that it made of its own node's.
class BadProposer : public Actor {
  using Actor::Actor;

 protected:
  // Makes the proposal one that no honest node may vote for. False: not this time.
  virtual bool spoil(ledger::Block& block) = 0;
  // As above, where the block is as it should be.
  virtual bool misplace(Proposal&) { return false; }

 private:
  std::map<std::uint64_t, consensus::Digest> spoiled_;  // by view

  Parcels proposal(const ledger::Block& block) override {
    ledger::Block bad = block;
    if (!spoil(bad)) return to_all(node::BlockMessage{block});
    at_.oracle.acted();
    if (spoiled_.size() == kProposalsHeldMax) spoiled_.erase(spoiled_.begin());
    spoiled_.insert_or_assign(block.header.view, digest_of(bad));
    return to_all(node::BlockMessage{bad});
  }
  Parcels vote(const Vote& own) override {
    if (own.subject.kind != VoteKind::kNotarize || !leads(own.subject.view())) return to_all(own);
    Subject subject = own.subject;
    const auto found = spoiled_.find(subject.view().value);
    if (found != spoiled_.end()) {
      subject.proposal.digest = found->second;
    } else if (misplace(subject.proposal)) {
      at_.oracle.acted();
    } else {
      return to_all(own);
    }
    at_.oracle.forbid(subject.proposal);
    return to_all(signed_vote(subject));
  }
};

ledger::SealedTransaction sealed(const ActorPlace& at, const ledger::Transaction& body) {
  const ledger::ChainId chain{at.place.context.network.bytes};
  const crypto::Hash message = ledger::signing_message(ledger::transaction_id(chain, body));
  ledger::SignedTransaction out{body, {at.keyring.sign(ledger::key_of(body.sender), message)}};
  if (body.sponsor)
    out.signatures.push_back(at.keyring.sign(ledger::key_of(*body.sponsor), message));
  return ledger::seal(chain, std::move(out));
}

void append(ledger::Block& block, const ledger::SealedTransaction& transaction) {
  block.transactions.push_back(transaction);
  block.header.transaction_count = static_cast<std::uint32_t>(block.transactions.size());
  block.header.transactions_root = ledger::transactions_root_of(block.transactions);
}

// A payment that applies, as far as the actor knows.
ledger::Transaction payment(const ActorPlace& at, base::Rng& rng, base::UnixMillis now) {
  const auto& accounts = at.keyring.accounts();
  const std::uint64_t sender = rng.below(accounts.size());
  ledger::Transaction out;
  out.sender = ledger::account_of(accounts[sender]);
  out.nonce = {rng.between(1, 50)};
  out.valid_until = {now.value + 60'000};
  out.fee = {{0}, ledger::Amount{100'000}};
  ledger::Pay leg;
  leg.payee = ledger::account_of(accounts[(sender + 1) % accounts.size()]);
  leg.asset = {0};
  leg.amount = ledger::Amount{1};
  out.operations = {leg};
  return out;
}

// B15.
class ProposesInvalid final : public BadProposer {
  using BadProposer::BadProposer;
  // More than the genesis lets a block hold.
  void make_oversize(ledger::Block& block) {
    ledger::Transaction large = payment(at_, rng_, block.header.timestamp);
    ledger::Pay leg = std::get<ledger::Pay>(large.operations.front());
    leg.memo.assign(ledger::kMemoBytesMax, 0x6d);
    large.operations.assign(ledger::kOperationsMax, leg);
    while (ledger::body_size(block.transactions) <= at_.genesis.consensus.block_bytes_max) {
      ++large.nonce.value;
      append(block, sealed(at_, large));
    }
  }
  bool spoil(ledger::Block& block) override {
    ledger::BlockHeader& header = block.header;
    switch (rng_.below(12)) {
      case 0: header.state_root.bytes[rng_.below(32)] ^= 1; break;
      case 1: header.receipts_root.bytes[rng_.below(32)] ^= 1; break;
      case 2: header.parent.bytes[rng_.below(32)] ^= 1; break;
      case 3: header.height.value += rng_.between(1, 3); break;
      case 4: header.height.value -= 1; break;
      case 5: header.timestamp.value += 3'600'000; break;
      case 6: header.timestamp.value = 0; break;
      case 7: header.proposer = (header.proposer + 1) % at_.place.validators; break;
      case 8: header.view += 1; break;
      case 9:
        if (!rng_.chance(1, 4)) return false;
        make_oversize(block);
        break;
      default: return false;  // the parent, below
    }
    return true;
  }
  // A view that is not the one of the block's parent: never notarized, before the last final one,
  // or with views between that nobody nullified.
  bool misplace(Proposal& proposal) override {
    const std::uint64_t parent = proposal.parent.value;
    proposal.parent.value = rng_.below(proposal.view.value);
    return proposal.parent.value != parent;
  }
};

// B16: well formed and well signed, and it does not apply.
class ProposesUnexecutable final : public BadProposer {
  using BadProposer::BadProposer;
  bool spoil(ledger::Block& block) override {
    ledger::Transaction body = payment(at_, rng_, block.header.timestamp);
    auto& leg = std::get<ledger::Pay>(body.operations.front());
    body.nonce.value = rng_.between(30'000, 60'000);
    switch (rng_.below(6)) {
      case 0:  // nearly twice all the money that there can be
        leg.amount = ledger::Amount{ledger::kSupplyMax};
        body.operations.push_back(leg);
        break;
      case 1: body.valid_until = {block.header.timestamp.value - 1}; break;
      case 2: body.nonce.value += 1'000'000; break;
      case 3: leg.payee = body.sender; break;
      case 4:  // who pays the fee has no money and no account
        body.sponsor = ledger::account_of(at_.keyring.validators()[1]);
        leg.amount = ledger::Amount{ledger::kSupplyMax};
        break;
      default:  // twice in one block
        if (block.transactions.empty()) leg.amount = ledger::Amount{ledger::kSupplyMax};
        if (block.transactions.empty()) break;
        append(block, block.transactions[rng_.below(block.transactions.size())]);
        return true;
    }
    append(block, sealed(at_, body));
    return true;
  }
};

}  // namespace

std::unique_ptr<Adversary> make_proposer(Behaviour behaviour, const ActorPlace& place,
                                         base::Rng rng) {
  if (behaviour == Behaviour::kLeaderEquivocates)
    return std::make_unique<LeaderEquivocates>(place, rng);
  if (behaviour == Behaviour::kProposesInvalid)
    return std::make_unique<ProposesInvalid>(place, rng);
  if (behaviour == Behaviour::kProposesUnexecutable)
    return std::make_unique<ProposesUnexecutable>(place, rng);
  return nullptr;
}

}  // namespace peerpay::sim
