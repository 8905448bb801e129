#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <chrono>

#include "api/http/answer.h"
#include "api/http/fault.h"
#include "api/web/static_files.h"
#include "base/base64.h"
#include "ledger/limits.h"
#include "tests/unit/api_resources/resource_world.h"

namespace peerpay::api {
namespace {

using test::header_of;
using test::ResourceWorld;
using namespace std::string_literals;

class TransactionsTest : public testing::Test {
 protected:
  TransactionsTest() {
    const auto body = ledger::test::payment(world_.network.genesis, ledger::test::test_account(0),
                                            ledger::Nonce{1},
                                            {{.payee = ledger::test::test_account(1), .units = 5}});
    sealed_ = ledger::test::signed_by(world_.network.chain, body, {0});
  }
  ResourceWorld::Ask submission(const std::string& key) const {
    return {.method = http::Method::kPost,
            .path = "/v1/transactions",
            .body = R"({"envelope":")" +
                    base::base64_encode(sealed_.bytes, base::Base64Padding::kRequired) + R"("})",
            .idempotency_key = key};
  }
  http::Response submit(const std::string& key = "k") { return world_.get(submission(key)); }
  http::Response submit_and_wait(int wait_s) {
    auto ask = submission("k");
    ask.headers = {{"Prefer", "wait=" + std::to_string(wait_s)}};
    return world_.get(std::move(ask));
  }
  // What the follower hands on when it has proved a block.
  void follow(std::vector<ledger::SealedTransaction> transactions, base::UnixMillis timestamp) {
    ledger::Block block;
    block.header.timestamp = timestamp;
    block.transactions = std::move(transactions);
    world_.finality.on_blocks({{std::move(block), {}}});
  }
  void node_says(proto::TransactionState state,
                 std::optional<ledger::TransactionResult> result = std::nullopt,
                 const std::string& code = "") {
    proto::TransactionStatus status;
    status.id = sealed_.id;
    status.state = state;
    status.result = result;
    status.code = code;
    status.message = "Why.";
    world_.node.status_said = status;
  }
  std::string status_of(const http::Response& response) {
    return Json::parsed(response.body)->member_text("status").value_or("");
  }

  ResourceWorld world_;
  ledger::SealedTransaction sealed_;
};

TEST_F(TransactionsTest, AdmittedIsAccepted) {
  node_says(proto::TransactionState::kPending);
  const auto response = submit();
  EXPECT_EQ(response.status, 202U) << response.body;
  EXPECT_EQ(header_of(response, "Location"), "/v1/transactions/" + base::to_hex(sealed_.id.view()));
  EXPECT_EQ(status_of(response), "pending");
  ASSERT_EQ(world_.node.submitted.size(), 1U);
  EXPECT_EQ(world_.node.submitted[0], sealed_.bytes);
}

// A node cuts off whoever sends it many of those.
TEST_F(TransactionsTest, AWrongSignatureDoesNotReachTheNode) {
  node_says(proto::TransactionState::kPending);
  sealed_.bytes.back() ^= 1;
  const auto response = submit();
  EXPECT_EQ(response.status, 422U) << response.body;
  EXPECT_EQ(Json::parsed(response.body)->member_text("code"), "signature_invalid");
  EXPECT_EQ(Json::parsed(response.body)->member_text("transaction_id"),
            base::to_hex(sealed_.id.view()));
  EXPECT_TRUE(world_.node.submitted.empty());
}

// The ledger takes the same bytes once, so they are passed on again: the answer of now is what the
// caller needs, and what was evicted meanwhile gets another chance.
TEST_F(TransactionsTest, TheSameBytesAgainAreSafeAndMarked) {
  node_says(proto::TransactionState::kPending);
  ASSERT_EQ(submit().status, 202U);
  node_says(proto::TransactionState::kFinal);
  const auto again = submit();
  EXPECT_EQ(again.status, 200U);
  EXPECT_EQ(status_of(again), "final");
  EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
}

// It may have been passed on, and nothing newer can be told: what was told stands.
TEST_F(TransactionsTest, NoFailureHidesWhatWasPassedOn) {
  node_says(proto::TransactionState::kPending);
  const auto first = submit();
  ASSERT_EQ(first.status, 202U);
  world_.is_node_proven = false;
  const auto again = submit();
  EXPECT_EQ(again.status, 202U);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(header_of(again, "Location"), header_of(first, "Location"));
  EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
  EXPECT_EQ(submit("other").status, 503U);
  EXPECT_EQ(world_.node.submitted.size(), 1U);
}

// A payroll: as many legs as a transaction may have, each as long as it may be.
TEST_F(TransactionsTest, TheLargestLegalOneFitsItsBody) {
  auto body = sealed_.transaction.body;
  body.operations.clear();
  for (std::size_t i = 0; i < ledger::kOperationsMax; ++i) {
    auto pay = std::get<ledger::Pay>(sealed_.transaction.body.operations.front());
    pay.tag = i;
    pay.reference.assign(ledger::kReferenceBytesMax, 'r');
    pay.memo.assign(ledger::kMemoBytesMax, 7);
    body.operations.emplace_back(std::move(pay));
  }
  body.sponsor = ledger::test::test_account(1);
  sealed_ = ledger::test::signed_by(world_.network.chain, body, {0, 1});
  ASSERT_EQ(sealed_.bytes.size(), ledger::kSignedTransactionBytesMax);
  node_says(proto::TransactionState::kPending);
  EXPECT_LE(submission("k").body.size(), kTransactionBodyBytesMax);
  EXPECT_EQ(submit().status, 202U);
  EXPECT_EQ(world_.node.submitted.at(0), sealed_.bytes);
}

TEST_F(TransactionsTest, WhatTheLedgerRefusesKeepsItsCode) {
  node_says(proto::TransactionState::kRejected, ledger::TransactionResult::kFundsInsufficient,
            "funds_insufficient");
  const auto response = submit();
  EXPECT_EQ(response.status, 422U);
  const auto problem = *Json::parsed(response.body);
  EXPECT_EQ(problem.member_text("code"), "funds_insufficient");
  EXPECT_EQ(problem.member_text("retry"), "same_id");
  EXPECT_EQ(problem.member_text("transaction_id"), base::to_hex(sealed_.id.view()));
  node_says(proto::TransactionState::kRejected, std::nullopt, "moon_phase");
  EXPECT_NE(submit("k2").body.find("transaction_refused"), std::string::npos);
}

// The node holds no call open meanwhile: what wakes the wait is the block itself.
TEST_F(TransactionsTest, AWaitEndsWithTheBlockThatHoldsIt) {
  node_says(proto::TransactionState::kPending);
  world_.node.on_submit = [this] {
    boost::asio::post(world_.loop, [this] {
      EXPECT_EQ(world_.finality.waiters(), 1U);
      node_says(proto::TransactionState::kFinal);
      follow({sealed_}, world_.now);
    });
  };
  const auto begin = std::chrono::steady_clock::now();
  const auto response = submit_and_wait(30);
  EXPECT_EQ(response.status, 200U) << response.body;
  EXPECT_EQ(status_of(response), "final");
  EXPECT_EQ(header_of(response, "Preference-Applied"), "wait=30");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{10});
  EXPECT_EQ(world_.finality.waiters(), 0U);
}

// The wait counts from the request (RFC 7240): what the node took is a part of it.
TEST_F(TransactionsTest, AWaitIsNotLongerForASlowNode) {
  node_says(proto::TransactionState::kPending);
  world_.node.submit_delay = std::chrono::milliseconds{1'500};
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(submit_and_wait(2).status, 202U);
  const auto passed = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(passed, std::chrono::milliseconds{1'990});
  EXPECT_LT(passed, std::chrono::milliseconds{3'000});
}

TEST_F(TransactionsTest, ABlockBeforeTheNodesAnswerIsNotMissed) {
  node_says(proto::TransactionState::kPending);
  world_.node.on_submit = [this] {
    node_says(proto::TransactionState::kFinal);
    follow({sealed_}, world_.now);
  };
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(status_of(submit_and_wait(30)), "final");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{10});
}

TEST_F(TransactionsTest, ABlockLaterThanItMayBeEndsTheWait) {
  auto body = sealed_.transaction.body;
  body.valid_until = base::UnixMillis{world_.now.value + 1'000};
  sealed_ = ledger::test::signed_by(world_.network.chain, body, {0});
  node_says(proto::TransactionState::kPending);
  world_.node.on_submit = [this] {
    node_says(proto::TransactionState::kExpired);
    const auto valid_until = sealed_.transaction.body.valid_until;
    follow({}, valid_until);  // still in time
    EXPECT_EQ(world_.finality.waiters(), 1U);
    follow({}, base::UnixMillis{valid_until.value + 1});
  };
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(status_of(submit_and_wait(30)), "expired");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{10});
}

// Its balances and outcomes would be those of another ledger.
TEST_F(TransactionsTest, ANodeThatIsNotKnownToBeOfThisNetworkIsNotAsked) {
  node_says(proto::TransactionState::kFinal);
  const auto id = base::to_hex(sealed_.id.view());
  const auto account =
      ledger::format_address(world_.network.genesis.kind, {ledger::test::test_account(1), {}});
  world_.is_node_proven = false;
  for (const auto& path :
       {"/v1/ledger/head"s, "/v1/transactions/" + id, "/v1/transactions/" + id + "/receipt",
        "/v1/accounts/" + account, "/v1/accounts/" + account + "/transactions"}) {
    const auto response = world_.get({.path = path});
    EXPECT_EQ(response.status, 503U) << path;
    EXPECT_EQ(Json::parsed(response.body)->member_text("code"), "node_unreachable") << path;
    EXPECT_EQ(header_of(response, "Retry-After"), "1") << path;
  }
  EXPECT_EQ(submit().status, 503U);
  EXPECT_EQ(world_.get({.path = "/v1/assets"}).status, 200U);
  world_.is_node_proven = true;
  EXPECT_TRUE(world_.node.submitted.empty());
  EXPECT_EQ(world_.get({.path = "/v1/ledger/head"}).status, 200U);
}

// Of what was refused before it was sent, nobody says that it may have been.
TEST_F(TransactionsTest, ANodeThatAnswersLateHoldsUpNobodyElse) {
  node_says(proto::TransactionState::kPending);
  std::vector<http::Response> meanwhile;
  world_.node.on_submit = [&] {
    meanwhile.push_back(world_.get_meanwhile({.path = "/v1/ledger/head"}));
    meanwhile.push_back(world_.get_meanwhile(submission("other")));
    meanwhile.push_back(world_.get_meanwhile({.path = "/v1/assets"}));
  };
  EXPECT_EQ(submit().status, 202U);
  ASSERT_EQ(meanwhile.size(), 3U);
  for (const auto* refused : {meanwhile.data(), meanwhile.data() + 1}) {
    EXPECT_EQ(refused->status, 503U);
    EXPECT_EQ(Json::parsed(refused->body)->member_text("code"), "gateway_busy");
    EXPECT_EQ(header_of(*refused, "Retry-After"), "1");
  }
  EXPECT_EQ(meanwhile[2].status, 200U);
  EXPECT_EQ(world_.node.submitted.size(), 1U);
  world_.node.on_submit = {};
  EXPECT_EQ(submit("other").status, 202U);
}

TEST(Problems, AreSentWithAPhrase) {
  for (const auto& kind : problem_kinds()) {
    http::Response response;
    response.status = kind.status;
    const auto text = http::wire_form(response, {.date = "", .request_id = ""});
    EXPECT_FALSE(text.starts_with("HTTP/1.1 " + std::to_string(kind.status) + " \r\n"))
        << kind.code;
  }
}

// Nobody says so when a node drops what it had admitted.
TEST_F(TransactionsTest, AfterTheWaitTheAnswerIsOfThen) {
  node_says(proto::TransactionState::kPending);
  EXPECT_EQ(status_of(submit_and_wait(1)), "pending");
  world_.node.on_submit = [this] {
    node_says(proto::TransactionState::kRejected, std::nullopt, "mempool_full");
  };
  node_says(proto::TransactionState::kPending);
  EXPECT_GE(submit_and_wait(1).status, 400U);
  world_.node.on_submit = [this] { node_says(proto::TransactionState::kUnknown); };
  node_says(proto::TransactionState::kPending);
  const auto gone = submit_and_wait(1);
  EXPECT_EQ(gone.status, 202U);
  EXPECT_NE(gone.body.find("outcome_unknown"), std::string::npos) << gone.body;
}

TEST_F(TransactionsTest, WhenTooManyWaitTheAnswerComesAtOnce) {
  const FinalityWatch::Waiter first{world_.finality, {}, {}};
  const FinalityWatch::Waiter second{world_.finality, {}, {}};
  node_says(proto::TransactionState::kPending);
  const auto begin = std::chrono::steady_clock::now();
  const auto response = submit_and_wait(30);
  EXPECT_EQ(response.status, 202U);
  EXPECT_EQ(status_of(response), "pending");
  EXPECT_EQ(header_of(response, "Preference-Applied"), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{10});
}

TEST_F(TransactionsTest, TheEndOfTheProgramEndsTheWait) {
  node_says(proto::TransactionState::kPending);
  world_.node.on_submit = [this] {
    boost::asio::post(world_.loop, [this] { world_.finality.close(); });
  };
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(status_of(submit_and_wait(30)), "pending");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{10});
}

TEST_F(TransactionsTest, TheStatusOfAnotherTransactionIsNotBelieved) {
  node_says(proto::TransactionState::kFinal);
  world_.node.status_said->id.bytes[0] ^= 1U;
  const auto sent = submit();
  EXPECT_EQ(sent.status, 202U);
  EXPECT_EQ(status_of(sent), "unknown");
  EXPECT_NE(sent.body.find(base::to_hex(sealed_.id.view())), std::string::npos);
  const auto path = "/v1/transactions/" + base::to_hex(sealed_.id.view());
  EXPECT_EQ(world_.code_of({.path = path, .api_key = ""}), "node_unreachable");
}

// It may have been passed on: no 5xx, and no invitation to make another payment.
TEST_F(TransactionsTest, ANodeThatDoesNotAnswerLeavesTheOutcomeUnknown) {
  const auto response = submit();
  EXPECT_EQ(response.status, 202U);
  EXPECT_EQ(status_of(response), "unknown");
}

// Neither is it our store's to say that it failed.
TEST_F(TransactionsTest, AStoreThatFailsDoesNotHideWhatTheNodeSaid) {
  node_says(proto::TransactionState::kPending);
  world_.store.fail_changes("The disk is on fire.");
  const auto response = submit();
  EXPECT_EQ(response.status, 202U) << response.body;
  EXPECT_EQ(status_of(response), "pending");
}

TEST_F(TransactionsTest, ANodeThatIsDownIsToldBeforeAnythingIsSent) {
  world_.node.is_up = false;
  const auto response = submit();
  EXPECT_EQ(response.status, 503U);
  EXPECT_EQ(header_of(response, "Retry-After"), "1");
  EXPECT_TRUE(world_.node.submitted.empty());
}

TEST_F(TransactionsTest, MalformedEnvelopesAreNotPassedOn) {
  for (const auto* body : {R"({"envelope":"AAAA"})", R"({"envelope":"!"})", R"({"envelope":""})",
                           "{}", R"({"envelope":1})", R"({"envelope":"AAAA","wait":1})"}) {
    const auto response = world_.post("/v1/transactions", body, "k");
    EXPECT_GE(response.status, 400U) << body;
    EXPECT_LT(response.status, 500U) << body;
  }
  EXPECT_TRUE(world_.node.submitted.empty());
}

TEST_F(TransactionsTest, NeverSeenIsNotFound) {
  node_says(proto::TransactionState::kUnknown);
  const auto path = "/v1/transactions/" + base::to_hex(sealed_.id.view());
  EXPECT_EQ(world_.get({.path = path, .api_key = ""}).status, 404U);
  EXPECT_EQ(world_.get({.path = "/v1/transactions/xyz", .api_key = ""}).status, 404U);
}

// One table: what the program says, what the contract documents, what the server itself refuses.
TEST(Problems, AreTheOnesOfTheContract) {
  EXPECT_EQ(documented_problems().size(), problem_kinds().size());
  for (const auto& kind : problem_kinds()) {
    const auto* documented = documented_problem(kind.code);
    ASSERT_NE(documented, nullptr) << kind.code;
    EXPECT_EQ(documented->status, kind.status) << kind.code;
    EXPECT_EQ(documented->retry, name(kind.retry)) << kind.code;
    EXPECT_EQ(documented->title, kind.title) << kind.code;
  }
  for (const auto& refusal : http::refusals()) {
    EXPECT_EQ(problem_kind(refusal.code).status, refusal.status) << refusal.code;
  }
}

}  // namespace
}  // namespace peerpay::api
