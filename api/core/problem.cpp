#include "api/core/problem.h"

#include <algorithm>

#include "base/check.h"

namespace peerpay::api {
namespace {

using json::Json;
using enum RetryClass;

constexpr ProblemKind kRefused = {"transaction_refused", 422, kNever,
                                  "The ledger refuses the transaction."};

// What HTTP, the gateway and its objects refuse. Beside these, each result code of the ledger is a
// kind of its own.
constexpr ProblemKind kKinds[] = {
    {"request_malformed", 400, kNever, "The request is not well-formed HTTP."},
    {"validation_error", 400, kNever, "The request is not what this operation takes."},
    {"cursor_invalid", 400, kNever, "The cursor is none that a page of this list contained."},
    {"idempotency_key_required", 400, kNewId, "A POST needs the header Idempotency-Key."},
    {"idempotency_key_invalid", 400, kNewId,
     "The header Idempotency-Key must be 1 to 255 printable ASCII characters."},
    {"api_key_required", 401, kNever, "This operation needs an API key."},
    {"api_key_invalid", 401, kNever, "The API key is unknown, revoked, or of another network."},
    {"scope_missing", 403, kNever, "The API key does not have the scope of this operation."},
    {"not_found", 404, kNever, "There is no such thing."},
    {"transaction_unknown", 404, kSameId, "The node has not seen this transaction."},
    {"method_not_allowed", 405, kNever, "This path does not have this method."},
    {"not_acceptable", 406, kNever, "There is no answer of the accepted media types."},
    {"request_timeout", 408, kSameId, "The request did not arrive in time."},
    {"idempotency_in_flight", 409, kAfter, "A request with this Idempotency-Key is under way."},
    {"invoice_not_open", 409, kNever, "The invoice is paid, expired or void already."},
    {"reference_in_use", 409, kNewId, "Another invoice of this payee and asset has the reference."},
    {"endpoint_limit_reached", 409, kNever, "There are as many webhook endpoints as there may be."},
    {"not_final_yet", 409, kAfter, "The transaction is not final yet."},
    {"transaction_not_applied", 409, kNever,
     "The transaction was not applied, so there is no receipt."},
    {"body_too_large", 413, kNever, "The body is larger than 64 KiB."},
    {"target_too_long", 414, kNever, "The request target is too long."},
    {"media_type_unsupported", 415, kNever, "The body must be application/json."},
    {"expectation_failed", 417, kNever, "The header Expect may only ask for 100-continue."},
    {"idempotency_conflict", 422, kNewId, "The Idempotency-Key was used with another body."},
    {"webhook_url_forbidden", 422, kNever, "Webhooks are not sent to this address."},
    kRefused,
    {"rate_limited", 429, kAfter, "Too many requests."},
    {"headers_too_large", 431, kNever, "The header fields are too large."},
    {"internal_error", 500, kSameId, "The gateway failed; the request may have been done."},
    {"not_implemented", 501, kNever, "The gateway does not have this method or transfer coding."},
    {"node_unreachable", 503, kAfter, "The node does not answer."},
    {"node_behind", 503, kAfter, "The node or the gateway is behind the network."},
    {"gateway_busy", 503, kAfter, "As much is under way as the gateway takes."},
    {"shutting_down", 503, kAfter, "The gateway is being stopped."},
    {"store_failed", 503, kSameId, "The gateway can't read or write its objects."},
    {"http_version_unsupported", 505, kNever, "Only HTTP/1.1 and HTTP/1.0 are spoken."},
};

// Codes of results lie below this number, with room to grow.
constexpr std::uint16_t kResultsEnd = 1000;

RetryClass retry_of(ledger::TransactionResult result) {
  if (ledger::result_class(result) == ledger::ResultClass::kLater) return kSameId;
  // These bytes are sound and can never apply: who signs anew does not pay twice.
  const bool is_over = result == ledger::TransactionResult::kExpired ||
                       result == ledger::TransactionResult::kFeeTooLow;
  return is_over ? kNewId : kNever;
}

std::vector<ProblemKind> all_kinds() {
  std::vector<ProblemKind> out{std::begin(kKinds), std::end(kKinds)};
  for (std::uint16_t number = 1; number < kResultsEnd; ++number) {
    const auto result = ledger::result_from(number);
    if (!result) continue;
    out.push_back({ledger::code(*result), 422, retry_of(*result), ledger::sentence(*result)});
  }
  return out;
}

const ProblemKind* find_kind(std::string_view code) {
  const auto found = std::ranges::find(problem_kinds(), code, &ProblemKind::code);
  return found == problem_kinds().end() ? nullptr : &*found;
}

Json errors_json(const std::vector<FieldError>& errors) {
  Json::Array out;
  for (const auto& error : errors) {
    out.push_back(
        Json::Object{{"pointer", error.pointer}, {"code", error.code}, {"detail", error.detail}});
  }
  return out;
}

}  // namespace

std::string_view name(RetryClass retry) {
  switch (retry) {
    case kNever: return "never";
    case kSameId: return "same_id";
    case kNewId: return "new_id";
    case kAfter: return "after";
  }
  PEERPAY_UNREACHABLE("every RetryClass has a name");
}

const std::vector<ProblemKind>& problem_kinds() {
  static const std::vector<ProblemKind> kinds = all_kinds();
  return kinds;
}

const ProblemKind& problem_kind(std::string_view code) {
  const auto* kind = find_kind(code);
  PEERPAY_CHECK(kind != nullptr, "problems are of the table");
  return *kind;
}

const ProblemKind& problem_kind_of(ledger::TransactionResult result) {
  const auto known = ledger::result_from(static_cast<std::uint16_t>(result));
  const bool is_refusal = known && *known != ledger::TransactionResult::kApplied;
  return problem_kind(is_refusal ? ledger::code(*known) : kRefused.code);
}

Problem make_problem(std::string_view code, std::string detail) {
  Problem problem;
  problem.kind = &problem_kind(code);
  problem.detail = std::move(detail);
  return problem;
}

std::string problem_body(const Problem& problem, std::string_view base_url,
                         std::string_view request_id) {
  const ProblemKind& kind = *problem.kind;
  Json::Object body = {{"type", std::string{base_url} + "/docs/problems/" + std::string{kind.code}},
                       {"title", kind.title},
                       {"status", std::uint64_t{kind.status}},
                       {"detail", problem.detail},
                       {"code", kind.code},
                       {"retry", name(kind.retry)},
                       {"request_id", request_id}};
  if (!problem.errors.empty()) body.emplace_back("errors", errors_json(problem.errors));
  body.insert(body.end(), problem.members.begin(), problem.members.end());
  return Json{std::move(body)}.serialized();
}

}  // namespace peerpay::api
