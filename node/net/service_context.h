#pragma once
// What the calls of one ClientService share: the backend, the limits, the counters, and how failures are told.

#include <grpcpp/support/status.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "node/net/client_service.h"
#include "node/net/node_backend.h"

namespace peerpay::net {

struct ServiceContext {
  ServiceContext(NodeBackend& backend_in, const ClientLimits& limits_in) : backend{backend_in}, limits{limits_in} {}

  NodeBackend& backend;
  const ClientLimits limits;
  std::atomic<std::size_t> calls_active{0};
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> calls_refused{0};
  std::atomic<std::uint64_t> calls_malformed{0};
  std::atomic<std::uint64_t> submissions{0};
  std::atomic<std::uint64_t> submission_groups{0};
  std::atomic<std::uint64_t> blocks_sent{0};

  [[nodiscard]] grpc::Status malformed(const std::string& sentence) {
    ++calls_malformed;
    return {grpc::StatusCode::INVALID_ARGUMENT, "request_invalid: " + sentence};
  }
};

// One call counted while it lives. `refused` when there are too many already.
class CallCount {
 public:
  explicit CallCount(ServiceContext& context) : context_{context} {
    ++context_.calls;
    refused_ = ++context_.calls_active > context_.limits.calls_max;
    if (refused_) ++context_.calls_refused;
  }
  ~CallCount() { --context_.calls_active; }
  CallCount(const CallCount&) = delete;
  CallCount& operator=(const CallCount&) = delete;
  [[nodiscard]] bool refused() const { return refused_; }

 private:
  ServiceContext& context_;
  bool refused_ = false;
};

[[nodiscard]] inline grpc::Status busy() {
  return {grpc::StatusCode::RESOURCE_EXHAUSTED, "node_busy: This node has too many calls at once: try again later."};
}

[[nodiscard]] inline grpc::Status status_of(const QueryError& error) {
  const auto text = error.code + ": " + error.sentence;
  switch (error.failure) {
    case QueryFailure::kNotFound: return {grpc::StatusCode::NOT_FOUND, text};
    case QueryFailure::kInvalid: return {grpc::StatusCode::INVALID_ARGUMENT, text};
    case QueryFailure::kBusy: return {grpc::StatusCode::RESOURCE_EXHAUSTED, text};
    case QueryFailure::kNotReady: return {grpc::StatusCode::UNAVAILABLE, text};
  }
  PEERPAY_UNREACHABLE("every failure has a status");
}

}  // namespace peerpay::net
