#pragma once
// Problems: every error answer of the gateway, RFC 9457, from one table (docs/spec/http.md).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json/json.h"
#include "ledger/result.h"

namespace peerpay::api {

// What a client may do next.
enum class RetryClass : std::uint8_t {
  kNever,   // the same request can never succeed
  kSameId,  // the same request, same Idempotency-Key and bytes, later
  kNewId,   // a new request: other bytes, another Idempotency-Key
  kAfter,   // the same request after the time that Retry-After names
};
[[nodiscard]] std::string_view name(RetryClass retry);  // "never", "same_id", "new_id", "after"

struct ProblemKind {
  std::string_view code;  // stable, snake_case
  std::uint16_t status;   // HTTP
  RetryClass retry;
  std::string_view title;  // the same for every problem of this kind
};
// All kinds, for documents and tests.
[[nodiscard]] const std::vector<ProblemKind>& problem_kinds();
// REQUIRES: `code` is in the table.
[[nodiscard]] const ProblemKind& problem_kind(std::string_view code);
// The kind for a transaction that the ledger or a node's policy refuses. Unknown codes (of newer
// nodes) map to "transaction_refused".
[[nodiscard]] const ProblemKind& problem_kind_of(ledger::TransactionResult result);

struct FieldError {
  std::string pointer;  // JSON pointer into the body, or "query/limit", "header/Prefer"
  std::string code;
  std::string detail;
};

struct Problem {
  const ProblemKind* kind = nullptr;  // in the table
  std::string detail;                 // one sentence about this very case
  std::vector<FieldError> errors;
  std::vector<std::pair<std::string, std::string>> headers;  // Retry-After, WWW-Authenticate, Allow
  json::Json::Object members;                                // extensions: transaction_id, …
};
[[nodiscard]] Problem make_problem(std::string_view code, std::string detail);
// {"type", "title", "status", "detail", "code", "retry", "request_id", "errors"…}. `base_url`: of
// the documents, for "type": BASE/docs/problems/CODE.
[[nodiscard]] std::string problem_body(const Problem& problem, std::string_view base_url,
                                       std::string_view request_id);

}  // namespace peerpay::api
