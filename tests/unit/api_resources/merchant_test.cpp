#include "api/resources/merchant_resources.h"

#include <gtest/gtest.h>

#include "api/web/static_files.h"
#include "ledger/address.h"
#include "ledger/limits.h"
#include "tests/unit/api_resources/resource_world.h"

namespace peerpay::api {
namespace {

using http::Method;
using test::header_of;
using test::ResourceWorld;

std::string payee_of(const ResourceWorld& world) {
  return ledger::format_address(world.network.genesis.kind,
                                {.account = ledger::test::test_account(3), .tag = std::nullopt});
}

std::vector<std::string> pointers_of(const http::Response& response) {
  std::vector<std::string> out;
  const auto json = Json::parsed(response.body);
  for (const auto& error : *json->member("errors")->array()) {
    out.push_back(*error.member_text("pointer"));
  }
  return out;
}

TEST(Invoices, EverythingThatIsWrongIsToldAtOnce) {
  ResourceWorld world;
  const auto response = world.post(
      "/v1/invoices",
      R"({"payee":"tpeer1x","amount":{"value":"0","asset":"USD","tax":"1"},"reference":"",)"
      R"("expires_at":"tomorrow","metadata":{"k":1},"colour":"red"})",
      "k");
  EXPECT_EQ(response.status, 400U);
  EXPECT_EQ(pointers_of(response),
            (std::vector<std::string>{"/payee", "/amount/value", "/amount/tax", "/reference",
                                      "/expires_at", "/metadata/k", "/colour"}));
}

TEST(Invoices, PointersAreEscaped) {
  ResourceWorld world;
  const auto response = world.post(
      "/v1/invoices",
      R"({"payee":")" + payee_of(world) +
          R"(","amount":{"value":"1","asset":"USD","a/b":"1"},"metadata":{"c~d":1},"e/f":""})",
      "k");
  EXPECT_EQ(pointers_of(response),
            (std::vector<std::string>{"/amount/a~1b", "/metadata/c~0d", "/e~1f"}));
}

TEST(Invoices, AHundredErrorsAreToldAtMost) {
  ResourceWorld world;
  std::string body = R"({"x":"")";
  for (int i = 0; i < 500; ++i) body += ",\"" + std::to_string(i) + "\":\"\"";
  const auto response = world.post("/v1/invoices", body + "}", "k");
  EXPECT_EQ(response.status, 400U);
  EXPECT_EQ(pointers_of(response).size(), 100U);
}

TEST(Invoices, AmountsAreDecimalTexts) {
  ResourceWorld world;
  const auto status = [&](const std::string& amount, const std::string& key) {
    return world
        .post("/v1/invoices", R"({"payee":")" + payee_of(world) + R"(","amount":)" + amount + "}",
              key)
        .status;
  };
  int key = 0;
  for (const auto* amount :
       {R"({"value":"1.001","asset":"USD"})", R"({"value":"-1","asset":"USD"})",
        R"({"value":"1e3","asset":"USD"})", R"({"value":"","asset":"USD"})",
        R"({"value":"92233720368547758.08","asset":"USD"})", R"({"value":"1","asset":"ABC"})",
        R"({"value":"1"})", R"({"asset":"USD"})", R"("1.00")", "null"}) {
    EXPECT_EQ(status(amount, std::to_string(++key)), 400U) << amount;
  }
  EXPECT_EQ(status(R"({"value":"92233720368547758.07","asset":"USD"})", "big"), 201U);
}

TEST(Invoices, AReferenceIsUsedOnce) {
  ResourceWorld world;
  const auto body = R"({"payee":")" + payee_of(world) +
                    R"(","amount":{"value":"1","asset":"USD"},"reference":"order 7"})";
  EXPECT_EQ(world.post("/v1/invoices", body, "a").status, 201U);
  const auto second = world.post("/v1/invoices", body, "b");
  EXPECT_EQ(second.status, 409U);
  EXPECT_NE(second.body.find("reference_in_use"), std::string::npos);
}

TEST(Invoices, APayeeThatIsNoneIsNamed) {
  ResourceWorld world;
  const auto detail_of = [&](const std::string& payee) {
    const auto response =
        world.post("/v1/invoices",
                   R"({"payee":")" + payee + R"(","amount":{"value":"1","asset":"USD"}})", "k");
    EXPECT_EQ(response.status, 400U);
    EXPECT_EQ(pointers_of(response), std::vector<std::string>{"/payee"});
    return Json::parsed(response.body)->member_text("detail").value_or("");
  };
  EXPECT_EQ(detail_of(""), "The payee is empty: an address is expected.");
  EXPECT_TRUE(detail_of("corner shop").starts_with("The payee is no address: "));
}

TEST(Invoices, TheConfiguredPayeeStandsInWhenNoneIsNamed) {
  const ledger::Address payee{.account = ledger::test::test_account(5), .tag = 9};
  ResourceWorld world{{.payee = payee}};
  const auto response =
      world.post("/v1/invoices", R"({"amount":{"value":"1","asset":"USD"}})", "k");
  ASSERT_EQ(response.status, 201U) << response.body;
  EXPECT_EQ(world.store.invoices({})->value().invoices.at(0).payee, payee);
}

TEST(Invoices, AreVoidedOnceAndTellWhoWatches) {
  ResourceWorld world;
  const auto made = world.post(
      "/v1/invoices",
      R"({"payee":")" + payee_of(world) + R"(","amount":{"value":"1","asset":"USD"}})", "k");
  const auto path = header_of(made, "Location");
  EXPECT_EQ(world.json({.path = path}).member_text("status"), "open");
  const auto voided = world.post(path + "/void", "", "v");
  EXPECT_EQ(voided.status, 200U);
  EXPECT_EQ(world.json({.path = path}).member_text("status"), "void");
  EXPECT_EQ(world.post(path + "/void", "", "v").status, 200U) << "the same request";
  EXPECT_EQ(world.post(path + "/void", "", "w").status, 409U);
  EXPECT_EQ(world.get({.path = "/v1/invoices", .query = "status=void"}).status, 200U);
  const auto events = world.json({.path = "/v1/events"});
  ASSERT_EQ(events.member("data")->array()->size(), 2U);
  EXPECT_EQ(events.member("data")->array()->at(1).member_text("type"), "invoice.voided");
}

TEST(Invoices, UnknownOnesAreNotFound) {
  ResourceWorld world;
  for (const auto* path : {"/v1/invoices/inv_00000000000000000000000000", "/v1/invoices/x",
                           "/v1/invoices/inv_00000000000000000000000000/void"}) {
    EXPECT_EQ(
        world
            .get({.method = std::string_view{path}.ends_with("void") ? Method::kPost : Method::kGet,
                  .path = path,
                  .idempotency_key = "k"})
            .status,
        404U)
        << path;
  }
}

TEST(Lists, PagesJoinWithoutGapOrRepeat) {
  ResourceWorld world;
  for (int i = 0; i < 7; ++i) {
    ++world.now.value;
    ASSERT_EQ(world
                  .post("/v1/invoices",
                        R"({"payee":")" + payee_of(world) +
                            R"(","amount":{"value":"1","asset":"USD"},"reference":"r)" +
                            std::to_string(i) + R"("})",
                        std::to_string(i))
                  .status,
              201U);
  }
  std::vector<std::string> references;
  std::string query = "limit=3";
  for (int page = 0; page < 3; ++page) {
    const auto json = world.json({.path = "/v1/invoices", .query = query});
    for (const auto& invoice : *json.member("data")->array()) {
      references.push_back(*invoice.member_text("reference"));
    }
    query = "limit=3&cursor=" + json.member_text("next_cursor").value_or("");
    EXPECT_EQ(json.member("next_cursor")->is_null(), page == 2);
  }
  EXPECT_EQ(references, (std::vector<std::string>{"r6", "r5", "r4", "r3", "r2", "r1", "r0"}));
  const auto events = world.json({.path = "/v1/events", .query = "limit=6"});
  EXPECT_EQ(events.member("data")->array()->size(), 6U);
  const auto rest =
      world.json({.path = "/v1/events", .query = "cursor=" + *events.member_text("next_cursor")});
  EXPECT_EQ(rest.member("data")->array()->size(), 1U);
  EXPECT_TRUE(rest.member("next_cursor")->is_null());
}

TEST(Lists, ASearchForEventsOfOneTypeEndsSoonAndGoesOn) {
  ResourceWorld world;
  std::string last;
  for (int i = 0; i < 201; ++i) {
    const auto made =
        world.post("/v1/invoices",
                   R"({"payee":")" + payee_of(world) + R"(","amount":{"value":"1","asset":"USD"}})",
                   std::to_string(i));
    last = header_of(made, "Location");
  }
  ASSERT_EQ(world.post(last + "/void", "", "v").status, 200U);
  const auto page = world.json({.path = "/v1/events", .query = "type=invoice.voided"});
  EXPECT_TRUE(page.member("data")->array()->empty());
  const auto cursor = page.member_text("next_cursor");
  ASSERT_TRUE(cursor.has_value());
  const auto rest =
      world.json({.path = "/v1/events", .query = "type=invoice.voided&cursor=" + *cursor});
  EXPECT_EQ(rest.member("data")->array()->size(), 1U);
  EXPECT_TRUE(rest.member("next_cursor")->is_null());
}

TEST(WebhookEndpoints, ShowTheirSecretOnce) {
  ResourceWorld world;
  const auto made =
      world.post("/v1/webhook_endpoints",
                 R"({"url":"https://shop.example/hook","events":["invoice.paid"]})", "k");
  ASSERT_EQ(made.status, 201U) << made.body;
  EXPECT_NE(made.body.find("\"secret\":\"whsec_"), std::string::npos);
  const auto path = header_of(made, "Location");
  EXPECT_EQ(world.get({.path = path}).body.find("whsec_"), std::string::npos);
  EXPECT_EQ(world.get({.path = "/v1/webhook_endpoints"}).body.find("whsec_"), std::string::npos);
  EXPECT_EQ(world.get({.method = Method::kDelete, .path = path}).status, 204U);
  EXPECT_EQ(world.get({.method = Method::kDelete, .path = path}).status, 404U);
  EXPECT_EQ(world.get({.path = path}).status, 404U);
}

TEST(WebhookEndpoints, StayOutOfTheGatewaysOwnNetwork) {
  ResourceWorld world;
  int key = 0;
  for (const auto* url :
       {"http://shop.example/", "https://127.0.0.1/", "https://shop.example:25/"}) {
    const auto response = world.post(
        "/v1/webhook_endpoints", R"({"url":")" + std::string{url} + R"("})", std::to_string(++key));
    EXPECT_EQ(response.status, 422U) << url << response.body;
  }
  for (const auto* body : {"{}", R"({"url":"ftp://x/"})", R"({"url":"https://a@b/"})",
                           R"({"url":"https://a.b/","events":["invoice.lost"]})",
                           R"({"url":"https://a.b/","events":[]})"}) {
    EXPECT_EQ(world.post("/v1/webhook_endpoints", body, std::to_string(++key)).status, 400U)
        << body;
  }
}

TEST(Checkout, ShowsWhatAPayerNeedsAndNothingElse) {
  ResourceWorld world;
  const auto made =
      world.post("/v1/invoices",
                 R"({"payee":")" + payee_of(world) +
                     R"(","amount":{"value":"1","asset":"USD"},"description":"<b>tea</b>",)"
                     R"("metadata":{"secret":"margin 80 %"}})",
                 "k");
  const auto id = *Json::parsed(made.body)->member_text("id");
  const auto page = world.get({.path = "/c/" + id, .api_key = ""});
  EXPECT_EQ(page.status, 200U);
  EXPECT_NE(header_of(page, "Content-Security-Policy").find("default-src 'none'"),
            std::string::npos);
  EXPECT_NE(page.body.find("&lt;b&gt;tea"), std::string::npos);
  EXPECT_EQ(page.body.find("margin"), std::string::npos);
  const auto json =
      world.get({.path = "/c/" + id, .api_key = "", .headers = {{"Accept", "application/json"}}});
  EXPECT_EQ(Json::parsed(json.body)->member_text("status"), "open");
  EXPECT_EQ(json.body.find("margin"), std::string::npos);
  EXPECT_EQ(world.get({.path = "/c/nothing", .api_key = ""}).status, 404U);
}

// Whoever passes a link on adds words to it.
TEST(Checkout, IgnoresParametersThatLinksGetOnTheirWay) {
  ResourceWorld world;
  const auto made = world.post(
      "/v1/invoices",
      R"({"payee":")" + payee_of(world) + R"(","amount":{"value":"1","asset":"USD"}})", "k");
  const auto id = *Json::parsed(made.body)->member_text("id");
  const std::string query = "utm_source=mail&fbclid=1";
  EXPECT_EQ(world.get({.path = "/c/" + id, .query = query, .api_key = ""}).status, 200U);
  EXPECT_EQ(world.get({.path = "/docs", .query = query, .api_key = ""}).status, 200U);
  EXPECT_EQ(world.get({.path = "/v1/invoices/" + id, .query = query}).status, 400U);
}

// With its style and script, before any compression.
TEST(Checkout, ThePageOfTheLargestInvoiceIsSmall) {
  constexpr std::size_t kPageBytesMax = 60'000;
  ResourceWorld world;
  world.objects.label = std::string(64, '"');
  world.objects.format_payment_uri = [&world](const wallet::PaymentRequest& request) {
    return wallet::format_payment_uri(world.network.genesis.kind, request);
  };
  Invoice invoice;
  invoice.payee = {.account = ledger::test::test_account(3), .tag = UINT64_MAX};
  invoice.asset = ledger::AssetId{1};
  invoice.amount = ledger::Amount{ledger::kSupplyMax};
  invoice.reference = std::string(32, '"');
  invoice.description = std::string(500, '"');
  invoice.expires_at = base::UnixMillis{world.now.value + 1};
  invoice.payments.resize(32);
  for (auto& payment : invoice.payments) payment.amount = ledger::Amount{1'000'000'000'000};
  invoice.received = ledger::Amount{32'000'000'000'000};
  Changes changes;
  changes.invoices = {invoice};
  ASSERT_TRUE(world.store.apply(changes, Sync::kSynced));
  const auto page = world.get({.path = "/c/" + format_id(invoice.id), .api_key = ""});
  ASSERT_NE(page.body.find("<svg xmlns"), std::string::npos);
  EXPECT_NE(page.body.find("message=%22"), std::string::npos);
  EXPECT_LT(page.body.size() + static_file(checkout_css_path())->body.size() +
                static_file(checkout_js_path())->body.size(),
            kPageBytesMax);
}

}  // namespace
}  // namespace peerpay::api
