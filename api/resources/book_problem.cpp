#include "api/resources/merchant_resources.h"
#include "base/check.h"

namespace peerpay::api {

Problem store_problem() {
  return make_problem("internal_error", "The gateway's store has failed.");
}

Problem problem_of(const BookError& error) {
  switch (error.fault) {
    case BookFault::kReferenceInUse: return make_problem("reference_in_use", error.message);
    case BookFault::kNotFound: return make_problem("not_found", error.message);
    case BookFault::kNotOpen: return make_problem("invoice_not_open", error.message);
    case BookFault::kEndpointsTooMany:
      return make_problem("webhook_endpoints_too_many", error.message);
    case BookFault::kNotFollowing: {
      auto problem = make_problem("node_behind", "The gateway has not reached its node yet.");
      problem.headers.emplace_back("Retry-After", "1");
      return problem;
    }
    case BookFault::kNotNext:
    case BookFault::kStore: return store_problem();
  }
  PEERPAY_UNREACHABLE("every BookFault has a problem");
}

}  // namespace peerpay::api
