#pragma once
// Exit codes of peerpayd. Stable: service managers and scripts decide by them (docs/OPERATING.md).

#include <string>

namespace peerpay::app {

enum class ExitCode : int {
  kOk = 0,
  kError = 1,  // anything else; the sentence says what
  kUsage = 2,
  kAddressInUse = 3,
  kHomeInUse = 4,        // another process runs on this home
  kDataCorrupt = 10,     // nothing was changed; an operator decides. Don't restart automatically
  kDurabilityLost = 11,  // a write or sync failed. Don't restart automatically
  kSafetyHalt = 12,      // going on could do harm. Don't restart automatically
  kKeyInUse = 13,        // another process votes with this key. Don't restart automatically
};

// One sentence for the operator, and how the process ends.
struct Failure {
  ExitCode code = ExitCode::kError;
  std::string sentence;
};

}  // namespace peerpay::app
