// Which steps there are. Votes that were sent never go away: each may arrive at any time, again and
// again, or never; so loss, repetition and any order need no steps of their own. The Byzantine
// validator has signed everything; what it withholds is what no step delivers.

#include <bit>

#include "tests/explore/local_states.h"

namespace peerpay::explore {

namespace {

using consensus::Subject;
using consensus::VoteKind;

constexpr std::uint32_t kByzantineBit = 1U << kByzantine;

class StepLister {
 public:
  StepLister(const World& world, std::uint32_t index, const Surroundings& surroundings)
      : world_{world}, index_{index}, surroundings_{surroundings} {}

  void add(StepKind kind, std::uint32_t about = 0, std::uint32_t signers = 0) {
    steps_.push_back(
        {kind, static_cast<std::uint8_t>(about), static_cast<std::uint8_t>(signers), 0});
  }
  void add_arrivals(std::uint32_t subject);
  [[nodiscard]] std::vector<Step> take() { return std::move(steps_); }

 private:
  // Honest validators that voted for it, as bits.
  [[nodiscard]] std::uint32_t voters(std::uint32_t subject) const;
  void add_votes(std::uint32_t subject, std::uint32_t voters);
  void add_each_vote(std::uint32_t subject, std::uint32_t voters);
  void add_certificate(std::uint32_t subject, std::uint32_t voters);

  const World& world_;
  std::uint32_t index_;
  const Surroundings& surroundings_;
  std::vector<Step> steps_;
};

std::uint32_t StepLister::voters(std::uint32_t subject) const {
  std::uint32_t out = 0;
  for (std::uint32_t i = 0; i < kHonest; ++i) out |= (surroundings_.sent[i] >> subject & 1) << i;
  return out;
}

// All that are on their way, with the Byzantine one's vote and without; and the leader's alone,
// which is the proposal (rule C11) or gives the view up (rule C18).
void StepLister::add_votes(std::uint32_t subject, std::uint32_t voters) {
  const std::uint32_t others = voters & ~(1U << index_);
  const Subject& what = subject_of(subject);
  const std::uint32_t leader = 1U << world_.leader(what.view().value);
  const bool from_leader = ((others | kByzantineBit) & leader) != 0;
  if (what.kind != VoteKind::kFinalize && from_leader) add(StepKind::kVotes, subject, leader);
  if (others == 0) return;
  add(StepKind::kVotes, subject, others | kByzantineBit);
  if (others != leader) add(StepKind::kVotes, subject, others);
}

void StepLister::add_each_vote(std::uint32_t subject, std::uint32_t voters) {
  const bool is_sensible = voters != 0 || subject_of(subject).kind == VoteKind::kNullify ||
                           world_.leader(subject_of(subject).view().value) == kByzantine;
  const std::uint32_t others = voters & ~(1U << index_);
  for (std::uint32_t i = 0; i < kHonest; ++i) {
    if ((others >> i & 1) != 0) add(StepKind::kVotes, subject, 1U << i);
  }
  if (is_sensible) add(StepKind::kVotes, subject, kByzantineBit);
}

// One for each subject: who signed it beside us changes nothing. With our own vote where there is
// one: that could show us a promise that we forgot (rule C8).
void StepLister::add_certificate(std::uint32_t subject, std::uint32_t voters) {
  if (std::popcount(voters) < 2) return;
  std::uint32_t signers = voters & (1U << index_);
  for (std::uint32_t i = 0; i < kHonest && std::popcount(signers) < 3; ++i)
    signers |= voters & (1U << i);
  if (std::popcount(signers) < 3) signers |= kByzantineBit;
  add(StepKind::kCertificate, subject, signers);
}

void StepLister::add_arrivals(std::uint32_t subject) {
  const std::uint32_t who = voters(subject);
  add_certificate(subject, who);
  if (world_.each_vote) {
    add_each_vote(subject, who);
  } else {
    add_votes(subject, who);
  }
}

}  // namespace

std::vector<Step> steps_at(const World& world, std::uint32_t index, std::uint64_t view,
                           const Surroundings& surroundings) {
  StepLister out{world, index, surroundings};
  if (view <= world.views) {
    if (world.leader(view) == index) out.add(StepKind::kPropose);
    out.add(StepKind::kVerify);
    out.add(StepKind::kTimeout);
  }
  for (std::uint32_t at = 1; at <= world.views; ++at) out.add(StepKind::kCertify, at);
  for (std::uint32_t subject = 0; subject < kSubjects; ++subject) {
    if (subject_of(subject).view().value <= world.views) out.add_arrivals(subject);
  }
  out.add(StepKind::kConnect);
  if (surroundings.may_crash) out.add(StepKind::kRestart);
  return out.take();
}

}  // namespace peerpay::explore
