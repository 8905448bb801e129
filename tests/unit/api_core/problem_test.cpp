#include "api/core/problem.h"

#include <gtest/gtest.h>

#include <set>

namespace peerpay::api {
namespace {

using ledger::TransactionResult;

TEST(Problem, KindsAreUniqueAndComplete) {
  std::set<std::string_view> codes;
  for (const auto& kind : problem_kinds()) {
    EXPECT_TRUE(codes.insert(kind.code).second) << kind.code;
    EXPECT_EQ(kind.code.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos);
    EXPECT_TRUE(kind.status >= 400 && kind.status < 600) << kind.code;
    EXPECT_FALSE(kind.title.empty());
    EXPECT_EQ(&problem_kind(kind.code), &kind);
  }
}

TEST(Problem, EveryResultOfTheLedgerIsAKind) {
  for (std::uint16_t number = 1; number < UINT16_MAX; ++number) {
    const auto result = ledger::result_from(number);
    if (!result) continue;
    const auto& kind = problem_kind_of(*result);
    EXPECT_EQ(kind.code, ledger::code(*result));
    EXPECT_EQ(kind.status, 422);
    const bool is_later = ledger::result_class(*result) == ledger::ResultClass::kLater;
    EXPECT_EQ(kind.retry == RetryClass::kSameId, is_later) << kind.code;
  }
  EXPECT_EQ(problem_kind_of(static_cast<TransactionResult>(999)).code, "transaction_refused");
  EXPECT_EQ(problem_kind_of(TransactionResult::kApplied).code, "transaction_refused");
}

// The nonce may have gone to the very payment that the caller means.
TEST(Problem, AUsedNonceInvitesNobodyToPayAgain) {
  EXPECT_EQ(problem_kind_of(TransactionResult::kNonceUsed).retry, RetryClass::kNever);
  EXPECT_EQ(problem_kind_of(TransactionResult::kNonceTooOld).retry, RetryClass::kNever);
}

TEST(Problem, BodyIsRfc9457) {
  auto problem = make_problem("validation_error", "Two members are wrong.");
  EXPECT_EQ(problem_body(problem, "https://pay.example", "req_1"),
            R"({"type":"https://pay.example/docs/problems/validation_error",)"
            R"("title":"The request has members or parameters that are wrong","status":400,)"
            R"("detail":"Two members are wrong.","code":"validation_error","retry":"new_id",)"
            R"("request_id":"req_1"})");
  problem.errors = {{"/amount/value", "required", "It is missing."}};
  problem.members = {{"transaction_id", "ab"}};
  const auto body = problem_body(problem, "", "req_1");
  EXPECT_TRUE(body.ends_with(
      R"("errors":[{"pointer":"/amount/value","code":"required","detail":"It is missing."}],)"
      R"("transaction_id":"ab"})"))
      << body;
}

TEST(ProblemDeathTest, CodesOutsideTheTableAreOurBug) {
  EXPECT_DEATH((void)make_problem("no_such_code", ""), "problems are of the table");
}

}  // namespace
}  // namespace peerpay::api
