#pragma once
// Checkout links: the page of an invoice at a shop, asked for as JSON (spec: payment-uri U12 to
// U15). What the shop answers is a claim; only the payment URI in it is used, and by its own rules.

#include <functional>
#include <string>
#include <string_view>

#include "wallet/cli/failure.h"

namespace peerpay::wallet::cli {

struct PageAnswer {
  unsigned status = 0;  // of HTTP
  std::string body;
};
// GET with "Accept: application/json"; follows no redirect; everything bounded.
using FetchPage = std::function<Result<PageAnswer>(const std::string& url)>;

// Whether this is to be fetched: begins with "http://" or "https://", in any case.
[[nodiscard]] bool is_link(std::string_view text);

struct Checkout {
  std::string status;       // "open", "paid", "expired" or "void"
  std::string payment_uri;  // of an open one
};
// ExitCode::kNetwork when the shop does not answer, kError when it answers something else.
[[nodiscard]] Result<Checkout> read_checkout(const FetchPage& fetch_page, const std::string& url);

// ExitCode::kRefused unless it is open.
[[nodiscard]] Result<void> check_open(const Checkout& checkout);

}  // namespace peerpay::wallet::cli
