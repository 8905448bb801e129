#include "tests/sim/scenario.h"

#include <algorithm>
#include <string>
#include <utility>

namespace peerpay::sim {

namespace {

constexpr base::Duration kPoll = base::milliseconds(10);
constexpr std::uint64_t kViewsAtStart = 8;

}  // namespace

Scenario::Scenario(World& world, Nodes& nodes, const Workload& workload)
    : world_{world}, nodes_{nodes}, workload_{workload}, rng_{world.rng.next()} {}

void Scenario::start() {
  active_ = true;
  if (world_.options.faults.cut_off_one_in > 0) crash_between();
  switch (world_.options.behaviour) {
    case Behaviour::kSplitsViews: return split_views();
    case Behaviour::kForgetsOnDisk: return restore_a_copy();
    case Behaviour::kOneWayPartition: return cut_one_way();
    case Behaviour::kSilentNetwork: return fall_silent();
    case Behaviour::kLeadersCensor: return watch_censored();
    case Behaviour::kNone:
    case Behaviour::kLeaderEquivocates:
    case Behaviour::kVotesTwice:
    case Behaviour::kNullifiesAndFinalizes:
    case Behaviour::kFinalizesAnother:
    case Behaviour::kOnlyNullifies:
    case Behaviour::kWithholds:
    case Behaviour::kRepeatsStale:
    case Behaviour::kVotesElsewhere:
    case Behaviour::kForgesVotes:
    case Behaviour::kForgesCertificates:
    case Behaviour::kVotesFarAhead:
    case Behaviour::kCertifiesFarAhead:
    case Behaviour::kFloodsVotes:
    case Behaviour::kProposesInvalid:
    case Behaviour::kProposesUnexecutable:
    case Behaviour::kReplaysPackets:
    case Behaviour::kCrashesBetween:
    case Behaviour::kTimersTogether:
    case Behaviour::kLiesInSync:
    case Behaviour::kTooManyByzantine:
    case Behaviour::kFloodsMempool: return;
  }
}

std::vector<SimNode*> Scenario::honest() {
  std::vector<SimNode*> out;
  for (const auto& node : nodes_) {
    if (is_honest(world_.options, node->process())) out.push_back(node.get());
  }
  return out;
}

// B7. In some views the notarize votes of the honest, but for the leader's, which is the proposal,
// reach only the next view's leader; and the notarization that it makes of them is lost once to
// each of the others. They nullify; it builds on what they have not seen. With f = 1 an honest
// leader's vote and the Byzantine one would be a quorum with anybody's own.
void Scenario::split_views() {
  world_.loses = [this](NodeIndex from, NodeIndex to, const node::PeerMessage& message) {
    if (!active_ || !is_honest(world_.options, from)) return false;
    const std::uint32_t n = world_.options.validators;
    const auto leader = [n](std::uint64_t view) {
      return NodeIndex{static_cast<std::uint32_t>(view % n)};
    };
    const auto is_split = [&](consensus::View view) {
      return !is_honest(world_.options, leader(view.value)) || (n >= 7 && view.value % 3 == 0);
    };
    if (const auto* vote = std::get_if<consensus::Vote>(&message)) {
      const consensus::View view = vote->subject.view();
      return vote->subject.kind == consensus::VoteKind::kNotarize && is_split(view) &&
             from != leader(view.value) && to != leader(view.value + 1);
    }
    const auto* certificate = std::get_if<consensus::Certificate>(&message);
    if (certificate == nullptr || certificate->subject.kind != consensus::VoteKind::kNotarize)
      return false;
    return is_split(certificate->subject.view()) &&
           hidden_.insert({certificate->subject.view(), to}).second;
  };
}

// B18, and a fault of ordinary runs. Now and then a process ends at one of the points, in turn as
// the votes come.
void Scenario::crash_between() {
  world_.ends_at = [this](NodeIndex node, CrashPoint point) {
    if (!active_ || !rng_.chance(1, world_.options.faults.cut_off_one_in)) return false;
    const auto down = std::count_if(nodes_.begin(), nodes_.end(),
                                    [](const auto& one) { return !one->is_running(); });
    if (down * 3 >= static_cast<std::ptrdiff_t>(nodes_.size()) - 1) return false;
    world_.visited(name(point));
    if (world_.options.behaviour != Behaviour::kCrashesBetween) return true;
    world_.oracle.acted();
    world_.oracle.expect_vote_of(node);
    return true;
  };
}

// B19. A copy is taken; later one crashes and comes back on it, alone, or after all have crashed
// and come back in any order. Who stays up holds what the copy lacks; after a crash of all nothing
// but certificates is left of the votes, and they name the first of those who voted.
void Scenario::restore_a_copy() {
  const auto phase = static_cast<std::uint64_t>(world_.options.safety_phase.microseconds);
  const auto at = [&](std::uint64_t percent) {
    return base::microseconds(static_cast<std::int64_t>(phase * percent / 100));
  };
  const std::size_t victim = rng_.below(nodes_.size());
  const bool is_alone = rng_.chance(1, 2);
  world_.scheduler.after(at(rng_.between(5, 25)),
                         [this, victim] { nodes_[victim]->keep_disk_copy(); });
  world_.scheduler.after(at(rng_.between(60, 75)), [this, victim, is_alone] {
    if (height().value == 0) return;
    const auto newest = world_.checkers.votes.newest_view(nodes_[victim]->process());
    must_notice_ = is_alone && newest > nodes_[victim]->newest_view_of_copy();
    for (auto& node : nodes_) {
      if (is_alone && node != nodes_[victim]) continue;
      if (node->is_running()) node->crash();
      const auto down = base::milliseconds(static_cast<std::int64_t>(rng_.between(1, 400)));
      world_.scheduler.after(down, [&node = *node] {
        if (!node.is_running()) node.start();
      });
    }
    nodes_[victim]->restore_disk_copy();
    world_.oracle.acted();
  });
}

// B20. All or one of its directions to and from each of the others.
void Scenario::cut_one_way() {
  cut_off_ = NodeIndex{static_cast<std::uint32_t>(rng_.below(world_.options.validators))};
  const bool is_deaf = rng_.chance(1, 2);
  for (NodeIndex peer; peer.value < world_.options.validators; peer = peer.next()) {
    if (peer == *cut_off_) continue;
    world_.network.cut(is_deaf ? peer : *cut_off_, is_deaf ? *cut_off_ : peer);
  }
  world_.oracle.acted();
}

// Of the honest node that has given up most.
std::uint64_t Scenario::views_nullified() const {
  std::uint64_t out = 0;
  for (const auto& node : nodes_) {
    const bool counts = is_honest(world_.options, node->process()) && node->process() != cut_off_;
    if (counts && node->is_running()) out = std::max(out, node->engine_stats().views_nullified);
  }
  return out;
}

// Whoever misbehaves may cost this share of the views, and some more.
void Scenario::check_views_given_up(ShareOfViews share) {
  const std::uint64_t nullified = views_nullified();
  const std::uint64_t views = nullified + height_at_stop_.value;
  if (nullified <= share.part * views / share.of + share.more) return;
  world_.oracle.fail(std::to_string(nullified) + " of " + std::to_string(views) +
                     " views are given up");
}

// The views that they lead, with half as much again; of those that are split, which are half of all
// at most, a part. Where disks are slow and the Byzantine stop over their own votes, whole rounds
// of the latter are given up in a row: in a run of ten seconds that is most of them.
void Scenario::check_views_cost() {
  const Options& options = world_.options;
  if (options.behaviour == Behaviour::kOnlyNullifies)
    check_views_given_up({std::uint64_t{3} * options.byzantine,
                          std::uint64_t{2} * options.validators, kViewsAtStart});
  if (options.behaviour == Behaviour::kSplitsViews) check_views_given_up({1, 3, 2 * kViewsAtStart});
}

// B22. Links stay up, so that nothing but repetition brings back what was lost.
void Scenario::fall_silent() {
  const auto begin = base::milliseconds(static_cast<std::int64_t>(rng_.between(800, 2'000)));
  const auto length = base::milliseconds(static_cast<std::int64_t>(rng_.between(1'000, 8'000)));
  world_.scheduler.after(begin, [this, length] {
    world_.loses = [](NodeIndex, NodeIndex, const node::PeerMessage&) { return true; };
    world_.oracle.acted();
    world_.scheduler.after(length, [this] {
      world_.loses = nullptr;
      height_after_act_ = height();
    });
  });
}

void Scenario::watch_censored() {
  world_.scheduler.after(kPoll, [this] {
    if (!active_) return;
    look_for_censored();
    watch_censored();
  });
}

// From the moment that every honest node pools a payment that applies, each block of an honest
// leader made later is one that left it out.
void Scenario::look_for_censored() {
  const ledger::AccountId target = ledger::account_of(world_.keyring.accounts().front());
  const std::vector<SimNode*> nodes = honest();
  for (const auto& [id, payment] : workload_.payments()) {
    if (payment.kind != PaymentKind::kPlain || payment.sealed.transaction.body.sender != target) {
      continue;
    }
    const auto entry = censored_.find(id);
    if (world_.checkers.chain.find(id)) {
      if (entry != censored_.end()) world_.oracle.witnessed();
      if (entry != censored_.end()) censored_.erase(entry);
      continue;
    }
    const bool applies =
        world_.checkers.chain.model().applies(payment.sealed.transaction, world_.true_time());
    const bool is_everywhere =
        std::all_of(nodes.begin(), nodes.end(),
                    [&id = id](const SimNode* node) { return node->is_pooled(id); });
    if (!applies || !is_everywhere) {
      if (entry != censored_.end()) censored_.erase(entry);
    } else if (entry == censored_.end()) {
      censored_.emplace(id, Censored{height(), world_.true_time()});
    } else {
      const std::uint64_t left_out =
          world_.checkers.chain.honest_blocks(entry->second.since, entry->second.pooled_at,
                                              world_.options.validators - world_.options.byzantine);
      if (left_out > world_.options.byzantine + 1)
        world_.oracle.fail("a payment is left out of " + std::to_string(left_out) +
                           " blocks of honest leaders");
    }
  }
}

void Scenario::stop() {
  active_ = false;
  world_.loses = nullptr;
  world_.ends_at = nullptr;
  height_at_stop_ = height();
  BehaviourOracle& oracle = world_.oracle;
  if (cut_off_) {
    // One leader, with room.
    check_views_given_up({2, world_.options.validators, kViewsAtStart});
    if (height_at_stop_.value >= 3) oracle.witnessed();
    if (height_at_stop_.value < 3) oracle.fail("a node that is cut off stops the others");
  }
  if (world_.options.behaviour_alone) check_views_cost();
  if (world_.options.behaviour == Behaviour::kSilentNetwork && oracle.acts() > 0) {
    if (height_at_stop_ > height_after_act_) oracle.witnessed();
    if (height_at_stop_ <= height_after_act_) oracle.fail("nothing becomes final after a silence");
  }
}

void Scenario::finish() {
  BehaviourOracle& oracle = world_.oracle;
  if (must_notice_ && !world_.visits.contains("forgotten votes noticed"))
    oracle.fail("nobody notices that a disk is an older copy, although others hold its votes");
  const bool went_on = height() > height_at_stop_;
  if (world_.options.behaviour == Behaviour::kReplaysPackets &&
      world_.network.stats().replayed > 0) {
    oracle.acted();
    if (went_on) oracle.witnessed();
  }
  if (world_.options.behaviour == Behaviour::kTimersTogether &&
      world_.visits.contains("pause of all nodes")) {
    oracle.acted();
    if (went_on) oracle.witnessed();
  }
}

}  // namespace peerpay::sim
