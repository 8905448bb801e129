#include "wallet/cli/checkout_link.h"

#include <gtest/gtest.h>

namespace peerpay::wallet::cli {
namespace {

constexpr const char* kUrl = "https://shop.example/c/inv_1";

FetchPage shop_that_says(unsigned status, const std::string& body) {
  return [=](const std::string& url) -> Result<PageAnswer> {
    EXPECT_EQ(url, kUrl);
    return PageAnswer{status, body};
  };
}

std::string failure_code(const FetchPage& shop) {
  const auto checkout = read_checkout(shop, kUrl);
  if (!checkout) return checkout.error().code;
  const auto open = check_open(*checkout);
  return open ? "open" : open.error().code;
}

std::string answer(std::string_view status) {
  return R"({"object":"checkout","status":")" + std::string{status} +
         R"(","amount":{"value":"1.00","asset":"EUR"},"payment_uri":"peerpay:x"})";
}

TEST(CheckoutLink, IsToldFromAPaymentUri) {
  EXPECT_TRUE(is_link("https://shop.example/c/1"));
  EXPECT_TRUE(is_link("HTTP://127.0.0.1:8080/c/1"));
  for (const auto* text : {"", "http", "https:/x", "peerpay:x", "ftp://x", "xhttps://y"}) {
    EXPECT_FALSE(is_link(text)) << text;
  }
}

TEST(CheckoutLink, GivesStatusAndPaymentUri) {
  const auto checkout = read_checkout(shop_that_says(200, answer("open")), kUrl);
  ASSERT_TRUE(checkout.has_value());
  EXPECT_EQ(checkout->status, "open");
  EXPECT_EQ(checkout->payment_uri, "peerpay:x");
}

TEST(CheckoutLink, OnlyOpenInvoicesArePaid) {
  EXPECT_EQ(failure_code(shop_that_says(200, answer("open"))), "open");
  for (const std::string status : {"paid", "expired", "void"}) {
    const auto shop = shop_that_says(200, R"({"status":")" + status + R"(","payment_uri":null})");
    EXPECT_EQ(failure_code(shop), "invoice_" + status);
    EXPECT_EQ(check_open(*read_checkout(shop, kUrl)).error().exit, ExitCode::kRefused);
  }
}

TEST(CheckoutLink, NothingIsPaidThatTheShopWouldNotSee) {
  const auto shop =
      shop_that_says(200, R"({"status":"open","payment_uri":null,"is_up_to_date":false})");
  EXPECT_EQ(failure_code(shop), "shop_unavailable");
  EXPECT_EQ(read_checkout(shop, kUrl).error().exit, ExitCode::kNetwork);
  EXPECT_EQ(failure_code(shop_that_says(
                200, R"({"status":"open","payment_uri":"peerpay:x","is_up_to_date":true})")),
            "open");
}

TEST(CheckoutLink, WhatIsNoCheckoutIsRefused) {
  for (const auto* body :
       {"", "<html>", "[]", "{}", R"({"status":"open"})", R"({"payment_uri":"peerpay:x"})",
        R"({"status":1,"payment_uri":"peerpay:x"})",
        R"({"status":"Open","payment_uri":"peerpay:x"})"}) {
    EXPECT_EQ(failure_code(shop_that_says(200, body)), "checkout_malformed") << body;
  }
  EXPECT_EQ(failure_code(shop_that_says(200, answer("\\u001b[2J"))), "checkout_malformed");
}

TEST(CheckoutLink, StatusesOfHttpAreToldApart) {
  const auto exit_of = [](unsigned status) {
    return read_checkout(shop_that_says(status, answer("open")), kUrl).error().exit;
  };
  EXPECT_EQ(failure_code(shop_that_says(301, answer("open"))), "checkout_malformed");
  EXPECT_EQ(failure_code(shop_that_says(404, answer("open"))), "invoice_not_found");
  EXPECT_EQ(failure_code(shop_that_says(503, answer("open"))), "shop_unavailable");
  EXPECT_EQ(exit_of(302), ExitCode::kError);
  EXPECT_EQ(exit_of(201), ExitCode::kError);
  EXPECT_EQ(exit_of(429), ExitCode::kNetwork);
  EXPECT_EQ(exit_of(500), ExitCode::kNetwork);
}

TEST(CheckoutLink, FailuresOfFetchingPassThrough) {
  const FetchPage shop = [](const std::string&) -> Result<PageAnswer> {
    return fail(ExitCode::kNetwork, "shop_unreachable", "No connection.");
  };
  EXPECT_EQ(failure_code(shop), "shop_unreachable");
}

}  // namespace
}  // namespace peerpay::wallet::cli
