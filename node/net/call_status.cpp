#include "node/net/call_status.h"

#include <grpcpp/support/status.h>

#include "base/check.h"

namespace peerpay::net {
namespace {

grpc::StatusCode status_code(QueryFailure failure) {
  switch (failure) {
    case QueryFailure::kNotFound: return grpc::StatusCode::NOT_FOUND;
    case QueryFailure::kInvalid: return grpc::StatusCode::INVALID_ARGUMENT;
    case QueryFailure::kBusy: return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case QueryFailure::kNotReady: return grpc::StatusCode::UNAVAILABLE;
  }
  PEERPAY_UNREACHABLE("a QueryFailure is one of its enumerators");
}

}  // namespace

std::string error_text(std::string_view code, std::string_view sentence) {
  return std::string{code} + ": " + std::string{sentence};
}

grpc::Status to_status(const QueryError& error) {
  return {status_code(error.failure), error_text(error.code, error.sentence)};
}

grpc::Status malformed(std::string_view sentence) {
  return {grpc::StatusCode::INVALID_ARGUMENT, error_text("request_malformed", sentence)};
}

grpc::Status busy() {
  return {grpc::StatusCode::RESOURCE_EXHAUSTED,
          error_text("node_busy", "The node serves too many calls; try again later.")};
}

}  // namespace peerpay::net
