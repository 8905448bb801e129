#include "consensus/tally.h"

#include "base/check.h"
#include "consensus/safety.h"

namespace peerpay::consensus {
namespace {

constexpr std::array<VoteKind, kVoteKinds> kKinds = {VoteKind::kNotarize, VoteKind::kNullify,
                                                     VoteKind::kFinalize};

}  // namespace

Tally::Addition Tally::add(const Vote& vote) {
  PEERPAY_CHECK(vote.signer.value < validators_, "only members vote");
  Addition out{.counted = false, .evidence = accuse(vote)};
  Box& box = boxes_[static_cast<std::size_t>(vote.subject.kind)];
  if (box.slots.empty()) box.slots.resize(validators_);
  auto& slot = box.slots[vote.signer.value];
  if (slot) return out;
  slot = vote;
  out.counted = true;
  for (auto& [proposal, count] : box.counts) {
    if (proposal != vote.subject.proposal) continue;
    ++count;
    return out;
  }
  box.counts.emplace_back(vote.subject.proposal, 1);
  return out;
}

std::optional<Evidence> Tally::accuse(const Vote& vote) {
  if (!accused_.empty() && accused_[vote.signer.value]) return std::nullopt;
  for (const VoteKind kind : kKinds) {
    const Vote* earlier = find(kind, vote.signer);
    if (earlier == nullptr || !exclude_each_other(earlier->subject, vote.subject)) continue;
    accused_.resize(validators_);
    accused_[vote.signer.value] = true;
    return Evidence{*earlier, vote};
  }
  return std::nullopt;
}

const Vote* Tally::find(VoteKind kind, ValidatorIndex signer) const {
  const auto& slots = box(kind).slots;
  if (signer.value >= slots.size() || !slots[signer.value]) return nullptr;
  return &*slots[signer.value];
}

std::uint32_t Tally::count(const Subject& subject) const {
  for (const auto& [proposal, count] : box(subject.kind).counts) {
    if (proposal == subject.proposal) return count;
  }
  return 0;
}

std::vector<Vote> Tally::votes(const Subject& subject, std::uint32_t count) const {
  std::vector<Vote> out;
  out.reserve(count);
  for (const auto& slot : box(subject.kind).slots) {
    if (out.size() == count) break;
    if (slot && slot->subject == subject) out.push_back(*slot);
  }
  PEERPAY_CHECK(out.size() == count, "as many votes as were asked for");
  return out;
}

bool Tally::empty() const {
  for (const Box& box : boxes_) {
    if (!box.slots.empty()) return false;
  }
  return true;
}

}  // namespace peerpay::consensus
