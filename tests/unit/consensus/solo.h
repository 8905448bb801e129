#pragma once
// One engine and a hand that plays everybody else.

#include <initializer_list>
#include <optional>
#include <variant>
#include <vector>

#include "consensus/engine.h"
#include "tests/unit/consensus/cluster.h"

namespace peerpay::consensus::test {

struct Solo {
  struct Options {
    std::uint32_t validators = 4;
    std::optional<std::uint32_t> self = 0;
    Config config = {};
    Voting voting = Voting::kOpen;
  };
  Solo() : Solo(Options{}) {}
  explicit Solo(const Options& options_in, const std::vector<SafetyRecord>& journal = {},
                const std::optional<Certificate>& floor = {})
      : options{options_in},
        validators{make_validators(options.validators)},
        engine{options.config, Context{}, validators,
               options.self ? std::optional{ValidatorIndex{*options.self}} : std::nullopt} {
    take(engine.start(journal, floor, now, options.voting));
  }

  // Effects of the last event; `all` of all events.
  Effects& take(Effects effects) {
    last = std::move(effects);
    Effects copy = last;
    all.append(std::move(copy));
    return last;
  }
  Effects& vote(const Subject& subject, std::initializer_list<std::uint32_t> signers) {
    Effects sum;
    for (const auto signer : signers)
      sum.append(engine.on_vote(unsigned_vote(subject, signer), now));
    return take(std::move(sum));
  }
  Effects& certificate(const Subject& subject) {
    return take(engine.on_certificate(unsigned_certificate(validators, subject), now));
  }
  // By everybody but this validator.
  Effects& foreign_certificate(const Subject& subject) {
    std::vector<std::uint32_t> others;
    for (std::uint32_t i = 0; i < options.validators; ++i) {
      if (i != options.self) others.push_back(i);
    }
    return take(engine.on_certificate(unsigned_certificate(validators, subject, others), now));
  }
  // Notarized by a quorum and certified by the application: enters the next view.
  Effects& certify(const Proposal& proposal) {
    foreign_certificate(Subject::notarize(proposal));
    return take(engine.on_certified(proposal, true, now));
  }
  Effects& work(bool pending) { return take(engine.on_work(pending, now)); }
  Effects& wait(base::Duration duration) {
    now = now + duration;
    return take(engine.on_timer(now));
  }
  // To the next deadline. REQUIRES: there is one.
  Effects& fire() {
    now = engine.deadline().value();
    return take(engine.on_timer(now));
  }
  std::optional<base::Duration> until_deadline() const {
    const auto deadline = engine.deadline();
    if (!deadline) return std::nullopt;
    return *deadline - now;
  }

  Options options;
  ValidatorSet validators;
  Engine engine;
  base::TimePoint now{1'000'000};
  Effects last;
  Effects all;
};

[[nodiscard]] inline Proposal block(std::uint64_t view, std::uint64_t parent,
                                    std::uint64_t salt = 0) {
  return {View{view}, View{parent}, make_digest(view, salt)};
}

template <class Request>
[[nodiscard]] std::vector<Request> requests(const Effects& effects) {
  std::vector<Request> out;
  for (const auto& request : effects.app) {
    if (const auto* found = std::get_if<Request>(&request)) out.push_back(*found);
  }
  return out;
}

struct SentTo {
  std::optional<std::uint32_t> to;
  Subject subject;
  friend bool operator==(const SentTo&, const SentTo&) = default;
};
[[nodiscard]] inline std::vector<SentTo> sent_certificates(const Effects& effects) {
  std::vector<SentTo> out;
  for (const auto& message : effects.send) {
    const auto* certificate = std::get_if<Certificate>(&message.message);
    if (certificate == nullptr) continue;
    out.push_back(
        {message.to ? std::optional{message.to->value} : std::nullopt, certificate->subject});
  }
  return out;
}

struct Asked {
  std::uint32_t peer;
  std::uint64_t view;
  friend auto operator<=>(const Asked&, const Asked&) = default;
};
[[nodiscard]] inline std::vector<Asked> asked(const Effects& effects) {
  std::vector<Asked> out;
  for (const auto& message : effects.send) {
    const auto* request = std::get_if<RepairRequest>(&message.message);
    if (request != nullptr) out.push_back({message.to.value().value, request->view.value});
  }
  return out;
}

}  // namespace peerpay::consensus::test
