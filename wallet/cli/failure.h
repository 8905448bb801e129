#pragma once
// Failure: why a command did not do what was asked, for people and for programs.

#include <string>
#include <utility>

#include "base/expected.h"

namespace peerpay::wallet::cli {

// Part of the interface (spec: wallet W17): scripts branch on these. Never renumbered.
enum class ExitCode : int {
  kDone = 0,
  kError = 1,
  kUsage = 2,
  kRefused = 3,  // by the node: nothing was paid, or the same command finds out
  kLocked = 4,   // passphrase missing or wrong, file permissions
  kNetwork = 5,  // the node can't be reached, and nothing of this command is under way
  kPending = 6,  // outcome unknown: repeating the very same command is safe, and never pays twice
  kExpired = 7,  // can never be applied
  kInterrupted = 130,
};

struct Failure {
  ExitCode exit = ExitCode::kError;
  std::string code;     // stable snake_case
  std::string message;  // one sentence
  std::string next;     // what to do now; may be empty
};

template <class T>
using Result = base::Expected<T, Failure>;

[[nodiscard]] inline base::Unexpected<Failure> fail(ExitCode exit, std::string code,
                                                    std::string message, std::string next = {}) {
  return base::Unexpected{Failure{exit, std::move(code), std::move(message), std::move(next)}};
}

}  // namespace peerpay::wallet::cli
