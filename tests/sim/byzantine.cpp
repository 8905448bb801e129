#include "tests/sim/byzantine.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "ledger/block.h"

namespace peerpay::sim {

namespace {

constexpr std::size_t kTwinsHeldMax = 64;

}  // namespace

consensus::Digest digest_of(const ledger::Block& block) {
  return {ledger::block_hash(block.header).bytes};
}

consensus::Vote vote_of(const AdversaryPlace& place, const Keyring& keyring,
                        const consensus::Subject& subject) {
  const crypto::PublicKey& key = keyring.validators()[place.self.value];
  return {subject, place.self,
          keyring.sign(key, consensus::signing_message(place.context, subject))};
}

std::vector<NodeIndex> receivers(const AdversaryPlace& place, std::optional<NodeIndex> to) {
  if (to) return {*to};
  std::vector<NodeIndex> out;
  for (NodeIndex peer; peer.value < place.validators; peer = peer.next()) {
    if (peer != place.self) out.push_back(peer);
  }
  return out;
}

std::vector<Adversary::Parcel> to_all(const AdversaryPlace& place, std::optional<NodeIndex> to,
                                      const node::PeerMessage& message) {
  std::vector<Adversary::Parcel> out;
  for (const NodeIndex peer : receivers(place, to)) out.push_back({peer, message});
  return out;
}

std::vector<Adversary::Parcel> Silent::instead_of(std::optional<NodeIndex>,
                                                  const node::PeerMessage&) {
  return {};
}

std::vector<Adversary::Parcel> Withholder::instead_of(std::optional<NodeIndex> to,
                                                      const node::PeerMessage& message) {
  const bool is_block = std::holds_alternative<node::BlockMessage>(message);
  if (is_block && rng_.chance(1, 4)) return {};
  std::vector<Parcel> out = to_all(place_, to, message);
  std::erase_if(out, [this](const Parcel&) { return rng_.chance(1, 2); });
  return out;
}

std::vector<Adversary::Parcel> Twin::instead_of(std::optional<NodeIndex> to,
                                                const node::PeerMessage& message) {
  return to_all(place_, to, message);
}

Equivocator::Equivocator(const AdversaryPlace& place, const Keyring& keyring, base::Rng rng)
    : place_{place}, keyring_{keyring}, rng_{rng} {}

std::vector<Adversary::Parcel> Equivocator::instead_of(std::optional<NodeIndex> to,
                                                       const node::PeerMessage& message) {
  return std::visit([&](const auto& m) { return rewrite(to, m); }, message);
}

consensus::Vote Equivocator::vote_for(const consensus::Subject& subject) const {
  return vote_of(place_, keyring_, subject);
}

// A valid block in the same place, or one whose execution must fail.
ledger::Block Equivocator::second_of(const ledger::Block& first) {
  ledger::Block out = first;
  out.header.timestamp.value += 1;
  if (rng_.chance(1, 3)) out.header.state_root.bytes[0] ^= 1;
  return out;
}

std::vector<Adversary::Parcel> Equivocator::rewrite(std::optional<NodeIndex> to,
                                                    const consensus::Vote& vote) {
  if (vote.signer != place_.self) return to_all(place_, to, vote);
  const auto twins = twins_.find(vote.subject.view().value);
  Parcels out;
  for (const NodeIndex peer : receivers(place_, to)) {
    const bool nullify_too =
        vote.subject.kind != consensus::VoteKind::kNullify && rng_.chance(1, 4);
    if (nullify_too)
      out.push_back({peer, vote_for(consensus::Subject::nullify(vote.subject.view()))});
    if (twins == twins_.end() || vote.subject.kind == consensus::VoteKind::kNullify) {
      out.push_back({peer, vote});
      continue;
    }
    consensus::Subject second = vote.subject;
    second.proposal.digest = digest_of(twins->second.second);
    const bool first_first = !twins->second.gets_second[peer.value];
    out.push_back({peer, first_first ? vote : vote_for(second)});
    if (rng_.chance(1, 3)) out.push_back({peer, first_first ? vote_for(second) : vote});
  }
  return out;
}

std::vector<Adversary::Parcel> Equivocator::rewrite(std::optional<NodeIndex> to,
                                                    const node::BlockMessage& message) {
  const ledger::BlockHeader& header = message.block.header;
  if (to || header.proposer != place_.self.value) {
    // An answer: now and then none, or a doctored one.
    if (rng_.chance(1, 4)) return {};
    return to_all(place_, to,
                  rng_.chance(1, 4) ? node::BlockMessage{second_of(message.block)} : message);
  }
  if (rng_.chance(1, 3)) return to_all(place_, to, message);
  if (twins_.size() == kTwinsHeldMax) twins_.erase(twins_.begin());
  Twins twins{second_of(message.block), {}};
  for (std::uint32_t i = 0; i < place_.validators; ++i)
    twins.gets_second.push_back(rng_.chance(1, 2));
  Parcels out;
  for (const NodeIndex peer : receivers(place_, to)) {
    const bool second = twins.gets_second[peer.value];
    out.push_back({peer, second ? node::BlockMessage{twins.second} : message});
    if (rng_.chance(1, 4))
      out.push_back({peer, second ? message : node::BlockMessage{twins.second}});
  }
  twins_.insert_or_assign(header.view, std::move(twins));
  return out;
}

std::vector<Adversary::Parcel> Equivocator::rewrite(std::optional<NodeIndex> to,
                                                    const node::SyncBatch& batch) {
  if (rng_.chance(1, 4)) return {};
  if (rng_.chance(1, 2) || batch.blocks.empty()) return to_all(place_, to, batch);
  node::SyncBatch lie = batch;
  switch (rng_.below(4)) {
    case 0:  // a gap
      lie.blocks.erase(lie.blocks.begin());
      break;
    case 1:  // cut before what the certificate finalizes
      lie.blocks.pop_back();
      break;
    case 2: lie.certificate.reset(); break;
    default:  // not the block that was finalized
      lie.blocks.back() = second_of(lie.blocks.back());
      break;
  }
  return to_all(place_, to, lie);
}

ledger::Block Flooder::junk(std::uint64_t view) {
  ledger::Block out;
  out.header.chain = {place_.context.network.bytes};
  out.header.height = {rng_.chance(1, 2) ? rng_.between(1, 100) : rng_.next()};
  out.header.view = view;
  out.header.proposer = place_.self.value;
  out.header.parent.bytes[0] = static_cast<std::uint8_t>(rng_.below(256));
  out.header.timestamp = {rng_.next()};
  return out;
}

node::PeerMessage Flooder::junk_message() {
  switch (rng_.below(6)) {
    case 0: return node::SyncBatch{};
    case 1: return node::SyncBatch{{junk(view_), junk(view_ + 1)}, std::nullopt};
    case 2: {
      const std::uint64_t near = view_ + rng_.below(16);  // its own view next to it
      return node::BlockMessage{junk(near - near % place_.validators + place_.self.value)};
    }
    case 3: return node::BlockRequest{ledger::block_hash(junk(view_).header)};
    case 4: return node::SyncRequest{{rng_.between(0, 20)}};
    default: return consensus::RepairRequest{{rng_.between(1, view_ + 4)}};
  }
}

std::vector<Adversary::Parcel> Flooder::instead_of(std::optional<NodeIndex> to,
                                                   const node::PeerMessage& message) {
  constexpr std::uint64_t kMassMax = 40;
  const auto* vote = std::get_if<consensus::Vote>(&message);
  if (vote != nullptr) view_ = std::max(view_, vote->subject.view().value);
  const bool proposes = vote != nullptr && vote->subject.kind == consensus::VoteKind::kNotarize &&
                        vote->subject.view().value % place_.validators == place_.self.value;
  std::vector<Parcel> out;
  if (proposes && rng_.chance(1, 3)) {
    const ledger::Block block = junk(vote->subject.view().value);
    consensus::Subject subject = vote->subject;
    subject.proposal.digest = digest_of(block);
    out = to_all(place_, to, node::BlockMessage{block});
    for (auto& parcel : to_all(place_, to, vote_of(place_, keyring_, subject)))
      out.push_back(std::move(parcel));
  } else {
    out = to_all(place_, to, message);
  }
  // Not on answers: two flooders would answer each other without end.
  if (to || !rng_.chance(1, 8)) return out;
  for (const NodeIndex peer : receivers(place_, std::nullopt)) {
    for (std::uint64_t i = rng_.below(kMassMax); i > 0; --i) out.push_back({peer, junk_message()});
  }
  return out;
}

}  // namespace peerpay::sim
