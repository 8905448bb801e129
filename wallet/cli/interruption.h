#pragma once
// Interruption: what happens on Ctrl-C. The terminal gets its echo back, the person is told what is
// safe to do, and the process ends at once with ExitCode::kInterrupted. Nothing needs cleaning up:
// whatever matters is on disk before it is sent.

#include <mutex>
#include <string>
#include <thread>

#include "base/os/signals.h"
#include "wallet/cli/console.h"
#include "wallet/cli/failure.h"
#include "wallet/cli/json.h"

namespace peerpay::wallet::cli {

class Interruption {
 public:
  enum class Style { kText, kJson };

  // REQUIRES: no other thread runs yet.
  [[nodiscard]] static Result<std::unique_ptr<Interruption>> watch(Console& console, Style style);
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  // What is told from now on.
  void set_advice(Failure advice);

 private:
  Interruption(Console& console, Style style, os::StopSignal stop);
  void run();

  Console& console_;
  Style style_;
  os::StopSignal stop_;
  std::mutex mutex_;
  Failure advice_;  // guarded by mutex_
  std::thread thread_;
};

// How a failure reads: the member "error", an object with just that, or one or two lines.
[[nodiscard]] Json error_json(const Failure& failure);
[[nodiscard]] std::string failure_json(const Failure& failure);
[[nodiscard]] std::string failure_text(const Failure& failure);

}  // namespace peerpay::wallet::cli
