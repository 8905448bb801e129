#pragma once
// A small deterministic cluster of engines: messages in a queue, time that jumps from event to
// event, an application that orders numbered payments, crashes that lose what was not synced, and
// one adversary. It checks safety after every step, independently of the engine's own rules.
// Signatures are zero: the engine sees only verified messages.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "base/time.h"
#include "consensus/engine.h"

namespace peerpay::consensus::test {

[[nodiscard]] ValidatorSet make_validators(std::uint32_t count);
[[nodiscard]] Digest make_digest(std::uint64_t a, std::uint64_t b = 0, std::uint64_t c = 0);
[[nodiscard]] Vote unsigned_vote(const Subject& subject, std::uint32_t signer);
// A certificate with zero signatures of the first `signers` validators (a quorum when empty).
[[nodiscard]] Certificate unsigned_certificate(
    const ValidatorSet& validators, const Subject& subject,
    std::optional<std::vector<std::uint32_t>> signers = {});

struct ClusterOptions {
  std::uint32_t validators = 4;
  std::uint64_t seed = 1;
  Config config = {};
  base::Duration delay_min = base::milliseconds(1);
  base::Duration delay_max = base::milliseconds(5);
  std::uint64_t drops_per_1000 = 0;
  std::uint64_t crashes_per_10000 = 0;          // per set of effects
  std::optional<std::uint32_t> adversary = {};  // index of a Byzantine validator
};

class Cluster {
 public:
  explicit Cluster(const ClusterOptions& options);

  // --- Faults and load ---
  // One more payment, known to every node that is up (or to one alone).
  void submit();
  void submit_at(std::uint32_t node);
  void crash(std::uint32_t node);
  void restart(std::uint32_t node);
  void restart_all();
  // Messages between groups are lost. heal() also reconnects everybody.
  void partition(const std::vector<std::set<std::uint32_t>>& groups);
  void heal();
  // From here no message is lost and nobody crashes by chance; the adversary stays.
  void stop_faults();
  // Called for each message; true drops it.
  std::function<bool(std::uint32_t from, std::uint32_t to, const Subject& subject)> drop_if;
  // The application refuses, declines or never answers.
  std::function<bool(std::uint32_t node, const Proposal&)> refuse_certify;
  std::function<bool(std::uint32_t node, const Proposal&)> refuse_verify;
  std::function<bool(std::uint32_t node, View)> decline_propose;
  std::function<bool(std::uint32_t node, const Proposal&)> forget_certify;

  // --- Running ---
  void run_for(base::Duration duration);
  // False when `limit` passed first.
  bool run_until(const std::function<bool()>& done, base::Duration limit);
  bool run_until_final(std::uint64_t payments, base::Duration limit);
  void deliver(std::uint32_t node, const Vote& vote);
  void deliver(std::uint32_t node, const Certificate& certificate);

  // --- What happened ---
  [[nodiscard]] std::uint32_t size() const { return options_.validators; }
  [[nodiscard]] bool is_up(std::uint32_t node) const { return nodes_[node].engine != nullptr; }
  [[nodiscard]] const Engine& engine(std::uint32_t node) const { return *nodes_[node].engine; }
  [[nodiscard]] std::vector<SafetyRecord>& journal(std::uint32_t node) {
    return nodes_[node].journal;
  }
  [[nodiscard]] std::optional<Certificate>& floor(std::uint32_t node) { return nodes_[node].floor; }
  [[nodiscard]] std::uint64_t payments_final(std::uint32_t node) const;
  [[nodiscard]] View view_max() const;
  [[nodiscard]] std::uint64_t blocks_proposed() const { return blocks_.size(); }
  [[nodiscard]] std::uint64_t messages_sent() const { return messages_sent_; }
  [[nodiscard]] const std::vector<Evidence>& evidence() const { return evidence_; }
  [[nodiscard]] const std::vector<Subject>& signed_by(std::uint32_t node) const;
  [[nodiscard]] base::TimePoint now() const { return now_; }
  [[nodiscard]] std::uint32_t leader_of(View view) const;
  // Empty while every checker holds.
  [[nodiscard]] const std::string& violation() const { return violation_; }

 private:
  struct Node {
    std::unique_ptr<Engine> engine;
    std::uint64_t incarnation = 0;
    std::vector<SafetyRecord> journal;  // durable
    std::optional<Certificate> floor;   // durable
    std::uint64_t payments_known = 0;
    Proposal tip;                       // highest certified or finalized
    std::vector<Subject> signed_votes;  // over all incarnations
  };
  struct Block {
    Proposal proposal;
    Digest parent;
    std::uint64_t payments = 0;  // all payments up to this number are in it or below
  };
  struct Promises {
    std::optional<Proposal> notarized;
    std::optional<Proposal> finalized;
    bool nullified = false;
  };
  struct Seen {  // certificates of a view, by anybody
    std::optional<Proposal> notarized;
    std::optional<Proposal> finalized;
    bool nullified = false;
  };

  void at(base::TimePoint when, std::function<void()> event);
  // As the node's own next event; dropped if it crashes first.
  void later(std::uint32_t node, std::function<void()> event);
  bool step(base::TimePoint limit);
  void run(std::uint32_t node, Effects effects);
  bool maybe_crash(std::uint32_t node, const Effects& effects);
  void run_app(std::uint32_t node, const AppRequest& request);
  void propose(std::uint32_t node, const ProposeRequest& request);
  void certified(std::uint32_t node, const Proposal& proposal, bool ok);
  void commit(std::uint32_t node, const Certificate& finalization);
  void tell_work(std::uint32_t node);
  void send_vote(std::uint32_t from, std::uint32_t to, const Vote& vote);
  void send(std::uint32_t from, const Outbound& message);
  void transmit(std::uint32_t from, std::uint32_t to, const Subject& subject,
                const std::function<void(Engine&, base::TimePoint, Effects&)>& deliver);
  bool connected(std::uint32_t a, std::uint32_t b) const;
  void misbehave(const Vote& heard);
  void misbehave_with(const Subject& subject);

  void check_signed(std::uint32_t node, const Subject& subject);
  void check_certificate(const Certificate& certificate);
  void check_final(const Certificate& finalization);
  void fail(const std::string& what);

  ClusterOptions options_;
  ValidatorSet validators_;
  base::Rng rng_;
  base::TimePoint now_{1'000'000};
  std::map<std::pair<base::TimePoint, std::uint64_t>, std::function<void()>> queue_;
  std::uint64_t events_ = 0;
  std::uint64_t messages_sent_ = 0;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> group_;
  std::uint64_t payments_ = 0;
  std::map<Digest, Block> blocks_;
  std::vector<Evidence> evidence_;
  std::map<std::pair<std::uint32_t, View>, Promises> promises_;
  std::map<View, Seen> certificates_;
  std::map<View, Digest> final_;
  std::map<Subject, std::map<std::uint32_t, Vote>> heard_by_adversary_;
  View adversary_view_{0};
  std::string violation_;
};

}  // namespace peerpay::consensus::test
