#pragma once
// The checkout page: what a payer sees behind the link of an invoice. One function from a plain
// value to HTML; it works without scripts, and style and script come from this server alone
// (static_files.h). docs/spec/http.md, checkout.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace peerpay::api {

enum class CheckoutStatus : std::uint8_t { kOpen, kPaid, kExpired, kVoid };

struct CheckoutPayment {
  std::string transaction;  // 64 hex digits
  std::string amount;       // decimal text
  base::UnixMillis paid_at;
};

// All texts as they are: the page escapes them. Amounts are decimal texts in `asset`.
struct CheckoutView {
  CheckoutStatus status = CheckoutStatus::kOpen;
  bool is_test_network = false;
  bool is_up_to_date = true;  // whether a payment would be seen; if not, an open one invites nobody
  std::string label;          // the shop's name, from the operator's configuration; may be empty
  std::string payee;          // address
  std::string asset;
  std::string amount;
  std::string received;   // empty: nothing has come
  std::string remaining;  // of the amount; used while it is open and something was received
  std::string reference;
  std::string description;  // may be empty
  base::UnixMillis expires_at;
  base::UnixMillis now;  // the server's clock: the payer's may be wrong
  std::vector<CheckoutPayment> payments;
  // Used while it is open and up to date:
  std::string payment_uri;  // for what is still to be paid; begins with "peerpay:"
  std::string qr_svg;       // qr::svg of it: trusted markup, the one thing that is not escaped
};

[[nodiscard]] std::string checkout_page(const CheckoutView& view);

// For answers that are no invoice: a page with the same face. `title` and `sentence` are escaped.
[[nodiscard]] std::string checkout_problem_page(std::string_view title, std::string_view sentence);

// Nothing but what this server sends may run, be loaded or be asked, and nobody may frame the page.
inline constexpr std::string_view kCheckoutContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

// Every header that goes with both pages, beside Content-Type "text/html; charset=utf-8".
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kCheckoutHeaders = {{
    {"Content-Security-Policy", kCheckoutContentSecurityPolicy},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},  // the link is a secret
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy",
     "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"},
    {"Cache-Control", "no-store"},
    {"Vary", "Accept"},
}};

}  // namespace peerpay::api
