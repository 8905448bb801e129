#pragma once
// How a run ended. The first failure counts: what comes after it may be its consequence.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace peerpay::sim {

// Values are the exit codes of peerpay-sim.
enum class FailureClass : std::uint8_t {
  kSafety = 1,       // something happened that must never happen
  kLiveness = 2,     // something that must happen did not, in time
  kCrash = 3,        // a CHECK failed, or the process received a fatal signal
  kDeterminism = 4,  // the same seed ran in two ways
};
[[nodiscard]] std::string_view name(FailureClass failure_class);

struct Failure {
  FailureClass failure_class = FailureClass::kSafety;
  std::string_view checker;  // which rule, for example "votes"
  std::string explanation;
};

class Verdict {
 public:
  void fail(FailureClass failure_class, std::string_view checker, std::string explanation) {
    if (!failure_) failure_ = Failure{failure_class, checker, std::move(explanation)};
  }
  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }

 private:
  std::optional<Failure> failure_;
};

}  // namespace peerpay::sim
