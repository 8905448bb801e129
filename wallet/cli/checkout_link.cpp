#include "wallet/cli/checkout_link.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/json/json.h"
#include "base/utf8.h"

namespace peerpay::wallet::cli {
namespace {

constexpr std::array<std::string_view, 4> kStatuses{"open", "paid", "expired", "void"};

bool begins_with(std::string_view text, std::string_view lower_prefix) {
  const auto is_same = [](char a, char b) {
    return a == b || (a >= 'A' && a <= 'Z' && a + 32 == b);
  };
  return text.size() >= lower_prefix.size() &&
         std::equal(lower_prefix.begin(), lower_prefix.end(), text.begin(),
                    [&](char wanted, char found) { return is_same(found, wanted); });
}

base::Unexpected<Failure> malformed(const std::string& what) {
  return fail(ExitCode::kError, "checkout_malformed", "The link is no checkout page: " + what + ".",
              "ask the shop for the payment URI, and pay that");
}

Result<void> check_status(unsigned status) {
  if (status == 200) return {};
  if (status == 404) {
    return fail(ExitCode::kError, "invoice_not_found", "The shop has no such invoice.");
  }
  if (status >= 300 && status < 400) {
    return malformed("it leads elsewhere, and redirects are not followed");
  }
  const auto text = "HTTP status " + std::to_string(status);
  if (status != 429 && status < 500) return malformed("it answers with " + text);
  return fail(ExitCode::kNetwork, "shop_unavailable", "The shop can't answer now (" + text + ").",
              "repeat the same command later");
}

}  // namespace

bool is_link(std::string_view text) {
  return begins_with(text, "https://") || begins_with(text, "http://");
}

Result<Checkout> read_checkout(const FetchPage& fetch_page, const std::string& url) {
  const auto answer = fetch_page(url);
  if (!answer) return base::Unexpected{answer.error()};
  if (const auto checked = check_status(answer->status); !checked) {
    return base::Unexpected{checked.error()};
  }
  const auto json = json::Json::parsed(answer->body);
  if (!json) return malformed("it does not answer with JSON");
  auto status = json->member_text("status");
  auto uri = json->member_text("payment_uri");
  if (!status) return malformed("its answer has no status");
  if (std::find(kStatuses.begin(), kStatuses.end(), *status) == kStatuses.end()) {
    return malformed("its status \"" + base::printable(base::as_bytes(*status)) + "\" is unknown");
  }
  // Shops invite nobody to pay what has ended, or while they would not see it.
  const auto* is_up_to_date = json->member("is_up_to_date");
  if (*status == "open" && is_up_to_date != nullptr && is_up_to_date->serialized() == "false") {
    return fail(ExitCode::kNetwork, "shop_unavailable",
                "The shop can't see payments at the moment. If you have paid already, wait.",
                "repeat the same command later");
  }
  if (*status == "open" && !uri) return malformed("its answer has no payment_uri");
  return Checkout{.status = *std::move(status), .payment_uri = std::move(uri).value_or("")};
}

Result<void> check_open(const Checkout& checkout) {
  if (checkout.status == "open") return {};
  if (checkout.status == "paid") {
    return fail(ExitCode::kRefused, "invoice_paid", "This invoice is paid already.");
  }
  if (checkout.status == "expired") {
    return fail(ExitCode::kRefused, "invoice_expired", "This invoice has expired.",
                "ask the shop for a new one");
  }
  return fail(ExitCode::kRefused, "invoice_void", "The shop has withdrawn this invoice.",
              "ask the shop for a new one");
}

}  // namespace peerpay::wallet::cli
