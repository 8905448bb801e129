#include "tests/explore/process.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/check.h"
#include "tests/explore/engine_inspector.h"

namespace peerpay::explore {

namespace {

using consensus::Certification;
using consensus::Effects;
using consensus::EngineInspector;
using consensus::Proposal;
using consensus::SafetyRecord;
using consensus::Subject;
using consensus::ValidatorIndex;
using consensus::View;
using consensus::VoteKind;

// Longer than any timer.
constexpr base::Duration kLong = base::seconds(60);

// Nobody counts as silent (rule C20: to give up at once, which a time-out can do as well), and no
// pause between proposals.
consensus::Config config() {
  consensus::Config out;
  out.leader_timeout = base::milliseconds(100);
  out.certification_timeout = base::milliseconds(200);
  out.retry_interval = base::milliseconds(150);
  out.skip_timeout = base::seconds(1'000'000'000);
  out.timeout_max = base::milliseconds(1'000);
  out.block_interval_min = base::milliseconds(0);
  return out;
}

// Engines sign nothing, they only count the keys.
const consensus::ValidatorSet& members() {
  static const consensus::ValidatorSet kSet = [] {
    std::vector<crypto::PublicKey> keys(kMembers);
    for (std::uint32_t i = 0; i < kMembers; ++i)
      keys[i].bytes[0] = static_cast<std::uint8_t>(i + 1);
    return consensus::ValidatorSet{std::move(keys)};
  }();
  return kSet;
}

std::unique_ptr<consensus::Engine> new_engine(const World& world, std::uint32_t index) {
  return std::make_unique<consensus::Engine>(config(), consensus::Context{{}, world.turn},
                                             members(), ValidatorIndex{index});
}

consensus::Vote vote_of(std::uint32_t subject, std::uint32_t signer) {
  return {subject_of(subject), ValidatorIndex{signer}, {}};
}

consensus::Certificate certificate_of(const Step& step) {
  consensus::Certificate out;
  out.subject = subject_of(step.about);
  out.signers = {step.signers};
  out.signatures.resize(3);
  return out;
}

}  // namespace

// --- One step ---

struct Process::Act {
  sim::Verdict& verdict;
  std::uint32_t crash_before;              // as in Step
  std::uint32_t done = 0;                  // records and votes so far
  bool stopped = false;                    // the crash has come
  std::vector<SafetyRecord> durable = {};  // compacted, and what was persisted since

  // Whether the crash comes before the next record or vote.
  bool crashes() {
    if (stopped) return true;
    ++done;
    stopped = done == crash_before;
    return stopped;
  }
};

Process::Process(const World& world, std::uint32_t index)
    : world_{world}, index_{index}, engine_{new_engine(world, index)} {
  sim::Verdict verdict;
  Act act{verdict, 0};
  carry_out(act, engine_->start({}, std::nullopt, now_));
  carry_out(act, engine_->on_work(true, now_));
}

Process::Process(const Process& other)
    : world_{other.world_},
      index_{other.index_},
      engine_{EngineInspector::copy(*other.engine_)},
      now_{other.now_},
      sent_{other.sent_},
      promised_{other.promised_},
      crashed_{other.crashed_} {}

Process::~Process() = default;

bool Process::take(const Step& step, sim::Verdict& verdict) {
  Act act{verdict, step.crash_before};
  act.durable = engine_->journal();
  if (step.kind == StepKind::kRestart) {
    restart(act);
    return true;
  }
  if (!happen(act, step)) return false;
  if (step.crash_before > 0) {
    if (!act.stopped) return false;
    restart(act);
    return true;
  }
  check_journal(act);
  return true;
}

bool Process::happen(Act& act, const Step& step) {
  switch (step.kind) {
    case StepKind::kVotes:
      for (std::uint32_t i = 0; i < kMembers && !act.stopped; ++i) {
        if ((step.signers >> i & 1) != 0)
          carry_out(act, engine_->on_vote(vote_of(step.about, i), now_));
      }
      return true;
    case StepKind::kCertificate:
      carry_out(act, engine_->on_certificate(certificate_of(step), now_));
      return true;
    case StepKind::kPropose: return carry_out_if_any(act, propose());
    case StepKind::kVerify: return carry_out_if_any(act, verify());
    case StepKind::kCertify: return carry_out_if_any(act, certify(View{step.about}));
    case StepKind::kTimeout:
      now_ = now_ + kLong;
      carry_out(act, engine_->on_timer(now_));
      return true;
    case StepKind::kConnect:
      carry_out(act, engine_->on_peer_connected(ValidatorIndex{kByzantine}, now_));
      return true;
    case StepKind::kRestart: break;
  }
  PEERPAY_UNREACHABLE("a restart is no event of the engine");
}

std::optional<Effects> Process::propose() {
  const View view = engine_->view();
  const auto* state = EngineInspector::state(*engine_).find(view);
  if (state == nullptr || !state->parent_offered) return std::nullopt;
  const Proposal block = proposal_at(view.value, state->parent_offered->value, crashed_);
  return engine_->on_proposed(view, block.digest, now_);
}

std::optional<Effects> Process::verify() {
  const auto* state = EngineInspector::state(*engine_).find(engine_->view());
  if (state == nullptr || !state->verifying || !state->proposal) return std::nullopt;
  const Proposal proposal = *state->proposal;
  return engine_->on_verified(proposal, true, now_);
}

std::optional<Effects> Process::certify(View view) {
  const auto* state = EngineInspector::state(*engine_).find(view);
  if (state == nullptr || state->certification != Certification::kRunning) return std::nullopt;
  const Proposal proposal = *state->notarized();
  const bool refused =
      world_.refuses && is_second(proposal) && world_.leader(view.value) == kByzantine;
  return engine_->on_certified(proposal, !refused, now_);
}

bool Process::carry_out_if_any(Act& act, const std::optional<Effects>& effects) {
  if (effects) carry_out(act, *effects);
  return effects.has_value();
}

// As a node does: records, then votes, then what the node's own votes bring about.
void Process::carry_out(Act& act, const Effects& effects) {
  for (const SafetyRecord& record : effects.persist) persist(act, record);
  for (const Subject& subject : effects.sign) sign(act, subject);
  for (const consensus::Outbound& outbound : effects.send) {
    if (const auto* certificate = std::get_if<consensus::Certificate>(&outbound.message))
      check_held(act, *certificate);
  }
  for (const consensus::Evidence& evidence : effects.evidence) {
    if (evidence.first.signer.value != kByzantine)
      act.verdict.fail(sim::FailureClass::kSafety, "blame", "evidence against an honest validator");
  }
  if (effects.contradiction)
    act.verdict.fail(sim::FailureClass::kSafety, "certificates",
                     "two certificates contradict each other");
  for (const Subject& subject : effects.sign) {
    if (act.stopped) return;
    carry_out(act, engine_->on_vote({subject, ValidatorIndex{index_}, {}}, now_));
  }
}

void Process::persist(Act& act, const SafetyRecord& record) {
  if (act.crashes()) return;
  act.durable.push_back(record);
  if (const auto* own = std::get_if<consensus::OwnVote>(&record)) {
    if (const auto number = number_of(own->subject)) promised_ |= set_of(*number);
  } else if (const auto* held = std::get_if<consensus::HeldCertificate>(&record)) {
    check_held(act, held->certificate);
  } else if (std::holds_alternative<consensus::UnknownOwnVote>(record)) {
    act.verdict.fail(sim::FailureClass::kSafety, "votes", "a vote came back that was forgotten");
  }
}

void Process::sign(Act& act, const Subject& subject) {
  if (act.crashes()) return;
  const auto number = number_of(subject);
  if (!number || subject.view().value > world_.views) return;  // lost: beyond the bound
  check_vote(testimony(), *number, act.verdict);
  sent_ |= set_of(*number);
}

// Three different members (restated).
void Process::check_held(Act& act, const consensus::Certificate& certificate) const {
  std::uint32_t signers = 0;
  for (std::uint32_t i = 0; i < kMembers; ++i)
    signers += certificate.signers.size() == 1 && (certificate.signers[0] >> i & 1) != 0;
  if (signers < 3)
    act.verdict.fail(sim::FailureClass::kSafety, "certificates",
                     "a certificate of " + std::to_string(signers) + " votes");
}

// By induction over all steps: what the engine says a restart needs is on the disk.
void Process::check_journal(Act& act) const {
  for (const SafetyRecord& record : engine_->journal()) {
    if (std::find(act.durable.begin(), act.durable.end(), record) == act.durable.end())
      act.verdict.fail(sim::FailureClass::kSafety, "votes",
                       "the engine relies on a record that was never persisted");
  }
}

void Process::restart(Act& act) {
  crashed_ = true;
  engine_ = new_engine(world_, index_);
  Act after{act.verdict, 0};
  after.durable = act.durable;
  carry_out(after, engine_->start(act.durable, std::nullopt, now_));
  carry_out(after, engine_->on_work(true, now_));
}

// --- Telling states apart ---

namespace {

std::uint8_t code(const std::optional<Proposal>& proposal) {
  if (!proposal) return 0;
  return static_cast<std::uint8_t>(number_of(*proposal).value_or(0xfd) + 1);
}

std::uint8_t code(const std::optional<View>& view) {
  return view ? static_cast<std::uint8_t>(view->value + 1) : 0;
}

std::uint8_t code(const consensus::Subject& subject) {
  return static_cast<std::uint8_t>(number_of(subject).value_or(0xfd) + 1);
}

std::uint8_t bits(std::initializer_list<bool> flags) {
  std::uint8_t out = 0;
  for (const bool flag : flags) out = static_cast<std::uint8_t>(out << 1 | (flag ? 1 : 0));
  return out;
}

void append(std::string& out, std::uint8_t byte) { out.push_back(static_cast<char>(byte)); }

void append(std::string& out, Subjects subjects) {
  for (int i = 0; i < 4; ++i) append(out, static_cast<std::uint8_t>(subjects >> (8 * i)));
}

void append_view(std::string& out, const consensus::ViewState& state, Detail detail) {
  append(out, code(state.own.notarized));
  append(out, code(state.own.finalized));
  append(out, code(state.proposal));
  append(out, code(state.parent_offered));
  append(out,
         bits({state.own.nullified, state.leader_equivocated, state.verifying, state.hopeless}));
  append(out, static_cast<std::uint8_t>(state.certification));
  for (const auto& certificate : state.certificates) {
    append(out, certificate ? code(certificate->subject) : std::uint8_t{0});
    if (detail == Detail::kEverything)
      append(out, certificate ? certificate->signers.at(0) : std::uint8_t{0});
  }
}

void append_tally(std::string& out, const consensus::Tally& tally) {
  for (const VoteKind kind : {VoteKind::kNotarize, VoteKind::kNullify, VoteKind::kFinalize}) {
    for (std::uint32_t i = 0; i < kMembers; ++i) {
      const consensus::Vote* vote = tally.find(kind, ValidatorIndex{i});
      append(out, vote == nullptr ? std::uint8_t{0} : code(vote->subject));
    }
  }
}

}  // namespace

std::string Process::key(Detail detail) const {
  const auto& state = EngineInspector::state(*engine_);
  std::string out;
  append(out, sent_);
  append(out, promised_);
  append(out, static_cast<std::uint8_t>(state.view.value));
  append(out, static_cast<std::uint8_t>(state.finalized.value));
  append(out, static_cast<std::uint8_t>(state.certified_max.value));
  append(out, static_cast<std::uint8_t>(state.rejoined_through.value));
  append(out, code(state.timed_view));
  append(out, bits({crashed_, state.stopped, state.muted, state.incomplete,
                    state.timers.armed(consensus::Timer::kCertification),
                    state.timers.armed(consensus::Timer::kRetry)}));
  for (std::uint64_t view = 1; view <= world_.views + 1; ++view) {
    append(out, bits({state.nullified.contains(View{view}), state.settled.contains(View{view})}));
    const auto* held = state.find(View{view});
    append(out, static_cast<std::uint8_t>(held != nullptr));
    if (held == nullptr) continue;
    append_view(out, *held, detail);
    if (detail == Detail::kEverything) append_tally(out, held->tally);
  }
  return out;
}

Testimony Process::testimony() const {
  Testimony out{sent_, promised_, 0};
  const auto& state = EngineInspector::state(*engine_);
  for (std::uint64_t view = 1; view <= world_.views; ++view) {
    const auto* held = state.find(View{view});
    if (held == nullptr) continue;
    for (const auto& certificate : held->certificates) {
      if (!certificate) continue;
      if (const auto number = number_of(certificate->subject)) out.held |= set_of(*number);
    }
  }
  return out;
}

// --- Words ---

namespace {

constexpr std::pair<StepKind, std::string_view> kNames[] = {
    {StepKind::kVotes, "votes"},     {StepKind::kCertificate, "certificate"},
    {StepKind::kPropose, "propose"}, {StepKind::kVerify, "verify"},
    {StepKind::kCertify, "certify"}, {StepKind::kTimeout, "timeout"},
    {StepKind::kConnect, "connect"}, {StepKind::kRestart, "restart"},
};

bool has_subject(StepKind kind) {
  return kind == StepKind::kVotes || kind == StepKind::kCertificate;
}

std::optional<std::uint8_t> digit(std::string_view text, char max) {
  if (text.size() != 1 || text[0] < '0' || text[0] > max) return std::nullopt;
  return static_cast<std::uint8_t>(text[0] - '0');
}

bool read_subject(std::string_view text, Step& out) {
  const auto number = subject_named(take_word(text, '.'));
  if (!number || text.empty()) return false;
  out.about = static_cast<std::uint8_t>(*number);
  for (const char signer : text) {
    const auto index = digit({&signer, 1}, '3');
    if (!index) return false;
    out.signers = static_cast<std::uint8_t>(out.signers | 1 << *index);
  }
  return true;
}

}  // namespace

std::string describe(const Step& step) {
  std::string out;
  for (const auto& [kind, word] : kNames) {
    if (kind == step.kind) out = word;
  }
  if (has_subject(step.kind)) {
    out += "." + describe_subject(step.about) + ".";
    for (std::uint32_t i = 0; i < kMembers; ++i) {
      if ((step.signers >> i & 1) != 0) out += std::to_string(i);
    }
  }
  if (step.kind == StepKind::kCertify) out += ".v" + std::to_string(step.about);
  if (step.crash_before > 0) out += "!" + std::to_string(step.crash_before);
  return out;
}

std::optional<Step> step_named(std::string_view text) {
  Step out;
  std::string_view head = take_word(text, '!');
  if (!text.empty()) {
    const auto crash = digit(text, '9');
    if (!crash) return std::nullopt;
    out.crash_before = *crash;
  }
  const std::string_view word = take_word(head, '.');
  for (const auto& [kind, name] : kNames) {
    if (name != word) continue;
    out.kind = kind;
    if (has_subject(kind)) return read_subject(head, out) ? std::optional{out} : std::nullopt;
    if (kind != StepKind::kCertify) return out;
    const auto view = head.empty() ? std::nullopt : digit(head.substr(1), '3');
    if (!view) return std::nullopt;
    out.about = *view;
    return out;
  }
  return std::nullopt;
}

}  // namespace peerpay::explore
