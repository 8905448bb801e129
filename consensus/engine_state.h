#pragma once
// Engine::State: everything the engine knows, and the rules as its methods. Internal to this
// module.
//
// Shape of every event: note what is new (engine.cpp, engine_certificates.cpp), then act(): look at
// the whole state and do what it calls for. act() is idempotent, so no rule depends on which event
// came first.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "consensus/activity.h"
#include "consensus/engine.h"
#include "consensus/limits.h"
#include "consensus/safety.h"
#include "consensus/timers.h"
#include "consensus/view_runs.h"
#include "consensus/view_state.h"

namespace peerpay::consensus {

// Where a certificate came from.
enum class Source : std::uint8_t { kMade, kReceived };

// A view that we lack something of, and who must have it; anybody may when `holder` is empty.
struct Want {
  View view;
  std::optional<ValidatorIndex> holder;
  friend auto operator<=>(const Want&, const Want&) = default;
};

struct Engine::State {
  State(const Config& config_in, const Context& context_in, ValidatorSet validators_in,
        std::optional<ValidatorIndex> self_in);

  // --- Events (engine.cpp) ---
  void on_vote(const Vote& vote);
  void on_proposed(View at, const std::optional<Digest>& digest);
  void on_verified(const Proposal& proposal, bool valid);
  void on_certified(const Proposal& proposal, bool certified);
  // What the present state calls for.
  void act();

  // --- Votes and proposals (engine.cpp) ---
  bool admits(View at) const;
  void count_vote(const Vote& vote);
  void learn_proposal(View at, const Proposal& proposal);
  // A vote under our own key: does the journal hold it (rule C8)?
  void notice_own_vote(const Subject& subject);
  void mute_for(const Subject& unknown);
  void open_voting(View through);
  Permission may_sign_now(const Subject& subject) const;
  // Signs if the safety rules allow it.
  void vote(const Subject& subject);
  // REQUIRES: the journal holds this vote.
  void sign_again(const Subject& subject);
  void consider_proposal();
  void consider_proposing();

  // --- Certificates (engine_certificates.cpp) ---
  void add_certificate(const Certificate& certificate, Source source);
  void apply_notarization(const Certificate& notarization);
  void apply_nullification(View at);
  void apply_finalization(const Certificate& finalization_in);
  // The earlier certificate that excludes this one.
  const Certificate* contradicted_by(const Certificate& certificate) const;
  void enter(View next);
  void request_certification(ViewState& at, const Proposal& proposal);

  // --- Time (engine_pace.cpp) ---
  void on_timer();
  bool is_unsettled() const { return certified_max > finalized; }
  bool is_overdue() const { return grace_rounds >= kGraceRounds || is_newest_lost(); }
  bool is_newest_lost() const;
  bool is_busy() const;
  void keep_time();
  void start_view_timers();
  void stop_view_timers();
  void consider_giving_up();
  bool leader_gave_up() const;
  bool an_honest_one_gave_up() const;
  bool leader_is_silent() const;
  void give_up();
  void resend();
  void repeat_vote();
  void restart_grace();
  void grace_elapsed();

  // --- Repair (engine_repair.cpp) ---
  // What a block on `parent` in `view` still needs here. Empty: it can be verified. `impossible` is
  // final.
  struct Ancestry {
    bool impossible = false;
    bool awaits_certification = false;
    std::vector<View> missing;
    bool is_complete() const { return !impossible && !awaits_certification && missing.empty(); }
  };
  Ancestry ancestry_of(const Proposal& proposal) const;
  std::vector<Want> wants_now() const;
  void repair();
  void ask(const Want& want);
  // See Engine::standing and Engine::certified_votes.
  std::vector<Certificate> standing() const;
  std::vector<Vote> certified_votes(ValidatorIndex signer) const;
  // Sends what settles `at`.
  void serve(ValidatorIndex to, View at);
  void help_straggler(const Vote& vote);
  bool may_help(ValidatorIndex straggler) const;
  void push_best(std::optional<ValidatorIndex> to);
  void rebroadcast();

  // --- Restart (engine_restart.cpp) ---
  void restore(std::span<const SafetyRecord> journal, const std::optional<Certificate>& floor,
               Voting voting);
  void restore_record(const OwnVote& record);
  void restore_record(const HeldCertificate& record);
  void restore_record(const CertifyVerdict& record);
  // restore() saw to these.
  void restore_record(const UnknownOwnVote&) {}
  void restore_record(const HistoryLost&) {}
  void restore_record(const Rejoined&) {}
  void restore_completeness(std::span<const SafetyRecord> journal);
  void resume();
  std::vector<SafetyRecord> journal() const;

  // --- Access ---
  ViewState* find(View at);
  const ViewState* find(View at) const;
  // Opens the view. REQUIRES: a bound on how often (rule C32).
  ViewState& open(View at);
  ViewState& current() { return open(view); }
  ValidatorIndex leader_of(View at) const { return validators.leader(context.epoch, at); }
  bool is_self(ValidatorIndex index) const { return self == index; }
  // The proposal of a certified or finalized view. REQUIRES: it is one.
  Proposal certified_proposal(View at) const;
  void send(std::optional<ValidatorIndex> to, const Certificate& certificate);

  const Config config;
  const Context context;
  const ValidatorSet validators;
  const std::optional<ValidatorIndex> self;  // empty for an observer

  bool started = false;
  bool stopped = false;  // a contradiction was seen
  base::TimePoint now;
  Effects effects;  // of the event at hand
  EngineStats stats;

  View view{1};
  View finalized{0};
  std::optional<Certificate> finalization;
  View certified_max{
      0};  // the highest certified or finalized view: the parent of our next proposal
  // Rule C8.
  bool muted = false;       // no vote leaves, recorded or new
  bool incomplete = false;  // the journal lacks votes of ours, nobody knows up to which view
  View rejoined_through{0};
  std::optional<Subject> unknown_own_vote;  // the first since; what the journal tells of
  std::map<View, ViewState> views;
  ViewRuns nullified;  // above `finalized`
  ViewRuns settled;    // nullified or certified, above `finalized`

  bool work = false;
  std::optional<View> timed_view;  // the view that the view timers run for
  std::uint32_t grace_rounds = 0;
  std::uint32_t nullified_in_a_row = 0;  // since the last finalization
  Timers timers;
  GrowingTimeout leader_timeout;
  GrowingTimeout certification_timeout;
  Activity activity;

  std::map<Want, base::TimePoint> asked;
  std::uint64_t asks = 0;  // rotates the peers
  std::vector<std::optional<base::TimePoint>> helped_at;
  View rebroadcast_from{0};
};

}  // namespace peerpay::consensus
