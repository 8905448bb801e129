// The world of one Twins scenario.

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <utility>
#include <variant>

#include "base/check.h"
#include "consensus/engine.h"
#include "crypto/hash.h"
#include "tests/sim/mix.h"
#include "tests/sim/twins.h"

namespace peerpay::sim {

namespace {

using consensus::Proposal;
using consensus::Subject;
using consensus::ValidatorIndex;
using consensus::View;
using consensus::VoteKind;

constexpr std::uint32_t kBlocksAfter = 10;
constexpr std::uint64_t kStepsMax = 400'000;

consensus::Config config_of(bool slow) {
  consensus::Config out;
  const std::int64_t scale = slow ? 20 : 1;
  out.leader_timeout = base::milliseconds(100 * scale);
  out.certification_timeout = base::milliseconds(200 * scale);
  out.retry_interval = base::milliseconds(150 * scale);
  out.skip_timeout = base::milliseconds(800 * scale);
  out.timeout_max = base::milliseconds(1'000 * scale);
  out.block_interval_min = base::milliseconds(1);
  return out;
}

// The same keys in every world: engines sign nothing, they only count them.
consensus::ValidatorSet members(std::uint32_t count) {
  std::vector<crypto::PublicKey> keys(count);
  for (std::uint32_t i = 0; i < count; ++i) keys[i].bytes[0] = static_cast<std::uint8_t>(i + 1);
  return consensus::ValidatorSet{std::move(keys)};
}

class TwinsWorld {
 public:
  TwinsWorld(const TwinsScenario& scenario, base::Rng rng);
  [[nodiscard]] TwinsReport run();

 private:
  using Payload = std::variant<consensus::Vote, consensus::Certificate, consensus::RepairRequest>;
  struct Node {
    std::unique_ptr<consensus::Engine> engine;
    std::optional<base::TimePoint> armed_at;
    Proposal head;  // the newest final one; of view 0 at first
    std::uint32_t blocks_after = 0;
    std::map<View, std::array<std::optional<Subject>, consensus::kVoteKinds>> own;
  };
  struct Entry {
    base::TimePoint time;
    std::uint64_t sequence;
    std::uint32_t from;  // of a timer: as `to`
    std::uint32_t to;
    std::uint32_t payload;
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      return a.time != b.time ? a.time > b.time : a.sequence > b.sequence;
    }
  };

  [[nodiscard]] std::uint32_t processes() const { return scenario_.validators + 1; }
  [[nodiscard]] std::uint32_t twin() const { return scenario_.validators - 1; }
  [[nodiscard]] bool is_twin(std::uint32_t process) const { return process >= twin(); }
  [[nodiscard]] std::uint32_t validator_of(std::uint32_t process) const {
    return std::min(process, twin());
  }
  [[nodiscard]] bool talk(std::uint32_t a, std::uint32_t b, View view) const;
  [[nodiscard]] base::Duration delay();
  void push(const Entry& entry);
  void send(std::uint32_t from, std::optional<ValidatorIndex> to, const Payload& payload);
  void deliver(const Entry& entry);
  void carry_out(std::uint32_t process, consensus::Effects effects);
  void answer(std::uint32_t process, const consensus::AppRequest& request);
  void sign(std::uint32_t process, const Subject& subject);
  void check_own(std::uint32_t process, const Subject& subject);
  void commit(std::uint32_t process, const Subject& finalization);
  void arm(std::uint32_t process);
  [[nodiscard]] bool is_done() const;
  void fail(FailureClass failure_class, std::string_view checker, const std::string& what);

  const TwinsScenario& scenario_;
  base::Rng rng_;
  base::TimePoint now_{1'000'000};
  std::vector<Node> nodes_;  // the last two are the halves of the twin
  std::vector<Payload> payloads_;
  std::vector<Entry> heap_;
  std::uint64_t sequence_ = 0;
  std::map<consensus::Digest, std::pair<Proposal, consensus::Digest>> proposals_;  // with parent
  std::map<View, consensus::Digest> chain_;  // what anybody finalized
  Verdict verdict_;
  TwinsReport report_;
};

TwinsWorld::TwinsWorld(const TwinsScenario& scenario, base::Rng rng)
    : scenario_{scenario}, rng_{rng}, nodes_(processes()) {
  const consensus::Context context{{}, scenario.turn};
  const consensus::ValidatorSet set = members(scenario.validators);
  for (std::uint32_t process = 0; process < processes(); ++process) {
    nodes_[process].engine = std::make_unique<consensus::Engine>(
        config_of(scenario.slow_links), context, set, ValidatorIndex{validator_of(process)});
  }
}

// In the prefix the honest one's column says it; twin halves don't talk with each other.
bool TwinsWorld::talk(std::uint32_t a, std::uint32_t b, View view) const {
  if (!is_twin(a) && !is_twin(b)) return true;
  if (is_twin(a) && is_twin(b)) return false;
  const std::uint32_t half = is_twin(a) ? a : b;
  const auto mask = static_cast<std::uint32_t>(scenario_.at(is_twin(a) ? b : a, view.value));
  return (mask >> (half - twin()) & 1) == 1;
}

base::Duration TwinsWorld::delay() {
  if (!scenario_.slow_links)
    return base::microseconds(static_cast<std::int64_t>(rng_.between(9'000, 11'000)));
  return base::milliseconds(static_cast<std::int64_t>(rng_.between(500, 1'000)));
}

void TwinsWorld::push(const Entry& entry) {
  heap_.push_back(entry);
  std::push_heap(heap_.begin(), heap_.end(), Later{});
}

void TwinsWorld::send(std::uint32_t from, std::optional<ValidatorIndex> to,
                      const Payload& payload) {
  const View view = nodes_[from].engine->view();
  std::optional<std::uint32_t> index;
  for (std::uint32_t peer = 0; peer < processes(); ++peer) {
    const std::uint32_t validator = validator_of(peer);
    if (validator == validator_of(from) || (to && to->value != validator)) continue;
    if (!talk(from, peer, view)) continue;
    if (!index) {
      index = static_cast<std::uint32_t>(payloads_.size());
      payloads_.push_back(payload);
    }
    push({now_ + delay(), sequence_++, from, peer, *index});
  }
}

void TwinsWorld::arm(std::uint32_t process) {
  Node& node = nodes_[process];
  const auto deadline = node.engine->deadline();
  if (!deadline || (node.armed_at && *node.armed_at <= *deadline)) return;
  node.armed_at = std::max(*deadline, now_);
  push({*node.armed_at, sequence_++, process, process, 0});
}

void TwinsWorld::deliver(const Entry& entry) {
  Node& node = nodes_[entry.to];
  if (entry.from == entry.to) {
    if (node.armed_at != entry.time) return;
    node.armed_at.reset();
    return carry_out(entry.to, node.engine->on_timer(now_));
  }
  // A copy: carrying out what it causes may move the payloads.
  const Payload payload = payloads_[entry.payload];
  if (const auto* vote = std::get_if<consensus::Vote>(&payload)) {
    carry_out(entry.to, node.engine->on_vote(*vote, now_));
  } else if (const auto* certificate = std::get_if<consensus::Certificate>(&payload)) {
    carry_out(entry.to, node.engine->on_certificate(*certificate, now_));
  } else {
    const ValidatorIndex from{validator_of(entry.from)};
    carry_out(entry.to, node.engine->on_repair_request(
                            from, std::get<consensus::RepairRequest>(payload), now_));
  }
}

void TwinsWorld::carry_out(std::uint32_t process, consensus::Effects effects) {
  // A twin does not mind the votes of its other half: it goes on above them.
  for (const consensus::SafetyRecord& record : effects.persist) {
    const auto* others = std::get_if<consensus::UnknownOwnVote>(&record);
    if (others != nullptr && is_twin(process))
      carry_out(process, nodes_[process].engine->open_voting(others->subject.view(), now_));
  }
  for (const Subject& subject : effects.sign) sign(process, subject);
  for (auto& outbound : effects.send) {
    std::visit([&](auto& message) { send(process, outbound.to, Payload{std::move(message)}); },
               outbound.message);
  }
  for (const consensus::AppRequest& request : effects.app) answer(process, request);
  for (const consensus::Commit& one : effects.commit) commit(process, one.finalization.subject);
  for (const consensus::Evidence& evidence : effects.evidence) {
    ++report_.evidence;
    if (!is_twin(evidence.first.signer.value))
      fail(FailureClass::kSafety, "blame", "evidence against an honest node");
  }
  if (effects.contradiction && !is_twin(process))
    fail(FailureClass::kSafety, "certificates", "two certificates contradict each other");
  arm(process);
}

void TwinsWorld::answer(std::uint32_t process, const consensus::AppRequest& request) {
  consensus::Engine& engine = *nodes_[process].engine;
  if (const auto* propose = std::get_if<consensus::ProposeRequest>(&request)) {
    consensus::Digest digest;
    std::uint64_t word = mix(mix(propose->view.value, propose->parent.digest.view()) ^ process);
    for (std::size_t i = 0; i < digest.bytes.size(); ++i, word = mix(word))
      digest.bytes[i] = static_cast<std::uint8_t>(word);
    const Proposal proposal{propose->view, propose->parent.view, digest};
    proposals_.emplace(digest, std::pair{proposal, propose->parent.digest});
    carry_out(process, engine.on_proposed(propose->view, digest, now_));
  } else if (const auto* verify = std::get_if<consensus::VerifyRequest>(&request)) {
    carry_out(process, engine.on_verified(verify->proposal, true, now_));
  } else {
    const auto& certify = std::get<consensus::CertifyRequest>(request);
    carry_out(process, engine.on_certified(certify.proposal, true, now_));
  }
}

void TwinsWorld::sign(std::uint32_t process, const Subject& subject) {
  if (!is_twin(process)) check_own(process, subject);
  const consensus::Vote vote{subject, ValidatorIndex{validator_of(process)}, {}};
  send(process, std::nullopt, vote);
  carry_out(process, nodes_[process].engine->on_vote(vote, now_));
}

void TwinsWorld::check_own(std::uint32_t process, const Subject& subject) {
  auto& own = nodes_[process].own[subject.view()];
  auto& slot = own[static_cast<std::size_t>(subject.kind)];
  const bool two = slot && *slot != subject;
  slot = subject;
  const bool both = own[static_cast<std::size_t>(VoteKind::kNullify)] &&
                    own[static_cast<std::size_t>(VoteKind::kFinalize)];
  if (two || both)
    fail(FailureClass::kSafety, "votes",
         "n" + std::to_string(process) + " contradicts itself in view " +
             std::to_string(subject.view().value));
}

// With every ancestor down to what was final here before.
void TwinsWorld::commit(std::uint32_t process, const Subject& finalization) {
  if (is_twin(process)) return;
  Node& node = nodes_[process];
  Proposal at = finalization.proposal;
  while (at.view > node.head.view) {
    const auto [agreed, is_new] = chain_.emplace(at.view, at.digest);
    if (agreed->second != at.digest)
      return fail(FailureClass::kSafety, "chain",
                  "two blocks are final in view " + std::to_string(at.view.value));
    if (at.view.value > scenario_.views) ++node.blocks_after;
    const auto found = proposals_.find(at.digest);
    if (found == proposals_.end() || found->second.first != at)
      return fail(FailureClass::kSafety, "chain", "what is final was never proposed");
    const consensus::Digest parent = found->second.second;
    if (at.parent.value == 0) {
      at = {};
    } else {
      at = proposals_.at(parent).first;
    }
  }
  if (at != node.head)
    return fail(FailureClass::kSafety, "chain", "a final block is not an ancestor");
  node.head = finalization.proposal;
}

bool TwinsWorld::is_done() const {
  return std::all_of(nodes_.begin(), nodes_.begin() + twin(),
                     [](const Node& node) { return node.blocks_after >= kBlocksAfter; });
}

void TwinsWorld::fail(FailureClass failure_class, std::string_view checker,
                      const std::string& what) {
  verdict_.fail(failure_class, checker, what);
}

TwinsReport TwinsWorld::run() {
  const base::TimePoint end =
      now_ + base::seconds(scenario_.slow_links ? 2'400 : 120);  // many times what is needed
  for (std::uint32_t process = 0; process < processes(); ++process) {
    carry_out(process, nodes_[process].engine->start({}, std::nullopt, now_));
    carry_out(process, nodes_[process].engine->on_work(true, now_));
  }
  while (!verdict_.failure() && !is_done()) {
    if (heap_.empty() || heap_.front().time > end || ++report_.steps > kStepsMax) {
      fail(FailureClass::kLiveness, "liveness", "not every honest node finalized ten blocks more");
      break;
    }
    std::pop_heap(heap_.begin(), heap_.end(), Later{});
    const Entry entry = heap_.back();
    heap_.pop_back();
    now_ = entry.time;
    deliver(entry);
  }
  for (const Node& node : nodes_)
    report_.nullified = std::max(report_.nullified, node.engine->stats().views_nullified);
  report_.failure = verdict_.failure();
  return report_;
}

}  // namespace

TwinsReport run_twins(const TwinsScenario& scenario, base::Rng rng) {
  return TwinsWorld{scenario, rng}.run();
}

}  // namespace peerpay::sim
