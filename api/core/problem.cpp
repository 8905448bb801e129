#include "api/core/problem.h"

#include <algorithm>

#include "base/check.h"

namespace peerpay::api {
namespace {

using json::Json;
using enum RetryClass;

constexpr std::string_view kLedgerTitle = "The ledger refuses the transaction";
constexpr std::string_view kNodeTitle = "The node does not take the transaction";
constexpr ProblemKind kRefused = {"transaction_refused", 422, kSameId,
                                  "The transaction is refused"};

// What HTTP, the gateway and its objects refuse, then what the policy of a node does. Beside these,
// each result code of the ledger is a kind of its own.
constexpr ProblemKind kKinds[] = {
    {"request_malformed", 400, kNewId, "The request is not HTTP that the gateway takes"},
    {"json_malformed", 400, kNewId, "The body is not JSON that the gateway takes"},
    {"validation_error", 400, kNewId, "The request has members or parameters that are wrong"},
    {"idempotency_key_required", 400, kNewId, "A POST needs an Idempotency-Key"},
    {"api_key_missing", 401, kNewId, "An API key is needed"},
    {"api_key_invalid", 401, kNewId, "The API key is not valid"},
    {"scope_missing", 403, kNewId, "The API key lacks a scope"},
    {"not_found", 404, kNever, "There is nothing here"},
    {"method_not_allowed", 405, kNever, "The path does not have this method"},
    {"request_timeout", 408, kSameId, "The request did not arrive in time"},
    {"reference_in_use", 409, kNewId, "The reference is in use"},
    {"invoice_not_open", 409, kNever, "The invoice is not open"},
    {"webhook_endpoints_too_many", 409, kNewId, "There are too many webhook endpoints"},
    {"not_final_yet", 409, kSameId, "The transaction is not final"},
    {"idempotency_in_flight", 409, kAfter, "The same request is still under way"},
    {"body_too_large", 413, kNewId, "The body is too large"},
    {"target_too_long", 414, kNewId, "The path and query are too long"},
    {"media_type_unsupported", 415, kNewId, "The body is of the wrong media type"},
    {"expectation_failed", 417, kNewId, "The expectation cannot be met"},
    {"idempotency_conflict", 422, kNewId, "The Idempotency-Key was used for another request"},
    {"webhook_url_forbidden", 422, kNewId, "The gateway does not send to this URL"},
    {"quota_exceeded", 429, kAfter, "Too many requests"},
    {"header_too_large", 431, kNewId, "The header is too large"},
    {"internal_error", 500, kSameId, "The gateway failed"},
    {"method_unknown", 501, kNever, "The method is not known"},
    {"http_version_unsupported", 505, kNever, "The gateway speaks HTTP/1.1"},
    {"node_unreachable", 503, kAfter, "The node cannot be reached"},
    {"node_behind", 503, kAfter, "The gateway has not caught up with the network"},
    {"gateway_busy", 503, kAfter, "The gateway is busy"},
    {"pool_full", 422, kAfter, kNodeTitle},
    {"account_share_full", 422, kAfter, kNodeTitle},
    {"expiry_too_far", 422, kNewId, kNodeTitle},
    {"late_by_this_clock", 422, kSameId, kNodeTitle},
    {"node_busy", 422, kAfter, kNodeTitle},
    {"evicted", 422, kSameId, kNodeTitle},
    kRefused,
};

// Codes of results lie below this number, with room to grow.
constexpr std::uint16_t kResultsEnd = 1000;

// Who gave a nonce away may have been paid for by it: nobody is invited to pay again.
RetryClass retry_of(ledger::TransactionResult result) {
  using enum ledger::TransactionResult;
  if (result == kNonceUsed || result == kNonceTooOld) return kNever;
  return ledger::result_class(result) == ledger::ResultClass::kLater ? kSameId : kNewId;
}

std::vector<ProblemKind> all_kinds() {
  std::vector<ProblemKind> out{std::begin(kKinds), std::end(kKinds)};
  for (std::uint16_t number = 1; number < kResultsEnd; ++number) {
    const auto result = ledger::result_from(number);
    if (!result) continue;
    out.push_back({ledger::code(*result), 422, retry_of(*result), kLedgerTitle});
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
  static const std::vector<ProblemKind> kAll = all_kinds();
  return kAll;
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
