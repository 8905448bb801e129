#include "api/resources/ledger_resources.h"

namespace peerpay::api {

Problem problem_of(const proto::NodeError& error, std::string_view subject) {
  using enum proto::NodeFault;
  const auto later = [](Problem problem) {
    problem.headers.emplace_back("Retry-After", "1");
    return problem;
  };
  switch (error.fault) {
    case kNotFound:
      return make_problem("not_found", "There is no such " + std::string{subject} + ".");
    case kRefused: return make_problem("validation_error", error.message);
    case kBusy:
      return later(make_problem("gateway_busy", "The node is busy, or too many wait for it."));
    case kUnreachable:
    case kTimeout:
    case kMalformed: break;
  }
  return later(
      make_problem("node_unreachable",
                   "The gateway's node does not answer, or can't be followed: /readyz says why."));
}

}  // namespace peerpay::api
