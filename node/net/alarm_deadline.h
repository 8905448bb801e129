#pragma once
// For a grpc::Alarm: a time from now by the monotonic clock. gRPC would take a time_point as one of
// the wall clock, which may be set back, and the alarm would then never ring.

#include <grpc/support/time.h>

#include <chrono>

namespace peerpay::net {

[[nodiscard]] inline gpr_timespec deadline_in(std::chrono::steady_clock::duration time) {
  const auto ns = std::chrono::ceil<std::chrono::nanoseconds>(time).count();
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(ns, GPR_TIMESPAN));
}

}  // namespace peerpay::net
