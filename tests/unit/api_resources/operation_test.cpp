// What every request passes: keys, scopes, bodies, Idempotency-Key.
#include "api/resources/operation.h"

#include <gtest/gtest.h>

#include "ledger/address.h"
#include "tests/unit/api_resources/resource_world.h"

namespace peerpay::api {
namespace {

using http::Method;
using test::header_of;
using test::ResourceWorld;

std::string invoice_body(const ResourceWorld& world, const std::string& value = "1.00") {
  const auto payee = ledger::format_address(
      world.network.genesis.kind, {.account = ledger::test::test_account(3), .tag = std::nullopt});
  return R"({"payee":")" + payee + R"(","amount":{"value":")" + value + R"(","asset":"USD"}})";
}

TEST(Operation, KeysAndScopesAreChecked) {
  ResourceWorld world;
  world.add_key("reader", {Scope::kInvoicesRead});
  auto response = world.get({.path = "/v1/invoices", .api_key = ""});
  EXPECT_EQ(response.status, 401U);
  EXPECT_EQ(header_of(response, "WWW-Authenticate"), "Bearer realm=\"peerpay\"");
  EXPECT_EQ(world.code_of({.path = "/v1/invoices", .api_key = ""}), "api_key_missing");
  EXPECT_EQ(world.code_of({.path = "/v1/invoices", .api_key = "wrong"}), "api_key_invalid");
  EXPECT_EQ(world.get({.path = "/v1/invoices", .api_key = "reader"}).status, 200U);
  EXPECT_EQ(world.code_of({.path = "/v1/events", .api_key = "reader"}), "scope_missing");
  EXPECT_EQ(world.code_of({.method = Method::kPost,
                           .path = "/v1/invoices",
                           .body = invoice_body(world),
                           .idempotency_key = "k",
                           .api_key = "reader"}),
            "scope_missing");
  EXPECT_EQ(world.get({.path = "/v1/assets", .api_key = ""}).status, 200U);
}

TEST(Operation, BodiesAreWaitedForFromKnownCallersOnly) {
  ResourceWorld world;
  const auto is_wanted = [&](Method method, const std::string& authorization) {
    http::Request request;
    request.method = method;
    request.path = "/v1/transactions";
    if (!authorization.empty()) request.headers.push_back({"Authorization", authorization});
    return world.operations.wants_body(request);
  };
  EXPECT_TRUE(is_wanted(Method::kPost, "Bearer all"));
  EXPECT_FALSE(is_wanted(Method::kPost, "Bearer wrong"));
  EXPECT_FALSE(is_wanted(Method::kPost, ""));
  EXPECT_FALSE(is_wanted(Method::kGet, "Bearer all"));
}

// The key was made between the head of the request and now.
TEST(Operation, NothingIsDoneWithoutABodyThatWasNotRead) {
  ResourceWorld world;
  const ResourceWorld::Ask unread{.method = Method::kPost,
                                  .path = "/v1/invoices",
                                  .idempotency_key = "k",
                                  .is_body_unread = true};
  EXPECT_EQ(world.get(unread).status, 401U);
  EXPECT_EQ(world.code_of(unread), "api_key_invalid");
}

TEST(Operation, UnknownParametersAreRefused) {
  ResourceWorld world;
  const auto problem = world.json({.path = "/v1/invoices", .query = "limit=5&colour=red"});
  EXPECT_EQ(problem.member_text("code"), "validation_error");
  EXPECT_EQ(problem.member("errors")->array()->at(0).member_text("pointer"), "query/colour");
  for (const auto* query : {"limit=0", "limit=101", "limit=x", "limit=", "limit=1&limit=2",
                            "cursor=nonsense", "status=late", "%zz=1"}) {
    EXPECT_EQ(world.get({.path = "/v1/invoices", .query = query}).status, 400U) << query;
  }
}

TEST(Operation, BodiesMustBeStrictJsonObjects) {
  ResourceWorld world;
  const auto code = [&](const std::string& body, const std::string& type = "application/json") {
    return world.code_of({.method = Method::kPost,
                          .path = "/v1/invoices",
                          .body = body,
                          .idempotency_key = "k",
                          .type = type});
  };
  EXPECT_EQ(code("{"), "json_malformed");
  EXPECT_EQ(code("[]"), "json_malformed");
  EXPECT_EQ(code(R"({"a":1,"a":2})"), "json_malformed");
  EXPECT_EQ(code(R"({"amount":{"value":1.5}})"), "json_malformed");
  EXPECT_EQ(code(std::string(17, '[') + std::string(17, ']')), "json_malformed");
  EXPECT_EQ(code("{}", "text/plain"), "media_type_unsupported");
  EXPECT_EQ(code("{}", "application/json; charset=utf-8"), "validation_error");
  EXPECT_EQ(world.store.invoices({})->value().invoices.size(), 0U);
}

TEST(Operation, PostsNeedAKeyOfTheirOwn) {
  ResourceWorld world;
  for (const auto& key : {std::string{}, std::string(256, 'k'), std::string{"a\tb"}}) {
    EXPECT_EQ(world.code_of({.method = Method::kPost,
                             .path = "/v1/invoices",
                             .body = invoice_body(world),
                             .idempotency_key = key}),
              "idempotency_key_required")
        << key;
  }
}

TEST(Operation, TheSameRequestIsDoneOnce) {
  ResourceWorld world;
  const auto first = world.post("/v1/invoices", invoice_body(world), "order-1");
  ASSERT_EQ(first.status, 201U) << first.body;
  EXPECT_EQ(header_of(first, "Idempotent-Replayed"), "");
  const auto again = world.post("/v1/invoices", " " + invoice_body(world) + "\n", "order-1");
  EXPECT_EQ(again.status, 201U);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(header_of(again, "Location"), header_of(first, "Location"));
  EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
  EXPECT_EQ(world.store.invoices({})->value().invoices.size(), 1U);
  const auto other = world.post("/v1/invoices", invoice_body(world, "2.00"), "order-1");
  EXPECT_EQ(other.status, 422U);
  EXPECT_NE(other.body.find("idempotency_conflict"), std::string::npos);
  EXPECT_EQ(world.post("/v1/invoices", invoice_body(world), "order-2").status, 201U);
}

TEST(Operation, KeysOfDifferentCallersNeverMeet) {
  ResourceWorld world;
  world.add_key("other", {Scope::kInvoicesWrite});
  ASSERT_EQ(world.post("/v1/invoices", invoice_body(world), "k").status, 201U);
  const auto other = world.get({.method = Method::kPost,
                                .path = "/v1/invoices",
                                .body = invoice_body(world, "2.00"),
                                .idempotency_key = "k",
                                .api_key = "other"});
  EXPECT_EQ(other.status, 201U) << other.body;
}

TEST(Operation, WhatWasRefusedMayBeTriedAgainWithTheSameKey) {
  ResourceWorld world;
  EXPECT_EQ(world.post("/v1/invoices", R"({"payee":"x"})", "k").status, 400U);
  EXPECT_EQ(world.post("/v1/invoices", invoice_body(world), "k").status, 201U);
}

TEST(Operation, ARequestUnderWayIsInFlight) {
  ResourceWorld world;
  std::vector<unsigned> statuses;
  for (int i = 0; i < 2; ++i) {
    boost::asio::co_spawn(
        world.loop,
        [](ResourceWorld& in, std::vector<unsigned>& out) -> Task<void> {
          ResourceWorld::Ask ask{.method = Method::kPost, .path = "/v1/invoices"};
          ask.body = invoice_body(in);
          ask.idempotency_key = "k";
          auto response = co_await in.answer(std::move(ask));
          out.push_back(response.status);
        }(world, statuses),
        boost::asio::detached);
  }
  world.loop.run();
  EXPECT_EQ(statuses, (std::vector<unsigned>{409, 201}));
  EXPECT_EQ(world.post("/v1/invoices", invoice_body(world), "k").status, 201U);
}

TEST(Operation, AStoreThatFailsIsOurFault) {
  ResourceWorld world;
  world.store.fail_changes("The disk is on fire.");
  const auto response = world.post("/v1/invoices", invoice_body(world), "k");
  EXPECT_EQ(response.status, 500U);
  EXPECT_EQ(response.body.find("fire"), std::string::npos) << "nobody outside learns details";
}

}  // namespace
}  // namespace peerpay::api
