#include "tests/explore/fair_network.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <variant>

#include "tests/explore/engine_inspector.h"

namespace peerpay::explore {

namespace {

using consensus::Certification;
using consensus::Effects;
using consensus::Engine;
using consensus::EngineInspector;
using consensus::Proposal;
using consensus::ValidatorIndex;
using consensus::View;

// Many times what is needed.
constexpr std::uint32_t kTurnsMax = 5'000;

class FairNetwork {
 public:
  FairNetwork(const World& world, const std::array<std::unique_ptr<Process>, kHonest>& processes);
  [[nodiscard]] bool gets_ahead();

 private:
  using Payload = std::variant<consensus::Vote, consensus::Certificate, consensus::RepairRequest>;
  struct Message {
    std::uint32_t from;
    std::uint32_t to;
    Payload payload;
  };

  void answer_what_is_open(std::uint32_t index);
  void carry_out(std::uint32_t index, const Effects& effects);
  void answer(std::uint32_t index, const consensus::AppRequest& request);
  void certify(std::uint32_t index, const Proposal& proposal);
  void send(std::uint32_t from, std::optional<ValidatorIndex> to, const Payload& payload);
  void deliver(const Message& message);
  void pass_time();
  [[nodiscard]] bool is_done() const;

  const World& world_;
  std::array<std::unique_ptr<Engine>, kHonest> engines_;
  std::deque<Message> under_way_;
  base::TimePoint now_{0};
  View goal_{0};
};

FairNetwork::FairNetwork(const World& world,
                         const std::array<std::unique_ptr<Process>, kHonest>& processes)
    : world_{world} {
  for (std::uint32_t i = 0; i < kHonest; ++i) {
    engines_[i] = EngineInspector::copy(processes[i]->engine());
    now_ = std::max(now_, processes[i]->now());
    goal_ = std::max(goal_, engines_[i]->view());
  }
}

// What the applications were asked and had not answered.
void FairNetwork::answer_what_is_open(std::uint32_t index) {
  Engine& engine = *engines_[index];
  for (std::uint64_t view = 1; view <= kViewsMax; ++view) {
    const auto* state = EngineInspector::state(engine).find(View{view});
    if (state != nullptr && state->certification == Certification::kRunning)
      certify(index, *state->notarized());
  }
  const View view = engine.view();
  const auto* state = EngineInspector::state(engine).find(view);
  if (state == nullptr) return;
  if (state->verifying && state->proposal) {
    const Proposal proposal = *state->proposal;
    carry_out(index, engine.on_verified(proposal, true, now_));
  } else if (state->parent_offered) {
    const auto block = proposal_at(view.value, state->parent_offered->value, true);
    carry_out(index, engine.on_proposed(view, block.digest, now_));
  }
}

void FairNetwork::certify(std::uint32_t index, const Proposal& proposal) {
  const bool refused =
      world_.refuses && is_second(proposal) && world_.leader(proposal.view.value) == kByzantine;
  carry_out(index, engines_[index]->on_certified(proposal, !refused, now_));
}

void FairNetwork::carry_out(std::uint32_t index, const Effects& effects) {
  for (const auto& subject : effects.sign) {
    const consensus::Vote vote{subject, ValidatorIndex{index}, {}};
    send(index, std::nullopt, vote);
    carry_out(index, engines_[index]->on_vote(vote, now_));
  }
  for (const auto& outbound : effects.send) {
    std::visit([&](const auto& message) { send(index, outbound.to, message); }, outbound.message);
  }
  for (const auto& request : effects.app) answer(index, request);
}

void FairNetwork::answer(std::uint32_t index, const consensus::AppRequest& request) {
  Engine& engine = *engines_[index];
  if (const auto* propose = std::get_if<consensus::ProposeRequest>(&request)) {
    const auto block = proposal_at(propose->view.value, propose->parent.view.value, true);
    carry_out(index, engine.on_proposed(propose->view, block.digest, now_));
  } else if (const auto* verify = std::get_if<consensus::VerifyRequest>(&request)) {
    carry_out(index, engine.on_verified(verify->proposal, true, now_));
  } else {
    certify(index, std::get<consensus::CertifyRequest>(request).proposal);
  }
}

void FairNetwork::send(std::uint32_t from, std::optional<ValidatorIndex> to,
                       const Payload& payload) {
  for (std::uint32_t peer = 0; peer < kHonest; ++peer) {
    if (peer != from && (!to || to->value == peer)) under_way_.push_back({from, peer, payload});
  }
}

void FairNetwork::deliver(const Message& message) {
  Engine& engine = *engines_[message.to];
  if (const auto* vote = std::get_if<consensus::Vote>(&message.payload)) {
    carry_out(message.to, engine.on_vote(*vote, now_));
  } else if (const auto* one = std::get_if<consensus::Certificate>(&message.payload)) {
    carry_out(message.to, engine.on_certificate(*one, now_));
  } else {
    const auto& request = std::get<consensus::RepairRequest>(message.payload);
    carry_out(message.to, engine.on_repair_request(ValidatorIndex{message.from}, request, now_));
  }
}

void FairNetwork::pass_time() {
  std::optional<base::TimePoint> next;
  for (const auto& engine : engines_) {
    const auto deadline = engine->deadline();
    if (deadline && (!next || *deadline < *next)) next = deadline;
  }
  if (!next) return;
  now_ = std::max(now_, *next);
  for (std::uint32_t i = 0; i < kHonest; ++i) {
    const auto deadline = engines_[i]->deadline();
    if (deadline && *deadline <= now_) carry_out(i, engines_[i]->on_timer(now_));
  }
}

bool FairNetwork::is_done() const {
  return std::all_of(engines_.begin(), engines_.end(),
                     [&](const auto& engine) { return engine->finalized() > goal_; });
}

bool FairNetwork::gets_ahead() {
  for (std::uint32_t i = 0; i < kHonest; ++i) answer_what_is_open(i);
  for (std::uint32_t turn = 0; turn < kTurnsMax && !is_done(); ++turn) {
    if (under_way_.empty()) {
      pass_time();
      continue;
    }
    const Message message = std::move(under_way_.front());
    under_way_.pop_front();
    deliver(message);
  }
  return is_done();
}

}  // namespace

void run_fairly(const World& world, const std::array<std::unique_ptr<Process>, kHonest>& processes,
                sim::Verdict& verdict) {
  if (FairNetwork{world, processes}.gets_ahead()) return;
  verdict.fail(sim::FailureClass::kLiveness, "liveness",
               "nothing becomes final although everything arrives");
}

}  // namespace peerpay::explore
