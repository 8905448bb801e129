#include "proto/client/node_api.h"

#include "base/check.h"

namespace peerpay::proto {

std::string_view name(TransactionState state) {
  switch (state) {
    case TransactionState::kUnknown: return "unknown";
    case TransactionState::kPending: return "pending";
    case TransactionState::kFinal: return "final";
    case TransactionState::kRejected: return "rejected";
    case TransactionState::kExpired: return "expired";
  }
  PEERPAY_UNREACHABLE("a TransactionState is one of its enumerators");
}

std::string_view name(Retry retry) {
  switch (retry) {
    case Retry::kNever: return "never";
    case Retry::kSameBytes: return "same_bytes";
  }
  PEERPAY_UNREACHABLE("a Retry is one of its enumerators");
}

}  // namespace peerpay::proto
