#include "wallet/cli/checkout_fetch.h"

#include <chrono>
#include <utility>

#include "api/client/http_client.h"
#include "base/endpoint.h"
#include "base/utf8.h"

namespace peerpay::wallet::cli {
namespace {

constexpr std::chrono::seconds kDeadline{10};

Result<http::Url> allowed_url(const std::string& text) {
  auto url = http::parse_url(text);
  if (!url) {
    return fail(ExitCode::kUsage, "link_malformed", "The link can't be opened. " + url.error());
  }
  if (url->is_tls) return *std::move(url);
  if (!base::Endpoint{.host = url->host, .port = url->port}.is_loopback()) {
    return fail(ExitCode::kUsage, "link_refused",
                "Plain http is for this machine alone: on the way, anybody could change who is "
                "paid.",
                "ask the shop for its https link");
  }
  if (url->host == "localhost") url->host = "127.0.0.1";  // whatever the system's files say
  return *std::move(url);
}

Failure failure_of(const http::ClientError& error) {
  const bool is_nonsense = error.fault == http::ClientFault::kMalformed;
  return {.exit = is_nonsense ? ExitCode::kError : ExitCode::kNetwork,
          .code = is_nonsense ? "checkout_malformed" : "shop_unreachable",
          .message = "The shop can't be asked. " + base::printable(base::as_bytes(error.message)),
          .next = {}};
}

}  // namespace

Result<PageAnswer> fetch_page(const std::string& url) {
  auto allowed = allowed_url(url);
  if (!allowed) return base::Unexpected{allowed.error()};
  const http::ClientRequest request{.method = http::Method::kGet,
                                    .url = *std::move(allowed),
                                    .headers = {{"Accept", "application/json"}},
                                    .body = {}};
  http::ClientLimits limits;
  limits.reach = http::Reach::kAny;  // a person has typed it
  limits.deadline = kDeadline;
  auto answer = http::fetch_and_wait(request, limits);
  if (!answer) return base::Unexpected{failure_of(answer.error())};
  if (!answer->is_body_whole) {
    return fail(ExitCode::kNetwork, "shop_unreachable", "The shop's answer is cut off.");
  }
  return PageAnswer{.status = answer->status, .body = std::move(answer->body)};
}

}  // namespace peerpay::wallet::cli
