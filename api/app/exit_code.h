#pragma once
// Exit codes of peerpay-gateway. Stable: service managers and scripts decide by them; the same as
// those of peerpayd where both have them (docs/GATEWAY.md).

#include <string>

#include "base/expected.h"

namespace peerpay::api {

enum class ExitCode : int {
  kOk = 0,
  kError = 1,  // anything else; the sentence says what
  kUsage = 2,
  kAddressInUse = 3,
  kDataInUse = 4,        // another gateway runs on this directory
  kNodeUnreachable = 5,  // and without it the network is not known yet
  kDataCorrupt = 10,     // nothing was changed; an operator decides. Don't restart automatically
  kDurabilityLost = 11,  // a write or sync failed. Don't restart automatically
};

// One sentence for the operator, and how the process ends.
struct Failure {
  ExitCode code = ExitCode::kError;
  std::string sentence;
};
template <class T>
using Result = base::Expected<T, Failure>;

[[nodiscard]] inline base::Unexpected<Failure> fail(ExitCode code, std::string sentence) {
  return base::Unexpected{Failure{code, std::move(sentence)}};
}

}  // namespace peerpay::api
