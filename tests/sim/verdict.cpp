#include "tests/sim/verdict.h"

#include "base/check.h"

namespace peerpay::sim {

std::string_view name(FailureClass failure_class) {
  switch (failure_class) {
    case FailureClass::kSafety: return "safety";
    case FailureClass::kLiveness: return "liveness";
    case FailureClass::kCrash: return "crash";
    case FailureClass::kDeterminism: return "determinism";
  }
  PEERPAY_UNREACHABLE("every class is named above");
}

}  // namespace peerpay::sim
