#pragma once
// What a resource answers: a reply, or a problem. Turned into HTTP in one place (operation.cpp).

#include <string>
#include <utility>
#include <vector>

#include "api/core/problem.h"
#include "base/expected.h"
#include "base/json/json.h"

namespace peerpay::api {

using json::Json;

struct Reply {
  std::uint16_t status = 200;
  Json body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  // Instead of `body`: bytes of another type.
  std::string content_type = {};
  std::string content = {};
};

using Outcome = base::Expected<Reply, Problem>;

[[nodiscard]] inline base::Unexpected<Problem> refuse(std::string_view code, std::string detail) {
  return base::Unexpected{make_problem(code, std::move(detail))};
}

}  // namespace peerpay::api
