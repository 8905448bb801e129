#pragma once
// One honest validator of an exploration: a real engine, and what the world has of it. Copies go
// their own ways.
//
// Time stands still between time-outs, and a time-out lets everything that is armed expire at once.
// That loses nothing: in a world without clocks in common any timer may run out before any message,
// whoever gives up may do so at any moment, and what the other timers do is to send again, which
// changes no set of what was sent.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "consensus/engine.h"
#include "tests/explore/oracle.h"
#include "tests/explore/universe.h"
#include "tests/sim/verdict.h"

namespace peerpay::explore {

enum class StepKind : std::uint8_t {
  kVotes = 0,        // votes on a subject arrive, one after the other
  kCertificate = 1,  // one of the subject, by these signers
  kPropose = 2,      // the application has a block
  kVerify = 3,       // the application found the proposal valid
  kCertify = 4,      // the application is done with the notarized block of a view
  kTimeout = 5,
  kConnect = 6,  // a link came up: votes are sent again
  kRestart = 7,  // crash, and start from the journal
};

// An event at one validator. Four bytes, so that steps can be compared and kept by the million.
struct Step {
  StepKind kind = StepKind::kTimeout;
  std::uint8_t about = 0;         // the subject's number; the view of kCertify
  std::uint8_t signers = 0;       // bit i: validator i
  std::uint8_t crash_before = 0;  // restart before the record or vote of this number; 0: no crash
  friend bool operator==(const Step&, const Step&) = default;
};
// "votes.notarize-v1p0a.013", "certify.v1", "timeout!2": crash before the second record or vote.
[[nodiscard]] std::string describe(const Step& step);
[[nodiscard]] std::optional<Step> step_named(std::string_view text);

enum class Detail : std::uint8_t {
  kEverything,
  kEssence,  // without who of several signed a certificate, and without votes that count for
             // nothing yet
};

class Process {
 public:
  // Started, with work to order.
  Process(const World& world, std::uint32_t index);
  Process(const Process& other);
  Process& operator=(const Process&) = delete;
  ~Process();

  // False: the application has nothing to do of this kind, or there is nothing left to do before
  // which it could crash. What must never happen locally goes to the verdict.
  [[nodiscard]] bool take(const Step& step, sim::Verdict& verdict);

  // Everything that tells states apart is the same for two states only if nothing that can follow
  // does so.
  [[nodiscard]] std::string key(Detail detail) const;
  [[nodiscard]] Testimony testimony() const;
  [[nodiscard]] std::uint64_t view() const { return engine_->view().value; }
  [[nodiscard]] bool crashed() const { return crashed_; }
  [[nodiscard]] const consensus::Engine& engine() const { return *engine_; }
  [[nodiscard]] base::TimePoint now() const { return now_; }

 private:
  struct Act;  // one step under way
  // False: nothing can, and nothing has changed.
  [[nodiscard]] bool happen(Act& act, const Step& step);
  void carry_out(Act& act, const consensus::Effects& effects);
  void persist(Act& act, const consensus::SafetyRecord& record);
  void sign(Act& act, const consensus::Subject& subject);
  void check_held(Act& act, const consensus::Certificate& certificate) const;
  void check_journal(Act& act) const;
  void restart(Act& act);
  // What the application does when it was asked to.
  [[nodiscard]] std::optional<consensus::Effects> propose();
  [[nodiscard]] std::optional<consensus::Effects> verify();
  [[nodiscard]] std::optional<consensus::Effects> certify(consensus::View view);
  [[nodiscard]] bool carry_out_if_any(Act& act, const std::optional<consensus::Effects>& effects);

  const World& world_;
  std::uint32_t index_;
  std::unique_ptr<consensus::Engine> engine_;
  base::TimePoint now_{1'000'000};
  Subjects sent_ = 0;
  Subjects promised_ = 0;
  bool crashed_ = false;
};

}  // namespace peerpay::explore
