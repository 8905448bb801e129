// One validator's engine among peers of whom one lies, or all: the input chooses every vote,
// certificate, answer, time-out and crash. Whatever comes, this validator never breaks a promise,
// not across restarts either: one notarize vote in a view, one finalize vote and only for what a
// quorum notarized, never nullify and finalize both; every vote is in the journal before it leaves;
// views and finality never go back.

#include <map>
#include <memory>
#include <set>

#include "consensus/engine.h"
#include "consensus/limits.h"
#include "consensus/safety.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;
using namespace peerpay::consensus;

constexpr std::uint32_t kValidators = 4;
constexpr std::uint32_t kQuorum = 3;
constexpr ValidatorIndex kSelf{0};
constexpr std::uint32_t kLiar = 1;
constexpr std::size_t kStepsMax = 300;

ValidatorSet make_validators() {
  std::vector<crypto::PublicKey> keys(kValidators);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys[i].bytes[0] = static_cast<std::uint8_t>(i + 1);
  }
  return ValidatorSet{keys};
}

class Validator {
 public:
  explicit Validator(fuzz::Draw& draw) : draw_{draw}, all_lie_{draw.below(4) == 0} { restart(); }

  void step() {
    switch (draw_.below(16)) {
      case 0: return advance();
      case 1: return restart();
      case 2: return take(engine_->on_work(draw_.coin(), now_));
      case 3: return take(engine_->on_peer_connected(peer(), now_));
      case 4: return take(engine_->on_repair_request(peer(), {view()}, now_));
      case 5: return take(engine_->on_verified(proposal(), draw_.coin(), now_));
      case 6: return take(engine_->on_certified(proposal(), draw_.coin(), now_));
      case 7: return take(engine_->on_proposed(view(), digest(), now_));
      case 8:
      case 9:
      case 10: return answer();
      case 11:
      case 12: return take_certificate(subject());
      default: return take_vote(subject(), peer());
    }
  }

 private:
  struct Promise {
    std::optional<Proposal> notarized;
    std::optional<Proposal> finalized;
    bool nullified = false;
  };

  // --- What comes ---
  ValidatorIndex peer() { return {static_cast<std::uint32_t>(1 + draw_.below(kValidators - 1))}; }

  View view() {
    const auto where = draw_.byte();
    if (where == 0xff) return View{1 + draw_.integer() % (UINT64_MAX - 2)};
    // Mostly the view itself, and those beside it.
    constexpr std::uint64_t kAhead[] = {4, 4, 4, 4, 4, 3, 3, 5, 5, 0, 1, 2, 6, 7};
    const auto near = engine_->view().value + kAhead[where % std::size(kAhead)];
    return View{near > 4 ? near - 4 : 1};
  }
  Digest digest() {
    Digest out;
    out.bytes[0] = draw_.below(4) == 0 ? 2 : 1;
    return out;
  }
  Proposal proposal() {
    const View at = view();
    const auto below = std::min(at.value, draw_.below(4) == 0 ? 1 + draw_.below(3) : 1);
    return {at, View{at.value - below}, digest()};
  }
  Subject subject() {
    switch (draw_.below(3)) {
      case 0: return Subject::notarize(proposal());
      case 1: return Subject::nullify(view());
      default: return Subject::finalize(proposal());
    }
  }
  // Whether a peer lies, or has said nothing that this excludes.
  bool may_vote(const Subject& what, ValidatorIndex signer) {
    if (all_lie_ || signer.value == kLiar) return true;
    return std::ranges::none_of(votes_, [&](const auto& vote) {
      return vote.second.contains(signer) && exclude_each_other(vote.first, what);
    });
  }
  void take_vote(const Subject& what, ValidatorIndex signer) {
    if (!may_vote(what, signer)) return;
    votes_[what].insert(signer);
    take(engine_->on_vote({what, signer, {}}, now_));
  }
  // What the peers who may say it and the validator itself have said, if they are a quorum.
  void take_certificate(const Subject& what) {
    for (std::uint32_t i = 1; i < kValidators; ++i) {
      if (may_vote(what, {i})) votes_[what].insert({i});
    }
    const auto& signers = votes_[what];
    if (signers.size() < kQuorum) return;
    std::vector<Vote> votes;
    for (const auto signer : signers) votes.push_back({what, signer, {}});
    take(engine_->on_certificate(make_certificate(validators_, what, votes), now_));
  }

  void answer() {
    if (asked_.empty()) return;
    const auto at = asked_.begin() + static_cast<std::ptrdiff_t>(draw_.below(asked_.size()));
    const AppRequest request = *at;
    asked_.erase(at);
    const bool good = draw_.below(4) != 0;
    if (const auto* ask = std::get_if<ProposeRequest>(&request)) {
      const auto made = good ? std::optional{digest()} : std::nullopt;
      return take(engine_->on_proposed(ask->view, made, now_));
    }
    if (const auto* ask = std::get_if<VerifyRequest>(&request)) {
      return take(engine_->on_verified(ask->proposal, good, now_));
    }
    take(engine_->on_certified(std::get<CertifyRequest>(request).proposal, good, now_));
  }

  void advance() {
    const auto deadline = engine_->deadline();
    now_ = now_ + base::milliseconds(static_cast<std::int64_t>(draw_.below(1'000)));
    if (deadline && draw_.coin()) now_ = std::max(now_, *deadline);
    take(engine_->on_timer(now_));
    const auto next = engine_->deadline();
    if (deadline && *deadline <= now_ && next) PEERPAY_CHECK(*next > now_, "a timer moves on");
  }

  void restart() {
    // Sometimes from what a compaction left.
    if (engine_ && draw_.coin()) journal_ = engine_->journal();
    engine_ = std::make_unique<Engine>(Config{}, Context{}, validators_, kSelf);
    asked_.clear();
    returning_.clear();
    view_ = View{0};
    take(engine_->start(journal_, floor_, now_));
  }

  // --- What it does ---
  void take(Effects effects) {
    for (auto& record : effects.persist) journal_.push_back(std::move(record));
    for (const auto& what : effects.sign) check_signed(what);
    for (const auto& request : effects.app) asked_.push_back(request);
    for (const auto& commit : effects.commit) {
      const auto& finalization = commit.finalization.subject;
      PEERPAY_CHECK(finalization.kind == VoteKind::kFinalize, "a finalization commits");
      PEERPAY_CHECK(!floor_ || finalization.view() > floor_->subject.view(), "finality goes on");
      floor_ = commit.finalization;
    }
    for (const auto& outbound : effects.send) {
      const auto* sent = std::get_if<Certificate>(&outbound.message);
      PEERPAY_CHECK(!sent || sent->signatures.size() >= kQuorum, "a certificate has a quorum");
    }
    PEERPAY_CHECK(engine_->view() >= view_, "views never go back");
    view_ = engine_->view();
    PEERPAY_CHECK(engine_->views_held() <= kViewsHeldMax, "memory is bounded");
    for (const auto& what : effects.sign) returning_.push_back(what);
    while (!returning_.empty()) {
      const Subject own = returning_.front();
      votes_[own].insert(kSelf);
      returning_.erase(returning_.begin());
      take(engine_->on_vote({own, kSelf, {}}, now_));
    }
  }

  void check_signed(const Subject& what) {
    const bool is_durable = std::ranges::any_of(journal_, [&](const SafetyRecord& record) {
      const auto* own = std::get_if<OwnVote>(&record);
      return own != nullptr && own->subject == what;
    });
    PEERPAY_CHECK(is_durable, "a vote is in the journal before it leaves");
    auto& promise = promises_[what.view()];
    const auto& p = what.proposal;
    switch (what.kind) {
      case VoteKind::kNotarize:
        PEERPAY_CHECK(!promise.notarized || promise.notarized == p, "one notarize vote in a view");
        PEERPAY_CHECK(promise.notarized || !promise.nullified, "no new notarize after nullify");
        promise.notarized = p;
        break;
      case VoteKind::kNullify: promise.nullified = true; break;
      case VoteKind::kFinalize:
        PEERPAY_CHECK(!promise.finalized || promise.finalized == p, "one finalize vote in a view");
        PEERPAY_CHECK(votes_[Subject::notarize(p)].size() >= kQuorum, "a quorum notarized it");
        promise.finalized = p;
    }
    PEERPAY_CHECK(!promise.nullified || !promise.finalized, "nullify excludes finalize");
    PEERPAY_CHECK(
        !promise.finalized || !promise.notarized || promise.finalized == promise.notarized,
        "it finalizes nothing beside what it notarized");
  }

  fuzz::Draw& draw_;
  const bool all_lie_;  // otherwise one does, and no two certificates contradict each other
  ValidatorSet validators_ = make_validators();
  std::unique_ptr<Engine> engine_;
  base::TimePoint now_{1'000'000};
  std::vector<SafetyRecord> journal_;  // durable
  std::optional<Certificate> floor_;   // durable
  std::vector<AppRequest> asked_;
  std::vector<Subject> returning_;
  std::map<View, Promise> promises_;
  std::map<Subject, std::set<ValidatorIndex>> votes_;  // all that there are
  View view_{0};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Draw draw{{data, size}};
  Validator validator{draw};
  for (std::size_t step = 0; step < kStepsMax && !draw.empty(); ++step) validator.step();
  return 0;
}
